"""Checks of what Azure pipelines are made of: images, templates, tasks, checkouts, agents, and the order of their parts.

Encodes https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/ and …/process/conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    as_map,
    failed,
    input_of,
    missing,
    only_called,
    parts,
    passed,
    roles,
    scalar_place,
    trees,
    unsure,
)
from linter.checks.pipelines.permissions import image_verdict
from linter.model import Estate, Map, Resource, Seq, Span, Unknown
from linter.parsers.pipelines.azure_expressions import parse
from linter.parsers.pipelines.azure_forms import plain
from linter.parsers.pipelines.azure_tasks import table_name
from linter.trees import at_path, maps


def azure_images_pinned(estate: Estate) -> Iterator[Verdict]:
    """Images of container jobs and services: a digest or a tag other than `latest`."""
    for job in parts(estate, "pipeline/job", "azure"):
        services = as_map(job.body.get("services"))
        holders = [("container", job.body.get("container"))]
        holders += [(f"services.{name}", item) for name, item in services.items()] if services is not None else []
        for element, holder in holders:
            if isinstance(holder, Map) and "image" in holder:
                yield _image(job, holder, element)


def _image(job: Resource, holder: Map, element: str) -> Verdict:
    value, span = holder["image"], scalar_place(holder, "image", job.anchor)
    if isinstance(value, str) and not value.strip().startswith("$"):
        tag = value.rpartition(":")[2]
        if "$(" not in tag and "$[" not in tag:
            return image_verdict(job, value.strip(), span, element)
    unknown = Unknown("run-time", element, "write the image out with its tag or digest")
    return unsure(job, "Which image is used is decided at run time", unknown, span, element)


def azure_templates_pinned(estate: Estate) -> Iterator[Verdict]:
    """Templates of other repositories at a tag or a commit."""
    for pipeline in parts(estate, "pipeline/pipeline", "azure"):
        done = set()
        for include in maps(pipeline.body.get("includes")):
            alias = plain(include.get("repository"))
            if include["kind"] != "remote" or alias.lower() in done:
                continue
            done.add(alias.lower())
            span = scalar_place(include, "ref", include.span)
            ref = include.get("ref")
            if not include.get("declared"):
                unknown = Unknown("remote-source", alias, "declare the repository in `resources.repositories`")
                yield unsure(pipeline, f"Where `{alias}` comes from is not written here", unknown, span, alias)
            elif isinstance(ref, Unknown) or "$" in plain(ref):
                unknown = ref if isinstance(ref, Unknown) else Unknown("run-time", plain(ref), "write the ref out")
                yield unsure(pipeline, "The ref of the templates is decided at run time", unknown, span, alias)
            elif _fixed(plain(ref)):
                yield passed(pipeline, span, alias)
            else:
                what = f"follow the branch `{plain(ref)}`" if plain(ref) else "follow the default branch"
                yield failed(
                    pipeline, f"Templates of `{alias}` {what}: who writes there decides what runs", span, alias
                )


def _fixed(ref: str) -> bool:
    commit = ref.removeprefix("refs/")
    return ref.startswith("refs/tags/") or (
        len(commit) == 40 and all(char in "0123456789abcdef" for char in commit.lower())
    )


def azure_templates_exist(estate: Estate) -> Iterator[Verdict]:
    """Local templates that a pipeline includes."""
    for pipeline in parts(estate, "pipeline/pipeline", "azure"):
        for include in maps(pipeline.body.get("includes")):
            if include["kind"] != "local":
                continue
            if include["found"]:
                yield passed(pipeline, include.span, include["raw"])
            else:
                yield missing(estate, pipeline, f"There is no template `{include['name']}`", include.span)


def azure_checkouts_pinned(estate: Estate) -> Iterator[Verdict]:
    """Other repositories that are checked out name the ref that is meant."""
    for step in parts(estate, "pipeline/step", "azure"):
        uses = as_map(step.body.get("uses"))
        if uses is None or uses["name"] != "checkout" or plain(uses["raw"]).lower() in ("self", "none", ""):
            continue
        raw = plain(uses["raw"])
        span = scalar_place(step.body, "uses", step.anchor)
        if "://" in raw:
            sound = "@" in raw
        else:
            resources = at_path(step.context["workflow"], ("resources", "repositories"))
            known = next(
                (each for each in maps(resources) if plain(each.get("repository")).lower() == raw.lower()), None
            )
            if known is None or "$" in raw:
                unknown = Unknown("run-time", raw, "declare the repository in `resources.repositories`")
                yield unsure(step, f"Which repository `{raw}` is cannot be told here", unknown, span)
                continue
            sound = isinstance(known.get("ref"), Unknown) or bool(plain(known.get("ref")))
        if sound:
            yield passed(step, span)
        else:
            yield failed(step, f"`{raw}` is checked out at whatever its default branch holds", span)


# Task → (the newest major version that was replaced by another or by nothing, what to use); as of 2025-10-01.
RETIRED: dict[str, tuple[int, str]] = {
    "nugetinstaller": (0, "NuGetCommand@2"), "nugetrestore": (1, "NuGetCommand@2"),
    "downloadpackage": (0, "DownloadPackage@1"), "azuremonitoralerts": (0, "an Azure CLI step"),
    "androidbuild": (1, "Gradle@3"), "dotnetcoreinstaller": (1, "UseDotNet@2"), "cachebeta": (1, "Cache@2"),
    "azureresourcegroupdeployment": (2, "AzureResourceManagerTemplateDeployment@3"),
    "kubernetesmanifest": (0, "KubernetesManifest@1"), "helmdeploy": (0, "HelmDeploy@1"),
    "appcenterdistribute": (99, "another service: App Center has closed"),
    "appcentertest": (99, "another service: App Center has closed"), "azurermwebappdeployment": (3, "@4 or AzureWebApp@1"),
    "azurecli": (1, "AzureCLI@2"), "azurepowershell": (3, "AzurePowerShell@5"), "docker": (1, "Docker@2"),
    "publishcodecoverageresults": (1, "PublishCodeCoverageResults@2"), "publishtestresults": (1, "PublishTestResults@2"),
    "vstest": (1, "VSTest@2"), "powershell": (1, "PowerShell@2"), "bash": (2, "Bash@3"), "cmdline": (1, "CmdLine@2"),
    "downloadpipelineartifact": (1, "DownloadPipelineArtifact@2"), "nugetcommand": (1, "NuGetCommand@2"),
    "dotnetcorecli": (1, "DotNetCoreCLI@2"), "nugetauthenticate": (0, "NuGetAuthenticate@1"),
    "pipauthenticate": (0, "PipAuthenticate@1"), "twineauthenticate": (0, "TwineAuthenticate@1"),
    "conda": (1, "a script that calls conda"), "condaenvironment": (1, "a script that calls conda"),
    "sonarqubeprepare": (4, "SonarQubePrepare@7"), "sonarqubeanalyze": (4, "SonarQubeAnalyze@7"),
}  # fmt: skip


def azure_tasks_served(estate: Estate) -> Iterator[Verdict]:
    """Tasks name a version, and one that is not superseded."""
    for step in parts(estate, "pipeline/step", "azure"):
        uses = as_map(step.body.get("uses"))
        if uses is None or uses["kind"] != "task" or "task" not in _raw_words(step):
            continue
        span, ref = scalar_place(step.body, "uses", step.anchor), plain(uses["ref"])
        raw = plain(uses["raw"])
        retired = RETIRED.get(table_name(plain(uses["name"])))
        if "$" in raw or not raw:
            unknown = Unknown("run-time", raw or "task", "write the task out with its version")
            yield unsure(step, "Which task runs is decided by an expression", unknown, span)
        elif not ref:
            yield failed(step, f"`{raw}` names no version: a new major version may change what it does", span)
        elif retired is not None and ref.partition(".")[0].isdecimal() and int(ref.partition(".")[0][:6]) <= retired[0]:
            yield failed(step, f"`{raw}` is superseded; use {retired[1]}", span)
        else:
            yield passed(step, span)


def _raw_words(step: Resource) -> tuple[str, ...]:
    """`task` where the step is written as one; keywords such as `checkout` stand for tasks without a version."""
    return () if plain(as_map(step.body["uses"])["name"]) in _KEYWORDS else ("task",)  # type: ignore[index]


_KEYWORDS = frozenset(("checkout", "download", "publish", "downloadbuild", "getpackage", "reviewapp", "upload"))

REMOVED_IMAGES: dict[str, str] = {
    "ubuntu-16.04": "2021-10", "ubuntu-18.04": "2023-04", "ubuntu-20.04": "2025-04", "vs2015-win2012r2": "2020-03",
    "vs2017-win2016": "2022-04", "windows-2016": "2022-04", "win1803": "2020-03", "macos-10.13": "2020-03",
    "macos-10.14": "2021-12", "macos-10.15": "2022-12", "macos-11": "2024-06", "macos-12": "2024-12",
}  # fmt: skip
"""Images of Microsoft's agents that are gone, with the month of their removal; as of 2025-10-01."""


