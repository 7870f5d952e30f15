"""Checks of GitLab pipelines: what they include and start from, when they run, and whether they hold together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    Tree,
    as_map,
    failed,
    key_place,
    parts,
    passed,
    place,
    scalar_place,
    trees,
    unsure,
)
from linter.checks.pipelines.permissions import image_verdict
from linter.model import Estate, Map, Resource, Span, Unknown
from linter.parsers.pipelines.events import REVIEW, Event
from linter.parsers.pipelines.gitlab_conditions import parse
from linter.parsers.pipelines.gitlab_forms import substitute
from linter.parsers.pipelines.gitlab_reach import runs, starts
from linter.parsers.pipelines.gitlab_rules import each_rule, is_open
from linter.parsers.pipelines.model import text
from linter.trees import maps

_BRANCH = Event("push", "feature/x", protected=False)


def gitlab_images_pinned(estate: Estate) -> Iterator[Verdict]:
    """Images of jobs and their services: a digest or a tag other than `latest`; variables of the file are put in."""
    for job in parts(estate, "pipeline/job", "gitlab"):
        known = _variables(job)
        container = as_map(job.body.get("container"))
        if container is not None:
            yield from _image(job, container, known, "container")
        services = as_map(job.body.get("services"))
        for name, service in services.items() if services is not None else ():
            if isinstance(service, Map):
                yield from _image(job, service, known, f"services.{name}")


def _variables(job: Resource) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for holder in (job.context["pipeline"], job.body):
        found.update(as_map(holder.get("env")) or {})
    return found


def _image(job: Resource, holder: Map, known: dict[str, Any], element: str) -> Iterator[Verdict]:
    written = holder.get("image")
    if not isinstance(written, str) or not written.strip():
        return
    span = scalar_place(holder, "image", job.anchor)
    image = substitute(written.strip(), known)
    tag = image.rpartition("/")[2].rpartition(":")[2]
    if "$" in tag and "@sha256:" not in image:
        unknown = Unknown("run-time", written, "write the image out with its tag or digest")
        yield unsure(job, f"The tag of `{written}` is decided at run time", unknown, span, element)
    else:
        yield image_verdict(job, image, span, element)


_MOVING = frozenset(("main", "master", "head", "develop", "trunk", "stable", "production", "latest", "~latest"))


def gitlab_includes_pinned(estate: Estate) -> Iterator[Verdict]:
    """What is included from elsewhere: files of projects at a tag or commit, components at an exact version, remote
    files with their digest."""
    for pipeline in parts(estate, "pipeline/pipeline", "gitlab"):
        for record in maps(pipeline.body.get("includes")):
            why = _loose(record)
            if why is None:
                continue
            key = "ref" if record["kind"] == "project" and record["ref"] else "raw"
            span = scalar_place(record, key, pipeline.anchor)
            raw = str(record["raw"])
            if why == "?":
                unknown = Unknown("run-time", raw, "write the version out")
                yield unsure(pipeline, f"The version of `{raw}` is decided at run time", unknown, span, raw)
            elif why:
                yield failed(pipeline, f"`{raw}` {why}", span, raw)
            else:
                yield passed(pipeline, span, raw)


def _loose(record: Map) -> str | None:
    """Why an include may change under the pipeline, '' where it may not, '?' where a variable decides, None where it
    comes from this repository or with GitLab itself."""
    kind, ref = record["kind"], str(record["ref"])
    if kind == "remote":
        return "" if "integrity" in record else "is fetched without a digest, so whatever stands there runs"
    if kind == "project":
        if not ref:
            return "has no ref, so its default branch decides what runs"
        return "?" if "$" in ref else f"follows the branch `{ref}`" if _branch(ref) else ""
    if kind == "component":
        if "$CI_COMMIT_SHA" in ref:
            return ""
        if "$" in ref:
            return "?"
        return "" if _exact(ref) else f"follows `{ref}`, not one version" if ref else "has no version"
    return None


def _commit(ref: str) -> bool:
    return len(ref) in (40, 64) and all(char in "0123456789abcdef" for char in ref.lower())


def _branch(ref: str) -> bool:
    """Whether a ref looks like a branch: no commit, no name with a version's digits at its beginning or end."""
    last = ref.removeprefix("refs/tags/").rsplit("/", 1)[-1].lower()
    if ref.startswith("refs/heads/") or last in _MOVING:
        return True
    return not (_commit(ref) or ref.startswith("refs/tags/") or any(char.isdigit() for char in last))


