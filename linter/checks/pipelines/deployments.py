"""The deployments of an estate's pipelines, whatever their system: which jobs deploy what to where, and what comes
before and after them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from linter.checks.pipelines.common import MAX_ANCESTORS, Tree, action_of, ancestors, as_map, roles, trees
from linter.discovery.environments import PRODUCTION, environment_named, without_environments
from linter.model import Estate, Map, Resource, Seq, Unknown
from linter.parsers.pipelines.roles import program_of, roles_of_words, unwrap
from linter.parsers.pipelines.shell import Command
from linter.records import NamedTuple

INFRASTRUCTURE = frozenset(("terraform", "tofu", "terragrunt", "pulumi", "cdk", "cdktf", "ansible-playbook", "sam"))
_INFRASTRUCTURE_ACTIONS = ("dflook/", "pulumi/", "op5dev/", "gruntwork-io/", "azure/arm-deploy", "terraform")


Followers = dict[int, list[Resource]]


class Deployment(NamedTuple):
    """A job that deploys. steps: those that do; first, last: their positions in the job. tier: of the environment it
    changes, '' where nothing says. tiers: all that a matrix or its callers make of it. named: whether its environment is
    declared, or clear from names. following: id of each job of the pipeline → the jobs that wait for it."""

    tree: Tree
    job: Resource
    steps: list[Resource]
    first: int
    last: int
    tier: str
    tiers: frozenset[str]
    named: bool
    following: Followers

    @property
    def name(self) -> str:
        return str(self.job.body["id"])


@lru_cache(maxsize=8)
def deployments(estate: Estate) -> tuple[Deployment, ...]:
    """Every job that deploys; made once for all checks of an estate."""
    found = []
    for tree in trees(estate, actions=False):
        following: Followers = {}
        for job in tree.jobs:
            if "deploy" not in roles(job) or job.body.get("after") == "failure":
                continue
            steps = tree.steps.get(id(job), [])
            places = [index for index, step in enumerate(steps) if _deploys(step)]
            if places:
                following = following or _followers(tree)
                chosen = [steps[index] for index in places]
                tiers, named = _tiers(estate, job, chosen)
                tier = PRODUCTION if PRODUCTION in tiers else next(iter(sorted(tiers)), "")
                found.append(Deployment(tree, job, chosen, places[0], places[-1], tier, tiers, named, following))
    return tuple(found)


def _deploys(step: Resource) -> bool:
    """What runs only after a failure takes back or cleans up; what is known to do something else only names where."""
    found = roles(step)
    return (
        "deploy" in found and step.body.get("after") != "failure" and (not found & _OTHERWISE or bool(deploying(step)))
    )


_OTHERWISE = frozenset(("migrate", "rollback", "smoke", "notify", "test", "scan", "plan", "backup", "verify"))


def production(estate: Estate, rollouts: bool = False) -> Iterator[Deployment]:
    """Those that change production; with `rollouts` only those of programs, not of infrastructure code."""
    for deployment in deployments(estate):
        if deployment.tier == PRODUCTION and not (rollouts and infrastructure(deployment)):
            yield deployment


def infrastructure(deployment: Deployment) -> bool:
    """Whether infrastructure code is applied rather than a program rolled out."""
    return any(
        action_of(step).startswith(_INFRASTRUCTURE_ACTIONS)
        or any(program_of(unwrap(command.words)) in INFRASTRUCTURE for command in deploying(step))
        for step in deployment.steps
    )


def deploying(step: Resource) -> list[Command]:
    """The commands of a step that deploy."""
    return [each for each in step.context.get("commands", ()) if "deploy" in roles_of_words(each.words)[0]]


def noun(job: Resource) -> str:
    """What the system calls a job."""
    return "Stage" if job.context["pipeline"].get("platform") == "jenkins" else "Job"


def jobs_after(deployment: Deployment) -> list[Resource]:
    """The jobs that begin when a deployment has ended, directly or not, at most MAX_ANCESTORS."""
    found: list[Resource] = []
    seen = {id(deployment.job)}
    stack = [deployment.job]
    while stack and len(found) < MAX_ANCESTORS:
        for other in deployment.following.get(id(stack.pop()), ()):
            if id(other) not in seen:
                seen.add(id(other))
                found.append(other)
                stack.append(other)
    return found


def _followers(tree: Tree) -> Followers:
    found: Followers = {}
    for job in tree.jobs:
        needed = (tree.ids.get(id) for id in job.body.get("needs", ()) if isinstance(id, str))
        for other in (*needed, *job.context.get("earlier", ())):
            if other is not None:
                found.setdefault(id(other), []).append(job)
    return found


def callers(estate: Estate, top: Resource) -> list[Resource]:
    """The jobs and steps of this tree that run a pipeline."""
    return [link.source for link in estate.incoming.get(id(top), ()) if link.name == "runs"]


def counterparts(deployment: Deployment, lower: Iterable[Deployment]) -> list[Deployment]:
    """Of a lower environments' deployments those of the same thing, as far as names tell: in the same pipeline or one
    whose file differs by the environment's name only, by a job that differs by it only where there is one."""
    path = without_environments(deployment.tree.top.unit.path)
    near = [
        each
        for each in lower
        if each.tree.top is deployment.tree.top or without_environments(each.tree.top.unit.path) == path
    ]
    name = without_environments(deployment.name)
    return [each for each in near if without_environments(each.name) == name] or near


