"""What tests of GitLab pipelines need: an estate of some files in memory, and what its places say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.estate.pipeline_links import resolve
from linter.model import Artifact, Entry, Estate, Map, Resource, Seq, Source, Span, Workspace
from linter.parsers.pipelines import expand
from linter.syntax import yaml


class Read:
    """estate: linked. told: messages of what could not be read, with the text at their place."""

    def __init__(self, files: Mapping[str, str] | str) -> None:
        self.files = {".gitlab-ci.yml": files} if isinstance(files, str) else files
        self.estate = Estate()
        self.told: list[tuple[str, str]] = []
        artifacts: dict[str, Artifact] = {}
        for path, text in self.files.items():
            if path.rpartition("/")[2] == ".gitlab-ci.yml":
                source = self.register(path, text)
                loaded = yaml.load(source.index, text, "1.1")
                artifacts[path] = Artifact(path, "gitlab", source, loaded, loaded.problems)
        self.estate.paths = frozenset(self.files)
        workspace = Workspace(
            artifacts, self.estate.paths, {}, self._tell, lambda _: None, read=self._bytes, register=self.register
        )
        for resource in expand(workspace):
            self.estate.add(resource)
        resolve(self.estate)

    def register(self, path: str, text: str) -> Source:
        known = next((source for source in self.estate.sources if source.path == path), None)
        if known is None:
            known = Source(len(self.estate.sources), path, text)
            self.estate.sources.append(known)
        return known

    def _bytes(self, path: str) -> bytes | None:
        return self.files[path].encode() if path in self.files else None

    def _tell(self, id: str, span: Span, message: str, remedy: str) -> None:
        assert id == "artifact-unparsed" and remedy
        self.told.append((message, self.written(span)))

    def written(self, span: Span) -> str:
        return self.estate.sources[span[0]].text[span[1] : span[2]]

    def at(self, body: Map, key: str) -> str:
        entry: Entry = body.at[key]
        return self.written((entry[0], entry[3], entry[4]))

    @property
    def pipeline(self) -> Resource:
        return next(iter(self.estate.of_kind("pipeline/pipeline")))

    @property
    def jobs(self) -> dict[str, Resource]:
        return {job.body["id"]: job for job in self.estate.of_kind("pipeline/job")}

    def steps(self, job: str) -> list[Resource]:
        return [step for step in self.estate.of_kind("pipeline/step") if step.owner is self.jobs[job]]

    def runs(self, job: str) -> list[str]:
        return [step.body["run"] for step in self.steps(job)]


def plain(value: Any) -> Any:
    """A tree without its places."""
    if isinstance(value, Map):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, Seq) else value
