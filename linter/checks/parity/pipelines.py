"""Deployments of a pipeline to several environments: the same variables and secrets, and no weaker approval above."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.checks.parity.keys import plain_key
from linter.checks.parity.twins import failed, intended
from linter.conditions import ABSENT
from linter.estate.difference_classes import TESTING, VERBOSITY, class_of
from linter.estate.twins import RANK, Pair
from linter.model import PASS, Environment, Estate, Map, Origin, Resource, Seq, Span, handle
from linter.trees import maps

_DEPLOYING = frozenset(("deploy", "migrate"))
_APPROVALS = {"protected": 1, "manual": 2, "environment": 2}
"""Kind of approval → how much it asks: a ref that few may write, or a person who lets it pass."""
_NAMED = 3
_CONTEXTS = {"secrets": True, "vars": False}
_OWN = frozenset(("GITHUB_TOKEN",))
Names = dict[str, tuple[str, Span]]
"""Name without the environments' own → (as written, where)."""


def _deployments(estate: Estate) -> Iterator[tuple[Pair, Sequence[Resource], Sequence[Resource]]]:
    """The deploying jobs of each pipeline by pairs of environments, as twins.pairs pairs them."""
    files: dict[str, dict[Environment, list[Resource]]] = {}
    for job in estate.of_kind("pipeline/job"):
        if job.environment is not None and job.environment.tier in RANK and _deploys(job):
            files.setdefault(job.unit.path, {}).setdefault(job.environment, []).append(job)
    for path, found in files.items():
        for lower in sorted(found, key=lambda each: (RANK[each.tier], each.name)):
            above = [RANK[each.tier] for each in found if RANK[each.tier] > RANK[lower.tier]]
            for higher in sorted(found):
                if above and RANK[higher.tier] == min(above):
                    yield Pair(path, lower, higher, {}, {}), found[lower], found[higher]


def _deploys(job: Resource) -> bool:
    roles = job.body.get("roles")
    return isinstance(roles, Seq) and any(isinstance(role, str) and role in _DEPLOYING for role in roles)


def deployments_configured(estate: Estate, *, secrets: bool) -> Iterator[Verdict]:
    """What a pipeline gives to the deployments of one environment it gives to those of the next: variables, or secrets.

    Where the higher environment takes none at all it is configured in another way, and nothing is judged.
    """
    for pair, below, above in _deployments(estate):
        names = tuple(each.name.lower() for each in (pair.lower, pair.higher))
        mine, theirs = _given(estate, below, names, secrets), _given(estate, above, names, secrets)
        if not mine or not theirs:
            continue
        missing = [
            written
            for key, written in mine.items()
            if key not in theirs
            and class_of("pipeline/job", written[0], "", ABSENT, names) not in (TESTING, VERBOSITY)
            and not intended(estate, above[0], pair.higher.name, written[0])
        ]
        if not missing:
            message = f"{above[0].address} is given what {pair.lower.name} is given."
            yield Verdict(above[0], PASS, message, above[0].anchor)
            continue
        shown = [f"'{name}'" for name, _ in missing[:_NAMED]]
        listed = ", ".join(shown) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
        what = "secret" if secrets else "variable"
        message = (
            f"The deployment to {pair.lower.name} is given the {what} {listed}, that to {pair.higher.name} is not."
        )
        related = tuple(Origin(f"'{name}' is given here", span) for name, span in missing[:100])
        yield failed(pair, above[0], message, above[0].anchor, "", related)


def _given(estate: Estate, jobs: Sequence[Resource], names: tuple[str, ...], secrets: bool) -> Names:
    found: Names = {}
    for job in jobs:
        steps = (part for part in estate.of_kind("pipeline/step") if part.owner is job)
        for part in (job, *steps):
            for name, span in _named(part.body, secrets):
                if name.upper() not in _OWN:
                    found.setdefault(plain_key(name, names).lower(), (name, span))
    return found


def _named(body: Map, secrets: bool) -> Iterator[tuple[str, Span]]:
    """The variables or the secrets that a job or step takes."""
    for expression in maps(body.get("expressions")):
        contexts = expression.get("contexts")
        for at, context in enumerate(contexts if isinstance(contexts, Seq) else ()):
            word, _, name = str(context).partition(".")
            if name and _CONTEXTS.get(word) is secrets:
                yield name.partition(".")[0], handle(context, contexts.at[at])  # type: ignore[union-attr]
    for credential in maps(body.get("credentials")):
        called = credential.get("name")
        if isinstance(called, str) and (credential.get("kind") != "variable") is secrets:
            yield called, handle(called, credential.at["name"])
    written = body.get("env")
    if not secrets and isinstance(written, Map):
        for key, value in written.items():
            yield str(key), handle(value, written.at[key])


def approvals_kept(estate: Estate) -> Iterator[Verdict]:
    """A deployment to the higher environment waits for no less than one to the lower: a person, or a protected ref."""
    for pair, below, above in _deployments(estate):
        low, high = max(map(_asked, below)), min(map(_asked, above))
        job = min(above, key=_asked)
        if high >= low or intended(estate, job, pair.higher.name, "approvals"):
            yield Verdict(job, PASS, f"It waits for as much as a deployment to {pair.lower.name}.", job.anchor)
            continue
        other = max(below, key=_asked)
        waits = "nobody" if not high else "a protected ref only"
        message = (
            f"The deployment to {pair.higher.name} waits for {waits}, while that to {pair.lower.name} waits for more."
        )
        yield failed(
            pair, job, message, job.anchor, "approvals", (Origin(f"{pair.lower.name} waits here", other.anchor),)
        )


def _asked(job: Resource) -> int:
    found: Any = job.body.get("approvals")
    return max((_APPROVALS.get(str(each.get("kind")), 0) for each in maps(found)), default=0)
