"""Agreement with other tools' own suites: `make score`.

Every case's input is scanned alone, all findings go into one SARIF log, and the oracle's scorer judges it. The map from
a tool's check to our rules is made of the rules' `same-as`; a claim counts for the formats its rule judges.

    python -m tests.accept.score                          all claims, one line a family
    python -m tests.accept.score --check 'CKV_AZURE_*'    only these checks (repeatable); --show lists each disagreement
    python -m tests.accept.score --rules 'storage-*'      only what these rules claim
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from linter.config import Settings
from linter.engine import Request, scan
from linter.rules import open_pack
from linter.rules.model import kinds_of, variants_of
from linter.scope import Scope

ORACLE = Path(__file__).resolve().parents[3] / "shared" / "oracle"
CASE_KINDS = {
    "terraform": ["terraform"],
    "kubernetes": ["kubernetes", "argo_workflows"],
    "pipeline": [
        "github_actions",
        "github_action",
        "azure_pipelines",
        "dependabot",
        "pre_commit",
        "gitlab_ci",
        "circleci",
        "bitbucket",
    ],
    "docker": ["dockerfile"],
}
OBJECTS = ("CKV_K8S_*", "CKV2_K8S_*", "KSV-*")
"""Checks of Kubernetes objects, which the suites also ask of Terraform's kubernetes_* resources."""
OTHERWISE = {"CKV_K8S_12": "CKV_K8S_13", "CKV_K8S_13": "CKV_K8S_12"}
"""Checkov's numbers for requests and limits of memory are the other way round for Terraform's resources."""
APART = {
    # Where nothing is written the API allows it; Checkov says so of manifests and not of Terraform.
    ("terraform", "CKV_K8S_20"),
    ("terraform", "CKV_K8S_5"),
    # Without a policy the API server sets Always for `latest`; Checkov knows that of manifests and not of Terraform.
    ("terraform", "CKV_K8S_15"),
    # A manifest that names no namespace goes where kubectl is told; only of Terraform's resources it is known.
    ("kubernetes", "CKV_K8S_21"),
    # Of manifests Checkov wants the pod's own context, of Terraform's resources one on any level, as the rule does.
    ("kubernetes", "CKV_K8S_29"),
    # Its manifests have digests of six digits, which no registry takes.
    ("kubernetes", "CKV_K8S_43"),
    # A pod without a spec is not accepted, but it has no port on the host either.
    ("terraform", "CKV_K8S_26"),
}
"""(kind of case, check) that a claim leaves out, because the suite asks something else there."""
RECALL, PRECISION, CHECKS = 0.97, 0.97, 100


def claims(checks: Sequence[str] = ("*",), rules: Sequence[str] = ("*",)) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Family → tool → check → our rules; only the checks and rules that match one of the patterns."""
    pack = open_pack()
    found: dict[str, dict[str, dict[str, list[str]]]] = defaultdict(lambda: defaultdict(dict))
    for id in pack.ids:
        rule = pack.rule(id)
        families = {kind.split("/")[0] for spec in variants_of(rule.data) for kind in kinds_of(spec)}
        for tool, ids in rule.same_as.items():
            for check in ids:
                if not (_any(id, rules) and (_any(check, checks) or _any(f"AVD-{check}", checks))):
                    continue
                judged = families | ({"terraform"} if _any(check, OBJECTS) else set())
                for family in judged & set(CASE_KINDS):
                    if (family, check) not in APART:
                        meant = OTHERWISE.get(check, check) if family == "terraform" else check
                        found[family][tool].setdefault(meant, []).append(id)
    return found


def _any(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def cases() -> list[dict[str, Any]]:
    """All cases; of zizmor's those at its default persona, which is what a claim of its checks means."""
    with (ORACLE / "open" / "cases.jsonl").open(encoding="utf-8") as lines:
        return [case for case in map(json.loads, lines) if case.get("persona", "regular") == "regular"]


def inputs(wanted: dict[str, dict[str, dict[str, list[str]]]]) -> Iterator[str]:
    """Inputs of every case whose check is claimed for its format."""
    seen = set()
    for case in cases():
        for family, kinds in CASE_KINDS.items():
            ids = {case["check"], *case.get("aliases", ())}
            if (
                case["kind"] in kinds
                and ids & _names(wanted[family].get(case["peer"], {}))
                and case["input"] not in seen
            ):
                seen.add(case["input"])
                yield case["input"]


def _names(checks: dict[str, Any]) -> set[str]:
    return {name for check in checks for name in (check, f"AVD-{check}")}


def _split(name: str) -> tuple[str, str]:
    """A file's folder and name; what lies below `.github` or `.circleci` keeps that folder, by which it is recognised."""
    for own in (".github", ".circleci"):
        folder, separator, rest = name.partition(f"/{own}/")
        if separator:
            return folder, f"{own}/{rest}"
    return os.path.dirname(name), os.path.basename(name)


