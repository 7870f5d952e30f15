"""From the images that workloads run to the pipelines that build them: whether any does, and scans them on the way."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from linter.checks import Verdict
from linter.checks.cross.common import found, lacking, pattern, step_into, unsure
from linter.checks.pipelines.common import Tree, action_of, families, roles, trees
from linter.checks.pipelines.deployments import deployments, steps_before
from linter.estate.image_builds import image_name
from linter.estate.image_links import NAME as BUILT_BY
from linter.estate.pipeline_links import base_of, calls, closure
from linter.model import Estate, Map, Origin, Resource, Span, Unknown
from linter.parsers.pipelines.roles import program_of, unwrap
from linter.records import NamedTuple
from linter.text import safe_line
from linter.trees import maps

_EXPRESSION = r"\$\{\{[^}]{0,200}\}\}|\$\{[^}]{0,200}\}|\$\([^)]{0,200}\)|\$\w+"
_ENGINES = frozenset(("docker", "podman", "buildah", "nerdctl"))
_SCRIPTS = r"^(?:bash|sh|make|just|task|npm|yarn|bazel|earthly|pants|nx|skaffold|werf|ko|gradle|mvn)$|^\.{0,2}/|\.sh$"


class Image(NamedTuple):
    """An image of this repository. name: without tag. file: its Dockerfile. uses: the containers that run it, with the
    spans of their images. makers: steps that build it, each with its pipeline."""

    name: str
    file: Resource
    uses: list[tuple[Resource, Span]]
    makers: list[tuple[Resource, Tree]]


@lru_cache(maxsize=4)
def images(estate: Estate) -> tuple[Image, ...]:
    """The images that workloads run and Dockerfiles of this repository make, in order of their Dockerfiles."""
    made: dict[str, Image] = {}
    for container in estate.of_kind("kubernetes/container"):
        for link in estate.outgoing.get(id(container), ()):
            if link.name == BUILT_BY and link.span is not None:
                path = link.target.address
                name = image_name(str(container.body["image"]))
                image = made.setdefault(path, Image(name, link.target, [], []))
                image.uses.append((container, link.span))
    if made:
        for tree in trees(estate):
            for step in tree.all_steps():
                for template in _dockerfiles(step):
                    for path, image in made.items():
                        if template.fullmatch(path):
                            image.makers.append((step, tree))
    return tuple(made[path] for path in sorted(made))


def _dockerfiles(step: Resource) -> Iterator[re.Pattern[str]]:
    """Patterns of the Dockerfiles a step builds: `services/${{ matrix.service }}` is any folder below services."""
    base = base_of(step.unit.path)
    inputs = step.body.get("with")
    if action_of(step) == "docker/build-push-action" and isinstance(inputs, Map):
        yield from _template(base, "", inputs.get("context", "."), inputs.get("file"))
    folder = step.body.get("working_directory") or ""
    for command in step.context.get("commands", ()):
        words = unwrap(command.words)
        program = program_of(words)
        if program == "cd" and len(words) > 1:
            folder = posixpath.join(str(folder), words[1])
        elif (program in _ENGINES and "build" in words[1:3]) or words[:3] == ("az", "acr", "build"):
            yield from _template(base, folder, words[-1], _valued(words, "-f", "--file"))
        elif program in ("executor", "kaniko"):
            context = (_valued(words, "-c", "--context") or ".").removeprefix("dir://")
            yield from _template(base, folder, context, _valued(words, "-f", "--dockerfile"), beside=True)


def _valued(words: tuple[str, ...], *names: str) -> str | None:
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else words[index + 1] if index + 1 < len(words) else None
    return None


def _template(
    base: str, folder: object, context: object, file: object, beside: bool = False
) -> Iterator[re.Pattern[str]]:
    """beside: the file's path counts from the context."""
    if not isinstance(context, str) or not isinstance(folder, str) or not isinstance(file, (str, type(None))):
        return
    context = pattern(r"^(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?CI_PROJECT_DIR\}?|\$\{?GITHUB_WORKSPACE\}?)/?").sub(
        "", context
    )
    path = posixpath.join(context, "Dockerfile") if file is None else posixpath.join(context if beside else "", file)
    path = posixpath.normpath(posixpath.join(base, folder, path))
    literal = [part for part in path.split("/")[:-1] if "$" not in part]
    if "$" in path and not literal:
        return  # a context that is a variable altogether may be any folder
    parts = pattern(_EXPRESSION).split(path)
    yield re.compile("[^/]+".join(map(re.escape, parts)))


