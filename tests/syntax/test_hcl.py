# ruff: noqa: E501 - one case a line
"""Each construct of HCL2's native syntax and the exact text each node stands for."""

from __future__ import annotations

from typing import Any

import pytest

from linter.syntax import hcl


def sliced(value: Any, text: str) -> Any:
    """A tree with each node's offsets replaced by the text between them."""
    if not isinstance(value, tuple):
        return value
    if len(value) > 2 and isinstance(value[0], str) and type(value[1]) is int:
        return (value[0], text[value[1] : value[2]], *(sliced(part, text) for part in value[3:]))
    return tuple(sliced(part, text) for part in value)


def expr(text: str) -> Any:
    return sliced(hcl.parse_expression(text), text)


def body(text: str) -> hcl.Body:
    found = hcl.parse(0, text)
    assert found.problems == []
    return found


def var(name: str) -> tuple[str, str, str]:
    return ("var", name, name)


def lit(text: str, value: Any) -> tuple[str, str, Any]:
    return ("lit", text, value)


A, B, C, D = var("a"), var("b"), var("c"), var("d")


def binary(text: str, op: str, left: Any, right: Any) -> Any:
    return ("bin", text, op, left, right)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("007", 7),
        ("1.5", 1.5),
        ("1.50e1", 15),
        ("15e-1", 1.5),
        ("1500e-2", 15),
        ("2.0", 2),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1e-999999999", 0.0),
        ('""', ""),
        ('"plain # // text"', "plain # // text"),
        (r'"\n\r\t\"\\"', '\n\r\t"\\'),
        (r'"\u00e9\U0001F600"', "é😀"),
        ('"$${x} %%{y} $ % $5 100%"', "${x} %{y} $ % $5 100%"),
        ('"$$${x}"', "$${x}"),
        ("<<E\nx\n  y\nE\n", "x\n  y\n"),
        ("<<-E\n    x\n\n      y\n    E\n", "x\n\n  y\n"),
        ("<<-E\n\tx\n\t\ty\n\tE\n", "x\n\ty\n"),
        ("<<E\nE\n", ""),
        ("<<E\n$${x} \\n %%{y}\nE\n", "${x} \\n %{y}\n"),
        ("<<E\nEE\nE E\n  E  \n", "EE\nE E\n"),
        ("<<E\r\nx\r\nE\r\n", "x\r\n"),
        ("<<end-of_it\nx\nend-of_it\n", "x\n"),
    ],
)
def test_literals(text: str, value: Any) -> None:
    found = hcl.parse_expression(text)
    assert found == ("lit", 0, len(text.rstrip("\r\n")), value)
    assert type(found[3]) is type(value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("a-b_c9", var("a-b_c9")),
        ("été", var("été")),
        ("हिन्दी", var("हिन्दी")),
        ("a.b", ("attr", "a.b", A, "b")),
        ("a . b", ("attr", "a . b", A, "b")),
        ("a.b.c", ("attr", "a.b.c", ("attr", "a.b", A, "b"), "c")),
        ("true.b", ("attr", "true.b", lit("true", True), "b")),
        ("a.0", ("index", "a.0", A, lit("0", 0))),
        ("a.0.b", ("attr", "a.0.b", ("index", "a.0", A, lit("0", 0)), "b")),
        ("a[0]", ("index", "a[0]", A, lit("0", 0))),
        ('a["k"].b', ("attr", 'a["k"].b', ("index", 'a["k"]', A, lit('"k"', "k")), "b")),
        ("a [ b ]", ("index", "a [ b ]", A, B)),
        ("a[\nb\n]", ("index", "a[\nb\n]", A, B)),
        ("a.*.b", ("splat", "a.*.b", A, (("attr", "b"),), "attr")),
        ("a.*", ("splat", "a.*", A, (), "attr")),
        ("a.*.b.0", ("splat", "a.*.b.0", A, (("attr", "b"), ("index", lit("0", 0))), "attr")),
        ("a.*.b[0]", ("index", "a.*.b[0]", ("splat", "a.*.b", A, (("attr", "b"),), "attr"), lit("0", 0))),
        ("a[*]", ("splat", "a[*]", A, (), "full")),
        ("a[ * ].b[0]", ("splat", "a[ * ].b[0]", A, (("attr", "b"), ("index", lit("0", 0))), "full")),
        (
            "a[*].b[*].c",
            ("splat", "a[*].b[*].c", A, (("attr", "b"), ("splat", (("attr", "c"),), "full")), "full"),
        ),
        (
            "a[*].b.*.c[0]",
            (
                "splat",
                "a[*].b.*.c[0]",
                A,
                (("attr", "b"), ("splat", (("attr", "c"),), "attr"), ("index", lit("0", 0))),
                "full",
            ),
        ),
        ("f()", ("call", "f()", "f", (), False)),
        ("f (a, b,)", ("call", "f (a, b,)", "f", (A, B), False)),
        ("f(a, b...)", ("call", "f(a, b...)", "f", (A, B), True)),
        ("f(\n  a,\n  b\n)", ("call", "f(\n  a,\n  b\n)", "f", (A, B), False)),
        ("f(a).b", ("attr", "f(a).b", ("call", "f(a)", "f", (A,), False), "b")),
        ("provider::x::y(a)", ("call", "provider::x::y(a)", "provider::x::y", (A,), False)),
        ("(a)", ("paren", "(a)", A)),
        ("( # why\n a\n)", ("paren", "( # why\n a\n)", A)),
        ("(a).b", ("attr", "(a).b", ("paren", "(a)", A), "b")),
    ],
)
def test_traversals_and_calls(text: str, tree: Any) -> None:
    assert expr(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b", binary("a + b", "+", A, B)),
        ("a + b + c", binary("a + b + c", "+", binary("a + b", "+", A, B), C)),
        ("a + b * c", binary("a + b * c", "+", A, binary("b * c", "*", B, C))),
        ("a * b + c", binary("a * b + c", "+", binary("a * b", "*", A, B), C)),
        ("a - b % c / d", binary("a - b % c / d", "-", A, binary("b % c / d", "/", binary("b % c", "%", B, C), D))),
        (
            "a || b && c == d",
            binary("a || b && c == d", "||", A, binary("b && c == d", "&&", B, binary("c == d", "==", C, D))),
        ),
        ("a == b < c", binary("a == b < c", "==", A, binary("b < c", "<", B, C))),
        ("a < b + c", binary("a < b + c", "<", A, binary("b + c", "+", B, C))),
        ("a != b", binary("a != b", "!=", A, B)),
        ("a >= b", binary("a >= b", ">=", A, B)),
        ("a <= b", binary("a <= b", "<=", A, B)),
        ("a > b", binary("a > b", ">", A, B)),
        ("-a + b", binary("-a + b", "+", ("un", "-a", "-", A), B)),
        ("-a.b", ("un", "-a.b", "-", ("attr", "a.b", A, "b"))),
        ("!a && b", binary("!a && b", "&&", ("un", "!a", "!", A), B)),
        ("! - a", ("un", "! - a", "!", ("un", "- a", "-", A))),
        ("(a + b) * c", binary("(a + b) * c", "*", ("paren", "(a + b)", binary("a + b", "+", A, B)), C)),
        ("a ? b : c", ("cond", "a ? b : c", A, B, C)),
        ("a || b ? c : d", ("cond", "a || b ? c : d", binary("a || b", "||", A, B), C, D)),
        ("a ? b : c ? d : a", ("cond", "a ? b : c ? d : a", A, B, ("cond", "c ? d : a", C, D, A))),
        ("a ? b ? c : d : a", ("cond", "a ? b ? c : d : a", A, ("cond", "b ? c : d", B, C, D), A)),
        ("a?b:c", ("cond", "a?b:c", A, B, C)),
        ("a /* why */ + b", binary("a /* why */ + b", "+", A, B)),
    ],
)
def test_operators(text: str, tree: Any) -> None:
    assert expr(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("[]", ("tuple", "[]", ())),
        ("[a, 1, \"x\", true,]", ("tuple", "[a, 1, \"x\", true,]", (A, lit("1", 1), lit('"x"', "x"), lit("true", True)))),
        ("[\n  a, # why\n  b.c,\n]", ("tuple", "[\n  a, # why\n  b.c,\n]", (A, ("attr", "b.c", B, "c")))),
        ("[a [0]]", ("tuple", "[a [0]]", (("index", "a [0]", A, lit("0", 0)),))),
        ("[a, for]", ("tuple", "[a, for]", (A, var("for")))),
        ("{}", ("object", "{}", ())),
        ("{ a = 1 }", ("object", "{ a = 1 }", ((lit("a", "a"), lit("1", 1)),))),
        ("{a:b,\"c\":d}", ("object", "{a:b,\"c\":d}", ((lit("a", "a"), B), (lit('"c"', "c"), D)))),
        ("{ (a) = b }", ("object", "{ (a) = b }", ((("paren", "(a)", A), B),))),
        ("{ a.b = c }", ("object", "{ a.b = c }", ((("attr", "a.b", A, "b"), C),))),
        ("{ true = a, null : b }", ("object", "{ true = a, null : b }", ((lit("true", "true"), A), (lit("null", "null"), B)))),
        ("{ 1 = a }", ("object", "{ 1 = a }", ((lit("1", 1), A),))),
        ("{\n a = 1 # why\n\n b = \"x\"\n}", ("object", "{\n a = 1 # why\n\n b = \"x\"\n}", ((lit("a", "a"), lit("1", 1)), (lit("b", "b"), lit('"x"', "x"))))),
        ("{ forest = a }", ("object", "{ forest = a }", ((lit("forest", "forest"), A),))),
        ("[for x in a : x.b]", ("for_tuple", "[for x in a : x.b]", None, "x", A, ("attr", "x.b", var("x"), "b"), None)),
        ("[for k, v in a : k if v]", ("for_tuple", "[for k, v in a : k if v]", "k", "v", A, var("k"), var("v"))),
        ("[\n for x in\n a :\n x\n if b\n]", ("for_tuple", "[\n for x in\n a :\n x\n if b\n]", None, "x", A, var("x"), B)),
        ("{for k, v in a : k => v}", ("for_object", "{for k, v in a : k => v}", "k", "v", A, var("k"), var("v"), False, None)),
        ("{for v in a : v.k => v... if b}", ("for_object", "{for v in a : v.k => v... if b}", None, "v", A, ("attr", "v.k", var("v"), "k"), var("v"), True, B)),
        ("[for in in a : in]", ("for_tuple", "[for in in a : in]", None, "in", A, var("in"), None)),
    ],
)  # fmt: skip
def test_collections(text: str, tree: Any) -> None:
    assert expr(text) == tree


