"""Whether tests come before deployments: in the job, in what it needs, in its callers or in the pipeline it follows."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    Tree,
    ancestors,
    as_map,
    causes,
    missing,
    only_called,
    passed,
    roles,
    trees,
    trigger_of,
    unsure,
)
from linter.checks.pipelines.deployments import Deployment, callers, deployments, infrastructure, noun
from linter.estate.pipeline_links import Calls, calls, closure, top_of
from linter.model import Estate, Map, Resource, Unknown


def deploy_needs_tests(estate: Estate) -> Iterator[Verdict]:
    """Deploying jobs no test comes before."""
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
            yield missing(
                estate, deployment.job, f"{noun(deployment.job)} `{name}` deploys, and no test runs before it"
            )


def _proofs(deployment: Deployment) -> frozenset[str]:
    if infrastructure(deployment):
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
        calling = callers(self.estate, tree.top)
        if not calling:
            return None if only_called(tree.top) else False
        answers: list[bool | None] = []
        for caller in calling:
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
