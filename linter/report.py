"""What a scan hands to every reporter: findings, failures, the verdict and what was counted, as plain data.

Nothing here knows a format, and no reporter knows anything else. All tuples are sorted by whoever builds the report,
so that the same tree, policy and day give the same bytes in every format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from linter.model import FAIL, PASS, UNKNOWN, Environment, Failure, Finding, Place, Severity, Source, Verdict
from linter.records import NamedTuple

STATUSES = ("met", "partly", "not met", "no evidence", "not observable", "not applicable")
"""What can be said of a control, in the words every format uses."""


class RuleInfo(NamedTuple):
    """What a reader has to know of a rule.

    title: without a full stop. security_severity: 0.1 to 10.0 (CVSS bands), None where it is no security rule.
    why, fix: a sentence each. same_as: tool → ids of the same check there. status: '', 'preview' or 'deprecated'.
    mends: it says how what it finds is mended, in some cases at least. help_uri: another tool's own page on its check, a
    web address, '' where there is none or the rule is ours.
    """

    id: str
    title: str
    severity: Severity
    security_severity: float | None = None
    why: str = ""
    fix: str = ""
    tags: tuple[str, ...] = ()
    same_as: Mapping[str, tuple[str, ...]] = {}
    status: str = ""
    mends: bool = False
    help_uri: str = ""


NOT_APPLICABLE, NEEDS_EVIDENCE, ATTESTED = "not applicable", "needs runtime evidence", "attested"
CHECK_STATES = (FAIL, UNKNOWN, NEEDS_EVIDENCE, PASS, ATTESTED, NOT_APPLICABLE)
"""What can be said of a control's check."""


class CheckResult(NamedTuple):
    """One check of a control. state: one of CHECK_STATES. evidence, failures: places with what they show.

    note: who attested it, or what a repository cannot show of it; '' where there is nothing to say.
    """

    id: str
    title: str
    severity: str
    state: str
    evidence: tuple[tuple[Place, str], ...] = ()
    failures: tuple[tuple[Place, str], ...] = ()
    rules: tuple[str, ...] = ()
    note: str = ""


class ControlResult(NamedTuple):
    """A framework's control and what the repository shows of it.

    status: one of STATUSES. evidence, failures: places with what they show. cannot_show: what no repository shows.
    rules: ids of the rules that bear on it, sorted. group: what the framework lists it under, or ''. checks: in the
    framework's own order.
    """

    id: str
    title: str
    status: str
    evidence: tuple[tuple[Place, str], ...] = ()
    failures: tuple[tuple[Place, str], ...] = ()
    cannot_show: str = ""
    rules: tuple[str, ...] = ()
    group: str = ""
    checks: tuple[CheckResult, ...] = ()


class FrameworkResult(NamedTuple):
    """A framework that was asked for; controls in the framework's own order."""

    id: str
    title: str
    controls: tuple[ControlResult, ...]


class UnknownCount(NamedTuple):
    """Judgements that one missing piece would decide. cause: a key of model.CAUSES; remedy: what to supply."""

    cause: str
    subject: str
    remedy: str
    judgements: int


class Counts(NamedTuple):
    """Judgements by outcome, what the unknown ones wait for, and the accounts: found = analysed + skipped + failed.

    rules: how many rules judged at least one resource.
    """

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    unknowns: tuple[UnknownCount, ...] = ()
    artifacts_found: int = 0
    artifacts_analysed: int = 0
    artifacts_skipped: int = 0
    artifacts_failed: int = 0
    resources: int = 0
    rules: int = 0