def _exact(ref: str) -> bool:
    return _commit(ref) or ref.removeprefix("v").count(".") >= 2


def gitlab_one_pipeline(estate: Estate) -> Iterator[Verdict]:
    """Jobs that both a push to a branch and the merge request from it start, each in a pipeline of its own."""
    for tree in trees(estate, actions=False, platform="gitlab"):
        if starts(tree.top, _BRANCH) is False or starts(tree.top, REVIEW) is False:
            yield from (passed(job) for job in tree.jobs if "rules" in job.body)
            continue
        workflow = as_map(tree.top.context["workflow"].get("workflow"))
        settled = workflow is not None and _tells_open_requests(workflow.get("rules"))
        for job in tree.jobs:
            if "rules" not in job.body:
                continue
            answers = (runs(job, _BRANCH), runs(job, REVIEW), starts(tree.top, _BRANCH), starts(tree.top, REVIEW))
            if False in answers or settled or _tells_open_requests(job.body["rules"]):
                yield passed(job)
            elif None in answers:
                unknown = Unknown("run-time", f"the rules of {job.name}", "add workflow: rules that choose one kind")
                yield unsure(job, f"Whether `{job.name}` runs twice for a merge request is decided elsewhere", unknown)
            else:
                message = (
                    f"`{job.name}` runs twice for a branch with a merge request: in its pipeline and in the branch's"
                )
                yield failed(job, message, _review_rule(job))


def _tells_open_requests(rules: Any) -> bool:
    """GitLab's own remedy: the branch's pipeline is left out while a merge request is open."""
    return any("CI_OPEN_MERGE_REQUESTS" in text(rule.get("if")) for rule, _ in each_rule(rules))


def _review_rule(job: Resource) -> Span:
    """The rule that names merge requests, else `rules`."""
    for rule, _ in each_rule(job.body["rules"]):
        condition = text(rule.get("if"))
        if "merge_request_event" in condition or "CI_MERGE_REQUEST_" in condition:
            return place(rule, "if", job.anchor)
    return place(job.body, "rules", job.anchor)


def gitlab_no_mixed_conditions(estate: Estate) -> Iterator[Verdict]:
    """Jobs with `only` or `except` in pipelines whose other jobs have `rules`: the defaults of the two differ."""
    for tree in trees(estate, actions=False, platform="gitlab"):
        modern = any("rules" in job.body for job in tree.jobs)
        for job in tree.jobs:
            old = next((key for key in ("only", "except") if job.body.get(key) is not None), "")
            if not old:
                yield passed(job)
            elif modern:
                message = f"`{job.name}` has `{old}` while others have `rules`, whose defaults are not the same"
                yield failed(job, message, key_place(job.body, old, job.anchor), old)
            else:
                yield passed(job, key_place(job.body, old, job.anchor))


def gitlab_no_plain_docker(estate: Estate) -> Iterator[Verdict]:
    """Docker daemons of jobs that listen without TLS: `DOCKER_TLS_CERTDIR` left empty, or `DOCKER_HOST` on port 2375."""
    for tree in trees(estate, actions=False, platform="gitlab"):
        for resource in (tree.top, *tree.jobs):
            env = as_map(resource.body.get("env"))
            found = _plain(env) if env is not None else None
            if found is not None and env is not None:
                message = "The Docker daemon listens without TLS, and whoever reaches it is root on its host"
                yield failed(resource, message, scalar_place(env, found, resource.anchor), found)
            elif resource.kind == "pipeline/job" and _has_dind(resource):
                yield passed(resource)


def _plain(env: Map) -> str | None:
    certificates, host = env.get("DOCKER_TLS_CERTDIR"), env.get("DOCKER_HOST")
    if isinstance(certificates, str) and certificates in ("", "false"):
        return "DOCKER_TLS_CERTDIR"
    if isinstance(host, str) and host.startswith("tcp://") and host.rstrip("/").endswith(":2375"):
        return None if host.startswith(("tcp://localhost", "tcp://127.")) else "DOCKER_HOST"
    return None


