"""Schema migrations of pipelines: before the rollout that needs them, and with a way back."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import ancestors, failed, missing, passed, roles, unsure
from linter.checks.pipelines.deployments import Deployment, deployments, jobs_after, noun, tier_of
from linter.discovery.environments import PRODUCTION
from linter.estate.pipeline_links import base_of, calls, closure
from linter.model import Estate, Resource, Span, Unknown
from linter.parsers.pipelines.roles import program_of, roles_of_words, unwrap
from linter.parsers.pipelines.roles_table import PROGRAMS
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command

_LATER = ("post-deploy", "post_deploy", "postdeploy", "contract", "cleanup", "clean-up", "backfill")
"""Words of migrations that belong after the rollout: they drop what the new version no longer reads."""

_TWO_WAY = frozenset(
    ("rails", "rake", "alembic", "manage.py", "django-admin", "goose", "dbmate", "knex", "typeorm", "sequelize",
     "sequelize-cli", "dotnet", "dotnet-ef", "php", "mix", "diesel", "sqitch", "python", "python3")
)  # fmt: skip
"""Tools whose migrations hold their way back beside the way there."""

_DOWN = (".down.sql", "/down.sql", ".undo.sql", ".rollback.sql", "/revert/", "/rollback/", "/undo/")


def migrated_before_rollout(estate: Estate) -> Iterator[Verdict]:
    """Migrations that run after, or beside, the rollout to the same environment."""
    for deployment in deployments(estate):
        steps = deployment.tree.steps.get(id(deployment.job), [])
        for index, step in enumerate(steps):
            if "migrate" in roles(step) and not _belongs_later(step):
                yield _in_job(estate, deployment, step, index)
        if deployment.tier:
            yield from _beside(estate, deployment)


def _in_job(estate: Estate, deployment: Deployment, step: Resource, index: int) -> Verdict:
    span = _place(estate, step)
    late = index > deployment.first
    if index == deployment.first:
        kinds = [roles_of_words(command.words)[0] for command in step.context.get("commands", ())]
        places = [[at for at, found in enumerate(kinds) if role in found] for role in ("deploy", "migrate")]
        late = bool(places[0] and places[1]) and places[0][0] < places[1][0]
    return _late(step, deployment, span) if late else passed(step, span)


def _beside(estate: Estate, deployment: Deployment) -> Iterator[Verdict]:
    """Migrations in other jobs of the same environment."""
    tree, job = deployment.tree, deployment.job
    before = {id(each) for each in ancestors(job, tree)}
    for other in tree.jobs:
        if other is job or "migrate" not in roles(other) or "deploy" in roles(other):
            continue
        if tier_of(estate, other) != deployment.tier:
            continue
        for step in tree.steps.get(id(other), ()):
            if "migrate" in roles(step) and not _belongs_later(step) and not _belongs_later(other):
                span = _place(estate, step)
                yield passed(step, span) if id(other) in before else _late(step, deployment, span)


def _late(step: Resource, deployment: Deployment, span: Span) -> Verdict:
    message = (
        f"The schema changes after {noun(deployment.job).lower()} `{deployment.name}` has rolled out what needs it"
    )
    if step.owner is not deployment.job and step.owner not in jobs_after(deployment):
        message = f"The schema changes while {noun(deployment.job).lower()} `{deployment.name}` rolls out what needs it"
    return failed(step, message, span)


def _belongs_later(part: Resource) -> bool:
    words = f"{part.name} {part.body.get('id', '')} {part.body.get('run', '')}"[:4000].lower()
    return any(word in words for word in _LATER)


def migration_reversible(estate: Estate) -> Iterator[Verdict]:
    """Migrations of production that nothing can take back: no command of a pipeline, no file beside them, no backup."""
    found = calls(estate)
    seen: set[int] = set()
    for deployment in deployments(estate):
        top = deployment.tree.top
        if deployment.tier != PRODUCTION or id(top) in seen or "migrate" not in roles(top):
            continue
        seen.add(id(top))
        back = any(_takes_back(estate, each) for each in closure(found, top))
        filed = any(_filed(path) for path in estate.paths if path.startswith(base_of(top.unit.path)))
        for job in deployment.tree.jobs:
            if "migrate" in roles(job) and tier_of(estate, job) in ("", PRODUCTION):
                for step in deployment.tree.steps.get(id(job), ()):
                    if "migrate" in roles(step):
                        yield _reversible(estate, step, back or filed)


def _takes_back(estate: Estate, top: Resource) -> bool:
    if "backup" in roles(top):
        return True
    return "rollback" in roles(top) and any(
        "rollback" in roles_of_words(command.words)[0] and "migrate" in PROGRAMS.get(_tool(command), {}).values()
        for step in estate.of_kind("pipeline/step")
        if step.unit == top.unit
        for command in step.context.get("commands", ())
    )


def _tool(command: Command) -> str:
    return program_of(unwrap(command.words))


def _filed(path: str) -> bool:
    name = path.rpartition("/")[2]
    return path.endswith((".sql", ".xml", ".yaml")) and (
        any(each in f"/{path}".lower() for each in _DOWN) or (name[:1] == "U" and name[1:2].isdigit() and "__" in name)
    )


def _reversible(estate: Estate, step: Resource, back: bool) -> Verdict:
    span = _place(estate, step)
    migrating = [each for each in step.context.get("commands", ()) if "migrate" in roles_of_words(each.words)[0]]
    if back or any(_tool(command) in _TWO_WAY for command in migrating):
        return passed(step, span)
    if not migrating or all(_tool(command) not in PROGRAMS or _named(command) for command in migrating):
        unknown = Unknown("run-time", step.name, "name the tool here, or add the job that takes its changes back")
        return unsure(step, "Whether these migrations can be taken back is not visible here", unknown, span)
    return missing(estate, step, "The schema of production changes, and nothing can take the change back", span)


def _named(command: Command) -> bool:
    return _tool(command) in ("npm", "pnpm", "yarn", "bun", "kubectl", "oc", "docker", "podman", "docker-compose")


def _place(estate: Estate, step: Resource) -> Span:
    """The migrating command, else the step's name."""
    run = step.body.get("run")
    for command in step.context.get("commands", ()):
        if isinstance(run, str) and "migrate" in roles_of_words(command.words)[0]:
            scalar = Scalar(estate.sources[step.anchor[0]], step.body.at["run"], run)
            return scalar.span(command.start, command.end)
    return step.anchor
