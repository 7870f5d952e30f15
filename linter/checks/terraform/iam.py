"""Checks of what IAM policies let their holders do, wildcards and all.

Encodes the grammar of the IAM JSON policy language: an action is `service:Name`, letters in either case, with `*` and
`?` for any text and any letter; a statement with NotAction allows every other action.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from linter.checks import Verdict
from linter.conditions.paths import within
from linter.conditions.policy_uses import roles
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown, handle

KIND = "terraform/policy_statement"
_ESCALATING: tuple[tuple[str, ...], ...] = (
    ("iam:createpolicyversion",),
    ("iam:setdefaultpolicyversion",),
    ("iam:createaccesskey",),
    ("iam:createloginprofile",),
    ("iam:updateloginprofile",),
    ("iam:attachuserpolicy",),
    ("iam:attachgrouppolicy",),
    ("iam:attachrolepolicy", "sts:assumerole"),
    ("iam:putuserpolicy",),
    ("iam:putgrouppolicy",),
    ("iam:putrolepolicy", "sts:assumerole"),
    ("iam:addusertogroup",),
    ("iam:updateassumerolepolicy", "sts:assumerole"),
    ("iam:passrole", "ec2:runinstances"),
    ("iam:passrole", "lambda:createfunction", "lambda:invokefunction"),
    ("iam:passrole", "lambda:createfunction", "lambda:createeventsourcemapping"),
    ("lambda:updatefunctioncode",),
    ("iam:passrole", "glue:createdevendpoint"),
    ("glue:updatedevendpoint",),
    ("iam:passrole", "cloudformation:createstack"),
    ("iam:passrole", "datapipeline:createpipeline", "datapipeline:putpipelinedefinition"),
    ("iam:passrole", "codestar:createproject"),
    ("codestar:createprojectfromtemplate",),
    ("iam:passrole", "sagemaker:createnotebookinstance", "sagemaker:createpresignednotebookinstanceurl"),
    ("sagemaker:createpresignednotebookinstanceurl",),
)
"""Sets of actions with which an identity gives itself the rights of another, or any."""

_ESCALATES = tuple(dict.fromkeys(action for way in _ESCALATING for action in way))


def iam_grants(
    estate: Estate, *, actions: Sequence[str], harmless: Sequence[str] = (), at: str = "actions", say: str
) -> Iterator[Verdict]:
    """No identity policy allows one of `actions` on every resource without a condition.

    actions: patterns; harmless: patterns of actions that cannot be limited to a resource. at: what is pointed at, `actions` or
    `resources`. say: what the holder may do, after the action's name.
    """
    wanted = tuple(action.lower() for action in actions)
    spared = tuple(action.lower() for action in harmless)
    for statement in estate.of_kind(KIND):
        state = _allows(statement, estate)
        if state is None:
            continue
        if state is False:
            yield Verdict(statement, PASS, "Its actions are limited to resources.", statement.anchor)
            continue
        span, action, unknown = _granted(statement, wanted, spared)
        if span is not None and state is True:
            span = _star(statement) or span if at == "resources" else span
            yield Verdict(statement, FAIL, f"A statement of {statement.name} allows {action}: {say}.", span)
            continue
        doubt = unknown if span is None else state
        if isinstance(doubt, Unknown):
            message = f"{doubt.subject} is unknown, and with it what the statement allows."
            yield Verdict(statement, UNKNOWN, message, span or statement.anchor, "", (), (doubt,))
        else:
            yield Verdict(statement, PASS, "It allows none of these actions.", statement.anchor)


def _allows(statement: Resource, estate: Estate) -> bool | Unknown | None:
    """Whether a statement allows on every resource without a condition; None where it is no identity's Allow."""
    effect = statement.body.get("effect")
    if isinstance(effect, str) and effect.lower() == "deny":
        return None
    if "identity" not in roles(statement, estate):
        return None
    doubt = effect if isinstance(effect, Unknown) else statement.body.open
    conditions = statement.body.get("conditions")
    if isinstance(conditions, Seq) and (len(conditions) or conditions.open is not None):
        return False
    everything = _everything(statement.body)
    if everything is True and doubt is not None:
        return doubt
    return everything if everything is not None or doubt is None else doubt


