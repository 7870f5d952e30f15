"""Settings of each environment: which files they are, what lies below them, and what Ansible's groups hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linter.discovery.settings_files import find
from linter.model import Resource, Unknown
from tests.support import failed, scanned, write

BOTH = {".env.staging": "A=1\nB=2\n", ".env.production": "A=1\n"}


def found(*paths: str, settings: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    files = find(frozenset(paths), settings or {})
    return [(each.path, each.environment.name if each.environment else "") for each in files]


def resources(root: Path, kind: str) -> dict[str, Resource]:
    return {each.address: each for each in scanned(root).estate.of_kind(kind)}


@pytest.mark.parametrize(
    "paths",
    [
        (".env.staging", ".env.production"), ("env/prod.env", "env/stage.env"), ("config/dev/.env", "config/prod/.env"),
        ("a/config/staging.json", "a/config/production.json"), ("settings/prod.toml", "settings/qa.toml"),
        ("inventories/prod/hosts", "inventories/stage/hosts"), ("inventory/prod.ini", "inventory/stage.ini"),
        ("inventories/prod/group_vars/web.yml", "inventories/stage/group_vars/web/main.yml"),
        ("group_vars/prod.yml", "group_vars/stage.yml"), ("group_vars/prod/a.yml", "group_vars/stage/a.yml"),
    ],
)  # fmt: skip
def test_two_environments_beside_each_other_count(paths: tuple[str, ...]) -> None:
    assert {path for path, _ in found(*paths)} == set(paths)
    assert all(environment for _, environment in found(*paths))
    assert found(paths[0]) == []


@pytest.mark.parametrize(
    "paths",
    [
        (".env", ".env.example"), (".env.local", ".env.test"), (".env.production", ".env.local"),
        (".env.production.enc", ".env.staging"),
        ("tests/.env.staging", "tests/.env.production"), ("config/local.json", "config/test.json"),
        ("config/production.json", "src/staging.json"),
        ("k8s/staging.yaml", "k8s/production.yaml"), ("group_vars/web.yml", "group_vars/all.yml"),
        ("node_modules/a/.env.dev", "node_modules/a/.env.prod"),
        ("services/api.env.js", "services/web.env.ts"),
    ],
)  # fmt: skip
def test_names_of_other_things_do_not_count(paths: tuple[str, ...]) -> None:
    assert found(*paths) == []


def test_what_lies_below_is_found_with_them() -> None:
    assert found(*BOTH, ".env", "other/.env") == [
        (".env", ""),
        (".env.production", "production"),
        (".env.staging", "staging"),
    ]
    paths = ("config/default.json", "config/qa.json", "config/prod.json", "config/default.yaml")
    assert found(*paths) == [("config/default.json", ""), ("config/prod.json", "prod"), ("config/qa.json", "qa")]


def test_declared_environments_name_them() -> None:
    settings = {"environments": [{"name": "blue", "tier": "production"}, {"name": "green", "tier": "pre-production"}]}
    assert found(".env.blue", ".env.green", settings=settings) == [(".env.blue", "blue"), (".env.green", "green")]
    assert found(".env.blue", ".env.green") == []


def test_dotenv_over_what_lies_below(tmp_path: Path) -> None:
    write(tmp_path, {**BOTH, ".env": "B=9\nHOST=x\n", ".env.production": 'URL="http://$HOST/${NOWHERE}"\nPASS\n'})
    made = resources(tmp_path, "settings/dotenv")
    body = made[".env.production"].body
    assert (body["B"], body["HOST"]) == ("9", "x")
    assert isinstance(body["URL"], Unknown) and isinstance(body["PASS"], Unknown)
    assert made[".env.staging"].body["B"] == "2"


def test_missing_variables_are_one_finding_with_their_places(tmp_path: Path) -> None:
    text = "A=1\n" + "".join(f"KEY_{n}={n}\n" for n in range(5))
    [told] = failed(
        scanned(write(tmp_path, {".env.staging": text, ".env.production": "A=2\n"}), "env-missing-variable")
    )
    assert told.message == (
        ".env.production has 'KEY_0', 'KEY_1', 'KEY_2' and 2 more in staging but not in production."
    )
    assert (told.severity.word, told.place.path, told.place.start_line) == ("medium", ".env.production", 1)
    assert [(place.path, place.start_line) for place, _ in told.related] == [(".env.staging", n) for n in range(2, 7)]


@pytest.mark.parametrize("key", ["LOG_LEVEL=debug", "STAGING_URL=x", "MAILHOG=x"])
def test_what_is_expected_below_is_not_missed(tmp_path: Path, key: str) -> None:
    write(tmp_path, {".env.staging": f"A=1\n{key}\n", ".env.production": "A=1\nPRODUCTION_URL=y\n"})
    assert failed(scanned(tmp_path, "env-missing-variable")) == []


def test_configurations_are_compared_key_by_key(tmp_path: Path) -> None:
    files = {
        "config/default.json": '{"mail": {"from": "a@b.org"}}', "config/staging.json": '{"mail": {"from": "x", "to": "y"}, "n": 1}',
        "config/production.json": '{"mail": {}, "n": null}',
    }  # fmt: skip
    [told] = failed(scanned(write(tmp_path, files), "env-missing-variable"))
    assert "'mail.to'" in told.message and "from" not in told.message.replace("from'", "")


def test_settings_that_cannot_be_read_are_said_to_be_left_out(tmp_path: Path) -> None:
    files = {
        "config/staging.json": '{"a": 1}',
        "config/production.json": "{a: 1,,}",
        "config/qa.toml": "=",
        "config/prod.toml": "a = 1",
    }
    report = scanned(write(tmp_path, files)).report
    assert report.failures == ()
    assert {path for path, _ in report.skipped} >= {"config/production.json", "config/qa.toml"}


def test_inventories_of_either_form_have_the_same_groups(tmp_path: Path) -> None:
    ini = "[web]\nweb1 ansible_host=10.0.0.1\n[db]\ndb1\n[all:vars]\nport=80\n"
    yaml = "all:\n  vars: {port: 80}\n  children:\n    web: {hosts: {web1: {ansible_host: 10.0.1.1}}}\n    db: {hosts: {db1: }}\n"
    write(tmp_path, {"inventories/qa/hosts": ini, "inventories/prod/hosts.yml": yaml})
    made = resources(tmp_path, "ansible/group")
    assert {address.partition("#")[2] for address in made} == {"web", "db", "all"}
    assert made["inventories/qa/hosts#web"].body["hosts"]["web1"]["ansible_host"] == "10.0.0.1"
    assert made["inventories/prod/hosts.yml#web"].body["hosts"]["web1"]["ansible_host"] == "10.0.1.1"


def test_variables_with_a_default_weigh_little_and_encrypted_ones_are_unknown(tmp_path: Path) -> None:
    files = {
        "inventories/qa/group_vars/web.yml": "a: 1\nb: 2\n", "inventories/prod/group_vars/web.yml": "a: 1\n",
        "inventories/qa/group_vars/db.yml": "a: 1\nb: 2\n",
        "inventories/prod/group_vars/db/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
        "roles/web/defaults/main.yml": "b: 3\n",
    }  # fmt: skip
    found = scanned(write(tmp_path, files), "env-missing-variable")
    assert [(f.subject, f.severity.word) for f in failed(found)] == [("inventories/prod/group_vars/web", "low")]
    assert [f.subject for f in found.report.findings if f.outcome == "unknown"] == ["inventories/prod/group_vars/db"]


def test_files_of_variables_are_settings_of_their_environment(tmp_path: Path) -> None:
    main = 'variable "a" {}\nvariable "b" {\n  default = 1\n}\nvariable "c" {}\n'
    files = {
        "main.tf": main,
        "qa.tfvars": 'a = 1\nb = 2\nc = ["x", { y = -1 }]\nundeclared = 1\n',
        "prod.tfvars": "a = 1\n",
    }
    write(tmp_path, files)
    bodies = {each.name: each.body for each in scanned(tmp_path).estate.of_kind("settings/tfvars")}
    assert sorted(bodies["qa.tfvars"]) == ["a", "b", "c"]
    [told] = failed(scanned(tmp_path, "env-missing-variable"))
    assert told.message == "prod.tfvars has 'b' and 'c' in qa but not in prod."
    assert told.severity.word == "high"
