"""Faults that an expression shows by itself, whatever its contexts hold: tests that can be walked around, choices that
give one value only, texts that are nothing but constants.

Encodes https://docs.github.com/en/actions/reference/workflows-and-actions/expressions: `contains` on a text looks for a
substring, and `a && b || c` gives c where b is falsy.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from linter.checks import Verdict
from linter.checks.pipelines.common import failed, parts, passed, scalar_place
from linter.model import Estate, Map, Resource, Span
from linter.parsers.pipelines.expression_nodes import Node, walk
from linter.parsers.pipelines.expressions import dotted, parse

CONTAINS, TERNARY, UNREDACTED, CONSTANT = "contains", "ternary", "unredacted", "constant"

_KINDS = ("pipeline/pipeline", "pipeline/action", "pipeline/job", "pipeline/step")
_FOLDED = frozenset(("format", "contains", "startswith", "endswith", "tojson", "join"))
"""Functions that give a constant for constants; not fromJSON, which is how a list or a mapping is written."""

Fault = tuple[Resource, Span, str]
"""What has it, where, and the part of the expression that is meant."""


@lru_cache(maxsize=4)
def _faults(estate: Estate) -> dict[str, list[Fault]]:
    """Fault → where it is, of every expression of GitHub's files; found in one walk for all checks."""
    found: dict[str, list[Fault]] = {}
    for kind in _KINDS:
        for resource in parts(estate, kind, "github"):
            for each in resource.body.get("expressions", ()):
                where = each["where"]
                for fault, told in _of_text(each["text"]):
                    if _counts(fault, where, told):
                        found.setdefault(fault, []).append((resource, each.span, told))
    return found


def _counts(fault: str, where: str, told: str) -> bool:
    """`contains` decides something only in a condition, and `if: false` is how a job is turned off."""
    if fault == CONTAINS:
        return where == "if"
    return fault != CONSTANT or where != "if" or bool(told)


@lru_cache(maxsize=8192)
def _of_text(text: str) -> tuple[tuple[str, str], ...]:
    """(fault, part of the text) of an expression, each fault once."""
    if text.replace(".", "").replace("_", "").replace("-", "").isalnum() and not text[0].isdigit():
        return ((CONSTANT, ""),) if text in ("true", "false", "null") else ()
    node = parse(text).node
    if node is None:
        return ()
    if node[0] == "lit":
        # `${{ '${{' }}` is the only way to write these delimiters.
        return () if "{{" in text or "}}" in text else ((CONSTANT, ""),)
    found: dict[str, str] = {}
    for each in walk(node):
        fault = _of_node(each)
        if fault:
            found.setdefault(fault, text[each[1] : each[2]])
    return tuple(found.items())


def _of_node(node: Node) -> str:
    op = node[0]
    if op == "call":
        args = node[4]
        if node[3] == "contains" and len(args) == 2 and args[0][0] == "lit" and args[1][0] == "ctx":
            return CONTAINS if isinstance(args[0][3], str) else ""
        if node[3] == "fromjson" and args and args[0][0] == "ctx" and dotted(args[0][3]).startswith("secrets."):
            return UNREDACTED
    if op == "or" and any(_falsy_choice(operand) for operand in node[3][:-1]):
        return CONSTANT if _constant(node) else TERNARY
    return CONSTANT if op != "lit" and _constant(node) else ""


def _falsy_choice(node: Node) -> bool:
    return bool(node[0] == "and" and node[3][-1][0] == "lit" and not node[3][-1][3] and not _constant(node))


def _constant(node: Node) -> bool:
    """Whether a node is made of literals only. The parser bounds the depth."""
    op = node[0]
    if op in ("and", "or"):
        return all(_constant(operand) for operand in node[3])
    if op == "cmp":
        return all(_constant(operand) for operand in node[4])
    if op == "not":
        return _constant(node[3])
    if op == "call":
        return node[3] in _FOLDED and bool(node[4]) and all(_constant(arg) for arg in node[4])
    return bool(op == "lit")


def _judged(estate: Estate, fault: str, message: str) -> Iterator[Verdict]:
    found = _faults(estate).get(fault, ())
    at_fault = {resource.outermost for resource, _, _ in found}
    for kind in ("pipeline/pipeline", "pipeline/action"):
        for top in parts(estate, kind, "github"):
            if top not in at_fault:
                yield passed(top)
    for resource, span, told in found:
        yield failed(resource, message.replace("{told}", _short(told)), span, told)


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= 80 else joined[:79] + "…"


def no_substring_conditions(estate: Estate) -> Iterator[Verdict]:
    """Conditions that look a value up in a text as if the text were a list."""
    return _judged(estate, CONTAINS, "`{told}` holds for every part of the text, not for its words only")


def no_falsy_choices(estate: Estate) -> Iterator[Verdict]:
    """`a && b || c` with a b that is always falsy, so that it always gives c."""
    return _judged(estate, TERNARY, "`{told}` never gives what stands behind `&&`, since that is falsy")


def no_unmasked_secrets(estate: Estate) -> Iterator[Verdict]:
    """Parts of a secret that were taken out of its JSON, which the log does not mask."""
    return _judged(estate, UNREDACTED, "Logs mask the whole secret, not what `{told}` takes out of it")


def no_obfuscation(estate: Estate) -> Iterator[Verdict]:
    """Expressions made of constants, whole mappings that an expression computes, and detours in the path of an action."""
    yield from _judged(estate, CONSTANT, "This is a constant, written so that it has to be worked out")
    for kind in ("pipeline/job", "pipeline/step"):
        for resource in parts(estate, kind, "github"):
            yield from _detours(resource)


def _detours(resource: Resource) -> Iterator[Verdict]:
    uses = resource.body.get("uses")
    if not isinstance(uses, Map):
        return
    location = str(uses["raw"]).partition("@")[0]
    if uses["owner"] and not {"", ".", ".."}.isdisjoint(location.split("/")):
        span = scalar_place(resource.body, "uses", resource.anchor)
        yield failed(resource, "The path takes detours, so that it does not show which action runs", span)
    if isinstance(resource.body.get("with"), str):
        span = scalar_place(resource.body, "with", resource.anchor)
        yield failed(resource, "Which inputs the action gets is not written here", span)
