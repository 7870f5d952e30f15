"""Whether release builds start from caches that other runs of the repository can fill."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    Tree,
    action_of,
    as_map,
    events,
    failed,
    input_of,
    passed,
    roles,
    scalar_place,
    trees,
    trigger_of,
    unsure,
)
from linter.model import Estate, Resource, Unknown
from linter.parsers.pipelines.github_reach import holds
from linter.parsers.pipelines.model import text
from linter.records import NamedTuple


class Cache(NamedTuple):
    """An action that restores caches. off_by: inputs with the value that turns it off. on_by: inputs one of which
    must be set for it to cache at all; '' values mean any text but false."""

    off_by: tuple[tuple[str, str], ...] = ()
    on_by: tuple[str, ...] = ()


CACHES: dict[str, Cache] = {
    "actions/cache": Cache(off_by=(("lookup-only", "true"),)),
    "actions/cache/restore": Cache(off_by=(("lookup-only", "true"),)),
    "actions/setup-node": Cache(on_by=("cache",)),
    "actions/setup-python": Cache(on_by=("cache",)),
    "actions/setup-java": Cache(on_by=("cache",)),
    "actions/setup-dotnet": Cache(on_by=("cache",)),
    "actions/setup-go": Cache(off_by=(("cache", "false"),)),
    "ruby/setup-ruby": Cache(on_by=("bundler-cache",)),
    "swatinem/rust-cache": Cache(off_by=(("lookup-only", "true"),)),
    "gradle/actions/setup-gradle": Cache(off_by=(("cache-disabled", "true"), ("cache-write-only", "true"))),
    "gradle/gradle-build-action": Cache(off_by=(("cache-disabled", "true"), ("cache-write-only", "true"))),
    "astral-sh/setup-uv": Cache(on_by=("enable-cache",)),
    "mozilla-actions/sccache-action": Cache(),
    "hendrikmuhs/ccache-action": Cache(),
    "determinatesystems/magic-nix-cache-action": Cache(),
}


def no_caches_in_releases(estate: Estate) -> Iterator[Verdict]:
    """Steps that restore a cache in jobs that run for a release, or that publish."""
    for tree in trees(estate, actions=False, platform="github"):
        release = _release_only(tree.top)
        for job in tree.jobs:
            steps = tree.steps.get(id(job), [])
            if release or "publish" in roles(job):
                yield from _caches(tree, job, steps)


def _release_only(pipeline: Resource) -> bool:
    """Whether every start of the workflow, but by hand, is a release or a tag."""
    started = events(pipeline) - {"workflow_dispatch"}
    if not started or started - {"release", "push"}:
        return False
    push = trigger_of(pipeline, "push")
    return push is None or ("tags" in push and "branches" not in push)


def _caches(tree: Tree, job: Resource, steps: list[Resource]) -> Iterator[Verdict]:
    sound = True
    for step in steps:
        cache = CACHES.get(action_of(step))
        if cache is None and not _layer_cache(step):
            continue
        if cache is not None and not _on(step, cache):
            continue
        running = _runs_for_release(tree, step)
        if running is False:
            continue
        sound = False
        span = scalar_place(step.body, "uses", step.anchor)
        if running is None:
            unknown = Unknown("run-time", f"the condition of {step.name}", "compare github.event_name in its `if:`")
            yield unsure(step, "Whether the cache is restored for a release is decided at run time", unknown, span)
        else:
            yield failed(step, f"The release starts from a cache that any run can fill ({action_of(step)})", span)
    if sound and steps:
        yield passed(job)


def _layer_cache(step: Resource) -> bool:
    return action_of(step) == "docker/build-push-action" and "type=gha" in text(input_of(step, "cache-from"))


def _on(step: Resource, cache: Cache) -> bool:
    for name, value in cache.off_by:
        if text(input_of(step, name)).strip().lower() == value:
            return False
    if not cache.on_by:
        return True
    return any(text(input_of(step, name)).strip().lower() not in ("", "false") for name in cache.on_by)


def _runs_for_release(tree: Tree, step: Resource) -> bool | None:
    """Whether a step's condition holds for some event the workflow publishes on."""
    condition = step.body.get("condition")
    if condition is None:
        return True
    answers = []
    for event in sorted(events(tree.top)):
        facts = {"github.event_name": event}
        if event == "release" or (event == "push" and "tags" in (as_map(trigger_of(tree.top, event)) or ())):
            facts["github.ref"] = "refs/tags/v1.0.0"
            facts["github.ref_type"] = "tag"
            facts["github.ref_name"] = "v1.0.0"
        answers.append(holds(condition, facts))
    return True if True in answers else None if None in answers else False
