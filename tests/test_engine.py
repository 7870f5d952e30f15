"""The engine's own promises: places, merging, fingerprints, three-valued truth, accounts, scopes and the policy."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from linter.config import load
from linter.engine import Request, scan
from linter.engine.findings import fingerprint
from linter.engine.judge import judge
from linter.model import FAIL, PASS, UNKNOWN, Estate, Finding, Judgement, Severity
from linter.parsers import terraform
from linter.reporters import renderer
from linter.rules import open_pack
from linter.rules.model import Rule
from linter.scope import Scope
from tests.support import AS_OF, PACK, failed, lines, scanned, write

BUCKET = 'resource "aws_kms_key" "k" {\n  enable_key_rotation = false\n}\n'
ROTATE = "kms-rotate-keys"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
    - name: app
      image: nginx:1.27
"""


def texts(root: Path, finding: Finding) -> str:
    """The text a finding's place covers, on one line."""
    place = finding.place
    line = (root / place.path).read_text().splitlines()[place.start_line - 1]
    return line[place.start_column - 1 : place.end_column - 1]


def only(root: Path, *rules: str) -> Finding:
    (finding,) = failed(scanned(root, *rules))
    return finding


# Places (DESIGN §3)


def test_a_value_written_inside_is_the_place(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET})
    assert texts(tmp_path, only(tmp_path, ROTATE)) == "false"


