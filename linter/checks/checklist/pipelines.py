"""Checks of what pipelines do for a delivery checklist: whether any does it, on which cause, and for which environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linter.checks import Verdict
from linter.checks.checklist.common import Found, absent, applies, found_or_absent, pattern, repository, text_of
from linter.checks.pipelines.common import causes, roles, trees
from linter.checks.pipelines.deployments import Deployment, deployments
from linter.checks.pipelines.reach import proposed
from linter.discovery.loadtests import is_load_test
from linter.estate.pipeline_links import calls, closure
from linter.model import FAIL, PASS, Environment, Estate, Map, Resource
from linter.text import safe_line
from linter.trees import whole

_PLATFORM_STAGES = frozenset(("github", "gitlab", "azure"))
"""Systems that record every deployment of a job which names its environment."""


def started_by(pipeline: Resource, wanted: str) -> bool:
    """Whether a pipeline runs for a cause of pipelines.model.CAUSES, or on a proposed `change`."""
    return proposed(pipeline) if wanted == "change" else wanted in causes(pipeline)


def _running(estate: Estate, wanted: str) -> dict[int, Resource]:
    """id of a pipeline → a pipeline that starts for the cause and runs it; every pipeline without a cause."""
    if not wanted:
        return {id(tree.top): tree.top for tree in trees(estate)}
    graph = calls(estate)
    return {
        id(each): pipeline
        for pipeline in estate.of_kind("pipeline/pipeline")
        if started_by(pipeline, wanted)
        for each in closure(graph, pipeline)
    }


def pipeline_runs(
    estate: Estate, *, missing: str, causes: Sequence[str], when: Sequence[str] = ()
) -> Iterator[Verdict]:
    """Some pipeline runs for each of the causes; judged where there is something of the kinds `when`."""
    if not applies(estate, when):
        return
    for cause in causes:
        found: list[Found] = [
            (each, each.anchor, f"{each.address} runs on {cause}.")
            for each in estate.of_kind("pipeline/pipeline")
            if started_by(each, cause)
        ]
        yield from found_or_absent(estate, found, f"{missing} on {cause}", cause)


def step_runs(
    estate: Estate,
    *,
    missing: str,
    roles: Sequence[str] = (),
    families: Sequence[str] = (),
    matches: str = "",
    causes: Sequence[str] = ("",),
    when: Sequence[str] = (),
    when_paths: str = "",
    only_published: bool = False,
) -> Iterator[Verdict]:
    """A step of some role, scan family or with words that match `matches` runs for each of the causes.

    when, when_paths: kinds or a pattern of paths, without any of which nothing is judged.
    """
    if not applies(estate, when) or (when_paths and not any(map(pattern(when_paths).search, estate.paths))):
        return
    steps = [
        step
        for step in estate.of_kind("pipeline/step")
        if set(roles).intersection(step.body.get("roles", ()))
        or set(families).intersection(step.body.get("families", ()))
        or (matches and pattern(matches).search(words(step)))
    ]
    for cause in causes:
        running = _running(estate, cause)
        found = [
            (step, step.anchor, f"{step.address} does it{f' on {cause}' if cause else ''}.")
            for step in steps
            if id(top(step)) in running
        ]
        yield from found_or_absent(estate, found, f"{missing}{f' on {cause}' if cause else ''}", cause)


def top(resource: Resource) -> Resource:
    """The pipeline or action a part belongs to."""
    while resource.owner is not None:
        resource = resource.owner
    return resource


def words(step: Resource) -> str:
    """What a step runs, and the action it uses with its inputs, as one text."""
    uses, given = step.body.get("uses"), step.body.get("with")
    parts = [text_of(step.body.get("run"))]
    if isinstance(uses, Map):
        parts.append(text_of(uses.get("raw")))
    if isinstance(given, Map):
        parts += [f"{key}: {text_of(value)}" for key, value in given.items()]
    return "\n".join(parts)


def _environments(estate: Estate) -> dict[str, Environment]:
    """Environments that infrastructure and workloads are written for."""
    found: dict[str, Environment] = {}
    for kind, resources in estate.kinds.items():
        if kind.startswith(("terraform/", "kubernetes/")):
            for each in resources:
                if each.environment is not None and each.environment.tier:
                    found.setdefault(each.environment.name, each.environment)
    return found


def environments_deployed(estate: Estate, *, tiers: Sequence[str]) -> Iterator[Verdict]:
    """Every environment of some tiers is changed by a job that deploys, or by an object of Argo CD or Flux."""
    gitops = [
        each
        for kind in ("kubernetes/Application", "kubernetes/ApplicationSet", "kubernetes/Kustomization", "kubernetes/HelmRelease")
        for each in estate.of_kind(kind)
    ]  # fmt: skip
    for name, environment in sorted(_environments(estate).items()):
        if environment.tier not in tiers:
            continue
        jobs = [each.job for each in deployments(estate) if _reaches(each, environment)]
        synced = [each for each in gitops if each.environment is not None and each.environment.name == name]
        deployers = [*jobs, *synced]
        if deployers:
            for each in deployers:
                yield Verdict(each, PASS, f"{each.address} deploys {name}.", each.anchor, name)
        else:
            yield from absent(
                estate, f"No job and no GitOps object deploys the environment {safe_line(name, 60)}", name
            )


def _reaches(deployment: Deployment, environment: Environment) -> bool:
    declared = deployment.job.body.get("environment")
    name = text_of(declared.get("name")) if isinstance(declared, Map) else ""
    if name and "$" not in name:
        return environment.name in name.lower() or (deployment.tier == environment.tier != "production")
    return environment.tier in deployment.tiers


def lower_declared(estate: Estate) -> Iterator[Verdict]:
    """An environment below production is written down; the evidence is something that is in it."""
    found: list[Found] = []
    for name, environment in sorted(_environments(estate).items()):
        if environment.tier != "production":
            first = next(
                each
                for kind, resources in estate.kinds.items() if kind.startswith(("terraform/", "kubernetes/"))
                for each in resources if each.environment is not None and each.environment.name == name
            )  # fmt: skip
            found.append((first, first.anchor, f"{first.address} is in {name}."))
    yield from found_or_absent(estate, found, "No environment below production is written down")


def deployments_unattended(estate: Estate) -> Iterator[Verdict]:
    """Deployments below production start by a push, a schedule or another pipeline, and wait for nobody."""
    for deployment in deployments(estate):
        if not deployment.tier or deployment.tier == "production":
            continue
        job = deployment.job
        by_hand = [a for a in job.body.get("approvals", ()) if isinstance(a, Map) and a.get("kind") == "manual"]
        if by_hand or _started(estate, deployment.tree.top) == {"manual"}:
            yield Verdict(job, FAIL, f"Somebody has to start {job.address} by hand.", job.anchor)
        else:
            yield Verdict(job, PASS, f"{job.address} starts by itself.", job.anchor)


def _started(estate: Estate, called: Resource) -> set[str]:
    """Why a pipeline runs: its own causes, and those of the pipelines that call it in place of being called."""
    found = causes(called)
    if "called" in found:
        graph = calls(estate)
        callers = [each for each in estate.of_kind("pipeline/pipeline") if each is not called]
        found |= {cause for each in callers if called in closure(graph, each) for cause in causes(each)}
        found.discard("called")
    return found


def deployments_recorded(estate: Estate) -> Iterator[Verdict]:
    """What becomes of every deployment to production is kept: by the system's own record of environments, or by a step
    that reports it."""
    for deployment in deployments(estate):
        if deployment.tier != "production":
            continue
        job = deployment.job
        environment = job.body.get("environment")
        steps = deployment.tree.steps.get(id(job), [])
        telling = next((step for step in steps if "notify" in roles(step)), None)
        if environment is not None and deployment.tree.top.body.get("platform") in _PLATFORM_STAGES:
            yield Verdict(job, PASS, f"The deployments of {job.address} are recorded.", job.anchor)
        elif telling is not None:
            yield Verdict(job, PASS, f"{telling.address} reports the outcome.", telling.anchor)
        else:
            yield Verdict(job, FAIL, f"Nothing records what {job.address} deployed and with what outcome.", job.anchor)


def evidence_kept(estate: Estate, *, days: int = 365) -> Iterator[Verdict]:
    """A job that scans keeps its report for long: as an artifact with a stated retention, or outside the system."""
    kept: list[Found] = []
    short: list[Resource] = []
    for tree in trees(estate):
        for steps in tree.steps.values():
            if not any("scan" in roles(step) for step in steps):
                continue
            for step in steps:
                text = words(step)
                if pattern(r"upload-sarif|codeql-action/analyze|aws s3 (?:cp|sync)|gsutil (?:cp|rsync)|gcloud storage cp|"
                           r"az storage blob upload").search(text):  # fmt: skip
                    kept.append((step, step.anchor, f"{step.address} sends its report where it is kept."))
                elif pattern(r"actions/upload-artifact").search(text):
                    given = step.body.get("with")
                    stated = given.get("retention-days") if isinstance(given, Map) else None
                    if (whole(str(stated)) or 0) >= days:
                        kept.append((step, step.anchor, f"{step.address} keeps its report for {stated} days."))
                    else:
                        short.append(step)
    if not estate.of_kind("pipeline/pipeline"):
        return
    if kept or not short:
        yield from found_or_absent(estate, kept, "No pipeline keeps the reports of its scans")
        return
    for step in short:
        yield Verdict(step, FAIL, f"{step.address} keeps its report for less than {days} days.", step.anchor)


_LOCKS = {
    "package.json": ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb", "bun.lock"),
    "Pipfile": ("Pipfile.lock",), "Gemfile": ("Gemfile.lock",), "composer.json": ("composer.lock",),
    "Cargo.toml": ("Cargo.lock",), "go.mod": ("go.sum",),
}  # fmt: skip


_NOT_DELIVERED = r"(?:^|/)(?:examples?|samples?|tests?|testdata|fixtures|__tests__|docs|node_modules|vendor)/"
"""Folders whose packages are no part of what is built and delivered."""


def lock_files(estate: Estate) -> Iterator[Verdict]:
    """Where dependencies are named, a lock file of the package manager lies beside or above."""
    whole = repository(estate)
    for path in sorted(estate.paths):
        folder, _, name = path.rpartition("/")
        if name not in _LOCKS or whole is None or pattern(_NOT_DELIVERED).search(path):
            continue
        above = [folder, *(folder.rsplit("/", n)[0] for n in range(1, folder.count("/") + 1)), ""]
        locks = [f"{each}/{lock}".lstrip("/") for each in above for lock in _LOCKS[name]]
        held = next((lock for lock in locks if lock in estate.paths), "")
        if held:
            yield Verdict(whole, PASS, f"{held} locks the dependencies of {path}.", whole.anchor, path)
        else:
            yield from absent(estate, f"No lock file is tracked for {safe_line(path, 100)}", path)


_THRESHOLDS = {
    "jmx": r"<(?:Response|Duration|Size|JSONPath)Assertion\b(?![^>]*enabled=\"false\")",
    "py": r"\bprocess_exit_code\b|\bfail_ratio\b|--check-(?:fail-ratio|avg-response-time|rps)",
    "": r"\bthresholds[\"']?\s*:\s*\{\s*[^\s}]|\.assertions\s*\(",
}
"""End of a load test's name → what makes it fail: assertions of JMeter, exit codes of Locust, k6's thresholds and
Gatling's assertions. https://grafana.com/docs/k6/latest/using-k6/thresholds/ ,
https://docs.locust.io/en/stable/running-without-web-ui.html ,
https://docs.gatling.io/concepts/assertions/ , read in November 2026."""