def _has_dind(job: Resource) -> bool:
    services = as_map(job.body.get("services"))
    return services is not None and any(
        "dind" in text(service.get("image")) for service in services.values() if isinstance(service, Map)
    )


def gitlab_needs_exist(estate: Estate) -> Iterator[Verdict]:
    """Jobs that `needs` and `dependencies` name: defined, and not in a later stage than the job itself."""
    for tree in trees(estate, actions=False, platform="gitlab"):
        for job in tree.jobs:
            needs = job.body.get("needs")
            if needs is None:
                continue
            sound = True
            for name, at in zip(needs, needs.at, strict=True):
                if name in tree.ids:
                    continue
                sound = False
                span = (at[0], at[3], at[4])
                yield _absent(tree, job, f"`{job.name}` needs `{name}`, which is no job of this pipeline", span, name)
            if sound:
                yield passed(job, key_place(job.body, "needs", job.anchor))


def _absent(tree: Tree, job: Resource, message: str, span: Span, element: str) -> Verdict:
    """What is not here may come from an include that is not, or have a name that only an input tells."""
    unknown = tree.top.context["workflow"].open
    if unknown is None and "$[[" in element:
        unknown = Unknown("missing-input", element, "give the input a default")
    return failed(job, message, span, element) if unknown is None else unsure(job, message, unknown, span, element)


def gitlab_jobs_complete(estate: Estate) -> Iterator[Verdict]:
    """Jobs that GitLab can place and run: something to run, and a stage that the pipeline has."""
    for tree in trees(estate, actions=False, platform="gitlab"):
        stages = {stage["name"] for stage in tree.top.body["stages"]}
        for job in tree.jobs:
            raw = job.context["job"]
            stage = str(job.body["stage"])
            sound = True
            if not any(raw.get(key) is not None for key in ("script", "run", "trigger")) and "pages" not in raw:
                sound = False
                if raw.open is not None:  # What it extends is elsewhere, and surely not empty.
                    continue
                yield _absent(tree, job, f"`{job.name}` has no script to run, and triggers nothing", job.anchor, "")
            if stage not in stages and "trigger" not in tree.top.context["workflow"]:
                sound = False
                span = place(job.body, "stage", job.anchor)
                yield _absent(tree, job, f"The pipeline has no stage `{stage}`", span, stage)
            if sound:
                yield passed(job)


def gitlab_conditions_parse(estate: Estate) -> Iterator[Verdict]:
    """`if` of rules, and `variables` of `only` and `except`: expressions that GitLab can read."""
    for tree in trees(estate, actions=False, platform="gitlab"):
        workflow = as_map(tree.top.context["workflow"].get("workflow"))
        for resource, rules in ((tree.top, workflow.get("rules") if workflow is not None else None), *_rules(tree)):
            sound = judged = False
            for rule, _ in each_rule(rules):
                condition = rule.get("if")
                if not isinstance(condition, str):
                    continue
                sound, judged = sound or not judged, True
                error = parse(condition).error
                if error:
                    sound = False
                    yield failed(resource, f"The condition cannot be read: {error}", place(rule, "if", resource.anchor))
            if sound and not is_open(rules):
                yield passed(resource)


def _rules(tree: Tree) -> Iterator[tuple[Resource, Any]]:
    for job in tree.jobs:
        if "rules" in job.body:
            yield job, job.body["rules"]


def gitlab_includes_exist(estate: Estate) -> Iterator[Verdict]:
    """Local files that are included: in the tree."""
    for pipeline in parts(estate, "pipeline/pipeline", "gitlab"):
        for record in maps(pipeline.body.get("includes")):
            if record["kind"] != "local" or "$" in str(record["name"]):
                continue
            span = scalar_place(record, "raw", pipeline.anchor)
            name = str(record["name"])
            if "missing" not in record:
                yield passed(pipeline, span, name)
            elif estate.isolated:
                unknown = Unknown("isolated", name, "scan the whole tree")
                yield unsure(pipeline, f"Whether `{name}` exists was not looked at", unknown, span, name)
            else:
                yield failed(pipeline, f"No file of the repository is called `{name}`", span, name)
