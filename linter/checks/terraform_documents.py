"""Checks of the JSON and YAML documents that Terraform arguments hold: container definitions, session settings…"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.checks import Verdict
from linter.conditions.answers import Condition
from linter.conditions.compiler import compile_condition
from linter.conditions.paths import Leaf
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown, handle
from linter.parsers.terraform.functions_encoding import yaml_value
from linter.parsers.terraform.policy_text import document
from linter.parsers.terraform.values import Wrong


def document_holds(
    estate: Estate,
    *,
    kind: str | Sequence[str],
    path: str,
    where: Mapping[str, Any] | None = None,
    require: Mapping[str, Any] | None = None,
    forbid: Mapping[str, Any] | None = None,
    message: str = "",
) -> Iterator[Verdict]:
    """The JSON or YAML text at argument `path` of resources of `kind` meets a condition; every element of a list does.

    The condition is one of the rule language, asked of the decoded value; `where` is asked of the resource. A resource
    without the argument is not judged, one whose text is neither JSON nor YAML not either: Terraform's provider
    refuses that.
    """
    positive = require is not None
    condition = compile_condition(require if require is not None else forbid, positive)
    narrowed = compile_condition(where) if where is not None else None
    for wanted in (kind,) if isinstance(kind, str) else kind:
        for resource in estate.of_kind(wanted):
            value = resource.body.get(path)
            if value is None or (narrowed and narrowed.holds(resource.body, resource, estate) is False):
                continue
            source, start, end, _, _ = resource.body.at[path]
            named = (source, start, end)
            tree = _decoded(value, named)
            for leaf in _elements(tree, Leaf(tree, named, path)):
                yield _verdict(estate, resource, leaf, condition, positive, message)


def _decoded(value: Any, span: Span) -> Any:
    tree = document(value, None, None, None, span)
    if tree is None and isinstance(value, str):
        try:
            return yaml_value(value, span)
        except Wrong:
            return None
    return tree


def _elements(tree: Any, at: Leaf) -> Iterator[Leaf]:
    if isinstance(tree, Seq):
        for number, element in enumerate(tree):
            span = handle(element, tree.at[number]) if isinstance(element, (Map, Seq)) else at.span
            yield Leaf(element, span, f"{at.path}[{number}]")
        if tree.open is not None:
            yield at._replace(value=tree.open)
    elif isinstance(tree, (Map, Unknown)):
        yield at


def _verdict(
    estate: Estate, resource: Resource, leaf: Leaf, condition: Condition, positive: bool, message: str
) -> Verdict:
    if isinstance(leaf.value, Unknown):
        return _unknown(resource, leaf, leaf.value)
    answer = condition.holds(leaf.value, resource, estate)
    if answer is None:
        found = condition.locate(leaf, resource, estate, None)
        unknown = found.value if isinstance(found.value, Unknown) else Unknown("expression", f"{leaf.path}")
        return _unknown(resource, leaf, unknown)
    name = leaf.value.get("name") if isinstance(leaf.value, Map) else None
    shown = f"{resource.name}: {name}" if isinstance(name, str) else resource.name
    if answer is positive:
        return Verdict(resource, PASS, f"{leaf.path} of {shown} is in order.", leaf.span, leaf.path)
    located = condition.locate(leaf, _part(resource, leaf), estate, answer)
    return Verdict(resource, FAIL, f"{message} ({shown}).", located.span, leaf.path)


def _unknown(resource: Resource, leaf: Leaf, unknown: Unknown) -> Verdict:
    message = f"{unknown.subject} is unknown, so {leaf.path} of {resource.name} cannot be judged."
    return Verdict(resource, UNKNOWN, message, leaf.span, leaf.path, (), (unknown,))


def _part(resource: Resource, leaf: Leaf) -> Resource:
    """The document as a part of its resource: it may be written elsewhere, and is judged where it is written."""
    body = leaf.value
    return Resource(
        resource.kind, resource.address, resource.name, resource.unit, body, leaf.span, body.span, owner=resource
    )
