"""opslint.yaml: every key, every kind of mistake with file and line, and what is never done with it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from linter.config import CAP, ConfigError, Settings, from_texts, load
from linter.schemas import schema

EVERYTHING = """\
version: 1
gate:
  fail-on: medium
  unknown: fail
  frameworks:
    - id: soc2
      controls: [CC6.1]
    - {id: pci-dss-4.0.1}
environments:
  - name: production
    tier: production
    aliases: [prod]
    paths: ["envs/prod/**"]
    accounts: ["111122223333"]
    optional-layers: [monitoring]
runbooks:
  base-urls: {"https://runbooks.example.com/": docs/runbooks}
  folders: [docs/runbooks]
repository: https://example.com/shop
terraform:
  var-files: [prod.tfvars]
  vars: {region: eu-west-1, zones: [a, b], on: yes}
pipelines: {secret-hosts: [vault.example.com]}
rules:
  disable: [no-host-port]
  severity: {no-latest-tag: low}
  folders: [policy/rules]
inline-waivers:
  {opslint: true, checkov: false, trivy: false, tfsec: false, zizmor: false, kube-linter: false, polaris: true}
non-waivable: [rds-not-public]
waivers:
  - rule: no-latest-tag
    path: legacy/**
    resource: Deployment/*
    environment: dev
    reason: replaced by the new shop in autumn
    owner: team-shop
    expires: 2027-01-31
allow-incomplete:
  - {path: legacy/x.yaml, id: artifact-unparsed, reason: a template of the old kind, owner: me, expires: 2027-01-31}
exclude: ["vendor/**"]
parity:
  allow:
    - {resource: "alerts/*", environments: [dev], reason: nobody is paged for dev, expires: 2027-01-31}
"""


def write(folder: Path, text: str | bytes, name: str = "opslint.yaml") -> None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def line(words: str) -> int:
    return EVERYTHING.count("\n", 0, EVERYTHING.index(words)) + 1


def problems(text: str, waivers: str = "") -> tuple[str, ...]:
    files = [("opslint.yaml", text), *([("waivers.yaml", waivers)] if waivers else [])]
    with pytest.raises(ConfigError) as caught:
        from_texts(files)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_no_folder_and_no_file_are_the_defaults(tmp_path: Path) -> None:
    assert load(None) == load(str(tmp_path)) == Settings({}, "built-in defaults", "", ())


def test_every_key_is_read_as_written(tmp_path: Path) -> None:
    write(tmp_path, EVERYTHING)
    settings = load(str(tmp_path))
    expected: dict[str, Any] = yaml.load(EVERYTHING, yaml.BaseLoader)
    expected["waivers"][0]["source"] = f"opslint.yaml:{line('- rule: no-latest-tag')}"
    expected["allow-incomplete"][0]["source"] = f"opslint.yaml:{line('- {path: legacy/x.yaml')}"
    assert list(settings.data) == list(expected)
    assert settings.data["waivers"] == expected["waivers"]
    assert settings.data["allow-incomplete"] == expected["allow-incomplete"]
    assert settings.data["environments"] == expected["environments"]
    assert settings.data["terraform"]["vars"] == {"region": "eu-west-1", "zones": ["a", "b"], "on": "yes"}
    assert settings.data["inline-waivers"]["opslint"] is True
    assert settings.data["parity"] == expected["parity"]
    assert settings.data["pipelines"] == expected["pipelines"]
    assert settings.path == "opslint.yaml"
    assert settings.sha256 == hashlib.sha256(EVERYTHING.encode()).hexdigest()
    assert settings.sources[0].text == EVERYTHING


def test_values_are_plain() -> None:
    def types(value: Any) -> Iterator[type]:
        yield type(value)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from types(item)

    assert set(types(from_texts([("opslint.yaml", EVERYTHING)]).data)) == {dict, list, str, int, bool}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}\n"])
def test_an_empty_file_is_a_policy_without_wishes(text: str) -> None:
    assert from_texts([("opslint.yaml", text)]).data == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\nfail-on: high\n", "opslint.yaml:2: unknown key 'fail-on'; allowed: allow-incomplete, "),
        ("gate:\n  fail_on: high\n", "opslint.yaml:2: gate: unknown key 'fail_on'; did you mean 'fail-on'?"),
        ("enviroments: []\n", "opslint.yaml:1: unknown key 'enviroments'; did you mean 'environments'?"),
        ("version: 2\n", "opslint.yaml:1: version: 2 does not fit; The version of this format: 1."),
        ("gate:\n  fail-on: hihg\n", "opslint.yaml:2: gate.fail-on: 'hihg' is not allowed; did you mean 'high'?"),
        ("gate:\n  unknown: no\n", "opslint.yaml:2: gate.unknown: 'no' is not allowed; allowed: report, fail"),
        ("\ngate: 5\n", "opslint.yaml:2: gate: must be a mapping, not 5; When the exit code says no."),
        ("environments:\n  - name: dev\n", "opslint.yaml:2: environments.0: tier is missing; add it"),
        ("exclude: vendor\n", "opslint.yaml:1: exclude: must be a list, not 'vendor'; "),
        ("exclude:\n- ok\n- ../x\n", "opslint.yaml:3: exclude.1: '../x' does not fit; A path below the root"),
        ("exclude: [a/../../b]\n", "opslint.yaml:1: exclude.0: 'a/../../b' does not fit;"),
        ("exclude: [/etc]\n", "opslint.yaml:1: exclude.0: '/etc' does not fit;"),
        ("rules: {folders: ['..']}\n", "opslint.yaml:1: rules.folders.0: '..' does not fit;"),
        ("terraform: {var-files: ['..\\x']}\n", "opslint.yaml:1: terraform.var-files.0:"),
        ("rules: {severity: {a-b: bad}}\n", "opslint.yaml:1: rules.severity.a-b: 'bad' is not allowed;"),
        ("repository: git@example.com:x\n", "opslint.yaml:1: repository: 'git@example.com:x' does not fit;"),
        ("a: [1\n  b: {\n", "opslint.yaml:"),
        ("version: 1\nversion: 1\n", "opslint.yaml:2: "),
        ("gate: !include x.yaml\n", "opslint.yaml:1: the tag !include means nothing here; write a plain value"),
        ("- 1\n", "opslint.yaml:1: the file must be one mapping"),
        ("version: 1\n---\nversion: 1\n", "opslint.yaml:1: the file must be one mapping"),
        ("waivers: none\n", "opslint.yaml:1: waivers: must be a list, not 'none'; "),
        ("plugins: [checks.evil]\n", "opslint.yaml:1: unknown key 'plugins'; "),
        ("inline-waivers: {checkvo: true}\n", "opslint.yaml:1: inline-waivers: unknown key 'checkvo'; did you mean"),
        (
            "parity: {allow: [{reason: because of it, expires: 2027-01-31}]}\n",
            "opslint.yaml:1: parity.allow.0: does not",
        ),
    ],
)
def test_mistakes_name_file_line_cause_and_remedy(text: str, expected: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize("name", ["/usr/bin/python3", "/opt/checkov/bin/python3", "semgrep", "checkov/sh"])
def test_a_policy_names_no_program_that_is_another_than_its_scanner(name: str) -> None:
    """A policy may lie in the scanned tree: `python3 -d FOLDER` would run that folder's own code."""
    assert "scanners.checkov.program" in problems(f"scanners:\n  checkov: {{program: {name}}}\n")[0]


@pytest.mark.parametrize("name", ["/opt/py/bin/checkov", "~/bin/checkov-3.3", "checkov", "/x/checkov.exe"])
def test_a_scanners_program_may_be_anywhere(name: str) -> None:
    policy = from_texts([("opslint.yaml", f"version: 1\nscanners:\n  checkov: {{program: {name}}}\n")]).data
    assert policy["scanners"]["checkov"]["program"] == name


def test_all_mistakes_are_told_in_order() -> None:
    found = problems("b: 1\na: 2\ngate: {unknown: x}\n")
    assert [line.split(":")[1] for line in found] == ["1", "2", "3"]
    assert len(problems("\n".join(f"a{n}: 1" for n in range(90)))) == 20


def test_a_value_is_shown_short() -> None:
    assert len(problems(f"repository: {'x' * 5000}\n")[0]) < 400


def test_nothing_is_interpolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    text = "terraform: {vars: {a: '${SECRET}', b: '{{ env.SECRET }}', c: $SECRET}}\n"
    assert from_texts([("opslint.yaml", text)]).data["terraform"]["vars"] == {
        "a": "${SECRET}", "b": "{{ env.SECRET }}", "c": "$SECRET",
    }  # fmt: skip


WAIVER = "{rule: a-b, path: x, reason: because of it, owner: me, expires: 2027-01-31}"


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("5", "must be a mapping, not 5"),
        ("{}", "rule and reason and owner and expires are missing"),
        (WAIVER.replace("path: x, ", ""), "does not fit; wanted is this: A mapping with rule, at least one of path"),
        (WAIVER.replace("path", "paths"), "unknown key 'paths'; did you mean 'path'?"),
        (WAIVER.replace("a-b", "'*'"), "rule: '*' does not fit"),
        (WAIVER.replace("because of it", "x"), "reason: 'x' does not fit; Why, in at least ten characters."),
        (WAIVER.replace("2027-01-31", "2027-02-31"), "expires: '2027-02-31' is no day of the calendar"),
        (WAIVER.replace("2027-01-31", "never"), "expires: 'never' does not fit; The last day it holds"),
        (WAIVER.replace("2027-01-31", "20270131"), "expires: must be text, not 20270131"),
        (WAIVER.replace("path: x", "path: ../x"), "path: '../x' does not fit"),
    ],
)
def test_a_malformed_waiver_is_kept_with_what_is_wrong(entry: str, problem: str) -> None:
    for text, waivers, line in (
        (f"waivers:\n- {WAIVER}\n- {entry}\n", "", "opslint.yaml:3"),
        ("version: 1\n", f"waivers:\n- {WAIVER}\n- {entry}\n", "waivers.yaml:3"),
    ):
        files = [("opslint.yaml", text), *([("waivers.yaml", waivers)] if waivers else [])]
        good, bad = from_texts(files).data["waivers"]
        assert "problem" not in good
        assert bad["source"] == line
        assert problem in bad["problem"]


def test_waivers_beside_the_policy_come_after_its_own(tmp_path: Path) -> None:
    write(tmp_path, f"waivers: [{WAIVER}]\n")
    write(tmp_path, f"version: 1\nwaivers: [{WAIVER}]\n", "waivers.yaml")
    settings = load(str(tmp_path))
    assert [entry["source"] for entry in settings.data["waivers"]] == ["opslint.yaml:1", "waivers.yaml:2"]
    whole = (tmp_path / "opslint.yaml").read_bytes() + (tmp_path / "waivers.yaml").read_bytes()
    assert settings.sha256 == hashlib.sha256(whole).hexdigest()


def test_a_waivers_file_holds_waivers_only() -> None:
    assert problems("version: 1\n", "gate: {fail-on: info}\n") == (
        "waivers.yaml:1: unknown key 'gate'; allowed: version, waivers",
    )
    assert problems("waivers: 5\n", f"waivers: [{WAIVER}]\n")[0].startswith("opslint.yaml:1: waivers: must be a list")


def test_a_waivers_file_without_a_policy_is_somebody_elses(tmp_path: Path) -> None:
    write(tmp_path, "a: [1\n", "waivers.yaml")
    assert load(str(tmp_path)) == Settings()


@pytest.mark.parametrize("name", ["opslint.yml", ".opslint.yaml", ".opslint.toml", "opslint.toml", "opslint.json"])
def test_a_policy_under_another_name_stops_the_run(tmp_path: Path, name: str) -> None:
    write(tmp_path, "version: 1\n", name)
    with pytest.raises(ConfigError, match=r"this file is not read; the policy's name is opslint\.yaml"):
        load(str(tmp_path))


def failed(folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(str(folder))
    return str(caught.value)


def test_what_is_no_text_stops_the_run(tmp_path: Path) -> None:
    write(tmp_path, b"version: 1\n# \xff\n")
    assert failed(tmp_path).startswith("opslint.yaml:2: ")
    write(tmp_path, b"version: 1\0\n")
    assert "NUL" in failed(tmp_path)


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    write(tmp_path, b"\xef\xbb\xbfversion: 1\r\n")
    assert load(str(tmp_path)).data == {"version": 1}


def test_a_policy_that_is_no_file_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "opslint.yaml").mkdir()
    assert failed(tmp_path).startswith("opslint.yaml:1: cannot be read (")
    assert failed(tmp_path / "nowhere").startswith("the policy folder cannot be read (")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "opslint.yaml")
    assert "cannot be read" in failed(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside.yaml", tmp_path / "policy"
    outside.write_text("secret: hunter2\n")
    inside.mkdir()
    (inside / "opslint.yaml").symlink_to(outside)
    message = failed(inside)
    assert "out of the scanned tree" in message
    assert "hunter2" not in message


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    write(tmp_path / "..data", "version: 1\n")
    (tmp_path / "opslint.yaml").symlink_to("..data/opslint.yaml")
    assert load(str(tmp_path)).data == {"version": 1}


def test_a_policy_has_a_size_limit(tmp_path: Path) -> None:
    write(tmp_path, "#" * (CAP + 1))
    assert "larger than 4 MB" in failed(tmp_path)


def test_aliases_that_explode_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    write(tmp_path, "\n".join(lines))
    assert failed(tmp_path).startswith("opslint.yaml:")


@pytest.mark.parametrize("name", ["config", "framework"])
def test_the_published_schemas_are_sound(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_every_key_is_documented() -> None:
    def undocumented(node: Any, path: str) -> Iterator[str]:
        for key, value in node.get("properties", {}).items():
            target = schema("config")["$defs"].get(value.get("$ref", "").rpartition("/")[2], {})
            if not value.get("description", target.get("description")):
                yield f"{path}.{key}"
            yield from undocumented(value, f"{path}.{key}")
            yield from undocumented(value.get("items", {}), f"{path}.{key}[]")

    whole = schema("config")
    assert list(undocumented(whole, "")) == []
    assert list(undocumented(whole["$defs"]["waiver"], "waiver")) == []


def test_the_published_schema_itself_requires_what_a_waiver_needs() -> None:
    """Editors that use the schema flag what `load` reports as covering nothing."""
    validator = Draft202012Validator(schema("config"))
    assert validator.is_valid({"waivers": [yaml.load(WAIVER, yaml.BaseLoader)]})
    assert not validator.is_valid({"waivers": [{"rule": "a-b"}]})
