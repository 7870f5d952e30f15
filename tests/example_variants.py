"""Rewritings of rule examples that must not change the answer, each with where its marks go.

A rewriting takes an example and gives the rewritten one, or None where it does not apply. A text is rewritten by pieces:
spans of the old text, which marks follow, and new text, which takes the marks of what it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml

from linter.model import Source
from linter.rules.examples import Example, Mark
from linter.syntax import hcl
from linter.syntax.hcl_tree import Attribute, Block, Body, nodes

Rewriting = Callable[[Example], Example | None]


class Piece(NamedTuple):
    """A span of the old text; text: what stands for it in the new one, None where it is kept.

    takes: whether the marks of what it replaces go to it, or which span of the old text takes them.
    """

    start: int
    end: int
    text: str | None = None
    takes: bool | tuple[int, int] = True


class Lost(Exception):
    """A mark lies where no piece tells where it went."""


def rewritten(text: str, pieces: list[Piece], marks: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The new text, and where the marked spans of the old one are in it. Raises Lost."""
    made, position = [], 0
    places: list[tuple[Piece, int, int]] = []
    for piece in pieces:
        words = text[piece.start : piece.end] if piece.text is None else piece.text
        places.append((piece, position, position + len(words)))
        made.append(words)
        position += len(words)

    def found(start: int, end: int) -> tuple[int, int]:
        for piece, new_start, new_end in places:
            if piece.takes and piece.start <= start and end <= piece.end and piece.start < piece.end:
                if isinstance(piece.takes, tuple):
                    return found(*piece.takes)
                shift = new_start - piece.start
                return (start + shift, end + shift) if piece.text is None else (new_start, new_end)
        raise Lost(text[start:end])

    return "".join(made), [found(*mark) for mark in marks]


def around(text: str, changes: list[Piece], tail: str | list[Piece] = "") -> list[Piece]:
    """Pieces of a whole text of which some spans change; `tail` is added to its end."""
    ending = [Piece(len(text), len(text), tail)] if isinstance(tail, str) else tail
    pieces, position = [], 0
    for change in sorted(changes):
        pieces += [Piece(position, change.start), change]
        position = change.end
    return [*pieces, Piece(position, len(text)), *ending]


def in_text(example: Example, path: str, pieces: list[Piece]) -> Example:
    """An example with one of its files rewritten. Raises Lost."""
    text = example.files[path]
    ours = [mark for mark in example.marks if mark.path == path]
    lines = Source(0, path, text).starts
    spans = [(lines[mark.line - 1] + mark.start - 1, lines[mark.line - 1] + mark.end - 1) for mark in ours]
    new, moved = rewritten(text, pieces, spans)
    source = Source(0, path, new)
    made = []
    for start, end in moved:
        line, column = source.position(start)
        made.append(Mark(path, line, column, source.position(end)[1]))
    others = [mark for mark in example.marks if mark.path != path]
    return Example({**example.files, path: new}, tuple(sorted({*made, *others})))


def each_file(example: Example, suffix: str, pieces_of: Callable[[str, int], list[Piece] | None]) -> Example | None:
    """An example with every file of a suffix rewritten that can be; None where none can.

    A file's number is its own within the folder only, so that what two folders have in common stays common.
    """
    result = None
    folders: dict[str, int] = {}
    for path in example.files:
        if path.endswith(suffix):
            folder = path.rpartition("/")[0]
            number = folders[folder] = folders.get(folder, -1) + 1
            pieces = pieces_of(example.files[path], number)
            if pieces is not None:
                result = in_text(result or example, path, pieces)
    return result


# Terraform

_FIXED_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "dynamic", "timeouts"})
_FIXED_NAMES = frozenset({"provider", "depends_on", "count", "for_each"})
_INSTANCE = frozenset({"each", "count", "self", "path"})


def _top(text: str) -> list[Block]:
    return [block for block in hcl.parse(0, text).blocks if block.type in ("resource", "data")]


def _attributes(body: Body) -> Iterator[Attribute]:
    for attribute in body.attributes:
        if attribute.name not in _FIXED_NAMES:
            yield attribute
    for block in body.blocks:
        if block.type not in _FIXED_BLOCKS:
            yield from _attributes(block.body)


def _movable(text: str, *, constant: bool) -> list[Attribute]:
    """Attributes whose value may stand in a local, or (constant) in a variable's default."""
    found = []
    for block in _top(text):
        for attribute in _attributes(block.body):
            names = {node[3] for node in nodes(attribute.expr) if node[0] == "var"}
            calls = any(node[0] in ("call", "for_tuple", "for_object", "error") for node in nodes(attribute.expr))
            if (
                names & _INSTANCE
                or (constant and (names or calls))
                or any(node[0] == "error" for node in nodes(attribute.expr))
            ):
                continue
            found.append(attribute)
    return found


