"""What plans bring into the estate: a root's evaluation with the plan's values, and what only the plan knows.

Encodes "Configuration Representation" of Terraform's JSON output format: the references of arguments, relative to
their module, and the expressions that are constant.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.addresses import bare, resource_in
from linter.model import Entry, Environment, Map, Reference, Resource, Seq, Span, Unit, Unknown, Workspace
from linter.parsers.terraform.inputs import Variant
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.plan import Plan, Planned, owners, plans
from linter.parsers.terraform.plan_values import below, disclosed, items, same, true
from linter.parsers.terraform.world import Input
from linter.trees import as_map

_CALLS = 30
_PARTS = ("aws_", "kubernetes_", "kubectl_", "helm_", "google_")


class Evidence:
    """The plans of a tree and the roots they were made of."""

    __slots__ = ("_loose", "_owned")

    def __init__(self, workspace: Workspace, roots: list[Folder]) -> None:
        found = plans(workspace)
        self._owned = owners(found, roots)
        placed = {id(plan) for each in self._owned.values() for plan in each}
        self._loose = [plan for plan in found if id(plan) not in placed]

    def of(self, root: Folder, variants: list[Variant]) -> Iterator[tuple[Variant, Plan | None]]:
        """A root's evaluations, each with the plan of its environment; a plan of another one makes one more.

        The plan's variables are as if they had been given last.
        """
        waiting = list(variants)
        for plan in self._owned.get(root.path, ()):
            given = _inputs(plan)
            mine = next((each for each in waiting if _is_of(plan, each, len(variants))), None)
            if mine is not None:
                waiting = [each for each in waiting if each is not mine]
                inputs = mine.inputs.copy()
                inputs.update(given)
                yield Variant(mine.environment or plan.environment, mine.workspace, inputs), plan
            else:
                name = plan.environment.name if plan.environment is not None else ""
                yield Variant(plan.environment, name, given), plan
        for variant in waiting:
            yield variant, None

    def completed(
        self, found: Iterator[Resource], plan: Plan, unit: Unit, environment: Environment | None
    ) -> Iterator[Resource]:
        """The source's resources, without those that the plan does not make, and with those that only it knows."""
        seen: set[str] = set()
        left_out: set[int] = set()
        for resource in found:
            root = resource.outermost
            if resource.owner is None and resource.kind.startswith("terraform/") and _is_managed(resource):
                seen.add(resource.address)
                if resource.uncertain is not None and resource.uncertain.cause != "instances":
                    if not plan.knows(resource.address):
                        left_out.add(id(resource))
                    else:
                        resource.uncertain = None
            if id(root) not in left_out:
                if plan.knows(root.address):
                    resource.context = {**resource.context, "plan": plan.artifact.path}
                yield resource
        blocks = {bare(address) for address in seen}
        yield from _all(plan, unit, environment, blocks)

    def others(self) -> Iterator[Resource]:
        """The resources of plans whose source is not in the tree."""
        for plan in self._loose:
            unit = Unit("terraform", plan.artifact.path)
            yield from _surroundings(plan, unit, plan.environment)
            yield from _all(plan, unit, plan.environment, set())


def _inputs(plan: Plan) -> dict[str, Input]:
    """The variables a plan was made with, the sensitive ones left out."""
    declared = as_map(as_map(plan.configuration.get("root_module")).get("variables"))
    found: dict[str, Input] = {}
    for name, holder in plan.variables.items():
        if isinstance(holder, Map) and "value" in holder and not true(as_map(declared.get(name)).get("sensitive")):
            source, start, end, _, _ = plan.variables.at[name]
            entry = holder.at["value"]
            found[str(name)] = Input(source, start, end, ("lit", entry[3], entry[4], holder["value"]))
    return found


def _is_of(plan: Plan, variant: Variant, count: int) -> bool:
    """Whether a plan was made of a variant: the environments are the same, or one of them is not named.

    Where there are several, the variables must agree with those of the plan as far as both are constant.
    """
    if plan.environment is not None and variant.environment is not None:
        return plan.environment.name == variant.environment.name
    if count == 1:
        return True
    given = _inputs(plan)
    both = [(given[name].expr, each.expr) for name, each in variant.inputs.items() if name in given]
    return bool(both) and all(one[0] != "lit" or other[0] != "lit" or same(one[3], other[3]) for one, other in both)


