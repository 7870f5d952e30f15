"""Versions compared between environments: of engines and clusters, of modules and charts, and how images are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.checks.parity.twins import (
    Kinds,
    both,
    compared,
    differs,
    failed,
    intended,
    shown,
    single,
    undecided,
    written,
)
from linter.estate.twins import pairs
from linter.model import PASS, Estate


def same_version(estate: Estate, *, kind: Kinds, path: str, ahead: bool = False) -> Iterator[Verdict]:
    """Major and minor of a version are equal in both environments; patches may differ.

    ahead: only fail where the higher environment runs the newer version, that is one nobody tried below.
    """
    for pair, _, low, above, high in compared(estate, kind, path):
        unknown = list(undecided(above, low, high))
        if unknown:
            yield from unknown
            continue
        tried, used = _version(low.value), _version(high.value)
        if tried is None or used is None:
            continue
        fine = used <= tried if ahead else used == tried
        if fine or intended(estate, above, pair.higher.name, path):
            yield Verdict(above, PASS, f"{path} agrees with {pair.lower.name}.", high.span, path)
        else:
            message = differs(path, pair, above, low, high)
            said = f"{pair.lower.name} has {shown(low.value)} here"
            yield failed(pair, above, message, high.span, path, written(high, low, said))


def _version(value: Any) -> tuple[int, ...] | None:
    text = str(value).rsplit("@", 1)[0].rsplit(":", 1)[-1] if isinstance(value, (str, float, int)) else ""
    match = re.match(r"v?(\d{1,6})(?:\.(\d{1,6}))?(?![0-9a-f]{5})", text)
    return (int(match.group(1)), int(match.group(2) or 0)) if match else None


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


def same_image_scheme(estate: Estate, *, kind: str = "kubernetes/container") -> Iterator[Verdict]:
    """Images are named in the same way (digest, version, commit, moving tag) in both environments."""
    for pair, _, low, above, high in compared(estate, kind, "image"):
        unknown = list(undecided(above, low, high))
        if unknown:
            yield from unknown
            continue
        mine, theirs = image_scheme(low.value), image_scheme(high.value)
        if not mine or not theirs:
            continue
        if mine == theirs or theirs == "digest" or intended(estate, above, pair.higher.name, "image"):
            yield Verdict(above, PASS, f"The image is named by {theirs}, as in {pair.lower.name}.", high.span, "image")
        else:
            message = f"The image of {above.name} is named by {theirs} in {pair.higher.name}, but by {mine} in {pair.lower.name}."
            there = written(high, low, f"{pair.lower.name} names it by {mine}")
            yield failed(pair, above, message, high.span, "image", there)


def image_scheme(image: Any) -> str:
    """'digest', 'version', 'commit', 'moving tag', or '' for what is no image."""
    if not isinstance(image, str) or not image:
        return ""
    if "@sha256:" in image:
        return "digest"
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    if re.fullmatch(r"[0-9a-f]{7,40}", tag) and not tag.isdigit():
        return "commit"
    return "version" if re.match(r"v?\d+(\.\d+)*", tag) else "moving tag"
