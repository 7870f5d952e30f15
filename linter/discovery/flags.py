"""Files that define feature flags, by their bytes."""

from __future__ import annotations

from linter.discovery.keys import has_key


def is_flags(data: bytes) -> bool:
    """Whether a file defines feature flags, for flagd or GO Feature Flag, and is no Kubernetes object.

    flagd's flags have variants and a default one, GO Feature Flag's variations and a default rule.
    """
    if b"defaultVariant" in data and b"flags" in data:
        found = all(has_key(data, key) for key in (b"flags", b"variants", b"defaultVariant"))
        return found and not has_key(data, b"apiVersion")
    return b"defaultRule" in data and has_key(data, b"defaultRule") and has_key(data, b"variations")
