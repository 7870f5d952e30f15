"""Dependencies that manifests take from elsewhere than a registry, and the indexes they name: package.json, requirements.

Encodes https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies and
https://pip.pypa.io/en/stable/reference/requirements-file-format/. Of dependencies from a registry only lock files say
what is installed, and other tools judge them; they are left out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from linter.model import Artifact, Entry, Map, Resource, Unit, Workspace
from linter.trees import as_map, put

_GROUPS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_MAX_LINES = 20_000


def expand(workspace: Workspace) -> Iterator[Resource]:
    """`pipeline/dependency` {name, spec, source, scheme, ref, pinned, login} and `pipeline/index` {option, url, …}."""
    for artifact in workspace.of_format("npm"):
        workspace.progress(artifact.path)
        for document, _, _ in getattr(artifact.tree, "documents", ())[:1]:
            if isinstance(document, Map):
                yield from _npm(artifact, document)
    for artifact in workspace.of_format("requirements"):
        workspace.progress(artifact.path)
        yield from _requirements(artifact)


def _npm(artifact: Artifact, document: Map) -> Iterator[Resource]:
    for group in _GROUPS:
        listed = as_map(document.get(group))
        for name, spec in listed.items():
            if isinstance(spec, str) and (spec.startswith(("git", "http:", "https:", "ssh:")) or _is_short(spec)):
                source, _, _, start, end = listed.at[name]
                yield _dependency(artifact, str(name), spec, (source, start, start, start, end))


def _is_short(spec: str) -> bool:
    """`owner/repository#ref`, which stands for GitHub."""
    location = spec.partition("#")[0]
    return location.count("/") == 1 and not location.startswith((".", "/", "~", "@")) and ":" not in location


def _dependency(artifact: Artifact, name: str, spec: str, at: Entry) -> Resource:
    body = Map((at[0], at[3], at[4]))
    location, _, ref = spec.partition("#")
    scheme = location.partition(":")[0] if "://" in location else "https"
    from_git = scheme.startswith(("git", "ssh")) or "://" not in location or location.endswith(".git")
    values = {
        "name": name, "spec": spec, "source": "git" if from_git else "url", "scheme": scheme, "ref": ref,
        "pinned": bool(_commit().fullmatch(ref)) if from_git else True,
    }  # fmt: skip
    for key, value in values.items():
        put(body, key, value, at)
    _login(body, location, at)
    return Resource(
        "pipeline/dependency", f"{artifact.path}#{name}", name, Unit("packages", artifact.path), body, (at[0], at[3], at[4]),
        body.span,
    )  # fmt: skip


@cache
def _commit() -> re.Pattern[str]:
    return re.compile(r"(?:commit(?:ish)?[:=])?[0-9a-f]{40}")


def _login(body: Map, url: str, at: Entry) -> None:
    """What stands before the `@` of an address, where it is written out."""
    login, found, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    _, colon, secret = login.partition(":")
    if found and colon and secret and "$" not in secret and "{" not in secret:
        put(body, "login", login, at)


_OPTIONS = ("--extra-index-url", "--index-url", "-i", "--find-links", "-f", "--trusted-host")


def _requirements(artifact: Artifact) -> Iterator[Resource]:
    """Options and direct references, line by line."""
    source, position = artifact.source, 0
    for number, line in enumerate(source.text.split("\n")):
        if number > _MAX_LINES:
            return
        plain = line.partition(" #")[0]
        if not plain.lstrip().startswith("#"):
            if plain.lstrip().startswith("-"):
                yield from _options(artifact, plain, position)
            elif "://" in plain:
                yield from _reference(artifact, plain.rstrip(), position)
        position += len(line) + 1


def _options(artifact: Artifact, line: str, position: int) -> Iterator[Resource]:
    words = [(word.group(), word.start()) for word in re.finditer(r"[^\s=]+", line)]
    if words[0][0] in ("-e", "--editable") and len(words) > 1:
        yield from _reference(artifact, line[words[1][1] :].rstrip(), position + words[1][1])
        return
    for (option, _), (value, start) in pairwise(words):
        if option not in _OPTIONS:
            continue
        at = (artifact.source.index, *(position + start,) * 3, position + start + len(value))
        body = Map((at[0], at[3], at[4]))
        put(body, "option", option, at)
        put(body, "url", value, at)
        put(body, "scheme", value.partition(":")[0] if "://" in value else "", at)
        _login(body, value, at)
        yield Resource(
            "pipeline/index", f"{artifact.path}#{option}", option, Unit("packages", artifact.path), body,
            (at[0], at[3], at[4]), body.span,
        )  # fmt: skip


def _reference(artifact: Artifact, line: str, position: int) -> Iterator[Resource]:
    """`name @ git+https://host/x@ref`, `git+https://host/x@ref#egg=name`."""
    found = re.search(r"[\w+.-]{1,20}://\S{1,2000}", line)
    if found is None:
        return
    url, _, fragment = found.group().partition("#")
    host_on = url.partition("://")[2]
    path = host_on.partition("/")[2]
    ref = path.rpartition("@")[2] if "@" in path else ""
    name = line[: found.start()].strip().rstrip("@").strip() or fragment.partition("egg=")[2].partition("&")[0] or path
    at = (artifact.source.index, *(position + found.start(),) * 3, position + found.end())
    bare = url[: -len(ref) - 1] if ref else url
    yield _dependency(artifact, name, f"{bare}#{ref}", at)
