"""Waivers applied to findings: those of the policy, and those written inline as far as the policy allows their kind.

A waiver covers nothing that it does not name: a malformed, expired or refused one is reported and its findings stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from linter.addresses import bare
from linter.config import Settings
from linter.globs import path_matches, text_matches
from linter.model import FAIL, UNKNOWN, Finding, Place, Source, Waiver
from linter.policy import marked
from linter.policy.ids import meant, tool_of
from linter.records import NamedTuple

if TYPE_CHECKING:
    from linter.policy.suppressions import Directive, Suppression

POLICY = "policy"
_SAME_AS = {"tfsec": "trivy"}


class RuleLike(Protocol):
    """What is read of a rule: tool → ids of the same check there."""

    @property
    def same_as(self) -> Mapping[str, Sequence[str]]: ...


class Applied(NamedTuple):
    """findings: all of them, in their order, those covered with `waiver` set.

    problems: what covers nothing because it is malformed, expired or refused. unused: what covered nothing though it
    could. used: a waiver's source → how many findings it covers. changes: inline waivers that are not in the base.
    All but `findings` are sentences, sorted, each beginning with its 'FILE:LINE: '.
    """

    findings: tuple[Finding, ...]
    problems: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    used: Mapping[str, int] = {}
    changes: tuple[str, ...] = ()


def apply(
    findings: Iterable[Finding],
    settings: Settings,
    source_of: Callable[[str], Source | None],
    rules: Mapping[str, RuleLike],
    as_of: str,
    base_waivers: frozenset[str] | None = None,
    tools: frozenset[str] = frozenset(),
) -> Applied:
    """Findings with the waivers that cover them.

    Only failed and unknown findings are waived, by the first policy waiver that fits, else by an inline one. source_of:
    the text of an artifact by path; only artifacts with such findings are searched for inline waivers. rules: of the
    findings, for other tools' ids; missing ones have none. base_waivers: on a pull request, the keys (see
    suppressions.keys) of the inline waivers that stand in the base; every other inline waiver is listed under `changes`
    and covers nothing. None: there is no base to compare with, and inline waivers count. tools: that took part in the
    scan; a waiver of another tool's finding is not unused because the tool was not asked.
    """
    ledger = _Ledger(settings.data, rules, as_of, base_waivers, tools)
    result = []
    for finding in findings:
        if finding.outcome in (FAIL, UNKNOWN) and finding.waiver is None:
            waiver = ledger.policy(finding) or ledger.inline(finding, source_of)
            finding = finding._replace(waiver=waiver) if waiver else finding
        result.append(finding)
    return Applied(
        tuple(result),
        tuple(sorted(ledger.problems)),
        tuple(sorted(ledger.unused())),
        {source: ledger.used[source] for source in sorted(ledger.used) if ledger.used[source]},
        tuple(sorted(ledger.changes)),
    )


def waived_places(findings: Iterable[Finding]) -> dict[tuple[str, Place], Waiver]:
    """(rule, place) → the waiver, where every failed finding of that rule at that place is waived."""
    waived: dict[tuple[str, Place], Waiver] = {}
    live: set[tuple[str, Place]] = set()
    for finding in findings:
        if finding.outcome == FAIL:
            if finding.waiver:
                waived[finding.rule, finding.place] = finding.waiver
            else:
                live.add((finding.rule, finding.place))
    return {key: waiver for key, waiver in waived.items() if key not in live}


class _Ledger:
    """The waivers of one scan and what became of each."""

    def __init__(
        self,
        data: Mapping[str, Any],
        rules: Mapping[str, RuleLike],
        as_of: str,
        base: frozenset[str] | None,
        tools: frozenset[str],
    ) -> None:
        self.problems: set[str] = set()
        self.changes: set[str] = set()
        self.used: dict[str, int] = {}
        self._rules = rules
        self._as_of = as_of
        self._base = base
        self._tools = tools
        self._allowed = {"opslint": True, **data.get("inline-waivers", {})}
        self._fixed = frozenset(map(meant, data.get("non-waivable", ())))
        self._unused: dict[str, str] = {}
        self._policy: dict[str, list[Mapping[str, Any]]] = {}
        self._inline: dict[str, dict[tuple[str, str], list[Suppression]]] = {}
        for entry in data.get("waivers", ()):
            self._enter(entry)

    def _enter(self, entry: Mapping[str, Any]) -> None:
        source = entry["source"]
        if "problem" in entry:
            self.problems.add(f"{source}: this waiver covers nothing: {entry['problem']}.")
        elif meant(entry["rule"]) in self._fixed:
            self.problems.add(f"{source}: this waiver covers nothing: {entry['rule']} cannot be waived here.")
        elif entry["expires"] < self._as_of:
            self.problems.add(
                f"{source}: this waiver of {entry['rule']} covers nothing: it expired on {entry['expires']}; "
                f"ask {entry['owner']} to correct the cause or to decide anew."
            )
        else:
            self._policy.setdefault(meant(entry["rule"]), []).append(entry)
            if self._asked(entry["rule"]):
                self._unused[source] = (
                    f"{source}: the waiver of {entry['rule']}{_scope(entry)} covers nothing: remove it."
                )

    def _asked(self, rule: str) -> bool:
        return "." not in rule or tool_of(meant(rule)) in self._tools

    def unused(self) -> list[str]:
        return [text for source, text in self._unused.items() if source not in self.used]

    def policy(self, finding: Finding) -> Waiver | None:
        for entry in self._policy.get(finding.rule, ()):
            if not _in_scope(entry, finding):
                continue
            source = entry["source"]
            self.used.setdefault(source, 0)
            outside = _elsewhere(entry, finding)
            if outside is None:
                self.used[source] += 1
                return Waiver(entry["reason"], entry["owner"], entry["expires"], source, POLICY)
            where = f"{finding.place.path}:{finding.place.start_line}"
            self.problems.add(f"{source}: {finding.rule} at {where} also stands {outside}, so it is not waived.")
        return None

    def inline(self, finding: Finding, source_of: Callable[[str], Source | None]) -> Waiver | None:
        path = finding.place.path
        if path not in self._inline:
            source = source_of(path)
            self._inline[path] = self._index(path, _read(source) if source and marked(source.text) else [])
        found = self._inline[path]
        if not found or finding.rule in self._fixed:
            if found:
                self._refuse(finding, found)
            return None
        for suppression in self._candidates(finding, found):
            if _covers(suppression, finding.place):
                source_name = f"{path}:{suppression.line}"
                self.used[source_name] = self.used.get(source_name, 0) + 1
                directive = suppression.directive
                reason = directive.reason or "no reason given"
                return Waiver(reason, directive.owner, directive.expires, source_name, directive.kind)
        return None

    def _refuse(self, finding: Finding, found: Mapping[tuple[str, str], list[Suppression]]) -> None:
        for suppression in self._candidates(finding, found):
            if _covers(suppression, finding.place):
                source = f"{finding.place.path}:{suppression.line}"
                self.used.setdefault(source, 0)
                self.problems.add(f"{source}: this waiver covers nothing: {finding.rule} cannot be waived here.")

    def _candidates(
        self, finding: Finding, found: Mapping[tuple[str, str], list[Suppression]]
    ) -> Iterable[Suppression]:
        yield from found.get(("opslint", finding.rule), ())
        if finding.rule.startswith("env-"):
            yield from found.get(("opslint", "env-*"), ())
        rule = self._rules.get(finding.rule)
        same_as = rule.same_as if rule else {}
        from linter.policy.suppressions import KINDS

        for kind in KINDS[1:]:
            if not self._allowed.get(kind, False):
                continue
            ids = same_as.get(_SAME_AS.get(kind, kind), ())
            for id in (*ids, "*") if ids else ():
                yield from found.get((kind, _plain(id)), ())

    def _index(self, path: str, found: Sequence[Suppression]) -> dict[tuple[str, str], list[Suppression]]:
        """The suppressions that may cover something, by kind and id; what is wrong with the others is noted."""
        index: dict[tuple[str, str], list[Suppression]] = {}
        for suppression in found:
            directive, source = suppression.directive, f"{path}:{suppression.line}"
            if not self._allowed.get(directive.kind, False):
                if directive.kind == "opslint":
                    self.problems.add(f"{source}: this waiver covers nothing: the policy allows no inline waivers.")
                continue
            problem = directive.problem or self._expired(directive)
            if problem:
                self.problems.add(f"{source}: this {directive.kind} waiver covers nothing: {problem}.")
                continue
            standing = [id for id, key in zip(directive.ids, suppression.keys, strict=True) if self._stands(key)]
            added = [id for id in directive.ids if id not in standing]
            if added:
                self.changes.add(
                    f"{source}: the {directive.kind} waiver of {', '.join(added)} is new or was moved; "
                    f"it covers nothing until it stands in the base."
                )
            if directive.kind == "opslint" and any(map(self._asked, standing)):
                self._unused[source] = f"{source}: the waiver of {', '.join(standing)} covers nothing: remove it."
            for id in standing:
                index.setdefault((directive.kind, _plain(meant(id))), []).append(suppression)
        return index

    def _stands(self, key: str) -> bool:
        return self._base is None or key in self._base

    def _expired(self, directive: Directive) -> str:
        if not directive.expires:
            return ""
        from linter.policy.suppressions import is_date

        if not is_date(directive.expires):
            return f"{directive.expires!r} is no day of the calendar; write it as 2027-01-31"
        return f"it expired on {directive.expires}" if directive.expires < self._as_of else ""


def _read(source: Source) -> list[Suppression]:
    from linter.policy.suppressions import read

    return read(source)


def _plain(id: str) -> str:
    """A check's id as it is compared: without case and without Trivy's AVD- prefix."""
    return id.lower().removeprefix("avd-")


def _covers(suppression: Suppression, place: Place) -> bool:
    """A block or document covers what begins in it; a single line also what runs through it."""
    if suppression.first == suppression.last:
        return place.start_line <= suppression.first <= max(place.start_line, place.end_line)
    return suppression.first <= place.start_line <= suppression.last


def _scope(entry: Mapping[str, Any]) -> str:
    return "".join(f" for {key} {entry[key]}" for key in ("path", "resource", "environment") if key in entry)


def _in_scope(entry: Mapping[str, Any], finding: Finding) -> bool:
    """Whether path and resource fit, and at least one environment. A part (container, step) is its owner's."""
    if "path" in entry and not path_matches(entry["path"], finding.place.path):
        return False
    if "resource" in entry and not any(_named(entry["resource"], each) for each in _subjects(finding)):
        return False
    wanted = entry.get("environment")
    return wanted is None or any(text_matches(wanted, name) for name in finding.environments)


def _subjects(finding: Finding) -> tuple[tuple[str, str], ...]:
    return finding.subjects or ((finding.subject, finding.owner),)


def _named(pattern: str, subject: tuple[str, str]) -> bool:
    """Whether a pattern names a resource, its owner, or the block that either is an instance of."""
    return any(text_matches(pattern, each) or ("[" in each and text_matches(pattern, bare(each))) for each in subject)


def _elsewhere(entry: Mapping[str, Any], finding: Finding) -> str | None:
    """Where a finding stands that the waiver's resource and environment do not cover, in words."""
    if "resource" in entry:
        missed = [subject for subject, owner in _subjects(finding) if not _named(entry["resource"], (subject, owner))]
        if missed:
            return f"in {', '.join(missed[:3])}" + (f" and {len(missed) - 3} more" if len(missed) > 3 else "")
    wanted = entry.get("environment")
    if wanted is None:
        return None
    others = [name for name in finding.environments if not text_matches(wanted, name)]
    return f"in {', '.join(others)}" if others else None
