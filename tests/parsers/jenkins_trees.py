"""Jenkinsfiles of tests, read into resources."""

from __future__ import annotations

from typing import Any

from linter.model import Artifact, Map, Resource, Seq, Source, Unknown, Workspace
from linter.parsers import READERS
from linter.parsers.pipelines import expand

Entry = tuple[int, int, int, int, int]


class Read:
    """The resources of one Jenkinsfile, what was reported, and the text that places point into."""

    def __init__(self, text: str, path: str = "Jenkinsfile") -> None:
        self.source = Source(0, path, text)
        tree, problems = READERS["jenkins"](self.source)
        self.problems = problems
        artifact = Artifact(path, "jenkins", self.source, tree, problems)
        self.failures: list[str] = []
        workspace = Workspace(
            {path: artifact}, frozenset((path,)), {}, lambda id, *_: self.failures.append(id), lambda _: None
        )
        self.resources = list(expand(workspace))
        self.pipeline = next((each for each in self.resources if each.kind == "pipeline/pipeline"), None)
        self.jobs = {each.body["id"]: each for each in self.resources if each.kind == "pipeline/job"}

    def steps(self, job: str) -> list[Resource]:
        return [each for each in self.resources if each.kind == "pipeline/step" and each.owner is self.jobs[job]]

    def runs(self, job: str) -> list[Any]:
        return [step.body.get("run") or step.body["uses"]["name"] for step in self.steps(job)]

    def earlier(self, job: str) -> list[str]:
        return [each.body["id"] for each in self.jobs[job].context["earlier"]]

    def text(self, entry: Entry) -> str:
        return self.source.text[entry[3] : entry[4]]


def plain(value: Any) -> Any:
    """Values without places, Unknown as its subject in angle brackets."""
    if isinstance(value, Unknown):
        return f"<{value.subject}>"
    if isinstance(value, Map):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, Seq) else value
