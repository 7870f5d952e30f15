"""The one way in and out for scanned text: decoding bytes, making text safe to show, and taking secrets out of it.

What a scanned tree says reaches terminals, CI logs and Markdown only through here. Three kinds of harm are undone:
control characters (ECMA-48), characters that hide or reorder others (Unicode UAX #9, TR36), and lines a CI runner takes
for a command (`::name::` at the start of a line, `##[name]` and `##vso[…]` anywhere). Secrets: linter.redaction.
"""

from __future__ import annotations

import re
from functools import cache

from linter.model import Problem

_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_INVISIBLE_SET = frozenset(_INVISIBLE)
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe_text(text: str, limit: int | None = None) -> str:
    """`text` with nothing in it that a terminal, a log or a CI runner would act on; one line, visible escapes.

    `\\n`, `\\x1b`, `\\u202e`; a byte of a name that is not UTF-8 shows as `\\xff`. limit: longest result, cut with `…`.
    Applying it twice changes nothing more.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    if not text.isprintable() or not (text.isascii() or _INVISIBLE_SET.isdisjoint(text)):
        text = "".join(map(_visible, text))
    if "##" in text:
        text = _logged()[0].sub(r"##\1\\[", text)
    if "::" in text:
        text = _logged()[1].sub(r"\1:\\:", text, count=1)
    return text if limit is None or len(text) <= limit else _shorten(text, limit)


def safe_line(text: str, limit: int | None = None) -> str:
    """As safe_text, with each run of blanks and line breaks made one blank first."""
    return safe_text(" ".join(text.split()), limit)


def markdown_code(text: str, limit: int | None = None, *, table: bool = False) -> str:
    """`text` as a Markdown code span (CommonMark 0.31 §6.1), its fence longer than any run of backticks in it.

    table: also escape `|`, which GitHub's tables read even inside code (GFM §4.10).
    """
    text = safe_text(text, limit) or " "
    longest = run = 0
    for char in text:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    if table:
        text = text.replace("|", "\\|")
    fence = "`" * (longest + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def decode(data: bytes, *, wide: bool = False) -> tuple[str, Problem | None]:
    """Text of an artifact without its byte order mark, and the first thing wrong with its encoding.

    wide: accept UTF-16 and UTF-32 with a byte order mark (YAML 1.2 §5.2); elsewhere that is a Problem, the text is
    decoded all the same. Bytes that are not UTF-8 become U+FFFD. The Problem's offsets are code points of the text.
    """
    try:
        text = (data[3:] if data.startswith(b"\xef\xbb\xbf") else data).decode()
        problem = None
    except UnicodeDecodeError:
        text, problem = _decode_odd(data, wide)
    nul = text.find("\0")
    if nul >= 0 and problem is None:
        problem = Problem("a NUL character, which no text has", nul, nul + 1, "Remove the NUL character.")
    return text, problem


def redact(text: str) -> str:
    """`text` with every credential in it cut to its first characters (at most 4) and `…`."""
    from linter.redaction import redacted

    return redacted(text)


def find_secrets(text: str) -> list[tuple[int, int, str]]:
    """(start, end, type) of every credential in `text`, in order, not overlapping, in linear time."""
    from linter.redaction import find

    return find(text)


def credential_in(value: str) -> str | None:
    """The type of the first credential recognisable in a value by itself, None where there is none."""
    from linter.redaction import credential

    return credential(value)


def secret_name(name: str) -> bool:
    """Whether a name says that its value is a credential (`db_password`, not `password_policy` or `secret_name`)."""
    from linter.secret_names import names_secret

    return names_secret(name)


def looks_secret(name: str, value: str) -> bool:
    """Whether `name = value` writes a credential out: known by its form, or a literal under a telling name."""
    from linter.redaction import credential, is_named_secret

    return credential(value) is not None or is_named_secret(name, value)


def named_secret(name: str, value: str) -> bool:
    """Whether `name = value` writes out what the name says is a credential: for values in which find_secrets found none."""
    from linter.redaction import is_named_secret

    return is_named_secret(name, value)


def _decode_odd(data: bytes, wide: bool) -> tuple[str, Problem | None]:
    mark, codec = next((each for each in _MARKS if data.startswith(each[0])), (b"", "utf-8"))
    wide = wide or codec == "utf-8"
    body, name = data[len(mark) :], codec.upper().removesuffix("-LE").removesuffix("-BE")
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        at = len(body[: error.start].decode(codec, "replace"))
        text = body.decode(codec, "replace")
        return text, Problem(f"bytes that are not {name}", at, min(at + 1, len(text)), "Save the file as UTF-8.")
    return text, None if wide else Problem(f"{name} text where UTF-8 is required", 0, 0, "Save the file as UTF-8.")


def _visible(char: str) -> str:
    if (char.isprintable() or char in _SPACES) and char not in _INVISIBLE:
        return char
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _shorten(text: str, limit: int) -> str:
    return text[: max(limit - 1, 0)] + "…"


@cache
def _logged() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(r"##(\w{0,20})\["), re.compile(r"\A(\s*)::")


def composed(text: str) -> str:
    """A text in Unicode's normal form C, in which Terraform keeps its strings."""
    if text.isascii():
        return text
    from unicodedata import is_normalized, normalize

    return text if is_normalized("NFC", text) else normalize("NFC", text)
