"""Module instances to resources: every declared block with its evaluated body, references, callers and origins.

Context of resources and data sources: `provider`, the body of the provider block that manages them, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from linter.model import Environment, Map, Origin, Resource, Span, Unit, Unknown
from linter.parsers.terraform.bodies import Ledger, body_map, handle_of, item_map
from linter.parsers.terraform.instances import Key, Multiplicity, suffixed
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.providers import effective

_KINDS = {
    "variable": "terraform/variable", "output": "terraform/output", "module": "terraform/module",
    "provider": "terraform/provider", "terraform": "terraform/terraform", "check": "terraform/check",
}  # fmt: skip


def resources(root: Module, unit: Unit, environment: Environment | None, judged: set[str]) -> Iterator[Resource]:
    """All resources of a root and of the modules it calls, the root's own first. judged: their folders, added to.

    Instances are told apart until their values have cost too much; all that are left of a block are then judged as one.
    """
    stack = [root]
    together: set[int] = set()
    while stack:
        module: Module | None = stack.pop()
        if module is not None and module.key is not None and module.world.exhausted:
            module = _together(module, together)
        if module is None:
            continue
        judged.add(module.folder.path)
        children: list[Module] = []
        for item in module.folder.items:
            amount = module.amount(item)
            if amount.absent:
                continue
            for key in _keys(module, amount):
                yield from _resource(module, item, key, unit, environment, amount.uncertain)
                if item.word == "module":
                    child = module.child(item, key)
                    if isinstance(child, Module):
                        children.append(child)
        if module is root:
            yield from _locals(module, unit, environment)
        stack.extend(reversed(children))


def _together(module: Module, seen: set[int]) -> Module | None:
    """What stands for all instances of a module that are left, once."""
    assert module.parent is not None and module.item is not None
    whole = module.parent.child(module.item)
    if not isinstance(whole, Module) or id(whole) in seen:
        return None
    seen.add(id(whole))
    return whole


def _keys(module: Module, amount: Multiplicity) -> Iterator[Key]:
    for key in amount.instances():
        if key is not None and module.world.exhausted:
            yield None
            return
        yield key


def _kind(item: Item) -> str:
    if item.word == "resource":
        return "terraform/" + item.type
    return _KINDS.get(item.word) or f"terraform/{item.word}.{item.type}"


def _resource(
    module: Module, item: Item, key: Key, unit: Unit, environment: Environment | None, doubt: Unknown | None
) -> Iterator[Resource]:
    ledger = Ledger()
    module.world.machine.touched = {}
    if item.word == "variable":
        body = _variable(module, item, ledger)
    else:
        body = item_map(item.parts, module.item_scopes(item, key), ledger)
    if key is not None or module.instanced:
        module.world.weigh(body)
    block = item.block
    anchor = (item.source, *handle_of(block))
    extent = (item.source, block.start, block.end)
    address = module.prefix + suffixed(item.key, key)
    plan = module.world.plan
    if plan is not None:
        body = plan.filled(address, body)
    resource = Resource(_kind(item), address, item.name, unit, body, anchor, extent, environment=environment)
    if item.word in ("resource", "data"):
        provider = effective(module, item)
        if provider is not None:
            resource.context = {"provider": provider}
    resource.references = ledger.references
    resource.callers = module.callers
    resource.uncertain = module.uncertain if doubt is None else doubt
    resource.trace = partial(_trace, module, item, key)
    yield resource
    if item.word in ("resource", "data"):
        yield from _parts(resource, module, item, key)


_MONITORING = ("datadog_", "newrelic_", "pagerduty_", "opsgenie_", "grafana_")
_WITH_DOCUMENTS = ("_definition", "_security_configuration", "_rule_template", "_ssm_document")


def _parts(resource: Resource, module: Module, item: Item, key: Key) -> Iterator[Resource]:
    """Policy statements, grants, documents, Kubernetes objects and port ranges of a resource or data source."""
    if item.type.startswith("aws_"):
        if item.word == "resource" or item.type == "aws_iam_policy_document":
            from linter.parsers.terraform import policies

            yield from policies.statements(resource, module, item, key)
        if item.word == "resource" and item.type.endswith(_WITH_DOCUMENTS):
            from linter.parsers.terraform import documents

            if item.type in documents.WRITTEN:
                yield from documents.documents(resource, module, item, key)
    elif "_iam_" in item.type and item.type.startswith("google_"):
        from linter.parsers.terraform import grants

        yield from grants.grants(resource, module, item, key)
    elif item.type.startswith(("kubernetes_", "kubectl_", "helm_")):
        from linter.parsers.terraform import kubernetes_objects

        yield from kubernetes_objects.objects(resource, module, item, key)
    elif item.word == "resource" and item.type.startswith(_MONITORING):
        from linter.parsers.terraform import monitors

        yield from monitors.normalised(resource, module, item, key)
    elif item.word == "resource" and item.type.endswith(("_firewall", "_rule")):
        from linter.parsers.terraform import ports

        if item.type in ports.WRITTEN:
            yield from ports.ranges(resource, item.type)


def _trace(module: Module, item: Item, key: Key, span: Span) -> list[Origin]:
    if module.world.plan is None and span == (item.source, *handle_of(item.block)):
        return []  # A block's own header, at which all that is missing is reported, comes from nowhere else.
    from linter.parsers.terraform import trace

    found = trace.origins(module, item, key, span)
    return found if module.world.plan is None else [*found, *module.world.plan.origins(span)]


def _variable(module: Module, item: Item, ledger: Ledger) -> Map:
    """A variable's body; its type as it is written."""
    source, body = item.parts[-1]
    result = body_map(item.parts[0][1], module.scope(item.source), ledger, skip=frozenset({"type"}))
    for source, body in item.parts[1:]:
        layer = body_map(body, module.scope(source), ledger, skip=frozenset({"type"}))
        result.update(layer)
        result.at.update(layer.at)
    found = item.attributes.get("type")
    if found is not None:
        source, attribute = found
        start, end = attribute.expr[1], attribute.expr[2]
        result["type"] = module.world.texts[source][start:end]
        result.at["type"] = (source, attribute.name_start, attribute.name_end, start, end)
    return result


def _locals(module: Module, unit: Unit, environment: Environment | None) -> Iterator[Resource]:
    """The root's local values as one resource."""
    if module.folder.locals_block is None:
        return
    source, block = module.folder.locals_block
    body = Map((source, block.start, block.end))
    ledger = Ledger()
    machine = module.world.machine
    for name, (origin, attribute) in module.folder.locals.items():
        machine.touched = {}
        body[name] = module.local(name)
        ledger.note(machine, name, None)
        expr = attribute.expr
        body.at[name] = (origin, attribute.name_start, attribute.name_end, expr[1], expr[2])
    anchor = (source, block.type_start, block.type_end)
    extent = (source, block.start, block.end)
    resource = Resource("terraform/locals", "locals", "locals", unit, body, anchor, extent, environment=environment)
    resource.references = ledger.references
    yield resource
