"""`rules`, `only` and `except`: whether they let a job, an include or a whole pipeline in, in three-valued logic.

Encodes https://docs.gitlab.com/ci/yaml/#rules (the first rule all of whose clauses hold decides) and
https://docs.gitlab.com/ci/yaml/deprecated_keywords/#only--except.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.pipelines.gitlab_conditions import UNDECIDED, Facts, holds, searched

MAX_RULES = 1000
_NESTED = 10

Exists = Callable[[Any], bool | None]


def each_rule(value: Any) -> Iterator[tuple[Map, Entry]]:
    """The rules of a list, those of the lists in it too, in order, at most MAX_RULES."""
    left = MAX_RULES
    stack: list[tuple[Any, Entry | None, int]] = [(value, None, 0)]
    while stack and left:
        item, entry, depth = stack.pop()
        if isinstance(item, Seq) and depth <= _NESTED:
            pairs = list(zip(item, item.at, strict=True))[:MAX_RULES]
            stack.extend((inner, at, depth + 1) for inner, at in reversed(pairs))
        elif isinstance(item, Map) and entry is not None:
            left -= 1
            yield item, entry


def is_open(value: Any) -> bool:
    """Whether rules hold some that are not known here."""
    if isinstance(value, Unknown):
        return True
    return isinstance(value, Seq) and any(isinstance(item, Unknown) for item in value)


def outcomes(value: Any, facts: Facts, exists: Exists) -> Iterator[tuple[Map | None, bool]]:
    """Every rule that may decide, and whether it does for certain; None for no rule matching, if it comes to that.

    `changes` hold or not as the change has it: undecided.
    """
    if is_open(value):
        yield None, False
    for rule, _ in each_rule(value):
        answer = _applies(rule, facts, exists)
        if answer is not False:
            yield rule, answer is True
        if answer is True:
            return
    yield None, True


def _applies(rule: Map, facts: Facts, exists: Exists) -> bool | None:
    if rule.open is not None:
        return None
    answers: list[bool | None] = []
    if rule.get("if") is not None:
        answers.append(holds(rule["if"], facts))
    if rule.get("exists") is not None:
        answers.append(exists(rule["exists"]))
    if rule.get("changes") is not None:
        answers.append(None)
    if False in answers:
        return False
    return None if None in answers else True


def matched(value: Any, facts: Facts, exists: Exists, when: Any = None) -> bool | None:
    """Whether rules let something in. when: what holds where a rule has no `when` of its own."""
    found = set[bool]()
    for rule, _ in outcomes(value, facts, exists):
        word = rule.get("when", when) if rule is not None else "never"
        found.update((True, False) if isinstance(word, Unknown) else (word != "never",))
    if is_open(value):
        return None
    return found.pop() if len(found) == 1 else None


# Keywords of `only` and `except` → the sources of pipelines they stand for.
_SOURCES = {
    "api": "api", "chat": "chat", "external": "external", "external_pull_requests": "external_pull_request_event",
    "merge_requests": "merge_request_event", "pipelines": "pipeline", "pushes": "push", "schedules": "schedule",
    "triggers": "trigger", "web": "web",
}  # fmt: skip


def let_in(only: Any, excepted: Any, facts: Facts) -> bool | None:
    """Whether `only` and `except` let a job in; without `only` it is for branches and tags."""
    wanted = _policy(only, facts, True) if only is not None else _refs(("branches", "tags"), facts)
    if wanted is False or excepted is None:
        return wanted
    unwanted = _policy(excepted, facts, False)
    if unwanted is True:
        return False
    return None if unwanted is None or wanted is None else True


def _policy(value: Any, facts: Facts, every: bool) -> bool | None:
    """every: all clauses of a mapping must hold (`only`); else one is enough (`except`)."""
    if not isinstance(value, Map):
        return _refs(value if isinstance(value, (Seq, tuple)) else (value,), facts)
    answers: list[bool | None] = []
    refs = value.get("refs")
    if refs is not None or every:
        answers.append(_refs(refs if isinstance(refs, Seq) else ("branches", "tags"), facts))
    variables = value.get("variables")
    if variables is not None:
        texts = variables if isinstance(variables, Seq) else (variables,)
        answers.append(_any(holds(each, facts) for each in texts[:MAX_RULES]))
    if value.get("changes") is not None or value.get("kubernetes") is not None:
        answers.append(None)
    if every:
        return False if False in answers else None if None in answers else True
    return _any(answers)


def _refs(refs: Any, facts: Facts) -> bool | None:
    return _any(_ref(each, facts) for each in refs[:MAX_RULES])


def _any(answers: Any) -> bool | None:
    unsure = False
    for answer in answers:
        if answer is True:
            return True
        unsure = unsure or answer is None
    return None if unsure else False


def _ref(pattern: Any, facts: Facts) -> bool | None:
    if not isinstance(pattern, (str, int, float)):
        return None
    written, _, project = str(pattern).partition("@") if not str(pattern).startswith("/") else _split(str(pattern))
    source = facts.get("CI_PIPELINE_SOURCE", UNDECIDED)
    if written in ("branches", "tags"):
        name = facts.get("CI_COMMIT_BRANCH" if written == "branches" else "CI_COMMIT_TAG", UNDECIDED)
        answer = None if name is UNDECIDED else name is not None
    elif written in _SOURCES:
        answer = None if source is UNDECIDED else source == _SOURCES[written]
    else:
        answer = _names(written, facts)
    return None if project and answer else answer


def _split(pattern: str) -> tuple[str, str, str]:
    """`/pattern/i@group/project`: an `@` in the pattern itself is a part of it."""
    closed = pattern.rfind("/@")
    if closed < 0:
        return pattern, "", ""
    return pattern[: closed + 1], "@", pattern[closed + 2 :]


def _names(written: str, facts: Facts) -> bool | None:
    """Branches and tags by name; a pipeline for a merge request has neither."""
    if facts.get("CI_COMMIT_BRANCH", UNDECIDED) is None and facts.get("CI_COMMIT_TAG", UNDECIDED) is None:
        return False
    name = facts.get("CI_COMMIT_REF_NAME", UNDECIDED)
    if not isinstance(name, str):
        return None
    closed = written.rfind("/")
    if written.startswith("/") and closed > 0:
        found = searched(written[1:closed], written[closed + 1 :], name)
        return None if found is UNDECIDED else bool(found)
    return None if "$" in written else written == name
