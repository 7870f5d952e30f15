"""Changes of Terraform and Terragrunt files: an attribute of a block set where it is a literal, or written anew.

An attribute that an expression decides is left alone, and so is a block that `dynamic` makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from linter.fixes.changes import Change, Refused, line_break, line_end, line_start
from linter.report import Edit
from linter.syntax import hcl
from linter.syntax.hcl_tree import Attribute, Block, Body

Shape = tuple[Any, ...]
_DEEPEST = 50


class HclText:
    """An HCL file. Raises Refused where it has errors."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._body = hcl.parse(0, text)
        if self._body.problems:
            raise Refused("the file has errors")
        self._blocks = {block.start: block for block in _all(self._body)}

    def _block(self, change: Change) -> Block:
        block = self._blocks.get(change.at[0])
        if block is None or change.op != "set":
            raise Refused("no block is written there")
        return block

    def edits(self, changes: Sequence[Change]) -> list[Edit] | None:
        """See Written."""
        try:
            return sorted(edit for change in changes for edit in self._set(change))
        except Refused:
            return None

    def _set(self, change: Change) -> Iterable[Edit]:
        block, keys = _descended(self._block(change), change.keys)
        if len(keys) == 1:
            attribute = _attribute(block.body, keys[0])
            if attribute is not None:
                return [_replaced(self.text, attribute, change.value)]
            return _with_attribute(self.text, block, keys[0], change.value)
        return _with_lines(self.text, block, _nested(keys, change.value))

    def proven(self, text: str, changes: Iterable[Change]) -> bool:
        """See Written."""
        after = hcl.parse(0, text)
        if after.problems:
            return False
        wanted: dict[int, list[tuple[tuple[Any, ...], str]]] = {}
        for change in changes:
            wanted.setdefault(change.at[0], []).append((change.keys, literal(change.value)))
        return _shape(self.text, self._body, wanted) == _shape(text, after, {})


def literal(value: Any) -> str:
    """A plain value in HCL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return f'"{text}"'


def _all(body: Body) -> Iterable[Block]:
    stack = list(body.blocks)
    while stack:
        block = stack.pop()
        yield block
        stack.extend(block.body.blocks)


def _attribute(body: Body, name: str) -> Attribute | None:
    return next((each for each in body.attributes if each.name == name), None)


def _descended(block: Block, keys: Sequence[str]) -> tuple[Block, list[str]]:
    """The innermost block that is written on the way, and what is left of the path."""
    left = list(keys)
    while len(left) > 1:
        inner = [each for each in block.body.blocks if each.type == left[0]]
        made = [
            each
            for each in block.body.blocks
            if each.type == "dynamic" and each.labels[:1] and each.labels[0][0] == left[0]
        ]
        if made or len(inner) > 1 or _attribute(block.body, left[0]) is not None:
            raise Refused("there are several such blocks, or they are made by an expression")
        if not inner:
            break
        block = inner[0]
        del left[0]
    return block, left


def _replaced(text: str, attribute: Attribute, value: Any) -> Edit:
    expr = attribute.expr
    new = literal(value)
    if expr[0] != "lit" and not (expr[0] == "tuple" and all(item[0] == "lit" for item in expr[3])):
        raise Refused("an expression decides the attribute")
    if text.startswith("<<", expr[1]) or text[expr[1] : expr[2]] == new:
        raise Refused("the attribute is a here-document, or says so already")
    return Edit(expr[1], expr[2], new)


def _nested(keys: Sequence[str], value: Any) -> list[str]:
    """Lines of nested blocks around an attribute, indented from the outermost."""
    if len(keys) == 1:
        return [f"{keys[0]} = {literal(value)}"]
    return [f"{keys[0]} {{", *(f"  {line}" for line in _nested(keys[1:], value)), "}"]


def _with_attribute(text: str, block: Block, name: str, value: Any) -> Iterable[Edit]:
    """A new attribute behind the last one that stands on one line, its `=` below the other's, or apart from it."""
    short = [each for each in block.body.attributes if "\n" not in text[each.name_start : each.expr[2]]]
    if not short or _on_one_line(text, block):
        return _with_lines(text, block, [f"{name} = {literal(value)}"], first=True)
    last = short[-1]
    start, end = line_start(text, last.name_start), line_end(text, last.expr[2])
    indent = text[start : last.name_start]
    if indent.strip():
        raise Refused("the attribute before does not begin its line")
    room = text.find("=", last.name_end) - last.name_start - 1
    ending = line_break(text, end) * (1 if len(name) <= room else 2)
    return [Edit(end, end, f"{ending}{indent}{name.ljust(room) if len(name) <= room else name} = {literal(value)}")]


def _on_one_line(text: str, block: Block) -> bool:
    return "\n" not in text[block.body.start : block.body.end]


def _with_lines(text: str, block: Block, lines: list[str], first: bool = False) -> Iterable[Edit]:
    """New lines at the end of a block, or at its beginning; a block on one line is opened for them."""
    start = line_start(text, block.start)
    indent = text[start : block.start]
    if indent.strip():
        raise Refused("the block does not begin its line")
    inner, ending = f"{indent}  ", line_break(text, block.start)
    new = "".join(f"{inner}{line}{ending}" for line in lines)
    body = block.body
    if _on_one_line(text, block):
        held = text[body.start : body.end].strip()
        if "#" in held or "//" in held or "/*" in held:
            raise Refused("the block holds a comment")
        kept = f"{inner}{held}{ending}" if held else ""
        return [Edit(body.start, body.end, f"{ending}{kept}{new}{indent}")]
    if first:
        at = line_end(text, body.start)
        return [Edit(at, at, ending + new.removesuffix(ending))]
    close = line_start(text, body.end)
    if text[close : body.end].strip():
        raise Refused("the closing brace does not begin its line")
    apart = ending if len(lines) > 1 and (body.attributes or body.blocks) else ""
    return [Edit(close, close, apart + new)]


def _shape(text: str, body: Body, wanted: dict[int, list[tuple[tuple[Any, ...], str]]], depth: int = 0) -> Shape:
    """What a body says without where it says it. wanted: by a block's start, attributes it is to have."""
    if depth > _DEEPEST:
        raise Refused("nested too deeply")
    attributes = {each.name: text[each.expr[1] : each.expr[2]] for each in body.attributes}
    blocks = []
    for block in body.blocks:
        labels = tuple(label[0] for label in block.labels)
        inner = _shape(text, block.body, wanted, depth + 1)
        for keys, value in wanted.get(block.start, ()):
            inner = _given(inner, keys, value)
        blocks.append((block.type, labels, inner))
    return attributes, tuple(blocks)


def _given(shape: Shape, keys: Sequence[Any], value: str) -> Shape:
    attributes, blocks = shape
    if len(keys) == 1:
        return {**attributes, keys[0]: value}, blocks
    for number, (type, labels, inner) in enumerate(blocks):
        if type == keys[0]:
            return attributes, (*blocks[:number], (type, labels, _given(inner, keys[1:], value)), *blocks[number + 1 :])
    return attributes, (*blocks, (keys[0], (), _given(({}, ()), keys[1:], value)))
