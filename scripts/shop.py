"""The bundled shop: an estate in good order, and the faults that can be put into it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from scripts import patches

SHOP = Path(__file__).resolve().parent.parent / "fixtures" / "shop"
GOOD, FAULTS = SHOP / "good", SHOP / "faults"
AS_OF = "2026-11-20"
"""The day the shop is judged on, so that its reviews do not age."""


def faults() -> list[Path]:
    """The patches, in their order."""
    return sorted(FAULTS.glob("*.patch"))


def build(target: Path, broken: Iterable[Path] = ()) -> Path:
    """A fresh copy of the good shop with some faults in it; returns target. Raises patches.PatchError."""
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(GOOD, target)
    for fault in broken:
        patches.apply(fault.read_text(encoding="utf-8"), target)
    return target
