"""Checks of what Jenkins pipelines trust: libraries, agents, images, code of changes, and who gets which credential."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    Tree,
    as_map,
    failed,
    parts,
    passed,
    place,
    roles,
    scalar_place,
    trees,
    unsure,
)
from linter.checks.pipelines.jenkins import command_span, secrets_of
from linter.checks.pipelines.reach import reached
from linter.model import Estate, Map, Resource, Span, Unknown
from linter.parsers.pipelines.events import REVIEW
from linter.parsers.pipelines.roles import unwrap
from linter.parsers.pipelines.shell import Command
from linter.trees import maps


def libraries_pinned(estate: Estate) -> Iterator[Verdict]:
    """Shared libraries at a tag or commit, not at a branch nor at whatever Jenkins is configured to take."""
    for pipeline in parts(estate, "pipeline/pipeline", "jenkins"):
        for include in maps(pipeline.body.get("includes")):
            if include["kind"] != "library":
                continue
            span: Span = include.span
            if "ref" not in include:
                unknown = Unknown("run-time", "library", "write the library and its version out")
                yield unsure(pipeline, "Which library is taken is decided at run time", unknown, span)
                continue
            name, ref = str(include["name"]), str(include["ref"])
            if "${" in ref:
                unknown = Unknown("run-time", ref, "write the version out")
                yield unsure(pipeline, f"The version of library `{name}` is decided at run time", unknown, span, name)
            elif _is_version(ref):
                yield passed(pipeline, span, name)
            else:
                what = f"follows `{ref}`" if ref else "is taken at the version that Jenkins is configured with"
                yield failed(
                    pipeline, f"Library `{name}` {what}, and whoever changes it changes this build", span, name
                )


def _is_version(ref: str) -> bool:
    low = ref.lower()
    if len(ref) in (40, 64) and all(char in "0123456789abcdef" for char in low):
        return True
    last = low.rsplit("/", 1)[-1].removeprefix("release-").removeprefix("rel-")
    number = last.removeprefix("v")
    return number[:1].isdigit() and ("." in number or number.isdigit())


def jenkins_images_pinned(estate: Estate) -> Iterator[Verdict]:
    """Images that stages run in, by a digest or a tag other than `latest`."""
    for job in parts(estate, "pipeline/job", "jenkins"):
        container = as_map(job.body.get("container"))
        if container is None:
            continue
        image, span = container["image"], scalar_place(container, "image", job.anchor)
        if not isinstance(image, str):
            yield unsure(job, "The image is decided at run time", image, span)
            continue
        name, _, tag = image.rpartition(":")
        if "@sha256:" in image:
            yield passed(job, span)
        elif "$" in (tag if name and "/" not in tag else image):
            unknown = Unknown("run-time", image, "write the image out with its tag or digest")
            yield unsure(job, f"Which version of `{image}` is taken is decided at run time", unknown, span)
        elif not name or "/" in tag or tag == "latest":
            yield failed(job, f"Image `{image}` is whatever its registry has as `latest` that day", span)
        else:
            yield passed(job, span)


_DEPLOYS = frozenset(("deploy", "promote", "rollback", "migrate"))


def deploys_on_labelled_agents(estate: Estate) -> Iterator[Verdict]:
    """Stages that deploy name the agents they may run on."""
    for job in parts(estate, "pipeline/job", "jenkins"):
        agent = as_map(job.body.get("agent"))
        if agent is None or _DEPLOYS.isdisjoint(roles(job)):
            continue
        span = agent.span if agent.span != job.extent else job.anchor
        if agent.get("kind") == "any":
            yield failed(job, f"Stage `{job.name}` deploys from whichever agent is free", place(agent, "kind", span))
        elif agent.get("kind") != "none":
            yield passed(job, place(agent, "label", span))


_CONTROLLER = frozenset(("master", "built-in", "builtin", "controller"))


def not_on_controller(estate: Estate) -> Iterator[Verdict]:
    """No stage runs on Jenkins' own machine, whose files hold every credential."""
    for kind in ("pipeline/pipeline", "pipeline/job"):
        for part in parts(estate, kind, "jenkins"):
            agent = as_map(part.body.get("agent"))
            if (
                agent is None
                or agent.get("kind") == "kubernetes"
                or (kind == "pipeline/job" and _inherits(part, agent))
            ):
                continue
            label = agent.get("label")
            span = scalar_place(agent, "label", part.anchor)
            if isinstance(label, Unknown):
                yield unsure(part, "Which agents this runs on is decided at run time", label, span)
            elif isinstance(label, str) and _on_controller(label):
                yield failed(
                    part, f"`{label}` is the controller: what runs there can read every credential of Jenkins", span
                )
            elif agent.get("kind") != "none":
                yield passed(part, span)


def _inherits(job: Resource, agent: Map) -> bool:
    return job.context["pipeline"].get("agent") is agent


def _on_controller(label: str) -> bool:
    words = label.replace("(", " ").replace(")", " ").replace("&&", " ").replace("||", " ").split()
    return any(word.strip("\"'").lower() in _CONTROLLER for word in words)


