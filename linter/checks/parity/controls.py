"""Controls compared between environments: each attribute has an order from the weakest value to the strongest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.checks import Verdict
from linter.checks.parity.twins import both, differs, failed, intended, shown, single, undecided, written
from linter.conditions import ABSENT
from linter.conditions.operators import number
from linter.estate.twins import pairs
from linter.model import PASS, Estate, Resource, Unknown

MORE, MEMBERS, PRESENT = "more", "members", "present"
"""Orders that are no list: a bigger number, more members of a list, or anything instead of nothing is stronger."""
Order = str | Sequence[Any]


def controls_kept(estate: Estate, *, controls: Mapping[str, Mapping[str, Any]]) -> Iterator[Verdict]:
    """Every control is at least as strong in the higher environment.

    controls: kind → path → order. An order is a list from the weakest value to the strongest (values that are as good
    as each other stand in a list of their own), `more`, `members` or `present`; or a mapping {order, absent}, absent
    being what the provider takes where nothing is written. Without it, nothing written is the weakest.
    """
    for kind, paths in controls.items():
        if not estate.of_kind(kind):
            continue
        for pair in pairs(estate, (kind,)):
            for _, below, above in both(pair):
                for path, written_order in paths.items():
                    order, default = _order(written_order)
                    yield from _judged(estate, pair, below, above, path, order, default)


def _order(written_order: Any) -> tuple[Order, Any]:
    if isinstance(written_order, Mapping):
        return written_order["order"], written_order["absent"]
    return written_order, ABSENT


def _judged(
    estate: Estate, pair: Any, below: Resource, above: Resource, path: str, order: Order, default: Any
) -> Iterator[Verdict]:
    low, high = single(below, path), single(above, path)
    if low.value is ABSENT is high.value:
        return
    weak, strong = (strength(default if leaf.value is ABSENT else leaf.value, order) for leaf in (low, high))
    if weak is None or strong is None:
        yield from undecided(above, low, high)
    elif strong >= weak or intended(estate, above, pair.higher.name, path):
        yield Verdict(above, PASS, f"{path} is no weaker than in {pair.lower.name}.", high.span, path)
    else:
        said = f"{pair.lower.name} has {shown(low.value)} here"
        yield failed(pair, above, differs(path, pair, above, low, high), high.span, path, written(high, low, said))


def strength(value: Any, order: Order) -> float | None:
    """The rank of a value in an order, None where it has none or is not known."""
    if isinstance(value, Unknown):
        # What a provider calls a resource is never null: a key is set, whichever it is.
        return 1.0 if order == PRESENT and (value.not_null or value.not_empty or value.cause == "run-time") else None
    if order == PRESENT:
        return 0.0 if value is ABSENT or value == "" else 1.0
    if value is ABSENT:
        return 0.0
    if order == MEMBERS:
        return float(len(value)) if isinstance(value, list) and getattr(value, "open", None) is None else None
    if order == MORE:
        return number(value)
    for rank, step in enumerate(order):
        if any(_same(value, each) for each in (step if isinstance(step, list) else (step,))):
            return float(rank)
    return None


def _same(value: Any, step: Any) -> bool:
    """Equality as Terraform converts: "true" is true and 1.2 is "1.2"."""
    if isinstance(step, bool) and isinstance(value, str):
        return value.lower() == str(step).lower()
    return value == step if isinstance(value, bool) or isinstance(step, bool) else str(value) == str(step)
