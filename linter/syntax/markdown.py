"""Markdown text → one Map that knows its places: front matter, title, sections, links, code, tasks and anchors.

CommonMark with GitHub's tables, task lists, strike-through and footnotes, read by pyromark in one pass of events.
Front matter is cut off first (YAML between `---` lines, TOML between `+++` lines), as site generators do.
"""

from __future__ import annotations

import re
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.syntax import slugs
from linter.syntax.markdown_events import read_events
from linter.syntax.markdown_tree import read_body


def load(source_index: int, text: str) -> Map:
    """Read a document. Never raises on any text; cost is linear in it and nesting costs no stack.

    Keys of the result:
      front_matter  Map, or Unknown where it is front matter that cannot be read; absent without one
      title         str: the first level-1 heading, else the front matter's title, else the first heading; may be absent
      sections      Seq of Map{title, level, anchor (GitHub slug), text (as written, up to the next heading),
                    words (visible ones, subsections included), blocks (Seq of 'paragraph', 'list', 'code', 'table',
                    'quote', 'html')}; an element's key span is the heading's text, its value span the whole section
      links         Seq of Map{target, text, image (bool), html (bool)}
      code          Seq of Map{language (lower case, '' if none), text, section (title), fenced (bool)}
      tasks         Seq of Map{text, done, section}
      anchors       Seq of str: every fragment the page answers to
    """
    front, body_start = _front_matter(source_index, text)
    document = read_body(source_index, text, body_start)
    if front is not None:
        value, start, end = front
        document["front_matter"] = value
        document.at["front_matter"] = (source_index, start, start, start, end)
        _title_from_front_matter(document)
    return document


def hidden_spans(text: str, *, blocks: bool = True) -> list[tuple[int, int]]:
    """Sorted code-point spans a reader does not read as prose: front matter, code and HTML comments.

    blocks: code blocks count as hidden, too; inline code always does.
    """
    _, body_start = _front_matter(0, text)
    spans = [(0, body_start)] if body_start else []
    for event, start, end in read_events(text, body_start):
        if isinstance(event, dict):
            if "Code" in event or (blocks and "CodeBlock" in _started(event)):
                spans.append((start, end))
            elif "HtmlBlock" in _started(event) or "InlineHtml" in event:
                spans.extend((start + a, start + b) for a, b in slugs.comments(text[start:end]))
    return spans


def _started(event: dict[str, Any]) -> Any:
    return event.get("Start", ())


# ---------------------------------------------------------------------------------------------------- front matter


def _front_matter(source_index: int, text: str) -> tuple[tuple[Any, int, int] | None, int]:
    """((value, start, end), offset of the body); (None, 0) where the text does not begin with front matter."""
    fence = text[:3]
    if fence not in ("---", "+++") or text[3 : text.find("\n") if "\n" in text else None].strip():
        return None, 0
    close = _closing_line(fence, text)
    if close is None:
        return None, 0
    start, end, after = text.find("\n") + 1, *close
    value = _toml(source_index, text, start, end) if fence == "+++" else _yaml(source_index, text, start, end)
    return ((value, start, end), after) if value is not None else (None, 0)


def _closing_line(fence: str, text: str) -> tuple[int, int] | None:
    close = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$" if fence == "---" else r"^\+\+\+[ \t]*\r?$", re.M)
    found = close.search(text, text.find("\n") + 1)
    if found is None or "\n" not in text:
        return None
    return found.start(), min(found.end() + 1, len(text))


def _yaml(source_index: int, text: str, start: int, end: int) -> Map | Unknown | None:
    """The mapping between the fences, at the artifact's own offsets: the opening `---` is YAML's document marker."""
    if not text[start:end].strip():
        return Map((source_index, start, end))
    from linter.syntax import yaml

    loaded = yaml.load(source_index, text[:end])
    value = loaded.documents[0].value if loaded.documents else None
    if isinstance(value, Map) and not loaded.problems:
        return value
    if loaded.problems and re.match(r"\s*(?:#[^\n]*\n\s*)*[\w-]+[ \t]*:", text[start:end]):
        return Unknown("expression", "the front matter", "Write the front matter as valid YAML.", type="map")
    return None


def _toml(source_index: int, text: str, start: int, end: int) -> Map | Unknown:
    """Top-level scalars and lists of a TOML header; tables are left out of view."""
    import tomllib

    try:
        read = tomllib.loads(text[start:end].replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return Unknown("expression", "the front matter", "Write the front matter as valid TOML.", type="map")
    header = Map((source_index, start, end))
    for found in re.finditer(r"^[ \t]*([\w-]+)[ \t]*=[ \t]*([^\n\r]*)", text[start:end], re.M):
        key = found[1]
        if key not in read or key in header:
            continue
        entry = (
            source_index,
            start + found.start(1),
            start + found.end(1),
            start + found.start(2),
            start + found.end(2),
        )
        value = _plain(read[key], entry)
        if value is not None:
            header[key], header.at[key] = value, entry
    return header


def _plain(value: Any, entry: Entry) -> Any:
    if isinstance(value, list):
        listed = Seq((entry[0], entry[3], entry[4]))
        listed.extend(item for item in value if isinstance(item, (str, int, float)))
        listed.at.extend((entry[0], entry[3], entry[3], entry[3], entry[4]) for _ in listed)
        return listed
    if isinstance(value, (str, int, float, bool)):
        return value
    return None if isinstance(value, dict) else str(value)


def _title_from_front_matter(document: Map) -> None:
    front = document["front_matter"]
    if not isinstance(front, Map) or not isinstance(front.get("title"), str):
        return
    sections = document["sections"]
    if not any(section["level"] == 1 for section in sections):
        document["title"] = front["title"]
        document.at["title"] = front.at["title"]
