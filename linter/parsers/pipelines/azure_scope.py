"""What names mean at a place of an Azure pipeline while its templates are expanded: parameters, variables, `each` names.

Encodes https://learn.microsoft.com/azure/devops/pipelines/process/template-parameters and …/template-expressions.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Container, Iterator, Mapping
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.pipelines.azure_expressions import number
from linter.parsers.pipelines.azure_values import entry_of, member, text, unknown
from linter.parsers.pipelines.expression_nodes import Node
from linter.parsers.pipelines.expressions import dotted
from linter.records import NamedTuple
from linter.trees import maps

Named = Mapping[str, tuple[Any, Entry | None]]
Layers = ChainMap[str, tuple[Any, Entry | None]]
"""Names in lower case → value and where it was written; layers are those of one place over those around it."""


class Guard(NamedTuple):
    """A condition that the tree does not decide: what stands under it exists if the node's truth is `wanted`.

    node: None where not even a condition is known (`each` over an unknown list).
    """

    node: Node | None
    scope: Scope
    wanted: bool
    subject: str


class Scope:
    """Names at one place. guards: the undecided conditions the place stands under. stack: template files, outermost first."""

    __slots__ = ("guards", "loops", "parameters", "path", "stack", "variables")

    def __init__(
        self,
        path: str,
        parameters: Named,
        variables: Layers,
        loops: Layers,
        guards: tuple[Guard, ...] = (),
        stack: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.parameters = parameters
        self.variables = variables
        self.loops = loops
        self.guards = guards
        self.stack = stack

    def under(self, *guards: Guard) -> Scope:
        return Scope(self.path, self.parameters, self.variables, self.loops, (*self.guards, *guards), self.stack)

    def bound(self, name: str, value: Any, entry: Entry | None) -> Scope:
        loops = self.loops.new_child({name.lower(): (value, entry)})
        return Scope(self.path, self.parameters, self.variables, loops, self.guards, self.stack)

    def declaring(self, variables: Any, unsure: Container[tuple[int, int]]) -> Scope:
        """With the variables of a `variables:` section that has been expanded; those of groups stay unknown.

        unsure: places of values that only hold under a condition.
        """
        found: dict[str, tuple[Any, Entry | None]] = {}
        for name, value, entry in written_variables(variables):
            known = (entry[0], entry[3]) not in unsure and not isinstance(value, (Map, Seq))
            found[name.lower()] = (value if known else unknown(f"variables.{name}"), entry if known else None)
        return Scope(self.path, self.parameters, self.variables.new_child(found), self.loops, self.guards, self.stack)

    def inside(self, path: str, parameters: Named) -> Scope:
        """For the text of a template that is included here."""
        return Scope(path, parameters, self.variables, ChainMap(), self.guards, (*self.stack, path))

    def find(self, node: Node) -> tuple[Any, Entry | None]:
        """A context's value, and where it was written if it is as written there."""
        path = node[3]
        root = path[0]
        if root in self.loops:
            return _step(self.loops[root], path[1:])
        if root == "parameters":
            if len(path) == 1 or not isinstance(path[1], str):
                return unknown("parameters", "missing-input"), None
            return _step(self.parameters.get(path[1], (None, None)), path[2:])
        if root == "variables" and len(path) == 2 and isinstance(path[1], str):
            found = self.variables.get(path[1])
            return found if found is not None else (unknown(f"variables.{path[1]}"), None)
        return unknown(dotted(path)), None

    def lookup(self, node: Node) -> Any:
        return self.find(node)[0]


def _step(found: tuple[Any, Entry | None], path: tuple[Any, ...]) -> tuple[Any, Entry | None]:
    value, entry = found
    for part in path:
        if isinstance(value, Map) and isinstance(part, str) and part != "*":
            value, entry = entry_of(value, part)
        elif isinstance(part, str):
            value, entry = member(value, part), None
        else:
            return (value if isinstance(value, Unknown) else unknown("a computed name")), None
    return value, entry


def written_variables(value: Any) -> Iterator[tuple[str, Any, Entry]]:
    """(name, value, entry) of every variable with a value of a section in mapping or list form."""
    if isinstance(value, Map):
        for name, item in value.items():
            if isinstance(name, str) and name in value.at:
                yield name, item, value.at[name]
        return
    for item in maps(value):
        name = item.get("name")
        if isinstance(name, str) and "value" in item:
            yield name, item["value"], item.at["value"]


def parameters_of(declared: Any, given: Any, unset: bool) -> dict[str, tuple[Any, Entry | None]]:
    """The parameters of a file: what its includer gives, else the default.

    declared: the file's `parameters`, a list of {name, type, default} or, in the older form, a mapping to defaults.
    given: the mapping of the includer. unset: nobody is known to include the file, so that no value is known.
    """
    found: dict[str, tuple[Any, Entry | None]] = {}
    for name, type_, default, entry in _declared(declared):
        value: Any
        at: Entry | None
        value, at = default, entry
        if isinstance(given, Map):
            key = next((key for key in given if isinstance(key, str) and key.lower() == name.lower()), None)
            if key is not None:
                value, at = given[key], given.at.get(key)
            elif given.open is not None:
                value, at = given.open, None
        if unset or value is _MISSING:
            missing = unknown(f"parameters.{name}", "missing-input")
            value, at = Unknown("missing-input", missing.subject, missing.remedy, type=_TYPES.get(type_, "")), None
        found[name.lower()] = (_cast(value, type_), at)
    return found


_MISSING: Any = object()
_TYPES = {"string": "string", "boolean": "bool", "number": "number"}


def _declared(declared: Any) -> Iterator[tuple[str, str, Any, Entry | None]]:
    if isinstance(declared, Map):
        for name, default in declared.items():
            if isinstance(name, str):
                yield name, "", default, declared.at.get(name)
        return
    for item in maps(declared):
        name = item.get("name")
        if isinstance(name, str):
            entry = item.at.get("default")
            yield name, text(item.get("type")) or "string", item.get("default", _MISSING), entry


def _cast(value: Any, type_: str) -> Any:
    if isinstance(value, (Unknown, Map, Seq)):
        return value
    if type_ == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if type_ == "number" and isinstance(value, str):
        return number(value)
    if type_ == "string" and isinstance(value, (bool, int, float)):
        return text(value)
    return value


def free_parameters(declared: Any) -> set[str]:
    """The parameters of a pipeline that take any text: whoever starts a run by hand may choose it."""
    found = set()
    for item in maps(declared):
        name = item.get("name")
        if isinstance(name, str) and "values" not in item and text(item.get("type")) in ("", "string", "object"):
            found.add(name.lower())
    return found