def no_internals(estate: Estate) -> Iterator[Verdict]:
    """No Groovy that reaches for the controller: its objects, its processes, its credential store."""
    for pipeline in parts(estate, "pipeline/pipeline", "jenkins"):
        found = maps(pipeline.body.get("internals"))
        for each in found:
            name = str(each["name"])
            yield failed(
                pipeline, f"`{name}` acts on the controller, outside of what the sandbox allows", each.span, name
            )
        if not found:
            yield passed(pipeline)


def no_loaded_code(estate: Estate) -> Iterator[Verdict]:
    """No Groovy is taken from files of the workspace, which a change request writes though its Jenkinsfile is not used."""
    for pipeline in parts(estate, "pipeline/pipeline", "jenkins"):
        taken = [each for each in maps(pipeline.body.get("includes")) if each["kind"] != "library"]
        if not taken:
            yield passed(pipeline)
        for include in taken:
            if include["kind"] == "evaluate":
                message = "`evaluate` runs text as Groovy of the pipeline"
                yield failed(pipeline, message, include.span, "evaluate")
            elif include["kind"] == "load" and pipeline.body.get("branched"):
                message = "`load` runs a file of the change as Groovy of the pipeline"
                yield failed(pipeline, message, include.span, "load")
            elif include["kind"] == "load":
                unknown = Unknown("run-time", "change requests", "say in the file by `when` which branches run it")
                yield unsure(
                    pipeline, "Whether changes of others run this is not told here", unknown, include.span, "load"
                )


def credentials_where_needed(estate: Estate) -> Iterator[Verdict]:
    """Credentials of the whole pipeline that only some of its stages use."""
    for tree in trees(estate, actions=False, platform="jenkins"):
        held: dict[Any, list[Map]] = {}
        for job in tree.jobs:
            for each in maps(job.body.get("credentials")):
                if each.get("scope") == "pipeline" and isinstance(each.get("variable"), str):
                    held.setdefault(each.span, []).append(each)
                elif each.get("scope") != "pipeline":
                    yield passed(job, each.span, str(each["variable"]))
        for span, bound in held.items():
            yield from _narrow(tree, span, {str(each["variable"]) for each in bound})


def _narrow(tree: Tree, span: Span, variables: set[str]) -> Iterator[Verdict]:
    using = [job for job in tree.jobs if any(_uses(step, variables) for step in tree.steps.get(id(job), ()))]
    stages = [job for job in tree.jobs if "after" not in job.body]
    name = min(variables, key=len)
    if len(stages) < 2 or not using:
        return
    if len(using) * 2 > len(stages):
        yield passed(tree.top, span, name)
    else:
        message = f"`{name}` is given to {len(stages)} stages, and {len(using)} of them use it"
        yield failed(tree.top, message, span, name)


def _uses(step: Resource, variables: set[str]) -> bool:
    texts = [step.body.get("run"), *(as_map(step.body.get("with")) or {}).values()]
    texts += [*(as_map(step.body.get("env")) or {}).values()]
    if any(isinstance(text, str) and name in text for text in texts for name in variables):
        return True
    return any(name.removeprefix("env.") in variables for each in step.body["expressions"] for name in each["flows"])


_BUILDERS = {
    "make": None, "npm": ("install", "ci", "i", "test", "t", "run"), "yarn": ("install", "test", "build", ""),
    "pnpm": ("install", "test", "build"), "pytest": None, "tox": None, "nox": None, "gradle": None, "gradlew": None,
    "mvn": ("test", "verify", "package", "install", "compile"), "mvnw": ("test", "verify", "package", "install"),
    "pip": ("install",), "pip3": ("install",), "go": ("test", "generate", "run"), "cargo": ("test", "build", "run"),
    "bundle": ("install", "exec"), "rake": None, "composer": ("install", "update"), "dotnet": ("test", "build"),
}  # fmt: skip
"""Programs that run what the files of a change tell them to, with the words that make them; None for any."""
_PUBLISH = frozenset(("deploy", "publish", "release", "push", "upload", "promote"))


def changes_without_credentials(estate: Estate) -> Iterator[Verdict]:
    """Builds and tests of what a change brings, while credentials are bound, where no condition keeps changes out."""
    for tree in trees(estate, actions=False, platform="jenkins"):
        for job in tree.jobs:
            for step in tree.steps.get(id(job), ()):
                secrets = _bound(step)
                command = next((each for each in step.context["commands"] if _builds(each)), None) if secrets else None
                if command is None:
                    continue
                if reached(job, tree, [step], REVIEW) is False:
                    yield passed(step)
                else:
                    name = min(secrets)
                    message = (
                        f"`{command.program}` runs what a change tells it to, with `{name}` in its environment; "
                        "bind credentials apart from builds and tests, or keep changes out by `when`"
                    )
                    yield failed(step, message, command_span(estate, step, command), command.program)


def _bound(step: Resource) -> frozenset[str]:
    """The credentials bound for a step itself, not for all of its stage or pipeline."""
    own = {str(each["variable"]) for each in maps(step.body.get("credentials")) if each.get("scope") == "step"}
    return secrets_of(step) & own


def _builds(command: Command) -> bool:
    words = unwrap(command.words)
    program = words[0].rsplit("/", 1)[-1] if words else ""
    if program not in _BUILDERS:
        return False
    plain = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if any(part in _PUBLISH for word in plain for part in word.replace(":", "-").replace("_", "-").split("-")):
        return False
    wanted = _BUILDERS[program]
    return wanted is None or (plain[0] if plain else "") in wanted