class Policy(NamedTuple):
    """Where the policy came from: a description without a machine's paths, the SHA-256 of its files in hexadecimal
    ('' for built-in defaults), waivers that covered nothing, and what else a reader must know of it.
    """

    source: str = "built-in defaults"
    sha256: str = ""
    unused_waivers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Edit(NamedTuple):
    """The text between two code-point offsets of an artifact, and what is to stand there instead."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """What ends a finding, as a change of one artifact.

    title: what is done, a sentence without full stop. safe: what works stays as it is, only the fault goes.
    edits: in order, not overlapping, offsets into the artifact's text.
    """

    path: str
    title: str
    safe: bool
    edits: tuple[Edit, ...]


def _no_source(_: str) -> Source | None:
    return None


def _no_fix(_: Finding) -> Fix | None:
    return None


class ScannerResult(NamedTuple):
    """What became of another tool's findings. source: where its program or log comes from. merged into findings of ours,
    kept as findings of their own, repeated: the same check once more at a kept one's place, elsewhere: kept, and about what
    is no file of the tree. The four add up to found. note: a remark, such as why it was not started, or ''. suppressed:
    those among them that the tool itself hides, for a comment or a file of its own; here they count until the policy
    allows that kind (`inline-waivers`)."""

    tool: str
    version: str
    source: str
    found: int
    merged: int
    kept: int
    repeated: int
    elsewhere: int
    note: str = ""
    suppressed: int = 0


class Recorded(NamedTuple):
    """A fault as a baseline records it. subject: the resource's address. outcome: 'fail' or 'unknown'. number: how many
    findings it stands for."""

    path: str
    rule: str
    subject: str
    fingerprint: str
    outcome: str = FAIL
    number: int = 1


class Baseline(NamedTuple):
    """The known faults of a scan. source: the file's path below its policy folder, or its name. sha256: of its bytes."""

    source: str
    entries: tuple[Recorded, ...] = ()
    sha256: str = ""


class Compared(NamedTuple):
    """What became of a baseline in a scan, whose findings are marked `known`. known: how many faults were found again;
    gone: entries no longer found. unseen: entries that this scan says nothing of, since it did not look, or could not
    decide. Together they are what the baseline records."""

    source: str
    sha256: str = ""
    known: int = 0
    gone: tuple[Recorded, ...] = ()
    unseen: tuple[Recorded, ...] = ()


class Report(NamedTuple):
    """One scan's answer.

    findings: sorted; outcome 'fail' (live, or waived where `waiver` is set) and, in a complete report, 'pass' and
    'unknown'. skipped: (path, reason) of recognised artifacts the policy left out. not_read: artifacts of formats that
    are not read yet. not_rendered: templates nobody rendered. rules: every rule a finding names. as_of: the ISO date that
    expiry dates were judged by. sources: the text of an artifact by path, None where it is not readable. root: the
    scanned folder's own name, never its path. changes: what the head changed about policy, one sentence each. fixes: what
    would end a finding, worked out when it is first asked for. scanners: other tools whose findings are among these.
    baseline: the known faults that the findings were compared with.
    """

    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]
    rules: Mapping[str, RuleInfo]
    verdict: Verdict
    counts: Counts = Counts()
    skipped: tuple[tuple[str, str], ...] = ()
    not_rendered: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    frameworks: tuple[FrameworkResult, ...] = ()
    environments: tuple[Environment, ...] = ()
    policy: Policy = Policy()
    as_of: str = ""
    sources: Callable[[str], Source | None] = _no_source
    root: str = ""
    version: str = "0"
    changes: tuple[str, ...] = ()
    fixes: Callable[[Finding], Fix | None] = _no_fix
    scanners: tuple[ScannerResult, ...] = ()
    baseline: Compared | None = None


def live(report: Report) -> tuple[Finding, ...]:
    """Findings to act on: failed, not waived and not known."""
    return tuple(finding for finding in standing(report) if not finding.known)


def known(report: Report) -> tuple[Finding, ...]:
    """Findings that stand in the baseline: failed and not waived, and nothing new."""
    return tuple(finding for finding in standing(report) if finding.known)


def standing(report: Report) -> tuple[Finding, ...]:
    """Findings that are faults of the tree, known or new: failed and not waived."""
    return tuple(finding for finding in report.findings if finding.outcome == "fail" and finding.waiver is None)


def waived(report: Report) -> tuple[Finding, ...]:
    """Findings somebody decided not to act on."""
    return tuple(finding for finding in report.findings if finding.outcome == "fail" and finding.waiver is not None)


def by_severity(findings: tuple[Finding, ...]) -> dict[Severity, int]:
    """How many findings there are of each severity, worst first; severities without a finding are left out."""
    counted: dict[Severity, int] = {}
    for severity in sorted(Severity, reverse=True):
        count = sum(1 for finding in findings if finding.severity == severity)
        if count:
            counted[severity] = count
    return counted


def controls_of(report: Report) -> dict[str, tuple[str, ...]]:
    """Rule id → controls it bears on, each as `framework/control`, in the frameworks' order."""
    found: dict[str, list[str]] = {}
    for framework in report.frameworks:
        for control in framework.controls:
            for rule in control.rules:
                found.setdefault(rule, []).append(f"{framework.id}/{control.id}")
    return {rule: tuple(dict.fromkeys(names)) for rule, names in found.items()}
