"""Terraform's JSON configuration syntax (`.tf.json`) as the bodies of the native syntax.

Encodes "JSON Configuration Syntax" of the Terraform language: labels are nested keys, a block that may repeat is an
array or an object, strings are templates. Without the provider's schema an object is taken for a nested block unless
its name is one that providers use for maps.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Source
from linter.syntax.hcl import Attribute, Block, Body, parse_expression

Expr = tuple[Any, ...]

_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "check": 1,
    "terraform": 0, "locals": 0, "moved": 0, "import": 0, "removed": 0,
}  # fmt: skip
_INNER_LABELS = {"dynamic": 1, "provisioner": 1, "backend": 1, "provider_meta": 1}
_ARGUMENTS_ONLY = frozenset({"locals", "variable", "output", "module", "required_providers"})
_BLOCKS_THERE = {"variable": frozenset({"validation"}), "output": frozenset({"precondition", "postcondition"})}
_MAPS = frozenset(
    ("tags", "tags_all", "labels", "user_labels", "resource_labels", "annotations", "variables", "parameters",
     "metadata", "environment_variables", "request_parameters", "response_parameters", "response_templates",
     "request_templates", "node_selector", "match_labels", "data", "string_data", "binary_data", "triggers", "keepers",
     "app_settings", "query", "headers", "input", "vars", "attributes", "limits", "requests", "for_each",
     "triggers_replace", "default_arguments", "options", "configuration_settings", "providers", "propagate_tags_map")
)  # fmt: skip


def body(loaded: Any, source: Source) -> Body:
    """The body a JSON file (a Loaded) stands for; what is no configuration is left out."""
    result = Body(source.index, 0)
    result.end = len(source.text)
    for document in loaded.documents[:1]:
        for table in _members(document.value):
            for word, value in table.items():
                if word in _LABELS and isinstance(value, (Map, Seq)):
                    _blocks(result, word, table.at[word], value, (), _LABELS[word], source)
    return result


def _members(value: Any) -> list[Map]:
    if isinstance(value, Map):
        return [value]
    return [item for item in value if isinstance(item, Map)] if isinstance(value, Seq) else []


def _blocks(
    result: Body, word: str, at: Entry, value: Any, labels: tuple[tuple[str, int, int], ...], left: int, source: Source
) -> None:
    """Descends through as many keys as the block type has labels, then makes a block of each object there."""
    for table in _members(value):
        if left:
            for key, inner in table.items():
                if key != "//":
                    place = table.at[key]
                    label = (str(key), place[1], place[2])
                    _blocks(result, word, at, inner, (*labels, label), left - 1, source)
            continue
        _, start, end = table.span
        inside = _inside(word, table, source)
        first = labels[0][1] if labels else at[1]
        result.blocks.append(Block(word, at[1], at[2], labels, inside, min(first, start), end))


def _inside(word: str, table: Map, source: Source) -> Body:
    result = Body(source.index, table.span[1])
    result.end = table.span[2]
    for key, value in table.items():
        name = str(key)
        place = table.at[key]
        if name == "//":
            continue
        if _is_block(word, name, value):
            _blocks(result, name, place, value, (), _INNER_LABELS.get(name, 0), source)
        else:
            expr = (
                _typed(value, place, source)
                if (word, name) == ("variable", "type")
                else expression(value, place, source)
            )
            result.attributes.append(Attribute(name, place[1], place[2], expr))
    return result


def _is_block(word: str, name: str, value: Any) -> bool:
    if word in _ARGUMENTS_ONLY:
        return name in _BLOCKS_THERE.get(word, ())
    if isinstance(value, Map):
        return name not in _MAPS
    return isinstance(value, Seq) and bool(value) and all(isinstance(item, Map) for item in value)


def _typed(value: Any, place: Entry, source: Source) -> Expr:
    """A type constraint is written as an expression within a string."""
    if not isinstance(value, str):
        return expression(value, place, source)
    parsed = parse_expression(value, place[3] + 1)
    return parsed if parsed[0] != "error" else ("lit", place[3], place[4], value)


def expression(value: Any, place: Entry, source: Source) -> Expr:
    """The expression a JSON value stands for."""
    start, end = place[3], place[4]
    if isinstance(value, str):
        return _string(value, start, end, source.text[start:end])
    if isinstance(value, Map):
        items = []
        for key, item in value.items():
            at = value.at[key]
            items.append((_string(str(key), at[1], at[2], source.text[at[1] : at[2]]), expression(item, at, source)))
        return "object", start, end, tuple(items)
    if isinstance(value, Seq):
        return "tuple", start, end, tuple(expression(item, value.at[i], source) for i, item in enumerate(value))
    return "lit", start, end, value


def _string(value: str, start: int, end: int, written: str) -> Expr:
    if "${" not in value and "%{" not in value:
        return "lit", start, end, value
    if written == f'"{value}"':
        return parse_expression(written, start)
    marker = "EOT"
    while marker in value:
        marker += "_"
    parsed = parse_expression(f"<<{marker}\n{value}\n{marker}\n")
    if parsed[0] != "tmpl":
        return (
            ("error", start, end, "a template that cannot be read")
            if parsed[0] == "error"
            else ("lit", start, end, value)
        )
    parts = list(parsed[3])
    if parts and parts[-1][0] == "lit" and isinstance(parts[-1][3], str):
        last = parts.pop()
        if last[3] != "\n":
            parts.append(("lit", start, end, last[3].removesuffix("\n")))
    placed = tuple(_placed(part, start, end) for part in parts)
    if len(placed) == 1 and placed[0][0] != "lit":
        return "wrap", start, end, placed[0]
    return "tmpl", start, end, placed


def _placed(node: Any, start: int, end: int) -> Any:
    """The node with every place at the whole string: escapes make offsets within it meaningless."""
    if not isinstance(node, tuple):
        return node
    if len(node) > 2 and isinstance(node[0], str) and isinstance(node[1], int):
        return (node[0], start, end, *(_placed(child, start, end) for child in node[3:]))
    return tuple(_placed(child, start, end) for child in node)