def _elsewhere(text: str, number: int, kind: str) -> list[Piece] | None:
    """Values replaced by a name that is declared at the end.

    A scalar's mark goes to the name, which is what the resource writes, a collection's to the attribute; what the text
    of a policy holds is judged where it is written.
    """
    changes: list[Piece] = []
    declared: list[Piece] = []
    for index, attribute in enumerate(_movable(text, constant=kind == "var")):
        op, start, end, *_ = attribute.expr
        name = f"moved_{number}_{index}"
        if op in ("tuple", "object"):
            changes.append(Piece(start, end, f"{kind}.{name}", (attribute.name_start, attribute.name_end)))
        else:
            changes.append(Piece(start, end, f"{kind}.{name}", op != "call"))
        head = f"locals {{\n  {name}" if kind == "local" else f'variable "{name}" {{\n  default'
        declared += [Piece(start, start, f"\n{head} = "), Piece(start, end), Piece(end, end, "\n}\n")]
    return around(text, changes, declared) if changes else None


def through_local(example: Example) -> Example | None:
    """Every value of a resource through a local of its own."""
    return each_file(example, ".tf", lambda text, number: _elsewhere(text, number, "local"))


def through_variable(example: Example) -> Example | None:
    """Every constant value of a resource through a variable's default."""
    return each_file(example, ".tf", lambda text, number: _elsewhere(text, number, "var"))


def into_module(example: Example) -> Example | None:
    """The whole configuration moved into a module that the root calls."""
    if any("/" in path or not path.endswith(".tf") for path in example.files):
        return None
    if any(
        block.type in ("terraform", "provider")
        for text in example.files.values()
        for block in hcl.parse(0, text).blocks
    ):
        return None
    files = {f"inner/{path}": text for path, text in example.files.items()}
    marks = tuple(sorted(mark._replace(path=f"inner/{mark.path}") for mark in example.marks))
    return Example({**files, "main.tf": 'module "inner" {\n  source = "./inner"\n}\n'}, marks)


def _reversed_items(items: list[tuple[int, int, list[Piece]]], start: int, end: int) -> list[Piece]:
    """The items of a body in reversed order; what stands between them stays."""
    items = sorted(items)
    pieces, position = [], start
    for (slot_start, slot_end, _), (_, _, inner) in zip(items, reversed(items), strict=True):
        pieces += [Piece(position, slot_start), *inner]
        position = slot_end
    return [*pieces, Piece(position, end)]


def _turned(body: Body, start: int, end: int) -> list[Piece]:
    items = []
    for attribute in body.attributes:
        stop = attribute.expr[2]
        items.append((attribute.name_start, stop, [Piece(attribute.name_start, stop)]))
    for block in body.blocks:
        inner = _turned(block.body, block.body.start, block.body.end)
        items.append(
            (block.start, block.end, [Piece(block.start, block.body.start), *inner, Piece(block.body.end, block.end)])
        )
    return _reversed_items(items, start, end)


def turned_around(example: Example) -> Example | None:
    """Attributes, nested blocks and whole blocks in reversed order."""

    def pieces(text: str, _: int) -> list[Piece] | None:
        body = hcl.parse(0, text)
        # A heredoc ends its line, so that nothing may come to stand behind it.
        items = len(body.attributes) + len(body.blocks)
        items += sum(len(block.body.attributes) + len(block.body.blocks) for block in body.blocks)
        return None if "<<" in text or items < 2 else _turned(body, 0, len(text))

    return each_file(example, ".tf", pieces)


def reformatted(example: Example) -> Example | None:
    """Other blanks around `=`, blank lines and comments between blocks."""

    def gaps(body: Body) -> Iterator[Piece]:
        for attribute in body.attributes:
            yield Piece(attribute.name_end, attribute.expr[1], "   =\t")
        for block in body.blocks:
            yield Piece(block.start, block.start, "/* next */ ")
            yield from gaps(block.body)

    def pieces(text: str, _: int) -> list[Piece] | None:
        return around(text, list(gaps(hcl.parse(0, text))), "\n\n// end\n")

    return each_file(example, ".tf", pieces)


def escaped(example: Example) -> Example | None:
    """The first letter of every plain string of a resource as an escape."""

    def pieces(text: str, _: int) -> list[Piece] | None:
        changes = []
        for block in _top(text):
            for attribute in _attributes(block.body):
                for node in nodes(attribute.expr):
                    written = text[node[1] : node[2]]
                    if node[0] == "lit" and isinstance(node[3], str) and re.match(r'"[A-Za-z]', written):
                        changes.append(Piece(node[1], node[2], f'"\\u{ord(written[1]):04x}{written[2:]}'))
        return around(text, changes) if changes else None

    return each_file(example, ".tf", pieces)


# YAML

Path = tuple[Any, ...]
_COMMENT = re.compile(r"(?m)(^|\s)#")


