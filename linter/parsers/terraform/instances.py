"""How often a block exists: count and for_each, and what `each` and `count` mean where a block is judged once.

Encodes "The count Meta-Argument" and "The for_each Meta-Argument" of the Terraform language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.terraform.compare import equal
from linter.parsers.terraform.evaluate import guarded
from linter.parsers.terraform.values import Wrong, derived, elements, here, to_number, to_string

if TYPE_CHECKING:
    from linter.parsers.terraform.layout import Item

_SHOWN = 256
_COMPARED = 200
_MOST = 10**12


class Multiplicity:
    """keys: of the instances (numbers or strings), None where they are not known. names: `each` and `count`.

    uncertain: why the block may not exist at all. counted: by count, not for_each.
    """

    __slots__ = ("counted", "keys", "names", "uncertain")
    ONE: ClassVar[Multiplicity]

    def __init__(
        self, names: dict[str, Any], keys: list[Any] | range | None, uncertain: Unknown | None, counted: bool
    ) -> None:
        self.names = names
        self.keys = keys
        self.uncertain = uncertain
        self.counted = counted

    @property
    def absent(self) -> bool:
        """Known not to exist."""
        return self.keys is not None and len(self.keys) == 0

    def collection(self, instance: Any, place: Entry) -> Any:
        """All instances as Terraform gives them: a list for count, a map for for_each."""
        span = (place[0], place[3], place[4])
        if self.keys is None or len(self.keys) > _SHOWN:
            doubt = self.uncertain
            if doubt is None:
                doubt = Unknown("budget", "the instances of a block")
            return derived(doubt, "list" if self.counted else "map", not_null=True)
        if self.counted:
            listed = Seq(span)
            listed.extend([instance] * len(self.keys))
            listed.at.extend([place] * len(self.keys))
            return listed
        table = Map(span)
        for key in self.keys:
            table[key] = instance
            table.at[key] = place
        return table


Multiplicity.ONE = Multiplicity({}, None, None, False)


def multiplicity(item: Item, module: Any) -> Multiplicity:
    """Evaluates count or for_each of a block."""
    found = item.attributes.get("count")
    if found is not None:
        return _counted(guarded(found[1].expr, module.scope(found[0])))
    source, attribute = item.attributes["for_each"]
    span = (source, attribute.expr[1], attribute.expr[2])
    return _for_each(guarded(attribute.expr, module.scope(source)), span)


def _counted(value: Any) -> Multiplicity:
    try:
        number = to_number(value)
    except Wrong as error:
        number = Unknown("expression", f"count: {error}")
    index: Any = Unknown("instances", "count.index", type="number", not_null=True)
    table = Map((0, 0, 0))
    table.at["index"] = (0, 0, 0, 0, 0)
    if isinstance(number, int) and number >= 0:
        table["index"] = 0 if number == 1 else index
        return Multiplicity({"count": table}, range(min(number, _MOST)), None, True)
    table["index"] = index
    doubt = number if isinstance(number, Unknown) else Unknown("expression", "count is no whole number")
    return Multiplicity({"count": table}, None, doubt, True)


def _for_each(value: Any, span: tuple[int, int, int]) -> Multiplicity:
    pairs: list[tuple[Any, Any]] | None = None
    doubt: Unknown | None = None
    if isinstance(value, (Map, Seq)):
        doubt = value.open
        pairs = [(key if isinstance(value, Map) else element, element) for key, element, _ in elements(value)]
        broken = next((key for key, _ in pairs if not isinstance(key, str)), None)
        if isinstance(broken, Unknown):
            doubt, pairs = (broken, pairs) if doubt is None else (doubt, pairs)
        elif broken is not None and not isinstance(value, Map):
            pairs = [(_text(key), element) for key, element in pairs]
    elif isinstance(value, Unknown):
        doubt = value
    else:
        doubt = Unknown("expression", "for_each needs a map or a set")
    each = Map(span)
    place = here(span)
    each["key"], each["value"] = _agreed(pairs, doubt)
    each.at["key"] = each.at["value"] = place
    if doubt is not None and not pairs:
        return Multiplicity({"each": each}, None, doubt, False)
    keys = [key for key, _ in pairs or () if isinstance(key, str)] if doubt is None else None
    return Multiplicity({"each": each}, keys, None, False)


def _text(key: Any) -> Any:
    try:
        return to_string(key)
    except Wrong as error:
        return Unknown("expression", f"for_each: {error}")


def _agreed(pairs: list[tuple[Any, Any]] | None, doubt: Unknown | None) -> tuple[Any, Any]:
    if not pairs:
        unknown = doubt if doubt is not None else Unknown("instances", "each")
        return derived(unknown, "string", not_null=True), derived(unknown)
    key = Unknown("instances", "each.key", type="string", not_null=True) if len(pairs) > 1 else pairs[0][0]
    if doubt is not None:
        return derived(doubt, "string", not_null=True), derived(doubt)
    return key, common([value for _, value in pairs], "each.value")


def common(values: list[Any], subject: str, depth: int = 0) -> Any:
    """What all instances agree on; an Unknown with cause `instances` where they differ."""
    if len(values) == 1:
        return values[0]
    differs = Unknown("instances", subject)
    first = values[0]
    if len(values) > _COMPARED or depth > 10:
        return differs
    if all(isinstance(value, Map) for value in values):
        return _common_map(values, subject, depth, differs)
    if isinstance(first, Unknown) or not all(equal(first, value) is True for value in values[1:]):
        words = {type(value) for value in values}
        return Unknown("instances", subject, type="string", not_null=True) if words == {str} else differs
    return first


def _common_map(values: list[Map], subject: str, depth: int, differs: Unknown) -> Map:
    result = Map(values[0].span)
    for key in values[0]:
        if all(key in value for value in values):
            result[key] = common([value[key] for value in values], f"{subject}.{key}", depth + 1)
            result.at[key] = values[0].at[key]
    if any(value.open is not None or len(value) != len(result) for value in values):
        result.open = differs
    return result


def selected(amount: Multiplicity, address: str, key: Any) -> None:
    """Refuses an instance that is known not to exist. Raises Wrong."""
    if amount.keys is None or isinstance(key, Unknown):
        return
    wanted = to_number(key) if amount.counted else to_string(key)
    if wanted not in amount.keys:
        raise Wrong(f"{address} has no instance {key!r}")
