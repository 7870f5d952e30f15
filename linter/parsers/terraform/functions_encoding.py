"""Terraform's functions that encode, decode and hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.terraform.arguments import Function, text
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.json_text import Encoded, EncodedUnknown, json_text
from linter.parsers.terraform.values import (
    STRING,
    Wrong,
    derived,
    listed,
    mapping,
    over_budget,
    sequence,
    to_number,
)

_DEPTH = 60


def _jsonencode(args: list[Any], span: Span) -> Any:
    doubt = first_unknown(args[0])
    if doubt is not None:
        unknown = EncodedUnknown(doubt.cause, doubt.subject, doubt.remedy, type="string", not_null=True)
        unknown.tree = args[0]
        return unknown
    encoded = Encoded(json_text(args[0]))
    encoded.tree = args[0]
    return encoded


def _jsondecode(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, (Encoded, EncodedUnknown)):
        return _untyped(value.tree, 0)
    if isinstance(value, Unknown):
        return derived(value)
    import json

    try:
        decoded = json.loads(text(value), parse_constant=_refused, parse_int=_numeral, parse_float=_numeral)
        return _placed(decoded, span, 0)
    except (ValueError, RecursionError):
        raise Wrong("this is not JSON") from None


def _untyped(value: Any, depth: int) -> Any:
    """A value as JSON gives it back: tuples and objects only."""
    if depth > _DEPTH:
        raise over_budget("a deeply nested value")
    if isinstance(value, Map):
        members = [_untyped(item, depth + 1) for item in value.values()]
        if type(value) is Map and all(new is old for new, old in zip(members, value.values(), strict=True)):
            return value
        table = Map(value.span)
        table.update(zip(value, members, strict=True))
        table.at, table.open = value.at, value.open
        return table
    if isinstance(value, Seq):
        members = [_untyped(item, depth + 1) for item in value]
        if type(value) is Seq and all(new is old for new, old in zip(members, value, strict=True)):
            return value
        listed_ = Seq(value.span)
        listed_.extend(members)
        listed_.at, listed_.open = value.at, value.open
        return listed_
    return value


def _numeral(digits: str) -> Any:
    return to_number(digits)


def _refused(constant: str) -> Any:
    raise ValueError(constant)


def _placed(value: Any, span: Span, depth: int) -> Any:
    if depth > _DEPTH:
        raise over_budget("a deeply nested value")
    if isinstance(value, dict):
        return mapping(((str(key), _placed(item, span, depth + 1)) for key, item in value.items()), span)
    if isinstance(value, list):
        return sequence([_placed(item, span, depth + 1) for item in value], span)
    return value


def _csvdecode(args: list[Any], span: Span) -> Any:
    import csv
    import io

    try:
        rows = list(csv.reader(io.StringIO(text(args[0]), newline="")))
    except csv.Error as error:
        raise Wrong(f"this is not CSV: {error}") from None
    if not rows:
        raise Wrong("the first line of a CSV has the names")
    header = rows[0]
    if any(len(row) != len(header) for row in rows[1:] if row):
        raise Wrong("a line of the CSV has another number of fields")
    of = "object", dict.fromkeys(sorted(header), (STRING, False, None))
    return listed([mapping(zip(header, row, strict=True), span) for row in rows[1:] if row], of, span)


def _b64decode(args: list[Any], span: Span) -> Any:
    try:
        return base64.b64decode(text(args[0]).replace("\n", "").replace("\r", ""), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise Wrong("this is not base64 of UTF-8 text") from None


def _hex(algorithm: Callable[..., Any]) -> Callable[[list[Any], Span], Any]:
    return lambda args, span: algorithm(text(args[0]).encode(), usedforsecurity=False).hexdigest()


def _hash64(algorithm: Callable[..., Any]) -> Callable[[list[Any], Span], Any]:
    return lambda args, span: base64.b64encode(algorithm(text(args[0]).encode()).digest()).decode()


def _codec(name: Any) -> str:
    import codecs

    try:
        found = codecs.lookup(text(name))
    except (LookupError, ValueError):
        raise Wrong("there is no such encoding") from None
    if not found._is_text_encoding:
        raise Wrong("there is no such encoding")
    return found.name


def _text_encode(args: list[Any], span: Span) -> str:
    try:
        return base64.b64encode(text(args[0]).encode(_codec(args[1]))).decode()
    except UnicodeError:
        raise Wrong("the encoding has no such character") from None


def _text_decode(args: list[Any], span: Span) -> str:
    try:
        return base64.b64decode(text(args[0]), validate=True).decode(_codec(args[1]))
    except (binascii.Error, UnicodeError, ValueError):
        raise Wrong("this is not text of that encoding") from None


def _urlencode(args: list[Any], span: Span) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text(args[0]), safe="")


def _urldecode(args: list[Any], span: Span) -> str:
    """OpenTofu's."""
    import re
    from urllib.parse import unquote_plus

    written = text(args[0])
    if re.search(r"%(?![0-9a-fA-F]{2})", written):
        raise Wrong("a bad escape in a URL")
    return unquote_plus(written, errors="strict")


