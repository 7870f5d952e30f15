"""References to resources and modules, and to their instances.

Encodes "References to Named Values" and "Referring to Instances" of the Terraform language.
"""

from __future__ import annotations

from typing import Any

from linter.model import Map, Unknown
from linter.parsers.terraform.computed import computed, open_map, step_name
from linter.parsers.terraform.evaluate import evaluate
from linter.parsers.terraform.instances import Key, Multiplicity, suffixed
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.scope import Expr, Scope
from linter.parsers.terraform.values import below, here

Module = Any
"""A modules.Module, which resolves its references here."""

DECLARE = "declare it: nothing of that name is in the module"


def resource(module: Module, key: str, used: int, steps: list[Expr], scope: Scope) -> tuple[Any, int]:
    """The value of a reference to a resource. used: how many steps its address takes. Raises Wrong."""
    address = module.prefix + key
    touched = module.world.machine.touched
    item = module.folder.index.get(key)
    if item is None:
        touched[address] = address
        while used < len(steps) and steps[used][0] == "index":
            used += 1
        type_ = key.removeprefix("data.").partition(".")[0]
        return computed(address, type_, step_name(steps, used), "missing-input", DECLARE), used + (used < len(steps))
    amount = module.amount(item)
    instance: Key = None
    if amount is not Multiplicity.ONE:
        chosen = _chosen(amount, address, steps, used, scope)
        if chosen is not None:
            instance, used = chosen[0], used + 1
        elif used == len(steps) or amount.absent:
            touched[address] = address
            place = here((item.source, item.block.start, item.block.end))
            return amount.collection(lambda each: module.whole(item, each), place), used
    address = suffixed(address, instance)
    touched[address] = address
    name = step_name(steps, used)
    if name is None:
        return module.whole(item, instance), used
    return module.configured(item, name, instance), used + 1


def module(caller: Module, name: str, steps: list[Expr], scope: Scope) -> tuple[Any, int]:
    """The value of a reference to a called module's outputs. Raises Wrong."""
    item = caller.folder.index.get("module." + name)
    address = f"{caller.prefix}module.{name}"
    if item is None:
        return Unknown("missing-input", address, DECLARE), 1
    touched = caller.world.machine.touched
    used = 1
    amount = caller.amount(item)
    instance: Key = None
    if amount is not Multiplicity.ONE:
        chosen = _chosen(amount, address, steps, used, scope)
        if chosen is not None:
            instance, used = chosen[0], used + 1
        elif used == len(steps) or amount.absent:
            touched[address] = address
            place = here((item.source, item.block.start, item.block.end))
            return amount.collection(lambda each: _outputs(caller, item, each), place), used
    address = suffixed(address, instance)
    touched[address] = address
    child = caller.child(item, instance)
    output = step_name(steps, used)
    if output is None:
        return _outputs(caller, item, instance), used
    if isinstance(child, Unknown):
        return below(child, "." + output), used + 1
    return child.output(output), used + 1


def _chosen(amount: Multiplicity, address: str, steps: list[Expr], used: int, scope: Scope) -> tuple[Key] | None:
    """The instance that the next step chooses: `[0]` or `["a"]`. Raises Wrong."""
    if used == len(steps) or steps[used][0] != "index":
        return None
    return (amount.selected(address, evaluate(steps[used][4], scope)),)


def _outputs(caller: Module, item: Item, instance: Key) -> Map:
    child = caller.child(item, instance)
    if isinstance(child, Unknown):
        return open_map(child, item)
    span = (item.source, item.block.start, item.block.end)
    result = Map(span)
    for other in child.folder.items:
        if other.word == "output":
            result[other.name] = child.output(other.name)
            result.at[other.name] = here(span)
    return result
