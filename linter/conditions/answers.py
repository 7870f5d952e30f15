"""What a test of the condition language answers on one value: absent, unknown, a scalar, a list or a mapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.conditions import operators
from linter.conditions.operators import every, some
from linter.conditions.paths import ABSENT, Holds, Leaf
from linter.model import Estate, Resource, Unknown
from linter.records import NamedTuple

Locate = Callable[[Leaf, Resource, Estate, bool | None], Leaf]


class Condition(NamedTuple):
    """holds(value, resource, estate) → True, False or None. locate(leaf of value, resource, estate, answer) → the leaf
    that explains the answer. unknowns are found at the located leaf."""

    holds: Holds
    locate: Locate


class Test(NamedTuple):
    scalar: Callable[[Any], bool | None] | None
    whole: Callable[[Any], bool | None] | None
    present: bool | None
    absent: bool
    wanted: tuple[Any, ...]
    has: Condition | None
    empty: bool | None = None
    refuses: bool = False
    """Whether `wanted` is what must not be: `none_of` and nothing else."""


def decide(test: Test, value: Any, resource: Resource, estate: Estate, positive: bool) -> bool | None:
    if value is ABSENT:
        if test.present is not None and test.scalar is None and test.whole is None and test.has is None:
            return not test.present
        return test.absent
    if isinstance(value, Unknown):
        return _unknown(test, value)
    answers: list[bool | None] = []
    if test.present is not None:
        answers.append(test.present)
    if test.scalar is not None:
        answers.append(_ask_scalar(test, value, positive))
    if test.whole is not None:
        answers.append(test.whole(value))
    if test.has is not None:
        answers.append(_has(test.has, value, resource, estate))
    return answers[0] if len(answers) == 1 else every(answers)


def _unknown(test: Test, value: Unknown) -> bool | None:
    if test.present is not None:
        if not value.not_null:
            return None
        if test.scalar is None and test.whole is None and test.has is None:
            return test.present
        return None if test.present else False
    if test.empty is not None and (value.not_empty or value.prefix):
        return not test.empty
    if test.wanted and test.scalar is not None and test.whole is None:
        answers = [operators.unknown_answer(item, value) for wanted in test.wanted for item in listed(wanted)]
        if any(answer is not False for answer in answers):
            return None
        return False if not test.refuses else True if value.not_null else None
    return None


def _ask_scalar(test: Test, value: Any, positive: bool) -> bool | None:
    assert test.scalar is not None
    if not isinstance(value, list):
        return test.scalar(value)
    opening = getattr(value, "open", None)
    answers: list[bool | None] = [] if opening is None else [None]
    for element in value:
        if isinstance(element, Unknown):
            answers.append(_unknown(test, element))
        else:
            answers.append(test.absent if element is None else test.scalar(element))
    if not answers:
        return test.absent
    return every(answers) if positive else some(answers)


def _has(condition: Condition, value: Any, resource: Resource, estate: Estate) -> bool | None:
    if not isinstance(value, list):
        return condition.holds(value, resource, estate)
    answers: list[bool | None] = [] if getattr(value, "open", None) is None else [None]
    for element in value:
        answers.append(None if isinstance(element, Unknown) else condition.holds(element, resource, estate))
    return some(answers)


def listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]
