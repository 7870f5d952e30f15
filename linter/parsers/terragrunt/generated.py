"""Terraform files that Terragrunt writes: `generate` blocks and the backend of `remote_state`, with their own places.

What is generated is read like any file, and everything in it is placed where the `contents` of the block has it, so
that a finding points at the line someone wrote.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from linter.model import Artifact, Entry, Map, Problem, Seq, Source, Unknown
from linter.parsers.terraform.evaluate import guarded
from linter.parsers.terraform.scope import Expr, Scope
from linter.parsers.terraform.values import derived, to_string
from linter.parsers.terragrunt.paths import MARK, published
from linter.records import NamedTuple
from linter.syntax import hcl
from linter.syntax.hcl import Attribute, Block, Body
from linter.trees import whole

_HOLE = "opslint__unknown__"
_LIMIT = 200_000
_DEPTH = 100


class Segment(NamedTuple):
    """Generated text from `at` on is the source's from `start` on; up to `end`, as a whole where not exact."""

    at: int
    start: int
    end: int
    exact: bool


class Rendered:
    """Generated text, where its pieces are written, and the unknown values that holes in it stand for."""

    __slots__ = ("holes", "length", "pieces", "segments", "starts")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.segments: list[Segment] = []
        self.starts: list[int] = []
        self.holes: list[Unknown] = []

    def add(self, text: str, start: int, end: int, exact: bool) -> None:
        if text:
            self.segments.append(Segment(self.length, start, end, exact))
            self.starts.append(self.length)
            self.pieces.append(text)
            self.length += len(text)

    def start(self, offset: int) -> int:
        segment = self.segments[max(0, bisect_right(self.starts, offset) - 1)]
        return min(segment.start + offset - segment.at, segment.end) if segment.exact else segment.start

    def end(self, offset: int) -> int:
        segment = self.segments[max(0, bisect_right(self.starts, max(0, offset - 1)) - 1)]
        return min(segment.start + offset - segment.at, segment.end) if segment.exact else segment.end


def render(expr: Expr, scope: Scope, text: str) -> Rendered | None:
    """The text an expression gives; None where it is unknown as a whole."""
    result = Rendered()
    for part in expr[3] if expr[0] == "tmpl" else (expr,):
        if part[0] == "lit" and isinstance(part[3], str):
            _literal(result, part, text)
            continue
        value = guarded(("tmpl", part[1], part[2], (part,)) if part[0] in ("t_if", "t_for") else part, scope)
        value = value if isinstance(value, Unknown) else to_string(value) if not isinstance(value, (Map, Seq)) else None
        if value is None or (isinstance(value, Unknown) and expr[0] != "tmpl"):
            return None
        if isinstance(value, Unknown):
            result.holes.append(value)
            value = f"{_HOLE}{len(result.holes) - 1}__"
        result.add(value, part[1], part[2], False)
    return result if result.segments and result.length < _LIMIT else None


def _literal(result: Rendered, part: Expr, text: str) -> None:
    """Line by line, since a heredoc may have lost its indentation."""
    start, end, value = part[1], part[2], part[3]
    if text.startswith("<<", start):
        start = text.find("\n", start, end) + 1
    written = text[start:end]
    if written == value:
        result.add(value, start, end, True)
        return
    lines, sources = value.splitlines(keepends=True), written.splitlines(keepends=True)
    aligned = len(lines) <= len(sources) and all(
        source.endswith(line) or source.rstrip().endswith(line.rstrip())
        for line, source in zip(lines, sources, strict=False)
    )
    if not aligned:
        result.add(value, part[1], part[2], False)
        return
    for line, source in zip(lines, sources, strict=False):
        indent = max(0, len(source) - len(line))
        result.add(line, start + indent, start + len(source), True)
        start += len(source)


def artifact(path: str, source: Source, rendered: Rendered) -> Artifact:
    """A generated file, placed in the source that holds its contents."""
    tree = hcl.parse(source.index, "".join(rendered.pieces))
    problems = [Problem(p.message, rendered.start(p.start), rendered.end(p.end), p.remedy) for p in tree.problems]
    return Artifact(path, "terraform", source, _Mover(rendered).body(tree), [] if rendered.holes else problems)


class _Mover:
    """Copies a tree with every offset moved to where the text is written."""

    __slots__ = ("rendered",)

    def __init__(self, rendered: Rendered) -> None:
        self.rendered = rendered

    def body(self, old: Body) -> Body:
        start, end = self.rendered.start, self.rendered.end
        new = Body(old.source, start(old.start))
        new.end = max(new.start, end(old.end))
        for name, name_start, name_end, expr in old.attributes:
            new.attributes.append(Attribute(name, start(name_start), end(name_end), self.expr(expr)))
        for block in old.blocks:
            labels = tuple((text, start(at), end(to)) for text, at, to in block.labels)
            word = start(block.type_start), end(block.type_end)
            body = self.body(block.body)
            new.blocks.append(Block(block.type, *word, labels, body, start(block.start), end(block.end)))
        return new

    def expr(self, node: Any, depth: int = 0) -> Any:
        if not isinstance(node, tuple) or not node:
            return node
        if len(node) < 3 or not isinstance(node[0], str) or not isinstance(node[1], int):
            return tuple(self.expr(child, depth + 1) for child in node)
        start, end = self.rendered.start(node[1]), self.rendered.end(node[2])
        if node[0] in ("lit", "var") and isinstance(node[3], str):
            return "lit" if node[0] == "lit" or _HOLE in node[3] else "var", start, end, self._filled(node[3])
        if depth > _DEPTH:
            return "error", start, end, "a deeply nested expression"
        return (node[0], start, end, *(self.expr(child, depth + 1) for child in node[3:]))

    def _filled(self, text: str) -> Any:
        at = text.find(_HOLE)
        if at < 0:
            return published(text) if MARK in text else text
        number = whole(text[at + len(_HOLE) :].partition("__")[0])
        holes = self.rendered.holes
        if number is None or number >= len(holes):
            return text
        hole = holes[number]
        alone = text == f"{_HOLE}{number}__"
        return hole if alone else derived(hole, "string", prefix=text[:at], not_null=True)


def backend(state: Map, place: Entry, source: Source, version: Any) -> Artifact | None:
    """`remote_state` as the override file it amounts to: a terraform block with that backend.

    place: the block's handle and extent. version: of Terraform, that the configuration requires besides its module;
    None where it says nothing. None where it is not even known what the backend is.
    """
    kind, config = state.get("backend"), state.get("config")
    if not isinstance(kind, str) or not isinstance(config, Map) or config.open is not None:
        return None
    index, start, end, block_start, block_end = place
    inner = Body(index, block_start)
    inner.end = block_end
    coarse = state.at["config"][1:]
    for key, value in config.items():
        at = config.at[key]
        name_start, name_end, value_start, value_end = at[1:] if at[0] == index else coarse
        node = ("lit", value_start, value_end, published(value))
        inner.attributes.append(Attribute(str(key), name_start, name_end, node))
    written = state.at["backend"]
    label = (kind, written[3], written[4]) if written[0] == index else (kind, start, end)
    outer = Body(index, block_start)
    outer.end = block_end
    if version is not None:
        outer.attributes.append(Attribute("required_version", start, end, ("lit", start, end, version)))
    outer.blocks.append(Block("backend", start, end, (label,), inner, block_start, block_end))
    tree = Body(index, 0)
    tree.blocks.append(Block("terraform", start, end, (), outer, block_start, block_end))
    return Artifact("remote_state_override.tf", "terraform", source, tree, [])
