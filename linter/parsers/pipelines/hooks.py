"""pre-commit's configuration as `pipeline/hooks`: repositories whose code runs on every commit, there and in CI.

Encodes https://pre-commit.com/#adding-pre-commit-plugins-to-your-project.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Resource, Seq, Unit, Workspace
from linter.parsers.pipelines.dependabot import document_of
from linter.parsers.pipelines.github_forms import whole
from linter.parsers.pipelines.model import copy
from linter.trees import put

_OWN = frozenset(("local", "meta", "builtin"))


def expand(workspace: Workspace) -> Iterator[Resource]:
    """One resource for each `.pre-commit-config.yaml`.

    Body: platform, repos [{repo, rev, hooks, scheme, host, name}]: as written, and the parts of the address: `https`,
    `github.com`, `owner/repo` in lower case without `.git`. Of `local` and `meta` repositories there is no address.
    """
    for artifact in workspace.of_format("pre-commit"):
        workspace.progress(artifact.path)
        raw = document_of(workspace, artifact.path, "pre-commit's configuration")
        if raw is None:
            continue
        body = Map(raw.span)
        put(body, "platform", "pre-commit", whole(raw))
        if isinstance(raw.get("repos"), Seq):
            put(body, "repos", _repos(raw["repos"]), raw.at["repos"])
        anchor = raw.at.get("repos") or next(iter(raw.at.values()), whole(raw))
        span = (anchor[0], anchor[1], anchor[2])
        unit = Unit("workflow", artifact.path)
        resource = Resource("pipeline/hooks", artifact.path, "pre-commit", unit, body, span, raw.span)
        resource.context = {"pipeline": body}
        yield resource


def _repos(written: Seq) -> Seq:
    made = Seq(written.span)
    for raw, entry in zip(written, written.at, strict=True):
        if not isinstance(raw, Map):
            continue
        repo = Map(raw.span)
        for key in ("repo", "rev", "hooks"):
            copy(repo, key, raw, key)
        address = raw.get("repo")
        if isinstance(address, str) and address not in _OWN:
            source, _, _, start, end = raw.at["repo"]
            for key, value in zip(("scheme", "host", "name"), parts_of(address), strict=True):
                put(repo, key, value, (source, start, start, start, end))
        made.append(repo)
        made.at.append(entry)
    return made


def parts_of(address: str) -> tuple[str, str, str]:
    """Scheme, host and path of a repository's address, `git@host:path` among them; '' where there is none."""
    scheme, separator, rest = address.strip().partition("://")
    if not separator:
        user, at, after = address.strip().partition("@")
        host, colon, path = after.partition(":") if at else ("", "", user)
        scheme, rest = ("ssh", f"{host}/{path}") if colon else ("", f"/{path}")
    host, _, path = rest.partition("/")
    name = path.strip("/").removesuffix(".git").lower()
    return scheme.lower(), host.rpartition("@")[2].lower(), name
