"""Checkov: how it is run on a copy of the tree, and what its JSON says.

Encodes https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html and https://www.checkov.io/7.Scan%20Examples/ (JSON).
Checkov looks for `.checkov.yaml` in the folder it scans, the folder it is started in and the user's home; none of the
three has one here. Nothing is downloaded, and its platform is not asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from linter.scanners.foreign import Check, Foreign, Read
from linter.scanners.launcher import Job

SECONDS = 300.0
MEMORY = 8 << 30
"""Bytes of address space, for each process of it."""
CODES = (0,)
"""Exit codes of a run that came to its end: findings are none of its failures (`--soft-fail`)."""
READS = "3"
"""The major version whose answers are read."""
FRAMEWORKS = (
    "terraform", "terraform_plan", "kubernetes", "dockerfile", "github_actions", "gitlab_ci", "azure_pipelines",
    "circleci_pipelines", "bitbucket_pipelines", "argo_workflows", "cloudformation", "arm", "bicep", "serverless",
    "ansible", "openapi",
)  # fmt: skip
_SUFFIXES = [
    ".tf",
    ".tofu",
    ".tfvars",
    ".tf.json",
    ".hcl",
    ".yaml",
    ".yml",
    ".json",
    ".bicep",
    ".template",
    ".dockerfile",
]
_NAMES = ["dockerfile", "containerfile", "jenkinsfile"]
_WITHOUT = [
    ".checkov.",
    ".checkov",
    ".checkov.baseline",
    ".opslint-baseline.json",
    "package-lock.json",
    "composer.lock",
]


def job(program: str, root: str, settings: Mapping[str, Any]) -> Job:
    """One run over all that Checkov can read below the root. settings: `scanners.checkov` of the policy."""
    frameworks = settings.get("frameworks") or FRAMEWORKS
    command = [
        program, "--directory", "{tree}", "--framework", *frameworks, "--output", "json", "--compact", "--soft-fail",
        "--download-external-modules", "false",
    ]  # fmt: skip
    environment = {
        "LOG_LEVEL": "ERROR", "CHECKOV_RUN_SCA_PACKAGE_SCAN": "false", "CKV_IGNORE_HIDDEN_DIRECTORIES": "false",
        "PYTHONDONTWRITEBYTECODE": "1", "BC_SKIP_MAPPING": "TRUE", "CHECKOV_OPENAPI_SCAN_HOLISTIC": "false",
    }  # fmt: skip
    seconds = float(settings.get("seconds", SECONDS))
    return Job("checkov", root, command, environment, seconds, MEMORY, _SUFFIXES, _NAMES, _WITHOUT)


def read(output: bytes) -> Read:
    """Checkov's JSON: one report, a list of them, or a summary alone where it found nothing to scan."""
    try:
        said = json.loads(output.decode("utf-8", "replace"))
    except ValueError:
        return Read("checkov", "", problem="it printed something that is no JSON")
    reports = [each for each in (said if isinstance(said, list) else [said]) if isinstance(each, dict)]
    if not reports or not any("results" in each or "passed" in each for each in reports):
        return Read("checkov", "", problem="its JSON is not the report that was expected")
    findings: list[Foreign] = []
    checks: dict[str, Check] = {}
    unread: dict[tuple[str, str], None] = {}
    version = ""
    for report in reports:
        version = version or str(_map(report.get("summary")).get("checkov_version", report.get("checkov_version", "")))
        results = _map(report.get("results"))
        for path in _list(results.get("parsing_errors")):
            unread[_path(str(path).rpartition("/checkov-tree/")[2]), "Checkov could not parse it"] = None
        for record, suppressed in _records(results):
            found = _finding(record, suppressed)
            if found is not None:
                findings.append(found)
                checks.setdefault(found.id, Check(found.title, help_uri=str(record.get("guideline") or "")))
    return Read("checkov", version, tuple(findings), checks, tuple(unread))


def _records(results: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Failed checks, and those that a comment skips: what a comment is worth is the policy's to say."""
    for key in ("failed_checks", "skipped_checks"):
        for record in _list(results.get(key)):
            if isinstance(record, dict):
                yield record, key == "skipped_checks"


def _finding(record: Mapping[str, Any], suppressed: bool) -> Foreign | None:
    id, path = record.get("check_id"), record.get("file_path")
    if not isinstance(id, str) or not isinstance(path, str):
        return None
    lines = [line for line in _list(record.get("file_line_range")) if isinstance(line, int)]
    start, end = (max(lines[0], 1), max(lines[1], 1)) if len(lines) == 2 else (1, 1)
    title = str(record.get("check_name") or id)
    reason = str(_map(record.get("check_result")).get("suppress_comment") or "") if suppressed else None
    resource = str(record.get("resource") or "")
    severity = str(record.get("severity") or "").lower()
    return Foreign(
        "checkov", id, title, title, _path(path), start, max(end, start), address=resource,
        severity=severity if severity in ("critical", "high", "medium", "low", "info") else "", suppressed=reason,
        fingerprint=resource,
    )  # fmt: skip


def _path(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").removeprefix("./")


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