def _everything(body: Any) -> bool | Unknown | None:
    """Whether the resources are all there are."""
    if "not_resources" in body:
        return True
    resources = body.get("resources")
    if isinstance(resources, Unknown):
        return resources
    if not isinstance(resources, Seq):
        return None if body.open is not None else False
    if any(isinstance(name, str) and name == "*" for name in resources):
        return True
    doubt = next((name for name in resources if isinstance(name, Unknown) and not name.prefix), resources.open)
    # What only the run tells is the name of something; "*" stands in configurations.
    return False if doubt is None or doubt.cause == "run-time" else doubt


def _star(statement: Resource) -> Span | None:
    """The place of the `*` among the resources."""
    resources = statement.body.get("resources")
    for name, entry in zip(resources, resources.at, strict=True) if isinstance(resources, Seq) else ():
        if isinstance(name, str) and name == "*":
            span = handle(name, entry)
            return span if within(statement, span) else handle(resources, statement.body.at["resources"])
    return None


def _granted(
    statement: Resource, wanted: tuple[str, ...], spared: tuple[str, ...]
) -> tuple[Span | None, str, Unknown | None]:
    """The place and name of the first action that covers a wanted one; else why that is not known."""
    body = statement.body
    if "not_actions" in body:
        return _left(body, wanted)
    actions = body.get("actions")
    if not isinstance(actions, Seq):
        return None, "", actions if isinstance(actions, Unknown) else body.open
    doubt = actions.open
    for action, entry in zip(actions, actions.at, strict=True):
        if isinstance(action, Unknown):
            doubt = action
        elif isinstance(action, str):
            low = action.lower()
            if not any(_covers(pattern, low) for pattern in spared) and any(_meets(low, each) for each in wanted):
                span = handle(action, entry)
                return span if within(statement, span) else handle(actions, body.at["actions"]), action, None
    return None, "", doubt


def _left(body: Map, wanted: tuple[str, ...]) -> tuple[Span | None, str, Unknown | None]:
    """What a NotAction leaves of the wanted actions."""
    source, start, end, _, _ = body.at["not_actions"]
    named = body["not_actions"]
    if not isinstance(named, Seq):
        return None, "", named if isinstance(named, Unknown) else None
    doubt = next((name for name in named if isinstance(name, Unknown)), named.open)
    texts = [name.lower() for name in named if isinstance(name, str)]
    left = [
        each for each in wanted if not any((_meets(name, each) and "*" not in each) or name == each for name in texts)
    ]
    if left and doubt is None and "*" not in texts:
        return (source, start, end), "all actions but a few", None
    return None, "", doubt if left else None


def iam_escalates(estate: Estate) -> Iterator[Verdict]:
    """No identity policy allows a set of actions by which its holder raises its own rights, on every resource."""
    policies: dict[int, list[Resource]] = {}
    for statement in estate.of_kind(KIND):
        policies.setdefault(id(statement.owner), []).append(statement)
    for statements in policies.values():
        free: list[Resource] = []
        for statement in statements:
            state = _allows(statement, estate)
            if state is True:
                free.append(statement)
            elif isinstance(state, Unknown) and _bears(_granted(statement, _ESCALATES, ())):
                message = f"{state.subject} is unknown, and with it what the statement allows."
                yield Verdict(statement, UNKNOWN, message, statement.anchor, "", (), (state,))
            elif isinstance(state, Unknown):
                yield Verdict(statement, PASS, "It allows no such action.", statement.anchor)
            elif state is False:
                yield Verdict(statement, PASS, "Its actions are limited to resources.", statement.anchor)
        yield from _escalating(free)


def _bears(granted: tuple[Span | None, str, Unknown | None]) -> bool:
    span, _, doubt = granted
    return span is not None or doubt is not None


def _escalating(statements: list[Resource]) -> Iterator[Verdict]:
    """Statements of one policy that hold for every resource."""
    for way in _ESCALATING:
        found = [[(each, *_granted(each, (action,), ())) for each in statements] for action in way]
        hits = [next((hit for hit in row if hit[1] is not None), None) for row in found]
        if hits and all(hit is not None for hit in hits):
            statement, span, action, _ = hits[0] or (None, None, "", None)
            if statement is not None and span is not None:
                others = [hit[2] for hit in hits[1:] if hit is not None and hit[2] != action]
                with_ = f" with {' and '.join(dict.fromkeys(others))}" if others else ""
                message = (
                    f"A statement of {statement.name} allows {action}{with_}: its holder may raise its own rights."
                )
                yield Verdict(statement, FAIL, message, span)
                return
    for statement in statements:
        doubt = _granted(statement, ("iam:*",), ())[2]
        if doubt is None:
            yield Verdict(statement, PASS, "It allows no such set of actions.", statement.anchor)
        else:
            message = f"{doubt.subject} is unknown, and with it what the statement allows."
            yield Verdict(statement, UNKNOWN, message, statement.anchor, "", (), (doubt,))


