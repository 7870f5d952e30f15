"""JSON text to values by the C decoder of Python alone: `json` compiles patterns for what needs none, and an encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from json import loads as loads
else:
    try:
        from _json import make_scanner
    except ImportError:
        from json import loads as loads
    else:

        class _Ways:
            """How the decoder makes values; as `json.JSONDecoder` has it."""

            strict = True
            object_hook = object_pairs_hook = None
            parse_float = float
            parse_int = int
            parse_constant = float

        _scan = make_scanner(_Ways)

        def loads(text):
            """The value of a text without blanks before it. Raises ValueError."""
            try:
                value, end = _scan(text, 0)
            except StopIteration:
                raise ValueError("no JSON") from None
            if text[end:].strip(" \n"):
                raise ValueError("more than one value")
            return value
