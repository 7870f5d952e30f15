"""What a mistake costs: the item it is in, with a problem at its place, and never the time of the rest."""

from __future__ import annotations

import random
import sys
import time
from typing import Any

import pytest

from linter.syntax import hcl


def outline(body: hcl.Body) -> dict[str, Any]:
    """Attributes by name (`!` where unreadable, else the operation) and blocks by their header."""
    found: dict[str, Any] = {a.name: "!" if a.expr[0] == "error" else a.expr[0] for a in body.attributes}
    for block in body.blocks:
        found[" ".join([block.type, *(label for label, _, _ in block.labels)])] = outline(block.body)
    return found


R = {"a": "lit", "z": "lit"}


@pytest.mark.parametrize(
    ("line", "kept", "marked"),
    [
        ("m = 10.0.0.0", "!", "10.0.0.0"),
        ("m = ", "!", ""),
        ("m = )", "!", ")"),
        ("m = 'x'", "!", "'"),
        ("m = `x`", "!", "`"),
        ("m = 1 2", "!", "2"),
        ("m = 0x10", "!", "x"),
        ("m = 1,", "lit", ","),
        ("m = 1;", "lit", ";"),
        ('m = "x', "!", '"x'),
        ('m = "x\\', "!", '"x\\'),
        ('m = "\\q"', "!", "\\q"),
        ('m = "\\u12"', "!", "\\u"),
        ('m = "\\ud800"', "!", "\\ud800"),
        ('m = "${x"', "!", "${x"),
        ('m = "${x y}"', "!", "${x "),
        ('m = "${}"', "!", "}"),
        ('m = "%{ if x }"', "!", "%{ if x }"),
        ('m = "%{ endif }"', "!", "%{ endif }"),
        ('m = "%{ what }"', "!", "%{ what"),
        ("m = [1 2]", "!", "2"),
        ("m = [1,\n    2 3\n  ]", "!", "3"),
        ("m = [1, 2", "!", "z"),
        ("m = (1", "!", "z"),
        ("m = f(1", "!", "z"),
        ("m = f(1 2)", "!", "2"),
        ("m = f(1..., 2)", "!", ","),
        ("m = { x = 1 y = 2 }", "!", "y"),
        ("m = {\n    x = 1 y = 2\n    w = 3\n  }", "!", "y"),
        ("m = x.", "!", "."),
        ("m = x.0.1", "!", "0.1"),
        ("m = x.*.*", "!", ".*"),
        ("m = x[0", "!", "z"),
        ("m = x[*", "!", "\n"),
        ("m = x ? 1", "!", "\n"),
        ("m = a::b", "!", "\n"),
        ("m = [for x in y : x => z]", "!", "[for x in y : x => z]"),
        ("m = {for x in y : x}", "!", "{for x in y : x}"),
        ("m = [for x : y]", "!", " "),
        ("m = <<E\n  x", "!", "<<E\n"),
        ("m = 1 + /* x", "!", "/*"),
        ("m = @", "!", "@"),
        ("m = \x00", "!", "\x00"),
        ("m = “x”", "!", "“"),
    ],
)
def test_a_bad_value_costs_its_attribute(line: str, kept: str, marked: str) -> None:
    text = f'r "x" {{\n  a = 1\n  {line}\n  z = 26\n}}\ns "y" {{\n  b = 2\n}}\n'
    found = hcl.parse(0, text)
    assert outline(found) == {"r x": {"a": "lit", "m": kept, "z": "lit"}, "s y": {"b": "lit"}}
    problem = found.problems[0]
    assert problem.message and problem.remedy.endswith(".")
    assert text[problem.start : problem.end].startswith(marked) if marked else problem.start == problem.end
    attribute = found.blocks[0].body.attributes[1]
    if kept == "!":
        _, start, end, message = attribute.expr
        assert text[start:end] == text[start:end].strip()
        assert message == problem.message
        assert start == text.index("m =") + 4
        if len(found.problems) == 1 and marked != "<<E\n":
            assert text[start:end] == line[4:]


