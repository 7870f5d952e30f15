"""Terraform's addresses as text: their steps, their instance keys, and the resource a longer reference begins with.

Encodes "Resource Address Syntax" of the Terraform language: steps joined by dots, each with `[0]` or `["key"]` where it
is an instance of count or for_each.
"""

from __future__ import annotations


def key_text(key: int | str | None) -> str:
    """An instance key as an address has it, '' for None; quotes and template markers within are escaped."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    if '"' in key or "\\" in key or not key.isprintable():
        key = key.replace("\\", "\\\\").replace('"', '\\"')
        key = key.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    if "{" in key:
        key = key.replace("${", "$${").replace("%{", "%%{")
    return f'["{key}"]'


def _closed(address: str, start: int) -> int:
    """The offset just after the bracket group that begins at start."""
    at = start + 1
    if address[at : at + 1] == '"':
        at += 1
        while at < len(address) and address[at] != '"':
            at += 2 if address[at] == "\\" else 1
    end = address.find("]", at)
    return end + 1 if end >= 0 else len(address)


def bare(address: str) -> str:
    """The address of the block: without any instance key."""
    start = address.find("[")
    if start < 0:
        return address
    pieces: list[str] = []
    at = 0
    while start >= 0:
        pieces.append(address[at:start])
        at = _closed(address, start)
        start = address.find("[", at)
    pieces.append(address[at:])
    return "".join(pieces)


def steps(address: str) -> list[tuple[str, str]]:
    """(name, bracket groups) for each step: `module.a["x"].b.c[0]` gives module, a["x"], b, c[0]."""
    if "[" not in address:
        return [(name, "") for name in address.split(".")]
    found: list[tuple[str, str]] = []
    name = keys = ""
    at = 0
    while True:
        dot, bracket = address.find(".", at), address.find("[", at)
        if bracket >= 0 and (dot < 0 or bracket < dot):
            end = _closed(address, bracket)
            name += address[at:bracket]
            keys += address[bracket:end]
            at = end
        elif dot >= 0:
            found.append((name + address[at:dot], keys))
            name = keys = ""
            at = dot + 1
        else:
            found.append((name + address[at:], keys))
            return found


def covers(block: str, address: str) -> bool:
    """Whether an address is the block's, or an instance of it: a step of the block without a key stands for all."""
    mine, theirs = steps(block), steps(address)
    return len(mine) == len(theirs) and all(
        name == other and key in ("", found) for (name, key), (other, found) in zip(mine, theirs, strict=True)
    )


def resource_in(subject: str) -> str | None:
    """The address of the resource that a reference (`module.a["x"].aws_b.c[0].id`) begins with."""
    parts = steps(subject)
    at = 0
    while at + 1 < len(parts) and parts[at] == ("module", ""):
        at += 2
    at += 1 if at < len(parts) and parts[at][0] in ("data", "ephemeral") else 0
    if at + 1 >= len(parts) or parts[at][1] or "_" not in parts[at][0]:
        return None
    return ".".join(name + key for name, key in parts[: at + 2])
