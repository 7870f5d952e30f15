"""Where a value comes from: the variables, locals, arguments and outputs on its way to the place it is used."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Origin, Span
from linter.parsers.terraform.instances import EACH, Each, Key, suffixed
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.scope import Expr
from linter.records import NamedTuple
from linter.syntax.hcl import Body

_STEPS = 12
_NODES = 5_000


class Where(NamedTuple):
    """Where an expression stands: its module, and the block and instance whose `each` it may use."""

    module: Module
    item: Item | None = None
    key: Key = None


Step = tuple[str, Where, int, Expr]
"""What a definition is, where it stands, its source and its expression."""


def origins(module: Module, item: Item, key: Key, span: Span) -> list[Origin]:
    """Steps on the way of the value at a span of a resource, nearest first.

    The span lies in the resource's own block, or in a definition the block uses; then the first step is that use.
    """
    source, start, end = span
    here = Where(module, item, key)
    for part, body in item.parts:
        if part == source:
            found = next((node for _, node in _written(body) if node[1] <= start and end <= node[2]), None)
            if found is not None:
                return _feeding(_innermost(found, start, end), here)
    if source == item.source and item.block.start <= start and end <= item.block.end:
        return []
    for part, body in item.parts:
        for name, node in _written(body):
            way = _way(node, here, span)
            if way is not None:
                return [Origin(f"`{item.key}.{name}` uses it here", (part, node[1], node[2])), *way]
    return []


def _written(body: Body) -> Iterator[tuple[str, Expr]]:
    """Arguments of a block and the blocks within."""
    stack = [("", body)]
    while stack:
        path, current = stack.pop()
        for attribute in current.attributes:
            yield path + attribute.name, attribute.expr
        stack.extend((f"{path}{block.type}.", block.body) for block in current.blocks)


def _innermost(node: Expr, start: int, end: int) -> Expr:
    while True:
        inner = next((child for child in _children(node) if child[1] <= start and end <= child[2]), None)
        if inner is None or inner[0] == "var" or node[0] in ("attr", "index", "splat"):
            return node
        node = inner


def _children(node: Expr) -> Iterator[Expr]:
    stack = list(reversed(node[3:]))
    while stack:
        element = stack.pop()
        if isinstance(element, tuple) and element:
            if isinstance(element[0], str) and len(element) > 2 and isinstance(element[1], int):
                yield element
            else:
                stack.extend(reversed(element))


def _feeding(node: Expr, here: Where) -> list[Origin]:
    found: list[Origin] = []
    seen: set[tuple[int, int, int]] = set()
    queue: list[tuple[Expr, Where]] = [(node, here)]
    while queue and len(found) < _STEPS:
        current, where = queue.pop(0)
        for text, home, origin, expr in _definitions(current, where):
            place = origin, expr[1], expr[2]
            if place not in seen and len(found) < _STEPS:
                seen.add(place)
                found.append(Origin(text, place))
                queue.append((expr, home))
    return found


def _way(node: Expr, here: Where, span: Span) -> list[Origin] | None:
    """The steps from an expression to the definition that a span lies in, that one left out."""
    seen: set[tuple[int, int, int]] = set()
    queue: list[tuple[Expr, Where, tuple[Origin, ...]]] = [(node, here, ())]
    while queue and len(seen) < 200:
        current, where, way = queue.pop(0)
        for text, home, origin, expr in _definitions(current, where):
            if origin == span[0] and expr[1] <= span[1] and span[2] <= expr[2]:
                return list(way)
            place = origin, expr[1], expr[2]
            if place not in seen:
                seen.add(place)
                queue.append((expr, home, (*way, Origin(text, place))))
    return None


def _definitions(node: Expr, where: Where) -> Iterator[Step]:
    """What the references in an expression lead to."""
    stack = [node]
    count = 0
    while stack and count < _NODES:
        current = stack.pop()
        count += 1
        names = _names(current)
        if names:
            yield from _definition(names, where)
            stack.extend(_keys(current))
        else:
            stack.extend(reversed(list(_children(current))))


def _keys(node: Expr) -> Iterator[Expr]:
    while node[0] in ("attr", "index"):
        if node[0] == "index":
            yield node[4]
        node = node[3]


def _names(node: Expr) -> list[str]:
    """The names of a reference, from its root: `module.vpc[0].id` gives module, vpc, id."""
    names: list[str] = []
    while node[0] in ("attr", "index"):
        if node[0] == "attr":
            names.append(node[4])
        node = node[3]
    return [node[3], *reversed(names)] if node[0] == "var" and names else []


def _definition(names: list[str], where: Where) -> Iterator[Step]:
    root, name, *rest = names
    module = where.module
    if root == "local":
        found = module.folder.locals.get(name)
        if found is not None:
            yield f"`local.{name}` is set here", Where(module), found[0], found[1].expr
    elif root == "var":
        yield from _variable(name, module)
    elif root == "module":
        yield from _output(name, rest, module)
    elif root == "each" or root == "count":
        yield from _instance(names, where)
    else:
        key, used = (".".join(names[:3]), 3) if root == "data" else (f"{root}.{name}", 2)
        item = module.folder.index.get(key)
        if item is not None and len(names) > used and names[used] in item.attributes:
            source, attribute = item.attributes[names[used]]
            yield f"`{module.prefix}{key}.{names[used]}` is set here", Where(module, item), source, attribute.expr


def _instance(names: list[str], where: Where) -> Iterator[Step]:
    """The expression that gives a block its instances, and the very entry that became one of them."""
    module, item, key = where
    found = item.attributes.get("for_each" if names[0] == "each" else "count") if item is not None else None
    if item is None or found is None:
        return
    address = f"{module.prefix}{suffixed(item.key, key)}"
    each = module.amount(item).names_of(key).get(EACH) if names[0] == "each" else None
    source, start, end = _entry(each, names[1:]) if isinstance(each, Each) and key is not None else (0, 0, 0)
    expr = found[1].expr
    inside = source == found[0] and expr[1] <= start and end <= expr[2]
    shown = ".".join(names)
    if end > start and inside:
        yield f"`{shown}` of {address} is set here", Where(module), source, _innermost(expr, start, end)
        return
    yield f"`{names[0]}` of {module.prefix}{item.key} is made here", Where(module), found[0], expr
    if end > start:
        yield f"`{shown}` of {address} is set here", Where(module), source, ("lit", start, end, None)


def _entry(each: Each, names: list[str]) -> Span:
    """Where the entry that names below `each` lead to is written."""
    table, entry = each.table, (0, 0, 0, 0, 0)
    for number, name in enumerate(names):
        if name not in table:
            break
        entry = table.at[name]
        if number == 0 and name == "key" and entry[1] < entry[2]:
            return entry[:3]
        value = table[name]
        if not isinstance(value, Map):
            break
        table = value
    return entry[0], entry[3], entry[4]


def _variable(name: str, module: Module) -> Iterator[Step]:
    if module.parent is not None and module.item is not None:
        argument = module.item.attributes.get(name)
        if argument is not None:
            text = f"`var.{name}` of {module.prefix[:-1]} is set here"
            yield text, Where(module.parent, module.item, module.key), argument[0], argument[1].expr
            return
    elif name in module.world.inputs:
        given = module.world.inputs[name]
        if given.expr[2]:
            yield f"`var.{name}` is set here", Where(module), given.source, given.expr
        return
    item = module.folder.index.get("var." + name)
    if item is not None and "default" in item.attributes:
        source, attribute = item.attributes["default"]
        yield f"`var.{name}` has its default here", Where(module), source, attribute.expr


def _output(name: str, rest: list[str], module: Module) -> Iterator[Step]:
    item = module.folder.index.get("module." + name)
    if item is None:
        return
    amount = module.amount(item)
    child = module.child(item, next(iter(amount.instances()), None))
    if isinstance(child, Module):
        output = child.folder.index.get("output." + rest[0]) if rest else None
        if output is not None and "value" in output.attributes:
            source, attribute = output.attributes["value"]
            yield f"`{child.prefix}{rest[0]}` is set here", Where(child), source, attribute.expr
    else:
        _, start, end = item.block.labels[0]
        yield f"`{module.prefix}module.{name}` is called here", Where(module), item.source, ("lit", start, end, name)
