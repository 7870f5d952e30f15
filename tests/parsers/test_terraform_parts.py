"""Grants and port ranges: one shape, wherever and however they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linter.model import Resource, Unknown
from tests.support import scanned, write

ROLE = "roles/run.viewer"


def parts(root: Path, text: str, kind: str) -> list[Resource]:
    estate = scanned(write(root, {"main.tf": text})).estate
    return [resource for resource in estate.resources if resource.kind == f"terraform/{kind}"]


def members(root: Path, text: str) -> list[tuple[Any, Any, Any]]:
    """(type, name, default_account) of every member of every grant."""
    return [
        (member.get("type"), member.get("name"), member.get("default_account"))
        for grant in parts(root, text, "google_grant")
        for member in grant.body["members"]
    ]


WRITTEN = {
    "member": 'resource "google_project_iam_member" "a" {\n  role = "R"\n  member = "user:jane@example.com"\n}\n',
    "binding": 'resource "google_project_iam_binding" "a" {\n  role = "R"\n  members = ["user:jane@example.com"]\n}\n',
    "data": (
        'data "google_iam_policy" "a" {\n  binding {\n    role = "R"\n    members = ["user:jane@example.com"]\n  }\n}\n'
    ),
    "jsonencode": (
        'resource "google_project_iam_policy" "a" {\n  policy_data = jsonencode({\n'
        '    bindings = [{ role = "R", members = ["user:jane@example.com"] }]\n  })\n}\n'
    ),
    "heredoc": (
        'resource "google_project_iam_policy" "a" {\n  policy_data = <<E\n'
        '{"bindings": [{"role": "R", "members": ["user:jane@example.com"]}]}\nE\n}\n'
    ),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_grant_reads_the_same_however_written(tmp_path: Path, text: str) -> None:
    (grant,) = parts(tmp_path, text.replace('"R"', f'"{ROLE}"'), "google_grant")
    assert grant.body["role"] == ROLE
    assert [dict(member) for member in grant.body["members"]] == [
        {"type": "user", "name": "jane@example.com", "default_account": False}
    ]
    written = text.replace('"R"', f'"{ROLE}"')
    _, start, end = (grant.body["members"].at[0][i] for i in (0, 3, 4))
    assert written[start:end].strip('"') == "user:jane@example.com"


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("allUsers", ("allUsers", "allUsers", False)),
        ("domain:example.com", ("domain", "example.com", False)),
        ("jane@example.com", (None, "jane@example.com", False)),
        (
            "serviceAccount:1-compute@developer.gserviceaccount.com",
            ("serviceAccount", "1-compute@developer.gserviceaccount.com", True),
        ),
        ("shop@appspot.gserviceaccount.com", (None, "shop@appspot.gserviceaccount.com", True)),
        (
            "serviceAccount:app@shop.iam.gserviceaccount.com",
            ("serviceAccount", "app@shop.iam.gserviceaccount.com", False),
        ),
    ],
)
def test_a_member_is_type_and_name(tmp_path: Path, member: str, expected: tuple[Any, ...]) -> None:
    text = f'resource "google_project_iam_member" "a" {{\n  role = "{ROLE}"\n  member = "{member}"\n}}\n'
    assert members(tmp_path, text) == [expected]


@pytest.mark.parametrize(
    ("expression", "type", "default"),
    [
        ('"serviceAccount:${google_service_account.app.email}"', "serviceAccount", False),
        ("google_service_account.app.member", "serviceAccount", False),
        ('"serviceAccount:${data.google_compute_default_service_account.it.email}"', "serviceAccount", True),
        ('"user:${var.who}"', "user", None),
        ("var.who", None, None),
    ],
)
def test_an_unknown_member_keeps_what_is_known(tmp_path: Path, expression: str, type: Any, default: Any) -> None:
    text = f"""
resource "google_service_account" "app" {{
  account_id = "app"
}}
data "google_compute_default_service_account" "it" {{}}
variable "who" {{}}
resource "google_project_iam_member" "a" {{
  role   = "{ROLE}"
  member = {expression}
}}
"""
    ((got_type, name, got_default),) = members(tmp_path, text)
    assert isinstance(name, Unknown)
    assert got_type == type if type else isinstance(got_type, Unknown)
    assert got_default is default if default is not None else isinstance(got_default, Unknown)


def test_a_policy_from_elsewhere_is_open_and_one_of_this_unit_is_judged_once(tmp_path: Path) -> None:
    unread = 'variable "p" {}\nresource "google_project_iam_policy" "a" {\n  policy_data = var.p\n}\n'
    (grant,) = parts(tmp_path / "unread", unread, "google_grant")
    assert "role" not in grant.body and grant.body.open is not None
    own = (
        WRITTEN["data"] + 'resource "google_project_iam_policy" "a" {\n'
        "  policy_data = data.google_iam_policy.a.policy_data\n}\n"
    )
    (grant,) = parts(tmp_path / "own", own, "google_grant")
    assert grant.owner is not None and grant.owner.address == "data.google_iam_policy.a"


def firewall(ports: str) -> str:
    return f'resource "google_compute_firewall" "a" {{\n  allow {{\n    protocol = "tcp"\n{ports}  }}\n}}\n'


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ("", [(0, 65535)]),
        ("    ports = []\n", [(0, 65535)]),
        ("    ports = null\n", [(0, 65535)]),
        ('    ports = ["22"]\n', [(22, 22)]),
        ("    ports = [22]\n", [(22, 22)]),
        ('    ports = ["22", "1000-2000"]\n', [(22, 22), (1000, 2000)]),
        ('    ports = ["http"]\n', []),
    ],
)
def test_ports_of_a_firewall_rule_are_numbers(tmp_path: Path, ports: str, expected: list[tuple[int, int]]) -> None:
    found = parts(tmp_path, firewall(ports), "port_range")
    assert [(part.body["from"], part.body["to"]) for part in found] == expected
    assert all(part.context["block"] == "allow" and part.context["rule"]["protocol"] == "tcp" for part in found)


def test_unknown_ports_are_unknown(tmp_path: Path) -> None:
    text = 'variable "p" {}\n' + firewall("    ports = [var.p]\n")
    (found,) = parts(tmp_path / "element", text, "port_range")
    assert isinstance(found.body["from"], Unknown)
    text = 'variable "p" {}\n' + firewall("    ports = var.p\n")
    (found,) = parts(tmp_path / "list", text, "port_range")
    assert isinstance(found.body["to"], Unknown)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("22/22", [(22, 22)]), ("1/65535", [(1, 65535)]), ("-1/-1", [(0, 65535)]), ("22,80-90", [(22, 22), (80, 90)])],
)
def test_ports_of_the_resource_itself(tmp_path: Path, written: str, expected: list[tuple[int, int]]) -> None:
    text = f'resource "alicloud_security_group_rule" "a" {{\n  port_range = "{written}"\n}}\n'
    found = parts(tmp_path, text, "port_range")
    assert [(part.body["from"], part.body["to"]) for part in found] == expected
