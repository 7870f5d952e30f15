"""What stands before a deployment: its environment's name, an approval, protected refs, one run at a time, and the
environments that come first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    ancestors,
    as_map,
    causes,
    failed,
    key_place,
    only_called,
    passed,
    scalar_place,
    unsure,
)
from linter.checks.pipelines.deployments import (
    Deployment,
    callers,
    counterparts,
    deployments,
    infrastructure,
    jobs_after,
    noun,
    production,
)
from linter.checks.pipelines.reach import reached, started
from linter.discovery.environments import DEVELOPMENT, PRE_PRODUCTION, PRODUCTION
from linter.estate.pipeline_links import top_of
from linter.model import Estate, Map, Resource, Span, Unknown
from linter.parsers.pipelines.events import MAIN, REVIEW, TAG, WORK, Event

LOWER = frozenset((PRE_PRODUCTION, DEVELOPMENT))


def deployment_named(estate: Estate) -> Iterator[Verdict]:
    """Deploying jobs of which neither a declared environment nor a name says what they change."""
    for deployment in deployments(estate):
        job = deployment.job
        if deployment.named:
            yield passed(job, key_place(job.body, "environment", job.anchor))
        else:
            yield failed(job, f"Nothing says which environment {noun(job).lower()} `{deployment.name}` deploys to")


def production_approved(estate: Estate) -> Iterator[Verdict]:
    """Production deployments that nobody has to let pass: no approval here, none on an environment, no start by hand."""
    for deployment in production(estate):
        job, tree = deployment.job, deployment.tree
        span = _approval(deployment.job, (), True)
        if span is None:
            span = next((found for each in ancestors(job, tree) if (found := _approval(each, job.body, False))), None)
        calling = callers(estate, tree.top)
        if span is not None or _by_hand(tree.top) or (calling and all(map(_caller_approved, calling))):
            yield passed(job, span)
        elif only_called(tree.top) and not calling:
            unknown = Unknown("remote-source", tree.top.name, "scan the pipelines that call this one too")
            yield unsure(job, f"Whether callers hold `{deployment.name}` for approval is not visible here", unknown)
        else:
            message = f"{noun(job)} `{deployment.name}` deploys to production, and nothing holds it for approval"
            yield failed(job, message)


def _approval(job: Resource, deployed: Iterable[str], own: bool) -> Span | None:
    """The place of an approval of a job; of an earlier one only what a person confirms, or production's environment."""
    for approval in job.body.get("approvals", ()):
        if not isinstance(approval, Map) or approval.get("kind") not in ("manual", "environment"):
            continue
        environment = as_map(job.body.get("environment"))
        tier = environment.get("tier") if environment is not None else None
        if own or approval["kind"] == "manual" or tier == PRODUCTION:
            return scalar_place(approval, "kind", job.anchor)
    return None


def _by_hand(top: Resource) -> bool:
    return causes(top) == {"manual"}


def _caller_approved(caller: Resource) -> bool:
    return _by_hand(top_of(caller)) or bool(caller.body.get("approvals"))


_CONDITIONS = {
    "github": "compare github.ref or github.event_name in its `if:`",
    "gitlab": "limit it to a branch, a tag or $CI_COMMIT_REF_PROTECTED in its `rules:`",
    "azure": "write `pr: none`, or compare Build.SourceBranch and Build.Reason in its `condition:`",
    "jenkins": "limit it with `when { branch … }` or `when { tag … }`",
}


def production_from_release(estate: Estate) -> Iterator[Verdict]:
    """Production deployments that a proposed change or a push to any branch can reach."""
    for deployment in production(estate):
        yield _released(deployment)


def _released(deployment: Deployment) -> Verdict:
    tree, job = deployment.tree, deployment.job
    name = deployment.name
    answers: list[tuple[bool | None, str]] = []
    if "review" in causes(tree.top):
        answers.append((reached(job, tree, deployment.steps, REVIEW), "a proposed change"))
    event = started(tree.top, WORK)
    if event is not None:
        answers.append((reached(job, tree, deployment.steps, event), f"a push to a branch such as `{event.ref}`"))
    for answer, way in answers:
        if answer:
            return failed(job, f"{noun(job)} `{name}` deploys to production from {way}")
    span = scalar_place(job.body, "condition", job.anchor)
    if any(answer is None for answer, _ in answers):
        remedy = _CONDITIONS.get(job.context["pipeline"].get("platform", ""), "write its condition out")
        unknown = Unknown("run-time", f"the condition of `{name}`", remedy)
        return unsure(job, f"Whether only releases reach `{name}` is decided at run time", unknown, span)
    return passed(job, span)


def deploy_concurrency(estate: Estate) -> Iterator[Verdict]:
    """Deploying jobs that may run at the same time as themselves."""
    for deployment in deployments(estate):
        job, top = deployment.job, deployment.tree.top
        holder = next((each for each in (job, top) if "concurrency" in each.body), None)
        if holder is not None:
            yield passed(job, key_place(holder.body, "concurrency", job.anchor))
            continue
        calling = callers(estate, top)
        if calling and all("concurrency" in each.body or "concurrency" in top_of(each).body for each in calling):
            yield passed(job)
        elif only_called(top) and not calling:
            unknown = Unknown("remote-source", top.name, "scan the pipelines that call this one too")
            yield unsure(job, "Whether its callers keep deployments apart is not visible here", unknown)
        else:
            yield failed(job, f"Two runs of `{deployment.name}` can deploy at the same time")


_STARTS: tuple[Event, ...] = (*MAIN, TAG, Event("release"), Event("manual"))


def production_after_lower(estate: Estate) -> Iterator[Verdict]:
    """Production deployments that do not wait for a lower environment's, though one run makes both.

    Where no run is known to reach both, as with a branch for each environment, the order is not the pipeline's to keep.
    """
    by_tree: dict[int, list[Deployment]] = {}
    for deployment in deployments(estate):
        by_tree.setdefault(id(deployment.tree.top), []).append(deployment)
    for found in by_tree.values():
        lower = [each for each in found if each.tier in LOWER][:20]
        for deployment in found:
            if deployment.tier == PRODUCTION and lower:
                yield from _ordered(deployment, lower)


def _ordered(deployment: Deployment, lower: list[Deployment]) -> Iterator[Verdict]:
    job, tree = deployment.job, deployment.tree
    before = {id(each) for each in ancestors(job, tree)}
    same = [each for each in counterparts(deployment, lower) if infrastructure(each) == infrastructure(deployment)]
    if any(id(each.job) in before for each in same or lower):
        yield passed(job, key_place(job.body, "needs", job.anchor))
        return
    after = {id(each) for each in jobs_after(deployment)}
    for each in same:
        if _together(deployment, each):
            way = "before" if id(each.job) in after else "without waiting for"
            yield failed(job, f"{noun(job)} `{deployment.name}` deploys to production {way} `{each.name}`")
            return


def _together(one: Deployment, other: Deployment) -> bool:
    """Whether some event is known to reach both jobs of a pipeline."""
    bodies = one.job.body, other.job.body
    conditions = [body.get("condition") for body in bodies]
    ruled = any(key in body for body in bodies for key in ("rules", "only", "except"))
    if not ruled and not any(isinstance(each, Unknown) for each in conditions) and conditions[0] == conditions[1]:
        return True
    return any(
        reached(one.job, one.tree, one.steps, event) and reached(other.job, other.tree, other.steps, event)
        for event in _STARTS
    )
