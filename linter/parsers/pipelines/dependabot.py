"""Dependabot's configuration as `pipeline/dependabot`: what keeps the dependencies of a repository up to date.

Encodes https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Resource, Seq, Unit, Workspace
from linter.parsers.pipelines.github_forms import whole
from linter.parsers.pipelines.model import copy
from linter.trees import put

_UPDATE = (
    ("ecosystem", "package-ecosystem"), ("directory", "directory"), ("directories", "directories"),
    ("schedule", "schedule"), ("cooldown", "cooldown"), ("groups", "groups"), ("registries", "registries"),
    ("external_code", "insecure-external-code-execution"), ("ignore", "ignore"), ("allow", "allow"),
    ("target_branch", "target-branch"), ("group", "multi-ecosystem-group"),
)  # fmt: skip


def expand(workspace: Workspace) -> Iterator[Resource]:
    """One resource for each `.github/dependabot.yml`.

    Body: platform, version, updates [{ecosystem, directory, directories, schedule, cooldown, groups, registries,
    external_code, ignore, allow, target_branch, group}], registries {name: {type, url…}}, as written.
    """
    for artifact in workspace.of_format("dependabot"):
        workspace.progress(artifact.path)
        raw = document_of(workspace, artifact.path, "Dependabot's configuration")
        if raw is None:
            continue
        body = Map(raw.span)
        put(body, "platform", "github", whole(raw))
        for key in ("version", "registries", "enable-beta-ecosystems"):
            copy(body, key.replace("-", "_"), raw, key)
        if isinstance(raw.get("updates"), Seq):
            put(body, "updates", _updates(raw["updates"]), raw.at["updates"])
        elif raw.get("updates") is not None:
            message = "`updates` must be a list"
            workspace.fail("artifact-unparsed", raw.span, message, "Correct it: GitHub refuses the whole file.")
        anchor = raw.at.get("updates") or next(iter(raw.at.values()), whole(raw))
        span = (anchor[0], anchor[1], anchor[2])
        resource = Resource(
            "pipeline/dependabot", artifact.path, "dependabot", Unit("workflow", artifact.path), body, span, raw.span
        )
        resource.context = {"pipeline": body}
        yield resource


def _updates(written: Seq) -> Seq:
    made = Seq(written.span)
    for raw, entry in zip(written, written.at, strict=True):
        if not isinstance(raw, Map):
            continue
        update = Map(raw.span)
        for key, name in _UPDATE:
            copy(update, key, raw, name)
        made.append(update)
        made.at.append(entry)
    return made


def document_of(workspace: Workspace, path: str, what: str) -> Map | None:
    """The one mapping that a file holds; None, having said so, where it holds another thing."""
    artifact = workspace.artifacts[path]
    documents = getattr(artifact.tree, "documents", ())
    if not documents:
        return None
    value, start, end = documents[0]
    if isinstance(value, Map):
        return value
    if value is not None:
        span = (artifact.source.index, start, end)
        workspace.fail("artifact-unparsed", span, f"{what} is one mapping", "Correct it.")
    return None
