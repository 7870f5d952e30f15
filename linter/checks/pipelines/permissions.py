"""Checks of GitHub Actions permissions, pins and known-bad versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    Tree,
    action_of,
    as_map,
    failed,
    key_place,
    only_called,
    parts,
    passed,
    place,
    scalar_place,
    trees,
    trigger_of,
    unsure,
)
from linter.model import Estate, Map, Origin, Resource, Unknown
from linter.parsers.pipelines.github_forms import matrix_values
from linter.trees import says


def token_permissions_set(estate: Estate) -> Iterator[Verdict]:
    """Workflows, and jobs of workflows without own permissions, that leave the token its repository default.

    Where no job has permissions the workflow is judged, once; else each job without them where it stands. Of a workflow
    that only others call, only the jobs that call further ones are judged, because callers set its permissions.
    """
    for tree in trees(estate, actions=False, platform="github"):
        yield from _permissions_of(tree)


def _permissions_of(tree: Tree) -> Iterator[Verdict]:
    pipeline, called = tree.top, only_called(tree.top)
    if "permissions" in pipeline.body:
        yield passed(pipeline, key_place(pipeline.body, "permissions", pipeline.anchor))
        return
    bare = {id(job) for job in tree.jobs if "permissions" not in job.context["job"]}
    if not called and len(tree.jobs) > 1 and not bare:
        yield passed(pipeline)
    if not called and len(bare) == len(tree.jobs) and not all("uses" in job.body for job in tree.jobs):
        related = tuple(Origin(f"job `{job.body['id']}`", job.anchor) for job in tree.jobs[:10])
        message = "The workflow sets no permissions, so the tokens of its jobs have the repository's default"
        yield failed(pipeline, message)._replace(related=related)
        called = True
    for job in tree.jobs:
        name = job.body["id"]
        if id(job) not in bare:
            yield passed(job, key_place(job.body, "permissions", job.anchor))
        elif "uses" in job.body:
            yield failed(job, f"Job `{name}` hands the repository's default token on to the workflow it calls")
        elif not called:
            yield failed(job, f"Job `{name}` sets no permissions, so its token has the repository's default")


def no_broad_permissions(estate: Estate, *, everything: bool = True) -> Iterator[Verdict]:
    """everything: `write-all`; else `read-all`, and scopes a workflow with several jobs may write in all of them.

    What a workflow grants reaches only the jobs without permissions of their own.
    """
    for tree in trees(estate, actions=False, platform="github"):
        pipeline = tree.top
        if "permissions" in pipeline.body:
            heirs = [job for job in tree.jobs if "permissions" not in job.context["job"]]
            if heirs or not tree.jobs:
                yield from _broad(pipeline, pipeline.body, len(tree.jobs) > 1, everything)
            else:
                yield passed(pipeline, key_place(pipeline.body, "permissions", pipeline.anchor))
        for job in tree.jobs:
            raw = job.context["job"]
            if "permissions" in raw:
                yield from _broad(job, raw, False, everything)


def _broad(resource: Resource, body: Map, shared: bool, everything: bool) -> Iterator[Verdict]:
    value = body["permissions"]
    if isinstance(value, Unknown):
        yield unsure(resource, "What the token may do is unknown", value, place(body, "permissions", resource.anchor))
        return
    if value == ("write-all" if everything else "read-all"):
        what = "write every scope" if everything else "read every scope"
        yield failed(resource, f"With `{value}` the token may {what}", place(body, "permissions", resource.anchor))
        return
    scopes = as_map(value) if shared and not everything else None
    wide = [scope for scope, level in scopes.items() if says(level, "write")] if scopes is not None else []
    if not wide:
        yield passed(resource, key_place(body, "permissions", resource.anchor))
    for scope in wide:
        assert scopes is not None
        message = f"Every job of the workflow may write `{scope}`; grant it to the jobs that need it"
        yield failed(resource, message, place(scopes, scope, resource.anchor), str(scope))


def dispatch_without_inputs(estate: Estate) -> Iterator[Verdict]:
    """Workflows whose manual runs choose values; the place is the first of their inputs."""
    for pipeline in parts(estate, "pipeline/pipeline", "github"):
        trigger = trigger_of(pipeline, "workflow_dispatch")
        inputs = as_map(trigger.get("inputs")) if trigger is not None else None
        if not inputs:
            yield passed(pipeline)
            continue
        first = next(iter(inputs))
        yield failed(pipeline, "A manual run chooses values of the build", key_place(inputs, first, pipeline.anchor))


# Actions that exchange the workflow's identity token, or sign with it.
FEDERATING = (
    "aws-actions/configure-aws-credentials", "google-github-actions/auth", "azure/login", "hashicorp/vault-action",
    "pypa/gh-action-pypi-publish", "actions/attest", "sigstore/", "rubygems/release-gem", "actions/deploy-pages",
    "rubygems/configure-rubygems-credentials", "slsa-framework/slsa-github-generator", "ossf/scorecard-action",
    "chainguard-dev/setup-chainctl", "octo-sts/action", "pulumi/auth-actions", "nuget/login",
    "rust-lang/crates-io-auth-action", "tailscale/github-action", "jfrog/setup-jfrog-cli",
)  # fmt: skip
_FEDERATING_WORDS = ("cosign", "ACTIONS_ID_TOKEN_REQUEST", "--provenance", "sigstore", "gitsign", "oidc", "id-token")
_TRUSTED_PUBLISHERS = frozenset(
    ("npm", "pnpm", "yarn", "uv", "twine", "cargo", "gem", "semantic-release", "lerna", "bun")
)


def identity_token_used(estate: Estate) -> Iterator[Verdict]:
    """Jobs that may ask for an identity token and run nothing that exchanges one; what they call may, unknown to us."""
    for tree in trees(estate, actions=False, platform="github"):
        for job in tree.jobs:
            scopes = as_map(job.body.get("permissions"))
            if scopes is None or not says(scopes.get("id-token"), "write"):
                continue
            yield _identity(job, tree.steps.get(id(job), []), place(scopes, "id-token", job.anchor))


def _identity(job: Resource, steps: list[Resource], span: Any) -> Verdict:
    if "uses" in job.body:
        return passed(job, span)
    foreign = ""
    for step in steps:
        action = action_of(step)
        if action.startswith(FEDERATING) or _federates(step):
            return passed(job, span)
        uses = as_map(step.body.get("uses"))
        if uses is not None and (uses["kind"] in ("local", "docker") or not action.startswith(("actions/", "github/"))):
            foreign = foreign or str(uses["raw"])
    if foreign:
        unknown = Unknown("remote-source", foreign, "check whether this action asks for the identity token")
        return unsure(job, f"Whether `{foreign}` needs `id-token: write` is not visible here", unknown, span)
    return failed(job, f"Job `{job.body['id']}` may ask for an identity token, and nothing in it exchanges one", span)


def _federates(step: Resource) -> bool:
    run = step.body.get("run")
    if isinstance(run, str) and any(word in run for word in _FEDERATING_WORDS):
        return True
    if "publish" in step.body.get("roles", ()) and any(
        command.program in _TRUSTED_PUBLISHERS for command in step.context["commands"]
    ):
        return True
    # A script file may do anything with the token.
    return isinstance(run, str) and any(
        command.words and command.words[0].startswith(("./", "make")) for command in step.context["commands"]
    )


def images_pinned(estate: Estate) -> Iterator[Verdict]:
    """Images of job containers and services: a digest or a tag other than `latest`."""
    for job in parts(estate, "pipeline/job", "github"):
        container = as_map(job.body.get("container"))
        if container is not None and container.get("image") is not None:
            yield from _image(job, container, "container")
        services = as_map(job.body.get("services"))
        for name, service in services.items() if services is not None else ():
            if isinstance(service, Map) and service.get("image") is not None:
                yield from _image(job, service, f"services.{name}")
            elif isinstance(service, str) and services is not None:
                yield image_verdict(job, service, scalar_place(services, name, job.anchor), f"services.{name}")


def _image(job: Resource, holder: Map, element: str) -> Iterator[Verdict]:
    value = holder["image"]
    span = scalar_place(holder, "image", job.anchor)
    if isinstance(value, str) and value.strip():
        strategy = as_map(job.body.get("strategy"))
        for image in matrix_values(value, strategy.get("matrix") if strategy is not None else None):
            verdict = image_verdict(job, image, span, element)
            if verdict.outcome != "pass":
                yield verdict
                return
        yield passed(job, span, element)


def image_verdict(resource: Resource, image: str, span: Any, element: str) -> Verdict:
    if "@sha256:" in image:
        return passed(resource, span, element)
    name, _, tag = image.rpartition(":")
    if name and "/" not in tag:
        if "${{" in tag or "}}" in tag:
            unknown = Unknown("run-time", image, "write the tag or digest out")
            return unsure(resource, f"The tag of `{image}` is decided at run time", unknown, span, element)
        if tag != "latest":
            return passed(resource, span, element)
        return failed(resource, f"Image `{image}` follows `latest`", span, element)
    if "${{" in image:
        unknown = Unknown("run-time", image, "write the image out with its tag or digest")
        return unsure(resource, f"Image `{image}` is decided at run time", unknown, span, element)
    return failed(resource, f"Image `{image}` has neither tag nor digest", span, element)
