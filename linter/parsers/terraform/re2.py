"""Matching of RE2 patterns in linear time: Thompson's simulation with captures (Pike), leftmost and first wins.

Python's own engine backtracks, so a scanned pattern could keep it busy for ever, and differs in what it calls a match.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from linter.parsers.terraform.re2_classes import Undecided
from linter.parsers.terraform.re2_syntax import Node, parse

_PROGRAM_LIMIT = 5_000
_WORK_LIMIT = 400_000
_PATTERN_LIMIT = 2_000
_ONE, _SPLIT, _JUMP, _SAVE, _AT, _MATCH = range(6)

Found = tuple[int, ...]
"""Start and end of the match and of each group, -1 where a group took no part."""


class Pattern:
    """A compiled pattern. names: of its groups, None for those without. budget: steps it may still take."""

    __slots__ = ("budget", "code", "names")

    def __init__(self, code: list[tuple[Any, ...]], names: list[str | None]) -> None:
        self.code = code
        self.names = names
        self.budget = _WORK_LIMIT

    def search(self, text: str, start: int) -> Found | None:
        """The leftmost match from an offset on. Raises Undecided where that takes too long."""
        code = self.code
        threads: list[tuple[int, Found]] = []
        found: Found | None = None
        nothing = (-1,) * (2 * len(self.names) + 2)
        for at in range(start, len(text) + 1):
            if not threads and found is not None:
                break
            seen: set[int] = set()
            following: list[tuple[int, Found]] = []
            self._follow(threads, seen, following, text, at)
            if found is None:
                self._follow([(0, nothing)], seen, following, text, at)
            self.budget -= len(seen) + 1
            if self.budget < 0:
                raise Undecided
            char = text[at : at + 1]
            threads = []
            for pc, marks in following:
                step = code[pc]
                if step[0] == _MATCH:
                    found = marks
                    break
                if char and step[1](char):
                    threads.append((pc + 1, marks))
        return found

    def _follow(
        self, threads: list[tuple[int, Found]], seen: set[int], out: list[tuple[int, Found]], text: str, at: int
    ) -> None:
        """Adds the steps that read a character, in order of preference, each once."""
        code = self.code
        stack = threads[::-1]
        while stack:
            pc, marks = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            step = code[pc]
            op = step[0]
            if op in (_ONE, _MATCH):
                out.append((pc, marks))
            elif op == _SPLIT:
                stack.append((step[2], marks))
                stack.append((step[1], marks))
            elif op == _JUMP:
                stack.append((step[1], marks))
            elif op == _SAVE:
                stack.append((pc + 1, (*marks[: step[1]], at, *marks[step[1] + 1 :])))
            elif _holds(step[1], text, at):
                stack.append((pc + 1, marks))

    def everywhere(self, text: str) -> list[Found]:
        """All matches; none is empty right after another one."""
        matches: list[Found] = []
        at, last = 0, -1
        while at <= len(text):
            found = self.search(text, at)
            if found is None:
                break
            if found[1] > at or found[0] != last:
                matches.append(found)
            last = found[1]
            at = found[1] if found[1] > at else at + 1
        return matches


def _word(text: str, at: int) -> bool:
    char = text[at : at + 1]
    return char.isascii() and (char.isalnum() or char == "_")


def _holds(anchor: str, text: str, at: int) -> bool:
    if anchor == "begin":
        return at == 0
    if anchor == "end":
        return at == len(text)
    if anchor == "line begin":
        return at == 0 or text[at - 1] == "\n"
    if anchor == "line end":
        return at == len(text) or text[at] == "\n"
    boundary = (at > 0 and _word(text, at - 1)) is not _word(text, at)
    return boundary is (anchor == "word")


@lru_cache(64)
def _program(pattern: str) -> tuple[list[tuple[Any, ...]], list[str | None]]:
    if len(pattern) > _PATTERN_LIMIT:
        raise Undecided
    tree, names = parse(pattern)
    code: list[tuple[Any, ...]] = [(_SAVE, 0)]
    _emit(tree, code)
    code += [(_SAVE, 1), (_MATCH,)]
    return code, names


def compiled(pattern: str) -> Pattern:
    """Raises Wrong where RE2 refuses the pattern, Undecided where it is too large for us."""
    return Pattern(*_program(pattern))


def _emit(node: Node, code: list[tuple[Any, ...]]) -> None:
    if len(code) > _PROGRAM_LIMIT:
        raise Undecided
    op = node[0]
    if op == "one":
        code.append((_ONE, node[1]))
    elif op == "at":
        code.append((_AT, node[1]))
    elif op == "cat":
        for each in node[1]:
            _emit(each, code)
    elif op == "alt":
        _emit_alternatives(node[1], code)
    elif op == "group":
        code.append((_SAVE, 2 * node[1]))
        _emit(node[2], code)
        code.append((_SAVE, 2 * node[1] + 1))
    elif op == "repeat":
        _, inner, least, most, greedy = node
        _emit_repeat(inner, least, most, greedy, code)


def _emit_alternatives(nodes: list[Node], code: list[tuple[Any, ...]]) -> None:
    jumps: list[int] = []
    for node in nodes[:-1]:
        split = len(code)
        code.append(())
        _emit(node, code)
        jumps.append(len(code))
        code.append(())
        code[split] = (_SPLIT, split + 1, len(code))
    _emit(nodes[-1], code)
    for at in jumps:
        code[at] = (_JUMP, len(code))


def _emit_repeat(node: Node, least: int, most: int | None, greedy: bool, code: list[tuple[Any, ...]]) -> None:
    for _ in range(least - 1 if most is None else least):
        _emit(node, code)
    if most is None:
        if least:
            _emit_plus(node, greedy, code)
        elif _nullable(node):
            _emit_optional(node, 1, greedy, code, plus=True)
        else:
            split = len(code)
            code.append(())
            _emit(node, code)
            code.append((_JUMP, split))
            code[split] = _choice(split + 1, len(code), greedy)
    elif most > least:
        _emit_optional(node, most - least, greedy, code)


def _emit_plus(node: Node, greedy: bool, code: list[tuple[Any, ...]]) -> None:
    start = len(code)
    _emit(node, code)
    code.append(_choice(start, len(code) + 1, greedy))


def _emit_optional(node: Node, times: int, greedy: bool, code: list[tuple[Any, ...]], plus: bool = False) -> None:
    """(x(x)?)?, as often; with plus, (x+)?."""
    splits: list[int] = []
    for _ in range(times):
        splits.append(len(code))
        code.append(())
        if plus:
            _emit_plus(node, greedy, code)
        else:
            _emit(node, code)
    for at in splits:
        code[at] = _choice(at + 1, len(code), greedy)


def _choice(first: int, second: int, greedy: bool) -> tuple[int, int, int]:
    return (_SPLIT, first, second) if greedy else (_SPLIT, second, first)


def _nullable(node: Node) -> bool:
    op = node[0]
    if op == "cat":
        return all(map(_nullable, node[1]))
    if op == "alt":
        return any(map(_nullable, node[1]))
    if op == "group":
        return _nullable(node[2])
    return op in ("empty", "at") or (op == "repeat" and (node[2] == 0 or _nullable(node[1])))
