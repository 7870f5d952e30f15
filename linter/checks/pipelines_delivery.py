"""Checks of deployments: what must come before them, where they may come from, and what they leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines_common import (
    Tree,
    ancestors,
    as_map,
    causes,
    failed,
    key_place,
    missing,
    only_called,
    passed,
    roles,
    scalar_place,
    trees,
    trigger_of,
    unsure,
)
from linter.checks.pipelines_reach import reached, started
from linter.discovery.environments import PRODUCTION, environment_named
from linter.estate.pipeline_links import Calls, calls, closure, top_of
from linter.model import Estate, Map, Resource, Unknown
from linter.parsers.pipelines.events import REVIEW, WORK
from linter.records import NamedTuple

INFRASTRUCTURE = frozenset(("terraform", "tofu", "terragrunt", "pulumi", "cdk", "cdktf", "ansible-playbook", "sam"))


class Deployment(NamedTuple):
    tree: Tree
    job: Resource
    steps: list[Resource]
    first: int


def deployments(estate: Estate) -> Iterator[Deployment]:
    """Every job that deploys, with the steps that do and the position of the first."""
    for tree in trees(estate, actions=False):
        for job in tree.jobs:
            if "deploy" not in roles(job):
                continue
            steps = tree.steps.get(id(job), [])
            deploying = [step for step in steps if "deploy" in roles(step)]
            if deploying:
                yield Deployment(tree, job, deploying, steps.index(deploying[0]))


def deploy_needs_tests(estate: Estate) -> Iterator[Verdict]:
    """Deploying jobs no test comes before: in the job, what it needs, its callers or the workflow it follows."""
    search = _Search(estate)
    for deployment in deployments(estate):
        wanted = _proofs(deployment)
        answer = search.tested(deployment.tree, deployment.job, deployment.first, wanted, {id(deployment.tree.top)})
        name = deployment.job.body["id"]
        if answer is None:
            unknown = Unknown("remote-source", f"what runs before `{name}`", "scan the called workflow too")
            yield unsure(deployment.job, f"Whether tests run before `{name}` deploys is decided elsewhere", unknown)
        elif answer:
            yield passed(deployment.job)
        else:
            yield missing(estate, deployment.job, f"Job `{name}` deploys, and no test runs before it")


def _proofs(deployment: Deployment) -> frozenset[str]:
    programs = {command.program for step in deployment.steps for command in step.context["commands"]}
    if programs & INFRASTRUCTURE:
        return frozenset(("test", "plan", "scan", "lint"))
    return frozenset(("test",))


class _Search:
    """Looks for tests before a job. Answers are Kleene's: None where something that is not here may hold one."""

    __slots__ = ("called", "estate", "roles", "trees")

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.called: Calls = calls(estate)
        self.trees = {id(tree.top): tree for tree in trees(estate)}
        self.roles: dict[int, frozenset[str]] = {}

    def tested(self, tree: Tree, job: Resource, first: int, wanted: frozenset[str], seen: set[int]) -> bool | None:
        """seen: ids of the workflows on the way, so that each is asked once."""
        steps = tree.steps.get(id(job), [])
        # The deploying step itself counts: `npm test && ./deploy.sh`.
        if any(wanted & roles(step) for step in steps[: first + 1]) or self._follows(tree.top, wanted):
            return True
        open_ended = False
        for part in (*steps[:first], *ancestors(job, tree)):
            if wanted & self._all_roles(part):
                return True
            uses = as_map(part.body.get("uses"))
            open_ended = open_ended or (uses is not None and _unseen(self.estate, part, uses))
        if "called" in causes(tree.top):
            answer = self._callers(tree, wanted, seen)
            if answer or answer is None:
                return answer
        return None if open_ended else False

    def _callers(self, tree: Tree, wanted: frozenset[str], seen: set[int]) -> bool | None:
        callers = [link.source for link in self.estate.incoming.get(id(tree.top), ()) if link.name == "runs"]
        if not callers:
            return None if only_called(tree.top) else False
        answers: list[bool | None] = []
        for caller in callers:
            top = top_of(caller)
            if id(top) not in seen and id(top) in self.trees:
                seen.add(id(top))
                answers.append(self.tested(self.trees[id(top)], caller, 0, wanted, seen))
        if False in answers:
            return False
        return None if None in answers or not answers else True

    def _all_roles(self, part: Resource) -> frozenset[str]:
        own = roles(part)
        for link in self.estate.outgoing.get(id(part), ()):
            if link.name == "runs":
                own |= self._below(link.target)
        return own

    def _below(self, top: Resource) -> frozenset[str]:
        if id(top) not in self.roles:
            self.roles[id(top)] = frozenset().union(*(roles(each) for each in closure(self.called, top)))
        return self.roles[id(top)]

    def _follows(self, top: Resource, wanted: frozenset[str]) -> bool:
        trigger = trigger_of(top, "workflow_run")
        names = {str(name) for name in trigger.get("workflows", ())} if trigger is not None else set()
        return bool(names) and any(
            wanted & self._below(pipeline)
            for pipeline in self.estate.of_kind("pipeline/pipeline")
            if pipeline.name in names
        )


