"""SHA-256 (FIPS 180-4) from Python itself: `hashlib` also loads OpenSSL, which costs a small scan as much as its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256 as sha256
else:
    try:
        from _sha2 import sha256 as sha256
    except ImportError:
        try:
            from _sha256 import sha256 as sha256
        except ImportError:
            from hashlib import sha256 as sha256


def digested(identity: str) -> str:
    """A finding's fingerprint: 32 hexadecimal characters of SHA-256 over what tells it from all others."""
    return sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:32]
