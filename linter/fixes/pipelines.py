"""Menders of GitHub workflows: checkouts, insecure commands, conditions and paths of actions."""

from __future__ import annotations

from linter.checks.pipelines.common import trees
from linter.fixes.changes import Change
from linter.fixes.harmless import harmless_action, harmless_commands, may_write, reaches_remote
from linter.fixes.mend import Mended, Site
from linter.model import Estate, Map, Resource
from linter.parsers.pipelines.expression_nodes import walk
from linter.parsers.pipelines.expressions import parse

_MOST = 200
"""Steps after a checkout that are looked at."""


def steps_of(owner: Resource, estate: Estate) -> list[Resource]:
    """The steps of a job or an action."""
    top = owner.owner or owner
    for tree in trees(estate, platform="github"):
        if tree.top is top:
            return tree.steps.get(id(owner), [])
    return []


def keep_no_credentials(site: Site) -> Mended | None:
    """`persist-credentials: false` on a checkout; safe where no later step can have a use for the token.

    A token that may not write can only fetch: what is not seen to do so, does not. One that may write could be used by
    any script, so that all that follows has to be known.
    """
    step = site.judgement.resource
    job = step.owner
    if job is None:
        return None
    later = _after(step, steps_of(job, site.estate))
    known = len(later) <= _MOST and all(harmless_action(each) and not reaches_remote(each) for each in later)
    known = known and (not may_write(job) or all(map(harmless_commands, later)))
    change = Change("set", site.extent, ("with", "persist-credentials"), False)
    return Mended((change,), "Do not leave the token on disk", known and job.kind == "pipeline/job")


def _after(step: Resource, steps: list[Resource]) -> list[Resource]:
    """The steps after a step, at most one more than are looked at; each knows its number in the list, from 1 on."""
    first = int(step.body["index"]) if len(steps) >= step.body["index"] else 0
    while first and steps[first - 1] is not step:
        first -= 1
    return steps[first : first + _MOST + 1]


def drop_insecure_commands(site: Site) -> Mended | None:
    """Remove ACTIONS_ALLOW_UNSECURE_COMMANDS; safe where nothing in its scope can write an insecure command."""
    resource = site.judgement.resource
    env = resource.body.get("env")
    if not isinstance(env, Map):
        return None
    name = next((name for name in env if str(name).upper() == "ACTIONS_ALLOW_UNSECURE_COMMANDS"), None)
    if name is None:
        return None
    known = all(
        harmless_commands(step) and not _insecure(step) and (harmless_action(step) or "uses" not in step.body)
        for step in _within(resource, site.estate)
    )
    return Mended((Change("remove", site.extent, ("env", name)),), f"Remove {name}", known)


def _within(resource: Resource, estate: Estate) -> list[Resource]:
    if resource.kind == "pipeline/step":
        return [resource]
    if resource.kind == "pipeline/job":
        return steps_of(resource, estate)
    return [step for tree in trees(estate, platform="github") if tree.top is resource for step in tree.all_steps()]


def _insecure(step: Resource) -> bool:
    run = step.body.get("run")
    return isinstance(run, str) and ("set-env" in run or "add-path" in run)


def list_of_words(site: Site) -> Mended | None:
    """`contains('a b', x)` becomes `contains(fromJSON('["a", "b"]'), x)`: the words of the text, each as a whole."""
    start, end = site.place
    text = site.written.text[start:end]
    inner = text[3:-2] if text.startswith("${{") and text.endswith("}}") else text
    shift = start + text.find(inner)
    node = parse(inner).node
    changes = []
    for each in walk(node) if node is not None else ():
        if each[0] != "call" or each[3] != "contains" or len(each[4]) != 2:
            continue
        first = each[4][0]
        words = str(first[3]).replace(",", " ").split() if first[0] == "lit" and isinstance(first[3], str) else []
        if words and all(word.isascii() and not set(word) & set("\"'\\{}[]") for word in words):
            listed = ", ".join(f'"{word}"' for word in words)
            place = shift + first[1], shift + first[2]
            changes.append(Change("rewrite", place, (), f"fromJSON('[{listed}]')"))
    return Mended(tuple(changes), "Look the value up in a list") if changes else None


def plain_action_path(site: Site) -> Mended | None:
    """`owner/repo/./path/../init@ref` becomes `owner/repo/init@ref`."""
    uses = site.judgement.resource.body.get("uses")
    if not isinstance(uses, Map) or not uses["owner"]:
        return None
    location, at, ref = str(uses["raw"]).partition("@")
    plain: list[str] = []
    for part in location.split("/"):
        if part == "..":
            plain = plain[:-1]
        elif part not in ("", "."):
            plain.append(part)
    new = "/".join(plain) + at + ref
    if new == uses["raw"] or len(plain) < 2 or plain[:2] != location.split("/")[:2]:
        return None
    return Mended((Change("set", site.extent, ("uses",), new),), f"Write {new}")
