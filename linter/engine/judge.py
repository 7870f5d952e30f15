"""Rules on resources: every rule of the pack that fits a kind of the estate, judged in three values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from itertools import chain
from typing import Any

from linter.checks import CHECKS, Check
from linter.conditions.operators import every
from linter.conditions.paths import ABSENT, Leaf, leaves, spread
from linter.engine.bearing import bearing
from linter.model import FAIL, PASS, UNKNOWN, Estate, Judgement, Origin, Resource, Unknown
from linter.redaction import mask
from linter.rules.model import Rule, Variant
from linter.text import redact, safe_text, secret_name

OUTCOMES = {True: PASS, False: FAIL, None: UNKNOWN}
LONGEST_VALUE = 80


def judge(
    estate: Estate,
    rules: Iterable[Rule],
    *,
    evidence: bool,
    progress: Callable[[str], None],
    crashed: Callable[[str, str], None],
) -> list[Judgement]:
    """All judgements of the rules on the estate, in rule order.

    evidence: find the place that proves each pass; without it a pass has its resource's anchor. A rule that raises is
    handed to crashed(rule id, message), its judgements so far stay.
    """
    judgements: list[Judgement] = []
    bears = bearing(estate)
    for rule in rules:
        progress(rule.id)
        try:
            for variant in rule.variants:
                if bears(variant):
                    judgements.extend(_judge_variant(estate, rule, variant, evidence))
        except Exception as error:
            crashed(rule.id, f"{type(error).__name__}: {error}")
    return judgements


@lru_cache(maxsize=64)
def _of_system(estate: Estate, kind: str, system: str) -> tuple[Resource, ...]:
    """The resources of a kind that belong to pipelines of one system."""
    return tuple(
        resource
        for resource in estate.of_kind(kind)
        if (pipeline := resource.context.get("pipeline")) is not None and pipeline.get("platform") == system
    )


def _judge_variant(estate: Estate, rule: Rule, variant: Variant, evidence: bool) -> Iterator[Judgement]:
    if variant.check:
        yield from _run_check(estate, rule, variant, evidence)
        return
    whole, where = variant.each is None, variant.where
    for kind in variant.kinds:
        for resource in _of_system(estate, kind, variant.system) if variant.system else estate.of_kind(kind):
            body = resource.body
            applies = True if where is None else where.holds(body, resource, estate)
            if applies is False:
                continue
            if not whole:
                yield from _judge_elements(estate, rule, variant, resource, evidence, applies)
                continue
            answer = _holds(variant, body, resource, estate)
            if answer is True and not evidence:
                yield Judgement(rule.id, resource, PASS, "", resource.anchor)
            else:
                at = Leaf(body, resource.anchor, "")
                yield _explained(rule, variant, resource, estate, at, "", answer, applies)


def _run_check(estate: Estate, rule: Rule, variant: Variant, evidence: bool) -> Iterator[Judgement]:
    module, _, name = CHECKS[variant.check].partition(":")
    check: Check = getattr(import_module(module), name)
    id, parameters = rule.id, variant.parameters
    takes_kind = bool(variant.kinds) and "kind" not in parameters and "kind" in _keywords(check)
    runs = [{**parameters, "kind": kind} for kind in variant.kinds] if takes_kind else [parameters]
    for verdict in chain.from_iterable(check(estate, **each) for each in runs):
        if variant.where is not None and variant.where.holds(verdict.resource.body, verdict.resource, estate) is False:
            continue
        message = verdict.message
        shown = "" if not message or (verdict.outcome == PASS and not evidence) else safe_text(redact(message))
        if shown == message:
            yield Judgement(id, *verdict)
        else:
            yield Judgement(id, *verdict._replace(message=shown))


def _keywords(check: Check) -> tuple[str, ...]:
    code = check.__code__
    return code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]


def _judge_elements(
    estate: Estate, rule: Rule, variant: Variant, resource: Resource, evidence: bool, applies: bool | None
) -> Iterator[Judgement]:
    start = Leaf(resource.body, resource.anchor, "")
    for at in _elements(variant, start, resource):
        if isinstance(at.value, Unknown):
            yield _unknown(rule, resource, at, "")
            continue
        answer = _holds(variant, at.value, resource, estate)
        if answer is True and not evidence:
            # Nobody is told of it, so that its name is not worked out.
            yield Judgement(rule.id, resource, PASS, "", at.span)
        else:
            yield _explained(rule, variant, resource, estate, at, natural_key(at), answer, applies)


def _elements(variant: Variant, start: Leaf, resource: Resource) -> Iterator[Leaf]:
    assert variant.each is not None
    for leaf in leaves(start.value, variant.each, start, resource):
        if isinstance(leaf.value, list):
            yield from (item for item in spread(leaf.value, (), leaf, resource, 0) if item.value is not ABSENT)
        elif leaf.value is not ABSENT:
            yield leaf


def natural_key(leaf: Leaf) -> str:
    """What tells an element from its siblings however they are ordered: a name or port, else its path."""
    value = leaf.value
    if isinstance(value, dict):
        parts = [
            f"{key}={value[key]}"
            for key in ("name", "containerPort", "port", "protocol", "from_port", "to_port", "cidr_blocks")
            if isinstance(value.get(key), (str, int))
        ]
        return ",".join(parts)
    return "" if isinstance(value, (Unknown, list)) else str(redact(str(value)))


def _holds(variant: Variant, value: Any, resource: Resource, estate: Estate) -> bool | None:
    require = True if variant.require is None else variant.require.holds(value, resource, estate)
    if require is False or variant.forbid is None:
        return require
    forbidden = variant.forbid.holds(value, resource, estate)
    allowed = None if forbidden is None else not forbidden
    return allowed if require is True else every([require, allowed])


def _explained(
    rule: Rule,
    variant: Variant,
    resource: Resource,
    estate: Estate,
    at: Leaf,
    element: str,
    answer: bool | None,
    applies: bool | None,
) -> Judgement:
    leaf = _locate(variant, at, resource, estate, answer)
    if applies is None and answer is not True:
        assert variant.where is not None
        leaf = variant.where.locate(at, resource, estate, None)
        return _unknown(rule, resource, leaf, element)
    if answer is None:
        return _unknown(rule, resource, leaf, element)
    related = list(_origins(resource, leaf)) if answer is False else []
    return Judgement(
        rule.id,
        resource,
        OUTCOMES[answer],
        message(rule, variant, resource, leaf, answer),
        leaf.span,
        element,
        tuple(related),
    )


def _origins(resource: Resource, leaf: Leaf) -> Iterator[Origin]:
    if resource.trace is not None and leaf.span != resource.anchor:
        yield from resource.trace(leaf.span)
    if leaf.outside is not None:
        yield Origin("the value is written here", leaf.outside)


def _locate(variant: Variant, at: Leaf, resource: Resource, estate: Estate, answer: bool | None) -> Leaf:
    require, forbid = variant.require, variant.forbid
    denied = None if answer is None else not answer
    if require is not None and (forbid is None or require.holds(at.value, resource, estate) is answer):
        return require.locate(at, resource, estate, answer)
    if forbid is not None and (require is None or forbid.holds(at.value, resource, estate) is denied):
        return forbid.locate(at, resource, estate, denied)
    return at


def _unknown(rule: Rule, resource: Resource, leaf: Leaf, element: str) -> Judgement:
    unknowns = tuple(_unknowns(leaf.value))
    subject = unknowns[0].subject if unknowns else leaf.path or resource.address
    return Judgement(
        rule.id, resource, UNKNOWN, f"{subject} is unknown, so it cannot be decided: {rule.title}.", leaf.span, element,
        unknowns=unknowns,
    )  # fmt: skip


def _unknowns(value: Any, depth: int = 0) -> Iterator[Unknown]:
    if isinstance(value, Unknown):
        yield value
    elif depth < 6 and isinstance(value, (list, dict)):
        opening = getattr(value, "open", None)
        if opening is not None:
            yield opening
        for item in value.values() if isinstance(value, dict) else value:
            yield from _unknowns(item, depth + 1)


def message(rule: Rule, variant: Variant, resource: Resource, leaf: Leaf, answer: bool) -> str:
    """The sentence a person reads, from `say` or from the rule's title; values redacted and shortened."""
    shown = _shown(leaf, resource)
    if answer:
        if leaf.path and (shown or leaf.value is ABSENT):
            return safe_text(f"{leaf.path} of {resource.address} is {shown or 'not set'}.")
        return safe_text(f"{resource.address}: {rule.title}.")
    if variant.say:
        text = variant.say.replace("{name}", resource.name).replace("{path}", leaf.path or resource.address)
        text = safe_text(text.replace("{value}", shown or "not set"))
        return text if text.endswith(".") else text + "."
    if not leaf.path:
        return safe_text(f"{resource.address}: {rule.title}.")
    state = "is not set" if leaf.value is ABSENT else f"is {shown}" if shown else "is not as it should be"
    return safe_text(f"{leaf.path} of {resource.address} {state}: {rule.title}.")


def _shown(leaf: Leaf, resource: Resource) -> str:
    """A value as a message may quote it; what stands under a secret's name only by its beginning."""
    value = leaf.value
    if value is ABSENT or isinstance(value, (dict, Unknown)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ""
    names = (leaf.path.rpartition(".")[2].partition("[")[0], resource.name)
    secret = isinstance(value, str) and any(map(secret_name, names))
    text = mask(value) if secret else redact(str(value))
    text = text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
    return f"'{text}'" if isinstance(value, str) else text
