"""Checks of documents that record or require something: what each kind must say besides its sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from linter.checks import Verdict
from linter.checks.documents import codeowners
from linter.checks.documents.runbooks import heading_of, shown_name
from linter.model import FAIL, PASS, Estate, Map, Resource, Span
from linter.text import safe_line
from linter.trees import as_map


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        {
            "date": r"(?<![\d-])\d{4}-\d{2}-\d{2}(?!\d)|\b(?:due|by|until)\b[^\n|]{0,20}\d",
            "owner": r"(?<![\w.])@[\w/-]{2,}|\b(?:owner|assignee|assigned to|responsible|team)\b",
            "time": r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b|\d{4}-\d{2}-\d{2}",
            "began": r"\b(?:began|begins?|begun|start(?:ed|s)?|onset|from|detect(?:ed|ion)|alert(?:ed)? (?:fired|came)|noticed)\b",
            "detected": r"\b(?:detect(?:ed|ion)|alert(?:ed|s)? (?:fired|came|fires)|paged|noticed)\b",
            "mitigated": r"\b(?:mitigat(?:ed|ion)|rolled back|contained|work-?around)\b",
            "resolved": r"\b(?:resolved|resolution|recovered|closed|ended|end|all clear)\b",
            "diagram": r"```[ \t]*(?:mermaid|plantuml|puml|graphviz|dot|d2|structurizr)\b|@startuml"
            r"|!\[[^\]\n]{0,300}\]\([^)\n]{1,500}\)"
            r"|<img\b|\.(?:drawio|puml|svg|png|excalidraw)\b",
            "control": r"\b(?:CC\d\.\d|A1\.\d|C1\.\d|PI1\.\d|A\.\d{1,2}\.\d{1,2}"
            r"|[A-Z]{2,5}-\d{1,4}(?:\.\d+)?|V\d{1,2}\.\d{1,2}\.\d{1,2})\b"
            r"|\b(?:PCI[ -]?DSS|SOC ?2|ISO ?27001|NIST|GDPR|HIPAA|OWASP|CIS)\b|\bowners?\b|\bresponsible\b",
            "result": r"\b(?:pass(?:ed|es)?|fail(?:ed|s|ures?)?|successful(?:ly)?|succeeded|approved|rejected|met|ok)\b|[✅❌✔✗]",
        }[name],
        0 if name == "control" else re.I,
    )


def _found(estate: Estate, record: Resource, what: str, section: Map | None = None) -> Span | None:
    source, start, end = (
        section.span if section is not None else (record.extent[0], record.body.span[1], record.extent[2])
    )
    found = _pattern(what).search(estate.sources[source].text, start, end)
    return (source, *found.span()) if found else None


def _postmortem(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    """Who does the actions of an incident's report, and until when."""
    parts = record.body["parts"]
    if "actions" in parts:
        yield "who does its actions", _found(estate, record, "owner", parts["actions"])
        yield "until when its actions are done", _found(estate, record, "date", parts["actions"])


def _moment(estate: Estate, record: Resource, moment: str) -> Span | None:
    """A line that says the moment and a time."""
    source, start, end = record.body.span
    text = estate.sources[source].text
    for index, found in enumerate(_pattern(moment).finditer(text, start, end)):
        line_end = text.find("\n", found.end())
        line = (text.rfind("\n", 0, found.start()) + 1, len(text) if line_end < 0 else line_end)
        if index >= 200:
            return None
        if _pattern("time").search(text, *line):
            return source, *found.span()
    return None


def _times(estate: Estate, record: Resource, moments: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Span | None]]:
    front = as_map(record.body.get("front_matter"))
    for moment, shown in moments:
        entry = next((front.at[key] for key in (moment, f"{moment}_at", f"{moment}-at") if front.get(key)), None)
        yield shown, (entry[0], entry[3], entry[4]) if entry else _moment(estate, record, moment)


