"""JSON documents that Terraform writes as text: parsed, with the places of what was written.

A text may come from jsonencode (then its value has its places), from a heredoc or quoted template (then places are
carried over from the text's offsets), or from elsewhere (then its place is the expression's).
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown
from linter.parsers.terraform.evaluate import guarded
from linter.parsers.terraform.json_text import Encoded, EncodedUnknown, FileText, Rendered, RenderedUnknown
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.scope import Expr, Scope
from linter.parsers.terraform.values import Wrong, derived, to_string
from linter.syntax import json

_HOLE = 0xE000
_HOLES = 0x1900
_FOLLOWED = 20


def document(value: Any, node: Expr | None, module: Module | None, scope: Scope | None, span: Span) -> Any:
    """The value a JSON text stands for: Map, Seq, scalar, or Unknown; None where it is known not to be JSON.

    value: the text, as evaluated. node, scope: the expression that gave it, and where it stands.
    """
    if isinstance(value, (Encoded, EncodedUnknown)):
        return value.tree
    if isinstance(value, (Map, Seq)):
        return value
    text = _text(value, node, module, scope, span)
    if text is None:
        return value if isinstance(value, Unknown) else None
    joined = "".join(text.pieces)
    if "{" not in joined and not text.holes:
        return None
    loaded = json.load(text.source, joined)
    if not loaded.documents:
        loaded = json.load(text.source, _without_last_commas(joined))
    if loaded.documents:
        return _carried(loaded.documents[0].value, text)
    if isinstance(value, Unknown):
        return value
    return text.holes[0] if text.holes else None


def _without_last_commas(text: str) -> str:
    """The text with a blank for each comma before a closing bracket: no JSON, but there is no doubt what it means."""
    import re

    return re.sub(r'("[^"\\]*(?:\\.[^"\\]*)*")|,(?=[ \t\r\n]*[\]}])', lambda found: found[1] or " ", text)


def documents(value: Any, node: Expr | None, module: Module | None, scope: Scope | None, span: Span) -> list[Any]:
    """The values of the documents that a YAML text holds; one Unknown where the text is not known."""
    from linter.syntax import yaml

    if isinstance(value, (Encoded, EncodedUnknown)):
        return [value.tree]
    text = _text(value, node, module, scope, span)
    if text is None:
        return [value] if isinstance(value, Unknown) else []
    loaded = yaml.load(text.source, "".join(text.pieces), "1.1")
    if loaded.problems:
        return [text.holes[0] if text.holes else Unknown("expression", "a YAML text that cannot be read")]
    return [_carried(document.value, text) for document in loaded.documents]


def _text(value: Any, node: Expr | None, module: Module | None, scope: Scope | None, span: Span) -> _Text | None:
    """The template a value was written as, else the value's own text, all of which is at the span."""
    if isinstance(value, (Rendered, RenderedUnknown)) and module is not None:
        tree, inner = value.template
        return _template(tree, inner, module.world.texts)
    if isinstance(value, FileText):
        text = _Text((value.source, 0, len(value)))
        text.pieces.append(value)
        text.stretches.append((0, len(value), 0, len(value)))
        return text
    if node is not None and module is not None and scope is not None:
        node, scope = _origin(node, scope, module)
        if node[0] == "lit" or node[0] == "tmpl":
            text = _template(node, scope, module.world.texts)
            if not text.holes or not isinstance(value, str):
                return text
    if not isinstance(value, str):
        return None
    text = _Text(span)
    text.pieces.append(value)
    text.stretches.append((0, len(value), span[1], span[2] - span[1]))
    return text


def _origin(node: Expr, scope: Scope, module: Module) -> tuple[Expr, Scope]:
    """The template behind parentheses and local values."""
    for _ in range(_FOLLOWED):
        if node[0] == "wrap" or node[0] == "paren":
            node = node[3]
        elif node[0] == "attr" and node[3][0] == "var" and node[3][3] == "local":
            found = module.folder.locals.get(node[4])
            if found is None:
                break
            node, scope = found[1].expr, module.scope(found[0])
        else:
            break
    return node, scope


