"""How far a module or chart of a lower environment may be ahead of the higher one's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.checks.parity import both, differs, failed, intended, shown, single, undecided, written
from linter.estate.twins import pairs
from linter.model import PASS, Estate


def module_skew(estate: Estate, *, kind: str | Sequence[str], path: str) -> Iterator[Verdict]:
    """The lower environment's version is ahead by at most one minor.

    path: of a version, a constraint that pins one (`~> 1.4`, `^1.4`), or an address with `?ref=` or `?version=`. Where a
    range has no upper end the version used is not written and nothing is judged.
    """
    for pair in pairs(estate, (kind,) if isinstance(kind, str) else tuple(kind)):
        for _, below, above in both(pair):
            low, high = single(below, path), single(above, path)
            tried, used = pinned(low.value), pinned(high.value)
            if tried is None or used is None:
                yield from undecided(above, low, high)
            elif not _far(tried, used) or intended(estate, above, pair.higher.name, path):
                yield Verdict(above, PASS, f"{path} is within one minor of {pair.lower.name}.", high.span, path)
            else:
                said = f"{pair.lower.name} has {shown(low.value)} here"
                message = differs(path, pair, above, low, high)
                yield failed(pair, above, message, high.span, path, written(high, low, said))


def _far(tried: tuple[int, int], used: tuple[int, int]) -> bool:
    return tried[0] > used[0] or (tried[0] == used[0] and tried[1] > used[1] + 1)


def pinned(value: Any) -> tuple[int, int] | None:
    """Major and minor of what a version, constraint or module address pins, None where it pins none."""
    if not isinstance(value, str) or len(value) > 1000:
        return None
    address = re.search(r"[?&](?:ref|version)=([^&]*)", value)
    text = address.group(1) if address else value
    match = re.match(
        r"\s*(?:~>|~|\^|=)?\s*(?:[A-Za-z][\w-]{0,40}[/-])?v?(\d{1,6})(?:\.(\d{1,6}))?(?:[.+-][\w.+-]*)?\s*\Z", text
    )
    return (int(match.group(1)), int(match.group(2) or 0)) if match else None
