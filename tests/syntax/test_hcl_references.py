# ruff: noqa: E501 - one row of similar snippets a line
"""The HCL reader against HashiCorp's own parser (pygohcl) and against python-hcl2."""

from __future__ import annotations

import random

import pygohcl
import pytest

from linter.syntax import hcl


def go_accepts(text: str) -> bool:
    try:
        pygohcl.loads(text)
    except pygohcl.HCLParseError:
        return False
    except pygohcl.HCLInternalError:  # it was parsed, and could not be put into JSON
        return True
    return True


def accepts(text: str) -> bool:
    return not hcl.parse(0, text).problems


# Separated by ¦; ⏎ is a newline.
VALUES = """
1¦01¦1.5¦1e3¦1E-3¦1.e3¦10.0.0.0¦1.¦.5¦0x10¦1__0¦1e¦1e5e6¦1e5.5¦1..5¦1...5¦9e400¦-1¦--1¦- -1¦!true¦!!true¦+1
"x"¦"x¦x"¦'x'¦`x`¦"\\q"¦"\\u12"¦"\\u00e9"¦"\\U0001F600"¦"\\U00110000"¦"\\ud800"¦"\\¦"a⏎b"¦"a\rb"¦"\\⏎"¦"é"
"${}"¦"${x"¦"${x}}"¦"${x y}"¦"${"x"}"¦"${x~}"¦"${~x ~}"¦"${ x ~ }"¦"$"¦"%"¦"$$"¦"$${x}"¦"$$${x}"¦"%%{x}"¦"$${"¦"${x:-y}"
"%{if x}a%{endif}"¦"%{if x}"¦"%{else}"¦"%{endif}"¦"%{if x}%{else}%{else}%{endif}"¦"%{for x in y}%{endfor}"¦"%{ foo }"
"%{for x in y}%{else}%{endfor}"¦"%{for x, y in z}%{endfor}"¦"%{for x y in z}%{endfor}"¦"%{if x}%{endfor}"¦"%{}"¦"%{if}%{endif}"
"%{if x y}%{endif}"¦"%{for}%{endfor}"¦"%{else x}"¦"%{if x}%{endif x}"¦"%{ if x ~}a%{~ endif ~}"
<<E⏎x⏎E⏎¦<<E⏎x⏎E¦<<E⏎x⏎ E ⏎E⏎¦<<-E⏎ x⏎ E⏎¦<<E x⏎E⏎¦<<"E"⏎E⏎¦<< E⏎E⏎¦<<E⏎${x}⏎E⏎¦<<E⏎${x⏎E⏎¦<<E⏎x⏎EE⏎
<<E⏎%{if x}⏎E⏎%{endif}⏎E⏎¦<<E\r⏎x\r⏎E\r⏎¦<<1⏎1⏎¦<<-⏎⏎¦<E⏎E⏎¦<<<E⏎E⏎¦<<E⏎"${⏎E⏎¦<<E⏎$⏎%⏎E⏎
x¦x.y¦x.¦x..y¦x.0¦x.0.1¦x.0.y¦x.*¦x.*.y¦x.*.*¦x.*.y.0¦x.*.y.0.1¦x.*[0]¦x[*]¦x[*].y¦x[*][*]¦x[*¦x[* ]¦x[ *]¦x[**]¦x[0]¦x[]¦x[0
x[y.z]¦x["y"]¦x [0]¦x. y¦x .y¦x.[0]¦x.1.2¦x.(y)¦x.-y¦x["${y}"]¦x[0][1]¦x[y ? 0 : 1]¦x.if¦x.true¦true.x¦null[0]¦1.x¦"x".y
f()¦f(¦f(1¦f(1,¦f(1,)¦f(,)¦f(1,,2)¦f(1 2)¦f(1...)¦f(1...,)¦f(1...2)¦f(...)¦f(1,2...)¦f (1)¦f⏎(1)¦f(⏎1⏎,⏎2⏎)¦f(1).x¦f(1)[0]
a::b(1)¦a::b::c()¦a::b¦a::¦::b(1)¦a:: b(1)¦a ::b(1)¦a::1(1)¦a.b(1)¦a[0](1)¦f(1)(2)¦f(# x⏎1)¦f(/* x */)
1+1¦1 +¦+ 1¦1 + + 1¦1 + -1¦1 - - 1¦a &&¦a && b¦a & b¦a and b¦a || b¦a | b¦a ^ b¦~a¦a == b == c¦a = b¦a =< b¦a => b¦a <= b¦a <> b
a % b¦a %b¦a ** b¦a // b¦a / b¦a /* b */¦a /* b¦a # b¦a ? b : c¦a ? b¦a ? b :¦a ? : c¦? b : c¦a ? b : c : d¦a ? b ? c : d : e
a ?⏎b : c¦a⏎? b : c¦(a⏎? b⏎: c)¦(a¦a)¦()¦(a b)¦(a,b)¦(⏎a⏎)¦((a))¦a b¦a, b¦a;¦a ;b¦a}¦a]¦a)¦a\t¦a\\¦a\u00a0¦\ufeffa¦a\x07
[]¦[¦]¦[,]¦[1,]¦[1,,2]¦[1 2]¦[1,2¦[⏎1⏎,⏎2⏎]¦[1⏎2]¦[1,⏎# x⏎2]¦[for x in y : x]¦[for x in y]¦[for x in y : ]¦[for x : x]¦[for]
[for x, y in z : x]¦[for x, y, w in z : x]¦[for x in y : x if z]¦[for x in y : x => z]¦[for x in y : x...]¦[for x in y : x if]
[for⏎x⏎in⏎y⏎:⏎x⏎if⏎z⏎]¦[for x in y : for]¦[x, for]¦[for.x]¦[for x in y : x, z]¦[for 1 in y : x]¦[for x in in : x]
{}¦{¦{a}¦{a=}¦{a=1}¦{a=1,}¦{,}¦{a=1,,b=2}¦{a=1 b=2}¦{a=1⏎b=2}¦{a=1,⏎b=2}¦{a=1⏎,b=2}¦{a:1}¦{a:1,b=2}¦{"a"=1}¦{"a":1}¦{(a)=1}
{a.b=1}¦{a b=1}¦{a-b=1}¦{1=2}¦{1.5=2}¦{true=1}¦{null:1}¦{for=1}¦{"for"=1}¦{a⏎=1}¦{a=⏎1}¦{a=1;b=2}¦{[a]=1}¦{-a=1}¦{a+b=1}¦{f(x)=1}
{for x in y : x => z}¦{for x in y : x}¦{for x in y : x => z...}¦{for x in y : x => z if w}¦{for x in y : x => z... if w}¦{a==1}
{⏎for x in y : x => z}¦{a=1 # x⏎b=2}¦{a=1 /* x */, b=2}¦{a=(⏎1⏎)}¦{"${a}"=1}¦{"a${b}":1}¦{a ? b : c = 1}¦{a::b=1}¦{a=>1}
(⏎{⏎a=1⏎b=2⏎}⏎)¦[{⏎a=1⏎}⏎]¦f({a=1⏎b=2})¦"${{a=1⏎b=2}}"¦{a=<<E⏎x⏎E⏎}¦{a=<<E⏎x⏎E⏎b=1}¦[<<E⏎x⏎E⏎]¦[<<E⏎x⏎E⏎,1]
null¦nullx¦TRUE¦é¦é.è¦हि¦a²¦²¦x.é¦–¦“x”¦a\r¦1\r⏎¦"\t"¦"\x0b"¦\x0b¦x\x0c¦#¦/* x */¦// x
""".strip("\n")  # fmt: skip

