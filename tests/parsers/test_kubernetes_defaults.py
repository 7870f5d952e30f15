"""What rules say of absent fields, held against what the API server puts there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from linter.conditions import compile_condition
from linter.engine.proof import scan_files
from linter.model import Estate, Map, Resource, Seq, Unit
from linter.parsers.kubernetes.defaults import _TABLE, default_of
from linter.rules import open_pack
from linter.rules.model import kinds_of, variants_of

PACK = open_pack()
LISTS = frozenset(("ports", "ingress", "egress", "webhooks"))
SPAN = (0, 0, 0)
NOTHING: Any = object()


def body(path: str, value: Any) -> Map:
    """A body with a value at a path, or with nothing there but what is above it."""
    key, _, rest = path.partition(".")
    built = Map(SPAN)
    if rest or value is not NOTHING:
        inner = body(rest, value) if rest else value
        if key in LISTS:
            listed = Seq(SPAN)
            listed.append(inner)
            listed.at.append((0, 0, 0, 0, 0))
            inner = listed
        built[key] = inner
        built.at[key] = (0, 0, 0, 0, 0)
    return built


def parts(condition: Any, positive: bool) -> Iterator[tuple[str, Any, bool]]:
    """(path, test, polarity) of a condition and of those in it."""
    for key, test in condition.items() if isinstance(condition, Mapping) else ():
        if key in ("any", "all"):
            for item in test:
                yield from parts(item, positive)
        elif key == "not":
            yield from parts(test, not positive)
        elif key != "linked":
            yield key, test, positive


def asked_fields() -> Iterator[tuple[str, str, str, Any, bool]]:
    """(rule, kind, path, test, polarity) wherever a rule requires or forbids something of a field with a default."""
    words = {"present", "has", "length", "empty"}
    for id in PACK.ids:
        for spec in variants_of(PACK.rule(id).data):
            for kind in kinds_of(spec) if "each" not in spec else ():
                for part, polarity in (("require", True), ("forbid", False)):
                    for path, test, positive in parts(spec.get(part), polarity):
                        plain = not isinstance(test, Mapping) or words.isdisjoint(test)
                        where = spec.get("where", {}).get(path)
                        plain = plain and where != {"present": True}
                        if plain and default_of(kind, path) is not None:
                            yield id, kind, path, test, positive


def test_rules_say_of_absent_fields_what_the_server_does() -> None:
    wrong = []
    judged = 0
    for id, kind, path, test, positive in asked_fields():
        condition = compile_condition({path: test}, positive)
        resource = Resource(kind, "x", "x", Unit("manifests", ""), Map(SPAN), SPAN, SPAN)
        answers = [
            condition.holds(body(path, value), resource, Estate()) for value in (NOTHING, default_of(kind, path))
        ]
        judged += 1
        if answers[0] is not answers[1]:
            wrong.append(f"{id}: absent {path} of {kind} counts as {answers[0]}, the default as {answers[1]}")
    assert judged >= 15
    assert wrong == []


def test_the_table() -> None:
    assert default_of("kubernetes/Deployment", "spec.replicas") == 1
    assert default_of("kubernetes/pod", "terminationGracePeriodSeconds") == 30
    assert default_of("kubernetes/container", "imagePullPolicy") is None
    assert default_of("terraform/aws_instance", "spec.replicas") is None
    kinds = [kind for row in _TABLE for kind in row]
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize(
    ("below", "above", "more", "outcomes"),
    [
        ("replicas: 1", "", "", ["pass"]), ("replicas: 2", "", "", ["fail"]), ("", "replicas: 1", "", ["pass"]),
        ("replicas: 2", "", "HorizontalPodAutoscaler", []),
    ],
)  # fmt: skip
def test_absent_replicas_are_one_or_an_autoscalers(below: str, above: str, more: str, outcomes: list[str]) -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {%s}\n"
    scaler = (
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
        "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n"
    )
    files = {"staging/web.yaml": text % below, "production/web.yaml": text % above + (scaler if more else "")}
    found = scan_files(files, PACK, "env-capacity-below")
    assert [judgement.outcome for judgement in found.judgements] == outcomes
