"""The body of a Markdown document as a Map: what the reader gathered, with sections closed and places attached."""

from __future__ import annotations

from linter.model import Map, Seq
from linter.syntax.markdown_events import raw_events
from linter.syntax.markdown_reader import Reader, Section
from linter.trees import put_span


def read_body(source: int, text: str, body_start: int) -> Map:
    """The Map of `markdown.load`, without front matter."""
    reader = Reader(source, text)
    reader.read(*raw_events(text, body_start))
    document = Map((source, body_start, len(text)))
    _title(document, reader)
    put_span(document, "sections", _sections(reader), body_start, len(text))
    for key, rows in (("links", _links(reader)), ("code", _code(reader)), ("tasks", _tasks(reader))):
        put_span(document, key, rows, body_start, len(text))
    anchors = Seq((source, body_start, len(text)))
    for name, start, end in reader.anchors:
        anchors.append(name)
        anchors.at.append((source, start, start, start, end))
    put_span(document, "anchors", anchors, body_start, len(text))
    return document


def _title(document: Map, reader: Reader) -> None:
    first = next((s for s in reader.sections if s.level == 1 and s.title), None)
    if first is None and reader.html_title is not None:
        put_span(document, "title", *reader.html_title)
        return
    first = first or next((s for s in reader.sections if s.title), None)
    if first is not None:
        put_span(document, "title", first.title, first.title_start, first.title_end)


def _rows(reader: Reader, rows: list[Map]) -> Seq:
    listed = Seq((reader.source, 0, len(reader.text)))
    for row in rows:
        source, start, end = row.span
        listed.append(row)
        listed.at.append((source, start, start, start, end))
    return listed


def _sections(reader: Reader) -> Seq:
    """Sections in order, each up to the next heading of its level or a higher one."""
    length, sections = len(reader.text), reader.sections
    ends, words = [length] * len(sections), [section.words for section in sections]
    open_: list[int] = []
    for index, section in enumerate(sections):
        while open_ and sections[open_[-1]].level >= section.level:
            _close_section(open_, ends, words, section.start)
        open_.append(index)
    while open_:
        _close_section(open_, ends, words, length)
    listed = Seq((reader.source, 0, length))
    for index, section in enumerate(sections):
        own_end = sections[index + 1].start if index + 1 < len(sections) else length
        listed.append(_section(reader, section, ends[index], words[index], own_end))
        listed.at.append((reader.source, section.title_start, section.title_end, section.start, ends[index]))
    return listed


def _close_section(open_: list[int], ends: list[int], words: list[int], end: int) -> None:
    closed = open_.pop()
    ends[closed] = end
    if open_:
        words[open_[-1]] += words[closed]


def _section(reader: Reader, section: Section, end: int, words: int, own_end: int) -> Map:
    row = Map((reader.source, section.start, end))
    title = (section.title_start, section.title_end)
    put_span(row, "title", section.title, *title)
    put_span(row, "level", section.level, *title)
    put_span(row, "anchor", section.anchor, *title)
    put_span(row, "text", reader.text[section.end : own_end], section.end, own_end)
    put_span(row, "words", words, *title)
    blocks = Seq((reader.source, section.end, own_end))
    for kind, start, stop in section.blocks:
        blocks.append(kind)
        blocks.at.append((reader.source, start, start, start, stop))
    put_span(row, "blocks", blocks, section.end, own_end)
    return row


def _links(reader: Reader) -> Seq:
    rows = []
    source = reader.source
    for target, text, image, html, target_start, target_end, start, end in reader.links:
        row = Map((source, start, end))
        row.update(target=target, text=text, image=image, html=html)
        whole = (source, start, start, start, end)
        place = (source, target_start, target_start, target_start, target_end)
        row.at.update(target=place, text=whole, image=whole, html=whole)
        rows.append(row)
    return _rows(reader, rows)


def _code(reader: Reader) -> Seq:
    rows = []
    for language, text, section, fenced, text_start, text_end, start, end in reader.code:
        row = Map((reader.source, start, end))
        put_span(row, "text", text, text_start, text_end)
        put_span(row, "language", language, start, text_start)
        put_span(row, "section", section, start, end)
        put_span(row, "fenced", fenced, start, end)
        rows.append(row)
    return _rows(reader, rows)


def _tasks(reader: Reader) -> Seq:
    rows = []
    for pieces, done, section, start, end in reader.tasks:
        row = Map((reader.source, start, end))
        put_span(row, "text", "".join(pieces).strip(), start, end)
        put_span(row, "done", done, start, end)
        put_span(row, "section", section, start, end)
        rows.append(row)
    return _rows(reader, rows)