BODIES = [
    "a = 1", "a=1\nb=2", "a = 1 b = 2", "a = 1, b = 2", "a = 1; b = 2", "a = 1\na = 2", "a = 1\nA = 2", "a == 1", "a => 1",
    "a: 1", "a", "a\n", "a b", "a.b = 1", '"a" = 1', "1 = a", "= 1", "a =", "a =\n1", "a\n= 1", "a = 1 # x", "a = 1 /* x */",
    "a = 1 // x", "/* x */ a = 1", "a /* x */ = 1", "a = /* x\n */ 1", "/* x", "# x", "// x", "/ x", "\ra = 1", "a = 1\r\n", "a = 1\r",
    "b {}", "b{}", "b {", "b }", "}", "{}", "{", "b {\n}", "b\n{\n}", "b {}\nb {}", "b {} b {}", "b {};", "b {},", "b { }", "b {} # x",
    "b { a = 1 }", "b { a = 1", "b { a = 1\n}", "b {\na = 1 }", "b { a = 1, c = 2 }", "b { a = 1 c = 2 }", "b { c {} }", "b { c {\n} }",
    "b {\n c {} }", "b { # x\n}", "b { /* x */ }", "b { /* x */ a = 1 }", "b { a = [\n1\n] }", "b { a /* x */ = 1 }", "b { a }",
    'b "x" {}', 'b "x" "y" {}', 'b "x" y z "w" {}', 'b "x', 'b "x"', 'b "x"\n{\n}', 'b "x" = {\n}', 'b "${x}" {}', 'b "%{x}" {}',
    'b "$x %x $${x}" {}', 'b "\\n\\"" {}', 'b "\\q" {}', 'b "a\nb" {}', 'b 1 {}', 'b "x".y {}', 'b "x", "y" {}', 'b "x" /* x */ {}',
    'b "x" # x\n{}', "b x.y {}", "b.c {}", "b [] {}", "b () {}", "b {\n a = 1\n a = 2\n}", "b {\n a = 1\n}\nb {\n a = 1\n}", "b {\n a = 1\n} }",
    "b {\n c {\n  d {\n  }\n }\n}", "b {\n c {\n}", "a = 1\nb {}\na {}", "b { a = <<E\nx\nE\n}", "b {\n a = <<E\nx\nE\n}", "é = 1", "a² = 1",
    "é \"x\" ü {}", "\xa0a = 1", "a = 1\n\x07", "a = 1\n\u200bb = 2", "for = 1\nin = 2\nif {}", "true = 1", "null {}", "-a = 1", "a- = 1", "_ = 1",
    "", "\n\n", " \t ", "\r\n", "a = [1\nb = 2", "a = {\nb = 1", "a = (1\n", 'a = "x\nb = 1', "a = <<E\nb = 1", "@", "a = @", "$", "a = $x", "a = ${x}",
]  # fmt: skip


