"""Writes SARIF logs of the bundled shop, in good order, with all its faults, and beside a baseline and another tool's log.

Usage: python -m scripts.shop_sarif OUT
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from scripts.scan_shop import CACHE, COMMAND, ROOT
from scripts.shop import AS_OF, build, faults

PROFILES = ("github", "full")
EXPECTED = {"shop": 0, "shop-with-faults": 3, "shop-beside-others": 3}
OTHER = {
    "version": "2.1.0",
    "runs": [{
        "tool": {"driver": {
            "name": "Trivy", "version": "0.59.1",
            "rules": [{"id": "AVD-AWS-0086", "helpUri": "https://example.com/aws-0086", "shortDescription": {"text": "Seen"}}],
        }},
        "results": [
            {"ruleId": "AVD-AWS-0086", "level": "error", "message": {"text": "A file of the tree"}, "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "README.md"}, "region": {"startLine": 1}}}]},
            {"ruleId": "AVD-AWS-0086", "level": "note", "message": {"text": "A file of no tree"}, "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "../x"}, "region": {"startLine": 3}}}],
             "suppressions": [{"kind": "external", "justification": "known there"}]},
            {"message": {"text": "No file at all"}},
        ],
    }],
}  # fmt: skip
"""A log of another tool, as its own pages show one."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(arguments[0]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    beside = _beside(CACHE / "sarif-trees")
    for name, broken, more in (
        ("shop", [], []), ("shop-with-faults", faults(), []), ("shop-beside-others", faults(), beside),
    ):  # fmt: skip
        root = build(CACHE / "sarif-trees" / name, broken)
        for profile in PROFILES:
            log = out / f"{name}-{profile}.sarif"
            log.unlink(missing_ok=True)
            code = _run("scan", root, "--profile", profile, "--output", f"sarif={log}", *more)
            if code != EXPECTED[name] or not log.exists():
                print(f"{name}: exit code {code}, expected {EXPECTED[name]} and {log}", file=sys.stderr)
                return 1
            print(log)
    return 0


def _beside(folder: Path) -> list[str]:
    """Options that bring in another tool's log and a baseline with half of the faults."""
    half = build(folder / "shop-before", faults()[::2])
    known, log = folder / "known.json", folder / "other.sarif"
    _run("baseline", half, "--file", str(known), "--force", verb="create")
    log.write_text(json.dumps(OTHER), encoding="utf-8")
    return ["--baseline", str(known), "--merge", str(log)]


def _run(command: str, root: Path, *options: str, verb: str = "") -> int:
    words = [command, *([verb] if verb else []), str(root), "--root", str(root), "--as-of", AS_OF, *options]
    return subprocess.run(
        [sys.executable, *COMMAND, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
