"""Checks of what pipelines test, scan and prove about what they publish."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    action_of,
    failed,
    missing,
    only_called,
    passed,
    roles,
    scalar_place,
    trees,
    unsure,
)
from linter.checks.pipelines.deployments import noun
from linter.checks.pipelines.reach import proposed
from linter.estate.pipeline_links import base_of, calls, closure
from linter.model import Estate, Resource, Unknown
from linter.trees import decimal, maps


def no_ignored_failures(estate: Estate) -> Iterator[Verdict]:
    """Tests, scans and deployments whose failure is ignored: the run goes on, or `|| true` follows."""
    for tree in trees(estate):
        for job in tree.jobs:
            if roles(job) & _GUARDED and "uses" not in job.body:
                yield from _continues(job, frozenset())
        for steps in tree.steps.values():
            read = _outcomes_read(steps)
            for step in steps:
                if _guarded(step):
                    yield from _continues(step, read)
                    yield from _swallowed(estate, step)


_GUARDED = frozenset(("test", "scan", "deploy", "publish", "verify", "smoke", "migrate"))


def _guarded(step: Resource) -> bool:
    """A request proves something only of what the job has deployed."""
    found = roles(step) & _GUARDED
    return bool(found) and (found != {"smoke"} or (step.owner is not None and "deploy" in roles(step.owner)))


def _continues(resource: Resource, read: frozenset[str]) -> Iterator[Verdict]:
    value = resource.body.get("continue_on_error")
    span = scalar_place(resource.body, "continue_on_error", resource.anchor)
    if isinstance(value, Unknown):
        yield unsure(resource, "Whether a failure is ignored is decided at run time", value, span)
    elif (value is True or value == "true") and str(resource.body.get("id", "")).lower() not in read:
        yield failed(resource, "A failure here is ignored: the run goes on and turns green", span, "continue-on-error")
    else:
        yield passed(resource, span, "continue-on-error")


def _outcomes_read(steps: list[Resource]) -> frozenset[str]:
    """Ids of the steps whose outcome a later expression looks at."""
    return frozenset(
        context.split(".")[1]
        for step in steps
        for found in step.body.get("expressions", ())
        for context in found["contexts"]
        if context.startswith("steps.") and context.endswith(".outcome")
    )


def _swallowed(estate: Estate, step: Resource) -> Iterator[Verdict]:
    from linter.parsers.pipelines.roles import roles_of_words
    from linter.parsers.pipelines.scalars import Scalar

    commands = step.context["commands"]
    for index, command in enumerate(commands[:-1]):
        following = commands[index + 1]
        if command.after != "||" or following.words[:1] not in (("true",), (":",)) or following.before != "||":
            continue
        if roles_of_words(command.words)[0] & _GUARDED:
            scalar = Scalar(estate.sources[step.anchor[0]], step.body.at["run"], step.body["run"])
            message = f"A failure of `{command.program}` is ignored: the run goes on and turns green"
            yield failed(step, message, scalar.span(command.start, following.end), command.program)


_LONGEST = 120
# Minutes a job may run where the file does not say: of GitLab and Azure Pipelines, as set for the project and the agent.
_DEFAULTS = {"github": 360.0, "gitlab": 60.0, "azure": 60.0, "bitbucket": 120.0}
_UNSAID = frozenset(("circleci",))
"""Systems whose files have no word for it."""


def time_bounded(estate: Estate) -> Iterator[Verdict]:
    """Jobs that may run for longer than two hours; a pipeline of Jenkins, whose stages share one bound, once."""
    for tree in trees(estate, actions=False):
        platform = tree.top.body.get("platform", "")
        whole = tree.top.body.get("timeout")
        endless: list[Resource] = []
        told = False
        for job in tree.jobs:
            if "uses" in job.body or platform in _UNSAID:
                continue
            holder = job if "timeout" in job.body or whole is None else tree.top
            if holder is tree.top and told:
                continue
            told = told or holder is tree.top
            value = holder.body.get("timeout")
            span = scalar_place(holder.body, "timeout", job.anchor)
            if value is None and platform not in _DEFAULTS:
                endless.append(job)
            elif isinstance(value, Unknown):
                yield unsure(holder, "How long this may run is decided at run time", value, span)
            elif _minutes(value, _DEFAULTS.get(platform, 0.0)) > _LONGEST:
                what = f"{noun(job)} `{job.body['id']}`" if holder is job else "The pipeline"
                yield failed(holder, f"{what} may run for longer than two hours", span)
            else:
                yield passed(holder, span)
        if endless:
            yield failed(tree.top, f"Nothing bounds how long {len(endless)} of {len(tree.jobs)} stages may run")


def _minutes(value: Any, default: float) -> float:
    """0 is Azure's word for as long as the agent allows."""
    if isinstance(value, str):
        value = decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return default
    return float(value) if value > 0 else float("inf")


