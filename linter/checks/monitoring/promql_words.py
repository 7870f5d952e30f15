"""What a PromQL expression selects and does with it, as words that rules look for.

https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from linter.checks.monitoring.promql import _Token, _tokens, flaw
from linter.checks.monitoring.promql_names import _GROUPS, _WORDS, _aggregates, _inside
from linter.records import NamedTuple

QUANTILES = frozenset(("histogram_quantile", "quantile", "quantile_over_time"))
_SIGNS = frozenset(("=", "=~", "!=", "!~"))


class Selector(NamedTuple):
    """metric: '' where matchers alone select. matchers: label → (sign, value). at: the number of its first token."""

    metric: str
    matchers: Mapping[str, tuple[str, str]]
    at: int

    def word(self) -> str:
        said = ",".join(f"{label}{sign}{value}" for label, (sign, value) in self.matchers.items())
        return f"{self.metric}{{{said}}}".replace(" ", "")


class Expression(NamedTuple):
    """functions: names called, in lower case. divided: the selector nearest before each division by a vector."""

    selectors: tuple[Selector, ...]
    functions: frozenset[str]
    divided: tuple[Selector, ...]


@lru_cache(maxsize=4096)
def read(expression: str) -> Expression | None:
    """What an expression holds, None where it is no PromQL."""
    if flaw(expression) is not None:
        return None
    tokens = _tokens(expression)
    selectors = list(_selectors(tokens))
    functions = {
        token.text.lower()
        for at, token in enumerate(tokens[:-1])
        if token.kind == "name" and (tokens[at + 1].kind == "(" or _aggregates(tokens, at))
    }
    divided = []
    for at, token in enumerate(tokens):
        before = [each for each in selectors if each.at < at] if token.kind == "/" else []
        if before and selectors[-1].at > at:
            divided.append(before[-1])
    return Expression(tuple(selectors), frozenset(functions - _WORDS - _GROUPS), tuple(divided))


def _selectors(tokens: list[_Token]) -> Iterator[Selector]:
    at, name = 0, ""
    while at < len(tokens):
        token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else tokens[-1]
        word = token.text.lower() if token.kind == "name" else ""
        if token.kind == "{":
            inside = _inside(tokens, at)
            yield _selector("", inside, at)
            at += len(inside) + 1
        elif token.kind == "[" or (word in _GROUPS and after.kind == "("):
            at += len(_inside(tokens, at if token.kind == "[" else at + 1)) + (1 if token.kind == "[" else 2)
        elif word and after.kind != "(" and word not in _WORDS and word not in _GROUPS and not _aggregates(tokens, at):
            name = token.text
            inside = _inside(tokens, at + 1) if after.kind == "{" else []
            yield _selector(name, inside, at)
            at += len(inside) + 2 if after.kind == "{" else 0
        at += 1


def _selector(metric: str, inside: list[_Token], at: int) -> Selector:
    matchers: dict[str, tuple[str, str]] = {}
    for index in range(len(inside) - 2):
        label, sign, value = inside[index : index + 3]
        if label.kind in ("name", "string") and sign.kind in _SIGNS and value.kind == "string":
            matchers[label.text.strip("\"'`")] = (sign.kind, value.text[1:-1])
    named = matchers.pop("__name__", None)
    return Selector(metric or (named[1] if named else ""), matchers, at)


def words(expression: str) -> str:
    """`metric:…{…}` of every selector, `quantile:…` of those a quantile is made of, `ratio:…` of what is divided by
    another and `fn:…` of what is called; the expression as it is where it cannot be read."""
    found = read(expression)
    if found is None:
        return expression
    said = [f"metric:{each.word()}" for each in found.selectors]
    said += [f"ratio:{each.word()}" for each in found.divided]
    said += [f"fn:{name}" for name in sorted(found.functions)]
    if found.functions & QUANTILES:
        said += [f"quantile:{each.word()}" for each in found.selectors]
    return " ".join(said)
