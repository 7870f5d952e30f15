# ruff: noqa: E501
"""Every node's text reads to that node again, whatever was written, and however it was laid out."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from linter.syntax import hcl

NAMES = ["a", "b-c", "_d", "été", "for", "in", "if", "null2", "x1"]
ROOTS = ["a", "b-c", "_d", "été", "in", "x1", "true", "null"]
NUMBERS = ["0", "12", "1.5", "2e3", "1E-2", "007"]
BLANKS = ["", " ", "  ", "\t", " /* c */ "]
BREAKS = ["", " ", "\n", " # c\n", "\r\n", "// c\n\n", "\n /* c\n c */ "]
PLAIN = ["", "x", "é 😀", r"\n\"\\", r"\u00e9\U0001F600", "$${x}", "%%{x}", "%d", "# // /*", "$ "]
OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"]


class Writer:
    """Writes expressions by chance. Each can stand wherever a term can, hence the parentheses around some."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.pick = chance.choice

    def expression(self, depth: int = 3) -> str:
        if depth <= 0 or not self.chance.randrange(5):
            return self.leaf(0)
        strings = (self.template, self.heredoc)
        terms = (self.call, self.traversal, self.grouped, self.operation)
        return self.pick((*strings, *terms, self.tuple, self.object, self.loop))(depth - 1)

    def some(self, write: Callable[[], str], most: int = 3) -> list[str]:
        return [write() for _ in range(self.chance.randint(0, most))]

    def leaf(self, depth: int) -> str:
        return self.pick([*ROOTS, *NUMBERS, f'"{self.pick(PLAIN)}"'])

    def grouped(self, depth: int) -> str:
        return f"({self.pick(BREAKS)}{self.expression(depth)}{self.pick(BREAKS)})"

    def operation(self, depth: int) -> str:
        one, two, three = (self.expression(depth) for _ in range(3))
        gap = self.pick(BREAKS)
        conditional = f"({one}{gap} ? {two} : {gap}{three})"
        return self.pick([f"({one} {self.pick(OPERATORS)} {gap}{two})", conditional, f"-{one}", f"! {one}"])

    def traversal(self, depth: int) -> str:
        inner = self.expression(depth)
        steps = [
            f".{self.pick(NAMES)}",
            ".0[0]",
            "[0]",
            "[*]",
            '["k"]',
            ".*.a[0]",
            f"[{self.pick(BREAKS)}{inner}{self.pick(BREAKS)}]",
        ]
        return self.pick([*ROOTS, f"({inner})"]) + "".join(self.pick(steps) for _ in range(self.chance.randint(1, 3)))

    def call(self, depth: int) -> str:
        name = self.pick(ROOTS) + self.pick(["", "::f", "::g::h", " "])
        arguments = self.some(lambda: self.expression(depth) + self.pick(BREAKS))
        return f"{name}({','.join(arguments)}{self.pick(['', ',', '...']) if arguments else ''})"

    def tuple(self, depth: int) -> str:
        return f"[{','.join(self.some(lambda: self.pick(BREAKS) + self.expression(depth)))}{self.pick(BREAKS)}]"

    def object(self, depth: int) -> str:
        keys = [*ROOTS, '"k"', "(a)", "a.b", "1", f"({self.expression(0)})"]
        items = self.some(lambda: f"{self.pick(keys)}{self.pick(BLANKS)}{self.pick('=:')} {self.expression(depth)}")
        return self.pick(["{" + ", ".join(items) + "}", "{\n" + "\n\n".join(items) + " # c\n}"])

    def loop(self, depth: int) -> str:
        one, two, three = (self.expression(depth) for _ in range(3))
        head = f"for {self.pick(['x', 'k, v', 'in'])} in {one}{self.pick(BREAKS)} : {two}"
        end = self.pick(["", f" if {three}"])
        return self.pick([f"[{head}{end}]", f"{{{head} => {three}{self.pick(['', '...'])}{end}}}"])

    def parts(self, depth: int) -> str:
        def sequence() -> str:
            return f"${{{self.pick(['', '~'])}{self.pick(BREAKS)}{self.expression(depth)}{self.pick(BREAKS)}{self.pick(['', '~'])}}}"

        def directive() -> str:
            other = self.pick(["", f"%{{ else ~}}{sequence()}"])
            branch = f"%{{~ if {self.expression(depth)} }}{self.pick(PLAIN)}{other}%{{endif ~}}"
            return self.pick([branch, f"%{{ for k, v in {self.expression(depth)} }}{sequence()}%{{ endfor }}"])

        return "".join(self.some(lambda: self.pick([self.pick(PLAIN), sequence(), directive()]), 4))

    def template(self, depth: int) -> str:
        return f'"{self.parts(depth)}"'

    def heredoc(self, depth: int) -> str:
        lines = self.some(lambda: f"  {self.parts(depth)}\n")
        return f"({self.pick(['<<E', '<<-E'])}{self.pick([chr(10), chr(13) + chr(10)])}{''.join(lines)} E\n)"


