"""Whether the plan that was made is the one that is applied, and whether anybody compares what runs with what is
written."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import Tree, ancestors, failed, missing, passed, roles, trees, unsure
from linter.checks.pipelines.deployments import noun
from linter.checks.pipelines.infrastructure import applying
from linter.checks.pipelines.paths import Target, word_place
from linter.checks.pipelines.reach import reached
from linter.estate.pipeline_links import base_of
from linter.model import Estate, Map, Resource, Unknown
from linter.parsers.pipelines.events import MAIN, Event
from linter.parsers.pipelines.roles import unwrap
from linter.parsers.pipelines.shell import Command

_PLANNED = frozenset(("terraform", "tofu"))
_VALUED = frozenset(("-var", "-var-file", "-target", "-replace", "-lock-timeout", "-parallelism", "-state", "-chdir"))
_SCHEDULED = Event("schedule", "main")


def saved_plan_applied(estate: Estate) -> Iterator[Verdict]:
    """`terraform apply` without a saved plan: it makes another plan than the one that was looked at, and applies that."""
    for tree in trees(estate, actions=False):
        for job in tree.jobs:
            if "deploy" not in roles(job):
                continue
            for step in tree.steps.get(id(job), ()):
                for command in applying(step, _PLANNED):
                    yield _applied(estate, tree, job, step, command)


def _applied(estate: Estate, tree: Tree, job: Resource, step: Resource, command: Command) -> Verdict:
    word = _plan_file(command)
    span = word_place(estate, Target(step, command, word, None))
    name = unwrap(command.words)[0].rpartition("/")[2]
    if not word:
        message = f"`{name} apply` makes a plan of its own: apply the one that was saved and looked at"
        return failed(step, message, span, " ".join(command.words)[:80])
    if _made(tree, job, word) or "artifacts" in job.body or "$" in word:
        return passed(step, span, word)
    unknown = Unknown("run-time", word, f"save it with `{name} plan -out` in this job or one before it")
    return unsure(step, f"Where the plan `{word}` comes from is not visible here", unknown, span, word)


def _plan_file(command: Command) -> str:
    """The argument that names a saved plan, '' where there is none."""
    words = unwrap(command.words)
    past, skip = False, False
    for word in words[1:]:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _VALUED
        elif past:
            return word
        else:
            past = word == "apply"
    return ""


def _made(tree: Tree, job: Resource, word: str) -> bool:
    name = word.rpartition("/")[2]
    for each in (job, *ancestors(job, tree)):
        for step in tree.steps.get(id(each), ()):
            for command in step.context.get("commands", ()):
                if any(part.startswith("-out") for part in command.words) and any(
                    name in part for part in command.words
                ):
                    return True
    return False


def drift_checked(estate: Estate) -> Iterator[Verdict]:
    """Pipelines that apply infrastructure code in a repository where none compares it on a schedule with what runs."""
    answers: dict[str, bool | None] = {}
    applied: dict[str, tuple[Tree, Resource]] = {}
    for tree in trees(estate, actions=False):
        base = base_of(tree.top.unit.path)
        found = roles(tree.top)
        if "deploy" in found and base not in applied:
            job = next((job for job in tree.jobs if _applies(tree, job)), None)
            if job is not None:
                applied[base] = tree, job
        if found & {"plan", "drift"} and answers.get(base) is not True:
            answer = _compares(tree)
            answers[base] = answer if answer is not False else answers.get(base, False)
    for base, (tree, job) in applied.items():
        answer = answers.get(base, False)
        if answer:
            yield passed(tree.top)
        elif answer is None:
            unknown = Unknown("run-time", "the schedules of these pipelines", "write the schedule down in the file")
            yield unsure(tree.top, "Whether a schedule starts a plan is set outside the file", unknown)
        else:
            message = f"{noun(job)} `{job.body['id']}` applies infrastructure code that nothing compares with what runs"
            yield missing(estate, tree.top, message)


def _applies(tree: Tree, job: Resource) -> bool:
    programs = frozenset((*_PLANNED, "terragrunt", "pulumi"))
    return "deploy" in roles(job) and any(applying(step, programs) for step in tree.steps.get(id(job), ()))


def _compares(tree: Tree) -> bool | None:
    """Whether a schedule starts a plan, or a program that looks for drift."""
    scheduled = any(isinstance(each, Map) and each["cause"] == "schedule" for each in tree.top.body.get("triggers", ()))
    answers: list[bool | None] = []
    for job in tree.jobs:
        steps = [step for step in tree.steps.get(id(job), ()) if roles(step) & {"plan", "drift"}]
        if steps:
            answers.append(reached(job, tree, steps, _SCHEDULED))
            if tree.top.body.get("platform") == "gitlab" and reached(job, tree, steps, MAIN[0]) is not False:
                answers[-1] = None if answers[-1] else answers[-1]  # whoever sets a schedule does so outside the file
                scheduled = False
    if True in answers or (scheduled and None in answers):
        return True
    return None if None in answers else False
