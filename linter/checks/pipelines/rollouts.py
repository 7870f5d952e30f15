"""What a rollout to production leaves behind: a way back, a look at what answers, and word to people where it failed."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    Tree,
    action_of,
    as_map,
    causes,
    input_of,
    missing,
    passed,
    roles,
    trees,
    unsure,
)
from linter.checks.pipelines.deployments import (
    Deployment,
    callers,
    deploying,
    jobs_after,
    noun,
    production,
)
from linter.estate.pipeline_links import base_of, calls, closure, top_of
from linter.model import Estate, Map, Resource, Unknown
from linter.parsers.pipelines.roles import program_of, roles_of_words, unwrap
from linter.parsers.pipelines.roles_table import PROGRAMS
from linter.parsers.pipelines.shell import Command

# Programs that undo a failed rollout themselves, or whose platform keeps every version one command away.
_SELF_HEALING = frozenset(
    ("cdk", "sam", "serverless", "sls", "vercel", "netlify", "wrangler", "firebase", "flyctl", "fly", "heroku", "gcloud",
     "argocd", "flux", "werf", "eb", "copilot", "railway", "kapp", "doctl", "amplify")
)  # fmt: skip
_SELF_HEALING_WORDS = ("cloudformation", "elasticbeanstalk", "amplify", "containerapp", "deploy")
_SELF_HEALING_ACTIONS = (
    "aws-actions/aws-cloudformation-github-deploy", "google-github-actions/", "amondnet/vercel-action",
    "cloudflare/wrangler-action", "firebaseextended/", "akhileshns/heroku-deploy", "superfly/",
    "azure/static-web-apps-deploy", "azure/container-apps-deploy-action",
)  # fmt: skip
_ATOMIC = frozenset(("--atomic", "--rollback-on-failure"))
_PROGRESSIVE = ("kubernetes/Rollout", "kubernetes/Canary")
_VERSIONS = ("version", "tag", "image", "revision", "release", "sha", "commit", "build")
_WAITING = frozenset(("--wait", "--atomic", "--rollback-on-failure", "--wait-for-jobs", "--wait=true", "--atomic=true"))


def way_back_defined(estate: Estate) -> Iterator[Verdict]:
    """Rollouts to production after which no pipeline can take the version before: nothing undoes, nothing deploys an
    earlier version on demand, and the tool does not do it itself. What a script does is unknown."""
    found = calls(estate)
    undone: set[str] = set()
    for tree in trees(estate):
        if "rollback" in roles(tree.top):
            undone.add(base_of(tree.top.unit.path))
    progressive = any(estate.kinds.get(kind) for kind in _PROGRESSIVE)
    for deployment in production(estate, rollouts=True):
        job, top = deployment.job, deployment.tree.top
        tops = closure(found, top)
        back = base_of(top.unit.path) in undone or progressive or any("rollback" in roles(each) for each in tops)
        if back or _stops(job) or _deploys_versions(estate, top) or _returns(deployment):
            yield passed(job)
        elif all(_heals(step) for step in deployment.steps):
            continue
        elif all(_opaque(step) for step in deployment.steps):
            unknown = Unknown("run-time", deployment.steps[0].name, "add a job or step that takes the version before")
            yield unsure(job, f"Whether what `{deployment.name}` runs can go back is not visible here", unknown)
        else:
            yield missing(estate, job, f"Nothing takes production back when the rollout of `{deployment.name}` fails")


def _stops(job: Resource) -> bool:
    environment = as_map(job.body.get("environment"))
    return environment is not None and bool(environment.get("on_stop"))


def _deploys_versions(estate: Estate, top: Resource) -> bool:
    """Whether a person can start the pipeline, or what calls it, with the version to deploy."""
    for each in (top, *(top_of(caller) for caller in callers(estate, top))):
        for trigger in each.body.get("triggers", ()):
            inputs = as_map(trigger.get("inputs")) if trigger["cause"] == "manual" else None
            if inputs is not None and any(word in str(name).lower() for name in inputs for word in _VERSIONS):
                return True
        parameters = as_map(each.body.get("inputs"))
        if parameters is not None and any(word in str(name).lower() for name in parameters for word in _VERSIONS):
            return True
    return False


def _returns(deployment: Deployment) -> bool:
    """Steps that deploy again where the first attempt failed, and options that make the tool do so."""
    for job in (deployment.job, *jobs_after(deployment)):
        for step in deployment.tree.steps.get(id(job), ()):
            after = step.body.get("after") or (job.body.get("after") if job is not deployment.job else "")
            if after == "failure" and "deploy" in roles(step):
                return True
    return any(
        not _ATOMIC.isdisjoint(word.partition("=")[0] for word in command.words)
        for step in deployment.steps
        for command in deploying(step)
    )


def _heals(step: Resource) -> bool:
    action = action_of(step)
    if action:
        return action.startswith(_SELF_HEALING_ACTIONS)
    commands = deploying(step)
    return bool(commands) and all(map(_heals_itself, commands))


def _heals_itself(command: Command) -> bool:
    words = unwrap(command.words)
    program = program_of(words)
    return program in _SELF_HEALING or (program in ("aws", "az") and any(word in _SELF_HEALING_WORDS for word in words))


def _opaque(step: Resource) -> bool:
    """Whether what deploys is a script, an action or a task whose inside is not here."""
    commands = deploying(step)
    return not commands or all(
        program_of(unwrap(command.words)) not in PROGRAMS or _by_name(command) for command in commands
    )


def _by_name(command: Command) -> bool:
    """`npm run deploy`: the program is known, and what it deploys with is not."""
    return program_of(unwrap(command.words)) in ("npm", "pnpm", "yarn", "bun", "rake", "mix")


def smoke_tested(estate: Estate) -> Iterator[Verdict]:
    """Rollouts to production after which nothing asks whether what was deployed answers."""
    for deployment in production(estate, rollouts=True):
        job, tree = deployment.job, deployment.tree
        steps = tree.steps.get(id(job), [])
        later = jobs_after(deployment)
        calling = callers(estate, tree.top)
        probed = any(_probes(step, step in deployment.steps) for step in steps[deployment.first :])
        if probed or any({"smoke", "test"} & roles(each) for each in later) or any(map(_waits, deployment.steps)):
            yield passed(job)
        elif any("uses" in each.body for each in later) or calling or _opaque_from(deployment, steps):
            unknown = Unknown("remote-source", f"what runs after `{deployment.name}`", "ask the deployed program here")
            message = f"Whether anything asks production after `{deployment.name}` is decided elsewhere"
            yield unsure(job, message, unknown)
        else:
            message = f"{noun(job)} `{deployment.name}` deploys to production, and nothing asks whether it answers"
            yield missing(estate, job, message)


def _probes(step: Resource, deploys: bool) -> bool:
    """Whether a step asks the deployed program; in a step that deploys, only what comes after counts."""
    if not deploys:
        return bool({"smoke", "test"} & roles(step)) and step.body.get("after") != "failure"
    started = False
    for command in step.context.get("commands", ()):
        own = roles_of_words(command.words)[0]
        if started and {"smoke", "test"} & own:
            return True
        started = started or "deploy" in own
    return False


def _waits(step: Resource) -> bool:
    if str(input_of(step, "wait-for-service-stability")).lower() == "true":
        return True
    return any(not _WAITING.isdisjoint(command.words) for command in deploying(step))


def _opaque_from(deployment: Deployment, steps: list[Resource]) -> bool:
    """Whether a script or an action that is not here deploys, or comes after."""
    if any(_opaque(step) for step in deployment.steps):
        return True
    local = (as_map(step.body.get("uses")) for step in steps[deployment.last + 1 :])
    return any(uses is not None and uses["kind"] == "local" for uses in local)


def failures_told(estate: Estate) -> Iterator[Verdict]:
    """Deployments to production whose failure no step reports: none sends word, or only where all went well."""
    found = calls(estate)
    listening = _listeners(estate)
    known = {id(tree.top): tree for tree in trees(estate)}
    for deployment in production(estate):
        job, tree = deployment.job, deployment.tree
        tops = {id(each): each for each in closure(found, tree.top)}
        tops.update((id(top_of(caller)), top_of(caller)) for caller in callers(estate, tree.top))
        told = any(
            "notify" in roles(each) and _tells_failure(known[id(each)]) for each in tops.values() if id(each) in known
        )
        if told or any(each.name in listening for each in tops.values()):
            yield passed(job)
        elif any("notify" in roles(each) for each in tops.values()):
            yield missing(estate, job, f"Only success is reported: nobody hears when `{deployment.name}` fails")
        else:
            yield missing(estate, job, f"Nobody is told when `{deployment.name}` fails")


def _tells_failure(tree: Tree) -> bool:
    return any("notify" in roles(step) and (_after(step) or _fallback(step)) for step in tree.all_steps())


def _after(step: Resource) -> bool:
    owner = step.owner
    return bool(step.body.get("after") or (owner is not None and owner.body.get("after")))


def _fallback(step: Resource) -> bool:
    """`deploy || curl $WEBHOOK`."""
    return any(
        command.before == "||" and "notify" in roles_of_words(command.words)[0]
        for command in step.context.get("commands", ())
    )


def _listeners(estate: Estate) -> set[str]:
    """Names of the pipelines after which another one runs that sends word."""
    names: set[str] = set()
    for pipeline in estate.of_kind("pipeline/pipeline"):
        if "upstream" in causes(pipeline) and "notify" in roles(pipeline):
            for trigger in pipeline.body["triggers"]:
                if isinstance(trigger, Map):
                    names.update(str(name) for name in trigger.get("workflows", ()))
    return names
