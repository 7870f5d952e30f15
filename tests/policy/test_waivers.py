"""Waivers: each covers exactly what it names, and everything that covers nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from policy_makers import TODAY, WAIVER, finding, place, settings, source

from linter.model import Finding, Source
from linter.policy import suppressions
from linter.policy.waivers import Applied, apply, waived_places


class FakeRule:
    def __init__(self, **same_as: list[str]) -> None:
        self.same_as: Mapping[str, Sequence[str]] = {tool.replace("_", "-"): ids for tool, ids in same_as.items()}


def run(
    *findings: Finding,
    policy: str = "",
    files: Mapping[str, str] = {},
    rules: Mapping[str, Any] = {},
    as_of: str = TODAY,
    base: frozenset[str] | None = None,
    waivers: str = "",
) -> Applied:
    def source_of(path: str) -> Source | None:
        return source(path, files[path]) if path in files else None

    return apply(findings, settings(policy, waivers), source_of, rules, as_of, base)


def policy(scope: str = "path: main.tf", rule: str = "no-open-port", expires: str = TODAY, more: str = "") -> str:
    entry = f"{{rule: {rule}, {scope}, reason: bastion of the network team, owner: net, expires: {expires}}}"
    return f"version: 1\nwaivers:\n  - {entry}\n{more}"


def test_a_waiver_covers_its_finding_and_says_whose_it_is() -> None:
    applied = run(finding(), policy=policy())
    assert applied.findings[0].waiver == ("bastion of the network team", "net", TODAY, "opslint.yaml:3", "policy")
    assert applied.used == {"opslint.yaml:3": 1}
    assert applied[1:3] == ((), ())


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ("path: main.tf", True),
        ("path: '*.tf'", True),
        ("path: other.tf", False),
        ("resource: aws_security_group.web", True),
        ("resource: aws_security_group.*", True),
        ("resource: web", False),
        ("path: main.tf, resource: other", False),
        ("path: other.tf, resource: aws_security_group.web", False),
        ("environment: dev", False),
    ],
)
def test_scopes(scope: str, covered: bool) -> None:
    applied = run(finding(), policy=policy(scope))
    assert bool(applied.findings[0].waiver) is covered
    assert bool(applied.unused) is not covered


def test_a_resource_covers_what_is_part_of_it() -> None:
    part = finding(subject="Deployment/shop/web:containers.web", owner="Deployment/shop/web")
    assert run(part, policy=policy("resource: Deployment/shop/web")).findings[0].waiver
    assert not run(part, policy=policy("resource: Deployment/shop/we")).findings[0].waiver


def test_another_rule_is_not_covered() -> None:
    applied = run(finding("other-rule"), policy=policy())
    assert applied.findings[0].waiver is None
    assert applied.unused == ("opslint.yaml:3: the waiver of no-open-port for path main.tf covers nothing: remove it.",)


def test_environments() -> None:
    wanted = policy("environment: dev")
    assert run(finding(environments=("dev",)), policy=wanted).findings[0].waiver
    elsewhere = run(finding(environments=("production",)), policy=wanted)
    assert elsewhere.findings[0].waiver is None and elsewhere.unused
    both = run(finding(environments=("dev", "production")), policy=wanted)
    assert both.findings[0].waiver is None
    assert both.problems == (
        "opslint.yaml:3: no-open-port at main.tf:1 also stands in production, so it is not waived.",
    )
    assert both.unused == ()


def test_the_last_day_counts_and_the_next_does_not() -> None:
    assert run(finding(), policy=policy(expires="2026-06-15")).findings[0].waiver
    applied = run(finding(), policy=policy(expires="2026-06-14"))
    assert applied.findings[0].waiver is None
    assert "it expired on 2026-06-14; ask net" in applied.problems[0]
    assert applied.unused == ()


@pytest.mark.parametrize("missing", ["reason", "owner", "expires", "path", "rule"])
def test_a_malformed_waiver_covers_nothing_and_is_reported(missing: str) -> None:
    entry = {"rule": "no-open-port", "path": "main.tf", "reason": "bastion of net", "owner": "net", "expires": TODAY}
    del entry[missing]
    applied = run(finding(), policy=f"waivers: [{{{', '.join(f'{k}: {v}' for k, v in entry.items())}}}]")
    assert applied.findings[0].waiver is None
    assert applied.problems[0].startswith("opslint.yaml:1: this waiver covers nothing: ")
    assert missing in applied.problems[0]


def test_non_waivable_rules_are_waived_nowhere() -> None:
    fixed = "non-waivable: [no-open-port]\n"
    applied = run(finding(), policy=policy(more=fixed))
    assert applied.findings[0].waiver is None
    assert "cannot be waived" in applied.problems[0]
    inline = run(finding(), policy=fixed, files={"main.tf": 'x = 1 # opslint:ignore=no-open-port reason="x"\n'})
    assert inline.findings[0].waiver is None
    assert inline.problems == ("main.tf:1: this waiver covers nothing: no-open-port cannot be waived here.",)


def test_passes_are_not_waived_and_unknowns_are() -> None:
    applied = run(finding(outcome="pass"), finding(outcome="unknown"), policy=policy())
    assert [bool(each.waiver) for each in applied.findings] == [False, True]


def test_waivers_beside_the_policy_count_too() -> None:
    applied = run(finding(), policy="version: 1\n", waivers=policy())
    assert applied.findings[0].waiver is not None
    assert applied.findings[0].waiver.source == "waivers.yaml:3"


INLINE = '# opslint:ignore=no-open-port reason="bastion" owner=net expires=2027-01-31\nx = 1\n'


def test_inline_waivers_count_by_default() -> None:
    applied = run(finding(place=place(line=2)), files={"main.tf": INLINE})
    assert applied.findings[0].waiver == ("bastion", "net", "2027-01-31", "main.tf:1", "opslint")
    assert applied.used == {"main.tf:1": 1}


def test_inline_waivers_can_be_switched_off() -> None:
    applied = run(finding(place=place(line=2)), files={"main.tf": INLINE}, policy="inline-waivers: {opslint: false}")
    assert applied.findings[0].waiver is None
    assert "allows no inline waivers" in applied.problems[0]


def test_an_inline_waiver_covers_its_line_and_its_rule_only() -> None:
    applied = run(
        finding(place=place(line=3)), finding("other-rule", place=place(line=2)), files={"main.tf": INLINE + "y = 1\n"}
    )
    assert [each.waiver for each in applied.findings] == [None, None]
    assert applied.unused == ("main.tf:1: the waiver of no-open-port covers nothing: remove it.",)


def test_a_line_inside_a_finding_covers_it() -> None:
    text = "a = [\n  1, # opslint:ignore=no-open-port reason=x\n]\n"
    assert run(finding(place=place(line=1, end_line=3)), files={"main.tf": text}).findings[0].waiver
    assert not run(finding(place=place(line=3, end_line=3)), files={"main.tf": text}).findings[0].waiver


@pytest.mark.parametrize(
    ("expires", "covers"), [("2026-06-15", True), ("2026-06-14", False), ("2026-02-30", False), ("soon", False)]
)
def test_inline_expiry(expires: str, covers: bool) -> None:
    text = f'x = 1 # opslint:ignore=no-open-port reason="x" expires={expires}\n'
    applied = run(finding(), files={"main.tf": text})
    assert bool(applied.findings[0].waiver) is covers
    assert bool(applied.problems) is not covers


def test_only_artifacts_with_findings_are_searched() -> None:
    asked: list[str] = []

    def source_of(path: str) -> Source | None:
        asked.append(path)
        return None

    apply((finding(), finding(), finding(outcome="pass", place=place("b.tf"))), settings(), source_of, {}, TODAY)
    assert asked == ["main.tf"]


OTHERS = [
    ("checkov", "x = 1 #checkov:skip=CKV_AWS_1:why not", FakeRule(checkov=["CKV_AWS_1"])),
    ("trivy", "x = 1 #trivy:ignore:AVD-AWS-0107", FakeRule(trivy=["AWS-0107"])),
    ("trivy", "x = 1 #trivy:ignore:aws-0107", FakeRule(trivy=["AVD-AWS-0107"])),
    ("tfsec", "x = 1 #tfsec:ignore:AVD-AWS-0107", FakeRule(trivy=["AWS-0107"])),
    ("zizmor", "x: 1 # zizmor: ignore[unpinned-uses]", FakeRule(zizmor=["unpinned-uses"])),
    ("kube-linter", "ignore-check.kube-linter.io/a-b: why not", FakeRule(kube_linter=["a-b"])),
    ("kube-linter", "kube-linter.io/ignore-all: why not", FakeRule(kube_linter=["a-b"])),
    ("polaris", "polaris.fairwinds.com/aB-exempt: 'true'", FakeRule(polaris=["aB"])),
]


@pytest.mark.parametrize(("kind", "text", "rule"), OTHERS)
def test_other_tools_count_only_where_the_policy_allows_their_kind(kind: str, text: str, rule: FakeRule) -> None:
    rules = {"no-open-port": rule}
    files = {"main.tf": text + "\n"}
    assert run(finding(), files=files, rules=rules).findings[0].waiver is None
    allowed = run(finding(), files=files, rules=rules, policy=f"inline-waivers: {{{kind}: true}}")
    assert allowed.findings[0].waiver is not None
    assert allowed.findings[0].waiver.kind == kind
    assert allowed.findings[0].waiver.reason in ("why not", "no reason given")
    unrelated = {"no-open-port": FakeRule(checkov=["OTHER"], zizmor=["other"])}
    assert (
        run(finding(), files=files, rules=unrelated, policy=f"inline-waivers: {{{kind}: true}}").findings[0].waiver
        is None
    )
    assert run(finding(), files=files, policy=f"inline-waivers: {{{kind}: true}}").findings[0].waiver is None


def test_an_expired_suppression_of_another_tool_covers_nothing() -> None:
    applied = run(
        finding(),
        files={"main.tf": "x = 1 #trivy:ignore:AWS-0107:exp:2026-06-14\n"},
        rules={"no-open-port": FakeRule(trivy=["AWS-0107"])},
        policy="inline-waivers: {trivy: true}",
    )
    assert applied.findings[0].waiver is None
    assert applied.problems == ("main.tf:1: this trivy waiver covers nothing: it expired on 2026-06-14.",)


def test_with_a_base_only_what_stands_there_counts() -> None:
    here = finding(place=place(line=2))
    new = run(here, files={"main.tf": INLINE}, base=frozenset())
    assert new.findings[0].waiver is None
    assert new.changes == (
        "main.tf:1: the opslint waiver of no-open-port is new or was moved; "
        "it covers nothing until it stands in the base.",
    )
    base = suppressions.keys(source("main.tf", INLINE))
    old = run(here, files={"main.tf": INLINE}, base=base)
    assert old.findings[0].waiver is not None and old.changes == ()
    widened = INLINE.replace("no-open-port", "no-open-port,other-rule")
    both = run(here, finding("other-rule", place=place(line=2)), files={"main.tf": widened}, base=base)
    assert [bool(each.waiver) for each in both.findings] == [True, False]
    moved = run(here, files={"main.tf": INLINE.replace("x = 1", "y = 1")}, base=base)
    assert moved.findings[0].waiver is None and moved.changes


def test_a_policy_waiver_needs_no_base() -> None:
    assert run(finding(), policy=policy(), base=frozenset()).findings[0].waiver


def test_waived_places_need_every_finding_there_waived() -> None:
    one, other = finding(waiver=WAIVER), finding(subject="aws_security_group.other")
    assert waived_places((one,)) == {("no-open-port", place()): WAIVER}
    assert waived_places((one, other)) == {}
    assert waived_places((other._replace(outcome="pass", waiver=None), one)) == {("no-open-port", place()): WAIVER}


def test_order_is_kept_and_sentences_are_sorted() -> None:
    findings = [finding(place=place(f"{n}.tf")) for n in (3, 1, 2)]
    applied = run(*findings, files={f"{n}.tf": "x = 1 # opslint:ignore=a\n" for n in (1, 2, 3)})
    assert [each.place.path for each in applied.findings] == ["3.tf", "1.tf", "2.tf"]
    assert list(applied.problems) == sorted(applied.problems) and len(applied.problems) == 3


def test_a_waiver_without_environment_covers_every_environment() -> None:
    assert run(finding(environments=("dev", "production")), policy=policy()).findings[0].waiver


def test_an_inline_waiver_of_a_block_covers_what_begins_in_it() -> None:
    text = 'resource "a" "b" {\n  # opslint:ignore=no-open-port reason=x\n  x = 1\n  y = 2\n}\ny = 3\n'
    for line, covers in ((1, True), (3, True), (4, True), (6, False)):
        assert bool(run(finding(place=place(line=line)), files={"main.tf": text}).findings[0].waiver) is covers


def test_a_refused_inline_waiver_is_told_only_where_it_would_cover() -> None:
    text = "x = 1 # opslint:ignore=no-open-port reason=x\ny = 2\n"
    applied = run(finding(place=place(line=2)), files={"main.tf": text}, policy="non-waivable: [no-open-port]")
    assert applied.problems == ()


def test_other_tools_suppressions_are_not_our_business_unless_allowed() -> None:
    files = {"main.tf": "x = 1 #trivy:ignore:AWS-0001\ny = 1 #trivy:ignore:*\n"}
    assert run(finding(), files=files)[1:3] == ((), ())
    allowed = run(finding(), files=files, policy="inline-waivers: {trivy: true}")
    assert allowed.unused == ()
    assert len(allowed.problems) == 1


def test_another_tools_expiry_that_is_no_date_covers_nothing() -> None:
    applied = run(
        finding(),
        files={"main.tf": "x = 1 #trivy:ignore:AWS-0107:exp:soon\n"},
        rules={"no-open-port": FakeRule(trivy=["AWS-0107"])},
        policy="inline-waivers: {trivy: true}",
    )
    assert applied.findings[0].waiver is None
    assert "is no day of the calendar" in applied.problems[0]


def test_a_waiver_that_only_covers_a_part_counts_as_no_cover() -> None:
    assert run(finding(environments=("dev", "production")), policy=policy("environment: dev")).used == {}