def load_thresholds(estate: Estate) -> Iterator[Verdict]:
    """Every load test in the tree says itself when it fails; a file of Artillery is one by its step."""
    whole = repository(estate)
    for source in sorted(estate.sources, key=lambda each: each.path) if whole is not None else ():
        name = source.path.rpartition("/")[2]
        if whole is None or not is_load_test(name):
            continue
        suffix = name.rpartition(".")[2].lower()
        shown = safe_line(source.path, 100)
        lines = _code(source.text)
        wanted = pattern(_THRESHOLDS.get(suffix, _THRESHOLDS[""]))
        match = wanted.search(lines)
        if match is not None:
            span = (source.index, match.start(), match.start() + len(match[0].split("\n")[0]))
            yield Verdict(whole, PASS, f"{shown} fails where its thresholds are missed.", span, source.path)
        else:
            first = pattern(r"\S[^\r\n]*").search(lines)
            span = (source.index, *(first.span() if first is not None else (0, 0)))
            yield Verdict(whole, FAIL, f"The load test {shown} fails at nothing.", span, source.path)


def _code(text: str) -> str:
    """A script without its comments of a line each, blanked so that offsets stay."""
    return pattern(r"(?m)^[ \t]*(?://|\*|#).*$").sub(lambda found: " " * len(found[0]), text)
