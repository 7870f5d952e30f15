"""How pages name their parts: GitHub's heading slugs, and what raw HTML in Markdown contributes to a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.records import NamedTuple

LONGEST_HEADING = 500


class Slugs:
    """Gives each heading of one page its anchor; a repeated one gets `-1`, `-2`… as github-slugger numbers them."""

    __slots__ = ("taken",)

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    def anchor(self, heading: str) -> str:
        slug = slugify(heading)
        unique = slug
        while unique in self.taken:
            self.taken[slug] += 1
            unique = f"{slug}-{self.taken[slug]}"
        self.taken[unique] = 0
        return unique


def slugify(heading: str) -> str:
    """A heading's GitHub slug: lower case, letters, marks, digits, `_` and `-` kept, spaces as `-`."""
    lowered = heading.strip().lower()
    if lowered.isascii():
        return re.sub(r"[^\w\- ]", "", lowered, flags=re.ASCII).replace(" ", "-")
    import unicodedata

    kept = (c for c in lowered if c in " -_" or c.isalnum() or unicodedata.category(c) in ("Mn", "Mc", "Me", "Pc"))
    return "".join(kept).replace(" ", "-")


class Tag(NamedTuple):
    """An attribute of a raw HTML tag, with the offsets of its value."""

    tag: str
    name: str
    value: str
    start: int
    end: int


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    tag = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
    attribute = re.compile(r"""(?<=[\s"'])(id|name|href|src)=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
    return tag, attribute


def comments(raw: str) -> list[tuple[int, int]]:
    """Spans of HTML comments; an unclosed one runs to the end."""
    spans, start = [], raw.find("<!--")
    while start >= 0:
        end = raw.find("-->", start + 4)
        end = len(raw) if end < 0 else end + 3
        spans.append((start, end))
        start = raw.find("<!--", end)
    return spans


def without_comments(raw: str) -> str:
    """The same text with comments as blanks, so that offsets stay."""
    pieces, position = [], 0
    for start, end in comments(raw):
        pieces += [raw[position:start], " " * (end - start)]
        position = end
    return "".join(pieces) + raw[position:] if pieces else raw


def attributes(raw: str) -> Iterator[Tag]:
    """id, name, href and src of every tag, in order; comments are skipped."""
    tag, attribute = _patterns()
    shown = without_comments(raw)
    for found in tag.finditer(shown):
        for pair in attribute.finditer(shown, found.start(2), found.end(2)):
            group = pair.lastindex or 4
            yield Tag(found[1].lower(), pair[1].lower(), pair[group], pair.start(group), pair.end(group))


def headings(raw: str) -> Iterator[tuple[int, str, int, int]]:
    """(level, visible text, start, end) of `<h1>`…`<h6>` elements, which GitHub anchors as it does headings."""
    tag, _ = _patterns()
    shown = without_comments(raw)
    for found in tag.finditer(shown):
        if len(found[1]) != 2 or found[1][0] not in "hH" or found[1][1] not in "123456":
            continue
        close = shown.find("</", found.end(), found.end() + LONGEST_HEADING)
        while close >= 0 and shown[close + 2 : close + 3] not in ("h", "H"):
            close = shown.find("</", close + 2, found.end() + LONGEST_HEADING)
        if close >= 0:
            text = tag.sub("", shown[found.end() : close])
            yield int(found[1][1]), re.sub(r"</\w*>", "", text).strip(), found.end(), close


def words(raw: str) -> int:
    """How many words of raw HTML are visible."""
    shown = without_comments(raw)
    return count_words(re.sub(r"<[^<>]*>", " ", shown))


def count_words(text: str) -> int:
    """Words that hold a letter or a digit."""
    return len(re.findall(r"[^\W_]\S*", text))