def snippets() -> list[str]:
    values = [value.replace("⏎", "\n") for line in VALUES.split("\n") for value in line.split("¦")]
    return [f"a = {value}\n" for value in values] + BODIES


def test_the_table_has_both_kinds() -> None:
    verdicts = [go_accepts(text) for text in snippets()]
    assert verdicts.count(True) > 150
    assert verdicts.count(False) > 200


@pytest.mark.parametrize("text", snippets())
def test_accepts_what_hashicorp_accepts(text: str) -> None:
    assert accepts(text) == go_accepts(text), hcl.parse(0, text).problems


TOKENS = [
    "a",
    "b",
    "=",
    '"x"',
    '"',
    "1",
    "1.5",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ".",
    "*",
    "...",
    "::",
    ":",
    "?",
    "+",
    "-",
    "!",
    "&&",
    "==",
    "=>",
    "for",
    "in",
    "if",
    '"${',
    "}",
    "%{",
    "${",
    "\\",
    ",",
    "a.b",
    "a[0]",
    "true",
    "null",
    "~",
    "~}",
    "%",
    "<",
    '"%{if_a}',
    "%{endif}",
    "else",
    "endif",
    "é",
    '"$${x}"',
    "|",
    "&",
    "0",
    "e5",
    "@",
    "f(",
    "<<",
    "<<-",
    "'x'",
    "//",
    "#",
    "/*",
    "*/",
]
TOKENS += [
    " ",
    "\n",
    "\n",
    "\r\n",
    "\t",
    "<<E\n",
    "E\n",
    "\nE\n",
    "#c\n",
    "/*c*/",
    "b {\n",
    "}\n",
    "a = 1\n",
    "a = [\n",
]
SEEDS = [
    "a = 1\n",
    'b "x" {\n  a = "q${v.w}r"\n}\n',
    "a = [for x in y : x if z]\n",
    "a = {for k, v in m : k => v... if k}\n",
    "a = f(1, b...)\n",
    "a = x[*].y.0\n",
    "a = <<-E\n  x ${y}\n  E\n",
    'a = {\n  b = 1\n  "c" : 2, (d) = 3\n}\n',
    'a = c ? "x" : -1\n',
    "b { a = 1 }\n",
    'a = "%{ for x in y ~} z %{ endfor }"\n',
    "a = x.*.y[0]\n",
    'a = "\\u00e9\\n$${}"\n',
    "a = p::q::r(1)\n",
    'b x "y" {\n c {\n }\n}\n',
]


def mutated(chance: random.Random) -> str:
    text = chance.choice(SEEDS)
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        cut = chance.choice((0, 0, 1, 1, 3))
        text = text[:at] + chance.choice(["", *TOKENS]) + text[at + cut :]
    return text


@pytest.mark.parametrize("seed", range(8))
def test_mutated_snippets_are_accepted_alike(seed: int) -> None:
    chance = random.Random(seed)
    texts = {mutated(chance) for _ in range(500)}
    accepted = {text for text in texts if go_accepts(text)}
    assert [text for text in texts if accepts(text) != (text in accepted)] == []
    assert 20 < len(accepted) < len(texts) - 100
