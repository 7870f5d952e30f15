"""What many tests need: trees written to a folder, scanned by all rules or some."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linter.config import load
from linter.engine import Request, Scan, scan
from linter.model import Finding
from linter.rules import open_pack
from linter.scope import Scope

AS_OF = "2026-01-15"
PACK = open_pack()


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Files (path → content) below root; returns root."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def scanned(root: Path, *rules: str, scope: Scope | None = None, **options: Any) -> Scan:
    """A scan of a folder with the policy in it, by the named rules or all."""
    request = Request(
        root=str(root),
        name=root.name,
        scope=scope or Scope(),
        settings=load(str(root)),
        as_of=AS_OF,
        only_rules=rules,
        **{"full": True, "allow_empty": True, **options},
    )
    return scan(request, PACK, lambda _: None, {})


def failed(scan: Scan) -> list[Finding]:
    """Live failures."""
    return [finding for finding in scan.report.findings if finding.outcome == "fail" and finding.waiver is None]


def lines(scan: Scan) -> list[str]:
    """`path:line:column rule` of every live failure."""
    return [f"{f.place.path}:{f.place.start_line}:{f.place.start_column} {f.rule}" for f in failed(scan)]
