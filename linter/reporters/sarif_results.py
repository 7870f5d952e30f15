"""Findings and failures as SARIF results and locations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sarif_om as om

from linter.model import CALLED, Failure, Finding, Place, Source
from linter.report import Edit, Report, controls_of
from linter.reporters.excerpts import context, snippet, utf16_column, visible
from linter.reporters.fingerprints import LineHashes
from linter.reporters.markdown import prose
from linter.reporters.messages import Templates, Worded, level, sentence, uri, worded
from linter.reporters.sarif_rules import references

ROOT = "SRCROOT"
_RELATED = 100
_KINDS = {"pass": "pass", "unknown": "open", "fail": "fail", "absent": "fail"}
_EXTERNAL = ("policy", "configuration", "baseline", "external")


class Results:
    """Makes results one after the other and remembers what they share: texts, line hashes, message templates."""

    def __init__(
        self,
        report: Report,
        rules: Mapping[str, int],
        complete: bool,
        with_context: bool,
        outside: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.report = report
        self.rules = rules
        self._outside = {
            rule: (index, position) for index, each in enumerate(outside) for position, rule in enumerate(each)
        }
        self.templates: dict[str, Templates] = {rule: Templates() for rule in (*rules, *self._outside)}
        self.controls = controls_of(report)
        self.taxa = references(report.frameworks) if complete else {}
        self._with_context = with_context
        self._hashes: dict[str, LineHashes | None] = {}
        self._fixes: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._failures: dict[tuple[str, str, str], int] = {}

    def finding(self, finding: Finding) -> Any:
        """A finding as a result. VS Code shows `properties`; GitHub shows the message, its links and code flows."""
        related = finding.related[:_RELATED]
        message = worded(finding.message, finding.subject, (text or place.path for place, text in related))
        return om.Result(
            rule_id=finding.rule,
            rule_index=self.rules.get(finding.rule, -1),
            rule=self._reference(finding.rule),
            kind=_KINDS[finding.outcome],
            level=level(finding.severity) if finding.outcome in ("fail", "absent") else "none",
            baseline_state=self._state(finding),
            message=self._message(finding.rule, message),
            locations=[self.location(finding.place, finding.subject, finding.owner)],
            related_locations=[
                self.location(place, message=text, id=number) for number, (place, text) in enumerate(related, 1)
            ] or None,
            code_flows=self._flows(finding) if any(place.path != finding.place.path for place, _ in related) else None,
            partial_fingerprints=self._fingerprints(finding.place, finding.fingerprint),
            suppressions=[_suppression(finding)] if finding.waiver else None,
            fixes=self._mended(finding),
            taxa=[self.taxa[name] for name in self.controls.get(finding.rule, ()) if name in self.taxa] or None,
            properties=self._properties(finding),
        )  # fmt: skip

    def _state(self, finding: Finding) -> str | None:
        """What the finding is beside the baseline, where there is one (§3.27.24); of passes it records nothing."""
        if self.report.baseline is None or finding.outcome == "pass":
            return None
        return "absent" if finding.outcome == "absent" else "unchanged" if finding.known else "new"

    def _mended(self, finding: Finding) -> list[Any] | None:
        """What would end the finding (SARIF 2.1.0 §3.55), where that holds nothing a log must not show."""
        fix = self.report.fixes(finding) if finding.outcome == "fail" and finding.waiver is None else None
        source = self.report.sources(fix.path) if fix else None
        if fix is None or source is None or any(visible(edit.text) != edit.text for edit in fix.edits):
            return None
        title = fix.title if fix.safe else f"{fix.title} (unsafe: may change what works)"
        change = om.ArtifactChange(
            artifact_location=om.ArtifactLocation(uri=uri(fix.path), uri_base_id=ROOT),
            replacements=[_replacement(source, edit) for edit in fix.edits],
        )
        return [
            om.Fix(
                description=om.Message(text=sentence(title)), artifact_changes=[change], properties={"safe": fix.safe}
            )
        ]

    def _reference(self, rule: str) -> Any:
        """A check of another tool, by its extension (§3.27.7); None for a rule of ours, which its index names."""
        if rule not in self._outside:
            return None
        component, position = self._outside[rule]
        return om.ReportingDescriptorReference(
            id=rule, index=position, tool_component=om.ToolComponentReference(index=component)
        )

    def failure(self, failure: Failure) -> Any:
        """A failure as a result: where the pull request shows it, it cannot be overlooked."""
        message = worded(f"{failure.message.rstrip(' .')}. {failure.remedy}", failure.place.path)
        return om.Result(
            rule_id=failure.id,
            rule_index=self.rules[failure.id],
            level="error",
            baseline_state=None if self.report.baseline is None else "new",
            message=self._message(failure.id, message),
            locations=[self.location(failure.place)],
            partial_fingerprints=self._fingerprints(failure.place, self._failure_print(failure)),
            properties={"execution": "incomplete"},
        )

    def location(self, place: Place, subject: str = "", owner: str = "", message: str = "", id: int = -1) -> Any:
        """A place as a location: relative URI, columns in UTF-16 code units, the text itself and a line around it."""
        names = [name for name in dict.fromkeys((subject, owner)) if name]
        return om.Location(
            id=id,
            message=om.Message(text=visible(message)) if message else None,
            physical_location=self.physical(place),
            logical_locations=[
                om.LogicalLocation(fully_qualified_name=self._name(name), kind="resource") for name in names
            ] or None,
        )  # fmt: skip

    def physical(self, place: Place) -> Any:
        source = self.report.sources(place.path)
        text = snippet(source, place)
        around = context(source, place) if self._with_context else None
        return om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=uri(place.path), uri_base_id=ROOT),
            region=om.Region(
                start_line=place.start_line,
                start_column=utf16_column(source, place.start_line, place.start_column),
                end_line=place.end_line,
                end_column=utf16_column(source, place.end_line, place.end_column),
                snippet=om.ArtifactContent(text=text) if text else None,
            ),
            context_region=om.Region(
                start_line=around[0], end_line=around[1], snippet=om.ArtifactContent(text=around[2])
            )
            if around
            else None,
        )

    def _message(self, rule: str, message: Worded) -> Any:
        name, arguments = self.templates[rule].name(message)
        markdown = message.markdown + self._fix(rule)
        return om.Message(id=name, arguments=list(arguments) or None, text=message.text, markdown=markdown)

    def _fix(self, rule: str) -> str:
        if rule not in self._fixes:
            info = self.report.rules.get(rule)
            self._fixes[rule] = f"\n\n**Fix:** {prose(info.fix)}" if info and info.fix else ""
        return self._fixes[rule]

    def _name(self, address: str) -> str:
        if address not in self._names:
            self._names[address] = visible(address)
        return self._names[address]

    def _flows(self, finding: Finding) -> list[Any]:
        """The calls from the outermost, then the value's way from where it is given to where it counts."""
        related = finding.related[:_RELATED]
        calls = [step for step in related if step[1] == CALLED]
        way = [step for step in reversed(related) if step[1] != CALLED]
        steps = [*calls, *way, (finding.place, finding.message)]
        locations = [
            om.ThreadFlowLocation(
                location=self.location(place, message=text),
                importance="essential",
                nesting_level=0,
                execution_order=number,
            )
            for number, (place, text) in enumerate(steps, 1)
        ]
        return [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=locations)])]

    def _fingerprints(self, place: Place, fingerprint: str) -> dict[str, str]:
        found = {"opslint/v1": fingerprint}
        if place.path not in self._hashes:
            source = self.report.sources(place.path)
            self._hashes[place.path] = LineHashes(source.text) if source else None
        hashes = self._hashes[place.path]
        if hashes is not None:
            found["primaryLocationLineHash"] = hashes[place.start_line]
        return found

    def _failure_print(self, failure: Failure) -> str:
        """From id, path and message, with an ordinal among equals: failures have no address to go by."""
        from hashlib import sha256

        key = (failure.id, failure.place.path, failure.message)
        self._failures[key] = ordinal = self._failures.get(key, 0) + 1
        text = "\0".join((*key, str(ordinal)))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def _properties(self, finding: Finding) -> dict[str, Any]:
        found: dict[str, Any] = {"severity": finding.severity.word}
        if finding.environments:
            found["environments"] = [self._name(name) for name in finding.environments]
        controls = self.controls.get(finding.rule)
        if controls:
            found["controls"] = list(controls)
        if finding.outcome == "pass":
            place = finding.place
            found["evidence"] = f"{visible(place.path)}:{place.start_line}:{place.start_column}"
        if finding.unknowns:
            found["unknowns"] = [
                {"cause": unknown.cause, "subject": visible(unknown.subject), "remedy": visible(unknown.remedy)}
                for unknown in finding.unknowns
            ]
        if finding.sources:
            found["sources"] = [self._name(name) for name in finding.sources]
        if finding.waiver:
            found["waiver"] = {name: visible(text) for name, text in finding.waiver._asdict().items() if text}
        return found


def _replacement(source: Source, edit: Edit) -> Any:
    """An edit: the region that goes, of length 0 where text is inserted, and the text that comes (§3.57)."""
    place = source.place(edit.start, edit.end)
    return om.Replacement(
        deleted_region=om.Region(
            start_line=place.start_line,
            start_column=utf16_column(source, place.start_line, place.start_column),
            end_line=place.end_line,
            end_column=utf16_column(source, place.end_line, place.end_column),
        ),
        inserted_content=om.ArtifactContent(text=edit.text) if edit.text else None,
    )


def _suppression(finding: Finding) -> Any:
    waiver = finding.waiver
    assert waiver is not None
    owner = f" ({visible(waiver.owner)})" if waiver.owner else ""
    until = f", until {visible(waiver.expires)}" if waiver.expires else ""
    return om.Suppression(
        kind="external" if waiver.kind in _EXTERNAL else "inSource",
        state="accepted",
        justification=f"{visible(waiver.reason)}{owner}{until}",
    )
