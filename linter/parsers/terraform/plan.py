"""Plans (`terraform show -json PLAN`, `tofu show -json PLAN`) as evidence for the roots they were made of.

Encodes "JSON Output Format" of Terraform's documentation, format version 1. A plan says for one root, in one
environment, what every argument will be. Where the root is in the tree, its source keeps the places, the references
and the modules, and the plan supplies the values: the variables it was made with, and whatever the source leaves open.
So nothing is judged twice. What only the plan knows (`plan_resources`) has its place in the plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import basename, dirname
from typing import Any

from linter.addresses import bare
from linter.discovery.environments import environment_named, environment_of
from linter.model import Artifact, Entry, Environment, Map, Origin, Seq, Span, Unknown, Workspace
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.plan_values import (
    below,
    disclosed,
    items,
    json_like,
    listed,
    may_be,
    resources_in,
    same,
    secrets,
    true,
)
from linter.records import NamedTuple
from linter.trees import as_map

FORMAT = "plan"
_ALIKE = 0.5
_SHORT = 4
"""Texts of two letters and less are no secrets, and stand everywhere."""


class Planned(NamedTuple):
    """What a plan says of one resource. body: the entry in the plan; values, unknown, sensitive: alike in shape."""

    body: Map
    place: Entry
    values: Map
    unknown: Any
    sensitive: Any


class Plan:
    """One plan. resources: by address; blocks: by address without keys; notes: source entry's value → plan's span."""

    __slots__ = ("artifact", "blocks", "configuration", "environment", "notes", "resources", "variables")

    def __init__(self, artifact: Artifact, root: Map, environment: Environment | None) -> None:
        self.artifact = artifact
        self.environment = environment
        self.resources: dict[str, Planned] = {}
        self.blocks: dict[str, list[Planned]] = {}
        self.notes: dict[Span, Span] = {}
        self.configuration = as_map(root.get("configuration"))
        self.variables = as_map(root.get("variables"))
        changes = {
            change.get("address"): as_map(change.get("change"))
            for change in items(root.get("resource_changes"))
            if isinstance(change.get("address"), str) and "deposed" not in change
        }
        state = "planned_values" not in root
        for tree, only in (
            (root.get("planned_values"), None),
            (root.get("values") if state else None, None),
            (as_map(root.get("prior_state")).get("values"), "data"),
        ):
            for body, place in resources_in(as_map(tree).get("root_module")):
                if only is None or body.get("mode") == only:
                    self._add(body, place, changes.get(body.get("address")))
        if not self.resources and state:
            for body, place in listed(root.get("resource_changes")):
                self._add(body, place, changes.get(body.get("address")))

    def _add(self, body: Map, place: Entry, change: Map | None) -> None:
        address = body.get("address")
        values = body.get("values")
        if not isinstance(values, Map):
            values = change.get("after") if change is not None else None
        if not isinstance(address, str) or address in self.resources or not isinstance(values, Map):
            return
        sensitive = body.get("sensitive_values")
        if change is not None and not isinstance(sensitive, Map):
            sensitive = change.get("after_sensitive")
        unknown = change.get("after_unknown") if change is not None else None
        planned = Planned(body, place, values, unknown, sensitive)
        self.resources[address] = planned
        self.blocks.setdefault(bare(address), []).append(planned)

    def filled(self, address: str, body: Map) -> Map:
        """A resource's body as its source has it, with the plan's values."""
        planned = self.resources.get(address)
        if planned is not None:
            return self._filled(body, planned.values, planned.unknown, planned.sensitive)
        instances = self.blocks.get(bare(address), ())
        if not instances or "[" in address:
            return body
        values = _agreed(instances)
        return self._filled(body, values, instances[0].unknown, instances[0].sensitive)

    def knows(self, address: str) -> bool:
        return address in self.resources or bare(address) in self.blocks

    def origins(self, span: Span) -> list[Origin]:
        """The plan's line for a value that stands at a place in the source."""
        found = self.notes.get(span)
        return [Origin("the plan gives it this value", found)] if found is not None else []

    def _filled(self, own: Map, values: Map, unknown: Any, sensitive: Any) -> Map:
        result = Map(own.span)
        result.update(own)
        result.at.update(own.at)
        for key, value in values.items():
            known, hidden = below(unknown, key), below(sensitive, key)
            if hidden is True or known is True:
                continue
            if key not in own:
                if value is not None and not (isinstance(value, Seq) and not value):
                    result[key], result.at[key] = disclosed(value, known, hidden, str(key)), values.at[key]
                continue
            result[key] = self._value(own[key], value, known, hidden, own.at[key], values.at[key])
        return result

    def _value(self, own: Any, value: Any, unknown: Any, sensitive: Any, entry: Entry, place: Entry) -> Any:
        if unknown is True or sensitive is True:
            return own
        if isinstance(own, Map) and isinstance(value, Map):
            return self._filled(own, value, unknown, sensitive)
        if isinstance(own, Seq) and isinstance(value, Seq):
            return self._seq(own, value, unknown, sensitive, entry)
        if not isinstance(own, (Unknown, Map, Seq)) and not isinstance(value, (Map, Seq)) and same(own, value):
            return own
        if isinstance(own, (Map, Seq)) and value is None:
            return own
        if isinstance(own, str) and isinstance(value, str) and json_like(own) and json_like(value):
            return own
        self.notes[entry[0], entry[3], entry[4]] = (place[0], place[3], place[4])
        return disclosed(value, unknown, sensitive, "a value")

    def _seq(self, own: Seq, value: Seq, unknown: Any, sensitive: Any, entry: Entry) -> Seq:
        """The plan's elements, each with the place of the written one that it may be; sets are in an order of theirs."""
        result = Seq(own.span)
        free = list(range(len(own)))
        for number, element in enumerate(value):
            known, hidden = below(unknown, number), below(sensitive, number)
            mine = next((each for each in free if may_be(own[each], element)), None)
            if mine is None and len(own) == 1 and own.open is not None:
                mine = 0
            if mine is None:
                result.append(disclosed(element, known, hidden, "an element"))
                result.at.append(value.at[number])
                continue
            if mine in free:
                free.remove(mine)
            result.append(self._value(own[mine], element, known, hidden, own.at[mine], value.at[number]))
            result.at.append(own.at[mine])
        return result


