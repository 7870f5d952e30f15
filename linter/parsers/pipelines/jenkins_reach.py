"""Whether an event starts a Jenkins pipeline and reaches its stages: triggers, `when`, and `if` in three-valued logic.

Encodes https://www.jenkins.io/doc/book/pipeline/syntax/#when and …/multibranch/#additional-environment-variables. A file
that uses what only multibranch projects give runs for every branch and every proposed change; of any other file the
project's own configuration, which no repository holds, says what starts it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from linter.model import Resource
from linter.parsers.pipelines.events import Event
from linter.parsers.pipelines.jenkins_parts import Guard
from linter.parsers.pipelines.jenkins_values import argument, block_of
from linter.syntax.groovy_tree import Node, called, dotted


class _Undecided:
    __slots__ = ()

    def __repr__(self) -> str:
        return "<undecided>"


UNDECIDED: Final = _Undecided()
Facts = Mapping[str, Any]
_MAX_DEPTH = 60


def facts_of(event: Event) -> Facts:
    """The variables that a multibranch project sets for an event; None for those it leaves out."""
    unset = {"CHANGE_ID": None, "CHANGE_TARGET": None, "CHANGE_BRANCH": None, "CHANGE_TITLE": None, "CHANGE_AUTHOR": None,
             "CHANGE_FORK": None, "CHANGE_URL": None, "TAG_NAME": None}  # fmt: skip
    if event.cause == "review":
        return {
            "BRANCH_NAME": "PR-1", "GIT_BRANCH": "PR-1", "CHANGE_ID": "1", "CHANGE_BRANCH": event.ref, "TAG_NAME": None,
        }  # fmt: skip
    if event.cause == "push":
        tag = {"TAG_NAME": event.ref} if event.tag else {}
        return {**unset, "BRANCH_NAME": event.ref, "GIT_BRANCH": event.ref, **tag}
    return {}


def starts(pipeline: Resource, event: Event) -> bool | None:
    """Whether an event starts a pipeline."""
    triggers = [each for each in pipeline.body.get("triggers", ()) if each["cause"] == event.cause]
    if not triggers:
        return False
    if event.cause in ("push", "review"):
        if event.tag:
            return None
        return True if pipeline.body.get("branched") else None
    return True


def runs(part: Resource, event: Event) -> bool | None:
    """Whether the conditions a job or a step stands under hold."""
    facts = facts_of(event)
    answer: bool | None = True
    for guard in part.context.get("guards", ()):
        held = _guard(guard, facts)
        if held is False:
            return False
        answer = None if held is None else answer
    return answer


def overrides(part: Resource) -> bool:
    """A stage that is skipped keeps none behind it from running."""
    return True


def _guard(guard: Guard, facts: Facts) -> bool | None:
    if guard.kind == "case":
        return None
    if guard.kind == "when":
        return _all(guard.node, facts, 0)
    held = _truth(_value(guard.node, facts, 0))
    return held if held is None or not guard.negated else not held


def _all(block: Node, facts: Facts, depth: int) -> bool | None:
    return _and([_condition(node, facts, depth) for node in block[4] if not _is_option(node)])


def _and(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _or(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _is_option(node: Node) -> bool:
    return called(node) in ("beforeAgent", "beforeInput", "beforeOptions")


def _condition(node: Node, facts: Facts, depth: int) -> bool | None:
    """One condition of `when`."""
    if node[0] == "name":
        node = ("call", node[1], node[2], node, ())
    name = called(node)
    block = block_of(node)
    if depth > _MAX_DEPTH:
        return None
    if name in ("allOf", "anyOf", "not") and block is not None:
        answers = [_condition(each, facts, depth + 1) for each in block[4]]
        return _not(_and(answers)) if name == "not" else _and(answers) if name == "allOf" else _or(answers)
    if name == "expression" and block is not None:
        return _truth(_last(block[4], facts, depth + 1))
    reader = _CONDITIONS.get(name)
    return reader(node, facts) if reader is not None else None


def _last(statements: tuple[Node, ...], facts: Facts, depth: int) -> Any:
    if len(statements) != 1:
        return UNDECIDED
    node = statements[0]
    if node[0] == "word":
        return _value(node[4], facts, depth) if node[3] == "return" and node[4] is not None else UNDECIDED
    return _value(node, facts, depth)


def _branch(node: Node, facts: Facts) -> bool | None:
    pattern = argument(node, "pattern", 0)
    name = facts.get("BRANCH_NAME", UNDECIDED)
    if pattern is None or name is UNDECIDED or pattern[0] != "lit":
        return None
    comparator = argument(node, "comparator")
    return _matches(
        str(name), str(pattern[3]), str(comparator[3]) if comparator is not None and comparator[0] == "lit" else "GLOB"
    )


def _tag(node: Node, facts: Facts) -> bool | None:
    name = facts.get("TAG_NAME", UNDECIDED)
    pattern = argument(node, "pattern", 0)
    if name is UNDECIDED:
        return None
    if name is None:
        return False
    if pattern is None or pattern[0] != "lit":
        return None
    comparator = argument(node, "comparator")
    return _matches(
        str(name), str(pattern[3]), str(comparator[3]) if comparator is not None and comparator[0] == "lit" else "GLOB"
    )


def _matches(name: str, pattern: str, comparator: str) -> bool | None:
    """Ant's patterns, whose `*` does not cross a slash and whose `**` does; EQUALS; REGEXP."""
    if comparator == "EQUALS":
        return name == pattern
    if comparator == "REGEXP":
        return _full_match(pattern, name)
    if len(pattern) > 200 or pattern.count("*") > 20:
        return None
    if "**" in pattern:
        return fnmatchcase(name, pattern.replace("**", "*"))
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)