def scanned(name: str) -> list[dict[str, Any]]:
    """SARIF results of one input, URIs relative to the data root; unknown judgements as results of kind `open`."""
    path = ORACLE / "open" / "data" / name
    prefix, inside = _split(name) if path.is_file() else (name, "")
    with tempfile.TemporaryDirectory() as folder:
        root = path
        if path.is_file():
            root = Path(folder)
            (root / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / inside)
        request = Request(str(root), "case", Scope(), Settings(), "2026-01-15", full=True, allow_empty=True)
        report = scan(request, open_pack(), lambda _: None, {}).report
    return [
        {
            "ruleId": finding.rule,
            "kind": finding.outcome,
            "message": {"text": finding.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"{prefix}/{finding.place.path}"},
                        "region": {"startLine": finding.place.start_line, "endLine": finding.place.end_line},
                    },
                    "logicalLocations": [
                        {"fullyQualifiedName": finding.subject},
                        {"fullyQualifiedName": finding.owner},
                    ],
                }
            ],
        }
        for finding in report.findings
        if finding.outcome in ("fail", "unknown")
    ]


def main() -> int:
    options = argparse.ArgumentParser(description="Agreement with other tools' own suites.")
    options.add_argument("--check", action="append", help="only checks that match this pattern")
    options.add_argument("--rules", action="append", help="only claims of rules that match this pattern")
    options.add_argument("--show", action="store_true", help="list each disagreement")
    chosen = options.parse_args()
    wanted = claims(chosen.check or ("*",), chosen.rules or ("*",))
    with multiprocessing.Pool() as pool:
        results = [result for found in pool.imap(scanned, inputs(wanted), chunksize=16) for result in found]
    failed = [result for result in results if result["kind"] == "fail"]
    rows: list[tuple[str, dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "all.sarif"
        (Path(folder) / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases()))
        driver = {"driver": {"name": "opslint"}}
        log.write_text(json.dumps({"version": "2.1.0", "runs": [{"tool": driver, "results": failed}]}))
        for family, checks in wanted.items():
            rows += [(family, row) for row in scored(family, checks, log, Path(folder), chosen.show)]
    for family, row in sorted(rows, key=lambda item: (item[1]["FN"] + item[1]["FP"], item[0])):
        if row["FN"] or row["FP"]:
            print(f"{family} {row['group']}: FN {row['FN']} FP {row['FP']} of {row['verdicts']}")
    print("unknown findings of the claiming rules:", _unknown(results, wanted))
    for family in wanted:
        _figures(family, [row for other, row in rows if other == family])
    recall, precision = _figures("all", [row for _, row in rows])
    return 0 if recall >= RECALL and precision >= PRECISION and (len(rows) >= CHECKS or chosen.check) else 1


def _unknown(results: list[dict[str, Any]], wanted: dict[str, dict[str, dict[str, list[str]]]]) -> int:
    rules = {rule for tools in wanted.values() for checks in tools.values() for ids in checks.values() for rule in ids}
    return sum(result["kind"] == "unknown" and result["ruleId"] in rules for result in results)


def _figures(name: str, rows: list[dict[str, Any]]) -> tuple[float, float]:
    totals = {key: sum(row[key] for row in rows) for key in ("TP", "FN", "FP", "TN")}
    recall = totals["TP"] / max(1, totals["TP"] + totals["FN"])
    precision = totals["TP"] / max(1, totals["TP"] + totals["FP"])
    verdicts = sum(totals.values())
    print(
        f"{name}: checks with cases {len(rows)}, verdicts {verdicts}, recall {recall:.1%}, precision {precision:.1%}"
        f" (missed {totals['FN']}, false {totals['FP']})"
    )
    return recall, precision


def scored(
    family: str, checks: dict[str, dict[str, list[str]]], log: Path, folder: Path, show: bool
) -> list[dict[str, Any]]:
    """The scorer's row of every claimed check that has cases in this family."""
    mapping = folder / "map.json"
    mapping.write_text(json.dumps(checks))
    out = folder / "score.json"
    command = [sys.executable, str(ORACLE / "score.py"), "--cases", str(folder / "cases.jsonl")]
    command += ["--data", str(ORACLE / "open" / "data"), "--map", str(mapping), "--sarif", str(log), "--json", str(out)]
    for kind in CASE_KINDS[family]:
        command += ["--kind", kind]
    done = subprocess.run([*command, "--by-check"], capture_output=True, text=True, check=False)
    if not out.exists():
        raise SystemExit(done.stderr or done.stdout)
    judged = json.loads(out.read_text())
    if show:
        for case in judged["disagreements"]:
            print(case["outcome"], case["peer"], case["check"], case["address"], case["file"], case["line"])
    found: list[dict[str, Any]] = [row for row in judged["checks"] if row["verdicts"]]
    return found


if __name__ == "__main__":
    sys.exit(main())
