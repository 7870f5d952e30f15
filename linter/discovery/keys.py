"""Whether a word stands as a key in YAML or JSON, from bytes that nobody has parsed."""

from __future__ import annotations

_INSIDE = frozenset((b"_", b"-", b".", b"/", b"$"))
_TRIES = 2000


def has_key(data: bytes, word: bytes) -> bool:
    """Whether `word` stands as a key: not a part of a longer word, a colon after it, not in a comment.

    At any depth and in any style (block, flow, quoted, `? explicit`), so that no layout hides an object. After 2,000
    places that are no key the answer is yes.
    """
    at = data.find(word)
    for _ in range(_TRIES):
        if at < 0:
            return b"\\" in data and _has_escaped_key(data, word)
        end = at + len(word)
        before, after = data[at - 1 : at] if at else b"", data[end : end + 80]
        if not before.isalnum() and before not in _INSIDE:
            if after[:1] in (b'"', b"'"):
                after = after[1:]
            if after.lstrip()[:1] == b":" and not _commented(data, at):
                return True
        at = data.find(word, end)
    return True


def _commented(data: bytes, at: int) -> bool:
    start = max(0, at - 1000)
    line = data[max(data.rfind(b"\n", start, at), data.rfind(b"\r", start, at)) + 1 : at]
    return line.lstrip()[:1] == b"#"


def _has_escaped_key(data: bytes, word: bytes) -> bool:
    """Whether a double-quoted key with escapes (YAML 1.2 §5.7, RFC 8259 §7) spells the word; yes after 2,000 tries."""
    import re

    key = re.compile(rb'"((?:[^"\\\n]|\\[^\n]){1,200})"[ \t]{0,80}:')
    for count, escape in enumerate(re.finditer(rb"\\[xuU]", data)):
        at = escape.start()
        quote = data.rfind(b'"', max(0, at - 200), at)
        found = key.match(data, quote) if quote >= 0 else None
        if count > _TRIES or (found and _unescaped(found[1]) == word):
            return True
    return False


def _unescaped(key: bytes) -> bytes:
    import re

    def char(match: re.Match[bytes]) -> bytes:
        return chr(min(int(match[1] or match[2] or match[3], 16), 0x10FFFF)).encode("utf-8", "replace")

    return re.sub(rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))", char, key)