def _is_managed(resource: Resource) -> bool:
    name = resource.kind.removeprefix("terraform/")
    return "_" in name or name.startswith("data.")


def _all(plan: Plan, unit: Unit, environment: Environment | None, but: set[str]) -> Iterator[Resource]:
    """A plan's resources, save the blocks that were judged where they are written."""
    wiring = _Wiring(plan)
    for address, planned in plan.resources.items():
        if bare(address) not in but:
            yield from _resource(address, planned, plan, unit, environment, wiring)


def _resource(
    address: str, planned: Planned, plan: Plan, unit: Unit, environment: Environment | None, wiring: _Wiring
) -> Iterator[Resource]:
    type, name = planned.body.get("type"), planned.body.get("name")
    if not isinstance(type, str) or not isinstance(name, str):
        return
    kind = f"terraform/data.{type}" if planned.body.get("mode") == "data" else f"terraform/{type}"
    entry = planned.body.at["address"]
    anchor: Span = (entry[0], entry[3], entry[4])
    body = _body(address, planned, anchor)
    _without_computed(body, wiring.expressions(address))
    resource = Resource(kind, address, name, unit, body, anchor, planned.body.span, environment=environment)
    resource.references = wiring.references(address)
    yield resource
    if type.startswith(_PARTS):
        yield from _parts(resource, planned)


def _body(address: str, planned: Planned, anchor: Span) -> Map:
    """The values, without nulls and what is there by no block; what apply will tell stands as unknown."""
    body = Map(planned.values.span)
    for key, value in planned.values.items():
        unknown, hidden = below(planned.unknown, key), below(planned.sensitive, key)
        if (value is None and unknown is not True) or (isinstance(value, Seq) and not value and unknown is not True):
            continue
        body[key] = disclosed(value, unknown, hidden, f"{address}.{key}")
        body.at[key] = planned.values.at[key]
    source, start, end = anchor
    for key in planned.unknown if isinstance(planned.unknown, Map) else ():
        if key not in body and planned.unknown[key] is True:
            body[key] = Unknown("run-time", f"{address}.{key}")
            body.at[key] = (source, start, start, start, end)
    return body


def _without_computed(body: Map, expressions: Map | None) -> None:
    """Takes out what only the provider will fill in: nobody has written it, as in the source, where it is absent."""
    if expressions is None:
        return
    for key in [key for key in body if key not in expressions]:
        value = body[key]
        if isinstance(value, Unknown) and value.cause == "run-time":
            del body[key]
            del body.at[key]
    for key, written in expressions.items():
        blocks = body.get(key)
        if isinstance(blocks, Seq) and isinstance(written, Seq):
            for number, block in enumerate(blocks):
                inner = written[min(number, len(written) - 1)] if written else None
                if isinstance(block, Map) and isinstance(inner, Map):
                    _without_computed(block, inner)


def _parts(resource: Resource, planned: Planned) -> Iterator[Resource]:
    """Policy statements, Kubernetes objects and monitors; a document is judged in the policies that have its text, if known."""
    name = resource.kind.removeprefix("terraform/")
    if name.startswith("aws_") or (name == "data.aws_iam_policy_document" and below(planned.unknown, "json") is True):
        from linter.parsers.terraform import policies

        yield from policies.statements(resource, None, None)
    elif name.startswith(("kubernetes_", "kubectl_", "helm_", "data.kubernetes_")):
        from linter.parsers.terraform import kubernetes_objects

        yield from kubernetes_objects.objects(resource, None, None)
    elif name.startswith(("datadog_", "newrelic_", "pagerduty_", "opsgenie_", "grafana_")):
        from linter.parsers.terraform import monitors

        yield from monitors.normalised(resource, None, None)


