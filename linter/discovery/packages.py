"""Which manifests of packages are read: those that take a dependency, or an index, from an address of their own."""

from __future__ import annotations


def is_manifest(name: str) -> bool:
    """`package.json`, `requirements.txt`, `requirements-dev.txt`, `constraints.txt`."""
    return name == "package.json" or (name.endswith(".txt") and name.startswith(("requirements", "constraints")))


def manifest(data: bytes) -> str | None:
    """The format of a manifest by its bytes, None where every dependency comes from the usual registry."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        import re

        taken = rb':\s{0,20}"(?:git[+:@]|http:|ssh:|github:|https:[^"\s]{1,500}(?:\.git|#)|[\w.-]{1,100}/[\w.-]{1,100}(?:#|"))'
        return "npm" if re.search(taken, data) else None
    return "requirements" if b"://" in data or b"--trusted-host" in data else None