def _walk(node: Any, path: Path, found: dict[tuple[int, int], list[Path]], seen: set[int]) -> None:
    """Where each key and value stands: (start, end) → paths; an alias stands where its anchor does."""
    found.setdefault((node.start_mark.index, node.end_mark.index), []).append(path)
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found.setdefault((key.start_mark.index, key.end_mark.index), []).append((*path, "key", key.value))
            _walk(value, (*path, key.value), found, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), found, seen)


def _spans(text: str) -> dict[tuple[int, int], list[Path]]:
    found: dict[tuple[int, int], list[Path]] = {}
    for index, node in enumerate(yaml.compose_all(text, yaml.SafeLoader)):
        if node is not None:
            _walk(node, (index,), found, set())
    return found


def _each_node(node: Any, change: Callable[[Any], None], seen: set[int]) -> None:
    if id(node) in seen:
        return
    seen.add(id(node))
    change(node)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _each_node(key, change, seen)
            _each_node(value, change, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _each_node(value, change, seen)


def _with_nodes(example: Example, change: Callable[[Any], None]) -> Example | None:
    """Every YAML file composed, changed node by node and serialised; marks follow the nodes they are on.

    Comments would be lost, so a file that has some is left alone.
    """
    files = dict(example.files)
    marks = []
    for path, text in example.files.items():
        ours = [mark for mark in example.marks if mark.path == path]
        if not path.endswith((".yaml", ".yml")) or _COMMENT.search(text):
            marks += ours
            continue
        documents = list(yaml.compose_all(text, yaml.SafeLoader))
        for node in documents:
            if node is not None:
                _each_node(node, change, set())
        files[path] = new = yaml.serialize_all([node for node in documents if node is not None], width=10**6)
        marks += _followed(path, text, new, ours)
    return Example(files, tuple(sorted(set(marks)))) if files != example.files else None


def _followed(path: str, old: str, new: str, marks: list[Mark]) -> list[Mark]:
    before, after = _spans(old), {where: span for span, paths in _spans(new).items() for where in paths}
    source, target, found = Source(0, path, old), Source(0, path, new), []
    for mark in marks:
        start = source.starts[mark.line - 1] + mark.start - 1
        written = old[start : start + mark.end - mark.start]
        where = before.get((start, start + len(written)), [()])[0]
        span = after.get(where) if where[1:2] != ("on",) else _in_triggers(written, new, after)
        if span is None:
            raise Lost(written)
        first, last = span
        if new[first] in "'\"" and old[start] not in "'\"":
            # An expression is placed within its quotes, any other text with them.
            raise Lost(written)
        line, column = target.position(first)
        found.append(Mark(path, line, column, target.position(last)[1]))
    return found


def _in_triggers(written: str, new: str, after: dict[Path, tuple[int, int]]) -> tuple[int, int] | None:
    """Where an event is named below `on`, whatever form that has."""
    spans = [span for where, span in after.items() if where[1:2] == ("on",) and new[slice(*span)] == written]
    return min(spans, default=None)


def keys_reversed(example: Example) -> Example | None:
    """The keys of every mapping in reversed order."""

    def change(node: Any) -> None:
        if isinstance(node, yaml.MappingNode):
            node.value.reverse()

    return _with_nodes(example, change)


def other_style(example: Example) -> Example | None:
    """Block style where the example has flow style, and the other way round below the first level."""

    def change(node: Any) -> None:
        if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)):
            node.flow_style = not node.flow_style

    return _with_nodes(example, change)


def through_kustomization(example: Example) -> Example | None:
    """The manifests as the resources of a kustomization."""
    names = [path for path in example.files if path.endswith((".yaml", ".yml"))]
    if len(names) != len(example.files) or any("/" in name or name.startswith("kustomization") for name in names):
        return None
    listed = "".join(f"  - {name}\n" for name in names)
    return Example({**example.files, "kustomization.yaml": f"resources:\n{listed}"}, example.marks)


def other_triggers(example: Example) -> Example | None:
    """`on:` in another of its forms: a word as a list, a list as a mapping, a mapping without options as a list."""
    changed = []

    def change(node: Any) -> None:
        if not isinstance(node, yaml.MappingNode):
            return
        for index, (key, value) in enumerate(node.value):
            if key.value == "on" and key.start_mark.column == 0:
                other = _other_form(value)
                changed.append(other is not value)
                node.value[index] = (key, other)

    result = _with_nodes(example, change)
    return result if any(changed) else None


def _other_form(value: Any) -> Any:
    null = "tag:yaml.org,2002:null"
    marks = value.start_mark, value.end_mark
    if isinstance(value, yaml.ScalarNode):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [value], *marks, flow_style=True)
    if isinstance(value, yaml.SequenceNode):
        pairs = [(event, yaml.ScalarNode(null, "", *marks)) for event in value.value]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, *marks, flow_style=False)
    if all(isinstance(options, yaml.ScalarNode) and options.tag == null for _, options in value.value):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [event for event, _ in value.value], *marks, flow_style=False)
    return value
