"""Who a CODEOWNERS or OWNERS file says owns a path, as GitHub and GitLab read them.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners ,
https://docs.gitlab.com/user/project/codeowners/reference/
"""  # noqa: E501

from __future__ import annotations

import posixpath
import re

from linter.globs import path_matches
from linter.model import Estate, Span
from linter.records import NamedTuple

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


class Entry(NamedTuple):
    """A line of CODEOWNERS. pattern: a glob anchored at the root. owners: '' entries never. span: the whole line."""

    pattern: str
    owners: tuple[str, ...]
    span: Span


def entries(estate: Estate) -> list[Entry]:
    """The entries of the CODEOWNERS file that counts: the first that exists of the places a platform looks in."""
    by_path = {source.path: source for source in estate.sources if source.path in PLACES}
    source = next((by_path[place] for place in PLACES if place in by_path), None)
    if source is None:
        return []
    found: list[Entry] = []
    default: tuple[str, ...] = ()
    offset = 0
    for line in source.text.splitlines(keepends=True):
        plain = line.split(" #", 1)[0].strip()
        if re.match(r"\^?\[", plain):
            default = tuple(plain.rpartition("]")[2].split())
        elif plain and not plain.startswith("#"):
            pattern, *owners = plain.replace("\\ ", "\0").split()
            start = offset + line.index(plain[0])
            place = (source.index, start, start + len(plain))
            found.append(Entry(_anchored(pattern.replace("\0", " ")), tuple(owners) or default, place))
        offset += len(line)
    return found


def owner_of(listed: list[Entry], path: str) -> Entry | None:
    """The last entry that names a path, if it names an owner: later lines win, and one without owners takes away."""
    entry = next((entry for entry in reversed(listed) if path_matches(entry.pattern, path)), None)
    return entry if entry is not None and entry.owners else None


def owners_file(estate: Estate, path: str) -> str | None:
    """The nearest OWNERS file (Kubernetes' convention) in the folder of a path or above it."""
    folder = posixpath.dirname(path)
    while True:
        candidate = posixpath.join(folder, "OWNERS")
        if candidate in estate.paths:
            return candidate
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _anchored(pattern: str) -> str:
    """A pattern as a glob from the root; one that ends in `/` names what lies in folders, never a file."""
    if pattern.endswith("/"):
        pattern += "**/*"
        if pattern.count("/") == 2:
            return f"**/{pattern}"
    if pattern.startswith("/"):
        return pattern[1:] or "**"
    return (
        pattern if "/" in pattern.rstrip("/") and not pattern.startswith("**/") else f"**/{pattern.removeprefix('**/')}"
    )