@pytest.mark.parametrize(
    ("text", "expected", "problems"),
    [
        ('r "x"\n{\n  a = 1\n}\nz = 1\n', {"r x": {"a": "lit"}, "z": "lit"}, 1),
        ('r "${x}" "y" {\n  a = 1\n}\nz = 1\n', {"r ${x} y": {"a": "lit"}, "z": "lit"}, 1),
        ('r "\\q" {\n  a = 1\n}\nz = 1\n', {"r \\q": {"a": "lit"}, "z": "lit"}, 1),
        ('r "x" = {\n  a = 1\n}\nz = 1\n', {"r x": {"a": "lit"}, "z": "lit"}, 1),
        ('r "x", "y" {\n  a = 1\n}\nz = 1\n', {"r x y": {"a": "lit"}, "z": "lit"}, 1),
        ('r.x "y" {\n  a = 1\n}\nz = 1\n', {"r y": {"a": "lit"}, "z": "lit"}, 1),
        ("r: {\n  a = 1\n}\nz = 1\n", {"z": "lit"}, 1),
        ("r => {\n  a = 1\n}\nz = 1\n", {"z": "lit"}, 1),
        ("r { a = 1, b = 2 }\nz = 1\n", {"r": {"a": "lit", "b": "lit"}, "z": "lit"}, 2),
        ("r { a = 1\n}\nz = 1\n", {"r": {"a": "lit"}, "z": "lit"}, 1),
        ("r { s { a = 1 } }\nz = 1\n", {"r": {"s": {"a": "lit"}}, "z": "lit"}, 2),
        ("r {\n  a = 1 }\nz = 1\n", {"r": {"a": "lit"}, "z": "lit"}, 1),
        ("r {} s {}\nz = 1\n", {"r": {}, "s": {}, "z": "lit"}, 1),
        ("a = 1 z = 2\n", {"a": "lit", "z": "lit"}, 1),
        ('"a" = 1\nz = 1\n', {"z": "lit"}, 1),
        ("a\nz = 1\n", {"z": "lit"}, 1),
        ("a b c\nz = 1\n", {"z": "lit"}, 1),
        ("} }\nz = 1\n", {"z": "lit"}, 2),
        ("r {\n}\n}\nz = 1\n", {"r": {}, "z": "lit"}, 1),
        ("$ @ !\nz = 1\n", {"z": "lit"}, 1),
        ("[1,\n2]\nz = 1\n", {"z": "lit"}, 1),
        ("/* no end\nz = 1\n", {"z": "lit"}, 1),
        ("r {\n  m = {\n    x = 1\n  z = 1\n}\ns {\n}\n", {"r": {"m": "object"}, "s": {}}, 1),
        ("r {\n  a = 1\n", {"r": {"a": "lit"}}, 1),
        ("r {\n  a = 1", {"r": {"a": "lit"}}, 1),
        ("r {", {"r": {}}, 1),
        ("r {\n  s {\n    a = 1\n", {"r": {"s": {"a": "lit"}}}, 2),
        ("r {\n  s {\n    a = 1\n\n  b = 2\n}\nt {\n}\n", {"r": {"s": {"a": "lit"}, "b": "lit"}, "t": {}}, 1),
        ("r {\n  a = 1\n\ns {\n  b = 2\n}\nt {\n}\n", {"r": {"a": "lit"}, "s": {"b": "lit"}, "t": {}}, 1),
        ('locals {\n  a = "x\n}\nr {\n}\n', {"locals": {"a": "!"}, "r": {}}, 1),
        ("a² = 1\nz = 1\n", {"z": "lit"}, 1),
        ('r "x {\n  a = 1\n}\nz = 1\n', {"r x": {"a": "lit"}, "z": "lit"}, 1),
    ],
)
def test_a_mistake_around_items(text: str, expected: dict[str, Any], problems: int) -> None:
    found = hcl.parse(0, text)
    assert outline(found) == expected, found.problems
    assert len(found.problems) == problems, found.problems
    assert all(p.message and p.remedy.endswith(".") and 0 <= p.start <= p.end <= len(text) for p in found.problems)


def test_an_unclosed_block_is_named_at_its_header() -> None:
    text = 'r "x" {\n  a = 1\n\ns "y" {\n}\n'
    (problem,) = hcl.parse(0, text).problems
    assert text[problem.start : problem.end] == 'r "x"'
    assert hcl.parse(0, text).blocks[0].end == text.index("\ns ")


def sizes(body: hcl.Body) -> int:
    return len(body.attributes) + sum(1 + sizes(block.body) for block in body.blocks)


