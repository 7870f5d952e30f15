"""Checks of the documents a delivery checklist asks for: there, with their sections, figures, dates and owners."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from linter.checks import Verdict
from linter.checks.checklist.common import absent, applies, pattern, serves_production
from linter.checks.documents.records import result_of
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Span, Unknown
from linter.parsers.documents.profiles import is_template
from linter.records import NamedTuple
from linter.text import safe_line
from linter.trees import as_map


@cache
def _no_word() -> re.Pattern[str]:
    return re.compile(r"[^a-z0-9]+")


@cache
def _date() -> re.Pattern[str]:
    return re.compile(r"\b(20\d\d-[01]\d-[0-3]\d)\b")


def plain(text: str) -> str:
    """Lower-case words with hyphens between them: `Security_Requirements` → `security-requirements`."""
    return _no_word().sub("-", text.lower()).strip("-")


_FORMS = (
    r"(?:^|/)\.(?:github|gitlab|gitea)/(?:[^/]+/)*[^/]*(?:issue|merge_request|pull_request)[_-]?templates?(?:/|\.|$)"
)
"""Where platforms keep the forms that people fill in; a form for a report is no report."""


def named(estate: Estate, names: str = "", profiles: Sequence[str] = ()) -> list[Resource]:
    """Documents of some profiles (parsers.documents.profiles), or by their file's name, their front matter's `type` or
    their first heading. What is there to be copied and filled in is none; a README is one by its profile alone."""
    found = []
    for page in estate.of_kind("document/*"):
        if is_template(page.address) or pattern(_FORMS).search(page.address):
            continue
        if page.body.get("profile") in profiles or (names and _called(page, names)):
            found.append(page)
    return found


def _called(page: Resource, names: str) -> bool:
    stem = plain(posixpath.basename(page.address).rsplit(".", 1)[0])
    declared = as_map(page.body.get("front_matter")).get("type")
    words = [stem, plain(declared) if isinstance(declared, str) else ""]
    if stem not in ("readme", "index"):
        words.append(plain(page.name))
    return any(word and pattern(names).fullmatch(word) for word in words)


def document_complete(
    estate: Estate,
    *,
    what: str,
    names: str = "",
    profiles: Sequence[str] = (),
    within: str = "",
    sections: Sequence[str] = (),
    states: Sequence[str] = (),
    front: Sequence[str] = (),
    days: int = 0,
    when: Sequence[str] = (),
    production: bool = False,
    each: bool = False,
    presence: bool = True,
    least: int = 1,
) -> Iterator[Verdict]:
    """A document of some name or profile is there and holds what is asked of it.

    what: how a message calls it. within: the heading of the section that must state it, where a page has such a section.
    sections: patterns, one heading must match each. states: patterns its text must match. front: keys of its front
    matter, alternatives parted by `|`. days: the date of the key in `front`, else its newest date, is at most so old.
    each: every such document must hold it, not one of them. presence: its absence fails. least: how many there must be.
    when: kinds without which nothing is judged. production: nor where nothing can be in production.
    """
    if not applies(estate, when) or (production and not serves_production(estate)):
        return
    pages = named(estate, names, profiles)
    if len(pages) < least:
        if presence:
            yield from absent(estate, f"There is no {what}" if least == 1 else f"There are fewer than {least} {what}s")
        return
    asked = _Asked(what, within, tuple(sections), tuple(states), tuple(front), days)
    verdicts = [_judged(estate, page, asked) for page in pages]
    good = [verdict for verdict in verdicts if verdict.outcome == PASS]
    yield from good if good and not each else verdicts


class _Asked(NamedTuple):
    """What a document must hold: see document_complete."""

    what: str
    within: str
    sections: tuple[str, ...]
    states: tuple[str, ...]
    front: tuple[str, ...]
    days: int


def _judged(estate: Estate, page: Resource, asked: _Asked) -> Verdict:
    name = safe_line(page.address, 100)
    _, start, end = _region(page, asked.within)
    text = estate.sources[page.extent[0]].text
    place, said = page.anchor, []
    headings = [(section["title"], section.at["title"]) for section in page.body.get("sections", ())]
    for wanted in asked.sections:
        heading = next((entry for title, entry in headings if pattern(wanted).search(title)), None)
        if heading is None:
            return Verdict(page, FAIL, f"{name} has no section on {_shown(wanted)}.", page.anchor)
        place = (heading[0], heading[3], heading[4])
        said.append(_shown(wanted))
    for wanted in asked.states:
        match = pattern(wanted).search(text, start, end)
        if match is None:
            return Verdict(page, FAIL, f"{name} does not state {_shown(wanted)}.", page.anchor)
        place = (page.extent[0], match.start(), match.start() + max(len(match[0].split("\n")[0]), 1))
        said.append(_shown(wanted))
    for keys in asked.front:
        at = _front(page, keys)
        if at is None:
            return Verdict(page, FAIL, f"The front matter of {name} has no `{keys.split('|')[0]}`.", page.anchor)
        place = at
    if asked.days:
        return _aged(estate, page, place if asked.front else (page.extent[0], start, end), asked.days)
    words = f"{name} states {', '.join(said)}." if said else f"{name} is the {asked.what}."
    return Verdict(page, PASS, words, place)


def _region(page: Resource, within: str) -> Span:
    """The first section whose heading matches, else the whole page."""
    sections = page.body.get("sections", ()) if within else ()
    found = next((section for section in sections if pattern(within).search(section["title"])), None)
    return found.span if found is not None else page.extent


def _shown(wanted: str) -> str:
    """The words of a pattern that begins with `(?#words)`, else the pattern itself."""
    return wanted[3 : wanted.index(")")] if wanted.startswith("(?#") else wanted


def _front(page: Resource, keys: str) -> Span | None:
    front = as_map(page.body.get("front_matter"))
    for key in keys.split("|"):
        if front.get(key) not in (None, ""):
            source, _, _, start, end = front.at[key]
            return source, start, end
    return None


def _aged(estate: Estate, page: Resource, region: Span, days: int) -> Verdict:
    """The newest date that stands in a part of a document and is not yet to come."""
    name, today = safe_line(page.address, 100), estate.settings.get("as-of")
    if not isinstance(today, str):
        unknown = Unknown("missing-input", "the day of the scan", "pass --as-of")
        return Verdict(page, UNKNOWN, f"How old {name} is depends on the day.", page.anchor, unknowns=(unknown,))
    source, start, end = region
    written = _date().finditer(estate.sources[source].text, start, end)
    dates = [match for match in written if _real(match[1]) and match[1] <= today]
    if not dates:
        return Verdict(page, FAIL, f"{name} has no date that is past.", page.anchor)
    newest = max(dates, key=lambda match: match[1])
    place = (source, newest.start(), newest.start() + 10)
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


_TEST_REPORT = r"(?:.*-)?(?:performance|load|stress|soak)-tests?(?:-.*)?|(?:.*-)?performance-(?:test-)?reports?(?:-.*)?"


def performance_reported(estate: Estate, *, days: int, when: Sequence[str] = ()) -> Iterator[Verdict]:
    """A dated report of a performance test says how it ended and is at most `days` old.

    A report without a date or a result is test-report-dated's to report: it is none for this.
    """
    today = estate.settings.get("as-of")
    if not applies(estate, when):
        return
    told = []
    for page in named(estate, "", ("test_report",)):
        entry = page.body["dates"].at.get("dated")
        stem = plain(posixpath.basename(page.address).rsplit(".", 1)[0])
        about = pattern(_TEST_REPORT).fullmatch(stem) or pattern(r"\b(?:load|performance|stress)\b").search(page.name)
        if entry is not None and about and result_of(estate, page) is not None:
            told.append((page.body["dates"]["dated"], page, (entry[0], entry[3], entry[4])))
    told = [each for each in told if not isinstance(today, str) or each[0] <= today]
    if not told:
        yield from absent(estate, "There is no dated report of a performance test with its result")
        return
    _, page, place = max(told, key=lambda each: (each[0], each[1].address))
    yield _aged(estate, page, place, days)


def documents_present(
    estate: Estate, *, wanted: Sequence[str] = (), profiles: Sequence[str] = (), what: str = ""
) -> Iterator[Verdict]:
    """Documents are there. wanted: patterns of paths, as `(?#words)pattern`, a verdict on each; profiles: one document
    of any of them, which a message calls `what`."""
    for path in wanted:
        shown = _shown(path)
        page = next((page for page in estate.of_kind("document/*") if pattern(path).search(page.address)), None)
        yield from _present(estate, page, f"There is no {shown}", shown)
    if profiles:
        yield from _present(estate, next(iter(named(estate, "", profiles)), None), f"There is no {what}", "")


def _present(estate: Estate, page: Resource | None, missing: str, element: str) -> Iterator[Verdict]:
    if page is not None:
        yield Verdict(page, PASS, f"{safe_line(page.address, 100)} is there.", page.anchor, element)
    else:
        yield from absent(estate, missing, element)


def severities_agree(estate: Estate, *, names: str) -> Iterator[Verdict]:
    """Every severity that alerts are labelled with is explained in the incident procedure."""
    used: dict[str, Resource] = {}
    for alert in estate.of_kind("monitoring/alert"):
        labels = alert.body.get("labels")
        severity = as_map(labels).get("severity")
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