def steps_before(deployment: Deployment) -> Iterator[Resource]:
    """The steps that run before a job deploys: its own first ones, and all of the jobs before it."""
    tree = deployment.tree
    yield from tree.steps.get(id(deployment.job), [])[: deployment.first]
    for job in ancestors(deployment.job, tree):
        yield from tree.steps.get(id(job), ())


def tier_of(estate: Estate, job: Resource) -> str:
    """The tier of the environment a job speaks of, whether it deploys or not."""
    tiers, _ = _tiers(estate, job, [])
    return PRODUCTION if PRODUCTION in tiers else next(iter(sorted(tiers)), "")


def _tiers(estate: Estate, job: Resource, steps: Iterable[Resource]) -> tuple[frozenset[str], bool]:
    """Tiers of what a job changes: of its environment, else as its names and commands say; whether anything says."""
    environment = as_map(job.body.get("environment"))
    if environment is not None:
        if isinstance(environment.get("tier"), str) and environment["tier"]:
            return frozenset((str(environment["tier"]),)), True
        name = environment.get("name")
        if isinstance(name, Unknown):
            return _known(_open_evidence(estate, job), estate.settings), True
        if isinstance(name, str) and name:
            return frozenset(), True
    tiers = _known(_evidence(job, steps), estate.settings)
    return tiers, bool(tiers)


def _known(texts: Iterable[str], settings: Mapping[str, Any]) -> frozenset[str]:
    tiers = set()
    for text in texts:
        for word in _words().findall(_humps().sub("-", text[:2000])):
            if word.lower() not in _VAGUE:
                found = environment_named(word, settings)
                if found is not None and found.name.lower() not in _VAGUE:
                    tiers.add(found.tier)
    return frozenset(tiers)


@cache
def _words() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z][A-Za-z0-9_./-]{1,80}")


@cache
def _humps() -> re.Pattern[str]:
    """Where `deployToProduction` has its words."""
    return re.compile(r"(?<=[a-z])(?=[A-Z])")


# Words that name an environment only where a name of one is expected.
_VAGUE = frozenset(("live", "test", "tst", "ci", "int", "integration", "local", "preview", "perf", "acceptance", "qa"))


def _open_evidence(estate: Estate, job: Resource) -> Iterator[str]:
    """What a matrix and the callers make of an environment whose name they give."""
    strategy = as_map(job.body.get("strategy"))
    yield from _texts(strategy.get("matrix") if strategy is not None else None)
    if job.owner is not None:
        for caller in callers(estate, job.owner):
            yield str(caller.body.get("id", ""))
            yield from _values(caller.body.get("with"))


def _texts(value: Any, depth: int = 4) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Map, Seq)) and depth:
        for item in value.values() if isinstance(value, Map) else value:
            yield from _texts(item, depth - 1)


def _evidence(job: Resource, steps: Iterable[Resource]) -> Iterator[str]:
    yield str(job.body["id"])
    yield job.name
    if isinstance(job.body.get("stage"), str):
        yield job.body["stage"]
    for step in steps:
        yield step.name
        for command in step.context["commands"]:
            yield " ".join(command.words)
        for field in ("with", "env"):
            yield from _values(step.body.get(field))
    yield from _values(job.body.get("env"))


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, Map):
        for key, item in value.items():
            if isinstance(item, str) and key not in ("NODE_ENV", "script"):
                yield item
