"""How often a block exists: count and for_each, its instances, and what `each` and `count` mean in each of them.

Encodes "The count Meta-Argument" and "The for_each Meta-Argument" of the Terraform language. Where the keys are known,
few, and the block speaks of `each` or `count`, every instance is evaluated for itself; else the block is judged once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from linter.addresses import key_text, resource_in
from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.terraform.compare import equal
from linter.parsers.terraform.errors import Stop
from linter.parsers.terraform.evaluate import guarded
from linter.parsers.terraform.scope import Expr
from linter.parsers.terraform.values import Wrong, derived, elements, here, to_number, to_string

if TYPE_CHECKING:
    from linter.parsers.terraform.layout import Item

Key = int | str | None
"""Of an instance; None where a block stands for all of its instances, or has neither count nor for_each."""

EACH = "each of a block"
"""What an Each is bound to in a scope: no identifier, so that a for expression's own `each` hides it."""

_INSTANCES = 64
_SHOWN = 256
_COMPARED = 200
_MOST = 10**12
_WALKED = 200


class Each:
    """What `each` is: its key and value, and the addresses that all values together refer to, where they are one."""

    __slots__ = ("table", "touched")

    def __init__(self, table: Map, touched: dict[str, str | Unknown]) -> None:
        self.table = table
        self.touched = touched

    def refer(self, steps: list[Expr], touched: dict[str, str | Unknown]) -> None:
        """Adds what the value at some steps below `each` refers to."""
        if not steps or _step(steps[0]) != "value":
            return
        touched.update(self.touched)
        value: Any = self.table["value"]
        for step in steps[1:]:
            name = _step(step)
            if not isinstance(value, Map) or name is None:
                break
            _note(value.open, touched)
            value = value.get(name, value.open)
        waiting = [value]
        for _ in range(_WALKED):
            if not waiting:
                break
            value = waiting.pop()
            if isinstance(value, (Map, Seq)):
                _note(value.open, touched)
                waiting.extend(value.values() if isinstance(value, Map) else value)
            else:
                _note(value, touched)


def _step(step: Expr) -> str | None:
    if step[0] == "attr":
        return str(step[4])
    return step[4][3] if step[4][0] == "lit" and isinstance(step[4][3], str) else None


def _note(value: Any, touched: dict[str, str | Unknown]) -> None:
    if isinstance(value, Unknown) and value.cause == "run-time":
        address = resource_in(value.subject)
        if address is not None:
            touched[address] = address


class Multiplicity:
    """keys: of the instances (numbers or strings), None where they are not known. names: bound for all of them at once.

    uncertain: why the block may not exist at all. counted: by count, not for_each. expanded: each instance is evaluated
    for itself; elements: its value and place, by key, for for_each.
    """

    __slots__ = ("bound", "counted", "elements", "expanded", "keys", "names", "span", "uncertain")
    ONE: ClassVar[Multiplicity]

    def __init__(
        self, names: dict[str, Any], keys: list[Any] | range | None, uncertain: Unknown | None, counted: bool
    ) -> None:
        self.names = names
        self.keys = keys
        self.uncertain = uncertain
        self.counted = counted
        self.expanded = False
        self.elements: dict[str, tuple[Any, Entry]] = {}
        self.span = (0, 0, 0)
        self.bound: dict[Key, dict[str, Any]] = {None: names}

    @property
    def absent(self) -> bool:
        """Known not to exist."""
        return self.keys is not None and len(self.keys) == 0

    def instances(self) -> Iterable[Key]:
        """The keys that are judged: one None where the block is judged once."""
        return self.keys if self.expanded and self.keys is not None else (None,)

    def names_of(self, key: Key) -> dict[str, Any]:
        """What is bound in one instance."""
        found = self.bound.get(key)
        if found is None:
            found = self.bound[key] = self._count(key) if self.counted else {EACH: self._each(key)}
        return found

    def _count(self, key: Key) -> dict[str, Any]:
        table = Map(self.span)
        table["index"] = key
        table.at["index"] = (0, 0, 0, 0, 0)
        return {"count": table}

    def _each(self, key: Key) -> Each:
        table = Map(self.span)
        value, place = self.elements[str(key)]
        table["key"], table["value"] = key, value
        table.at["key"] = table.at["value"] = place
        return Each(table, {})

    def collection(self, instance: Callable[[Key], Any], place: Entry) -> Any:
        """All instances as Terraform gives them: a list for count, a map for for_each."""
        span = (place[0], place[3], place[4])
        if self.keys is None or len(self.keys) > _SHOWN:
            doubt = self.uncertain
            if doubt is None:
                doubt = Unknown("budget", "the instances of a block")
            return derived(doubt, "list" if self.counted else "map", not_null=True)
        every = None if self.expanded or not self.keys else instance(None)
        values = [instance(key) for key in self.keys] if self.expanded else [every] * len(self.keys)
        if self.counted:
            listed = Seq(span)
            listed.extend(values)
            listed.at.extend([place] * len(self.keys))
            return listed
        table = Map(span)
        for key, value in zip(self.keys, values, strict=True):
            table[key] = value
            table.at[key] = place
        return table

    def selected(self, address: str, key: Any) -> Key:
        """The instance that a key means, None where it is not told apart. Raises Wrong where it does not exist."""
        if self.keys is None or isinstance(key, Unknown):
            return None
        wanted: Key = to_number(key) if self.counted else to_string(key)
        if wanted not in self.keys:
            raise Wrong(f"{address} has no instance {key!r}")
        return wanted if self.expanded else None


