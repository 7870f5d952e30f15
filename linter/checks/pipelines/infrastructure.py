"""Whether infrastructure code is scanned and planned before it is applied, and every root applied by a pipeline."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    Tree,
    action_of,
    ancestors,
    causes,
    failed,
    families,
    input_of,
    missing,
    passed,
    roles,
    trees,
    unsure,
)
from linter.checks.pipelines.deployments import noun
from linter.checks.pipelines.paths import TERRAFORM, Target, targets, word_place
from linter.checks.pipelines.reach import proposed, reached, started
from linter.estate.pipeline_links import Calls, base_of, calls, closure
from linter.model import Estate, Resource, Unknown
from linter.parsers.pipelines.events import REVIEW, WORK
from linter.parsers.pipelines.roles import unwrap
from linter.parsers.pipelines.shell import Command
from linter.trees import maps

_APPLIES: dict[str, frozenset[str]] = {
    "terraform": frozenset(("apply",)), "tofu": frozenset(("apply",)), "terragrunt": frozenset(("apply", "apply-all")),
    "kubectl": frozenset(("apply", "create", "replace")), "helm": frozenset(("upgrade", "install")),
    "pulumi": frozenset(("up", "update")), "cdk": frozenset(("deploy",)), "helmfile": frozenset(("apply", "sync")),
}  # fmt: skip


def applying(step: Resource, programs: frozenset[str] | None = None) -> list[Command]:
    """The commands of a step that change what runs, of some programs where given."""
    found = []
    for command in step.context.get("commands", ()):
        words = unwrap(command.words)
        program = words[0].rsplit("/", 1)[-1] if words else ""
        if programs is not None and program not in programs:
            continue
        plain = [word for word in words[1:8] if not word.startswith("-")]
        if _APPLIES.get(program, frozenset()) & set(plain) and not any("dry-run" in word for word in words):
            found.append(command)
    return found


def code_scanned(estate: Estate) -> Iterator[Verdict]:
    """Jobs that apply infrastructure code no scanner has seen: neither before them nor on pull requests."""
    found = calls(estate)
    reviewed = _reviewed(estate, found, "iac")
    for tree in trees(estate, actions=False):
        for job in tree.jobs:
            steps = tree.steps.get(id(job), [])
            first = next((index for index, step in enumerate(steps) if applying(step)), None)
            if first is None or "deploy" not in roles(job):
                continue
            before = [*steps[: first + 1], *ancestors(job, tree)]
            if reviewed or any("iac" in _all_families(estate, found, part) for part in before):
                yield passed(job)
            else:
                yield missing(
                    estate, job, f"{noun(job)} `{job.body['id']}` applies infrastructure code that nothing scans"
                )


def _all_families(estate: Estate, found: Calls, part: Resource) -> set[str]:
    own = set(families(part))
    for link in estate.outgoing.get(id(part), ()):
        if link.name == "runs":
            for each in closure(found, link.target):
                own |= families(each)
    return own


def _reviewed(estate: Estate, found: Calls, family: str) -> bool:
    return any(
        family in families(each)
        for pipeline in estate.of_kind("pipeline/pipeline")
        if proposed(pipeline)
        for each in closure(found, pipeline)
    )


def planned_before_applied(estate: Estate) -> Iterator[Verdict]:
    """Jobs that run `terraform apply` where nothing shows a plan of proposed changes, or on those themselves."""
    planned = _planned_on_review(estate)
    for tree in trees(estate, actions=False):
        for job in tree.jobs:
            if "deploy" not in roles(job):
                continue
            steps = [step for step in tree.steps.get(id(job), []) if applying(step, TERRAFORM)]
            if steps:
                yield _planned(estate, tree, job, steps, planned)


def _planned_on_review(estate: Estate) -> bool:
    """Whether a proposed change may reach a step that plans. The plan a job makes for itself before it applies, behind a
    condition that keeps proposed changes out, is shown to nobody."""
    found = calls(estate)
    for tree in trees(estate, actions=False):
        if not proposed(tree.top):
            continue
        event = REVIEW if "review" in causes(tree.top) else started(tree.top, WORK) or REVIEW
        for job in tree.jobs:
            own = tree.steps.get(id(job), [])
            steps = [step for step in own if _plans(estate, found, step)]
            if (steps or (not own and _plans(estate, found, job))) and reached(job, tree, steps, event) is not False:
                return True
    return False


def _plans(estate: Estate, found: Calls, part: Resource) -> bool:
    if "plan" in roles(part):
        return True
    runs = [link.target for link in estate.outgoing.get(id(part), ()) if link.name == "runs"]
    return any("plan" in roles(each) for target in runs for each in closure(found, target))


def _planned(estate: Estate, tree: Tree, job: Resource, steps: list[Resource], planned: bool) -> Verdict:
    name = job.body["id"]
    command = applying(steps[0], TERRAFORM)[0]
    span = word_place(estate, Target(steps[0], command, "", None))
    if "review" in causes(tree.top):
        answer = reached(job, tree, steps, REVIEW)
        if answer:
            return failed(
                job, f"{noun(job)} `{name}` applies on proposed changes, before anybody reviewed the plan", span
            )
        if answer is None:
            unknown = Unknown("run-time", f"the condition of `{name}`", "limit it to the branch that is deployed")
            return unsure(job, f"Whether proposed changes reach `{name}` is decided at run time", unknown, span)
    if not planned:
        return missing(
            estate, job, f"{noun(job)} `{name}` applies, and no pipeline shows a plan of proposed changes", span
        )
    return passed(job, span)


_CONTROLLERS = ("atlantis.yaml", "atlantis.yml", ".spacelift/config.yml", ".spacelift/config.yaml")


def roots_have_pipelines(estate: Estate) -> Iterator[Verdict]:
    """Terraform roots with remote state that no pipeline plans and applies.

    Atlantis and Spacelift configurations in the tree, and `cloud` blocks, count as pipelines. Where no pipeline applies
    anything, infrastructure is applied from elsewhere, and only what a controller or Terraform Cloud runs is judged.
    """
    folders, open_ended = _applied_folders(estate)
    controlled = any(name in estate.paths for name in _CONTROLLERS)
    elsewhere = not folders and open_ended is None
    for resource in estate.of_kind("terraform/terraform"):
        cloud = maps(resource.body.get("cloud"))
        if not (maps(resource.body.get("backend")) or cloud) or _sample(resource.unit.path):
            continue
        folder = resource.unit.path.rstrip("/") or "."
        if controlled or cloud or _covered(folder, folders):
            yield passed(resource)
        elif open_ended is not None:
            yield unsure(resource, f"Whether a pipeline applies {folder} is decided at run time", open_ended)
        elif not elsewhere:
            yield missing(estate, resource, f"No pipeline applies the root {folder}, though others are applied by one")


def _sample(path: str) -> bool:
    return bool({"examples", "example", "test", "tests", "fixtures", "modules"} & set(path.split("/")))


def _covered(folder: str, folders: set[str]) -> bool:
    return folder in folders or any(folder.startswith(f"{each[1:]}/") for each in folders if each.startswith("+"))


def _applied_folders(estate: Estate) -> tuple[set[str], Unknown | None]:
    """Folders some job applies (`+folder` for `run-all`, which applies all below), and what cannot be told."""
    folders: set[str] = set()
    open_ended: Unknown | None = None
    for tree in trees(estate):
        base = base_of(tree.top.unit.path)
        for step in tree.all_steps():
            applied = applying(step, TERRAFORM)
            for target in targets(step, base) if applied else ():
                if target.command not in applied or target.word.endswith((".tfvars", ".tfvars.json")):
                    continue
                if target.path is None:
                    open_ended = Unknown("run-time", target.word or step.name, "name the root in the workflow")
                elif "run-all" in target.command.words or "--all" in target.command.words:
                    folders.add(f"+{target.path or '.'}")
                else:
                    folders.add(target.path or ".")
            if _applies_by_action(step):
                path = input_of(step, "tg_dir") or input_of(step, "path")
                if isinstance(path, str) and "$" not in path:
                    below = "+" if "all" in str(input_of(step, "tg_command")) else ""
                    folders.add(below + posixpath.normpath(posixpath.join(base or ".", path)))
                else:
                    open_ended = Unknown("run-time", step.name, "name the root in the workflow")
    return folders, open_ended


def _applies_by_action(step: Resource) -> bool:
    action = action_of(step)
    if action == "gruntwork-io/terragrunt-action":
        return "apply" in str(input_of(step, "tg_command"))
    return action in ("dflook/terraform-apply", "dflook/tofu-apply", "op5dev/tf-via-pr")
