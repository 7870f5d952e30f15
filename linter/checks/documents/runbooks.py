"""Checks of what runbooks say: the parts their kind needs, filled in, with commands and a way back."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from linter.checks import Verdict
from linter.model import FAIL, PASS, Estate, Map, Origin, Resource, Span
from linter.parsers.documents.profiles import known
from linter.text import safe_line

_SPOKEN = {"rto_rpo": "recovery objectives (RTO and RPO)", "pre": "checks before", "sign_off": "sign-off"}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        {
            "marker": r"\b(?:TODO|TBD|TBC|FIXME)\b|<[ \t]*[Ii]nsert\b[^<>\n]{0,200}>"
            r"|\[[ \t]*[Ii]nsert\b[^\[\]\n]{0,200}\](?!\()|\b[Ll]orem ipsum\b",
            "only marker": r"(?:TODO|TBD|TBC|FIXME|WIP|[Cc]oming soon|<[^<>\n]{0,200}>|[\s.:…*_-])*",
            "command": r"(?<![\w`])`[^`\s][^`\n]{1,299}`(?!\w)",
            "change": r"\b(?:deploy(?:ing|ment)?|releas(?:e|ing)|migrat(?:e|ion|ing)|upgrad(?:e|ing)|rollout)\b",
        }[name],
        re.I if name == "change" else 0,
    )


def required_sections(
    estate: Estate,
    *,
    kind: str = "document/runbook",
    profiles: Sequence[str] = (),
    except_profiles: Sequence[str] = (),
    guessed: bool = False,
) -> Iterator[Verdict]:
    """A runbook has the parts of its profile, in their order where it documents an alert.

    profiles: the profiles judged, all but except_profiles by default. guessed: judge a runbook whose profile nothing in
    it declares, too.
    """
    titles = known(estate.settings)
    for runbook in estate.of_kind(kind):
        profile, parts, required = runbook.body["profile"], runbook.body["parts"], runbook.body["required"]
        if (profiles and profile not in profiles) or (runbook.body["profile_from"] == "default" and not guessed):
            continue
        if profile in except_profiles or not required:
            continue
        missing = [part for part in required if part not in parts]
        if missing:
            said = _listed([_spoken(part) for part in missing])
            message = f"{shown_name(runbook)} is {titles[profile].title} and has no section on {said}."
            message += _swallowed(estate, runbook)
            yield Verdict(runbook, FAIL, message, runbook.anchor)
        else:
            yield _in_order(runbook, parts, required if profile == "alert" else ())


def _swallowed(estate: Estate, runbook: Resource) -> str:
    """A hint where the last code block is never closed, so that headings after it are code."""
    last = runbook.body["code"][-1] if runbook.body["code"] else None
    if last is None or not last["fenced"]:
        return ""
    source, start, end = last.span
    lines = estate.sources[source].text[start:end].rstrip().splitlines()
    closed = len(lines) > 1 and lines[-1].strip(" \t>")[:3] in ("```", "~~~")
    line = estate.sources[source].position(start)[0]
    return "" if closed else f" The code block of line {line} is never closed and hides what follows."


def _in_order(runbook: Resource, parts: Map, ordered: Sequence[str]) -> Verdict:
    for before, after in pairwise(ordered):
        if parts.at[after][3] < parts.at[before][3]:
            message = f"{shown_name(runbook)} puts {_spoken(after)} before {_spoken(before)}."
            there = (Origin(f"{_spoken(before)} is here", heading_of(parts, before)),)
            return Verdict(runbook, FAIL, message, heading_of(parts, after), after, there)
    return Verdict(runbook, PASS, f"{shown_name(runbook)} has every section it needs.", runbook.anchor)


def sections_not_empty(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """Every required part that has a heading says something below it: words, a command or an image."""
    for runbook in estate.of_kind(kind):
        parts: Map = runbook.body["parts"]
        for part in _present(runbook):
            span = heading_of(parts, part)
            if _says_something(estate, runbook, parts[part]):
                yield Verdict(runbook, PASS, f"The section on {_spoken(part)} is filled in.", span, part)
            else:
                yield Verdict(runbook, FAIL, f"The section on {_spoken(part)} says nothing.", span, part)


def _present(runbook: Resource) -> list[str]:
    return [part for part in runbook.body["required"] if part in runbook.body["parts"]]


def _says_something(estate: Estate, runbook: Resource, section: Map) -> bool:
    source, start, end = section.span
    if section["words"] == 0:
        return any(link["image"] and start <= link.span[1] < end for link in runbook.body["links"])
    if section["words"] > 30:
        return True
    heading_end = section.at["text"][3]
    return _pattern("only marker").fullmatch(estate.sources[source].text[heading_end:end]) is None


def no_placeholders(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """No marker of unfinished text stands in prose or code; comments and inline code are not looked at.

    A required section that is nothing but a marker is what sections_not_empty finds.
    """
    from linter.syntax import markdown

    for runbook in estate.of_kind(kind):
        source, _, end = runbook.extent
        text = estate.sources[source].text[:end]
        found = list(_pattern("marker").finditer(text))
        if found:
            hidden = markdown.hidden_spans(text, blocks=False)
            starts = [span[0] for span in hidden]
            found = [match for match in found if not _covered(match.start(), hidden, starts)]
        parts = runbook.body["parts"]
        empty = [parts[part].span for part in _present(runbook) if not _says_something(estate, runbook, parts[part])]
        found = [match for match in found if not any(start <= match.start() < last for _, start, last in empty)]
        for match in found:
            marker = safe_line(match[0], 60)
            message = f"{shown_name(runbook)} still says '{marker}'."
            yield Verdict(runbook, FAIL, message, (source, *match.span()), marker)
        if not found:
            yield Verdict(runbook, PASS, f"{shown_name(runbook)} has no unfinished text.", runbook.anchor)


def _covered(offset: int, spans: list[tuple[int, int]], starts: list[int]) -> bool:
    index = bisect_right(starts, offset) - 1
    return index >= 0 and offset < spans[index][1]


def has_commands(
    estate: Estate,
    *,
    kind: str = "document/runbook",
    profiles: Sequence[str] = ("alert", "procedure", "recovery"),
) -> Iterator[Verdict]:
    """A runbook shows at least one command or query: a code block, or inline code of several words."""
    for runbook in estate.of_kind(kind):
        if runbook.body["profile"] not in profiles:
            continue
        place = _first_command(estate, runbook)
        if place is not None:
            yield Verdict(runbook, PASS, f"{shown_name(runbook)} shows a command.", place)
        else:
            yield Verdict(runbook, FAIL, f"{shown_name(runbook)} shows no command to run.", runbook.anchor)


def _first_command(estate: Estate, runbook: Resource) -> Span | None:
    source, start, end = runbook.extent
    for block in runbook.body["code"]:
        if block["text"].strip():
            entry = block.at["text"]
            return source, entry[3], entry[4]
    for match in _pattern("command").finditer(estate.sources[source].text, start, end):
        if " " in match[0][1:-1].strip():
            return (source, *match.span())
    return None


def rollback_told(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A deployment checklist, and a procedure whose name speaks of deploying, has a rollback with its steps."""
    for runbook in estate.of_kind(kind):
        profile, parts = runbook.body["profile"], runbook.body["parts"]
        named = f"{runbook.name} {re.sub('[-_]', ' ', runbook.body['stem'])}"
        if profile != "deployment_checklist" and (profile != "procedure" or not _pattern("change").search(named)):
            continue
        if "rollback" not in parts:
            yield Verdict(runbook, FAIL, f"{shown_name(runbook)} does not say how to roll back.", runbook.anchor)
        elif not _shows_steps(estate, runbook, parts["rollback"]):
            message = f"The rollback of {shown_name(runbook)} has no steps or commands."
            yield Verdict(runbook, FAIL, message, heading_of(parts, "rollback"))
        else:
            message = f"{shown_name(runbook)} says how to roll back."
            yield Verdict(runbook, PASS, message, heading_of(parts, "rollback"))


def _shows_steps(estate: Estate, runbook: Resource, section: Map) -> bool:
    source, start, end = section.span
    inside = [each for each in runbook.body["sections"] if start <= each.span[1] < end]
    kinds = {kind for each in inside for kind in each["blocks"]}
    return bool(kinds & {"list", "code", "table"}) or bool(
        _pattern("command").search(estate.sources[source].text, section.at["text"][3], end)
    )


def heading_of(parts: Map, part: str) -> Span:
    source, start, end, _, _ = parts.at[part]
    return source, start, end


def shown_name(runbook: Resource) -> str:
    return safe_line(runbook.address.rsplit("/", 1)[-1], 80)


def _spoken(part: str) -> str:
    return _SPOKEN.get(part, part.replace("_", " "))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
