"""Small findings, settings and failures for the tests of the policy."""

from __future__ import annotations

from typing import Any

from linter.config import Settings, from_texts
from linter.model import Failure, Finding, Place, Severity, Source, Waiver

TODAY = "2026-06-15"


def place(path: str = "main.tf", line: int = 1, end_line: int | None = None) -> Place:
    return Place(path, line, 1, end_line or line, 9)


def finding(rule: str = "no-open-port", severity: Severity = Severity.HIGH, **changed: Any) -> Finding:
    made = Finding(
        rule=rule,
        severity=severity,
        outcome="fail",
        message="port 22 is open",
        place=place(),
        subject="aws_security_group.web",
        owner="aws_security_group.web",
        environments=(),
        fingerprint="00",
    )
    return made._replace(**changed)


def failure(path: str = "broken.yaml", id: str = "artifact-unparsed") -> Failure:
    return Failure(id, place(path), "no YAML", "Correct it.")


def settings(text: str = "", waivers: str = "") -> Settings:
    files = [("opslint.yaml", text), *([("waivers.yaml", waivers)] if waivers else [])]
    return from_texts(files)


def source(path: str, text: str) -> Source:
    return Source(0, path, text)


WAIVER = Waiver("because", "me", "2027-01-31", "opslint.yaml:2", "policy")