def test_of_something_absent_the_nearest_written_parent_is_the_place(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_kms_key" "k" {}\n', "pod.yaml": POD})
    assert texts(tmp_path, only(tmp_path, ROTATE)) == '"aws_kms_key"'
    assert texts(tmp_path, only(tmp_path, "memory-limit")) == "app"
    write(tmp_path, {"pod.yaml": POD + "      resources:\n        requests: {cpu: 1}\n"})
    assert texts(tmp_path, only(tmp_path, "memory-limit")) == "resources"


def test_a_value_from_a_variable_is_placed_where_it_is_used_and_its_origin_told(tmp_path: Path) -> None:
    text = BUCKET.replace("= false", "= var.rotate") + 'variable "rotate" {\n  default = true\n}\n'
    write(tmp_path, {"main.tf": text, "terraform.tfvars": "rotate = false\n"})
    finding = only(tmp_path, ROTATE)
    assert texts(tmp_path, finding) == "var.rotate"
    assert [place.path for place, _ in finding.related] == ["terraform.tfvars"]
    assert "rotate" in finding.related[0][1]


def test_a_value_from_a_local_is_placed_where_it_is_used_and_its_origin_told(tmp_path: Path) -> None:
    text = BUCKET.replace("= false", "= local.rotate") + "locals {\n  rotate = false\n}\n"
    finding = only(write(tmp_path, {"main.tf": text}), ROTATE)
    assert texts(tmp_path, finding) == "local.rotate"
    assert [(place.start_line, text) for place, text in finding.related] and finding.related[0][0].start_line == 5


def test_in_a_module_the_place_is_the_modules_line_and_the_callers_come_first(tmp_path: Path) -> None:
    call = 'module "keys" {\n  source = "./keys"\n}\n'
    finding = only(write(tmp_path, {"main.tf": call, "keys/main.tf": BUCKET}), ROTATE)
    assert (finding.place.path, finding.subject) == ("keys/main.tf", "module.keys.aws_kms_key.k")
    assert (finding.related[0][0].path, finding.related[0][1]) == ("main.tf", "called here")


# Merging


def test_environments_and_calls_of_one_place_are_one_finding(tmp_path: Path) -> None:
    call = 'module "{0}" {{\n  source = "../../modules/keys"\n}}\n'
    files = {f"environments/{name}/main.tf": call.format("keys") for name in ("dev", "staging", "production")}
    files["environments/dev/more.tf"] = call.format("others")
    finding = only(write(tmp_path, {**files, "modules/keys/main.tf": BUCKET}), ROTATE)
    assert finding.environments == ("dev", "production", "staging")
    callers = [place.path for place, text in finding.related if text == "called here"]
    assert sorted(callers) == sorted(files)


def test_two_resources_at_one_place_stay_two(tmp_path: Path) -> None:
    overlay = "namePrefix: {0}-\nresources: [../../base]\n"
    files = {f"overlays/{name}/kustomization.yaml": overlay.format(name) for name in ("a", "b")}
    files |= {"base/kustomization.yaml": "resources: [pod.yaml]\n", "base/pod.yaml": POD}
    found = failed(scanned(write(tmp_path, files), "memory-limit"))
    assert len({finding.fingerprint for finding in found}) == len(found) == 2
    assert len({finding.place for finding in found}) == 1


def test_findings_are_sorted_and_stand_once(tmp_path: Path) -> None:
    files = {f"{name}/main.tf": BUCKET + BUCKET.replace('"k"', '"l"') for name in ("b", "a", "é")}
    found = failed(scanned(write(tmp_path, {**files, "pod.yaml": POD})))
    keys = [(f.place.path.encode(), f.place._replace(path=""), f.rule, f.message) for f in found]
    assert keys == sorted(keys)
    assert len({(f.rule, f.place, f.subject) for f in found}) == len(found)


# Fingerprints


MANIFEST = (
    POD
    + """\
    - name: proxy
      image: envoy:1.30
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  type: NodePort
  selector: {app: web}
  ports:
    - port: 80
    - port: 443
"""
)
NETWORK = """\
resource "aws_security_group" "open" {
  name = "open"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    from_port   = 3389
    to_port     = 3389
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_kms_key" "k" {
  enable_key_rotation = false
}
"""
TREE = {"shop/pod.yaml": MANIFEST, "main.tf": NETWORK}


def fingerprints(root: Path) -> Counter[tuple[str, str]]:
    return Counter((finding.rule, finding.fingerprint) for finding in failed(scanned(root)))


def _shift(text: str) -> str:
    return "# one\n\n# two\n" + text


def _comment_lines(text: str) -> str:
    return re.sub(r"(?m)^(\s*)(\S)", r"\1# a comment\n\1\2", text)


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _spaced(text: str) -> str:
    """Other blanks within lines and, in Terraform, before them."""
    if "apiVersion" in text:
        return re.sub(r": (?=\S)", ":   ", text)
    return re.sub(r"(?m)^( +)", r"\1\1\t", text).replace(" = ", "=")


def _siblings(text: str) -> str:
    """The two ingress blocks, the resources and the containers the other way round."""
    if "---" in text:
        app, proxy = POD.splitlines(keepends=True)[-2:], MANIFEST.splitlines(keepends=True)[9:11]
        return text.replace("".join(app + proxy), "".join(proxy + app))
    head, first, second = re.split(r"(?=  ingress \{)", text.partition("\n}\n")[0] + "\n")
    rest = text.partition("\n}\n")[2]
    return rest + head + second + first + "}\n"


@pytest.mark.parametrize("change", [_shift, _comment_lines, _crlf, _spaced, _siblings], ids=lambda f: f.__name__)
def test_fingerprints_outlive_what_does_not_matter(tmp_path: Path, change: Callable[[str], str]) -> None:
    before = fingerprints(write(tmp_path / "before" / "x", TREE))
    changed = {path: change(text) for path, text in TREE.items()}
    assert changed != TREE
    after = fingerprints(write(tmp_path / "after" / "x", changed))
    assert after == before
    assert len(before) > 15


def test_a_finding_more_leaves_the_others_theirs(tmp_path: Path) -> None:
    before = fingerprints(write(tmp_path / "before" / "x", TREE))
    more = {**TREE, "main.tf": BUCKET.replace('"k"', '"a"') + TREE["main.tf"], "other.yaml": POD.replace("web", "api")}
    after = fingerprints(write(tmp_path / "after" / "x", more))
    assert before - after == Counter()
    assert after != before


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [("main.tf", '"aws_kms_key" "k"', '"aws_kms_key" "other"'), ("shop/pod.yaml", "  name: web\n", "  name: api\n")],
)
def test_another_object_is_another_fingerprint(tmp_path: Path, path: str, old: str, new: str) -> None:
    before = fingerprints(write(tmp_path / "before" / "x", TREE))
    renamed = {**TREE, path: TREE[path].replace(old, new)}
    assert before - fingerprints(write(tmp_path / "after" / "x", renamed)) != Counter()


