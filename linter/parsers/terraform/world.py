"""One evaluation of one root: what is given to it and what all its modules share."""

from __future__ import annotations

from linter.parsers.terraform.evaluate import machine
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.scope import Expr
from linter.records import NamedTuple


class Input(NamedTuple):
    """A value given to a root variable: the expression (literal), its source, and where its name is written."""

    source: int
    name_start: int
    name_end: int
    expr: Expr


class World:
    """One evaluation of one root: folders by path, inputs, the workspace's name, and what has been instantiated."""

    __slots__ = ("count", "folders", "inputs", "installed", "machine", "root", "seen", "texts", "workspace")

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
        self.count = 0
        self.seen: set[str] = set()
