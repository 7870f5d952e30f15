"""The main job, for a first look: builds the bundled shop with all its faults, scans it, and shows the gate's answer.

Ends with 0 if the gate answers as it must, and with 1 if it does not. Usage: python -m scripts.scan_shop
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.shop import AS_OF, build, faults

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
COMMAND = ("-m", "linter")
PASSED, INCOMPLETE = 0, 3


def main() -> int:
    every = faults()
    good = build(CACHE / "shop-good")
    bad = build(CACHE / "shop", every)
    print("The shop in good order:\n", flush=True)
    first = _scan(good)
    print(f"\nThe same shop with {len(every)} faults:\n", flush=True)
    second = _scan(bad)
    print()
    if (first, second) != (PASSED, INCOMPLETE):
        print(f"The gate answered {first} and {second}, but must answer {PASSED} and {INCOMPLETE}.")
        return 1
    print(f"The gate answered: passed (exit code {first}) for the shop in good order, as it deserves.")
    print(f"The gate answered: failed and incomplete (exit code {second}) for the other one, as that shop deserves.")
    return 0


def _scan(folder: Path) -> int:
    """`opslint scan` on a folder as a user runs it; its exit code."""
    name = folder.relative_to(ROOT).as_posix()
    shown = f"opslint scan {name} --root {name} --as-of {AS_OF}"
    print(f"$ {shown}", flush=True)
    command = [sys.executable, *COMMAND, *shown.split()[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