def test_another_path_is_another_fingerprint(tmp_path: Path) -> None:
    before = fingerprints(write(tmp_path / "before" / "x", {"a.tf": BUCKET}))
    after = fingerprints(write(tmp_path / "after" / "x", {"b.tf": BUCKET}))
    assert set(before).isdisjoint(after)


def test_no_two_findings_share_one(tmp_path: Path) -> None:
    pods = "---\n".join([POD] * 5)
    groups = NETWORK.replace("cidr_blocks", "description = null\n    cidr_blocks") * 3
    found = failed(scanned(write(tmp_path, {"pods.yaml": pods, "main.tf": groups, "copy/main.tf": groups})))
    assert len(found) > 50
    assert len({finding.fingerprint for finding in found}) == len(found)


def test_version_one_is_frozen() -> None:
    """These stand in other people's baselines: a change here makes every known finding new."""
    assert fingerprint("r", "a.tf", "x\0", 1) == "f492706d9970a871c522c148e5e8b4bb"
    assert fingerprint("r", "a\udcff.tf", "x\0e", 2) == "6841c87799ecbd83c65fd59968255c59"


def test_whole_findings_are_frozen(tmp_path: Path) -> None:
    (finding,) = failed(scanned(write(tmp_path, {"main.tf": BUCKET}), ROTATE))
    assert (
        finding.fingerprint
        == fingerprint(ROTATE, "main.tf", "aws_kms_key.k\0", 1)
        == "cc861581088600bab2d2dfdf443b4a31"
    )


# Three-valued truth


def test_an_unknown_value_is_an_unknown_judgement_with_a_remedy(tmp_path: Path) -> None:
    text = BUCKET.replace("= false", "= var.rotate") + 'variable "rotate" {}\n'
    result = scanned(write(tmp_path, {"main.tf": text}), ROTATE)
    assert [judgement.outcome for judgement in result.judgements] == [UNKNOWN]
    assert result.report.verdict.exit_code == 0
    (waiting,) = result.report.counts.unknowns
    assert (waiting.cause, waiting.subject, waiting.judgements) == ("missing-input", "var.rotate", 1)
    assert "--var" in waiting.remedy


LISTENER = 'resource "aws_lb_listener" "l" {\n  protocol   = %s\n  ssl_policy = %s\n}\nvariable "p" {}\n'


@pytest.mark.parametrize(
    ("protocol", "policy", "outcomes"),
    [
        ('"HTTPS"', '"ELBSecurityPolicy-2016-08"', [FAIL]),
        ('"TCP"', '"ELBSecurityPolicy-2016-08"', []),
        ("var.p", '"ELBSecurityPolicy-2016-08"', [UNKNOWN]),
        ("var.p", '"ELBSecurityPolicy-TLS13-1-2-2021-06"', [PASS]),
        ('"HTTPS"', "var.p", [UNKNOWN]),
    ],
)
def test_an_unknown_where_fails_nothing_and_hides_nothing(
    tmp_path: Path, protocol: str, policy: str, outcomes: list[str]
) -> None:
    result = scanned(write(tmp_path, {"main.tf": LISTENER % (protocol, policy)}), "lb-modern-tls")
    assert [judgement.outcome for judgement in result.judgements] == outcomes


