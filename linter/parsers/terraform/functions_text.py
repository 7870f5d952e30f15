"""Terraform's functions on strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.terraform.arguments import Function, seq, text, whole
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    STRING_LIMIT,
    Wrong,
    derived,
    over_budget,
    sequence,
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
        return sequence(value.split(separator), span)
    return sequence(list(value), span)


def _replace(args: list[Any], span: Span) -> Any:
    value, old, new = (text(arg) for arg in args)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        from linter.parsers.terraform import patterns

        return patterns.replace(value, old[1:-1], new)
    _checked(len(value) + (value.count(old) if old else len(value) + 1) * len(new))
    return value.replace(old, new)


def _substr(args: list[Any], span: Span) -> str:
    value, offset, length = text(args[0]), whole(args[1]), whole(args[2])
    if offset < 0:
        offset = max(len(value) + offset, 0)
    if offset > len(value):
        return ""
    return value[offset:] if length < 0 else value[offset : offset + length]


def _title(value: str) -> str:
    return "".join(
        char.upper() if index == 0 or not (value[index - 1].isalnum() or value[index - 1] == "_") else char
        for index, char in enumerate(value)
    )


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
    return sequence([format_text(text(args[0]), row) for row in rows], span)


def _format(args: list[Any], span: Span) -> Any:
    """format with unknown arguments: the text before the first verb is known."""
    doubt = next((found for found in map(first_unknown, args) if found is not None), None)
    if doubt is not None:
        prefix = args[0].split("%", 1)[0] if isinstance(args[0], str) else ""
        return derived(doubt, "string", prefix=prefix, not_null=True)
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
    "lower": Function(_cased(str.lower), "string", 1, 1, strict=False),
    "regex": Function(_regex, "", 2, 2),
    "regexall": Function(_regexall, "list", 2, 2),
    "replace": Function(_replace, "string", 3, 3),
    "split": Function(_split, "list", 2, 2),
    "startswith": Function(_starts, "bool", 2, 2, strict=False),
    "strcontains": Function(_texts(lambda value, part: part in value), "bool", 2, 2),
    "strrev": Function(_texts(lambda value: value[::-1]), "string", 1, 1),
    "substr": Function(_substr, "string", 3, 3),
    "title": Function(_texts(_title), "string", 1, 1),
    "trim": Function(_texts(lambda value, cut: value.strip(cut)), "string", 2, 2),
    "trimprefix": Function(_texts(lambda value, prefix: value.removeprefix(prefix)), "string", 2, 2),
    "trimspace": Function(_texts(lambda value: value.strip(_SPACE)), "string", 1, 1),
    "trimsuffix": Function(_texts(lambda value, suffix: value.removesuffix(suffix)), "string", 2, 2),
    "upper": Function(_cased(str.upper), "string", 1, 1, strict=False),
}
