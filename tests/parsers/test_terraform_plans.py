"""Plans as `terraform show -json` writes them: alone, and beside the source they were made of."""

# ruff: noqa: E501 (Terraform texts stay in one piece)

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from linter.config import Settings
from linter.discovery.formats import MAYBE_JSON, by_bytes
from linter.engine import Request, Scan, scan
from linter.model import Resource, Unknown
from linter.rules import open_pack
from linter.scope import Scope

RECORDED = (Path(__file__).parent / "plans" / "terraform_data.json").read_text(encoding="utf-8")
SOURCE = """
variable "n" { default = 1 }
variable "secret" { sensitive = true }
resource "terraform_data" "a" {
  count = var.n
  input = { name = "a-${count.index}", secret = var.secret }
}
resource "terraform_data" "b" {
  for_each = toset(["x", "y z"])
  input    = terraform_data.a[0].id
}
module "m" {
  source = "./m"
  name   = terraform_data.a[1].output.name
}
output "o" { value = module.m.name }
"""
MODULE = """
variable "name" {}
resource "terraform_data" "c" {
  input            = var.name
  triggers_replace = [1, "two"]
}
output "name" { value = terraform_data.c.output }
"""


def scanned(folder: Path, files: dict[str, str], rules: tuple[str, ...] = (), full: bool = True) -> Scan:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    request = Request(str(folder), "case", Scope(), Settings(), "2026-01-15", only_rules=rules, full=full)
    return scan(request, open_pack(), lambda _: None, {})


def resources(found: Scan) -> dict[str, Resource]:
    return {r.address: r for r in found.estate.resources if "_" in r.kind and r.kind.startswith("terraform/")}