def test_a_resource_that_may_not_exist_is_judged(tmp_path: Path) -> None:
    text = BUCKET.replace("{\n", "{\n  count = var.on ? 1 : 0\n", 1) + 'variable "on" {}\n'
    assert only(write(tmp_path, {"main.tf": text}), ROTATE).outcome == FAIL


# Crashes


class Broken(Exception):
    pass


def test_a_rule_that_crashes_is_told_and_the_others_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = PACK.rule(ROTATE)
    variant = rule.variants[0]._replace(require=_Broken())
    monkeypatch.setattr(rule, "variants", (variant,))
    report = scanned(write(tmp_path, {"main.tf": NETWORK})).report
    assert report.verdict.exit_code == 3
    assert report.verdict.execution == "incomplete"
    assert [(f.id, f.place.path) for f in report.failures] == [("rule-crashed", "")]
    assert ROTATE in report.failures[0].message and "Broken" in report.failures[0].message
    assert {finding.rule for finding in report.findings if finding.outcome == FAIL} >= {"sg-no-world-ssh"}


class _Broken:
    def holds(self, *_: object) -> bool:
        raise Broken("no such thing")


def test_a_rule_that_crashes_keeps_what_it_judged_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = PACK.rule(ROTATE)
    kept = rule.variants[0]
    monkeypatch.setattr(rule, "variants", (kept, kept._replace(require=_Broken())))
    result = scanned(write(tmp_path, {"main.tf": BUCKET}), ROTATE)
    assert [judgement.outcome for judgement in result.judgements] == [FAIL]
    assert result.report.verdict.exit_code == 3


def test_a_parser_that_crashes_is_told_and_the_others_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> list[object]:
        raise Broken("no such thing")

    monkeypatch.setattr(terraform, "expand", broken)
    report = scanned(write(tmp_path, {"main.tf": BUCKET, "pod.yaml": POD})).report
    assert report.verdict.exit_code == 3
    assert [failure.id for failure in report.failures] == ["parser-crashed"]
    assert any(finding.rule == "memory-limit" for finding in report.findings if finding.outcome == FAIL)


def test_an_artifact_that_cannot_be_parsed_is_incomplete_and_the_rest_of_it_judged(tmp_path: Path) -> None:
    report = scanned(write(tmp_path, {"main.tf": BUCKET + 'resource "a" "b" {{{\n'})).report
    assert report.verdict.exit_code == 3
    assert {failure.id for failure in report.failures} == {"artifact-unparsed"}
    assert any(finding.rule == ROTATE for finding in report.findings if finding.outcome == FAIL)
    assert (report.counts.artifacts_found, report.counts.artifacts_failed) == (1, 1)


def test_what_an_attempt_died_on_is_left_out_and_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.tf": BUCKET, "b.tf": BUCKET.replace('"k"', '"l"')})
    request = Request(str(tmp_path), "x", Scope(), load(str(tmp_path)), AS_OF)
    report = scan(request, PACK, lambda _: None, {"a.tf": "took longer than 8 seconds"}).report
    assert [(f.id, f.place.path, f.message) for f in report.failures] == [
        ("artifact-abandoned", "a.tf", "took longer than 8 seconds")
    ]
    assert {finding.place.path for finding in report.findings} == {"b.tf"}
    assert report.verdict.exit_code == 3


# Accounts and scopes


def test_the_accounts_add_up(tmp_path: Path) -> None:
    files = {"a.tf": BUCKET, "b.tf": "resource {{{\n", "c.yaml": POD, "vendor/d.tf": BUCKET, "notes.txt": "x"}
    write(tmp_path, {**files, "opslint.yaml": "exclude: [vendor]\n"})
    result = scanned(tmp_path)
    counts = result.report.counts
    assert counts.artifacts_found == counts.artifacts_analysed + counts.artifacts_skipped + counts.artifacts_failed
    assert (counts.artifacts_found, counts.artifacts_skipped, counts.artifacts_failed) == (4, 1, 1)
    outcomes = Counter(judgement.outcome for judgement in result.judgements)
    assert (counts.passed, counts.failed, counts.unknown) == (outcomes[PASS], outcomes[FAIL], outcomes[UNKNOWN])