def scan_families(estate: Estate) -> Iterator[Verdict]:
    """Whether the pipelines of a repository that run on proposed changes scan for secrets and, where there are any, its
    programs, its dependencies and its infrastructure code."""
    found = calls(estate)
    ordered = sorted(estate.paths)
    folders = {
        resource.unit.path
        for kind in estate.kinds
        if kind.startswith(("terraform/", "kubernetes/"))
        for resource in estate.kinds[kind]
    }
    for base, pipelines in _repositories(estate).items():
        reviewing = [each for each in pipelines if proposed(each)]
        covered: set[str] = set()
        for pipeline in reviewing:
            for each in closure(found, pipeline):
                covered |= set(each.body.get("families", ())) | _included(each)
        wanted = _held(ordered[bisect_left(ordered, base) : bisect_left(ordered, f"{base}\U0010ffff")])
        if any(f"{folder}/".startswith(base) for folder in folders):
            wanted.add("iac")
        absent = [words for family, words in _FAMILIES.items() if family in wanted and family not in covered]
        subject = (reviewing or pipelines)[0]
        if absent:
            yield missing(estate, subject, f"No pipeline scans proposed changes for {' or '.join(absent)}")
        else:
            yield passed(subject)


def _included(pipeline: Resource) -> set[str]:
    """The families of the scanners that GitLab's own templates and components bring."""
    written = [str(each.get("raw", "")).lower() for each in maps(pipeline.body.get("includes"))]
    return {family for raw in written for word, family in _TEMPLATES if word in raw}


_TEMPLATES = (
    ("sast-iac", "iac"), ("iac-sast", "iac"), ("/sast.", "code"), ("/sast@", "code"), ("dependency-scanning", "dependencies"),
    ("secret-detection", "secrets"), ("container-scanning", "image"), ("auto-devops", "code"),
    ("auto-devops", "dependencies"), ("auto-devops", "secrets"),
)  # fmt: skip


def _repositories(estate: Estate) -> dict[str, list[Resource]]:
    """Pipelines by the folder their repository begins at; those of folders below one with a pipeline of the same system
    belong to that one, but GitHub's, which stand at the root of a repository only."""
    found: dict[str, list[Resource]] = {}
    systems: dict[str, set[str]] = {}
    for pipeline in estate.of_kind("pipeline/pipeline"):
        if not only_called(pipeline):
            base = base_of(pipeline.unit.path)
            found.setdefault(base, []).append(pipeline)
            systems.setdefault(base, set()).add(str(pipeline.body.get("platform", "")))
    for base in sorted(found, key=len, reverse=True):
        above = base
        while above and "github" not in systems[base]:
            above = f"{above.rstrip('/').rpartition('/')[0]}/".removeprefix("/")
            if systems[base] <= systems.get(above, set()):
                found[above] += found.pop(base)
                break
    return found


def _held(paths: list[str]) -> set[str]:
    """The families of scans that have something to look at in some files."""
    names = {path.rsplit("/", 1)[-1] for path in paths}
    held = {"secrets"}
    if any(name.endswith(_PROGRAMS) for name in names):
        held.add("code")
    if names & _MANIFESTS or any(name.endswith(("proj", "requirements.txt")) for name in names):
        held.add("dependencies")
    return held


_PROGRAMS = (
    ".py", ".go", ".js", ".mjs", ".jsx", ".ts", ".tsx", ".java", ".kt", ".scala", ".rb", ".php", ".cs", ".rs", ".c",
    ".cc", ".cpp", ".swift", ".ex", ".dart", ".vue", ".sql",
)  # fmt: skip
_MANIFESTS = frozenset(
    ("package.json", "go.mod", "pyproject.toml", "Pipfile", "setup.py", "pom.xml", "build.gradle", "build.gradle.kts",
     "Cargo.toml", "Gemfile", "composer.json", "mix.exs", "Package.swift", "pubspec.yaml", "Dockerfile")
)  # fmt: skip
_FAMILIES = {
    "code": "faults in the code",
    "dependencies": "vulnerable dependencies",
    "secrets": "secrets",
    "iac": "faults in infrastructure code",
}


def released_with_proof(estate: Estate) -> Iterator[Verdict]:
    """Jobs that publish an artifact in a pipeline without an SBOM or without a signature or attestation."""
    found = calls(estate)
    for tree in trees(estate, actions=False):
        publishing = [job for job in tree.jobs if "publish" in roles(job)]
        if not publishing:
            continue
        held: set[str] = set()
        for each in closure(found, tree.top):
            held |= roles(each)
        for job in publishing:
            absent = [word for role, word in (("sbom", "an SBOM"), ("sign", "a signature")) if role not in held]
            configured = any(action_of(step) == "goreleaser/goreleaser-action" for step in tree.steps.get(id(job), ()))
            if absent and configured:
                unknown = Unknown("remote-source", ".goreleaser.yaml", "look for `sboms:` and `signs:` there")
                yield unsure(job, "Whether GoReleaser adds an SBOM and a signature is set in its own file", unknown)
            elif absent:
                yield missing(estate, job, f"{noun(job)} `{job.body['id']}` publishes without {' and '.join(absent)}")
            else:
                yield passed(job)
