"""Where a value comes from: the variables, locals, arguments and outputs on its way to the place it is used."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Origin, Span
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.scope import Expr
from linter.syntax.hcl import Body

_STEPS = 12
_NODES = 5_000

Step = tuple[str, Module, int, Expr]
"""What a definition is, where it stands, and its expression."""


def origins(module: Module, item: Item, span: Span) -> list[Origin]:
    """Steps on the way of the value at a span of a resource, nearest first.

    The span lies in the resource's own block, or in a definition the block uses; then the first step is that use.
    """
    source, start, end = span
    for part, body in item.parts:
        if part == source:
            found = next((node for _, node in _written(body) if node[1] <= start and end <= node[2]), None)
            if found is not None:
                return _feeding(_innermost(found, start, end), source, module)
    if source == item.source and item.block.start <= start and end <= item.block.end:
        return []
    for part, body in item.parts:
        for name, node in _written(body):
            way = _way(node, part, module, span)
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


def _feeding(node: Expr, source: int, module: Module) -> list[Origin]:
    found: list[Origin] = []
    seen: set[int] = set()
    queue: list[tuple[Expr, Module]] = [(node, module)]
    while queue and len(found) < _STEPS:
        current, where = queue.pop(0)
        for text, home, origin, expr in _definitions(current, where):
            if id(expr) not in seen and len(found) < _STEPS:
                seen.add(id(expr))
                found.append(Origin(text, (origin, expr[1], expr[2])))
                queue.append((expr, home))
    return found


def _way(node: Expr, source: int, module: Module, span: Span) -> list[Origin] | None:
    """The steps from an expression to the definition that a span lies in, that one left out."""
    seen: set[int] = set()
    queue: list[tuple[Expr, Module, tuple[Origin, ...]]] = [(node, module, ())]
    while queue and len(seen) < 200:
        current, where, way = queue.pop(0)
        for text, home, origin, expr in _definitions(current, where):
            if origin == span[0] and expr[1] <= span[1] and span[2] <= expr[2]:
                return list(way)
            if id(expr) not in seen:
                seen.add(id(expr))
                queue.append((expr, home, (*way, Origin(text, (origin, expr[1], expr[2])))))
    return None


def _definitions(node: Expr, module: Module) -> Iterator[Step]:
    """What the references in an expression lead to."""
    stack = [node]
    count = 0
    while stack and count < _NODES:
        current = stack.pop()
        count += 1
        names = _names(current)
        if names:
            yield from _definition(names, module)
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


def _definition(names: list[str], module: Module) -> Iterator[Step]:
    root, name, *rest = names
    if root == "local":
        found = module.folder.locals.get(name)
        if found is not None:
            yield f"`local.{name}` is set here", module, found[0], found[1].expr
    elif root == "var":
        yield from _variable(name, module)
    elif root == "module":
        yield from _output(name, rest, module)
    else:
        key, used = (".".join(names[:3]), 3) if root == "data" else (f"{root}.{name}", 2)
        item = module.folder.index.get(key)
        if item is not None and len(names) > used and names[used] in item.attributes:
            source, attribute = item.attributes[names[used]]
            yield f"`{module.prefix}{key}.{names[used]}` is set here", module, source, attribute.expr


def _variable(name: str, module: Module) -> Iterator[Step]:
    if module.parent is not None and module.item is not None:
        argument = module.item.attributes.get(name)
        if argument is not None:
            text = f"`var.{name}` of {module.prefix[:-1]} is set here"
            yield text, module.parent, argument[0], argument[1].expr
            return
    elif name in module.world.inputs:
        given = module.world.inputs[name]
        if given.expr[2]:
            yield f"`var.{name}` is set here", module, given.source, given.expr
        return
    item = module.folder.index.get("var." + name)
    if item is not None and "default" in item.attributes:
        source, attribute = item.attributes["default"]
        yield f"`var.{name}` has its default here", module, source, attribute.expr


def _output(name: str, rest: list[str], module: Module) -> Iterator[Step]:
    item = module.folder.index.get("module." + name)
    if item is None:
        return
    child = module.child(item)
    if isinstance(child, Module):
        output = child.folder.index.get("output." + rest[0]) if rest else None
        if output is not None and "value" in output.attributes:
            source, attribute = output.attributes["value"]
            yield f"`{child.prefix}{rest[0]}` is set here", child, source, attribute.expr
    else:
        _, start, end = item.block.labels[0]
        yield f"`{module.prefix}module.{name}` is called here", module, item.source, ("lit", start, end, name)
