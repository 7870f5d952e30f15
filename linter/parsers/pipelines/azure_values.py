"""The values of Azure Pipelines' expressions, in three-valued logic: an Unknown stays one until it no longer matters.

Encodes the functions and type casting of https://learn.microsoft.com/azure/devops/pipelines/process/expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.pipelines.azure_expressions import number
from linter.parsers.pipelines.expression_nodes import Node

MAX_TEXT = 200_000
"""Longest text that an expression may build; a longer one is unknown."""

Lookup = Callable[[Node], Any]
"""The value of a context such as `parameters.x`; Unknown where the tree does not say."""

_RUN = Unknown("run-time", "an expression", "write the value out")
_LONG = Unknown("budget", "an expression", "make the text that it builds shorter")


def unknown(subject: str, cause: str = "run-time") -> Unknown:
    return Unknown(cause, subject, "give the parameter or variable a value in the repository")


def evaluate(node: Node, lookup: Lookup, here: Entry) -> Any:
    """The value of an expression: text, number, bool, None, Map, Seq or Unknown. here: the place lists get that it makes."""
    op = node[0]
    if op == "lit":
        return node[3]
    if op == "ctx":
        return lookup(node)
    if op == "deref":
        value = evaluate(node[3], lookup, here)
        for part in node[4]:
            value = member(value, part if isinstance(part, str) else evaluate(part, lookup, here))
        return value
    name = node[3]
    if name in ("and", "or"):
        return _chain(node[4], lookup, here, name == "or")
    if name == "iif":
        chosen = truth(evaluate(node[4][0], lookup, here))
        return unknown("iif") if chosen is None else evaluate(node[4][1 if chosen else 2], lookup, here)
    return call(name, [evaluate(arg, lookup, here) for arg in node[4]], here)


def _chain(operands: Sequence[Node], lookup: Lookup, here: Entry, wanted: bool) -> Any:
    unsure: Any = None
    for operand in operands:
        value = evaluate(operand, lookup, here)
        held = truth(value)
        if held is wanted:
            return wanted
        if held is None:
            unsure = value
    return not wanted if unsure is None else unsure


def member(value: Any, key: Any) -> Any:
    """One step into an object (names in any case) or a list; None where there is nothing."""
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return value if isinstance(value, Unknown) else key
    if key == "*" and isinstance(value, (Map, Seq)):
        return value
    if isinstance(value, Map):
        return entry_of(value, text(key))[0]
    if isinstance(value, Seq):
        index = text(key)
        at = int(index) if index.isascii() and index.isdecimal() and len(index) < 9 else -1
        return value[at] if 0 <= at < len(value) else None
    return None


def entry_of(value: Map, name: str) -> tuple[Any, Entry | None]:
    """An entry by its name in any case, with its place; (None, None) where there is none."""
    if name in value:
        return value[name], value.at.get(name)
    low = name.lower()
    for key, item in value.items():
        if isinstance(key, str) and key.lower() == low:
            return item, value.at.get(key)
    return None, None


def truth(value: Any) -> bool | None:
    """A value as a condition: 0, '' and null are false, everything else is true; None where it is unknown."""
    if isinstance(value, Unknown):
        return None
    return True if isinstance(value, (Map, Seq)) else bool(value)


def text(value: Any) -> str:
    """A scalar as text: `True`, `False`, numbers without a needless fraction, '' for null and for collections."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else ""


