"""What a PromQL expression reads: the metrics its selectors name.

https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

from __future__ import annotations

from linter.checks.monitoring.promql import _Token, _tokens, flaw
from linter.model import Unknown

_WORDS = frozenset(
    ("and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", "start", "end", "step", "anchored", "smoothed")
)
_GROUPS = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))
_CLOSING = {"(": ")", "{": "}", "[": "]"}


def metrics_of(expression: str) -> frozenset[str] | Unknown:
    """The names of all metrics and records an expression selects; Unknown where it cannot be read, or selects by a
    pattern of names."""
    found = flaw(expression)
    if found is not None:
        return found if isinstance(found, Unknown) else Unknown("expression", "the expression", found.message)
    tokens, names, at = _tokens(expression), set(), 0
    while at < len(tokens):
        token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else tokens[-1]
        word = token.text.lower() if token.kind == "name" else ""
        if token.kind == "{":
            inside = _inside(tokens, at)
            chosen = _named(inside)
            if chosen is None:
                return Unknown("expression", "the expression", "It selects metrics by a pattern.")
            names.update(chosen)
            at += len(inside) + 1
        elif token.kind == "[" or (word in _GROUPS and after.kind == "("):
            at += len(_inside(tokens, at if token.kind == "[" else at + 1)) + (1 if token.kind == "[" else 2)
        elif word and after.kind != "(" and word not in _WORDS and word not in _GROUPS and not _aggregates(tokens, at):
            names.add(token.text)
        at += 1
    return frozenset(names)


def _inside(tokens: list[_Token], opening: int) -> list[_Token]:
    """The tokens between a bracket and the one that closes it."""
    depth, kind, closing = 0, tokens[opening].kind, _CLOSING[tokens[opening].kind]
    for at in range(opening, len(tokens)):
        depth += (tokens[at].kind == kind) - (tokens[at].kind == closing)
        if depth == 0:
            return tokens[opening + 1 : at]
    return tokens[opening + 1 :]


def _named(inside: list[_Token]) -> list[str] | None:
    """Metrics that matchers name; None where they name one by a pattern."""
    found = []
    for at, token in enumerate(inside):
        before = inside[at - 1].kind if at else ","
        after = inside[at + 1].kind if at + 1 < len(inside) else ","
        if token.text == "__name__" and token.kind == "name":
            if after != "=":
                return None
            found.append(inside[at + 2].text[1:-1])
        elif token.kind == "string" and before == "," and after == ",":
            found.append(token.text[1:-1])
    return found


def _aggregates(tokens: list[_Token], at: int) -> bool:
    """`sum by (job) (x)`: the aggregation's own name, which a grouping follows."""
    return tokens[at + 1].kind == "name" and tokens[at + 1].text.lower() in ("by", "without")