def plans(workspace: Workspace) -> list[Plan]:
    """The plans of the tree; one that holds an error, or nothing a plan has, is said."""
    found: list[Plan] = []
    for artifact in workspace.of_format(FORMAT):
        root = artifact.tree.documents[0].value if artifact.tree is not None and artifact.tree.documents else None
        if not isinstance(root, Map):
            continue
        workspace.progress(f"{artifact.path} (plan)")
        span = (artifact.source.index, 0, min(len(artifact.source.text), 1))
        version = root.get("format_version")
        if isinstance(version, str) and not version.startswith(("0.", "1.")):
            message = f"format version {version[:20]} of plans is not known"
            workspace.fail("artifact-unparsed", span, message, "Use a version of opslint that reads it.")
            continue
        if true(root.get("errored")):
            message = "planning stopped with an error, so that the plan does not hold all resources"
            workspace.fail("artifact-unparsed", span, message, "Plan again once the error is mended.")
        _blacken(artifact, root)
        stem = basename(artifact.path).removesuffix(".json")
        environment = environment_named(stem, workspace.settings)
        environment = environment or environment_of(artifact.path, workspace.settings, workspace.paths)
        found.append(Plan(artifact, root, environment))
    return found


def _blacken(artifact: Artifact, root: Map) -> None:
    """Strikes the plan's sensitive texts out of its own text, so that no excerpt of a line shows them."""
    text = artifact.source.text
    written = {text[start:end] for _, start, end in secrets(root)}
    for each in sorted(written, key=len, reverse=True):
        if len(each) > _SHORT:
            text = text.replace(each, f'"{"*" * (len(each) - 2)}"')
    artifact.source.text = text


def owners(plans: Iterable[Plan], roots: Iterable[Folder]) -> dict[str, list[Plan]]:
    """Paths of roots → the plans that were made of them: what is declared is alike; of those the nearest."""
    found: dict[str, list[Plan]] = {}
    candidates = [(folder, {key for key in folder.index if key.count(".") >= 1 and _is_made(key)}) for folder in roots]
    for plan in plans:
        declared = _declared(plan)
        best: tuple[float, int, str] | None = None
        for folder, keys in candidates:
            union = len(declared | keys)
            alike = len(declared & keys) / union if union else 0.0
            rank = (alike, _nearness(dirname(plan.artifact.path), folder.path), folder.path)
            if alike >= _ALIKE and (best is None or rank > best):
                best = rank
        if best is not None:
            found.setdefault(best[2], []).append(plan)
    return found


def _is_made(key: str) -> bool:
    return not key.startswith(("var.", "output.", "provider.", "check.", "ephemeral."))


def _declared(plan: Plan) -> set[str]:
    """What a plan's root declares: resources, data sources and module calls, as addresses without keys."""
    module = as_map(plan.configuration.get("root_module"))
    named = {item.get("address") for item in items(module.get("resources"))}
    found = {bare(name) for name in named if isinstance(name, str)}
    found |= {f"module.{name}" for name in as_map(module.get("module_calls"))}
    if found:
        return found
    return {".".join(address.split(".")[:2]) if address.startswith("module.") else address for address in plan.blocks}


def _nearness(one: str, other: str) -> int:
    """How many steps two folders have in common, less those between them."""
    mine, theirs = [each for each in one.split("/") if each], [each for each in other.split("/") if each]
    common = next(
        (n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs))
    )
    return 3 * common - len(mine) - len(theirs)


def _agreed(instances: list[Planned]) -> Map:
    """What all instances of a block agree on."""
    first = instances[0].values
    result = Map(first.span)
    for key, value in first.items():
        if all(key in other.values and same(other.values[key], value) for other in instances[1:]):
            result[key], result.at[key] = value, first.at[key]
    return result
