"""Which paths of the tree are reported: those the user named, or all."""

from __future__ import annotations

from linter.records import NamedTuple


class Scope(NamedTuple):
    """prefixes: paths below the root, `/`-separated, '' for the root itself."""

    prefixes: tuple[str, ...] = ("",)

    @property
    def whole(self) -> bool:
        return "" in self.prefixes

    def covers(self, path: str) -> bool:
        """Whether a path is one of the named files or lies in one of the named folders."""
        return any(not prefix or path == prefix or path.startswith(prefix + "/") for prefix in self.prefixes)
