"""Conditions compiled to closures, twice: `holds` answers fast, `locate` finds the place that explains the answer.

Kleene's three-valued logic: True, False, None (unknown). `positive` is the polarity: in `require` and `where` every
element must pass and what is absent fails; in `forbid` and under `not` one element is enough and what is absent does
not match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.conditions import operators
from linter.conditions.answers import Condition, Locate, Test, decide, listed
from linter.conditions.links import candidates
from linter.conditions.operators import OperatorError, every, some
from linter.conditions.paths import ABSENT, STAR, Leaf, PathError, base, leaves, segments, spread, straight, values
from linter.model import Estate, Resource, Unknown


class ConditionError(ValueError):
    """A condition of a rule that cannot be compiled: the message says which part and what is allowed."""


def compile_condition(spec: Any, positive: bool = True) -> Condition:
    """A condition of a rule file as a Condition. Raises ConditionError for unknown words and bad arguments."""
    if not isinstance(spec, dict) or not spec:
        raise ConditionError(f"a condition is a mapping of paths to tests, not {spec!r}")
    try:
        parts = [_part(key, value, positive) for key, value in spec.items()]
    except (OperatorError, PathError) as error:
        raise ConditionError(str(error)) from error
    return parts[0] if len(parts) == 1 else _all(parts)


def _part(key: Any, value: Any, positive: bool) -> Condition:
    if key in ("any", "all"):
        if not isinstance(value, list) or not value:
            raise ConditionError(f"{key} takes a list of conditions")
        parts = [compile_condition(item, positive) for item in value]
        return _any(parts) if key == "any" else _all(parts)
    if key == "not":
        return _not(compile_condition(value, not positive))
    if key == "linked":
        return _linked(value, positive)
    if not isinstance(key, str):
        raise ConditionError(f"a path is text, not {key!r}")
    if value.__class__ in _PLAIN:
        path = segments(key)
        if path and STAR not in path and not path[0].startswith("$"):
            late = _Late(key, value, positive)
            return Condition(straight(path, operators.equals(value), None, False, late.holds), late.locate)
    return _path(key, _test(key, value, positive), positive)


_PLAIN = frozenset((str, bool, int, float))


class _Late:
    """What `path: value` needs only where the value is not simply there, which is never asked of most rules."""

    __slots__ = ("key", "made", "positive", "wanted")

    def __init__(self, key: str, wanted: Any, positive: bool) -> None:
        self.key = key
        self.wanted = wanted
        self.positive = positive
        self.made: Condition | None = None

    def whole(self) -> Condition:
        if self.made is None:
            self.made = _path(self.key, _test(self.key, self.wanted, self.positive), self.positive)
        return self.made

    def holds(self, value: Any, resource: Resource, estate: Estate) -> bool | None:
        return self.whole().holds(value, resource, estate)

    def locate(self, at: Leaf, resource: Resource, estate: Estate, answer: bool | None) -> Leaf:
        return self.whole().locate(at, resource, estate, answer)


def _all(parts: list[Condition]) -> Condition:
    def holds(value: Any, resource: Resource, estate: Estate) -> bool | None:
        unsure = False
        for part in parts:
            answer = part.holds(value, resource, estate)
            if answer is False:
                return False
            unsure = unsure or answer is None
        return None if unsure else True

    return Condition(holds, _locate_first(parts))


def _any(parts: list[Condition]) -> Condition:
    def holds(value: Any, resource: Resource, estate: Estate) -> bool | None:
        unsure = False
        for part in parts:
            answer = part.holds(value, resource, estate)
            if answer:
                return True
            unsure = unsure or answer is None
        return None if unsure else False

    return Condition(holds, _locate_first(parts))


def _locate_first(parts: list[Condition]) -> Locate:
    def locate(at: Leaf, resource: Resource, estate: Estate, answer: bool | None) -> Leaf:
        first = None
        for part in parts:
            if part.holds(at.value, resource, estate) is answer:
                leaf = part.locate(at, resource, estate, answer)
                if leaf.value is not ABSENT:
                    return leaf
                first = first or leaf
        return first or at

    return locate


def _not(part: Condition) -> Condition:
    def holds(value: Any, resource: Resource, estate: Estate) -> bool | None:
        answer = part.holds(value, resource, estate)
        return None if answer is None else not answer

    def locate(at: Leaf, resource: Resource, estate: Estate, answer: bool | None) -> Leaf:
        return part.locate(at, resource, estate, None if answer is None else not answer)

    return Condition(holds, locate)


def _path(key: str, test: Test, positive: bool) -> Condition:
    path = segments(key)
    context = path[0] if path and path[0].startswith("$") else ""
    rest = path[1:] if context else path
    combine = every if positive else some

    def found(value: Any, resource: Resource, estate: Estate) -> list[Any]:
        return values(base(resource, estate, context) if context else value, rest)

    def holds(value: Any, resource: Resource, estate: Estate) -> bool | None:
        answers = [decide(test, item, resource, estate, positive) for item in found(value, resource, estate)]
        return answers[0] if len(answers) == 1 else combine(answers)

    def locate(at: Leaf, resource: Resource, estate: Estate, answer: bool | None) -> Leaf:
        start = at._replace(value=base(resource, estate, context), path=context[1:]) if context else at
        for leaf in _scalars(leaves(start.value, rest, start, resource), test, resource):
            if decide(test, leaf.value, resource, estate, positive) is answer:
                if test.has is not None:
                    return _locate_has(test.has, leaf, resource, estate, answer)
                return leaf
        return at

    # `present: true` beside another operator says nothing more of a value that is there.
    present = None if test.present and (test.scalar or test.whole) else test.present
    asked = [operator for operator in (test.scalar, test.whole, _constant(present)) if operator is not None]
    if context in _COMPUTED or test.has is not None or len(asked) != 1:
        return Condition(holds, locate)
    missing = test.absent if present is None else not present
    each = combine if test.scalar else None
    if not context:
        return Condition(straight(rest, asked[0], None if test.scalar else asked[0], missing, holds, each), locate)

    def below(value: Any, resource: Resource, estate: Estate) -> bool | None:
        return holds(None, resource, estate)

    quick = straight(rest, asked[0], None if test.scalar else asked[0], missing, below, each)
    name = context[1:]
    return Condition(lambda _, resource, estate: quick(resource.context.get(name), resource, estate), locate)


_COMPUTED = frozenset(("$environment", "$resource"))
"""What stands for no context of the resource; see paths.base."""


def _constant(answer: bool | None) -> Callable[[Any], bool | None] | None:
    return None if answer is None else lambda _: answer


def _scalars(found: Iterator[Leaf], test: Test, resource: Resource) -> Iterator[Leaf]:
    for leaf in found:
        if isinstance(leaf.value, list) and test.scalar is not None and test.whole is None and leaf.value:
            yield from spread(leaf.value, (), leaf, resource, 0)
        elif isinstance(leaf.value, list) and test.whole is not None and leaf.value:
            inner = [item for item in spread(leaf.value, (), leaf, resource, 0) if _offends(test, item.value)]
            yield leaf if len(inner) != 1 else inner[0]._replace(value=leaf.value)
        else:
            yield leaf


def _offends(test: Test, value: Any) -> bool:
    """Whether one element alone explains the answer of an operator on the whole list."""
    if isinstance(value, (Unknown, list, dict)) or value is ABSENT:
        return False
    return any(operators.equal(item, value) for wanted in test.wanted for item in listed(wanted))


def _locate_has(condition: Condition, leaf: Leaf, resource: Resource, estate: Estate, answer: bool | None) -> Leaf:
    if not isinstance(leaf.value, list):
        return condition.locate(leaf, resource, estate, answer) if isinstance(leaf.value, dict) else leaf
    elements = [item for item in spread(leaf.value, (), leaf, resource, 0) if item.value is not ABSENT]
    if answer is False and len(elements) != 1:
        return leaf
    for element in elements:
        if isinstance(element.value, Unknown):
            if answer is None:
                return element
        elif condition.holds(element.value, resource, estate) is answer:
            return condition.locate(element, resource, estate, answer)
    return leaf


def _test(path: str, spec: Any, positive: bool) -> Test:
    if not isinstance(spec, dict):
        if isinstance(spec, list):
            return Test(None, lambda got: operators.equal(spec, got), None, False, (), None)
        return Test(operators.equals(spec), None, None, False, (spec,), None)
    scalars: list[Callable[[Any], bool | None]] = []
    wholes: list[Callable[[Any], bool | None]] = []
    wanted: list[Any] = []
    refuses = "none_of" in spec and set(spec) <= {"none_of", "absent"}
    for word, argument in spec.items():
        if word in operators.SCALAR:
            scalars.append(operators.SCALAR[word](argument))
            if word in ("equals", "one_of", "cidr") or refuses:
                wanted.append(argument)
        elif word in operators.WHOLE:
            wholes.append(operators.WHOLE[word](argument))
            if word in ("contains", "contains_any"):
                wanted.append(argument)
        elif word not in ("present", "absent", "has"):
            known = ", ".join(sorted((*operators.SCALAR, *operators.WHOLE, "present", "absent", "has")))
            raise ConditionError(f"unknown operator {word!r} at {path}; the operators are {known}")
    absent = spec.get("absent")
    if absent not in (None, "pass", "fail"):
        raise ConditionError(f"absent at {path} takes pass or fail")
    present = spec.get("present")
    if present not in (None, True, False):
        raise ConditionError(f"present at {path} takes true or false")
    has = compile_condition(spec["has"], positive) if "has" in spec else None
    return Test(
        _both(scalars),
        _both(wholes),
        present,
        absent is not None and (absent == "pass") is positive,
        tuple(wanted),
        has,
        bool(spec["empty"]) if "empty" in spec and set(spec) <= {"empty", "absent"} else None,
        refuses,
    )


def _both(tests: list[Callable[[Any], bool | None]]) -> Callable[[Any], bool | None] | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda got: every([test(got) for test in tests])


def _linked(spec: Any, positive: bool) -> Condition:
    if not isinstance(spec, dict) or "kind" not in spec or ("by" in spec) == ("via" in spec):
        raise ConditionError("linked takes kind, either by or via, and optionally where and require")
    if set(spec) - {"kind", "by", "via", "where", "require"}:
        raise ConditionError(
            f"linked does not take {', '.join(sorted(set(spec) - {'kind', 'by', 'via', 'where', 'require'}))}"
        )
    kinds = tuple(spec["kind"]) if isinstance(spec["kind"], list) else (spec["kind"],)
    incoming = "by" in spec
    relation = str(spec["by"] if incoming else spec["via"])
    where = compile_condition(spec["where"]) if "where" in spec else None
    require = compile_condition(spec["require"], positive) if "require" in spec else None

    def joined(resource: Resource, estate: Estate) -> tuple[list[Resource], Unknown | None]:
        others, unresolved = candidates(estate, resource, kinds, relation, incoming)
        if where is not None:
            others = [other for other in others if where.holds(other.body, other, estate) is not False]
        return others, unresolved

    def holds(value: Any, resource: Resource, estate: Estate) -> bool | None:
        others, unresolved = joined(resource, estate)
        answers: list[bool | None] = [
            True if require is None else require.holds(other.body, other, estate) for other in others
        ]
        if unresolved is not None:
            answers.append(None)
        return some(answers)

    def locate(at: Leaf, resource: Resource, estate: Estate, answer: bool | None) -> Leaf:
        others, unresolved = joined(resource, estate)
        if answer is None and unresolved is not None:
            return at._replace(value=unresolved, path=relation)
        matching = [o for o in others if require is None or require.holds(o.body, o, estate) is answer]
        if not matching or (answer is False and len(others) != 1):
            return at._replace(value=ABSENT, path="")
        start = Leaf(matching[0].body, matching[0].anchor, "")
        return require.locate(start, matching[0], estate, answer) if require is not None else start

    return Condition(holds, locate)
