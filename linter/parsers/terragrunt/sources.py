"""What `terraform { source = … }` names: a folder of this tree, or something fetched, and at which version.

Encodes the source of Terragrunt's "terraform" block: go-getter's addresses, `//` before a sub-folder, and `tfr://` for
registries.
"""

from __future__ import annotations

from posixpath import relpath
from typing import Any

from linter.model import Unknown
from linter.parsers.terragrunt.paths import MARK, below


def is_local(source: str) -> bool:
    """A path, also one without `./`: whatever has no scheme and begins with no host."""
    if source.startswith((".", "/", MARK)):
        return "::" not in source
    return ":" not in source and "." not in source.partition("/")[0] and bool(source)


def folder_of(source: Any, home: str) -> str | None:
    """The folder below the root that a local source names for a unit in the folder `home`."""
    if not isinstance(source, str) or not is_local(source):
        return None
    return below(source.partition("?")[0].replace("//", "/"), home)


def shown(source: Any, home: str) -> Any:
    """A source as a rule sees it: a local one relative to the unit, as Terraform has them."""
    if not isinstance(source, str):
        return source
    if is_local(source):
        folder = folder_of(source, home)
        if folder is None:
            return Unknown("remote-source", "a source outside of the tree", type="string", not_null=True)
        path = relpath(folder or ".", home or ".")
        return path if path.startswith(".") else "./" + path
    if MARK in source:
        return Unknown("run-time", "the folder of the checkout", type="string", not_null=True)
    return source


def reference_of(source: Any) -> str | None:
    """The version a remote source is pinned to: `ref=` of git, `version=` of a registry."""
    if not isinstance(source, str) or is_local(source):
        return None
    for pair in source.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if name in ("ref", "version") and value:
            return value
    return None
