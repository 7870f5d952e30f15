"""Blocks to mappings: arguments, nested blocks as lists, dynamic blocks expanded, and what each path touched."""

from __future__ import annotations

from typing import Any

from linter.addresses import bare, covers, resource_in
from linter.model import Entry, Map, Reference, Seq, Span, Unknown, merge
from linter.parsers.terraform.evaluate import guarded
from linter.parsers.terraform.layout import Part, block_name
from linter.parsers.terraform.scope import Expr, Machine, Scope
from linter.parsers.terraform.values import derived, elements
from linter.syntax.hcl import Block, Body

_NAMES_ONLY = frozenset({"depends_on", "provider", "providers", "ignore_changes", "replace_triggered_by"})
_UNSETTLED = frozenset({"missing-input", "budget", "function", "expression"})
_REFERENCES = frozenset({"attr", "index", "wrap", "paren"})
_SEARCHED = 20_000
_DYNAMIC_LIMIT = 1_000
_BLOCK_LIMIT = 5_000
_DEPTH = 40


class Ledger:
    """References of a resource, each path and target once. blocks: how many dynamic blocks have been made of it."""

    __slots__ = ("blocks", "references", "seen")

    def __init__(self) -> None:
        self.blocks = 0
        self.references: list[Reference] = []
        self.seen: set[tuple[str, str]] = set()

    def note(self, machine: Machine, path: str, value: Any, node: Expr = ("",)) -> None:
        """node: the expression the value comes from, where it is an attribute's."""
        touched = machine.touched
        if node[0] in _REFERENCES and isinstance(value, Unknown) and "[" in value.subject:
            touched = _meant(value, touched)
        elif node[0] == "splat" and isinstance(value, Seq):
            touched = _all_meant(value, touched)
        for key, target in touched.items():
            self.add(path, key, target)
        machine.touched = {}
        if isinstance(value, Unknown) and value.cause in _UNSETTLED and not touched:
            self.add(path, "?" + value.subject, value)

    def add(self, path: str, key: str, target: str | Unknown) -> None:
        if (path, key) not in self.seen:
            self.seen.add((path, key))
            self.references.append(Reference("references", path, target))


Touched = dict[str, str | Unknown]


def _address(value: Any, touched: Touched) -> str | None:
    """The touched resource, or instance of a touched block, that a value is an attribute of."""
    if not isinstance(value, Unknown) or value.cause != "run-time":
        return None
    address = resource_in(value.subject)
    if address is None or address in touched:
        return address
    return address if any(isinstance(target, str) and covers(target, address) for target in touched.values()) else None


def _meant(value: Unknown, touched: Touched) -> Touched:
    """What was touched on the way to an attribute of one instance, without the other instances of its block."""
    address = _address(value, touched)
    if address is None:
        return touched
    block = bare(address)
    return {address: address, **{key: target for key, target in touched.items() if bare(key) != block}}


def _all_meant(values: Seq, touched: Touched) -> Touched:
    """What was touched on the way to attributes of resources, without all that stands beside them in a module."""
    if len(touched) < 2 or len(values) * len(touched) > _SEARCHED or values.open is not None:
        return touched
    addresses = [_address(value, touched) for value in values]
    if not addresses or any(address is None for address in addresses):
        return touched
    calls = {key: target for key, target in touched.items() if resource_in(key) is None}
    return {**{address: address for address in addresses if address is not None}, **calls}


def body_map(
    body: Body, scope: Scope, ledger: Ledger, path: str = "", skip: frozenset[str] = frozenset(), depth: int = 0
) -> Map:
    """A block's body. Every nested block type is a Seq of Maps, whatever its number.

    skip: arguments and block types that an override replaces. path: dotted, of the body within its resource.
    """
    source = scope.source
    result = Map((source, body.start, body.end))
    at = result.at
    machine = scope.machine
    for name, name_start, name_end, expr in body.attributes:
        if name in skip:
            continue
        if expr[0] == "lit":
            value = expr[3]
        elif name in _NAMES_ONLY or path == "required_providers.":
            value = names_in(expr, scope)
        else:
            value = guarded(expr, scope)
            if machine.touched or isinstance(value, Unknown):
                ledger.note(machine, path + name, value, expr)
        result[name] = value
        at[name] = (source, name_start, name_end, expr[1], expr[2])
    for block in body.blocks:
        name = block_name(block)
        if name not in skip:
            _nest(result, name, block, scope, ledger, path + name, depth)
    return result


def item_map(parts: list[Part], scopes: dict[int, Scope], ledger: Ledger) -> Map:
    """The body of a block with its overrides; `lifecycle` merges argument by argument, other blocks are replaced."""
    if len(parts) == 1:
        return body_map(parts[0][1], scopes[parts[0][0]], ledger)
    result: Map | None = None
    later: set[str] = set()
    for source, body in reversed(parts):
        layer = body_map(body, scopes[source], ledger, skip=frozenset(later))
        result = layer if result is None else _layered(layer, result)
        later |= {attribute.name for attribute in body.attributes}
        later |= {block_name(block) for block in body.blocks} - {"lifecycle"}
    assert result is not None
    return result


