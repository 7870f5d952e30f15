"""Semgrep: how it is run on a copy of the tree with rules that are trusted, and what its JSON says.

Encodes https://semgrep.dev/docs/cli-reference and https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif. Rules
come from the bundled pack and from folders the policy names, never from the scanned tree and never from a registry.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from glob import escape, glob
from typing import Any

from linter.scanners.foreign import Check, Foreign, Read
from linter.scanners.languages import EVERY
from linter.scanners.launcher import Job

SECONDS = 300.0
MEMORY = 8 << 30
"""Bytes of address space, for each process of it."""
READS = "1"
"""The major version whose answers are read."""
_SEVERITIES = {
    "ERROR": "high", "WARNING": "medium", "INFO": "low", "CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium",
    "LOW": "low",
}  # fmt: skip
_COPY = "semgrep-tree/"
"""The folder it is given, at the end of its path."""
_WITHOUT = [".semgrepignore", ".semgrep.yml", ".semgrep.yaml", ".semgrep"]
_APART = [
    "vendor", "test", "tests", "__tests__", "testdata", "test_*.py", "*_test.py", "conftest.py",
    "*_test.go", "*.test.js", "*.test.ts", "*.spec.js", "*.spec.ts",
    "*.min.js",
]  # fmt: skip
_IGNORED = "# In place of the list Semgrep has of its own, which leaves out folders such as build/ and env/.\n"
QUICK = (1, 182)
"""From this version on Semgrep is started by its front end in OCaml: 0.2 seconds, against 2.4 for the one in Python. Older
ones said less of what they could not parse."""


def job(program: str, root: str, settings: Mapping[str, Any]) -> Job:
    """One run over all programs below the root. settings: `scanners.semgrep` of the policy, with `rules`: the files and
    folders of rules, absolute, and `endings`: of the files these judge, None where that cannot be told."""
    front = ["--experimental"] if _version(installed(program)) >= QUICK else []
    command = [
        program, "scan", *front, "--json", "--quiet", "--metrics=off", "--disable-version-check", "--no-git-ignore",
        "--disable-nosem", "--no-rewrite-rule-ids", "--oss-only", "--jobs", "2", "--timeout", "10", "--project-root",
        "{tree}",
    ]  # fmt: skip
    for path in settings.get("rules", ()):
        command += ["--config", path]
    environment = {
        "SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SETTINGS_FILE": "{own}/settings.yml",
        "SEMGREP_LOG_FILE": "{own}/semgrep.log", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    seconds = float(settings.get("seconds", SECONDS))
    added = {".semgrepignore": _IGNORED}
    endings = settings.get("endings")
    return Job(
        "semgrep", root, [*command, "{tree}"], environment, seconds, MEMORY, EVERY if endings is None else endings, [],
        _WITHOUT, added, _APART, endings is not None,
    )  # fmt: skip


def installed(program: str) -> str:
    """The version that the environment of a program says it has, without starting it; '' where it says nothing."""
    base = os.path.dirname(os.path.dirname(os.path.realpath(program)))
    found = glob(os.path.join(escape(base), "lib", "python3*", "site-packages", "semgrep-*.dist-info"))
    return os.path.basename(found[0]).removeprefix("semgrep-").removesuffix(".dist-info") if len(found) == 1 else ""


def _version(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    return tuple(map(int, parts)) if parts[0] == READS and all(part.isdecimal() for part in parts) else ()


def read(output: bytes) -> Read:
    """Semgrep's JSON."""
    try:
        said = json.loads(output.decode("utf-8", "replace"))
    except ValueError:
        return Read("semgrep", "", problem="it printed something that is no JSON")
    if not isinstance(said, dict) or not isinstance(said.get("results"), list):
        return Read("semgrep", "", problem="its JSON is not the report that was expected")
    findings: list[Foreign] = []
    checks: dict[str, Check] = {}
    for record in said["results"]:
        found = _finding(record) if isinstance(record, dict) else None
        if found is not None:
            findings.append(found)
            checks.setdefault(found.id, _check(found, record))
    unread: dict[tuple[str, str], None] = {}
    problem = ""
    for error in said.get("errors") or ():
        if not isinstance(error, dict):
            continue
        path, kind = error.get("path"), error.get("type")
        words = str(kind[0] if isinstance(kind, list) and kind else kind or "error")
        if isinstance(path, str) and _COPY not in path.replace("\\", "/"):
            problem = f"it could not read the rules of {os.path.basename(path)}: {words}"
        elif isinstance(path, str):
            unread[_path(path), f"Semgrep: {words}"] = None
        elif error.get("level") == "error":
            more = str(error.get("message") or error.get("long_msg") or "").strip().splitlines()
            problem = f"it reports {words}" + (f": {' '.join(more[:2])[:200]}" if more else "")
    findings.sort(key=lambda found: (found.path, found.start_line, found.start_column, found.id))
    return Read("semgrep", str(said.get("version") or ""), tuple(findings), checks, tuple(unread), problem)


def _finding(record: Mapping[str, Any]) -> Foreign | None:
    id, path, start, end = (record.get(key) for key in ("check_id", "path", "start", "end"))
    extra = record.get("extra")
    if not (isinstance(id, str) and isinstance(path, str) and isinstance(start, dict) and isinstance(end, dict)):
        return None
    extra = extra if isinstance(extra, dict) else {}
    message = str(extra.get("message") or id).strip()
    return Foreign(
        "semgrep", id, message, message, _path(path), _number(start, "line"), _number(end, "line"),
        _number(start, "col"), _number(end, "col"), severity=_SEVERITIES.get(str(extra.get("severity")), "medium"),
    )  # fmt: skip


def _check(found: Foreign, record: Mapping[str, Any]) -> Check:
    extra = record.get("extra")
    metadata = extra.get("metadata") if isinstance(extra, dict) else None
    said = metadata if isinstance(metadata, dict) else {}
    title, why, fix, source = (str(said.get(key) or "") for key in ("title", "why", "fix", "source"))
    return Check(title or found.title, why or found.message, source, found.severity, fix=fix)


def _number(place: Mapping[str, Any], key: str) -> int:
    value = place.get(key)
    return value if isinstance(value, int) and value > 0 else 1


def _path(path: str) -> str:
    """Below the root: Semgrep names files by the path it was given, which ends in the folder of the copy."""
    _, found, rest = path.replace("\\", "/").partition(_COPY)
    return rest if found else path.lstrip("/").removeprefix("./")
