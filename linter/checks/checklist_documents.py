"""Checks of the documents a delivery checklist asks for: there, with their sections, figures, dates and owners."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from linter.checks import Verdict
from linter.checks.checklist import absent, applies, pattern
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Span, Unknown
from linter.text import safe_line


@cache
def _no_word() -> re.Pattern[str]:
    return re.compile(r"[^a-z0-9]+")


@cache
def _date() -> re.Pattern[str]:
    return re.compile(r"\b(20\d\d-[01]\d-[0-3]\d)\b")


def plain(text: str) -> str:
    """Lower-case words with hyphens between them: `Security_Requirements` → `security-requirements`."""
    return _no_word().sub("-", text.lower()).strip("-")


def named(estate: Estate, names: str, folders: str = "") -> list[Resource]:
    """Documents by their file's name, their front matter's `type` or their title; `folders` also takes every page whose
    path matches but for the folder's own index."""
    found = []
    for page in estate.of_kind("document/*"):
        stem = plain(posixpath.basename(page.address).rsplit(".", 1)[0])
        front = page.body.get("front_matter")
        declared = front.get("type") if isinstance(front, Map) else None
        words = [stem, plain(page.name), plain(declared) if isinstance(declared, str) else ""]
        inside = bool(folders) and stem not in ("readme", "index") and pattern(folders).search(page.address)
        if inside or any(word and pattern(names).fullmatch(word) for word in words):
            found.append(page)
    return found


def document_complete(
    estate: Estate,
    *,
    names: str,
    what: str,
    folders: str = "",
    sections: Sequence[str] = (),
    states: Sequence[str] = (),
    front: Sequence[str] = (),
    days: int = 0,
    when: Sequence[str] = (),
    each: bool = False,
    presence: bool = True,
    least: int = 1,
) -> Iterator[Verdict]:
    """A document of some name is there and holds what is asked of it.

    what: how a message calls it. sections: patterns, one heading must match each. states: patterns its text must match.
    front: keys of its front matter, alternatives parted by `|`. days: its newest date is at most so old. each: every
    such document must hold it, not one of them. presence: its absence fails. least: how many there must be.
    """
    if not applies(estate, when):
        return
    pages = named(estate, names, folders)
    if len(pages) < least:
        if presence:
            yield from absent(estate, f"There is no {what}" if least == 1 else f"There are fewer than {least} {what}s")
        return
    verdicts = [_judged(estate, page, sections, states, front, days) for page in pages]
    good = [verdict for verdict in verdicts if verdict.outcome == PASS]
    yield from good if good and not each else verdicts


def _judged(
    estate: Estate, page: Resource, sections: Sequence[str], states: Sequence[str], front: Sequence[str], days: int
) -> Verdict:
    name = safe_line(page.address, 100)
    text = estate.sources[page.extent[0]].text[page.extent[1] : page.extent[2]]
    place = page.anchor
    headings = [(section["title"], section.at["title"]) for section in page.body.get("sections", ())]
    for wanted in sections:
        if not any(pattern(wanted).search(title) for title, _ in headings):
            return Verdict(page, FAIL, f"{name} has no section on {_shown(wanted)}.", page.anchor)
    for wanted in states:
        match = pattern(wanted).search(text)
        if match is None:
            return Verdict(page, FAIL, f"{name} does not state {_shown(wanted)}.", page.anchor)
        start = page.extent[1] + match.start()
        place = (page.extent[0], start, start + max(len(match[0].split("\n")[0]), 1))
    for keys in front:
        at = _front(page, keys)
        if at is None:
            return Verdict(page, FAIL, f"The front matter of {name} has no `{keys.split('|')[0]}`.", page.anchor)
        place = at
    return _aged(estate, page, text, days) if days else Verdict(page, PASS, f"{name} holds it.", place)


def _shown(wanted: str) -> str:
    """The words of a pattern that begins with `(?#words)`, else the pattern itself."""
    return wanted[3 : wanted.index(")")] if wanted.startswith("(?#") else wanted


def _front(page: Resource, keys: str) -> Span | None:
    front = page.body.get("front_matter")
    for key in keys.split("|") if isinstance(front, Map) else ():
        if isinstance(front, Map) and front.get(key) not in (None, ""):
            source, _, _, start, end = front.at[key]
            return source, start, end
    return None


def _aged(estate: Estate, page: Resource, text: str, days: int) -> Verdict:
    """The newest date of a document that is not yet to come."""
    name, today = safe_line(page.address, 100), estate.settings.get("as-of")
    if not isinstance(today, str):
        unknown = Unknown("missing-input", "the day of the scan", "pass --as-of")
        return Verdict(page, UNKNOWN, f"How old {name} is depends on the day.", page.anchor, unknowns=(unknown,))
    dates = [match for match in _date().finditer(text) if _real(match[1]) and match[1] <= today]
    if not dates:
        return Verdict(page, FAIL, f"{name} has no date.", page.anchor)
    newest = max(dates, key=lambda match: match[1])
    start = page.extent[1] + newest.start()
    place = (page.extent[0], start, start + 10)
    age = (date.fromisoformat(today) - date.fromisoformat(newest[1])).days
    if age > days:
        return Verdict(page, FAIL, f"The newest date of {name} is {age} days old; the limit is {days}.", place)
    return Verdict(page, PASS, f"{name} is dated {newest[1]}.", place)


def _real(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def documents_present(estate: Estate, *, wanted: Sequence[str]) -> Iterator[Verdict]:
    """Every document of a list is there; a verdict on each. wanted: patterns of names, as `(?#words)pattern`."""
    for name in wanted:
        pages = named(estate, name)
        if pages:
            page = pages[0]
            yield Verdict(page, PASS, f"{safe_line(page.address, 100)} is there.", page.anchor, _shown(name))
        else:
            yield from absent(estate, f"There is no document of the {_shown(name)}", _shown(name))


def severities_agree(estate: Estate, *, names: str) -> Iterator[Verdict]:
    """Every severity that alerts are labelled with is explained in the incident procedure."""
    used: dict[str, Resource] = {}
    for alert in estate.of_kind("monitoring/alert"):
        labels = alert.body.get("labels")
        severity = labels.get("severity") if isinstance(labels, Map) else None
        if isinstance(severity, str):
            used.setdefault(severity, alert)
    used.pop("none", None)
    if not used:
        return
    pages = named(estate, names)
    texts = [estate.sources[page.extent[0]].text for page in pages]
    for severity, alert in sorted(used.items()):
        word = pattern(rf"\b{re.escape(severity)}\b")
        page = next((page for page, text in zip(pages, texts, strict=True) if word.search(text)), None)
        if page is not None:
            yield Verdict(page, PASS, f"The severity {severity} is explained.", page.anchor, severity)
        elif estate.isolated:
            yield Verdict(alert, UNKNOWN, "The procedure was not read.", alert.anchor, severity, (), (ISOLATED,))
        else:
            message = f"No incident procedure explains the severity {safe_line(severity, 40)} that alerts have."
            yield Verdict(alert, FAIL, message, alert.anchor, severity)
