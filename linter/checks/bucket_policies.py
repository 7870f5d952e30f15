"""Checks of whole bucket policies: what some statement of them must say.

Encodes "Bucket policies" of Amazon S3's documentation: a Deny for requests where aws:SecureTransport is false refuses
plaintext, and so does a policy that allows nothing without the condition that it is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.conditions.policy_uses import DOCUMENTS
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown

_POLICY = "terraform/aws_s3_bucket_policy"
_DEEPEST = 8


def plaintext_refused(estate: Estate) -> Iterator[Verdict]:
    """Every bucket policy refuses requests without TLS, in its own statements or in those of its documents."""
    statements: dict[int, list[Resource]] = {}
    for statement in estate.of_kind("terraform/policy_statement"):
        statements.setdefault(id(statement.owner), []).append(statement)
    for policy in estate.of_kind(_POLICY):
        span = _place(policy)
        mine = [each for holder in _holders(policy, estate) for each in statements.get(id(holder), ())]
        answers = [_secure(each.body) for each in mine]
        doubt = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        refusing = next((each for each, answer in zip(mine, answers, strict=True) if answer == "refuses"), None)
        if refusing is not None:
            yield Verdict(policy, PASS, "A statement refuses plaintext.", refusing.anchor)
        elif doubt is not None:
            message = f"{doubt.subject} is unknown, and with it whether the policy refuses plaintext."
            yield Verdict(policy, UNKNOWN, message, span, "", (), (doubt,))
        elif mine and all(answer in ("limited", "denies") for answer in answers) and "limited" in answers:
            yield Verdict(policy, PASS, "It allows nothing without TLS.", span)
        elif mine:
            yield Verdict(policy, FAIL, f"The policy of {policy.name} refuses no request without TLS.", span)


def _holders(policy: Resource, estate: Estate) -> Iterator[Resource]:
    """A policy and the documents it is made of."""
    level = [policy]
    for _ in range(_DEEPEST):
        yield from level
        level = [
            link.target
            for each in level
            for link in estate.outgoing.get(id(each), ())
            if link.target.kind in DOCUMENTS and ("polic" in link.path or link.path.endswith("_json"))
        ]


def _place(policy: Resource) -> Span:
    entry = policy.body.at.get("policy")
    return (entry[0], entry[1], entry[2]) if entry is not None else policy.anchor


def _secure(body: Map) -> str | Unknown:
    """`refuses` plaintext; `limited`: allowed with TLS only; `denies` or `allows` something else."""
    effect = body.get("effect", "Allow")
    doubt = next((each for each in (effect, body.get("conditions"), body.open) if isinstance(each, Unknown)), None)
    if doubt is not None:
        return doubt
    denies = isinstance(effect, str) and effect.lower() == "deny"
    conditions = body.get("conditions")
    for condition in conditions if isinstance(conditions, Seq) else ():
        if isinstance(condition, Map) and _names_transport(condition):
            values = condition.get("values")
            if isinstance(values, Unknown):
                return values
            texts = [str(value).lower() for value in values if not isinstance(value, Unknown)] if values else []
            if denies and texts == ["false"]:
                return "refuses"
            if not denies and texts == ["true"]:
                return "limited"
    return "denies" if denies else "allows"


def _names_transport(condition: Map) -> bool:
    variable: Any = condition.get("variable")
    return isinstance(variable, str) and variable.lower() == "aws:securetransport"
