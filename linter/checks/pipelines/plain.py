"""Checks of CircleCI and Bitbucket pipelines: what they start from, and whose code they bring in."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import failed, parts, passed, scalar_place, unsure
from linter.checks.pipelines.permissions import image_verdict
from linter.model import Estate, Map, Resource, Unknown
from linter.trees import as_map

_COMPUTED = ("<<", "$")
"""How what is put in at run time begins: parameters of CircleCI, variables of Bitbucket."""


def plain_images_pinned(estate: Estate, *, platform: str = "circleci", digest: bool = False) -> Iterator[Verdict]:
    """Images of jobs and services: a digest, or a tag other than `latest`.

    digest: nothing but a digest will do; images without a tag, or with `latest`, are left to the other form.
    """
    for job in parts(estate, "pipeline/job", platform):
        services = as_map(job.body.get("services"))
        holders = [("container", as_map(job.body.get("container")))]
        holders += [(f"services.{name}", as_map(service)) for name, service in services.items()]
        for element, holder in holders:
            if isinstance(holder.get("image"), str):
                yield from _image(job, holder, element, digest)


def _image(job: Resource, holder: Map, element: str, digest: bool) -> Iterator[Verdict]:
    image = holder["image"].strip()
    span = scalar_place(holder, "image", job.anchor)
    tag = image.rpartition("/")[2].rpartition(":")[2]
    if any(mark in tag for mark in _COMPUTED) and "@sha256:" not in image:
        unknown = Unknown("run-time", image, "write the image out with its tag or digest")
        yield unsure(job, f"The tag of `{image}` is decided at run time", unknown, span, element)
        return
    verdict = image_verdict(job, image, span, element)
    if not digest:
        yield verdict
    elif "@sha256:" in image:
        yield passed(job, span, element)
    elif verdict.outcome == "pass":
        yield failed(job, f"Tag `{tag}` of `{image}` can be moved to another image", span, element)


def orbs_pinned(estate: Estate, *, development: bool = False) -> Iterator[Verdict]:
    """References of CircleCI orbs: a full version. development: only `dev:` and `volatile`, which change, are told."""
    for pipeline in estate.of_kind("pipeline/pipeline"):
        if pipeline.body.get("platform") != "circleci":
            continue
        for orb in pipeline.body.get("includes", ()):
            ref = str(orb["ref"])
            moving = ref.startswith("dev:") or ref == "volatile"
            exact = ref.count(".") == 2 and all(part.isdigit() for part in ref.split("."))
            if "<<" in ref:
                unknown = Unknown("run-time", orb["raw"], "write the orb's version out")
                yield unsure(pipeline, f"The version of `{orb['name']}` is a parameter", unknown, orb.span, orb["name"])
            elif moving if development else not exact:
                message = f"Orb `{orb['raw']}` can change under the pipeline"
                yield failed(pipeline, message, orb.span, orb["name"])
            else:
                yield passed(pipeline, orb.span, orb["name"])


def pipes_pinned(estate: Estate) -> Iterator[Verdict]:
    """Pipes of Bitbucket: a full version or a digest."""
    for step in parts(estate, "pipeline/step", "bitbucket"):
        uses = as_map(step.body.get("uses"))
        if uses.get("kind") != "pipe":
            continue
        ref, written = str(uses["ref"]), str(uses["raw"])
        span = scalar_place(step.body, "uses", step.anchor)
        if "@sha256:" in written or (ref.count(".") == 2 and all(part.isdigit() for part in ref.split("."))):
            yield passed(step, span)
        elif "$" in written:
            unknown = Unknown("run-time", written, "write the pipe's version out")
            yield unsure(step, f"The version of `{written}` is decided at run time", unknown, span)
        else:
            yield failed(step, f"Pipe `{written}` can change under the pipeline", span)
