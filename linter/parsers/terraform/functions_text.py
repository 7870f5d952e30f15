"""Terraform's functions on strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.terraform.arguments import Function, seq, text, whole
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    STRING,
    STRING_LIMIT,
    Wrong,
    derived,
    listed,
    over_budget,
)


def _texts(apply: Callable[..., Any]) -> Callable[[list[Any], Span], Any]:
    """A function of strings only."""
    return lambda args, span: apply(*[text(arg) for arg in args])


def _checked(length: int) -> None:
    if length > STRING_LIMIT:
        raise over_budget("a string of more than 1 MB")


def _indent(args: list[Any], span: Span) -> str:
    width, value = whole(args[0]), text(args[1])
    if width < 0:
        raise Wrong("indent needs a number that is not negative")
    _checked(len(value) + width * value.count("\n"))
    return value.replace("\n", "\n" + " " * width)


def _join(args: list[Any], span: Span) -> Any:
    separator = text(args[0])
    pieces = [text(element) for value in args[1:] for element in seq(value)]
    _checked(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def _join_known(args: list[Any], span: Span) -> Any:
    """join with unknown elements: the text before the first of them is known."""
    doubt = next((found for found in map(first_unknown, args) if found is not None), None)
    if doubt is None:
        return _join(args, span)
    prefix = ""
    if (
        isinstance(args[0], str)
        and len(args) > 1
        and isinstance(args[1], Seq)
        and not isinstance(args[1].open, Unknown)
    ):
        for element in args[1]:
            if isinstance(element, (Unknown, Map, Seq)) or element is None:
                break
            prefix += text(element) + args[0]
            _checked(len(prefix))
    return derived(doubt, "string", prefix=prefix, not_null=True)


def _split(args: list[Any], span: Span) -> Any:
    separator, value = text(args[0]), text(args[1])
    if separator:
        return listed(value.split(separator), STRING, span)
    return listed(list(value), STRING, span)


def _replace(args: list[Any], span: Span) -> Any:
    value, old, new = (text(arg) for arg in args)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        from linter.parsers.terraform import patterns

        return patterns.replace(value, old[1:-1], new)
    _checked(len(value) + (value.count(old) if old else len(value) + 1) * len(new))
    return value.replace(old, new)


def _substr(args: list[Any], span: Span) -> str:
    value, offset, length = text(args[0]), whole(args[1]), whole(args[2])
    from linter.parsers.terraform.graphemes import clusters

    parts = list(value) if value.isascii() and "\r" not in value else clusters(value)
    if offset < 0:
        offset = max(len(parts) + offset, 0)
    return "".join(parts[offset:] if length < 0 else parts[offset : offset + length])


def _reversed(value: str) -> str:
    if value.isascii() and "\r" not in value:
        return value[::-1]
    from linter.parsers.terraform.graphemes import clusters

    return "".join(clusters(value)[::-1])


def _upper(value: str) -> str:
    """Character by character, as Go has it: one for one, whatever stands around it."""
    if value.isascii():
        return value.upper()
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in value)


def _lower(value: str) -> str:
    return value.lower() if value.isascii() else "".join(char.lower()[0] for char in value)


def _title(value: str) -> str:
    pieces: list[str] = []
    separated = True
    for char in value:
        titled = char.title() if separated else char
        pieces.append(titled if len(titled) == 1 else char)
        separated = not (char.isalnum() or char == "_") if char.isascii() else char in _SPACE
    return "".join(pieces)


def _formatlist(args: list[Any], span: Span) -> Any:
    from linter.parsers.terraform.formatting import format_text

    lists = [arg for arg in args[1:] if isinstance(arg, Seq)]
    lengths = {len(arg) for arg in lists} or {1}
    if len(lengths) > 1:
        raise Wrong("formatlist needs lists of one length")
    length = lengths.pop()
    if length * len(args) > ELEMENT_LIMIT:
        raise over_budget("formatlist of large lists")
    rows = ([arg[i] if isinstance(arg, Seq) else arg for arg in args[1:]] for i in range(length))
    return listed([format_text(text(args[0]), row) for row in rows], STRING, span)


def _format(args: list[Any], span: Span) -> Any:
    """format with unknown arguments: the text before the first verb is known."""
    doubt = next((found for found in map(first_unknown, args) if found is not None), None)
    if doubt is not None:
        prefix = args[0].split("%", 1)[0] if isinstance(args[0], str) else ""
        return derived(doubt, "string", prefix=prefix, not_null=True)
    if any(arg is None for arg in args[1:]):
        # Terraform leaves it unknown: null alone has no type.
        return Unknown("expression", "null in format()", "give format a value", type="string")
    from linter.parsers.terraform.formatting import format_text

    return format_text(text(args[0]), args[1:])


def _regex(args: list[Any], span: Span) -> Any:
    from linter.parsers.terraform import patterns

    return patterns.regex(text(args[0]), text(args[1]), span)


def _regexall(args: list[Any], span: Span) -> Any:
    from linter.parsers.terraform import patterns

    return patterns.regexall(text(args[0]), text(args[1]), span)


def _starts(args: list[Any], span: Span) -> Any:
    """startswith, decided by the known beginning of an unknown string where that is enough."""
    value, prefix = args
    if isinstance(value, Unknown) or isinstance(prefix, Unknown):
        if isinstance(value, Unknown) and isinstance(prefix, str) and value.prefix:
            if value.prefix.startswith(prefix):
                return True
            if not prefix.startswith(value.prefix):
                return False
        return derived(value if isinstance(value, Unknown) else prefix, "bool", not_null=True)
    return text(value).startswith(text(prefix))


def _cased(change: Callable[[str], str]) -> Callable[[list[Any], Span], Any]:
    """lower and upper keep what is known of the beginning."""

    def apply(args: list[Any], span: Span) -> Any:
        if isinstance(args[0], Unknown):
            return derived(args[0], "string", prefix=change(args[0].prefix), not_null=True)
        return change(text(args[0]))

    return apply


def _basename(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2] or ("/" if path.startswith("/") else ".")


def _dirname(path: str) -> str:
    from posixpath import normpath

    head = path.rpartition("/")[0]
    if not head:
        return "/" if path.startswith("/") else "."
    return normpath(head)


_SPACE = " \t\n\v\f\r\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

FUNCTIONS: dict[str, Function] = {
    "basename": Function(_texts(_basename), "string", 1, 1),
    "chomp": Function(_texts(lambda value: value.rstrip("\r\n")), "string", 1, 1),
    "dirname": Function(_texts(_dirname), "string", 1, 1),
    "endswith": Function(_texts(lambda value, suffix: value.endswith(suffix)), "bool", 2, 2),
    "format": Function(_format, "string", 1, -1, strict=False),
    "formatlist": Function(_formatlist, "list", 1, -1),
    "indent": Function(_indent, "string", 2, 2),
    "join": Function(_join_known, "string", 2, -1, strict=False),
    "lower": Function(_cased(_lower), "string", 1, 1, strict=False),
    "regex": Function(_regex, "", 2, 2),
    "regexall": Function(_regexall, "list", 2, 2),
    "replace": Function(_replace, "string", 3, 3),
    "split": Function(_split, "list", 2, 2),
    "startswith": Function(_starts, "bool", 2, 2, strict=False),
    "strcontains": Function(_texts(lambda value, part: part in value), "bool", 2, 2),
    "strrev": Function(_texts(_reversed), "string", 1, 1),
    "substr": Function(_substr, "string", 3, 3),
    "title": Function(_texts(_title), "string", 1, 1),
    "trim": Function(_texts(lambda value, cut: value.strip(cut)), "string", 2, 2),
    "trimprefix": Function(_texts(lambda value, prefix: value.removeprefix(prefix)), "string", 2, 2),
    "trimspace": Function(_texts(lambda value: value.strip(_SPACE)), "string", 1, 1),
    "trimsuffix": Function(_texts(lambda value, suffix: value.removesuffix(suffix)), "string", 2, 2),
    "upper": Function(_cased(_upper), "string", 1, 1, strict=False),
}