def _numeric(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return value
    if value is None:
        return 0
    if isinstance(value, str):
        written = value.strip()
        if not written:
            return 0
        if len(written) < 40 and written.replace(".", "", 1).lstrip("+-").isdecimal() and written.isascii():
            return number(written.lstrip("0") or "0") if written.isdecimal() else float(written)
    return None


def equal(left: Any, right: Any) -> bool:
    """`eq`: the right side is cast to the type of the left; texts are compared without case.

    A boolean of an untyped parameter is a text to Azure, so that booleans are compared with texts as texts.
    """
    if isinstance(left, (Map, Seq)) or isinstance(right, (Map, Seq)):
        return left is right
    if isinstance(left, bool) and not isinstance(right, str):
        return left is bool(right)
    if isinstance(left, bool):
        return bool(text(left).lower() == right.lower())
    if isinstance(left, (int, float)):
        return left == _numeric(right)
    if left is None:
        return right is None or right == ""
    return bool(left.lower() == text(right).lower())


def _ordered(left: Any, right: Any) -> int | None:
    """-1, 0 or 1, None where the two do not compare."""
    if isinstance(left, str):
        one, other = left.lower(), text(right).lower()
        return (one > other) - (one < other)
    first, second = _numeric(left), _numeric(right)
    return None if first is None or second is None else (first > second) - (first < second)


def call(name: str, values: list[Any], here: Entry) -> Any:
    """The value of a function of known name; an Unknown argument makes the result unknown unless others decide it."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return _STATUS.get(name, _RUN) if name != "counter" else unknown("counter()")
    if name in ("in", "notin"):
        return _among(values, name == "in")
    if name == "coalesce":
        return _coalesce(values)
    for value in values:
        if isinstance(value, Unknown):
            return value
    if name == "split":
        return listed(text(values[0]).split(text(values[1]) or None), here)
    result = function(*values)
    return _LONG if isinstance(result, str) and len(result) > MAX_TEXT else result


def listed(values: Sequence[Any], here: Entry) -> Seq:
    """Values that an expression makes, as a list whose elements stand where the expression stands."""
    made = Seq((here[0], here[3], here[4]))
    for value in values[:10_000]:
        made.append(value)
        made.at.append((here[0], here[3], here[3], here[3], here[4]))
    return made


def _among(values: list[Any], wanted: bool) -> Any:
    if isinstance(values[0], Unknown):
        return values[0]
    unsure = None
    for value in values[1:]:
        if isinstance(value, Unknown):
            unsure = value
        elif equal(values[0], value):
            return wanted
    return not wanted if unsure is None else unsure


def _coalesce(values: list[Any]) -> Any:
    for value in values:
        if isinstance(value, Unknown) or (value is not None and value != ""):
            return value
    return None


def _format(template: Any, *values: Any) -> Any:
    pieces: list[str] = []
    rest, size = text(template), 0
    while rest:
        brace = min((at for at in (rest.find("{"), rest.find("}")) if at >= 0), default=-1)
        if brace < 0:
            pieces.append(rest)
            break
        pieces.append(rest[:brace])
        if rest.startswith(("{{", "}}"), brace):
            pieces.append(rest[brace])
            rest = rest[brace + 2 :]
            continue
        inner, closed, rest = rest[brace + 1 :].partition("}")
        if not closed or not inner[:4].isdecimal() or int(inner[:4]) >= len(values):
            return _RUN
        pieces.append(text(values[int(inner[:4])]))
        size += len(pieces[-1])
        if size > MAX_TEXT:
            return _LONG
    return "".join(pieces)


def _join(separator: Any, values: Any) -> Any:
    if not isinstance(values, Seq):
        return text(values)
    if any(isinstance(value, Unknown) for value in values):
        return _RUN
    if sum(len(text(value)) for value in values) + len(text(separator)) * len(values) > MAX_TEXT:
        return _LONG
    return text(separator).join(text(value) for value in values)


def _holds(values: Any, wanted: Any) -> Any:
    items = list(values.values()) if isinstance(values, Map) else list(values) if isinstance(values, Seq) else []
    return _among([wanted, *items], True) if items else False


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (Map, Seq)) else len(text(value))


def _replace(value: Any, old: Any, new: Any) -> Any:
    written, out = text(value), text(old)
    if not out:
        return written
    grown = len(written) + written.count(out) * len(text(new))
    return _LONG if grown > MAX_TEXT else written.replace(out, text(new))


def _compared(test: Callable[[int], bool]) -> Callable[[Any, Any], Any]:
    def compare(left: Any, right: Any) -> Any:
        order = _ordered(left, right)
        return _RUN if order is None else test(order)

    return compare


_STATUS: dict[str, Any] = {"always": True, "succeeded": True, "succeededorfailed": True, "canceled": False}
"""As long as nothing fails; whether something has is known in the run only."""

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "not": lambda value: not truth(value),
    "xor": lambda one, other: truth(one) is not truth(other),
    "eq": equal,
    "ne": lambda one, other: not equal(one, other),
    "lt": _compared(lambda order: order < 0),
    "le": _compared(lambda order: order <= 0),
    "gt": _compared(lambda order: order > 0),
    "ge": _compared(lambda order: order >= 0),
    "in": _among,
    "notin": _among,
    "contains": lambda value, part: text(part).lower() in text(value).lower(),
    "containsvalue": _holds,
    "startswith": lambda value, part: text(value).lower().startswith(text(part).lower()),
    "endswith": lambda value, part: text(value).lower().endswith(text(part).lower()),
    "format": _format,
    "join": _join,
    "split": str.split,
    "replace": _replace,
    "lower": lambda value: text(value).lower(),
    "upper": lambda value: text(value).upper(),
    "trim": lambda value: text(value).strip(),
    "length": _length,
    "coalesce": _coalesce,
}