def _extent(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    return _times(estate, record, (("began", "when it began"), ("resolved", "when it ended")))


def _course(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    return _times(estate, record, (("detected", "when it was detected"), ("mitigated", "when it was mitigated")))


def _day(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    entry = record.body["dates"].at.get("dated")
    yield "the day of the incident", (entry[0], entry[3], entry[4]) if entry else None


def _architecture(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    parts = record.body["parts"]
    yield "a diagram", _found(estate, record, "diagram")
    yield "how data flows", heading_of(parts, "data_flow") if "data_flow" in parts else None


def _report(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    entry = record.body["dates"].at.get("dated")
    yield "the date of the tests", (entry[0], entry[3], entry[4]) if entry else None
    yield "whether the tests passed", _found(estate, record, "result")


def _recovery(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    for name, shown in (("rto", "how soon service is back (RTO)"), ("rpo", "how much data may be lost (RPO)")):
        entry = record.body["targets"].at.get(name)
        yield f"in numbers {shown}", (entry[0], entry[3], entry[4]) if entry else None


def _security(estate: Estate, record: Resource) -> Iterator[tuple[str, Span | None]]:
    yield "a control or who is responsible", _found(estate, record, "control")


_TIMES: dict[str, Callable[[Estate, Resource], Iterator[tuple[str, Span | None]]]] = {
    "extent": _extent,
    "course": _course,
    "day": _day,
}
"""What incidents_timed asks for → where a report says it."""

_SAID: dict[str, Callable[[Estate, Resource], Iterator[tuple[str, Span | None]]]] = {
    "postmortem": _postmortem,
    "architecture": _architecture,
    "design": _architecture,
    "test_report": _report,
    "recovery": _recovery,
    "security_requirements": _security,
}


def records_say(
    estate: Estate, *, profiles: tuple[str, ...] = tuple(_SAID), kind: str = "document/record", sections: bool = False
) -> Iterator[Verdict]:
    """A document of each profile says what its kind must: one judgement a document. Templates are not judged.

    postmortem: who does its actions, and until when. architecture, design: a diagram and the flow of data. test_report:
    date and result. recovery: RTO and RPO in numbers. security_requirements: controls or who is responsible. sections:
    its required sections, too.
    """
    for record in estate.of_kind(kind):
        profile = record.body["profile"]
        if profile not in profiles or profile not in _SAID or record.body["template"]:
            continue
        parts = record.body["parts"]
        lacking = [part.replace("_", " ") for part in record.body["required"] if sections and part not in parts]
        yield _said(record, _SAID[profile](estate, record), [f"a section on {part}" for part in lacking])


def incidents_timed(estate: Estate, *, say: str, least: int = 1) -> Iterator[Verdict]:
    """Every report of an incident says its times: one judgement a report, where there are at least so many.

    say: 'extent' when it began and ended, 'course' when it was detected and mitigated, 'day' its date.
    """
    reports = [
        record
        for record in estate.of_kind("document/record")
        if record.body["profile"] == "postmortem" and not record.body["template"]
    ]
    for record in reports if len(reports) >= least else ():
        yield _said(record, _TIMES[say](estate, record), [])


def _said(record: Resource, facts: Iterator[tuple[str, Span | None]], lacking: list[str]) -> Verdict:
    said = list(facts)
    missing = [what for what, place in said if place is None] + lacking
    if missing:
        return Verdict(record, FAIL, f"{shown_name(record)} does not say {_joined(missing)}.", record.anchor)
    place = next((place for _, place in said if place is not None), record.anchor)
    words = _joined([what for what, _ in said]) or "what it must"
    return Verdict(record, PASS, f"{shown_name(record)} says {words}.", place)


def result_of(estate: Estate, report: Resource) -> Span | None:
    """Where a test report says whether the tests passed."""
    return _found(estate, report, "result")


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else "" if not words else f"{', '.join(words[:-1])} and {words[-1]}"


def signed_off(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A checklist that was filled in has no open box in its sign-off. One with every box open is a form, not judged."""
    for page in estate.of_kind(kind):
        part = page.body["parts"].get("sign_off")
        if part is None or page.body["template"] or not any(task["done"] for task in page.body["tasks"]):
            continue
        _, start, end = part.span
        tasks = [task for task in page.body["tasks"] if start <= task.span[1] < end]
        for task in tasks:
            shown = safe_line(task["text"], 80)
            if task["done"]:
                yield Verdict(page, PASS, f"'{shown}' is ticked.", task.span, task["text"][:200])
            else:
                message = f"{shown_name(page)} is filled in, but its sign-off '{shown}' is open."
                yield Verdict(page, FAIL, message, task.span, task["text"][:200])


def owner_agrees(estate: Estate, *, kind: str = "document/*") -> Iterator[Verdict]:
    """The owner a document's front matter names is among those CODEOWNERS names for it, by its last word.

    Not judged without an entry of CODEOWNERS for it but that for all files, nor where either names people by mail.
    """
    listed = codeowners.entries(estate)
    if not listed:
        return
    for page in estate.of_kind(kind):
        front = as_map(page.body.get("front_matter"))
        key = next((key for key in ("owner", "team") if isinstance(front.get(key), str)), None)
        entry = codeowners.owner_of(listed, page.address)
        if (
            key is None
            or entry is None
            or entry.pattern in ("**", "**/*")
            or "@" in front[key].lstrip("@")
            or any("@" in o[1:] for o in entry.owners)
        ):
            continue
        source, _, _, start, end = front.at[key]
        owners = {_team(owner) for owner in entry.owners}
        shown = ", ".join(safe_line(owner, 60) for owner in entry.owners)
        if _team(front[key]) in owners:
            yield Verdict(page, PASS, f"CODEOWNERS agrees: {shown}.", (source, start, end))
        else:
            message = f"{shown_name(page)} belongs to '{safe_line(front[key], 60)}', but CODEOWNERS says {shown}."
            yield Verdict(page, FAIL, message, (source, start, end))


def _team(owner: str) -> str:
    return re.sub(r"[\W_]+", "-", owner.strip().lstrip("@").rpartition("/")[2].lower()).strip("-").removesuffix("-team")