def images_built(estate: Estate) -> Iterator[Verdict]:
    """Where pipelines build images of this repository, they build every one that its workloads run.

    Unknown where a pipeline calls a script or a tool that may build it; not judged where no pipeline builds images.
    """
    held = images(estate)
    if not any(image.makers for image in held):
        return
    script = _script(estate)
    for image in held:
        shown = safe_line(image.name, 100)
        if image.makers:
            step = image.makers[0][0]
            there = tuple(Origin("it is deployed here", span) for _, span in image.uses[:3])
            yield found(image.file, f"{step.address} builds {shown}.", step.anchor)._replace(related=there)
            continue
        container, span = image.uses[0]
        message = f"{container.outermost.address} runs {shown}, and no pipeline builds it"
        related = (Origin("its Dockerfile is here", image.file.anchor),)
        if script is not None:
            unknown = Unknown("run-time", f"what {safe_line(script, 60)} does", "build images in steps of the pipeline")
            yield unsure(container, f"{message} that can be seen.", unknown, span)._replace(related=related)
        else:
            yield lacking(estate, container, message, span)._replace(related=related)


def _script(estate: Estate) -> str | None:
    """A script or builder that a step calls and that may build images."""
    for step in estate.of_kind("pipeline/step"):
        for command in step.context.get("commands", ()):
            words = unwrap(command.words)
            if words and pattern(_SCRIPTS).search(words[0]):
                return " ".join(words[:2])
    return None


def images_scanned(estate: Estate) -> Iterator[Verdict]:
    """An image that a pipeline here builds and a workload here runs is scanned: by a step before it is deployed, in the
    pipeline that builds it or one that it runs, or by the registry on push. What one step builds is judged once."""
    called = calls(estate)
    unscanned: dict[int, list[Image]] = {}
    for image in images(estate):
        registry = _scanning_registry(estate, image.name)
        if image.makers and registry is not None:
            step = image.makers[0][0]
            message = f"{registry.address} scans {safe_line(image.name, 100)} on push."
            yield found(step, message, registry.anchor, image.file.address)._replace(related=_uses([image]))
        elif image.makers:
            unscanned.setdefault(id(image.makers[0][0]), []).append(image)
    for held in unscanned.values():
        step, tree = held[0].makers[0]
        scans = [each for image in held for _, own in image.makers for each in _scans(estate, own, called)]
        shown = ", ".join(safe_line(image.name.rpartition("/")[2], 60) for image in held[:5])
        if scans and not _too_late(estate, tree, scans):
            yield found(step, f"{scans[0].address} scans {shown}.", scans[0].anchor)._replace(related=_uses(held))
        elif scans:
            message = f"What is built here ({shown}) is scanned only after it is deployed"
            yield lacking(estate, step, message, scans[0].anchor)._replace(related=_uses(held))
        else:
            message = f"Nothing scans what is built here and run by workloads: {shown}"
            yield lacking(estate, step, message)._replace(related=_uses(held))


def _uses(held: list[Image]) -> tuple[Origin, ...]:
    return tuple(Origin(f"{safe_line(i.uses[0][0].outermost.address, 80)} runs it", i.uses[0][1]) for i in held[:5])


def _scans(estate: Estate, tree: Tree, called: dict[int, list[Resource]]) -> list[Resource]:
    """The steps that scan images in a pipeline and those it runs."""
    reached = {id(each) for each in closure(called, tree.top)}
    return [
        step
        for each in trees(estate)
        if id(each.top) in reached
        for step in each.all_steps()
        if "image" in families(step) and "scan" in roles(step)
    ]


def _too_late(estate: Estate, tree: Tree, scans: list[Resource]) -> bool:
    """Whether the pipeline deploys, and no scan comes before that."""
    own = {id(step) for step in tree.all_steps()}
    deployed = [each for each in deployments(estate) if each.tree.top is tree.top]
    if not deployed or not all(id(scan) in own for scan in scans):
        return False
    before = {id(step) for each in deployed for step in steps_before(each)}
    return not any(id(scan) in before for scan in scans)


def _scanning_registry(estate: Estate, name: str) -> Resource | None:
    """What scans an image as it is pushed (AWS, "Scan images for software vulnerabilities in Amazon ECR")."""
    for repository in estate.of_kind("terraform/aws_ecr_repository"):
        own = repository.body.get("name")
        scanning = step_into(repository.body, "image_scanning_configuration.scan_on_push")
        if isinstance(own, str) and (name == own or name.endswith(f"/{own}")) and str(scanning).lower() == "true":
            return repository
    for registry in estate.of_kind("terraform/aws_ecr_registry_scanning_configuration"):
        if ".dkr.ecr." in name and maps(registry.body.get("rule")):
            return registry
    return None