def azure_agents_exist(estate: Estate) -> Iterator[Verdict]:
    """Images of Microsoft-hosted agents that still exist."""
    for job in parts(estate, "pipeline/job", "azure"):
        pool = as_map(job.body.get("pool"))
        image = pool.get("vm_image") if pool is not None else None
        if pool is None or image is None:
            continue
        span = scalar_place(pool, "vm_image", job.anchor)
        if not isinstance(image, str) or "$" in image:
            unknown = image if isinstance(image, Unknown) else Unknown("run-time", "vmImage", "write the image out")
            yield unsure(job, "Which image the job runs on is decided at run time", unknown, span)
        elif image.strip().lower() in REMOVED_IMAGES:
            when = REMOVED_IMAGES[image.strip().lower()]
            yield failed(job, f"There is no image `{image}` since {when}: the job never starts", span)
        else:
            yield passed(job, span)


def azure_no_kept_token(estate: Estate) -> Iterator[Verdict]:
    """Checkouts that leave the token on disk, in jobs that show no use of it."""
    for tree in trees(estate, actions=False, platform="azure"):
        for job in tree.jobs:
            steps = tree.steps.get(id(job), [])
            for index, step in enumerate(steps):
                uses = as_map(step.body.get("uses"))
                if uses is None or uses["name"] != "checkout":
                    continue
                value = input_of(step, "persistcredentials")
                span = scalar_place(as_map(step.body.get("with")) or Map(step.anchor), _written(step), step.anchor)
                if plain(value).lower() != "true":
                    yield passed(step)
                elif any(_uses_git(later) for later in steps[index + 1 :]):
                    yield passed(step, span)
                else:
                    yield failed(step, "The checkout leaves its token on disk for every later step", span)


