"""Checks of pipelines that let their own changes in."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import failed, passed, trees
from linter.model import Estate, Resource
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command

_SENDING = frozenset(("POST", "PUT"))


def merged_by_people(estate: Estate) -> Iterator[Verdict]:
    """No command merges a proposed change; asking the platform to merge it once its own rules are met is none."""
    for tree in trees(estate):
        sound = True
        for step in tree.all_steps():
            for command in step.context.get("commands", ()):
                if _merges(command):
                    sound = False
                    message = "The pipeline merges the change it judges, so that no person has to agree to it"
                    yield failed(step, message, _span(estate, step, command), command.program)
        if sound and tree.jobs:
            yield passed(tree.top)


def _span(estate: Estate, step: Resource, command: Command) -> tuple[int, int, int]:
    entry = step.body.at["run"]
    return Scalar(estate.sources[entry[0]], entry, step.body["run"]).span(command.start, command.end)


def _merges(command: Command) -> bool:
    words = command.words[1:]
    program = command.program
    if program in ("curl", "wget", "http", "httpie", "Invoke-RestMethod", "Invoke-WebRequest"):
        return any(_is_merge(word) for word in words) and _sends(words)
    if program == "gh":
        return words[:2] == ("pr", "merge") and not {"--auto", "--disable-auto"} & set(words)
    if program == "glab":
        return words[:2] == ("mr", "merge") and not any(
            word.startswith(("--auto-merge", "--when-pipeline")) for word in words
        )
    if program == "az":
        return words[:3] == ("repos", "pr", "update") and "completed" in words
    return program == "tea" and words[:2] in (("pr", "merge"), ("pulls", "merge"))


def _is_merge(word: str) -> bool:
    """The address of a merge in the interfaces of GitHub, Gitea, GitLab and Bitbucket."""
    path = word.partition("?")[0].rstrip("/")
    return path.endswith("/merge") and any(
        part in path for part in ("/pulls/", "/merge_requests/", "/pullrequests/", "/pull-requests/")
    )


def _sends(words: tuple[str, ...]) -> bool:
    """Whether a request changes something: another method than GET, or a body."""
    for word in words:
        if word.upper().removeprefix("-X") in _SENDING:
            return True
        if word in ("-d", "--data", "--json", "--data-raw", "-T", "-Method") or word.startswith(
            ("--data", "--method=P")
        ):
            return True
    return False
