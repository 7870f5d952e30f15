"""Whether production gets the artifact that the environments before it have tried, or another one built anew."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import Tree, action_of, ancestors, failed, passed, roles, unsure
from linter.checks.pipelines.deployments import (
    Deployment,
    callers,
    counterparts,
    deploying,
    deployments,
    infrastructure,
    noun,
    tier_of,
)
from linter.checks.pipelines.gates import LOWER
from linter.discovery.environments import PRODUCTION, environment_named
from linter.estate.pipeline_links import base_of
from linter.model import Estate, Resource, Span, Unknown
from linter.parsers.pipelines.roles import program_of, roles_of_words, unwrap
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command

_RENDERERS = frozenset(("kustomize", "helm", "cdk", "cdktf", "terraform", "tofu", "hugo", "jsonnet"))
"""Programs that build what describes an environment, which differs by right."""
_BUILDING_PUSHERS = frozenset(("kaniko", "executor", "ko"))
_MAX_LOWER = 20


def one_artifact_promoted(estate: Estate) -> Iterator[Verdict]:
    """Rollouts to production, where a lower environment exists, of something that was built for production alone: in the
    deploying job, in a job of its own, or under a tag that names the environment."""
    rollouts = [each for each in deployments(estate) if each.tier and not infrastructure(each)]
    lower: dict[str, list[Deployment]] = {}
    for each in rollouts:
        if each.tiers & LOWER:
            lower.setdefault(base_of(each.tree.top.unit.path), []).append(each)
    for each in rollouts:
        beside = counterparts(each, lower.get(base_of(each.tree.top.unit.path), [])[:_MAX_LOWER])
        if each.tier == PRODUCTION and beside:
            yield from _promoted(estate, each, beside)


def _promoted(estate: Estate, deployment: Deployment, lower: list[Deployment]) -> Iterator[Verdict]:
    job, tree = deployment.job, deployment.tree
    own = next((step for step in tree.steps.get(id(job), ()) if _builds(step)), None)
    if own is not None:
        message = f"{noun(job)} `{deployment.name}` builds anew what the environments before production have tried"
        yield failed(job, message, _place(estate, own))
        return
    makers = _makers(deployment)
    alone = next((each for each in makers if tier_of(estate, each) == PRODUCTION), None)
    tried = {id(maker) for each in lower for maker in _makers(each)}
    if alone is None and makers and tried and not tried & {id(each) for each in makers}:
        alone = makers[0]
    if alone is not None:
        yield failed(job, f"`{deployment.name}` deploys what `{alone.body['id']}` builds for production alone")
        return
    tagged = None if _moves_tags(tree) else _tagged(estate, deployment)
    if tagged is not None:
        span, word = tagged
        yield failed(
            job, f"`{word}` is another image in each environment: deploy the one that was tried, by its digest", span
        )
    elif makers or any("artifacts" in each.body for each in (job, *ancestors(job, tree))) or _moves_tags(tree):
        yield passed(job)
    elif any(step.body.get("uses", {}).get("kind") == "local" for step in tree.steps.get(id(job), ())):
        unknown = Unknown("remote-source", f"what `{deployment.name}` runs", "scan the called parts too")
        yield unsure(job, f"Whether `{deployment.name}` builds anew is decided elsewhere", unknown)
    elif callers(estate, tree.top) or any(_names_version(step) for step in deployment.steps):
        yield passed(job)


def _makers(deployment: Deployment) -> list[Resource]:
    """The jobs before a deployment, or it itself, that build an artifact."""
    tree = deployment.tree
    found = [deployment.job, *ancestors(deployment.job, tree)]
    return [job for job in found if any(_builds(step) for step in tree.steps.get(id(job), ()))]


def _builds(step: Resource) -> bool:
    """Whether a step makes the artifact itself, not what describes an environment."""
    own = roles(step)
    if not own & {"build", "publish"}:
        return False
    commands: list[Command] = step.context.get("commands", [])
    if not commands:
        return "build" in own and bool(action_of(step))
    for command in commands:
        program = program_of(unwrap(command.words))
        found = roles_of_words(command.words)[0]
        if "build" in found and program not in _RENDERERS:
            return True
        if "publish" in found and (program in _BUILDING_PUSHERS or "acr build" in " ".join(command.words[:4])):
            return True
    return False


def _moves_tags(tree: Tree) -> bool:
    """Whether the pipeline gives an image that exists another tag: the tag then names what was tried."""
    if "promote" in roles(tree.top):
        return True
    return any(
        unwrap(command.words)[:2] in (("docker", "tag"), ("podman", "tag"))
        for step in tree.all_steps()
        for command in step.context.get("commands", ())
    )


def _tagged(estate: Estate, deployment: Deployment) -> tuple[Span, str] | None:
    """An image in what deploys whose tag names an environment."""
    for step in deployment.steps:
        for command in deploying(step):
            for word in command.words[1:]:
                if _names_environment(estate, word):
                    return _word_place(estate, step, command, word), word
    return None


def _names_environment(estate: Estate, word: str) -> bool:
    """`web=registry/shop:production`, `image.tag=prod-1`, `--image=shop:prod`: a tag that is an environment's name."""
    if "@sha256:" in word or "://" in word or word.startswith("arn:"):
        return False
    name, _, value = word.rpartition("=")
    if name.rpartition(".")[2].lower() in ("tag", "imagetag"):
        tag = value
    elif name and (":" in value) and ("image" in name.lower() or "." not in name):
        tag = value.rpartition(":")[2]
    else:
        return False
    if "/" in tag or not tag:
        return False
    found = environment_named(tag.partition("-")[0], estate.settings)
    return found is not None and found.tier == PRODUCTION


def _names_version(step: Resource) -> bool:
    return any("@" in word or "$" in word for command in deploying(step) for word in command.words)


def _place(estate: Estate, step: Resource) -> Span:
    run = step.body.get("run")
    for command in step.context.get("commands", ()):
        if isinstance(run, str) and {"build", "publish"} & roles_of_words(command.words)[0]:
            return _word_place(estate, step, command, "")
    return step.anchor


def _word_place(estate: Estate, step: Resource, command: Command, word: str) -> Span:
    run = step.body["run"]
    scalar = Scalar(estate.sources[step.anchor[0]], step.body.at["run"], run)
    found = run.find(word, command.start, command.end) if word else -1
    if found < 0:
        return scalar.span(command.start, command.end)
    return scalar.span(found, found + len(word))