def change(address: str, after: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """A resource's change and its planned values."""
    type, name = (
        address.rpartition("]")[0].rpartition("[")[0].split(".")[-2:]
        if address.endswith("]")
        else address.split(".")[-2:]
    )
    head = {"address": address, "mode": more.pop("mode", "managed"), "type": type, "name": name}
    masks = {"after_unknown": more.get("unknown", {}), "after_sensitive": more.get("sensitive", {})}
    return {
        **head,
        "change": {"actions": ["create"] if after is not None else ["delete"], "before": None, "after": after, **masks},
    }


def plan(changes: list[dict[str, Any]], configuration: dict[str, Any] | None = None, **more: Any) -> str:
    """A plan in Terraform's JSON output format, its parts in Terraform's order."""
    modules: dict[str, list[dict[str, Any]]] = {}
    for each in changes:
        if each["change"]["after"] is not None and each["mode"] == "managed":
            address = each["address"]
            module = ".".join(address.split(".")[:2]) if address.startswith("module.") else ""
            planned = {key: each[key] for key in ("address", "mode", "type", "name")}
            modules.setdefault(module, []).append(
                {**planned, "values": each["change"]["after"], "sensitive_values": each["change"]["after_sensitive"]}
            )
    root: dict[str, Any] = {"resources": modules.pop("", [])}
    if modules:
        root["child_modules"] = [{"address": name, "resources": listed} for name, listed in modules.items()]
    document = {
        "format_version": "1.2", "terraform_version": "1.11.4", **more, "planned_values": {"root_module": root},
        "resource_changes": changes, "configuration": configuration or {},
    }  # fmt: skip
    return json.dumps(document, indent=1)


def configured(*addresses: str, **expressions: dict[str, Any]) -> dict[str, Any]:
    listed = [
        {"address": address, "expressions": expressions.get(address.replace(".", "__"), {})} for address in addresses
    ]
    return {"root_module": {"resources": listed}}


def test_plans_are_known_by_what_they_hold() -> None:
    assert by_bytes(MAYBE_JSON, RECORDED.encode()) == "plan"
    assert by_bytes(MAYBE_JSON, RECORDED.encode()[:200]) == "plan"
    assert by_bytes(MAYBE_JSON, b'{"format_version": "1.0", "valid": true, "diagnostics": []}') is None
    assert by_bytes(MAYBE_JSON, b'{"terraform_version": "1.11.4", "platform": "linux_amd64"}') is None
    assert by_bytes(MAYBE_JSON, b'{"apiVersion": "v1", "kind": "Pod"}') == "json"


def test_a_recorded_plan_alone(tmp_path: Path) -> None:
    found = resources(scanned(tmp_path, {"plan.json": RECORDED}))
    assert list(found) == [
        "terraform_data.a[0]", "terraform_data.a[1]", 'terraform_data.b["x"]', 'terraform_data.b["y z"]',
        "module.m.terraform_data.c",
    ]  # fmt: skip
    assert found["terraform_data.a[1]"].body["input"]["name"] == "a-1"
    assert found["terraform_data.a[1]"].body["input"]["secret"].cause == "sensitive"
    assert "id" not in found["terraform_data.a[1]"].body
    assert found['terraform_data.b["x"]'].body["input"].cause == "run-time"
    assert "triggers_replace" not in found["terraform_data.a[0]"].body
    references = {(each.path, each.target) for each in found["module.m.terraform_data.c"].references}
    assert ("input", "terraform_data.a[1]") in references


def test_a_recorded_plan_beside_its_source(tmp_path: Path) -> None:
    found = scanned(tmp_path, {"tf/main.tf": SOURCE, "tf/m/main.tf": MODULE, "plan.json": RECORDED})
    by_address = resources(found)
    assert list(by_address) == [
        "terraform_data.a[0]",
        "terraform_data.a[1]",
        "terraform_data.b",
        "module.m.terraform_data.c",
    ]
    assert {found.estate.place(each.anchor).path for each in by_address.values()} == {"tf/main.tf", "tf/m/main.tf"}
    assert by_address["terraform_data.a[1]"].body["input"]["name"] == "a-1"
    assert {each.unit.path for each in by_address.values()} == {"tf"}
    assert not found.report.failures


def test_what_a_plan_hides_is_in_no_report(tmp_path: Path) -> None:
    found = scanned(tmp_path, {"plan.json": RECORDED})
    assert "hush" not in found.estate.sources[0].text
    assert len(found.estate.sources[0].text) == len(RECORDED)


BUCKET = """
variable "name" {}
resource "aws_s3_bucket" "b" {
  bucket = var.name
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = var.name == "open" ? false : true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""


def bucket_plan(closed: bool, **more: Any) -> str:
    block = {
        "block_public_acls": closed,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }
    changes = [
        change("aws_s3_bucket.b", {"bucket": "logs", "force_destroy": False}, unknown={"id": True, "arn": True}),
        change("aws_s3_bucket_public_access_block.b", block, unknown={"id": True, "bucket": True}),
    ]
    wiring = configured(
        "aws_s3_bucket.b", "aws_s3_bucket_public_access_block.b",
        aws_s3_bucket_public_access_block__b={"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}},
    )  # fmt: skip
    return plan(changes, wiring, **more)


RULE = ("s3-block-public-access",)


def verdicts(found: Scan) -> list[tuple[str, str, str]]:
    """(outcome, subject, path and line) of the findings."""
    return [(f.outcome, f.subject, f"{f.place.path}:{f.place.start_line}") for f in found.report.findings]


def test_rules_judge_a_plan_with_its_links(tmp_path: Path) -> None:
    assert [v[:2] for v in verdicts(scanned(tmp_path, {"plan.json": bucket_plan(True)}, RULE))] == [
        ("pass", "aws_s3_bucket.b")
    ]
    outcome, subject, place = verdicts(scanned(tmp_path, {"plan.json": bucket_plan(False)}, RULE))[0]
    assert (outcome, subject, place.split(":")[0]) == ("fail", "aws_s3_bucket.b", "plan.json")


def test_the_source_keeps_the_place_and_the_plan_decides(tmp_path: Path) -> None:
    files = {"main.tf": BUCKET}
    assert [v[0] for v in verdicts(scanned(tmp_path, files, RULE))] == ["unknown"]
    assert verdicts(scanned(tmp_path, {"plan.json": bucket_plan(True)}, RULE))[0][0] == "pass"
    found = scanned(tmp_path, {"plan.json": bucket_plan(False)}, RULE)
    assert [v[0] for v in verdicts(found)] == ["fail"]
    assert verdicts(found)[0][2].startswith("main.tf:")


def test_the_plans_line_is_related(tmp_path: Path) -> None:
    text = 'variable "k" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.k\n}\n'
    shown = plan([change("aws_kms_key.k", {"enable_key_rotation": False})], configured("aws_kms_key.k"))
    found = scanned(tmp_path, {"main.tf": text, "plan.json": shown}, ("kms-rotate-keys",))
    finding = found.report.findings[0]
    assert (finding.outcome, finding.place.path, finding.place.start_line) == ("fail", "main.tf", 3)
    assert any(place.path == "plan.json" for place, _ in finding.related)


def test_variables_of_the_plan_are_given(tmp_path: Path) -> None:
    text = 'variable "k" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.k\n}\nlocals {\n  k = var.k\n}\n'
    shown = plan(
        [change("aws_kms_key.k", {"enable_key_rotation": True})],
        configured("aws_kms_key.k"),
        variables={"k": {"value": True}},
    )
    found = scanned(tmp_path, {"main.tf": text, "plan.json": shown})
    assert next(r for r in found.estate.resources if r.address == "locals").body["k"] is True


def test_defaults_of_the_provider_are_shown_by_the_plan(tmp_path: Path) -> None:
    text = 'resource "aws_kms_key" "k" {\n}\n'
    shown = plan([change("aws_kms_key.k", {"enable_key_rotation": False, "tags": None})], configured("aws_kms_key.k"))
    found = scanned(tmp_path, {"main.tf": text, "plan.json": shown}, ("kms-rotate-keys",))
    assert verdicts(found) == [("fail", "aws_kms_key.k", "main.tf:1")]


def test_blocks_of_unknown_number_are_the_plans(tmp_path: Path) -> None:
    text = """
variable "ports" {}
resource "aws_security_group" "g" {
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
"""
    blocks = [{"from_port": port, "to_port": port, "cidr_blocks": ["0.0.0.0/0"]} for port in (22, 80)]
    shown = plan([change("aws_security_group.g", {"ingress": blocks})], configured("aws_security_group.g"))
    group = resources(scanned(tmp_path, {"main.tf": text, "plan.json": shown}))["aws_security_group.g"]
    assert [block["from_port"] for block in group.body["ingress"]] == [22, 80]
    assert group.body["ingress"].open is None


def test_what_may_not_exist_does_as_the_plan_says(tmp_path: Path) -> None:
    text = 'data "aws_x" "d" {}\n' + "".join(
        f'resource "aws_kms_key" "{name}" {{\n  count = data.aws_x.d.n\n}}\n' for name in "ab"
    )
    shown = plan(
        [change("aws_kms_key.a[0]", {"enable_key_rotation": True})],
        configured("aws_kms_key.a", "aws_kms_key.b", "data.aws_x.d"),
    )
    found = resources(scanned(tmp_path, {"main.tf": text, "plan.json": shown}))
    assert [address for address in found if "kms" in address] == ["aws_kms_key.a"]
    assert found["aws_kms_key.a"].uncertain is None and found["aws_kms_key.a"].body["enable_key_rotation"] is True


def test_modules_that_are_not_in_the_tree_are_in_the_plan(tmp_path: Path) -> None:
    text = 'module "k" {\n  source = "example/key/aws"\n}\nresource "aws_s3_bucket" "b" {}\n'
    changes = [
        change("aws_s3_bucket.b", {"bucket": "b"}),
        change("module.k.aws_kms_key.k", {"enable_key_rotation": False}),
    ]
    wiring = {
        "root_module": {
            "resources": [{"address": "aws_s3_bucket.b"}],
            "module_calls": {"k": {"source": "example/key/aws"}},
        }
    }
    found = scanned(tmp_path, {"main.tf": text, "plan.json": plan(changes, wiring)}, ("kms-rotate-keys",))
    assert [(outcome, subject, place.split(":")[0]) for outcome, subject, place in verdicts(found)] == [
        ("fail", "module.k.aws_kms_key.k", "plan.json")
    ]


def test_what_is_destroyed_is_not_judged(tmp_path: Path) -> None:
    found = scanned(tmp_path, {"plan.json": plan([change("aws_kms_key.k", None)])})
    assert resources(found) == {}


def test_environments_are_those_the_files_are_named_for(tmp_path: Path) -> None:
    files = {
        "infra/main.tf": BUCKET,
        "infra/dev.tfvars": 'name = "dev"\n',
        "infra/production.tfvars": 'name = "production"\n',
        "plans/production.json": bucket_plan(False),
    }
    found = scanned(tmp_path, files, RULE)
    outcomes = {f.environments: f.outcome for f in found.report.findings}
    assert outcomes == {("dev",): "pass", ("production",): "fail"}


def test_policies_of_a_plan_are_judged_once(tmp_path: Path) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    source = (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions   = ["*"]\n    resources = ["*"]\n  }\n}\n'
        'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    )
    wiring = configured(
        "data.aws_iam_policy_document.d", "aws_iam_policy.p",
        aws_iam_policy__p={"policy": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}},
    )  # fmt: skip
    shown = plan([change("aws_iam_policy.p", {"policy": policy})], wiring)
    rule = ("iam-no-admin-star",)
    beside = scanned(tmp_path / "beside", {"main.tf": source, "plan.json": shown}, rule)
    assert verdicts(beside) == [("fail", "data.aws_iam_policy_document.d:statement[0]", "main.tf:3")]
    alone = scanned(tmp_path / "alone", {"plan.json": shown}, rule)
    assert [v[:2] for v in verdicts(alone)] == [("fail", "aws_iam_policy.p:policy[0]")]


def test_kubernetes_objects_of_a_plan(tmp_path: Path) -> None:
    pod = {
        "metadata": [{"name": "web", "namespace": "shop", "labels": None}],
        "spec": [{"container": [{"name": "c", "image": "nginx:latest", "security_context": [{"privileged": True}]}]}],
    }
    found = scanned(tmp_path, {"plan.json": plan([change("kubernetes_pod.web", pod)])}, ("no-privileged-container",))
    assert [v[:2] for v in verdicts(found)] == [("fail", "kubernetes_pod.web:containers.c")]


def test_a_state_is_read_as_what_is_there(tmp_path: Path) -> None:
    key = {
        "address": "aws_kms_key.k",
        "mode": "managed",
        "type": "aws_kms_key",
        "name": "k",
        "values": {"enable_key_rotation": False},
    }
    state = {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {"resources": [key]}}}
    found = scanned(tmp_path, {"state.json": json.dumps(state)}, ("kms-rotate-keys",))
    assert [v[:2] for v in verdicts(found)] == [("fail", "aws_kms_key.k")]


def test_plans_that_do_not_hold_all_are_incomplete(tmp_path: Path) -> None:
    found = scanned(tmp_path / "a", {"plan.json": plan([], errored=True)})
    assert [failure.id for failure in found.report.failures] == ["artifact-unparsed"]
    text = plan([]).replace('"1.2"', '"9.0"')
    assert scanned(tmp_path / "b", {"plan.json": text}).report.verdict.execution == "incomplete"
    assert scanned(tmp_path / "c", {"plan.json": RECORDED[:3000]}).report.verdict.execution == "incomplete"


def test_a_plan_beyond_the_cap_is_said(tmp_path: Path) -> None:
    big = plan([change("aws_kms_key.k", {"description": "x" * 11_000_000})])
    found = scanned(tmp_path, {"plan.json": big})
    assert [(f.id, f.place.path) for f in found.report.failures] == [("artifact-unreadable", "plan.json")]


@pytest.mark.parametrize(
    "broken",
    [
        "[]",
        "null",
        '{"resources": [{"address": 1}, 2], "child_modules": 3}',
        '{"child_modules": [[], {"resources": {}}]}',
    ],
)
def test_plans_of_no_shape_harm_nothing(tmp_path: Path, broken: str) -> None:
    text = '{"format_version": "1.2", "terraform_version": "1", "planned_values": {"root_module": %s}, "resource_changes": [1], "variables": [], "configuration": 3}'
    assert not [f for f in scanned(tmp_path, {"plan.json": text % broken}).report.failures if f.id == "parser-crashed"]


def test_the_subjects_of_unknowns_are_addresses(tmp_path: Path) -> None:
    key = change(
        "aws_kms_key.k",
        {"tags": {"a": "b"}},
        unknown={"arn": True, "tags": {"c": True}},
        sensitive={"tags": {"a": True}},
    )
    body = resources(scanned(tmp_path, {"plan.json": plan([key])}))["aws_kms_key.k"].body
    unknown = [value for value in (body["arn"], body["tags"]["a"], body["tags"]["c"]) if isinstance(value, Unknown)]
    assert [(each.subject, each.cause) for each in unknown] == [
        ("aws_kms_key.k.arn", "run-time"), ("aws_kms_key.k.tags.a", "sensitive"), ("aws_kms_key.k.tags.c", "run-time"),
    ]  # fmt: skip


def test_a_plan_that_is_asked_for_reports_its_source(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BUCKET, encoding="utf-8")
    (tmp_path / "plan.json").write_text(bucket_plan(False), encoding="utf-8")
    (tmp_path / "other.tf").write_text('resource "aws_s3_bucket" "other" {}\n', encoding="utf-8")
    request = Request(
        str(tmp_path), "case", Scope(("plan.json",)), Settings(), "2026-01-15", only_rules=RULE, full=True
    )
    found = scan(request, open_pack(), lambda _: None, {})
    assert [(f.outcome, f.place.path) for f in found.report.findings] == [("fail", "main.tf")]


def test_what_nobody_wrote_is_absent_as_it_is_in_the_source(tmp_path: Path) -> None:
    disk = change(
        "aws_ebs_volume.v",
        {"encrypted": True, "x": [{"a": "b"}]},
        unknown={"kms_key_id": True, "id": True, "x": [{"c": True, "d": True}]},
    )
    wiring = configured(
        "aws_ebs_volume.v",
        aws_ebs_volume__v={"encrypted": {"constant_value": True}, "x": [{"d": {"references": ["aws_a.b"]}}]},
    )
    body = resources(scanned(tmp_path, {"plan.json": plan([disk], wiring)}))["aws_ebs_volume.v"].body
    assert set(body) == {"encrypted", "x"} and set(body["x"][0]) == {"a", "d"}


def test_the_cost_of_instances_grows_with_their_number(tmp_path: Path) -> None:
    found = []
    for count in (400, 1600):
        keys = [change(f"aws_kms_key.k[{n}]", {"enable_key_rotation": False}) for n in range(count)]
        started = process_time()
        scanned(tmp_path / str(count), {"plan.json": plan(keys)}, ("kms-rotate-keys",))
        found.append(process_time() - started)
    assert found[1] < 12 * found[0]
