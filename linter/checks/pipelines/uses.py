"""Checks of which actions GitHub's pipelines use and what they ask of them, all from one index by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from linter.checks import Verdict
from linter.checks.pipelines.action_tables import ARCHIVED, ARCHIVED_HOOKS, SUPERFLUOUS, TOOLS, WELL_KNOWN
from linter.checks.pipelines.common import action_of, as_map, failed, input_of, parts, passed, scalar_place, unsure
from linter.model import Estate, Map, Resource, Unknown
from linter.parsers.pipelines.model import text


@lru_cache(maxsize=4)
def by_repository(estate: Estate) -> dict[str, list[Resource]]:
    """`owner/repo` in lower case → the jobs and steps that use something of it."""
    found: dict[str, list[Resource]] = {}
    for kind in ("pipeline/job", "pipeline/step"):
        for resource in parts(estate, kind, "github"):
            uses = resource.body.get("uses")
            if isinstance(uses, Map) and uses["owner"]:
                found.setdefault(f"{uses['owner']}/{uses['repo']}".lower(), []).append(resource)
    return found


def _others(estate: Estate, at_fault: set[Resource]) -> Iterator[Verdict]:
    """A pass for each file in which nothing is at fault."""
    for kind in ("pipeline/pipeline", "pipeline/action"):
        for top in parts(estate, kind, "github"):
            if top not in at_fault:
                yield passed(top)


def no_archived_actions(estate: Estate) -> Iterator[Verdict]:
    """Actions and reusable workflows of repositories that their owners archived."""
    index, at_fault = by_repository(estate), set()
    for name in sorted(index.keys() & ARCHIVED.keys()):
        for resource in index[name]:
            at_fault.add(resource.outermost)
            span = scalar_place(resource.body, "uses", resource.anchor)
            yield failed(resource, f"`{name}` is archived; use {ARCHIVED[name]}", span)
    yield from _others(estate, at_fault)


def no_archived_hooks(estate: Estate) -> Iterator[Verdict]:
    """Repositories of pre-commit hooks that their owners archived."""
    for hooks in estate.of_kind("pipeline/hooks"):
        for repo in hooks.body.get("repos", ()):
            name, span = repo.get("name", ""), scalar_place(repo, "repo", hooks.anchor)
            if name in ARCHIVED_HOOKS:
                yield failed(hooks, f"`{name}` is archived; use {ARCHIVED_HOOKS[name]}", span, name)
            else:
                yield passed(hooks, span, name)


def no_superfluous_actions(estate: Estate) -> Iterator[Verdict]:
    """Actions whose work a program of the runner does."""
    index, at_fault = by_repository(estate), set()
    for name in sorted(index.keys() & SUPERFLUOUS.keys()):
        for resource in index[name]:
            at_fault.add(resource.outermost)
            span = scalar_place(resource.body, "uses", resource.anchor)
            yield failed(resource, f"`{SUPERFLUOUS[name]}` on the runner does the work of `{name}`", span)
    yield from _others(estate, at_fault)


def no_lookalike_actions(estate: Estate) -> Iterator[Verdict]:
    """Names that are one letter from an action that many use, and not that action."""
    at_fault = set()
    for name, resources in by_repository(estate).items():
        meant = _imitated(name)
        for resource in resources if meant else ():
            at_fault.add(resource.outermost)
            span = scalar_place(resource.body, "uses", resource.anchor)
            yield failed(resource, f"`{name}` is one letter from `{meant}`, which many use", span)
    yield from _others(estate, at_fault)


@lru_cache(maxsize=4096)
def _imitated(name: str) -> str:
    if name in WELL_KNOWN:
        return ""
    owner, _, repository = name.partition("/")
    owners, repositories = _names()
    for known in repositories.get(repository, ()):
        if _one_apart(owner, known):
            return f"{known}/{repository}"
    return next((f"{owner}/{known}" for known in owners.get(owner, ()) if _one_apart(repository, known)), "")


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Owner → repositories, repository → owners."""
    owners: dict[str, list[str]] = {}
    repositories: dict[str, list[str]] = {}
    for name in sorted(WELL_KNOWN):
        owner, _, repository = name.partition("/")
        owners.setdefault(owner, []).append(repository)
        repositories.setdefault(repository, []).append(owner)
    return owners, repositories


def _one_apart(word: str, known: str) -> bool:
    """Whether one letter is added, left out, exchanged, or two neighbours are swapped."""
    if word == known or abs(len(word) - len(known)) > 1 or len(known) < 4:
        return False
    start = 0
    while start < min(len(word), len(known)) and word[start] == known[start]:
        start += 1
    rest, other = word[start:], known[start:]
    if len(word) == len(known):
        swapped = len(rest) > 1 and rest[1] + rest[0] == other[:2] and rest[2:] == other[2:]
        return swapped or rest[1:] == other[1:]
    return rest[1:] == other or rest == other[1:]


