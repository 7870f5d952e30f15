"""One evaluation of one root: what is given to it and what all its modules share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.parsers.terraform.evaluate import machine
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.scope import STEP_LIMIT, Expr
from linter.records import NamedTuple

if TYPE_CHECKING:
    from linter.parsers.terraform.plan import Plan

_EXPANDED = 2_000
_WORK = 500_000
_CHARACTERS = 64
_DEEP = 40


class Input(NamedTuple):
    """A value given to a root variable: the expression (literal), its source, and where its name is written."""

    source: int
    name_start: int
    name_end: int
    expr: Expr


class World:
    """One evaluation of one root: folders by path, inputs, the workspace's name, and what has been instantiated.

    count: of module instances. expanded: how many blocks have been added by telling instances apart. work: what their
    values weigh. plan: what a plan says of this evaluation.
    """

    __slots__ = (
        "count", "expanded", "folders", "inputs", "installed", "machine", "plan", "root", "seen", "sizes", "texts", "work",
        "workspace",
    )  # fmt: skip

    def __init__(
        self, folders: dict[str, Folder], root: str, inputs: dict[str, Input], workspace: str, texts: dict[int, str]
    ) -> None:
        self.folders = folders
        self.root = root
        self.inputs = inputs
        self.workspace = workspace
        self.texts = texts
        self.machine = machine()
        self.installed: dict[str, str] = {}
        self.plan: Plan | None = None
        self.count = 0
        self.expanded = 0
        self.work = 0
        self.seen: set[str] = set()
        self.sizes: dict[str, int] = {}

    def affords(self, instances: int, called: Folder | None) -> bool:
        """Whether instances of a block (of a module: with all the blocks it calls) may be told apart; then they count."""
        cost = instances * (1 if called is None else 1 + self._size(called))
        if self.expanded + cost > _EXPANDED or self.exhausted:
            return False
        self.expanded += cost
        return True

    @property
    def exhausted(self) -> bool:
        """Whether instances have cost so much that those to come are judged as one."""
        return self.work > _WORK or self.machine.steps > STEP_LIMIT // 2

    def weigh(self, value: Any) -> None:
        """Adds the elements and characters of an instance's value to the work, as far as there is a limit to reach."""
        waiting = [value]
        while waiting and self.work <= _WORK:
            current = waiting.pop()
            self.work += 1
            if isinstance(current, str):
                self.work += len(current) // _CHARACTERS
            elif isinstance(current, dict):
                waiting.extend(current.values())
            elif isinstance(current, list):
                waiting.extend(current)

    def _size(self, folder: Folder, depth: int = 0) -> int:
        """How many blocks a call of a folder makes, at most as many as are afforded at all; a cycle counts once."""
        size = self.sizes.get(folder.path)
        if size is None:
            self.sizes[folder.path] = 0
            size = len(folder.items)
            for path in folder.calls.values():
                if path in self.folders and size < _EXPANDED and depth < _DEEP:
                    size += self._size(self.folders[path], depth + 1)
            size = self.sizes[folder.path] = min(size, _EXPANDED)
        return size
