"""What HCL text means: our tree, evaluated, against HashiCorp's evaluation and python-hcl2's reading."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from typing import Any

import hcl2
import pygohcl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.syntax import hcl

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "<": operator.lt, ">": operator.gt, "<=": operator.le,
    ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "&&": lambda a, b: a and b, "||": lambda a, b: a or b,
}  # fmt: skip


def value(node: hcl.Expr, names: dict[str, Any]) -> Any:
    """A small evaluator: only what the generated expressions need."""
    op, rest = node[0], node[3:]
    if op == "lit":
        return rest[0]
    if op == "var":
        return names[rest[0]]
    if op in ("paren", "wrap"):
        return value(rest[0], names)
    if op == "un":
        operand = value(rest[1], names)
        return not operand if rest[0] == "!" else -operand
    if op == "bin":
        return OPERATORS[rest[0]](value(rest[1], names), value(rest[2], names))
    if op == "cond":
        return value(rest[1] if value(rest[0], names) else rest[2], names)
    if op == "tuple":
        return [value(item, names) for item in rest[0]]
    if op == "object":
        return {str(value(key, names)): value(item, names) for key, item in rest[0]}
    if op == "attr":
        return value(rest[0], names)[rest[1]]
    if op == "index":
        return value(rest[0], names)[value(rest[1], names)]
    if op == "tmpl":
        return "".join(piece(part, names) for part in rest[0])
    if op == "splat":
        return [stepped(item, rest[1], names) for item in value(rest[0], names)]
    assert op in ("for_tuple", "for_object"), op
    return looped(node, names)


def stepped(found: Any, steps: tuple[Any, ...], names: dict[str, Any]) -> Any:
    for step in steps:
        if step[0] == "splat":
            found = [stepped(item, step[1], names) for item in found]
        else:
            found = found[step[1] if step[0] == "attr" else value(step[1], names)]
    return found


def looped(node: hcl.Expr, names: dict[str, Any]) -> Any:
    op, _, _, key, name, collection, *rest = node
    items = value(collection, names)
    pairs = items.items() if isinstance(items, dict) else enumerate(items)
    scopes = [{**names, name: item, **({key: at} if key else {})} for at, item in pairs]
    scopes = [scope for scope in scopes if rest[-1] is None or value(rest[-1], scope)]
    if op == "for_tuple":
        return [value(rest[0], scope) for scope in scopes]
    grouped: dict[str, Any] = {}
    for scope in scopes:
        grouped.setdefault(str(value(rest[0], scope)), []).append(value(rest[1], scope))
    return grouped if rest[2] else {at: found[-1] for at, found in grouped.items()}


def piece(node: hcl.Expr, names: dict[str, Any]) -> str:
    if node[0] == "t_if":
        return "".join(piece(part, names) for part in (node[4] if value(node[3], names) else node[5] or ()))
    if node[0] == "t_for":
        _, _, _, key, name, collection, parts = node
        items = value(collection, names)
        scopes = [{**names, name: item, **({key: at} if key else {})} for at, item in enumerate(items)]
        return "".join(piece(part, scope) for scope in scopes for part in parts)
    found = value(node, names)
    return {True: "true", False: "false"}.get(found, str(found)) if isinstance(found, bool) else str(found)


def rendered(text: str) -> str:
    """What HashiCorp's evaluator makes of an expression, as the message of a condition that fails."""
    with pytest.raises(pygohcl.ValidationError) as error:
        pygohcl.eval_var_condition('var.v == "other"', text, "v", "this")
    return str(error.value)


def evaluated(text: str) -> Any:
    return json.loads(rendered(f"jsonencode({text})"))