def _unseen(estate: Estate, part: Resource, uses: Map) -> bool:
    """Whether what a job or step calls may hold tests and is not in the tree."""
    if uses["kind"] == "local":
        return not any(link.name == "runs" for link in estate.outgoing.get(id(part), ()))
    return part.kind == "pipeline/job"


def deploy_concurrency(estate: Estate) -> Iterator[Verdict]:
    """Deploying jobs that may run at the same time as themselves."""
    for deployment in deployments(estate):
        job, top = deployment.job, deployment.tree.top
        holder = next((each for each in (job, top) if "concurrency" in each.body), None)
        if holder is not None:
            yield passed(job, key_place(holder.body, "concurrency", job.anchor))
            continue
        callers = [link.source for link in estate.incoming.get(id(top), ()) if link.name == "runs"]
        if callers and all("concurrency" in each.body or "concurrency" in top_of(each).body for each in callers):
            yield passed(job)
        elif only_called(top) and not callers:
            unknown = Unknown("remote-source", top.name, "scan the workflows that call this one too")
            yield unsure(job, "Whether its callers keep deployments apart is not visible here", unknown)
        else:
            yield failed(job, f"Two runs of `{job.body['id']}` can deploy at the same time")


@cache
def _words() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z][A-Za-z0-9_./-]{1,80}")


# Words that name an environment only where a name of one is expected.
_VAGUE = frozenset(("live", "test", "tst", "ci", "int", "integration", "local", "preview", "perf", "acceptance", "qa"))


def target_tier(deployment: Deployment, settings: Mapping[str, Any]) -> str:
    """The tier a job deploys to: of its environment, else as its names and commands say; '' where nothing does."""
    environment = as_map(deployment.job.body.get("environment"))
    if environment is not None:
        if isinstance(environment.get("tier"), str):
            return str(environment["tier"])
        if isinstance(environment.get("name"), (str, Unknown)):
            return ""
    tiers = set()
    for text in _evidence(deployment):
        for word in _words().findall(text[:2000]):
            if word.lower() not in _VAGUE:
                found = environment_named(word, settings)
                if found is not None and found.name.lower() not in _VAGUE:
                    tiers.add(found.tier)
    return PRODUCTION if PRODUCTION in tiers else next(iter(sorted(tiers)), "")


def _evidence(deployment: Deployment) -> Iterator[str]:
    job = deployment.job
    yield job.body["id"]
    yield job.name
    for step in deployment.steps:
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


def production_environment(estate: Estate) -> Iterator[Verdict]:
    """Jobs that deploy to production outside a GitHub environment, so that no protection rule can hold them."""
    for deployment in deployments(estate):
        job = deployment.job
        if "environment" in job.body:
            yield passed(job, key_place(job.body, "environment", job.anchor))
            continue
        tier = target_tier(deployment, estate.settings)
        name = job.body["id"]
        if tier == PRODUCTION:
            yield failed(job, f"Job `{name}` deploys to production without an environment that could protect it")
        elif not tier:
            unknown = Unknown("mapping", f"what `{name}` deploys to", "name it with `environment:`")
            yield unsure(job, f"Which environment `{name}` deploys to is not written down", unknown)


def production_from_release(estate: Estate) -> Iterator[Verdict]:
    """Production deployments that a pull request or a push to any branch can reach."""
    for deployment in deployments(estate):
        if target_tier(deployment, estate.settings) == PRODUCTION:
            yield _released(deployment)


def _released(deployment: Deployment) -> Verdict:
    tree, job = deployment.tree, deployment.job
    name = job.body["id"]
    answers: list[tuple[bool | None, str]] = []
    if "review" in causes(tree.top):
        answers.append((reached(job, tree, deployment.steps, REVIEW), "a pull request"))
    event = started(tree.top, WORK)
    if event is not None:
        answers.append((reached(job, tree, deployment.steps, event), f"a push to a branch such as `{event.ref}`"))
    for answer, way in answers:
        if answer:
            return failed(job, f"Job `{name}` deploys to production from {way}")
    if any(answer is None for answer, _ in answers):
        unknown = Unknown(
            "run-time", f"the condition of `{name}`", "compare github.ref or github.event_name in its `if:`"
        )
        span = scalar_place(job.body, "condition", job.anchor)
        return unsure(job, f"Whether only releases reach `{name}` is decided at run time", unknown, span)
    return passed(job, scalar_place(job.body, "condition", job.anchor))