class _Text:
    """A template's text with a private character for each unknown, and where each stretch of it was written."""

    __slots__ = ("end", "holes", "pieces", "source", "start", "stretches")

    def __init__(self, span: Span) -> None:
        self.source, self.start, self.end = span
        self.pieces: list[str] = []
        self.holes: list[Unknown] = []
        # (offset in the text, length, offset in the source, length there): equal lengths map offset by offset
        self.stretches: list[tuple[int, int, int, int]] = []

    def piece(self, part: Expr, scope: Scope) -> str:
        value = (
            guarded(part, scope) if part[0] not in ("t_if", "t_for") else guarded(("tmpl", *part[1:3], (part,)), scope)
        )
        try:
            text = to_string(value)
        except Wrong as error:
            text = Unknown("expression", str(error))
        if isinstance(text, str):
            return text
        if len(self.holes) >= _HOLES:
            return ""
        self.holes.append(text if isinstance(text, Unknown) else Unknown("expression", "null in a template"))
        return chr(_HOLE + len(self.holes) - 1)

    def lines(self, written: str, position: int, piece: str, start: int, end: int) -> None:
        """Text lines end where source lines end: what differs is removed indentation, or a heredoc's first line."""
        if not written:
            self.stretches.append((position, len(piece), start, end - start))
            return
        if written.startswith("<<") and "\n" in written:
            first = written.index("\n") + 1
            written, start = written[first:], start + first
        elif written[:1] == '"' and written[1:-1] == piece:
            written, start = piece, start + 1
        sources = written.splitlines(keepends=True)
        for number, line in enumerate(piece.splitlines(keepends=True)):
            other = sources[number] if number < len(sources) else ""
            skip = len(other.rstrip("\r\n")) - len(line.rstrip("\r\n"))
            if skip >= 0 and other.rstrip("\r\n").endswith(line.rstrip("\r\n")):
                self.stretches.append((position, len(line), start + skip, len(line)))
            else:
                self.stretches.append((position, len(line), start, len(other)))
            position += len(line)
            start += len(other)

    def at(self, offset: int, ending: bool) -> int:
        """The source offset of a text offset."""
        low, high = 0, len(self.stretches)
        while low < high:
            middle = (low + high) // 2
            begin, length, _, _ = self.stretches[middle]
            if begin + length < offset or (begin + length == offset and not ending):
                low = middle + 1
            else:
                high = middle
        if low >= len(self.stretches):
            return self.end
        found: tuple[int, int, int, int] = self.stretches[low]
        begin, length, start, written = found
        if length == written:
            return start + max(offset - begin, 0)
        return start + written if ending else start


def _template(node: Expr, scope: Scope, texts: dict[int, str]) -> _Text:
    text = _Text((scope.source, node[1], node[2]))
    position = 0
    for part in node[3] if node[0] == "tmpl" else (node,):
        piece = text.piece(part, scope)
        if part[0] == "lit" and isinstance(part[3], str):
            text.lines(texts.get(scope.source, "")[part[1] : part[2]], position, piece, part[1], part[2])
        else:
            text.stretches.append((position, len(piece), part[1], part[2] - part[1]))
        text.pieces.append(piece)
        position += len(piece)
    return text


def _carried(value: Any, text: _Text) -> Any:
    """The value with its places in the source instead of in the text."""
    if isinstance(value, str):
        return _filled(value, text)
    if isinstance(value, Map):
        table = Map(_span(value.span, text))
        for key, item in value.items():
            filled = _filled(key, text)
            if isinstance(filled, Unknown):
                table.open = filled
                continue
            table[filled] = _carried(item, text)
            table.at[filled] = _entry(value.at[key], text)
        return table
    if isinstance(value, Seq):
        listed = Seq(_span(value.span, text))
        listed.extend(_carried(item, text) for item in value)
        listed.at.extend(_entry(entry, text) for entry in value.at)
        return listed
    return value


def _filled(value: str, text: _Text) -> Any:
    if text.holes:
        for position, char in enumerate(value):
            if _HOLE <= ord(char) < _HOLE + len(text.holes):
                unknown = text.holes[ord(char) - _HOLE]
                return derived(unknown, "string", prefix=value[:position] + unknown.prefix, not_null=True)
    return value


def _span(span: Span, text: _Text) -> Span:
    return text.source, text.at(span[1], False), text.at(span[2], True)


def _entry(entry: Entry, text: _Text) -> Entry:
    start, end = text.at(entry[3], False), text.at(entry[4], True)
    if entry[1] == entry[2]:
        return text.source, start, start, start, end
    return text.source, text.at(entry[1], False), text.at(entry[2], True), start, end