def test_accounts_that_do_not_add_up_make_a_scan_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["linter.engine.conclude"]
    real = module.counted

    def lossy(*arguments: object) -> object:
        counts = real(*arguments)
        return counts._replace(artifacts_found=counts.artifacts_found + 1)

    monkeypatch.setattr(module, "counted", lossy)
    verdict = scanned(write(tmp_path, {"a.tf": "locals {}\n"})).report.verdict
    assert (verdict.exit_code, verdict.execution) == (3, "incomplete")


ACROSS = {
    "a/bucket.tf": 'resource "aws_s3_bucket" "b" {}\n',
    "a/block.tf": 'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = aws_s3_bucket.b.id\n'
    "  block_public_acls = true\n  block_public_policy = true\n  ignore_public_acls = true\n"
    "  restrict_public_buckets = true\n}\n",
    "b/main.tf": BUCKET,
}


def test_paths_limit_what_is_reported_and_not_what_is_known(tmp_path: Path) -> None:
    write(tmp_path, ACROSS)
    part = scanned(tmp_path, "s3-block-public-access", ROTATE, scope=Scope(("a/bucket.tf",)))
    assert failed(part) == []
    assert [j.outcome for j in part.judgements if j.rule == "s3-block-public-access"] == [PASS]
    assert lines(scanned(tmp_path, ROTATE, scope=Scope(("b",)))) == [f"b/main.tf:2:25 {ROTATE}"]
    assert lines(scanned(tmp_path, ROTATE, scope=Scope(("bb",)))) == []


def test_isolated_reads_only_the_paths_and_accuses_nobody_of_what_lies_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, ACROSS)
    scope = Scope(("a/bucket.tf",))
    result = scanned(tmp_path, "s3-block-public-access", scope=scope, isolated=True)
    assert [judgement.outcome for judgement in result.judgements] == [UNKNOWN]
    assert [unknown.cause for judgement in result.judgements for unknown in judgement.unknowns] in ([], ["isolated"])
    assert {source.path for source in result.estate.sources} == {"a/bucket.tf"}
    assert result.report.counts.artifacts_found == 1


def test_nothing_recognised_in_a_whole_scan_is_incomplete(tmp_path: Path) -> None:
    write(tmp_path, {"notes.txt": "x"})
    assert scanned(tmp_path, allow_empty=False).report.verdict.exit_code == 3
    assert scanned(tmp_path, allow_empty=True).report.verdict.exit_code == 0
    assert scanned(tmp_path, allow_empty=False, scope=Scope(("notes.txt",))).report.verdict.exit_code == 0


# The policy


def test_severities_of_the_policy_count_in_findings_and_gate(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET})
    assert scanned(tmp_path, ROTATE).report.verdict.exit_code == 0
    write(tmp_path, {"opslint.yaml": f"rules:\n  severity:\n    {ROTATE}: critical\n"})
    assert only(tmp_path, ROTATE).severity is Severity.CRITICAL
    assert scanned(tmp_path, ROTATE).report.verdict.exit_code == 1


def test_a_disabled_rule_judges_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET, "opslint.yaml": f"rules:\n  disable: [{ROTATE}]\n"})
    assert all(judgement.rule != ROTATE for judgement in scanned(tmp_path).judgements)


OWN = """\
title: Name an owner on every key
severity: high
why: Somebody must answer for it.
fix: Add the tag owner.
kind: terraform/aws_kms_key
require:
  tags.owner: {present: true}
bad:
  - |
    resource "aws_kms_key" "k" {}
             ^^^^^^^^^^^^^
good:
  - |
    resource "aws_kms_key" "k" {
      tags = { owner = "shop" }
    }
"""


