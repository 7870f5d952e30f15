"""The configuration of the provider that manages a resource.

Encodes "Provider Configuration", "The provider Meta-Argument" and "Providers Within Modules" of the Terraform language:
a call hands its `providers` down, a default configuration is inherited where it does not.
"""

from __future__ import annotations

from linter.model import Map
from linter.parsers.terraform.bodies import Ledger, item_map, names_in
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module

_CALLS = 45


def effective(module: Module, item: Item) -> Map | None:
    """The body of the provider block for a resource or data source; None where none is written."""
    found = item.attributes.get("provider")
    name = item.type.partition("_")[0]
    if found is not None:
        written = names_in(found[1].expr, module.scope(found[0]))
        if not isinstance(written, str):
            return None
        name = written
    body = module.named("provider of " + name, lambda: _configured(module, name))
    return body if isinstance(body, Map) else None


def _configured(module: Module, name: str) -> Map | None:
    """The configuration that a module knows by a name (`aws`, `aws.west`)."""
    for _ in range(_CALLS):
        item = module.folder.index.get("provider." + name)
        if item is not None:
            return _body(module, item)
        if module.parent is None or module.item is None:
            return None
        given = module.item.attributes.get("providers")
        handed = names_in(given[1].expr, module.parent.scope(given[0])) if given is not None else None
        passed = handed.get(name) if isinstance(handed, Map) else None
        if passed is None and "." in name:
            return None
        name = passed if isinstance(passed, str) else name
        module = module.parent
    return None


def _body(module: Module, item: Item) -> Map | None:
    machine = module.world.machine
    touched, machine.touched = machine.touched, {}
    found = module.named("configured." + item.key, lambda: item_map(item.parts, module.item_scopes(item), Ledger()))
    machine.touched = touched
    return found if isinstance(found, Map) else None