def _layered(base: Map, override: Map) -> Map:
    merged = merge((base, override), base.span)
    both = base.get("lifecycle"), override.get("lifecycle")
    if isinstance(both[0], Seq) and isinstance(both[1], Seq):
        combined = Seq(both[0].span)
        combined.append(merge((both[0][0], both[1][0]), both[0][0].span))
        combined.at.append(both[0].at[0])
        merged["lifecycle"] = combined
        merged.at["lifecycle"] = base.at["lifecycle"]
    return merged


def handle_of(block: Block) -> tuple[int, int]:
    """A block's first label, its type word where it has none."""
    return (block.labels[0][1], block.labels[0][2]) if block.labels else (block.type_start, block.type_end)


def _nest(result: Map, name: str, block: Block, scope: Scope, ledger: Ledger, path: str, depth: int) -> None:
    source = scope.source
    start, end = handle_of(block)
    nested = result.get(name)
    if not isinstance(nested, Seq) or result.at[name][4] == 0:
        span = (source, block.start, block.end)
        nested = Seq(span)
        result[name] = nested
        word = (start, end) if block.type == "dynamic" else (block.type_start, block.type_end)
        result.at[name] = (source, *word, block.start, block.end)
    place = (source, start, end, block.start, block.end)
    if depth >= _DEPTH:
        nested.open = Unknown("budget", f"a block nested {depth} deep")
        return
    if block.type == "dynamic":
        _dynamic(nested, name, block, scope, ledger, path, place, depth)
        return
    inner = body_map(block.body, scope, ledger, path + ".", depth=depth + 1)
    if block.labels and "type" not in inner:
        inner["type"] = block.labels[0][0]
        inner.at["type"] = (source, start, end, start, end)
    nested.append(inner)
    nested.at.append(place)


def _dynamic(
    nested: Seq, name: str, block: Block, scope: Scope, ledger: Ledger, path: str, place: Entry, depth: int
) -> None:
    """The blocks a dynamic block makes; one with an unknown iterator where their number is not known."""
    for_each: Expr | None = None
    iterator = name
    for attribute in block.body.attributes:
        if attribute.name == "for_each":
            for_each = attribute.expr
        elif attribute.name == "iterator":
            written = names_in(attribute.expr, scope)
            iterator = written if isinstance(written, str) else name
    content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
    if content is None or for_each is None:
        return
    coll = guarded(for_each, scope)
    ledger.note(scope.machine, path, coll)
    span = (scope.source, for_each[1], for_each[2])
    if not isinstance(coll, (Map, Seq)) or len(coll) > _DYNAMIC_LIMIT:
        nested.open = coll if isinstance(coll, Unknown) else Unknown("budget", f"the blocks of dynamic {name!r}")
        rounds = [(derived(nested.open), derived(nested.open))]
    else:
        rounds = [(key, value) for key, value, _ in elements(coll)]
        nested.open = coll.open if nested.open is None else nested.open
        if not rounds and coll.open is not None:
            rounds = [(derived(coll.open), derived(coll.open))]
    for key, value in rounds:
        inner = scope.bind({iterator: _pair(span, key, value)})
        if ledger.blocks > _BLOCK_LIMIT and nested:
            nested.open = Unknown("budget", f"the blocks of dynamic {name!r}")
            break
        ledger.blocks += 1
        nested.append(body_map(content.body, inner, ledger, path + ".", depth=depth + 1))
        nested.at.append(place)


def _pair(span: Span, key: Any, value: Any) -> Map:
    pair = Map(span)
    source, start, end = span
    pair["key"], pair["value"] = key, value
    pair.at["key"] = pair.at["value"] = (source, start, start, start, end)
    return pair


def names_in(node: Expr, scope: Scope) -> Any:
    """Names where Terraform wants names (`depends_on`, `provider`): their text instead of their value."""
    if node[0] == "tuple":
        result = Seq((scope.source, node[1], node[2]))
        for item in node[3]:
            result.append(names_in(item, scope))
            result.at.append((scope.source, item[1], item[1], item[1], item[2]))
        return result
    if node[0] == "object":
        table = Map((scope.source, node[1], node[2]))
        for key, item in node[3]:
            name = key[3] if key[0] == "lit" else names_in(key, scope)
            if isinstance(name, str):
                table[name] = names_in(item, scope)
                table.at[name] = (scope.source, key[1], key[2], item[1], item[2])
        return table
    if node[0] == "lit":
        return node[3]
    steps: list[str] = []
    while node[0] in ("attr", "index", "wrap", "paren"):
        if node[0] == "attr":
            steps.append("." + node[4])
        elif node[0] == "index":
            steps.append(f"[{node[4][3]!r}]" if node[4][0] == "lit" else "[…]")
        node = node[3]
    return node[3] + "".join(reversed(steps)) if node[0] == "var" else Unknown("expression", "a list of names")
