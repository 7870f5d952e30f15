"""One pass over pyromark's events: what a Markdown body holds, as flat rows with offsets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from linter.syntax import slugs

LONGEST_TARGET = 4096
LONGEST_LINK_TEXT = 300
NEAR = 3 * LONGEST_TARGET

_BLOCKS = {"Paragraph": "paragraph", "List": "list", "CodeBlock": "code", "Table": "table", "BlockQuote": "quote"}
_CONTAINERS = frozenset({"BlockQuote", "List", "Item", "FootnoteDefinition", "Table", "TableHead", "TableRow"})
_PLAIN_STARTS = frozenset({"TableCell", "Emphasis", "Strong", "Strikethrough"})
_PLAIN_ENDS = _PLAIN_STARTS | {"Paragraph", "HtmlBlock"}
"""Tags that nothing is done for, outside of headings: most of a page with tables."""


class Section:
    """texts: what is visible below the heading, piece by piece; html_words: how many words more raw HTML shows."""

    __slots__ = (
        "anchor",
        "blocks",
        "end",
        "html_words",
        "level",
        "start",
        "texts",
        "title",
        "title_end",
        "title_start",
    )

    def __init__(self, level: int, start: int, end: int) -> None:
        self.level = level
        self.start = start
        self.end = end
        self.title = ""
        self.anchor = ""
        self.title_start = self.title_end = end
        self.texts: list[str] = []
        self.html_words = 0
        self.blocks: list[tuple[str, int, int]] = []

    @property
    def words(self) -> int:
        return self.html_words + slugs.count_words("\n".join(self.texts))


class Reader:
    """The state of one pass. Text goes to whatever is open: a heading, the innermost link, a task, a code block."""

    __slots__ = (
        "anchors", "code", "code_open", "depth", "heading", "html_title", "links", "links_open", "pieces",
        "sections", "slugs", "source", "task", "tasks", "text",
    )  # fmt: skip

    def __init__(self, source: int, text: str) -> None:
        self.source = source
        self.text = text
        self.depth = 0
        self.sections: list[Section] = []
        self.heading: Section | None = None
        self.pieces: list[str] = []
        self.links: list[tuple[str, str, bool, bool, int, int, int, int]] = []
        self.links_open: list[tuple[str, list[str], bool, int, int]] = []
        self.code: list[tuple[str, str, str, bool, int, int, int, int]] = []
        self.code_open: tuple[str, bool, list[tuple[str, int, int]]] | None = None
        self.tasks: list[tuple[list[str], bool, str, int, int]] = []
        self.task = False
        self.anchors: list[tuple[str, int, int]] = []
        self.slugs = slugs.Slugs()
        self.html_title: tuple[str, int, int] | None = None

    def read(self, events: Iterable[tuple[Any, Any]], point: Callable[[int], int]) -> None:
        """All events of a body, in order. point: a span's offset → an offset into the text."""
        visible: Callable[[str], None] | None = None
        for event, span in events:
            if event.__class__ is str:
                if event == "SoftBreak" or event == "HardBreak":
                    self.inline(" ", point(span["start"]), point(span["end"]))
                continue
            (kind,) = event
            value = event[kind]
            if kind == "Text" or kind == "Code":
                if visible is not None:
                    visible(value)
                else:
                    self.inline(value, point(span["start"]), point(span["end"]))
            elif kind == "Start":
                if self.heading is not None:
                    self.widen(self.heading, point(span["start"]), point(span["end"]))
                elif value.__class__ is str and value in _PLAIN_STARTS:
                    continue
                self.start(value, point(span["start"]), point(span["end"]))
                visible = self.prose()
            elif kind == "End":
                if value.__class__ is not str or value not in _PLAIN_ENDS:
                    self.end(value, point(span["start"]), point(span["end"]))
                    visible = self.prose()
            elif kind == "InlineHtml":
                self.html(point(span["start"]), point(span["end"]))
            elif kind == "TaskListMarker":
                self.tasks.append(([], value, self.section_title(), point(span["start"]), point(span["end"])))
                self.task = True
                visible = None

    def prose(self) -> Callable[[str], None] | None:
        """What takes a text where nothing but the section wants it, as most of a page; else None."""
        if self.code_open is not None or self.links_open or self.heading is not None or self.task:
            return None
        return self.sections[-1].texts.append if self.sections else None

    def start(self, tag: Any, start: int, end: int) -> None:
        name: str = tag if isinstance(tag, str) else next(iter(tag))
        value: Any = None if isinstance(tag, str) else tag[name]
        if self.depth == 0 and name in _BLOCKS and self.sections:
            self.sections[-1].blocks.append((_BLOCKS[name], start, end))
        if name in _CONTAINERS:
            self.depth += 1
            self.task = self.task and name != "List"
        elif name == "Heading":
            self.heading = Section(int(value["level"][1]), start, end)
            self.pieces = []
        elif name == "Link" or name == "Image":
            target = ("mailto:" if value["link_type"] == "Email" else "") + value["dest_url"][:LONGEST_TARGET]
            self.links_open.append((target, [], name == "Image", start, end))
        elif name == "CodeBlock":
            fenced = isinstance(value, dict)
            self.code_open = (_language(value["Fenced"]) if fenced else "", fenced, [])
        elif name == "HtmlBlock":
            self.html(start, end)
            if self.depth == 0 and self.sections and slugs.words(self.text[start:end]):
                self.sections[-1].blocks.append(("html", start, end))

    def end(self, tag: Any, start: int, end: int) -> None:
        name = tag if isinstance(tag, str) else next(iter(tag))
        if name in _CONTAINERS:
            self.depth -= 1
            self.task = self.task and name != "Item"
        elif name == "Heading" and self.heading is not None:
            self.close_heading(self.heading)
        elif (name == "Link" or name == "Image") and self.links_open:
            self.close_link()
        elif name == "CodeBlock" and self.code_open is not None:
            self.close_code(start, end)

    def inline(self, text: str, start: int, end: int) -> None:
        if self.code_open is not None:
            self.code_open[2].append((text, start, end))
            if self.sections:
                self.sections[-1].texts.append(text)
            return
        if self.links_open:
            self.links_open[-1][1].append(text)
        if self.heading is not None:
            if not self.links_open or not self.links_open[-1][2]:
                self.pieces.append(text)
            self.widen(self.heading, start, end)
            return
        if self.task:
            self.tasks[-1][0].append(text)
        if self.sections:
            self.sections[-1].texts.append(text)

    @staticmethod
    def widen(heading: Section, start: int, end: int) -> None:
        """Let a heading's title span an inline element, delimiters included."""
        if heading.title_start == heading.end:
            heading.title_start = heading.title_end = start
        heading.title_end = max(heading.title_end, end)

    def html(self, start: int, end: int) -> None:
        raw = self.text[start:end]
        for tag in slugs.attributes(raw):
            if tag.name in ("id", "name"):
                self.anchors.append((tag.value, start + tag.start, start + tag.end))
            elif (tag.tag, tag.name) in (("a", "href"), ("img", "src")):
                target = (start + tag.start, start + tag.end)
                self.links.append((tag.value[:LONGEST_TARGET], "", tag.tag == "img", True, *target, start, end))
        for level, title, title_start, title_end in slugs.headings(raw):
            self.anchors.append((self.slugs.anchor(title), start + title_start, start + title_end))
            if level == 1 and self.html_title is None and title:
                self.html_title = (title, start + title_start, start + title_end)
        if self.sections and self.heading is None:
            self.sections[-1].html_words += slugs.words(raw)

    def close_heading(self, heading: Section) -> None:
        title = "".join(self.pieces).strip()
        place = (heading.title_start, heading.title_end)
        bare, identifier = _heading_attributes(title)
        if bare != title:
            self.anchors.append((slugs.slugify(title), *place))
            self.anchors.append((identifier or slugs.slugify(bare), *place))
            heading.title_end -= len(title) - len(bare)
        heading.title, heading.anchor = bare, self.slugs.anchor(bare)
        self.anchors.append((heading.anchor, *place))
        without_emoji = re.sub(r":[a-z0-9_+-]+:", "", bare) if ":" in bare else bare
        if without_emoji != bare:
            self.anchors.append((slugs.slugify(without_emoji), *place))
            self.anchors.append((slugs.slugify(f".{without_emoji}."), *place))
        self.heading = None
        if self.depth == 0:
            self.sections.append(heading)

    def close_link(self) -> None:
        target, pieces, image, start, end = self.links_open.pop()
        text = "".join(pieces)[:LONGEST_LINK_TEXT]
        if self.links_open:
            self.links_open[-1][1].append(text)
        found = self.text.rfind(target, max(start, end - NEAR), end) if target else -1
        place = (found, found + len(target)) if found >= 0 else (start, end)
        self.links.append((target, text, image, False, *place, start, end))

    def close_code(self, start: int, end: int) -> None:
        language, fenced, pieces = self.code_open or ("", False, [])
        place = (pieces[0][1], pieces[-1][2]) if pieces else (end, end)
        text = "".join(piece[0] for piece in pieces)
        self.code.append((language, text, self.section_title(), fenced, *place, start, end))
        self.code_open = None

    def section_title(self) -> str:
        return self.sections[-1].title if self.sections else ""


def _heading_attributes(title: str) -> tuple[str, str]:
    """A title without its `{#id .class}`, and the id: Hugo, MkDocs and Docusaurus read it, GitHub shows it."""
    opening = title.rfind("{") if title.endswith("}") else -1
    inside = title[opening + 1 : -1].strip() if opening >= 0 else ""
    if not inside.startswith(("#", ".", ":")):
        return title, ""
    first = inside.lstrip(":").split(maxsplit=1)[0]
    return title[:opening].rstrip(), first[1:] if first.startswith("#") else ""


def _language(info: str) -> str:
    """The language of a fence's info string: `bash {a=b}`, `{.bash}`, `bash,ignore` are all `bash`."""
    found = re.match(r"\{?\.?([\w+#-]+)", info.strip())
    return found[1].lower() if found else ""
