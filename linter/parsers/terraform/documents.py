"""JSON (YAML in SSM) that arguments of AWS resources hold, other than policies: kind `terraform/document`.

Where the text is a list, one resource stands for each element: a container definition of ECS. Its body is the element
as written; one that is not known is open. A text that is not JSON gives nothing, the provider refuses it. Context:
`owner`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Map, Resource, Seq, Span, Unknown, handle
from linter.parsers.terraform.instances import Key
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.parts import part

KIND = "terraform/document"
WRITTEN = {
    "aws_batch_job_definition": "container_properties",
    "aws_codecommit_approval_rule_template": "content",
    "aws_ecs_task_definition": "container_definitions",
    "aws_emr_security_configuration": "configuration",
    "aws_ssm_document": "content",
}
"""Type → the argument with the text."""
_YAML = ("terraform/aws_ssm_document",)
"""Kinds that also take YAML."""


def documents(resource: Resource, module: Module | None, item: Item | None, key: Key = None) -> Iterator[Resource]:
    """The documents of one resource. module, item: where the text is written, None where only its value is known."""
    from linter.parsers.terraform import policy_text

    argument = WRITTEN[resource.kind.removeprefix("terraform/")]
    value = resource.body.get(argument)
    if value is None:
        return
    source, start, end, first, last = resource.body.at[argument]
    node, scope = None, None
    found = item.attributes.get(argument) if item is not None else None
    if found is not None and module is not None and item is not None:
        node, scope = found[1].expr, module.item_scopes(item, key)[found[0]]
    written = (value, node, module, scope, (source, first, last))
    trees = [policy_text.document(*written)]
    if trees[0] is None and resource.kind in _YAML:
        trees = [tree for tree in policy_text.documents(*written) if isinstance(tree, Map)]
    for tree in trees:
        yield from _of_tree(resource, tree, argument, (source, start, end))


def _of_tree(resource: Resource, tree: Any, argument: str, named: Span) -> Iterator[Resource]:
    if isinstance(tree, Map):
        yield _part(resource, argument, tree, named)
    elif isinstance(tree, Unknown):
        yield _part(resource, argument, _unread(tree, named), named)
    elif isinstance(tree, Seq):
        for number, element in enumerate(tree):
            name, entry = f"{argument}[{number}]", tree.at[number]
            if isinstance(element, Map):
                yield _part(resource, name, element, handle(element, entry))
            elif isinstance(element, Unknown):
                yield _part(resource, name, _unread(element, named), named)
        if tree.open is not None:
            yield _part(resource, f"{argument}[]", _unread(tree.open, named), named)


def _unread(unknown: Unknown, named: Span) -> Map:
    body = Map(named)
    body.open = unknown
    return body


def _part(resource: Resource, name: str, body: Map, anchor: Span) -> Resource:
    return part(resource, KIND, name, body, anchor, body.span, {})