IF = ("t_if", "%{ if a }x%{ endif }", A, (lit("x", "x"),), None)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('"${a}"', ("wrap", '"${a}"', A)),
        ('"${ "x" }"', ("wrap", '"${ "x" }"', lit('"x"', "x"))),
        ('"x${a}y"', ("tmpl", '"x${a}y"', (lit("x", "x"), A, lit("y", "y")))),
        ('"${a}${b}"', ("tmpl", '"${a}${b}"', (A, B))),
        ('" ${~ a ~} "', ("tmpl", '" ${~ a ~} "', (A,))),
        ('"x\\n ${~ a}"', ("tmpl", '"x\\n ${~ a}"', (lit("x\\n ", "x"), A))),
        ('"${{a = "}"}.a}"', ("wrap", '"${{a = "}"}.a}"', ("attr", '{a = "}"}.a', ("object", '{a = "}"}', ((lit("a", "a"), lit('"}"', "}")),)), "a"))),
        ('"${"${a}"}"', ("wrap", '"${"${a}"}"', ("wrap", '"${a}"', A))),
        ('"${\n a\n}"', ("wrap", '"${\n a\n}"', A)),
        ('"%{ if a }x%{ endif }"', ("tmpl", '"%{ if a }x%{ endif }"', (IF,))),
        ('"%{if a}x%{else}${b}%{endif}"', ("tmpl", '"%{if a}x%{else}${b}%{endif}"', (("t_if", "%{if a}x%{else}${b}%{endif}", A, (lit("x", "x"),), (B,)),))),
        ('"%{if a}%{else}%{endif}"', ("tmpl", '"%{if a}%{else}%{endif}"', (("t_if", "%{if a}%{else}%{endif}", A, (), ()),))),
        ('"%{for k, v in a}${v},%{endfor}"', ("tmpl", '"%{for k, v in a}${v},%{endfor}"', (("t_for", "%{for k, v in a}${v},%{endfor}", "k", "v", A, (var("v"), lit(",", ","))),))),
        ('"%{for v in a ~} ${v} %{~ endfor}"', ("tmpl", '"%{for v in a ~} ${v} %{~ endfor}"', (("t_for", "%{for v in a ~} ${v} %{~ endfor}", None, "v", A, (var("v"),)),))),
        ("<<E\nx ${a}\nE\n", ("tmpl", "<<E\nx ${a}\nE", (lit("x ", "x "), A, lit("\n", "\n")))),
        ("<<-E\n  x\n    ${a}\n  E\n", ("tmpl", "<<-E\n  x\n    ${a}\n  E", (lit("  x\n    ", "x\n  "), A, lit("\n", "\n")))),
        ("<<-E\n  x\n${a}\n  E\n", ("tmpl", "<<-E\n  x\n${a}\n  E", (lit("  x\n", "  x\n"), A, lit("\n", "\n")))),
        ("<<E\n%{ for v in a ~}\n  ${v}\n%{ endfor ~}\nE\n", ("tmpl", "<<E\n%{ for v in a ~}\n  ${v}\n%{ endfor ~}\nE", (("t_for", "%{ for v in a ~}\n  ${v}\n%{ endfor ~}", None, "v", A, (lit("  ", "  "), var("v"), lit("\n", "\n"))),))),
        ("<<E\n${<<F\nE\nF\n}\nE\n", ("tmpl", "<<E\n${<<F\nE\nF\n}\nE", (lit("<<F\nE\nF", "E\n"), lit("\n", "\n")))),
    ],
)  # fmt: skip
def test_templates(text: str, tree: Any) -> None:
    assert expr(text) == tree


