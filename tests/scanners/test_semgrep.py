"""`scan --with semgrep`: the bundled pack, what Semgrep is given of the tree, and what becomes of its answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scanners.stand_in import semgrep
from tests.support import PACK, write
from tests.test_cli import Answer, program

FOLDER = Path(__file__).resolve().parents[2] / "rules" / "semgrep"
IDS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
CALLS = "import requests\nrequests.get(a)\nrequests.get(a)\nrequests.get(b)\n"
METADATA = ("title", "why", "fix")


def scan(tree: Path, body: str, *options: str) -> Answer:
    tool = semgrep(tree.parent / "tools", body)
    folder = write(
        tree.parent / "policy",
        {"opslint.yaml": f"version: 1\nscanners: {{semgrep: {{program: {tool}, seconds: 20}}}}\n"},
    )
    return program("scan", "--root", tree, "--policy", folder, "--with", "semgrep", "--format", "json", *options, tree)


def told(answer: Answer) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(answer.out)
    return loaded


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write(tmp_path / "tree", {"shop/app.py": CALLS, "deploy.yaml": "apiVersion: v1\nkind: ConfigMap\n"})


def test_the_pack_is_as_large_as_it_says() -> None:
    assert len(IDS) >= 20
    assert sorted(PACK.texts("semgrep/")) == [f"semgrep/{id}.yaml" for id in IDS]


@pytest.mark.parametrize("id", IDS)
def test_a_rule_of_the_pack(id: str) -> None:
    (rule,) = yaml.safe_load((FOLDER / f"{id}.yaml").read_text(encoding="utf-8"))["rules"]
    assert rule["id"] == id
    assert rule["severity"] in ("ERROR", "WARNING", "INFO")
    assert sorted(rule["metadata"]) == sorted(METADATA)
    for text in (rule["message"], rule["metadata"]["why"], rule["metadata"]["fix"]):
        assert text.endswith("."), text
    assert not rule["metadata"]["title"].endswith(".")
    (test,) = [path for path in FOLDER.glob(f"{id}.*") if path.suffix != ".yaml"]
    text = test.read_text(encoding="utf-8")
    named = re.findall(r"(?:#|//) (ruleid|ok): (\S+)", text)
    assert {other for _, other in named} == {id}
    assert [kind for kind, _ in named].count("ruleid") >= 1
    assert [kind for kind, _ in named].count("ok") >= 1, "what it must not find is as important"


def test_every_rule_of_the_pack_bears_on_controls() -> None:
    mapping = PACK.scanner("semgrep")
    mapped = {check: rule for rule, checks in mapping["like"].items() for check in checks}
    none = {check for entry in mapping["none"] for check in entry["checks"]}
    assert sorted({*mapped, *none}) == IDS
    framed = {
        rule
        for id in PACK.framework_ids
        for control in PACK.framework(id)["controls"]
        for rule in (*control.get("rules", {}).get("decisive", ()), *control.get("rules", {}).get("supporting", ()))
    }
    assert {rule for rule in mapped.values() if rule not in framed} == set()


def test_findings_in_programs_are_placed_told_apart_and_explained(tree: Path) -> None:
    metadata = '{"title": "Wait not", "why": "It waits long.", "fix": "Set a timeout."}'
    body = f"report(*(result('shop/app.py', line, metadata={metadata}) for line in (4, 3, 2)))"
    found = told(scan(tree, body, "--framework", "soc2"))
    kept = [each for each in found["findings"] if each["rule"] == "semgrep.python-http-timeout"]
    assert [each["place"]["start_line"] for each in kept] == [2, 3, 4]
    assert kept[0]["severity"] == "medium"
    assert len({each["fingerprint"] for each in kept}) == 3, "Semgrep's own fingerprints need an account"
    assert any(control.startswith("soc2/") for control in kept[0]["controls"])
    rule = found["rules"]["semgrep.python-http-timeout"]
    assert (rule["title"], rule["why"], rule["fix"]) == ("Wait not", "It waits long.", "Set a timeout.")


def test_a_fingerprint_stays_where_lines_move(tree: Path) -> None:
    def fingerprint(line: int) -> str:
        found = told(scan(tree, f"report(result('shop/app.py', {line}))"))
        return next(str(each["fingerprint"]) for each in found["findings"] if each["rule"].startswith("semgrep."))

    before = fingerprint(4)
    write(tree, {"shop/app.py": "# a comment\n" + CALLS})
    assert fingerprint(5) == before


def test_places_beyond_the_file_are_read(tree: Path) -> None:
    found = told(scan(tree, "report(result('shop/app.py', 4000), result('../../etc/passwd', 1))"))
    assert [each["elsewhere"] for each in found["scanners"]] == [1]


def test_nothing_of_the_tree_configures_semgrep(tree: Path) -> None:
    hostile = {
        ".semgrepignore": "*.py\n", "shop/.semgrepignore": "*.py\n", ".gitignore": "*.py\n", "shop/.gitignore": "*.py\n",
        ".semgrep.yml": "rules: []\n", ".semgrep/a.yml": "rules: []\n", ".semgrep/hook.py": "x = 1\n",
        "semgrep.py": "x = 1\n", ".git/config": "[core]\n", "release": "#!/bin/sh\ntrue\n", "notes": "none\n",
    }  # fmt: skip
    write(tree, hostile)
    body = """
seen = sorted(os.path.relpath(os.path.join(folder, name), tree) for folder, _, names in os.walk(tree) for name in names)
given = [sys.argv[index + 1] for index, word in enumerate(sys.argv) if word == "--config"]
said = json.dumps({"seen": seen, "ignored": open(os.path.join(tree, ".semgrepignore")).read(), "words": sys.argv[1:-1],
    "inside": [path for path in given if path.startswith(tree)], "rules": len(given), "cwd": os.listdir(".")})
report(result("shop/app.py", 2, metadata={"why": said}))
"""
    found = told(scan(tree, body))
    said = json.loads(found["rules"]["semgrep.python-http-timeout"]["why"])
    assert said["seen"] == [".semgrep/hook.py", ".semgrepignore", "release", "semgrep.py", "shop/app.py"]
    assert "*.py\n" not in said["ignored"]
    assert (said["inside"], said["rules"], said["cwd"]) == ([], 1, [])
    for word in ("--metrics=off", "--disable-nosem", "--disable-version-check", "--oss-only", "--no-git-ignore"):
        assert word in said["words"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("os.kill(os.getpid(), 9)", "it was ended by signal 9"),
        ("print('rubbish')", "it printed something that is no JSON"),
        ("print('{}')", "its JSON is not the report that was expected"),
        ("report(errors=[{'level': 'error', 'type': 'Fatal error'}])", "it reports Fatal error"),
        ("report()\nsys.exit(2)", "it ended with exit code 2"),
    ],
)
def test_a_semgrep_that_fails_makes_the_scan_incomplete(tree: Path, body: str, why: str) -> None:
    answer = scan(tree, body)
    assert answer.code == 3
    assert [why in failure["message"] for failure in told(answer)["failures"]] == [True]


def test_what_semgrep_could_not_parse_is_incomplete(tree: Path) -> None:
    broken = "{'level': 'warn', 'type': ['PartialParsing', []], 'path': os.path.join(tree, 'shop/app.py')}"
    found = told(scan(tree, f"report(errors=[{broken}])"))
    assert [(each["id"], each["place"]["path"]) for each in found["failures"]] == [
        ("scanner-incomplete", "shop/app.py")
    ]
    assert found["exit_code"] == 3