ints = st.deferred(lambda: st.one_of(small, sums, st.builds("({})".format, sums), choices, elements))
small = st.integers(0, 99).map(str)
atoms = st.one_of(small, st.builds("({})".format, ints), st.builds("-{}".format, small), st.deferred(lambda: elements))
sums = st.builds(" ".join, st.tuples(atoms, st.sampled_from("+-*"), atoms, st.sampled_from("+-*"), atoms))
compared = st.builds(" ".join, st.tuples(sums, st.sampled_from(["<", ">", "<=", ">=", "==", "!="]), atoms))
bools = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["true", "false"]),
        compared,
        st.builds("!({})".format, compared),
        st.builds("{} {} {}".format, compared, st.sampled_from(["&&", "||"]), bools),
        st.builds(
            "{} == {}".format,
            compared.filter(lambda text: "=" not in text),
            compared.filter(lambda text: "=" not in text),
        ),
    )
)
choices = st.builds("({} ? {} : {} ? {} : {})".format, bools, atoms, bools, small, sums)
lists = st.deferred(
    lambda: st.one_of(
        st.lists(ints, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(ints, min_size=1, max_size=3).map(lambda items: "[\n  " + ",\n  ".join(items) + ",\n]"),
        st.builds("[for x in {} : x * {} if x > {}]".format, lists, atoms, small),
        st.builds("[for i, x in {} : i + x]".format, lists),
        st.builds('[{{ a = {} }}, {{ "a" : {} }}].*.a'.format, ints, ints),
        st.builds('{{ a = {} }}["a"]'.format, lists),
    )
)
elements = st.one_of(
    st.builds("[{}, {}][{}]".format, small, small, st.sampled_from("01")),
    st.builds("{{ a = {{ b = {} }} }}.a.b".format, small),
    st.builds("[[{}]].0[0]".format, small),
)
objects = st.one_of(
    st.builds("[{{ a = [{{b = {}}}] }}, {{\n a = []\n }}][*].a[*].b".format, ints),
    st.builds("{{ a = {}, \"b\" = {}\n c : {} }}".format, ints, bools, lists),
    st.builds("{{ for i, x in {} : \"k${{i}}\" => x + {} }}".format, lists, small),
    st.builds("{{ for x in {} : x % 2 => x... }}".replace("% 2", "> 9 ? \"big\" : \"small\"").format, lists),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(ints, bools, lists, objects))
def test_expressions_mean_what_hashicorp_says(text: str) -> None:
    found = hcl.parse_expression(text)
    assert found[:3] == (found[0], 0, len(text))
    assert value(found, {}) == evaluated(text)


pieces = st.sampled_from(
    [
        "a",
        " ",
        "  ",
        "\t",
        "é",
        "\u00a0",
        "$",
        "%",
        "$${",
        "%%{",
        "}",
        "{",
        "$$",
        '${"x"}',
        '${~ "y" ~}',
        '${"z" ~}',
        "${~ 1}",
    ]
)
branches = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["%{ if true }", "%{ if false ~}", "%{~ if true ~}"]),
    st.lists(pieces, max_size=3).map("".join),
    st.sampled_from(["", "%{ else }", "%{~ else ~}"]),
    st.lists(pieces, max_size=3).map("".join),
    st.sampled_from(["%{ endif }", "%{~ endif ~}"]),
)
loops = st.builds(
    "%{{ for i, x in [3, 4] {}}}{}${{x}}{}%{{ endfor }}".format, st.sampled_from(["", "~"]), pieces, pieces
)
templates = st.lists(st.one_of(pieces, branches, loops), max_size=6).map("".join)


def whole(text: str) -> bool:
    """Pieces put together can make an escape out of an opener (`$` + `${"x"}`), which leaves bare quotes behind."""
    return "%%{ for" not in text and hcl.parse_expression(text)[0] != "error"


@settings(max_examples=150, deadline=None)
@given(templates.map('"{}"'.format).filter(whole))
def test_quoted_templates_mean_what_hashicorp_says(text: str) -> None:
    assert value(hcl.parse_expression(text), {}) == evaluated(text)


indented = st.builds("{}{}\n".format, st.sampled_from(["", " ", "  ", "\t"]), templates)
heredocs = st.builds(
    "<<{}EOT\n{}  EOT\n".format, st.sampled_from(["", "-"]), st.lists(indented, max_size=4).map("".join)
)


@settings(max_examples=150, deadline=None)
@given(heredocs.filter(whole))
def test_heredocs_mean_what_hashicorp_says(text: str) -> None:
    assert value(hcl.parse_expression(text), {}) == evaluated(text)


plain = st.text(st.characters(exclude_characters='"\\$%\r\n', exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=8)
scalars = st.one_of(st.integers(0, 10**12), st.booleans(), st.none(), plain)
names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: name not in ("for", "in", "if", "null", "true", "false", "else", "endif", "endfor")
)
data = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)


def written(found: Any) -> str:
    if isinstance(found, dict):
        return "{" + "".join(f"\n{key} = {written(item)}" for key, item in found.items()) + "\n}"
    if isinstance(found, list):
        return "[" + ", ".join(written(item) for item in found) + "]"
    return f'"{found}"' if isinstance(found, str) else json.dumps(found)


def unquoted(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: unquoted(item) for key, item in found.items()}
    if isinstance(found, list):
        return [unquoted(item) for item in found]
    return found[1:-1] if isinstance(found, str) and found.startswith('"') else found


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(names, data, max_size=4), st.lists(plain, max_size=3), st.dictionaries(names, scalars, max_size=3)
)
def test_values_are_those_of_python_hcl2(top: dict[str, Any], labels: list[str], inner: dict[str, Any]) -> None:
    lines = [f"{name} = {written(item)}" for name, item in top.items()]
    quoted = "".join(f' "{label}"' for label in labels)
    text = "\n".join(
        [*lines, f"zz_block{quoted} {{", *(f"  {name} = {written(item)}" for name, item in inner.items()), "}", ""]
    )
    root = hcl.parse(0, text)
    assert root.problems == []
    theirs = hcl2.loads(text)
    block = theirs.pop("zz_block")[0]
    assert {a.name: value(a.expr, {}) for a in root.attributes} == unquoted(theirs) == top
    for label in labels:
        block = block[f'"{label}"']
    block.pop("__is_block__")
    assert [label for label, _, _ in root.blocks[0].labels] == labels
    assert {a.name: value(a.expr, {}) for a in root.blocks[0].body.attributes} == unquoted(block) == inner
