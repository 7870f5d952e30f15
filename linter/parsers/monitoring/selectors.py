"""What the selectors of PromQL and LogQL choose by their labels, read off the text without parsing the expression.

https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors . A matcher is a label, a sign and a
text in quotes, and stands between braces only; so that dashboards, whose expressions are full of variables, can be read
too. Whether an expression is one is another question (`linter.checks.monitoring.promql`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from linter.parsers.monitoring.routes import Matcher
from linter.records import NamedTuple

LONGEST = 100_000


class Selector(NamedTuple):
    """metric: '' where none is written before the braces, or nothing is chosen. matchers: those that choose (`=`, `=~`)
    a known text; open: labels that are chosen by what a variable holds."""

    metric: str
    matchers: tuple[Matcher, ...]
    open: frozenset[str]


_TEXT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`"


@cache
def _selector() -> re.Pattern[str]:
    return re.compile(rf"{_TEXT}|\{{((?:[^{{}}\"'`]|{_TEXT})*)\}}", re.S)


@cache
def _matcher() -> re.Pattern[str]:
    return re.compile(rf"(?:([A-Za-z_][\w.]*)|\"([^\"\\]+)\")\s*(=~|!~|!=|=)\s*({_TEXT})", re.S)


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$(?=[A-Za-z_{(])|\[\[|\{\{|%\(|<<")


@lru_cache(maxsize=8192)
def selectors_of(expression: str) -> tuple[Selector, ...]:
    """The selectors of an expression that choose by labels, in order; those of over-long expressions are left."""
    if "{" not in expression or len(expression) > LONGEST:
        return ()
    found = []
    for match in _selector().finditer(expression):
        inside = match[1]
        if inside:
            chosen, open = _matchers(inside)
            if chosen or open:
                found.append(Selector(_metric(expression, match.start()) if chosen else "", chosen, open))
    return tuple(found)


def _metric(expression: str, brace: int) -> str:
    """The name before a brace. Read backwards, since a search for it would begin anew at each of its letters."""
    before = expression[max(0, brace - 300) : brace].rstrip()[::-1]
    found = _letters().match(before)
    return found[0][::-1] if found else ""


@cache
def _letters() -> re.Pattern[str]:
    return re.compile(r"[\w:]*")


@lru_cache(maxsize=8192)
def _matchers(inside: str) -> tuple[tuple[Matcher, ...], frozenset[str]]:
    chosen, open = [], set()
    for label, quoted, sign, text in _matcher().findall(inside):
        value = _plain(text)
        if _variable().search(value):
            open.add(label or quoted)
        elif sign in ("=", "=~"):
            chosen.append(Matcher(label or quoted, sign, value))
    return tuple(chosen), frozenset(open)


def _plain(text: str) -> str:
    value = text[1:-1]
    return value if "\\" not in value or text[0] == "`" else re.sub(r"\\(.)", r"\1", value, flags=re.S)


def words_of(expression: str) -> set[str]:
    """Everything in an expression that may be a metric's name."""
    return set(_word().findall(expression))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z_:][\w:]*")


def choices(matcher: Matcher) -> list[tuple[str, bool]]:
    """What a matcher chooses, as (text, whether anything may follow it); nothing for patterns that say more.

    Patterns are anchored (RE2): `web|cart`, `web-.*`, `web-[0-9a-f]+-.*` and their like are known to begin somehow.
    """
    if matcher.sign == "=":
        return [(matcher.value, False)] if matcher.value else []
    pattern = matcher.value.removeprefix("^").removesuffix("$")
    if pattern.startswith("(") and pattern.endswith(")") and pattern.count("(") == 1:
        pattern = pattern[1:-1].removeprefix("?:")
    if "(" in pattern:
        head, _, rest = pattern.partition("(")
        return [] if "|" in head or "|" in rest.rpartition(")")[2] else _begins(head + ".*")
    return [found for choice in pattern.split("|") for found in _begins(choice)]


def _begins(choice: str) -> list[tuple[str, bool]]:
    end = next((at for at, char in enumerate(choice) if not (char.isalnum() or char in "-_/:")), len(choice))
    if end == len(choice):
        return [(choice, False)] if choice else []
    if choice[end] in "*?{":
        end -= 1  # What is repeated may be missing.
    return [(choice[:end], True)] if end > 0 else []
