"""What the files of variables of one environment set, as one resource: `settings/tfvars`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import Environment, Map, Resource, Seq, Unit, Unknown, Workspace
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.world import Input
from linter.trees import put

_DEEPEST = 30


def settings(
    root: Folder, inputs: Mapping[str, Input], unit: Unit, environment: Environment | None, workspace: Workspace
) -> Resource | None:
    """The variables that the root declares and files set for the environment, None where there are none.

    Its name is the path of the last file; context: `defaults`, the variables that need not be set.
    """
    given = {name: each for name, each in inputs.items() if each.name_end > each.name_start}
    known = {name: each for name, each in given.items() if f"var.{name}" in root.index}
    if environment is None or not known:
        return None
    paths = {artifact.source.index: artifact.path for artifact in workspace.artifacts.values()}
    latest = list(given.values())[-1].source
    home = latest if any(each.source == latest for each in known.values()) else next(iter(known.values())).source
    own = sorted((each for each in known.values() if each.source == home), key=lambda each: each.name_start)
    first = own[0]
    body = Map((first.source, first.name_start, own[-1].expr[2]))
    for name, (source, start, end, expr) in known.items():
        put(body, name, _plain(expr, source), (source, start, end, expr[1], expr[2]))
    optional = {
        address.removeprefix("var.")
        for address, item in root.index.items()
        if address.startswith("var.") and "default" in item.attributes
    }
    return Resource(
        "settings/tfvars", "tfvars", paths.get(first.source, "tfvars"), unit, body,
        (first.source, first.name_start, first.name_end), body.span, environment=environment,
        context={"defaults": frozenset(optional)},
    )  # fmt: skip


def _plain(expr: Any, source: int, depth: int = 0) -> Any:
    """The value of a literal expression, which is all that a file of variables may hold."""
    op, start, end = expr[0], expr[1], expr[2]
    if op == "lit":
        return expr[3]
    if depth < _DEEPEST and op == "paren":
        return _plain(expr[3], source, depth + 1)
    if depth < _DEEPEST and op == "tuple":
        listed = Seq((source, start, end))
        for item in expr[3]:
            listed.append(_plain(item, source, depth + 1))
            listed.at.append((source, item[1], item[1], item[1], item[2]))
        return listed
    if depth < _DEEPEST and op == "object":
        made = Map((source, start, end))
        for key, value in expr[3]:
            if key[0] == "lit":
                put(made, str(key[3]), _plain(value, source, depth + 1), (source, key[1], key[2], value[1], value[2]))
        return made
    return Unknown("expression", "a value in a file of variables", "Write it as a literal.")
