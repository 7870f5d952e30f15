"""Checks of the commands runbooks show: destructive ones come with a warning, scripts exist."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Origin, Resource, Span
from linter.text import safe_line

SHELLS = frozenset({"", "bash", "sh", "shell", "console", "zsh", "shell-session", "terminal"})


@cache
def _destructive() -> re.Pattern[str]:
    return re.compile(
        r"\brm[ \t]+(?:-[a-zA-Z]{1,6}[ \t]+){0,3}-(?:r[ \t]+-f|f[ \t]+-r"
        r"|[a-zA-Z]{0,6}r[a-zA-Z]{0,6}f|[a-zA-Z]{0,6}f[a-zA-Z]{0,6}r)[a-zA-Z]{0,6}[ \t]+(?!/tmp/)[^\n]{0,200}"
        r"|\b(?:kubectl|oc)\b[^\n|;&]{0,120}\bdelete[ \t]+(?:-\S{1,60}[ \t]+){0,4}"
        r"(?:ns|namespaces?|pvc?|persistentvolumeclaims?|persistentvolumes?|crds?)\b[^\n]{0,200}"
        r"|\b(?:terraform|tofu|terragrunt)\b[^\n|;&]{0,120}\bdestroy\b[^\n]{0,200}"
        r"|\bDROP[ \t]+(?:TABLE|DATABASE|SCHEMA)\b[^\n]{0,200}|\bTRUNCATE[ \t]+TABLE\b[^\n]{0,200}"
        r"|\bmkfs(?:\.\w+)?[ \t][^\n]{0,200}|\bdd[ \t][^\n]{0,120}\bof=/dev/[^\n]{0,200}"
        r"|\baws[ \t]+s3[ \t]+(?:rb[ \t][^\n]{0,120}--force|rm[ \t][^\n]{0,120}--recursive)[^\n]{0,200}"
        r"|\bgcloud[ \t][^\n|;&]{0,80}\b(?:projects|clusters|instances)[ \t]+delete\b[^\n]{0,200}"
        r"|\baz[ \t]+group[ \t]+delete\b[^\n]{0,200}"
    )


@cache
def _warning() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:warnings?|cautions?|cautious|danger(?:ous)?|careful(?:ly)?|beware|attention|important|irreversib(?:le|ly)"
        r"|destructive|permanent(?:ly)?|unrecoverable|data loss|los(?:e|es|ing) (?:all |any |the |your )?data|back ?up"
        r"|backed up|last resort|(?:cannot|can't) be (?:undone|recovered)|make sure|ensure|double[- ]check|confirm"
        r"|only if|do not|don't|never|risk|approval|at your own)\b|⚠|:warning:|❗|🚨",
        re.I,
    )


@cache
def _called() -> re.Pattern[str]:
    return re.compile(
        r"^[ \t]*(?:[$#>][ \t]+)?(?:sudo[ \t]+)?(?:(?:bash|sh|zsh|python3?|source|\.)[ \t]+(?:-\w+[ \t]+)*)?"
        r"(\./[\w./-]+|(?:[\w.-]+/)+[\w.-]+\.(?:sh|bash|py|rb|pl))(?=[\s;|&]|$)",
        re.M,
    )


@cache
def _elsewhere() -> re.Pattern[str]:
    """Commands after which a relative path no longer means this repository."""
    return re.compile(
        r"\b(?:cd|pushd|ssh|scp|git[ \t]+clone|curl|wget|tar|unzip|docker|podman"
        r"|(?:kubectl|oc)[^\n]{0,120}[ \t](?:exec|debug|rsh)|make|go[ \t]+build|npm|chroot|su|vagrant)\b"
        r"|<<|(?<![-=>])>[ \t]*\./"
    )


def dangerous_guarded(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A destructive command in a code block stands after a warning, in a section around it or the introduction."""
    for runbook in estate.of_kind(kind):
        text = estate.sources[runbook.extent[0]].text
        for block in runbook.body["code"]:
            source, _, _, start, end = block.at["text"]
            for found in _destructive().finditer(text, start, end):
                command = safe_line(found[0], 80)
                span = (source, found.start(), found.start() + len(found[0].rstrip()))
                guard = _guard(runbook, text, found.start())
                if guard is None:
                    message = f"'{command}' destroys data, and nothing before it warns of that."
                    yield Verdict(runbook, FAIL, message, span, command)
                else:
                    there = (Origin("the warning is here", guard),)
                    yield Verdict(runbook, PASS, f"A warning precedes '{command}'.", span, command, there)


def _guard(runbook: Resource, text: str, offset: int) -> Span | None:
    """The warning before an offset: in the own text of each section around it, or before the first section."""
    sections = runbook.body["sections"]
    first = sections[0].span[1] if sections else len(text)
    ranges = [(0, first)] + [(each.span[1], each.at["text"][4]) for each in sections if offset < each.span[2]]
    for start, end in reversed(ranges):
        found = _warning().search(text, start, min(end, offset)) if start <= offset else None
        if found:
            return (runbook.extent[0], *found.span())
    return None


def scripts_exist(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A script a runbook calls by a relative path is in the repository, from its folder, the root or a folder between.

    Not judged after a command that leaves the repository (`cd`, `ssh`, `git clone`, `kubectl exec`…).
    """
    tails: set[str] | None = None
    for runbook in estate.of_kind(kind):
        for path, span in _scripts(estate, runbook):
            if tails is None:
                tails = {tail for each in estate.paths for tail in _tails(each)}
            shown = safe_line(path, 100)
            if posixpath.normpath(path) in tails:
                yield Verdict(runbook, PASS, f"The script {shown} exists.", span, path[:200])
            elif estate.isolated:
                message = f"Whether the script {shown} exists is unknown: other artifacts were not read."
                yield Verdict(runbook, UNKNOWN, message, span, path[:200], unknowns=(ISOLATED,))
            else:
                message = f"The script {shown} is not in this repository."
                yield Verdict(runbook, FAIL, message, span, path[:200])


def _scripts(estate: Estate, runbook: Resource) -> Iterator[tuple[str, Span]]:
    text = estate.sources[runbook.extent[0]].text
    blocks: list[Map] = [block for block in runbook.body["code"] if block["language"] in SHELLS]
    for block in blocks:
        source, _, _, start, end = block.at["text"]
        leaves = _elsewhere().search(text, start, end)
        for found in _called().finditer(text, start, leaves.start() if leaves else end):
            yield found[1], (source, *found.span(1))
        if leaves:
            return


def _tails(path: str) -> Iterator[str]:
    """A path as seen from the root and from every folder above it, at most 12 of them."""
    parts = path.rstrip("/").split("/")
    for index in range(max(0, len(parts) - 12), len(parts)):
        yield "/".join(parts[index:])
