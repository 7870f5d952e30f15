"""Templates of a chart that no renderer could read: an action that is opened and not closed.

Encodes "Actions" and "Text and spaces" of https://pkg.go.dev/text/template: an action ends at the first `}}` outside of
strings and comments, and holds no `{{`. All else about a template is known only when it is rendered.
"""

from __future__ import annotations

import re
from functools import cache

from linter.model import Workspace

_SUFFIXES = (".yaml", ".yml", ".tpl", ".txt")


def damaged(folder: str, workspace: Workspace) -> None:
    """Reports each template of a chart's folder that has such an action, once, at its beginning."""
    below = f"{folder}/templates/" if folder else "templates/"
    for path in sorted(path for path in workspace.paths if path.startswith(below) and path.endswith(_SUFFIXES)):
        data = workspace.read(path)
        if data is None or b"{{" not in data:
            continue
        text = data.decode("utf-8", "replace")
        at = unclosed(text)
        source = workspace.register(path, text) if at is not None else None
        if at is not None and source is not None:
            place = (source.index, at, at + 2)
            workspace.fail(
                "artifact-unparsed", place, "a template's action is opened and not closed", "Close it with }}."
            )


@cache
def _inside() -> re.Pattern[str]:
    return re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}\}|\{\{")


def unclosed(text: str) -> int | None:
    """Where the first action begins that does not end; None where all do."""
    at = text.find("{{")
    while at >= 0:
        start = at + 2 + text.startswith("-", at + 2)
        comment = start + (len(text[start : start + 80]) - len(text[start : start + 80].lstrip()))
        if text.startswith("/*", comment):
            end = text.find("*/", comment)
            if end < 0:
                return at
            start = end + 2
        match = _inside().search(text, start)
        while match is not None and match[0] not in ("}}", "{{"):
            match = _inside().search(text, match.end())
        if match is None or match[0] == "{{":
            return at
        at = text.find("{{", match.end())
    return None
