"""The workspaces a root is written for: names its expressions compare `terraform.workspace` with or look it up by.

Encodes "Workspaces" of Terraform's documentation: `terraform.workspace` is the only trace a workspace leaves in a
configuration, so the keys and literals it meets are all that a repository says of which there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.scope import Expr
from linter.records import NamedTuple
from linter.syntax.hcl import Body

_MOST = 20
_NODES = 200_000
_MARK = "terraform.workspace"


class Seen(NamedTuple):
    """names: sorted. others: a workspace of another name would do as well, as a comparison or a default allows."""

    names: tuple[str, ...]
    others: bool


def mentioned(root: Folder, folders: Mapping[str, Folder], texts: Mapping[int, str]) -> bool:
    """Whether the root or a module below it reads `terraform.workspace`."""
    todo, seen = [root], {root.path}
    while todo:
        folder = todo.pop()
        if any(_MARK in texts.get(source, "") for source in _sources(folder)):
            return True
        for path in folder.calls.values():
            if path in folders and path not in seen:
                seen.add(path)
                todo.append(folders[path])
    return False


def visible(root: Folder, texts: Mapping[int, str]) -> Seen:
    """The names a root's own expressions say; none where it says more than a handful, which is no list of workspaces."""
    if not any(_MARK in texts.get(source, "") for source in _sources(root)):
        return Seen((), True)
    reader = _Reader(root)
    for expr in _expressions(root):
        reader.read(expr)
    names = tuple(sorted(reader.names))
    return Seen(names, reader.others or not names) if len(names) <= _MOST else Seen((), True)


def _sources(folder: Folder) -> Iterable[int]:
    found = {source for item in folder.items for source, _ in item.parts}
    return found.union(source for source, _ in folder.locals.values())


def _expressions(folder: Folder) -> Iterator[Expr]:
    for _, attribute in folder.locals.values():
        yield attribute.expr
    stack: list[Body] = [body for item in folder.items for _, body in item.parts]
    while stack:
        body = stack.pop()
        for attribute in body.attributes:
            yield attribute.expr
        stack.extend(block.body for block in body.blocks)


class _Reader:
    """aliases: locals that are the workspace's name, or fall back on it."""

    __slots__ = ("aliases", "budget", "closed", "names", "open", "root")

    def __init__(self, root: Folder) -> None:
        self.root = root
        self.names: set[str] = set()
        self.closed = False
        self.open = False
        self.budget = _NODES
        self.aliases: set[str] = set()
        for name, (_, attribute) in root.locals.items():
            if self._is_workspace(_fallback(attribute.expr)):
                self.aliases.add(name)

    @property
    def others(self) -> bool:
        return self.open and not self.closed

    def read(self, expr: Expr) -> None:
        stack: list[Any] = [expr]
        while stack and self.budget:
            node = stack.pop()
            self.budget -= 1
            if node and isinstance(node[0], str) and len(node) > 3:
                self._note(node)
            stack.extend(child for child in node if isinstance(child, tuple))

    def _note(self, node: Expr) -> None:
        op = node[0]
        if op == "index" and self._is_workspace(node[4]):
            self._take(self._keys(node[3]), closed=True)
        elif op == "bin" and node[3] in ("==", "!="):
            for one, other in ((node[4], node[5]), (node[5], node[4])):
                if self._is_workspace(one) and other[0] == "lit" and isinstance(other[3], str):
                    self._take([other[3]], closed=False)
        elif op == "call" and len(node[4]) > 1 and self._is_workspace(node[4][1]):
            if node[3] == "lookup":
                self._take(self._keys(node[4][0]), closed=len(node[4]) == 2)
            elif node[3] == "contains":
                self._take(self._keys(node[4][0]), closed=False)

    def _take(self, names: list[str], *, closed: bool) -> None:
        self.names.update(name for name in names if name)
        self.closed |= closed and bool(names)
        self.open |= not closed

    def _is_workspace(self, node: Expr) -> bool:
        while node[0] in ("wrap", "paren"):
            node = node[3]
        if node[0] != "attr" or node[3][0] != "var":
            return False
        root, name = node[3][3], node[4]
        return (root, name) == ("terraform", "workspace") or (root == "local" and name in self.aliases)

    def _keys(self, node: Expr) -> list[str]:
        """The literal keys of a map, or elements of a list, that is written here, in a local or in a default."""
        if node[0] == "attr" and node[3][0] == "var":
            root, name = node[3][3], node[4]
            item = self.root.index.get("var." + name) if root == "var" else None
            found = item.attributes.get("default") if item is not None else None
            if root == "local":
                found = self.root.locals.get(name)
            if found is None:
                return []
            node = found[1].expr
        if node[0] == "object":
            return [key[3] for key, _ in node[3] if key[0] == "lit" and isinstance(key[3], str)]
        if node[0] == "tuple":
            return [item[3] for item in node[3] if item[0] == "lit" and isinstance(item[3], str)]
        return []


def _fallback(node: Expr) -> Expr:
    """What an expression falls back on: `terraform.workspace == "default" ? "dev" : terraform.workspace`."""
    while node[0] in ("paren", "wrap"):
        node = node[3]
    chosen: Expr = node
    if node[0] == "cond":
        chosen = node[5] if node[5][0] == "attr" else node[4]
    return chosen