Multiplicity.ONE = Multiplicity({}, None, None, False)


def suffixed(text: str, key: Key) -> str:
    """An address or a name with its instance key."""
    return text if key is None else text + key_text(key)


def multiplicity(item: Item, module: Any) -> Multiplicity:
    """Evaluates count or for_each of a block, and decides whether its instances are told apart."""
    found = item.attributes.get("count")
    if found is not None:
        amount = _counted(guarded(found[1].expr, module.scope(found[0])))
    else:
        source, attribute = item.attributes["for_each"]
        value = guarded(attribute.expr, module.scope(source))
        amount = _for_each(value, (source, attribute.expr[1], attribute.expr[2]), module.world.machine.touched)
    if amount.keys and len(amount.keys) <= _INSTANCES and _speaks(item, module.world.texts):
        amount.expanded = module.world.affords(len(amount.keys), module.target(item))
    return amount


def _speaks(item: Item, texts: dict[int, str]) -> bool:
    """Whether a block mentions `each` or `count.index`; a comment that does costs a little time, and no more."""
    for source, body in item.parts:
        text, start, end = texts.get(source, ""), body.start, body.end
        if text.find("each.", start, end) >= 0 or text.find("count.index", start, end) >= 0:
            return True
    return False


def _counted(value: Any) -> Multiplicity:
    try:
        number = to_number(value)
    except Wrong as error:
        number = Unknown("expression", f"count: {error}")
    except Stop as stop:
        number = stop.unknown
    index: Any = Unknown("instances", "count.index", type="number", not_null=True)
    table = Map((0, 0, 0))
    table.at["index"] = (0, 0, 0, 0, 0)
    if isinstance(number, int) and number >= 0:
        table["index"] = 0 if number == 1 else index
        return Multiplicity({"count": table}, range(min(number, _MOST)), None, True)
    table["index"] = index
    doubt = number if isinstance(number, Unknown) else Unknown("expression", "count is no whole number")
    return Multiplicity({"count": table}, None, doubt, True)


def _for_each(value: Any, span: tuple[int, int, int], touched: dict[str, str | Unknown]) -> Multiplicity:
    pairs: list[tuple[Any, Any, Entry]] | None = None
    doubt: Unknown | None = None
    if isinstance(value, (Map, Seq)):
        doubt = value.open
        pairs = [(key if isinstance(value, Map) else element, element, at) for key, element, at in elements(value)]
        broken = next((key for key, _, _ in pairs if not isinstance(key, str)), None)
        if isinstance(broken, Unknown):
            doubt, pairs = (broken, pairs) if doubt is None else (doubt, pairs)
        elif broken is not None and not isinstance(value, Map):
            pairs = [(_text(key), element, at) for key, element, at in pairs]
    elif isinstance(value, Unknown):
        doubt = value
    else:
        doubt = Unknown("expression", "for_each needs a map or a set")
    each = Map(span)
    each["key"], each["value"] = _agreed(pairs, doubt)
    each.at["key"] = each.at["value"] = here(span)
    bound = {EACH: Each(each, touched)}
    if doubt is not None and not pairs:
        return Multiplicity(bound, None, doubt, False)
    keys = list(dict.fromkeys(key for key, _, _ in pairs or () if isinstance(key, str))) if doubt is None else None
    amount = Multiplicity(bound, keys, None, False)
    if keys is not None and len(keys) <= _INSTANCES:
        amount.span = span
        amount.elements = {key: (element, at) for key, element, at in pairs or () if isinstance(key, str)}
    return amount


def _text(key: Any) -> Any:
    try:
        return to_string(key)
    except Wrong as error:
        return Unknown("expression", f"for_each: {error}")


def _agreed(pairs: list[tuple[Any, Any, Entry]] | None, doubt: Unknown | None) -> tuple[Any, Any]:
    if not pairs:
        unknown = doubt if doubt is not None else Unknown("instances", "each")
        return derived(unknown, "string", not_null=True), derived(unknown)
    key = Unknown("instances", "each.key", type="string", not_null=True) if len(pairs) > 1 else pairs[0][0]
    if doubt is not None:
        return derived(doubt, "string", not_null=True), derived(doubt)
    return key, common([value for _, value, _ in pairs], "each.value")


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
