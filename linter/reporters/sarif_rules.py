"""Rules, failures and frameworks as SARIF's reporting descriptors, with all that GitHub and VS Code read of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sarif_om as om

from linter.model import Failure, Severity
from linter.report import ControlResult, FrameworkResult, Report, RuleInfo, ScannerResult
from linter.reporters.excerpts import visible
from linter.reporters.markdown import code, escaped, prose
from linter.reporters.messages import HOME, Templates, help_uri, level, sentence

_LONGEST = 1_000
_TAGS = 10
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
_FAILURES = {
    "artifact-unparsed": ("An artifact could not be parsed", "What stands in it was not judged, or only in part."),
    "artifact-unreadable": ("An artifact could not be read", "What stands in it was not judged."),
    "chart-not-rendered": ("A chart could not be rendered", "What its templates make was not judged."),
    "artifact-too-large": ("An artifact is over the size limit", "What stands in it was not judged."),
}


def pascal(rule: str) -> str:
    """A rule's id as a Pascal-case name: every word a capital and at least one small letter or digit.

    Words of one letter and words that begin with a digit join the word before them, or else the one after.
    """
    words: list[str] = []
    for word in (part.lower() for part in rule.replace("_", "-").replace(".", "-").split("-") if part):
        if words and (len(words[-1]) == 1 or len(word) == 1 or not word[0].isalpha()):
            words[-1] += word
        else:
            words.append(word if word[0].isalpha() else f"rule{word}")
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if len(name) > 1 else f"Rule{name.lower()}"


def failure_rule(failure: Failure) -> RuleInfo:
    """What a failure's id stands for, as a rule: logs show failures as results too."""
    plain = failure.id.replace("-", " ").capitalize()
    title, why = _FAILURES.get(failure.id, (plain, "The scan is incomplete: something in scope was not analysed."))
    return RuleInfo(failure.id, title, Severity.HIGH, None, why, "Mend what the message names and scan again.")


def descriptor(rule: RuleInfo, controls: tuple[str, ...], templates: Templates, taxa: Mapping[str, Any]) -> Any:
    """A rule as a reporting descriptor. taxa: `framework/control` → reference, for those this log describes."""
    title, why, fix = sentence(rule.title), sentence(rule.why), sentence(rule.fix)
    default = level(rule.severity)
    properties: dict[str, Any] = {
        "tags": tags(rule, controls),
        "precision": "medium" if rule.status == "preview" else "high",
    }
    if rule.security_severity:
        properties["security-severity"] = f"{rule.security_severity:.1f}"
    else:
        properties["problem.severity"] = _PROBLEMS[default]
    properties["severity"] = rule.severity.word
    if rule.status:
        properties["status"] = rule.status
    return om.ReportingDescriptor(
        id=rule.id,
        name=pascal(rule.id),
        short_description=om.MultiformatMessageString(text=title[:_LONGEST]),
        full_description=om.MultiformatMessageString(text=(why or title)[:_LONGEST]),
        help=om.MultiformatMessageString(text=f"{why or title} {fix}".strip(), markdown=_help(rule, controls)),
        help_uri=help_uri(rule.id, rule),
        default_configuration=om.ReportingConfiguration(level=default),
        message_strings={
            name: om.MultiformatMessageString(text=template) for template, name in templates.ids.items()
        } or None,
        relationships=_relationships(taxa[name] for name in controls if name in taxa),
        properties=properties,
    )  # fmt: skip


def extensions(report: Report, rules: Mapping[str, RuleInfo]) -> dict[ScannerResult, dict[str, RuleInfo]]:
    """Each other tool with those of its checks that a result names."""
    found: dict[ScannerResult, dict[str, RuleInfo]] = {}
    for scanner in report.scanners:
        if not any(scanner.tool == other.tool for other in found):
            found[scanner] = {id: rule for id, rule in rules.items() if id.startswith(f"{scanner.tool}.")}
    return found


def extension(
    scanner: ScannerResult,
    rules: Mapping[str, RuleInfo],
    controls: Mapping[str, tuple[str, ...]],
    templates: Mapping[str, Templates],
    taxa: Mapping[str, Any],
) -> Any:
    """Another tool as an extension of the run (§3.19), with its own name, version and checks."""
    return om.ToolComponent(
        name=scanner.tool,
        version=scanner.version or None,
        properties={"note": visible(scanner.note)} if scanner.note else None,
        rules=[descriptor(info, controls.get(rule, ()), templates[rule], taxa) for rule, info in rules.items()] or None,
    )


def tags(rule: RuleInfo, controls: tuple[str, ...]) -> list[str]:
    """At most as many tags as GitHub shows: `security` first, controls next."""
    first = ("security",) if rule.security_severity else ()
    return list(dict.fromkeys((*first, *controls, *rule.tags)))[:_TAGS]


def _help(rule: RuleInfo, controls: tuple[str, ...]) -> str:
    lines = [f"# {prose(rule.title)}", "", prose(sentence(rule.why) or sentence(rule.title)), ""]
    if rule.fix:
        lines += ["## Fix", "", prose(sentence(rule.fix)), ""]
    if controls:
        lines += ["## Controls", "", *(f"- {code(name)}" for name in controls), ""]
    if rule.same_as:
        same = (f"- {escaped(tool)}: {', '.join(map(code, ids))}" for tool, ids in sorted(rule.same_as.items()))
        lines += ["## The same check elsewhere", "", *same, ""]
    return "\n".join([*lines, f"[{escaped(rule.id)}]({help_uri(rule.id, rule)})"])


def _relationships(references: Iterable[Any]) -> list[Any] | None:
    found = [om.ReportingDescriptorRelationship(target=target, kinds=["relevant"]) for target in references]
    return found or None


def references(frameworks: tuple[FrameworkResult, ...]) -> dict[str, Any]:
    """`framework/control` → a reference into the log's taxonomies."""
    found: dict[str, Any] = {}
    for index, framework in enumerate(frameworks):
        component = om.ToolComponentReference(name=framework.id, index=index)
        for position, control in enumerate(framework.controls):
            found[f"{framework.id}/{control.id}"] = om.ReportingDescriptorReference(
                id=control.id, index=position, tool_component=component
            )
    return found


def taxonomy(framework: FrameworkResult, version: str) -> Any:
    """A framework as a taxonomy: its controls with their status and what that rests on."""
    return om.ToolComponent(
        name=framework.id,
        version=version,
        organization="opslint",
        information_uri=f"{HOME}/blob/main/docs/frameworks.md#{framework.id}",
        short_description=om.MultiformatMessageString(text=sentence(framework.title)),
        taxa=[_taxon(control, framework.id) for control in framework.controls],
    )


def _taxon(control: ControlResult, framework: str) -> Any:
    properties: dict[str, Any] = {"status": control.status}
    for name, places in (("evidence", control.evidence), ("failures", control.failures)):
        if places:
            properties[name] = [
                f"{visible(place.path)}:{place.start_line}:{place.start_column} {visible(text)}"
                for place, text in places
            ]
    if control.group:
        properties["group"] = control.group
    if control.cannot_show:
        properties["cannotShow"] = control.cannot_show
    name = pascal(f"{framework}-{control.id}")
    return om.ReportingDescriptor(
        id=control.id,
        name=name if name.isascii() and name.isalnum() else None,
        short_description=om.MultiformatMessageString(text=sentence(control.title)),
        properties=properties,
    )
