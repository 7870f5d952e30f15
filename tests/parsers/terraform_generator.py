"""Terraform expressions, as many as wanted, the same for the same seed on every Python: nested, typed, partly wrong."""

from __future__ import annotations

import random
import re
from functools import cache

from tests.parsers.terraform_grammar import GRAMMAR

SEED = 20240611
COUNT = 4800
_MISTAKEN = 0.2
_LONGEST = 600
_KIND = re.compile(r"<([a-zA-Z0-9]+)>")
_WRONG = (
    "null", "[]", "{}", '"a"', "true", "-1", "1.5", "[null]", '["a", 1]', "{a = 1}", "<any>", "<s>", "<n>", "<S>", "<obj>",
)  # fmt: skip


def expressions(count: int = COUNT, seed: int = SEED) -> list[str]:
    """The first `count` different expressions of a seed."""
    maker = _Maker(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        text = maker.expression()
        if len(text) <= _LONGEST:
            found[text] = None
    return list(found)


@cache
def grammar() -> dict[str, tuple[list[str], list[str]]]:
    """Kind → (leaves, all productions)."""
    kinds: dict[str, tuple[list[str], list[str]]] = {}
    for block in GRAMMAR.strip("\n").split("\n\n"):
        name, *lines = block.split("\n")
        leaves, everything = kinds.setdefault(name, ([], []))
        for line in lines:
            text = line[1:] if line.startswith(".") else line
            if line.startswith("."):
                leaves.append(text)
            everything.append(text)
    return kinds


class _Maker:
    """Only random() is used: it alone is promised to give the same numbers in every version."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random
        self.wrong = -1

    def pick(self, choices: list[str] | tuple[str, ...]) -> str:
        return choices[int(self.random() * len(choices))]

    def expression(self) -> str:
        self.wrong = int(self.random() * 4) + 1 if self.random() < _MISTAKEN else -1
        return self.made("root", 1 + int(self.random() * 4)).strip("\n")

    def made(self, kind: str, depth: int) -> str:
        leaves, everything = grammar()[kind]
        if kind.isalpha() and kind in ("s", "n", "b", "S", "N", "St", "Nt", "msA", "any", "int"):
            self.wrong -= 1
            if self.wrong == 0:
                return self.filled(self.pick(_WRONG), depth - 1)
        text = self.pick(leaves if depth <= 0 and leaves else everything)
        if kind == "heredoc":
            text = text.replace("\\n", "\n")
        return self.filled(text, depth if kind == "root" else depth - 1)

    def filled(self, text: str, depth: int) -> str:
        pieces = _KIND.split(text)
        for at in range(1, len(pieces), 2):
            name = pieces[at]
            if name in grammar():
                pieces[at] = self.operand(name, depth, pieces[at - 1], pieces[at + 1])
            else:
                pieces[at] = f"<{name}>"
        return "".join(pieces)

    def operand(self, kind: str, depth: int, before: str, after: str) -> str:
        """Parentheses where what stands beside it would bind tighter than the operand's own operators."""
        made = self.made(kind, depth)
        bound = before.endswith(("+ ", "- ", "* ", "/ ", "% ", "-", "!", "< ", "> ", "= ", "& ", "| ", "? ")) or (
            after.startswith((".", "[", " +", " -", " *", " /", " %", " <", " >", " =", " !", " &", " |", " ?"))
        )
        plain = re.fullmatch(r'[\w.]+|"[^"${%]*"|[a-z]\w*\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}', made)
        return made if plain or not bound or kind in ("df", "width", "word1", "flag") else f"({made})"
