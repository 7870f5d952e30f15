"""Mapping files of outside scanners: what those of their checks bear on that no rule claims."""

from __future__ import annotations

from typing import Any

from linter.rules.load import checked, document
from linter.rules.model import RuleError
from linter.syntax.written import plain


def read_mapping(path: str, text: str) -> dict[str, Any]:
    """A mapping file's content as JSON values. Raises RuleError naming path and line.

    `like`: a rule of ours → checks that ask for the same class of thing. `same`: those of them whose fault is the rule's own
    where both report one resource. `none`: [{checks, reason}] of those that bear on no control. A check stands once.
    """
    written = document(path, text)
    data: dict[str, Any] = plain(written)
    checked("scanner", path, written, text, data)
    listed = [check for checks in data["like"].values() for check in checks]
    for check in data.get("same", ()):
        if check not in listed:
            raise RuleError(f"{path}:1: {check} under `same` is not under `like`")
    listed += [check for entry in data["none"] for check in entry["checks"]]
    twice = sorted({check for check in listed if listed.count(check) > 1})
    if twice:
        raise RuleError(f"{path}:1: {twice[0]} stands twice")
    return data