def github_subject_bound(estate: Estate) -> Iterator[Verdict]:
    """A trust in GitHub's OIDC provider names the owner and the repository in a condition on the subject.

    A provider whose address only the run tells is GitHub's where a condition speaks of GitHub's tokens.
    """
    for statement in estate.of_kind(KIND):
        effect = statement.body.get("effect")
        if (isinstance(effect, str) and effect.lower() == "deny") or "trust" not in roles(statement, estate):
            continue
        conditions = statement.body.get("conditions")
        listed = [each for each in conditions if isinstance(each, Map)] if isinstance(conditions, Seq) else []
        subjects = [each for each in listed if _says(each.get("variable"), _GITHUB + ":sub")]
        identifiers = _identifiers(statement.body.get("principals"))
        if not any(_says(each.get("variable"), _GITHUB) for each in listed) and not any(
            _says(name, _GITHUB) for name in identifiers
        ):
            continue
        doubt = next((each["values"] for each in subjects if isinstance(each.get("values"), Unknown)), None)
        values = [each for each in subjects if isinstance(each.get("values"), Seq)]
        loose = [(each["values"], n) for each in values for n, text in enumerate(each["values"]) if _loose(text)]
        if loose:
            where, number = loose[0]
            message = f"The subject {where[number]} in the trust of {statement.name} covers repositories of strangers."
            span = handle(where[number], where.at[number])
            yield Verdict(statement, FAIL, message, span if within(statement, span) else statement.anchor)
        elif subjects and doubt is None:
            yield Verdict(statement, PASS, "Its subject is bound.", statement.anchor)
        elif doubt is not None:
            message = f"{doubt.subject} is unknown, and with it whose jobs may assume {statement.name}."
            yield Verdict(statement, UNKNOWN, message, statement.anchor, "", (), (doubt,))
        else:
            message = f"Any repository of the provider may assume {statement.name}: no condition names a subject."
            yield Verdict(statement, FAIL, message, statement.anchor)


_GITHUB = "token.actions.githubusercontent.com"


def _says(value: Any, text: str) -> bool:
    return isinstance(value, str) and text in value.lower()


def _loose(subject: Any) -> bool:
    """Whether a subject leaves its owner or its repository open (`*`, `repo:*`, `repo:owner*`, `environment:x`)."""
    if not isinstance(subject, str):
        return False
    kind, _, rest = subject.partition(":")
    repository = rest.partition(":")[0]
    return kind != "repo" or "/" not in repository or "*" in repository.partition("/")[0]


def _identifiers(principals: Any) -> list[Any]:
    return [
        name
        for principal in (principals if isinstance(principals, Seq) else ())
        if isinstance(principal, Map) and isinstance(principal.get("identifiers"), Seq)
        for name in principal["identifiers"]
    ]


def _covers(pattern: str, action: str) -> bool:
    """Whether all that `action` stands for is covered by `pattern`, which has its own wildcards only at its end."""
    head = pattern.removesuffix("*")
    return action.startswith(head) if pattern.endswith("*") else action == pattern


@lru_cache(8192)
def _meets(one: str, other: str) -> bool:
    """Whether two patterns have a text in common (both with `*` and `?`), in steps of their lengths' product."""
    if "*" not in one and "?" not in one and "*" not in other and "?" not in other:
        return one == other
    if "*" in (one, other):
        return True
    if not _heads_agree(one, other):
        return False
    row = [True] + [False] * len(other)
    for column, char in enumerate(other, 1):
        row[column] = char == "*" and row[column - 1]
    for mine in one[:200]:
        above, row = row, [row[0] and mine == "*"] + [False] * len(other)
        for column, char in enumerate(other, 1):
            if mine == "*" or char == "*":
                row[column] = above[column] or row[column - 1]
            else:
                row[column] = above[column - 1] and (mine == char or "?" in (mine, char))
    return row[-1]


def _heads_agree(one: str, other: str) -> bool:
    """Whether what two patterns begin with, up to a wildcard of either, is the same: nearly always it is not."""
    for mine, theirs in zip(one, other, strict=False):
        if mine in "*?" or theirs in "*?":
            return True
        if mine != theirs:
            return False
    return True