_MOVING = frozenset(("", "latest", "main", "master", "stable", "edge", "nightly", "*"))


def tools_pinned(estate: Estate) -> Iterator[Verdict]:
    """Actions that fetch a tool without saying which version of it."""
    index = by_repository(estate)
    for name in sorted(index.keys() & TOOLS.keys()):
        for resource in index[name]:
            if action_of(resource) != name:
                continue
            inputs = resource.body.get("with")
            span = scalar_place(resource.body, "uses", resource.anchor)
            if inputs is not None and not isinstance(inputs, Map):
                unknown = Unknown("run-time", "with", "write the inputs out")
                yield unsure(resource, "Which version is fetched is decided at run time", unknown, span)
                continue
            yield _tool(resource, name, TOOLS[name], inputs)


def _tool(resource: Resource, name: str, key: str, inputs: Map | None) -> Verdict:
    value = input_of(resource, key)
    span = scalar_place(resource.body, "uses", resource.anchor)
    message = f"`{name}` fetches whatever is newest; name a version in `{key}`"
    if value is None:
        return passed(resource, span) if _from_file(inputs) else failed(resource, message, span)
    if text(value).strip().lower() in _MOVING:
        return failed(resource, message, scalar_place(inputs or Map(span), key, span))
    return passed(resource, span)


def _from_file(inputs: Map | None) -> bool:
    """Whether an input says which file of the repository names the version."""
    return inputs is not None and any("version-file" in str(key) or "version_file" in str(key) for key in inputs)


_ORGANISATION = ("permission-organization-", "permission-enterprise-")
_OF_PEOPLE = frozenset(
    f"permission-{name}"
    for name in """members team-discussions email-addresses followers git-ssh-keys gpg-keys interaction-limits profile
    starring""".split()  # noqa: SIM905
)


def app_tokens_limited(estate: Estate) -> Iterator[Verdict]:
    """Tokens of a GitHub App that outlive the job, reach every repository of an owner, or have all the app's rights."""
    for step in by_repository(estate).get("actions/create-github-app-token", ()):
        inputs = as_map(step.body.get("with")) or Map(step.anchor)
        span = scalar_place(step.body, "uses", step.anchor)
        asked = [str(key).lower() for key in inputs if str(key).lower().startswith("permission-")]
        sound = True
        if text(inputs.get("skip-token-revoke")).strip().lower() not in ("", "false"):
            sound = False
            yield failed(
                step, "The token stays valid after the job", scalar_place(inputs, "skip-token-revoke", span), "revoke"
            )
        if "owner" in inputs and "repositories" not in inputs and not _of_organisation(asked):
            sound = False
            message = "The token reaches every repository of the owner that the app is installed in"
            yield failed(step, message, scalar_place(inputs, "owner", span), "owner")
        if not asked:
            sound = False
            yield failed(step, "The token has every permission of the app", span, "permissions")
        if sound:
            yield passed(step, span)


def _of_organisation(asked: list[str]) -> bool:
    """Whether all permissions that are asked for are of the organisation, which no list of repositories limits."""
    return bool(asked) and all(name in _OF_PEOPLE or name.startswith(_ORGANISATION) for name in asked)


def no_weak_features(estate: Estate) -> Iterator[Verdict]:
    """The shell `cmd`, which no tool can read reliably, and packages that setup-python installs for the whole runner."""
    at_fault = set()
    for resource, holder in _shells(estate):
        if text(holder["shell"]).strip().lower().removesuffix(".exe").split(" ")[0] == "cmd":
            at_fault.add(resource.outermost)
            yield failed(
                resource, "`cmd` quotes in ways that let values run", scalar_place(holder, "shell", resource.anchor)
            )
    for step in by_repository(estate).get("actions/setup-python", ()):
        inputs = as_map(step.body.get("with"))
        if inputs is not None and "pip-install" in inputs:
            at_fault.add(step.outermost)
            message = "These packages are installed for the whole runner, outside of any environment"
            yield failed(step, message, scalar_place(inputs, "pip-install", step.anchor))
    yield from _others(estate, at_fault)


def _shells(estate: Estate) -> Iterator[tuple[Resource, Map]]:
    """What names a shell: steps, and the defaults of jobs and workflows."""
    for step in parts(estate, "pipeline/step", "github"):
        if "shell" in step.body:
            yield step, step.body
    for kind in ("pipeline/pipeline", "pipeline/job"):
        for resource in parts(estate, kind, "github"):
            defaults = as_map(resource.body.get("defaults"))
            run = as_map(defaults.get("run")) if defaults is not None else None
            if run is not None and "shell" in run:
                yield resource, run
