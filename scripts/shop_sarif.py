"""Writes SARIF logs of the bundled shop, in good order and with all its faults. Usage: python -m scripts.shop_sarif OUT"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.scan_shop import CACHE, COMMAND, ROOT
from scripts.shop import AS_OF, build, faults

PROFILES = ("github", "full")
EXPECTED = {"shop": 0, "shop-with-faults": 3}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(arguments[0]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    for name, broken in (("shop", []), ("shop-with-faults", faults())):
        root = build(CACHE / "sarif-trees" / name, broken)
        for profile in PROFILES:
            log = out / f"{name}-{profile}.sarif"
            log.unlink(missing_ok=True)
            code = _write(root, profile, log)
            if code != EXPECTED[name] or not log.exists():
                print(f"{name}: exit code {code}, expected {EXPECTED[name]} and {log}", file=sys.stderr)
                return 1
            print(log)
    return 0


def _write(root: Path, profile: str, log: Path) -> int:
    scan = ["scan", str(root), "--root", str(root), "--as-of", AS_OF, "--profile", profile]
    command = [sys.executable, *COMMAND, *scan, "--output", f"sarif={log}"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
