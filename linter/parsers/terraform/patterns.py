"""regex, regexall and replace with a pattern: RE2's language, run by Python only where that cannot take long.

RE2 never backtracks and Python's engine does, so a pattern with nested quantifiers, or one whose repetitions could
multiply beyond two million steps on the text at hand, gives an Unknown instead.
"""

from __future__ import annotations

import re
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.terraform.values import ELEMENT_LIMIT, STRING_LIMIT, Wrong, here, over_budget, sequence

_PATTERN_LIMIT = 500
_WORK_LIMIT = 2_000_000
_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ",
    "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


def _not_run(pattern: str) -> Unknown:
    return Unknown("function", f"the pattern {pattern[:40]!r}", "use a simpler pattern")


def _compiled(pattern: str, text: str) -> re.Pattern[str] | None:
    """The pattern in Python's language, None where it may not be run. Raises Wrong where RE2 refuses it."""
    if len(pattern) > _PATTERN_LIMIT:
        return None
    found = _repeats(pattern)
    if found is None:
        return None
    repeats, choices = found
    anchored = pattern.startswith("^")
    if repeats + choices > 40 or (len(text) + 1) ** (repeats + (not anchored)) << choices > _WORK_LIMIT:
        return None
    translated = re.sub(r"\[:(\w+):\]", lambda found: _CLASSES.get(found[1], found[0]), pattern)
    translated = translated.replace(r"\z", r"\Z")
    if not anchored or "$" in translated:
        translated = _dollars(translated)
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise Wrong(f"the pattern {pattern[:40]!r} is not valid") from None


def _dollars(pattern: str) -> str:
    """RE2's $ is the very end of the text; Python's also stands before a last line break."""
    return re.sub(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\$", lambda found: found[1] or r"\Z", pattern, flags=re.S)


def _repeats(pattern: str) -> tuple[int, int] | None:
    """How many repetitions and how many choices a pattern has; None if one repeats a group that repeats or chooses."""
    if re.search(r"\(\?[=!<](?!\w)|\(\?<[=!]|\\[1-9pP]|\(\?P=|\\[QCX]|\(\?\w*[msU]", pattern):
        return None
    groups: list[bool] = []
    complex_ = False
    count = choices = 0
    for token in re.finditer(r"\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\{\d*(?:,\d*)?\}|.", pattern, re.S):
        text = token.group()
        if text == "(":
            groups.append(complex_)
            complex_ = False
        elif text == ")":
            inner, complex_ = complex_, (groups.pop() if groups else False)
            if _quantified(pattern, token.end()) and inner:
                return None
            complex_ = complex_ or inner
        elif text in "*+" or (text[0] == "{" and len(text) > 2):
            if text[0] == "{" and any(int(bound) > 100 for bound in re.findall(r"\d+", text)):
                return None
            count += 1
            complex_ = True
            choices += text[0] == "{"
        elif text == "|" or (text == "?" and token.start() and pattern[token.start() - 1] not in "(*+?}"):
            complex_ = True
            choices += 1
    return count, choices


def _quantified(pattern: str, position: int) -> bool:
    return pattern[position : position + 1] in ("*", "+", "{")


def _captures(found: re.Match[str], span: Span) -> Any:
    if found.re.groupindex:
        result = Map(span)
        for name in found.re.groupindex:
            result[name] = found[name]
            result.at[name] = here(span)
        return result
    if found.re.groups:
        return sequence(found.groups(), span)
    return found[0]


def regex(pattern: str, text: str, span: Span) -> Any:
    """The first match: a string, a tuple of captures, or a map of named captures. Raises Wrong where none matches."""
    compiled = _compiled(pattern, text)
    if compiled is None:
        return _not_run(pattern)
    found = compiled.search(text)
    if found is None:
        raise Wrong("the pattern does not match")
    return _captures(found, span)


def regexall(pattern: str, text: str, span: Span) -> Any:
    """All matches, as a list."""
    compiled = _compiled(pattern, text)
    if compiled is None:
        return _not_run(pattern)
    result = Seq(span)
    for found in compiled.finditer(text):
        result.append(_captures(found, span))
        result.at.append(here(span))
        if len(result) > ELEMENT_LIMIT:
            raise over_budget("a collection of more than 100,000 elements")
    return result


def replace(text: str, pattern: str, new: str) -> Any:
    """All matches replaced; `$1`, `${1}` and `${name}` stand for captures."""
    compiled = _compiled(pattern, text)
    if compiled is None:
        return _not_run(pattern)
    if len(text) * max(len(new), 1) > STRING_LIMIT:
        raise over_budget("a string of more than 1 MB")

    def expand(found: re.Match[str]) -> str:
        def capture(reference: re.Match[str]) -> str:
            if reference[0] == "$$":
                return "$"
            name = reference[1] or reference[2]
            try:
                return found[int(name) if name.isdigit() else name] or ""
            except IndexError:
                return ""

        return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", capture, new)

    return compiled.sub(expand, text)
