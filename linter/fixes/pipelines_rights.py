"""Menders of what GitHub workflows are allowed: the token's permissions, identity tokens, secrets handed on."""

from __future__ import annotations

from linter.checks.pipelines.common import Tree, trees
from linter.fixes.changes import Change
from linter.fixes.harmless import harmless_action, harmless_commands, keeps_credentials, names_token
from linter.fixes.mend import Mended, Site
from linter.fixes.pipelines import steps_of
from linter.model import Estate, Map, Resource
from linter.trees import as_map


def limit_job_token(site: Site) -> Mended | None:
    """`permissions: {contents: read}` on a job, or on a workflow for its jobs; safe where no job can do more with it."""
    resource = site.judgement.resource
    holder = resource.context.get("job" if resource.kind == "pipeline/job" else "workflow")
    if not isinstance(holder, Map) or "permissions" in holder:
        return None
    jobs = [resource]
    if resource.kind == "pipeline/pipeline":
        trees_here = [tree for tree in trees(site.estate, platform="github") if tree.top is resource]
        jobs = [job for tree in trees_here for job in tree.jobs if "permissions" not in as_map(job.context.get("job"))]
    elif "uses" in holder:
        return None
    change = Change("set", site.extent, ("permissions", "contents"), "read", ("jobs", "steps"))
    known = all(_only_reads(job, site.estate) for job in jobs)
    return Mended((change,), "Let the job's token only read", known)


def _only_reads(job: Resource, estate: Estate) -> bool:
    """Whether nothing in a job holds the token, or can do more with it than read.

    Who holds it: actions that are not known, whoever is handed a secret or the token, and every script after a
    checkout that leaves it on disk. Of a job that calls a workflow nothing is known.
    """
    steps = steps_of(job, estate)
    if "uses" in job.body or names_token(job) or not all(harmless_action(s) and not names_token(s) for s in steps):
        return False
    if any(map(keeps_credentials, steps)) and not all(map(harmless_commands, steps)):
        return False
    environments = (as_map(as_map(job.context.get(name)).get("env")) for name in ("job", "workflow"))
    return not any("secrets" in str(value) or "token" in str(value) for env in environments for value in env.values())


def drop_identity_token(site: Site) -> Mended | None:
    """`id-token: none` instead of `write` on a job; safe where every command of the job is known not to ask for one."""
    job = site.judgement.resource
    raw = job.context.get("job")
    scopes = raw.get("permissions") if isinstance(raw, Map) else None
    if not isinstance(scopes, Map) or "id-token" not in scopes:
        return None
    steps = steps_of(job, site.estate)
    known = all(harmless_action(step) and harmless_commands(step) for step in steps)
    return Mended(
        (Change("set", site.extent, ("permissions", "id-token"), "none"),), "Ask for no identity token", known
    )


def name_secrets(site: Site) -> Mended | None:
    """`secrets: inherit` becomes the secrets that the called workflow declares, where it uses no others.

    Only of a workflow of this tree is that known; and not where it hands everything on, looks secrets up by a computed
    name, or uses an environment, whose own secrets come to it by inheriting only.
    """
    job = site.judgement.resource
    uses = job.body.get("uses")
    called = _called(str(uses["raw"]), site.estate) if isinstance(uses, Map) and uses["kind"] == "local" else None
    if called is None or site.extent == (0, 0):
        return None
    declared = _declared(called)
    used = _used(called)
    if declared is None or used is None or not used <= {name.lower() for name in declared}:
        return None
    given = {name: f"${{{{ secrets.{name} }}}}" for name in declared}
    if not given:
        return Mended((Change("remove", site.extent, ("secrets",)),), "Hand no secrets on")
    return Mended((Change("set", site.extent, ("secrets",), given),), "Hand on the declared secrets only")


def _called(path: str, estate: Estate) -> Tree | None:
    wanted = path.removeprefix("./")
    return next((tree for tree in trees(estate, platform="github") if tree.top.address == wanted), None)


def _declared(tree: Tree) -> list[str] | None:
    """Names of the secrets that a called workflow declares, None where it is not to be called."""
    for trigger in tree.top.body.get("triggers", ()):
        if trigger["event"] == "workflow_call":
            return [str(name) for name in as_map(trigger.get("secrets"))]
    return None


def _used(tree: Tree) -> set[str] | None:
    """Names of the secrets that a workflow uses, in lower case; None where they cannot all be told."""
    used: set[str] = set()
    parts: list[Resource] = [tree.top, *tree.jobs, *tree.all_steps()]
    for part in parts:
        if part.kind == "pipeline/job" and (part.body.get("secrets") == "inherit" or "environment" in part.body):
            return None
        for found in part.body.get("expressions", ()):
            for context in found["contexts"]:
                root, dot, name = context.partition(".")
                if root != "secrets":
                    continue
                if not dot or "[]" in name or "*" in name:
                    return None
                used.add(name)
    return used - {"github_token"}
