"""RE2's pattern language, as Go's regexp/syntax reads it (Perl flavour), to a tree.

Nodes: ("one", Accept), ("empty",), ("at", word), ("cat", nodes), ("alt", nodes), ("group", number, node),
("repeat", node, least, most or None, greedy). Raises Wrong where RE2 refuses a pattern, Undecided where we do not run it.
"""

from __future__ import annotations

from typing import Any

from linter.parsers.terraform.errors import Wrong
from linter.parsers.terraform.re2_classes import ANYTHING, NAMED, PERL, Accept, Undecided, is_property

Node = tuple[Any, ...]
_SIMPLE = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_ANCHORS = {"A": "begin", "z": "end", "b": "word", "B": "not word"}
_DEPTH = 100
_REPEAT = 1000


def parse(pattern: str) -> tuple[Node, list[str | None]]:
    """The tree and the groups' names."""
    reader = _Reader(pattern)
    node = reader.alternatives(0)
    if reader.at < len(pattern):
        raise reader.refused()
    return node, reader.names


class _Reader:
    """One reading of one pattern. flags: those of `i m s U` that hold here."""

    __slots__ = ("at", "flags", "names", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.flags: frozenset[str] = frozenset()
        self.names: list[str | None] = []

    def refused(self) -> Wrong:
        return Wrong(f"the pattern {self.pattern[:40]!r} is not valid")

    def next(self, count: int = 1) -> str:
        return self.pattern[self.at : self.at + count]

    def alternatives(self, depth: int) -> Node:
        if depth > _DEPTH:
            raise Undecided
        branches: list[Node] = []
        while True:
            branches.append(self.sequence(depth))
            if self.next() != "|":
                return branches[0] if len(branches) == 1 else ("alt", branches)
            self.at += 1

    def sequence(self, depth: int) -> Node:
        nodes: list[Node] = []
        while self.at < len(self.pattern) and self.next() not in "|)":
            if self.next(2) == "\\Q":
                end = self.pattern.find("\\E", self.at)
                text = self.pattern[self.at + 2 : end if end >= 0 else None]
                self.at = end + 2 if end >= 0 else len(self.pattern)
                nodes.extend(self.one(ord(char)) for char in text)
                if text:
                    nodes[-1] = self.repeated(nodes[-1])
                continue
            atom = self.atom(depth)
            if atom is not None:
                nodes.append(self.repeated(atom))
        return nodes[0] if len(nodes) == 1 else ("cat", nodes) if nodes else ("empty",)

    def one(self, point: int) -> Node:
        return "one", Accept(((point, point),), caseless="i" in self.flags)

    def repeated(self, node: Node) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return node
        greedy = "U" not in self.flags
        if self.next() == "?":
            self.at += 1
            greedy = not greedy
        if self.bounds() is not None:
            raise self.refused()
        return "repeat", node, *bounds, greedy

    def bounds(self) -> tuple[int, int | None] | None:
        char = self.next()
        if char in ("*", "+", "?"):
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        if char != "{":
            return None
        end = self.pattern.find("}", self.at)
        least, comma, most = self.pattern[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not (least.isdigit() and least.isascii()) or (most and not (most.isdigit() and most.isascii())):
            return None
        if len(least) > 4 or len(most) > 4 or max(int(least), int(most or 0)) > _REPEAT:
            raise self.refused()
        self.at = end + 1
        if not comma:
            return int(least), int(least)
        if most and int(most) < int(least):
            raise self.refused()
        return int(least), int(most) if most else None

    def atom(self, depth: int) -> Node | None:
        char = self.next()
        if char == "(":
            return self.group(depth)
        if char == "[":
            return "one", self.klass()
        if char == "\\":
            return self.escape()
        if char in "*+?":
            raise self.refused()
        self.at += 1
        if char == ".":
            return "one", Accept(ANYTHING if "s" in self.flags else ((0, 9), (11, 0x10FFFF)))
        if char == "^":
            return "at", "line begin" if "m" in self.flags else "begin"
        if char == "$":
            return "at", "line end" if "m" in self.flags else "end"
        return self.one(ord(char))

    def group(self, depth: int) -> Node | None:
        outer = self.flags
        self.at += 1
        number = -1
        if self.next() == "?":
            if self.next(3) == "?P<" or (self.next(2) == "?<" and self.next(3)[2:] not in ("=", "!")):
                start = self.pattern.index("<", self.at) + 1
                end = self.pattern.find(">", start)
                name = self.pattern[start:end]
                if end < 0 or not name.replace("_", "a").isalnum() or not name.isascii() or name in self.names:
                    raise self.refused()
                self.at = end + 1
                self.names.append(name)
                number = len(self.names)
            elif self.switches():
                return None
        else:
            self.names.append(None)
            number = len(self.names)
        inner = self.alternatives(depth + 1)
        if self.next() != ")":
            raise self.refused()
        self.at += 1
        self.flags = outer
        return ("group", number, inner) if number > 0 else ("cat", [inner])

    def switches(self) -> bool:
        """`?i-s:` or `?i-s)` from its question mark; whether the group ends with it."""
        self.at += 1
        on, seen = True, False
        while True:
            char = self.next()
            self.at += 1
            if char in ("i", "m", "s", "U"):
                self.flags = self.flags | {char} if on else self.flags - {char}
                seen = True
            elif char == "-" and on:
                on, seen = False, False
            elif char in (":", ")") and (seen or on):
                if char == ")" and not seen:
                    raise self.refused()
                return char == ")"
            else:
                raise self.refused()

    def escape(self) -> Node:
        char = self.pattern[self.at + 1 : self.at + 2]
        if char in _ANCHORS:
            self.at += 2
            return "at", _ANCHORS[char]
        accept = Accept(caseless="i" in self.flags)
        if not self.special(accept):
            point = self.character()
            accept.ranges.append((point, point))
        return "one", accept

    def special(self, accept: Accept) -> bool:
        """Adds a `\\d`, `\\pL` or `\\P{Greek}` from its backslash."""
        char = self.pattern[self.at + 1 : self.at + 2]
        if char and char in "dwsDWS":
            self.at += 2
            accept.properties.append((char.isupper(), PERL[char.lower()]))
            return True
        if not char or char not in "pP":
            return False
        self.at += 2
        name = self.next()
        self.at += 1
        if name == "{":
            end = self.pattern.find("}", self.at)
            if end < 0:
                raise self.refused()
            name = self.pattern[self.at : end]
            self.at = end + 1
        negated = (char == "P") is not name.startswith("^")
        name = name.removeprefix("^")
        if not is_property(name):
            raise self.refused()
        accept.properties.append((negated, name))
        return True

    def character(self) -> int:
        """The code point of an escape, from its backslash."""
        char = self.pattern[self.at + 1 : self.at + 2]
        self.at += 2
        if char in _SIMPLE:
            return _SIMPLE[char]
        if char == "x":
            return self.hexadecimal()
        if char and (char == "0" or (char in "1234567" and self.next() and self.next() in "01234567")):
            digits = char
            while len(digits) < 3 and self.next() and self.next() in "01234567":
                digits += self.next()
                self.at += 1
            return int(digits, 8)
        if char and char.isascii() and not char.isalnum():
            return ord(char)
        raise self.refused()

    def hexadecimal(self) -> int:
        if self.next() == "{":
            end = self.pattern.find("}", self.at)
            digits = self.pattern[self.at + 1 : end] if end > 0 else ""
            self.at = end + 1
        else:
            digits = self.next(2)
            self.at += 2
            if len(digits) != 2:
                raise self.refused()
        try:
            point = int(digits, 16)
        except ValueError:
            raise self.refused() from None
        if not digits.isalnum() or point > 0x10FFFF:
            raise self.refused()
        return point

    def klass(self) -> Accept:
        """`[…]` from its bracket."""
        self.at += 1
        accept = Accept(caseless="i" in self.flags)
        if self.next() == "^":
            accept.negated = True
            self.at += 1
        first = True
        while first or self.next() != "]":
            if self.at >= len(self.pattern):
                raise self.refused()
            first = False
            if self.next(2) == "[:" and self.named(accept):
                continue
            if self.next() == "\\" and self.special(accept):
                continue
            low = high = self.member()
            if self.next() == "-" and self.next(2)[1:] not in ("]", ""):
                self.at += 1
                high = self.member()
            if high < low:
                raise self.refused()
            accept.ranges.append((low, high))
        self.at += 1
        return accept

    def named(self, accept: Accept) -> bool:
        end = self.pattern.find(":]", self.at + 2)
        if end < 0:
            return False
        name = self.pattern[self.at + 2 : end]
        if name.removeprefix("^") not in NAMED:
            raise self.refused()
        accept.properties.append((name.startswith("^"), NAMED[name.removeprefix("^")]))
        self.at = end + 2
        return True

    def member(self) -> int:
        if self.next() == "\\":
            return self.character()
        if not self.next():
            raise self.refused()
        self.at += 1
        return ord(self.pattern[self.at - 1])