def _written(step: Resource) -> str:
    inputs = as_map(step.body.get("with"))
    return next((str(key) for key in inputs or () if str(key).lower() == "persistcredentials"), "")


_REMOTE = frozenset(("push", "fetch", "pull", "clone", "submodule", "lfs", "ls-remote", "tag"))


def _uses_git(step: Resource) -> bool:
    return any(
        command.program == "git" and _REMOTE & set(command.words[1:5]) for command in step.context.get("commands", ())
    )


def azure_needs_known(estate: Estate) -> Iterator[Verdict]:
    """Jobs and stages that others depend on."""
    for tree in trees(estate, actions=False, platform="azure"):
        stages = {plain(each["name"]).lower() for each in maps(tree.top.body.get("stages"))}
        open_ended = any(include["found"] is False for include in maps(tree.top.body.get("includes")))
        open_ended = open_ended or only_called(tree.top) or any(_unnamed(job) for job in tree.jobs)
        for stage in maps(tree.top.body.get("stages")):
            needs = stage.get("needs")
            for name, span in _names(needs):
                if "$" not in name:
                    yield _known(estate, tree.top, name, span, name.lower() in stages, open_ended, "stage")
        for job in tree.jobs:
            for id, span in _names(job.body.get("needs")):
                if "$" not in id:
                    yield _known(estate, job, id, span, id in tree.ids, open_ended, "job")


def _unnamed(job: Resource) -> bool:
    """Whether an expression that nobody decides names a job or its stage."""
    holders = (job.context.get("job"), job.context.get("stage"))
    words = ("job", "deployment", "stage")
    return any(isinstance(each.get(word), Unknown) for each in holders if isinstance(each, Map) for word in words)


def _names(needs: Any) -> list[tuple[str, Span]]:
    if not isinstance(needs, Seq):
        return []
    spans = [(at[0], at[3], at[4]) for at in needs.at]
    return [(name, span) for name, span in zip(needs, spans, strict=True) if isinstance(name, str) and name]


def _known(
    estate: Estate, resource: Resource, name: str, span: Span, found: bool, open_ended: bool, what: str
) -> Verdict:
    if found:
        return passed(resource, span, name)
    if open_ended:
        unknown = Unknown("remote-source", name, "the template that may hold it is not in the scanned tree")
        return unsure(resource, f"Whether there is a {what} `{name}` is decided elsewhere", unknown, span, name)
    return failed(resource, f"There is no {what} `{name}` to depend on: Azure refuses the pipeline", span, name)


def azure_success_kept(estate: Estate) -> Iterator[Verdict]:
    """Deploying jobs and stages whose own condition replaces the implied `succeeded()`."""
    for tree in trees(estate, actions=False, platform="azure"):
        for job in tree.jobs:
            if "deploy" not in roles(job) or not (job.body.get("needs") or job.context.get("earlier")):
                continue
            sound = True
            for holder in _holders(job):
                condition = holder.get("condition")
                if isinstance(condition, str) and _drops_success(condition):
                    sound = False
                    message = "This condition lacks succeeded(): it deploys although what comes before failed or was cancelled"
                    yield failed(job, message, scalar_place(holder, "condition", job.anchor), "condition")
            if sound:
                yield passed(job)


def _holders(job: Resource) -> list[Map]:
    """The job and its stage, each if what comes before it is kept by its own condition."""
    found = []
    if job.body.get("needs"):
        found.append(job.body)
    stage = job.context.get("stage")
    if isinstance(stage, Map) and job.context.get("earlier"):
        found.append(stage)
    return found


def _drops_success(condition: str) -> bool:
    parsed = parse(condition.strip())
    if parsed.node is None or parsed.node[0] == "lit":
        return False
    looked = {"succeeded", "failed", "canceled"} & set(parsed.calls) or "dependencies" in condition
    return not looked and "result" not in condition.lower()
