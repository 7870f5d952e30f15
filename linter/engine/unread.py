"""Artifacts that teams ship with and that opslint does not read yet: said, so that nobody takes silence for a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

NAMES = frozenset(
    ("terragrunt.hcl.json", "cloudbuild.yaml", "buildspec.yml")
)  # fmt: skip
STARTS: tuple[str, ...] = ()


def not_read(paths: Iterable[str], covers: Callable[[str], bool]) -> tuple[str, ...]:
    """The paths of such artifacts in scope, sorted."""
    found = []
    for path in paths:
        name = path.rpartition("/")[2]
        if (name in NAMES or name.startswith(STARTS)) and covers(path):
            found.append(path)
    return tuple(sorted(found))