def _full_match(pattern: str, text: str, whole: bool = True) -> bool | None:
    """A regular expression, where it is one that both Java and Python read alike and that cannot run away."""
    if len(pattern) > 200 or any(part in pattern for part in ("(?", "+)+", "*)*", "+)*", "*)+", "\\p", "++", "*+")):
        return None
    try:
        found = re.fullmatch(pattern, text) if whole else re.search(pattern, text)
    except re.error:
        return None
    return found is not None


def _change_request(node: Node, facts: Facts) -> bool | None:
    id = facts.get("CHANGE_ID", UNDECIDED)
    if id is UNDECIDED:
        return None
    return False if id is None else None if node[4] else True


def _building_tag(_: Node, facts: Facts) -> bool | None:
    name = facts.get("TAG_NAME", UNDECIDED)
    return None if name is UNDECIDED else name is not None


def _environment(node: Node, facts: Facts) -> bool | None:
    name, value = argument(node, "name", 0), argument(node, "value", 1)
    if name is None or value is None or name[0] != "lit" or value[0] != "lit":
        return None
    found = facts.get(str(name[3]), UNDECIDED)
    return None if found is UNDECIDED else found == value[3]


def _equals(node: Node, facts: Facts) -> bool | None:
    actual, expected = argument(node, "actual"), argument(node, "expected")
    if actual is None or expected is None:
        return None
    values = _value(actual, facts, 0), _value(expected, facts, 0)
    return None if UNDECIDED in values else values[0] == values[1]


_CONDITIONS = {
    "branch": _branch, "tag": _tag, "changeRequest": _change_request, "buildingTag": _building_tag,
    "environment": _environment, "equals": _equals,
}  # fmt: skip


def _truth(value: Any) -> bool | None:
    return None if value is UNDECIDED else bool(value)


def _value(node: Node, facts: Facts, depth: int) -> Any:
    """What an expression gives, UNDECIDED where the facts do not tell."""
    if depth > _MAX_DEPTH:
        return UNDECIDED
    op = node[0]
    if op == "lit":
        return node[3]
    if op in ("name", "prop", "index"):
        return _variable(node, facts)
    if op == "unary" and node[3] == "!":
        held = _truth(_value(node[4], facts, depth + 1))
        return UNDECIDED if held is None else not held
    if op == "chain":
        return _chain(node, facts, depth + 1)
    if op == "call":
        return _call(node, facts, depth + 1)
    if op == "gstring" and len(node[3]) == 1 and node[3][0][0] == "hole":
        return _value(node[3][0][3], facts, depth + 1)
    if op == "list":
        items = [_value(arg[4], facts, depth + 1) for arg in node[3]]
        return UNDECIDED if UNDECIDED in items else items
    return UNDECIDED


def _variable(node: Node, facts: Facts) -> Any:
    name = dotted(node)
    if node[0] == "index" and dotted(node[3]) == "env" and len(node[4]) == 1 and node[4][0][4][0] == "lit":
        name = str(node[4][0][4][3])
    return facts.get(name.removeprefix("env."), UNDECIDED)


def _chain(node: Node, facts: Facts, depth: int) -> Any:
    operands, operators = node[3], node[4]
    if operators[0] in ("&&", "||"):
        answers = [_truth(_value(each, facts, depth)) for each in operands]
        found = _and(answers) if operators[0] == "&&" else _or(answers)
        return UNDECIDED if found is None else found
    if len(operands) != 2:
        return UNDECIDED
    left, right = (_value(each, facts, depth) for each in operands)
    if left is UNDECIDED or right is UNDECIDED:
        return UNDECIDED
    if operators[0] in ("==", "!="):
        same = left == right or (dotted(operands[0]).endswith("GIT_BRANCH") and f"origin/{left}" == right)
        return same is (operators[0] == "==")
    if operators[0] == "in" and isinstance(right, list):
        return left in right
    if operators[0] in ("=~", "==~") and isinstance(right, str) and isinstance(left, (str, type(None))):
        found = _full_match(right, left, operators[0] == "==~") if left is not None else False
        return UNDECIDED if found is None else found
    return UNDECIDED


def _call(node: Node, facts: Facts, depth: int) -> Any:
    callee = node[3]
    if callee[0] != "prop" or not isinstance(callee[4], str) or len(node[4]) != 1:
        return UNDECIDED
    subject, given = _value(callee[3], facts, depth), _value(node[4][0][4], facts, depth)
    name = callee[4]
    if name == "contains" and isinstance(subject, list) and given is not UNDECIDED:
        return given in subject
    if not isinstance(subject, str) or not isinstance(given, str):
        return UNDECIDED
    if name in ("startsWith", "endsWith", "contains", "equals", "equalsIgnoreCase"):
        return {
            "startsWith": subject.startswith(given), "endsWith": subject.endswith(given), "contains": given in subject,
            "equals": subject == given, "equalsIgnoreCase": subject.lower() == given.lower(),
        }[name]  # fmt: skip
    if name == "matches":
        found = _full_match(given, subject)
        return UNDECIDED if found is None else found
    return UNDECIDED