class _Wiring:
    """What the configuration of a plan says of references. _modules: address → (configuration, the call's arguments)."""

    __slots__ = ("_expressions", "_modules")

    def __init__(self, plan: Plan) -> None:
        self._expressions: dict[str, Map] = {}
        self._modules: dict[str, tuple[Map, str]] = {}
        waiting = [("", as_map(plan.configuration.get("root_module")), Map((0, 0, 0)), "")]
        while waiting and len(self._modules) < 5_000:
            prefix, module, arguments, parent = waiting.pop()
            self._modules[prefix] = (arguments, parent)
            for item in items(module.get("resources")):
                address = item.get("address")
                if isinstance(address, str):
                    self._expressions[prefix + address] = as_map(item.get("expressions"))
            for name, call in as_map(module.get("module_calls")).items():
                if isinstance(call, Map) and prefix.count("module.") < _CALLS:
                    inner = as_map(call.get("module"))
                    waiting.append((f"{prefix}module.{name}.", inner, as_map(call.get("expressions")), prefix))

    def expressions(self, address: str) -> Map | None:
        """What is written of a resource; None where the plan does not say."""
        return self._expressions.get(bare(address))

    def references(self, address: str) -> list[Reference]:
        """A resource's references to others, by the dotted path of what refers."""
        block = bare(address)
        expressions = self._expressions.get(block)
        if expressions is None:
            return []
        prefix = _prefix(block)
        found: dict[tuple[str, str], None] = {}
        for path, names in _referring(expressions):
            for name in names:
                for target in self._targets(name, prefix, 0):
                    found[path, target] = None
        return [Reference("references", path, target) for path, target in found if target != address]

    def _targets(self, name: str, prefix: str, depth: int) -> Iterator[str]:
        """The resources a name leads to, through the arguments of module calls."""
        if name.startswith("var."):
            arguments, parent = self._modules.get(prefix, (Map((0, 0, 0)), ""))
            argument = as_map(arguments.get(name.split(".")[1].partition("[")[0]))
            for _, names in _referring(Map((0, 0, 0)) if not prefix or depth > _CALLS else _wrapped(argument)):
                for other in names:
                    yield from self._targets(other, parent, depth + 1)
        elif not name.startswith(("local.", "each.", "count.", "path.", "terraform.", "self.")):
            address = resource_in(name)
            if address is not None:
                yield prefix + address
            elif name.startswith("module."):
                yield prefix + name


def _wrapped(argument: Map) -> Map:
    wrapped = Map(argument.span)
    wrapped["argument"] = argument
    return wrapped


def _prefix(block: str) -> str:
    """`module.a.module.b.` of an address without keys."""
    steps = block.split(".")
    at = 0
    while steps[at : at + 1] == ["module"]:
        at += 2
    return ".".join(steps[:at]) + "." if at else ""


def _referring(expressions: Map, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Dotted paths of arguments and the names they refer to; the longest of those that begin alike."""
    for key, value in expressions.items():
        here = f"{path}{key}"
        for each in value if isinstance(value, Seq) else (value,):
            if not isinstance(each, Map) or depth > _CALLS:
                continue
            names = each.get("references")
            if isinstance(names, Seq):
                yield here, [name for name in names if isinstance(name, str)]
            elif "constant_value" not in each:
                yield from _referring(each, here + ".", depth + 1)


def _surroundings(plan: Plan, unit: Unit, environment: Environment | None) -> Iterator[Resource]:
    """Providers, variables, outputs and module calls of a plan's root, as far as their arguments are constant."""
    module = as_map(plan.configuration.get("root_module"))
    for word, table in (
        ("provider", as_map(plan.configuration.get("provider_config"))),
        ("var", as_map(module.get("variables"))),
        ("output", as_map(module.get("outputs"))),
        ("module", as_map(module.get("module_calls"))),
    ):
        for name, written in table.items():
            if isinstance(written, Map):
                yield _declared(word, str(name), written, table.at[name], unit, environment)


def _declared(
    word: str, name: str, written: Map, entry: Entry, unit: Unit, environment: Environment | None
) -> Resource:
    kind = {"var": "variable"}.get(word, word)
    body = Map(written.span)
    body.open = Unknown("run-time", f"{word}.{name}")
    for key, value in written.items():
        if not isinstance(value, (Map, Seq)):
            body[key], body.at[key] = value, written.at[key]
    for key, value in as_map(written.get("expressions")).items():
        if isinstance(value, Map) and "constant_value" in value:
            body[key], body.at[key] = value["constant_value"], value.at["constant_value"]
        else:
            body[key], body.at[key] = Unknown("run-time", f"{word}.{name}.{key}"), written.at["expressions"]
    if word == "var" and true(written.get("sensitive")) and "default" in body:
        body["default"] = Unknown("sensitive", f"var.{name}", not_null=True)
    if "version_constraint" in body:
        body["version"], body.at["version"] = body["version_constraint"], body.at["version_constraint"]
    anchor = (entry[0], entry[1], entry[2])
    return Resource(
        f"terraform/{kind}", f"{word}.{name}", name, unit, body, anchor, written.span, environment=environment
    )