def _gunzip(args: list[Any], span: Span) -> str:
    """OpenTofu's."""
    import zlib

    try:
        opened = zlib.decompressobj(31)
        data = opened.decompress(base64.b64decode(text(args[0]), validate=True), 4_000_000)
        if opened.unconsumed_tail:
            raise over_budget("a string of more than 1 MB")
        return data.decode("utf-8")
    except (binascii.Error, zlib.error, ValueError):
        raise Wrong("this is not gzip in base64") from None


def _uuidv5(args: list[Any], span: Span) -> str:
    import uuid

    names = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    space = text(args[0])
    try:
        return str(uuid.uuid5(names.get(space) or uuid.UUID(space), text(args[1])))
    except ValueError:
        raise Wrong("uuidv5 needs a namespace") from None


def _dated(name: str) -> Callable[[list[Any], Span], Any]:
    def apply(args: list[Any], span: Span) -> Any:
        from linter.parsers.terraform import dates

        return dates.FUNCTIONS[name](*[text(arg) for arg in args])

    return apply


def _yaml(name: str) -> Callable[[list[Any], Span], Any]:
    def apply(args: list[Any], span: Span) -> Any:
        from linter.parsers.terraform import functions_yaml

        return functions_yaml.FUNCTIONS[name](args, span)

    return apply


FUNCTIONS: dict[str, Function] = {
    "base64decode": Function(_b64decode, "string", 1, 1),
    "base64encode": Function(lambda args, span: base64.b64encode(text(args[0]).encode()).decode(), "string", 1, 1),
    "base64gunzip": Function(_gunzip, "string", 1, 1),
    "base64sha256": Function(_hash64(hashlib.sha256), "string", 1, 1),
    "base64sha512": Function(_hash64(hashlib.sha512), "string", 1, 1),
    "csvdecode": Function(_csvdecode, "list", 1, 1),
    "formatdate": Function(_dated("formatdate"), "string", 2, 2),
    "jsondecode": Function(_jsondecode, "", 1, 1, strict=False),
    "jsonencode": Function(_jsonencode, "string", 1, 1, strict=False),
    "md5": Function(_hex(hashlib.md5), "string", 1, 1),
    "sha1": Function(_hex(hashlib.sha1), "string", 1, 1),
    "sha256": Function(_hex(hashlib.sha256), "string", 1, 1),
    "sha512": Function(_hex(hashlib.sha512), "string", 1, 1),
    "textdecodebase64": Function(_text_decode, "string", 2, 2),
    "textencodebase64": Function(_text_encode, "string", 2, 2),
    "timeadd": Function(_dated("timeadd"), "string", 2, 2),
    "timecmp": Function(_dated("timecmp"), "number", 2, 2),
    "urldecode": Function(_urldecode, "string", 1, 1),
    "urlencode": Function(_urlencode, "string", 1, 1),
    "uuidv5": Function(_uuidv5, "string", 2, 2),
    "yamldecode": Function(_yaml("yamldecode"), "", 1, 1),
    "yamlencode": Function(_yaml("yamlencode"), "string", 1, 1),
}