def test_offsets_of_a_whole_file() -> None:
    text = 'a = 1 # é\n\nb "x" y {\n  c = d + d\n  e {\n  }\n  f { g = "h" }\n}\n'
    root = body(text)
    assert (root.start, root.end, root.source) == (0, len(text), 0)
    assert root.attributes == [hcl.Attribute("a", 0, 1, ("lit", 4, 5, 1))]
    (block,) = root.blocks
    assert (block.type, block.type_start, block.type_end, block.start, block.end) == ("b", 11, 12, 11, 60)
    assert block.labels == (("x", 13, 16), ("y", 17, 18))
    assert (block.body.start, block.body.end) == (20, 59)
    assert block.body.attributes[0].expr == ("bin", 27, 32, "+", ("var", 27, 28, "d"), ("var", 31, 32, "d"))
    inner = [(text[b.start : b.end], text[b.body.start : b.body.end]) for b in block.body.blocks]
    assert inner == [("e {\n  }", "\n  "), ('f { g = "h" }', ' g = "h" ')]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("b {}", ()),
        ('b "x" {}', ("x",)),
        ('b "x" "y" {}', ("x", "y")),
        ('b "x" "y" "z" {}', ("x", "y", "z")),
        ('b x "y" {}', ("x", "y")),
        ('b "x"y{}', ("x", "y")),
        (r'b "x\"\u00e9" {}', ('x"é',)),
        ('b "$${x} $ %" {}', ("${x} $ %",)),
        ('b /* why */ "x" /* why */ { # why\n}', ("x",)),
    ],
)
def test_block_labels(text: str, labels: tuple[str, ...]) -> None:
    (block,) = body(text).blocks
    assert tuple(label for label, _, _ in block.labels) == labels
    assert all(text[s:e].strip('"') and (text[s] == '"') == (text[e - 1] == '"') for _, s, e in block.labels)
    assert block.end == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "a = 1\r\nb = 2\r\n",
        "a = b.c\r\n",
        'a = "x"   // why\nb = true # why\nc = 2 /* why */\n',
        "a = /* why */ 1\n",
        "a /* why */ = 1\n",
        "a = 1 /* over\nlines */\n",
        "a = [ # why\n  1, // why\n  /* why */ 2\n]\n",
        "# only a comment",
        "",
        "\n \t\r\n",
        "b { a = 1 }",
        "b { a = [\n1\n] }",
        "b {\n}\n# end",
        "a = (\n1\n+\n2\n)\n",
        "a = f(\n{\n b = 1\n c = 2\n}\n)\n",
        "a = {\n b = {\n c = [\n 1\n ]\n }\n}\n",
        'a = <<E\nx\nE\nb = 1\n',
        'a = [<<E\nx\nE\n, 1]\n',
        "for = 1\nif = 2\nin = null\n",
    ],
)  # fmt: skip
def test_layout_that_is_allowed(text: str) -> None:
    body(text)


def test_a_repeated_argument_keeps_the_first() -> None:
    found = hcl.parse(0, "a = 1\nb { a = 2 }\na = 3\n")
    assert [attribute.expr[3] for attribute in found.attributes] == [1]
    assert [(p.start, p.end) for p in found.problems] == [(18, 19)]
    assert len(found.blocks) == 1


def test_an_expression_at_an_offset() -> None:
    assert hcl.parse_expression("a + b", 7) == ("bin", 7, 12, "+", ("var", 7, 8, "a"), ("var", 11, 12, "b"))
    op, start, end, message = hcl.parse_expression("a +", 7)
    assert (op, start, end) == ("error", 7, 10)
    assert message


def test_nodes_walks_everything_without_recursion() -> None:
    text = '[a.b[c], f(d...), "x${e}%{if g}${h}%{endif}", {(i) = j}, k[*].l[m], [for n in o : n if p], -q, r ? s : t]'
    names = [node[3] for node in hcl.nodes(hcl.parse_expression(text)) if node[0] == "var"]
    assert "".join(names) == "acdeghijkmonpqrst"
    deep = hcl.parse_expression("+".join(["x"] * 20_000))
    assert sum(1 for node in hcl.nodes(deep) if node[0] == "var") == 20_000