def test_rules_of_a_teams_own_judge_beside_the_built_in_ones(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET})
    pack = open_pack((("own", {"keys-have-owner.yaml": OWN}),))
    request = Request(str(tmp_path), "x", Scope(), load(str(tmp_path)), AS_OF)
    report = scan(request, pack, lambda _: None, {}).report
    assert {"keys-have-owner", ROTATE} <= {finding.rule for finding in report.findings}
    assert report.verdict.exit_code == 1


def test_the_day_decides_what_has_expired(tmp_path: Path) -> None:
    waiver = f"waivers:\n  - {{rule: {ROTATE}, path: main.tf, reason: the directory decides, owner: iam, expires: 2026-03-31}}\n"
    write(tmp_path, {"main.tf": BUCKET, "opslint.yaml": waiver})
    for day, live in (("2026-03-31", 0), ("2026-04-01", 1)):
        request = Request(str(tmp_path), "x", Scope(), load(str(tmp_path)), day, only_rules=(ROTATE,))
        report = scan(request, PACK, lambda _: None, {}).report
        assert report.as_of == day
        assert sum(finding.waiver is None for finding in report.findings) == live


def test_a_value_that_is_a_secret_is_shown_nowhere(tmp_path: Path) -> None:
    secret = "AKIA" + "Q7J4TZ5WPLNH2XKD"
    image = POD.replace("nginx:1.27", f"registry.example/{secret}:1")
    write(tmp_path, {"pod.yaml": image + f"      env:\n        - name: DB_PASSWORD\n          value: {secret}\n"})
    found = failed(scanned(tmp_path))
    assert {"no-secret-env-literal", "image-digest"} <= {finding.rule for finding in found}
    assert all(secret not in repr(finding) for finding in found)


# Order


def test_the_same_answer_whatever_order_rules_and_resources_come_in(tmp_path: Path) -> None:
    result = scanned(write(tmp_path, {**TREE, **ACROSS}))
    rules = [PACK.rule(id) for id in sorted({judgement.rule for judgement in result.judgements})]
    chance = random.Random(7)

    def crashed(rule: str, message: str) -> None:
        raise AssertionError(f"{rule}: {message}")

    def judged(estate: Estate) -> list[tuple[str, str, str, tuple[int, int, int], str]]:
        found: list[Judgement] = judge(estate, rules, evidence=True, progress=lambda _: None, crashed=crashed)
        return sorted((j.rule, j.resource.address, j.outcome, j.span, j.message) for j in found)

    before = judged(result.estate)
    for _ in range(3):
        chance.shuffle(rules)
        for resources in result.estate.kinds.values():
            chance.shuffle(resources)
        assert judged(result.estate) == before


def test_formats_that_are_not_read_yet_are_said(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": "", "a/buildspec.yml": "", "b/buildspec.yml": "", "cloudbuild.yaml": ""})
    report = scanned(tmp_path).report
    assert report.not_read == ("a/buildspec.yml", "b/buildspec.yml", "cloudbuild.yaml")
    shown = renderer("text")(report, {})
    assert "skipped, as these formats are not read yet: 2 x buildspec, 1 x cloudbuild" in shown


def test_a_check_is_run_for_each_kind_of_its_rule(tmp_path: Path) -> None:
    rule = {
        "title": "Tell the runbook of nothing that is missing", "severity": "low", "why": "Dead links help nobody.",
        "fix": "Mend the link.", "kind": ["document/page", "document/runbook"], "check": "relative_links_resolve",
        "bad": [], "good": [],
    }  # fmt: skip
    write(tmp_path, {"docs/a.md": "# A\n\n[x](gone.md)\n", "runbooks/b.md": "# B\n\n[y](lost.md)\n"})
    estate = scanned(tmp_path, ROTATE).estate
    crashes: list[str] = []
    judged = judge(
        estate,
        [Rule("links", rule)],
        evidence=False,
        progress=lambda _: None,
        crashed=lambda _, why: crashes.append(why),
    )
    assert crashes == []
    assert [each.resource.kind for each in judged if each.outcome == FAIL] == ["document/page", "document/runbook"]