N = 20_000
HOSTILE = {
    "a string of ten megabytes": 'a = "' + "x" * 10_000_000 + '"\n',
    "a string that never ends": 'a = "' + "x" * 10_000_000 + "\n",
    "only dollars": 'a = "' + "$" * 1_000_000 + '"\n',
    "only backslashes": 'a = "' + "\\" * 1_000_000 + "\n",
    "a list on one line": "a = [" + "1," * 500_000 + "]\n",
    "a list that never ends": "a = [" + "1," * 500_000 + "\n",
    "unclosed heredocs": "a = <<A\n" * N,
    "unclosed heredocs, each its marker": "".join(f"a{i} = <<A{i}\n" for i in range(N)),
    "heredocs in heredocs": "a = <<A\n${<<B\nA\n" * (N // 5),
    "a heredoc full of its marker": "a = <<A\n" + "A A\n" * N + "A\n",
    "nested templates": "a = " + '"${' * 10_000 + "\n",
    "nested templates, closed": "a = " + '"${' * 10_000 + "x" + '}"' * 10_000 + "\n",
    "parentheses": "a = " + "(" * N + "1" + ")" * N + "\n",
    "open brackets": "a = " + "[" * N + "\n",
    "objects in objects": "a = {\n" * N,
    "lists never closed": "a = [1,\n" * N,
    "calls never closed": "a = f(\n" * N,
    "blocks in blocks": "b {\n" * N,
    "one-line blocks": "b { a = 1" * N + "}" * N,
    "closing braces": "}" * N,
    "comments never closed": "a = 1 /*\n" * N,
    "interpolations never closed": 'a = "${\n' * N,
    "deep objects, then many items": "a = {\n" * 190 + "b = 1\n" * N,
    "operators": "a = " + " + ".join(["1"] * 20_000) + "\n",
    "mixed operators": "a = " + " * 2 == 3 && ".join(["x"] * 20_000) + "\n",
    "not not not": "a = " + "!" * 20_000 + "x\n",
    "attributes": "a = x" + ".a" * 20_000 + "\n",
    "indexes": "a = x" + "[0]" * 20_000 + "\n",
    "splats": "a = x" + "[*]" * 20_000 + "\n",
    "conditionals": "a = " + "x ? 1 : " * 20_000 + "2\n",
    "directives": 'a = "' + "%{if x}" * 20_000 + "%{endif}" * 20_000 + '"\n',
    "NUL": "a = \0\n" * N,
    "broken strings in open brackets": "a = " + "(" * N + '\n"x' * N + "\n",
    "bad headers on one line": 'b { r "x" = } ' * N,
    "bad values on one line": "b { a = ) } " * N,
    "blocks on one unclosed line": "b { " + "c {} " * N,
    "blocks on one line, then an unclosed one": "c {} " * N + "\nb {\n",
    "long headers": ("r " + '"x" ' * 500 + "=\n") * 200,
    "heredocs with one end": "a = <<A\n${)\n" * N + "A\n",
    "heredocs with far ends": "".join(f"a = <<A{i}\n${{)\n" for i in range(N)) + "".join(f"A{i}\n" for i in range(N)),
    "heredocs that hide their ends": "a = <<A\n${<<B\nA\nB\n}\n" * (N // 4),
    "quotes": '"' * 200_000,
    "blanks": "a" + " " * 2_000_000 + "= 1\n",
    "digits": "a = " + "1" * 2_000_000 + "\n",
    "a number too large": "a = 9e999999999\n",
    "labels": "a " + '"b" ' * 100_000 + "\n",
    "every byte": bytes(range(256)).decode("latin-1") * 1000,
    "blocks with bad lists": "b {\n  a = [1 2\n" * (N // 5),
    "ever less indented": "".join(" " * (300 - i // 30) + "a = (1 2\n" for i in range(9000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_in_bounded_time(name: str) -> None:
    text = HOSTILE[name]
    start = time.process_time()
    found = hcl.parse(0, text)
    seconds = time.process_time() - start
    assert sizes(found) + len(found.problems) > 0
    assert seconds < 3 + len(text) / 100_000, f"{seconds:.1f} s"


def test_depth_does_not_depend_on_the_stack_that_is_left() -> None:
    text = "a = " + "[" * 150 + "]" * 150 + "\nb = 1\n"

    def called_from(levels: int) -> hcl.Body:
        return hcl.parse(0, text) if levels == 0 else called_from(levels - 1)

    assert not hcl.parse(0, text).problems
    used = len(list(_frames()))
    found = called_from(sys.getrecursionlimit() - used - 100)
    assert outline(found) == {"a": "!", "b": "lit"}
    assert len(found.problems) == 1


def _frames() -> Any:
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back  # type: ignore[assignment]


CONFIGURATION = """\
# network
resource "aws_s3_bucket" "logs" {
  bucket = "logs-${var.environment}"
  tags   = { Name = "logs", "Owner" : local.owner }
  rule {
    days = 30 + var.extra * 2
    ids  = [for k, v in var.m : "${k}-${v.id}" if v.on]
  }
  policy = <<-EOT
    {"Statement": "${aws_iam.x[0].arn}", "q": "%{ if a }b%{ else }c%{ endif }"}
  EOT
  all = concat(aws_subnet.a.*.id, aws_subnet.b[*].id, [true, null, -1.5e3])...
}
variable "x" { default = a ? b : "c\\n\\u00e9" }
"""


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_are_read_to_their_end(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        text = list(CONFIGURATION)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            match chance.randrange(4):
                case 0:
                    text[at] = chr(chance.randrange(256))
                case 1:
                    del text[at : at + chance.randint(1, 12)]
                case 2:
                    text[at:at] = chance.choice(['"', "${", "}", "{", "(", "[", "<<EOT\n", "/*", "\n", "\\", "\0", "é"])
                case 3:
                    del text[at:]
            text = text or ["x"]
        damaged = "".join(text)
        start = time.process_time()
        found = hcl.parse(0, damaged)
        assert time.process_time() - start < 2
        check_places(found, damaged)


def check_places(body: hcl.Body, text: str) -> None:
    """Every place is inside its parent, and names are where they are said to be."""
    assert 0 <= body.start <= body.end <= len(text)
    for attribute in body.attributes:
        assert text[attribute.name_start : attribute.name_end] == attribute.name
        assert body.start <= attribute.name_start < attribute.expr[1] <= attribute.expr[2] <= body.end
        for node in hcl.nodes(attribute.expr):
            assert attribute.expr[1] <= node[1] <= node[2] <= attribute.expr[2]
    for block in body.blocks:
        assert text[block.type_start : block.type_end] == block.type
        assert body.start <= block.start < block.body.start <= block.body.end <= block.end <= body.end
        check_places(block.body, text)
    for problem in body.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