seeds = st.integers(0, 2**64).map(random.Random)


def moved(node: object, by: int) -> object:
    if not isinstance(node, tuple):
        return node
    if len(node) > 2 and isinstance(node[0], str) and type(node[1]) is int:
        return (node[0], node[1] + by, node[2] + by, *(moved(part, by) for part in node[3:]))
    return tuple(moved(part, by) for part in node)


def places(node: hcl.Expr) -> list[hcl.Expr]:
    """The nodes whose text is an expression: not a template's literals and directives, not an object's bare keys."""
    pieces = {id(part) for found in hcl.nodes(node) for part in literals(found)}
    return [found for found in hcl.nodes(node) if id(found) not in pieces]


def literals(node: hcl.Expr) -> list[hcl.Expr]:
    if node[0] == "object":
        return [key for key, _ in node[3] if key[0] == "lit"]
    parts = {"tmpl": node[3:4], "t_if": node[4:6], "t_for": node[6:7]}.get(node[0], ())
    directive = [node] if node[0] in ("t_if", "t_for") else []
    return directive + [part for group in parts for part in group or () if part[0] in ("lit", "t_if", "t_for")]


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_the_text_of_every_node_reads_to_that_node(chance: random.Random) -> None:
    text = Writer(chance).expression()
    tree = hcl.parse_expression(text)
    assert tree[:3] == (tree[0], 0, len(text)), tree
    assert tree[0] != "error"
    for node in places(tree):
        _, start, end, *_ = node
        assert hcl.parse_expression(text[start:end] + "\n", start) == node
        assert moved(hcl.parse_expression(text[start:end] + "\n"), start) == node


@settings(max_examples=200, deadline=None)
@given(seeds, st.sampled_from(["\n", "\r\n", " # c\n", " // c\r\n", "\n\n  \n"]))
def test_a_file_holds_the_expressions_written_in_it(chance: random.Random, ending: str) -> None:
    texts = [Writer(chance).expression() for _ in range(chance.randint(1, 4))]
    lines = [f"  n{i} = {text}{ending}" for i, text in enumerate(texts)]
    text = f'b "l" {{{ending}' + "".join(lines) + "}\n" + "".join(line.strip(" ") for line in lines)
    root = hcl.parse(0, text)
    assert root.problems == []
    (block,) = root.blocks
    for attributes in (root.attributes, block.body.attributes):
        assert [a.name for a in attributes] == [f"n{i}" for i in range(len(texts))]
        for attribute, written in zip(attributes, texts, strict=True):
            assert text[attribute.name_start : attribute.name_end] == attribute.name
            assert text[attribute.expr[1] : attribute.expr[2]] == written
            assert attribute.expr == hcl.parse_expression(written + "\n", attribute.expr[1])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), seeds)
def test_any_text_is_read(text: str, chance: random.Random) -> None:
    pieces = [text, "a = ", "b {\n", "}", '"', "${", "<<E\n", "\nE\n", "[", "(", "\n", "\r", "/*", "#", "\0", "é"]
    text = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 30)))
    root = hcl.parse(3, text)
    assert (root.source, root.start, root.end) == (3, 0, len(text))
    assert hcl.parse_expression(text)[1] >= 0
