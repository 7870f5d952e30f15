"""Expressions of GitHub pasted into scripts, moved into environment variables that the script reads.

`echo "${{ github.head_ref }}"` becomes `echo "${HEAD_REF}"` with `HEAD_REF: ${{ github.head_ref }}` in the step's
`env`. The value is then data, whatever it holds. That is done only where the shell is a POSIX one and its lexer says
certainly where the expression stands (linter.fixes.scripts).
"""

from __future__ import annotations

from typing import Any

from linter.checks.pipelines.taint import ATTACKER, MAX_VARIABLES, OPEN, SAFE, taint
from linter.fixes.changes import Change, Refused
from linter.fixes.mend import Mended, Site
from linter.fixes.scripts import moves_safely, variable_for
from linter.fixes.shell_places import Standing, standings
from linter.model import Map, Resource, Seq
from linter.parsers.pipelines.expressions import Found, find, parse
from linter.records import NamedTuple
from linter.trees import as_map

_TAKEN = frozenset(
    """PATH HOME USER SHELL PWD OLDPWD IFS LANG TERM TMPDIR CI ENV BASH_ENV PS1 PS4 HOSTNAME UID EUID PPID RANDOM
    SECONDS LINENO GH_TOKEN GITHUB_TOKEN LD_PRELOAD LD_LIBRARY_PATH""".split()  # noqa: SIM905
)


class _Move(NamedTuple):
    """An expression that moves. reads: its text. safe: nothing but an attack changes by it."""

    reads: str
    standing: Standing
    found: Found
    safe: bool


def expressions_to_environment(site: Site) -> Mended | None:
    """Move the expression at the finding's place, and those of the same script that are as dangerous, into `env`."""
    step = site.judgement.resource
    script = step.body.get("run")
    if step.kind != "pipeline/step" or not isinstance(script, str) or not posix_shell(step):
        return None
    pieces = find(script)
    records = [each for each in step.body.get("expressions", ()) if each["where"] == "run"]
    here = next((n for n, each in enumerate(records) if each.span[1:] == site.place), None)
    if here is None or len(records) != len(pieces):
        return None
    worst = _kind(records[here], step)
    places = standings(script, [(each.start, each.end) for each in pieces])
    moves = []
    for number, (record, found, standing) in enumerate(zip(records, pieces, places, strict=True)):
        safe = moves_safely(standing, script, found.start, found.end)
        if safe is None or not found.closed or record["error"] or _kind(record, step) != worst:
            continue
        if safe or number == here:
            moves.append(_Move(record["text"], standing, found, safe))  # type: ignore[arg-type]
    if not any(move.found == pieces[here] for move in moves):
        return None
    return _mended(step, script, moves, site)


def _kind(record: Map, step: Resource) -> str:
    kinds = {taint(context, step) for context in record["flows"]}
    return ATTACKER if ATTACKER in kinds else OPEN if OPEN in kinds else SAFE


def _mended(step: Resource, script: str, moves: list[_Move], site: Site) -> Mended | None:
    names = _Names(step, script)
    pieces, new = [], {}
    for move in moves:
        name, given = names.of(move.reads)
        if given:
            new[name] = f"${{{{ {move.reads} }}}}"
        pieces.append(variable_for(script, move.standing, move.found.start, move.found.end, name))
    changes = [Change("splice", site.extent, ("run",), pieces)]
    if new:
        env = step.body.get("env")
        if env is not None and not isinstance(env, Map):
            raise Refused("the environment is decided by an expression")
        changes.append(Change("set", site.extent, ("env",), new, ("run",)))
    title = "Hand the value to the script in an environment variable"
    return Mended(tuple(changes), title, all(move.safe for move in moves))


class _Names:
    """Variables for expressions, each with a name that nothing else of the step uses."""

    def __init__(self, step: Resource, script: str) -> None:
        self._script = script
        self._own = {str(name): value for name, value in (as_map(step.body.get("env"))).items()}
        self._seen = set(self._own)
        for holder in (step.context.get("job"), step.context.get("workflow")):
            env = as_map(as_map(holder).get("env"))
            if len(env) > MAX_VARIABLES:
                raise Refused("there are too many variables")
            self._seen.update(map(str, env))
        self._given: dict[str, str] = {}

    def of(self, expression: str) -> tuple[str, bool]:
        """(name of the variable, whether the step's `env` has to get it)."""
        if expression in self._given:
            return self._given[expression], True
        written = f"${{{{{expression}}}}}"
        for name, value in self._own.items():
            if (
                isinstance(value, str)
                and "".join(value.split()) == "".join(written.split())
                and _unset(name, self._script)
            ):
                return name, False
        if "env." in expression.replace(" ", "") or expression.strip().startswith("env"):
            return self._variable(expression)
        base = _name(expression)
        name, number = base, 1
        while name in self._seen or name in _TAKEN or name in self._script:
            number += 1
            name = f"{base}_{number}"
        self._seen.add(name)
        self._given[expression] = name
        return name, True

    def _variable(self, expression: str) -> tuple[str, bool]:
        """`env.NAME` is the variable NAME already, where the script leaves it alone."""
        name = expression.strip().removeprefix("env.")
        if name not in self._seen or not name.isidentifier() or not _unset(name, self._script):
            raise Refused("the expression reads the environment in a way that cannot be followed")
        return name, False


def _unset(name: str, script: str) -> bool:
    """Whether nothing in the script gives the variable another value."""
    return not any(f"{name}{mark}" in script for mark in ("=", "+=")) and f"read {name}" not in script


def _name(expression: str) -> str:
    """`github.event.issue.title` → ISSUE_TITLE; what is no plain context is a VALUE."""
    parsed = parse(expression)
    node = parsed.node
    if node is None or node[0] != "ctx" or len(expression) > 60:
        return "EXPRESSION_VALUE"
    words = "".join(char if char.isalnum() and char.isascii() else " " for char in expression).upper().split()
    if words[:2] == ["GITHUB", "EVENT"] and len(words) > 3:
        words = words[2:]
    elif words[:1] == ["GITHUB"] and "_" in expression.partition(".")[2]:
        words = words[1:]
    elif words[:1] == ["GITHUB"]:
        words = ["RUN", *words[1:]]
    name = "_".join(words)
    return name if name and not name[0].isdigit() else f"VALUE_{name}"


def posix_shell(step: Resource) -> bool:
    """Whether a step's script is certainly read by sh or bash."""
    shell = step.body.get("shell") or _default(step.context.get("job")) or _default(step.context.get("workflow"))
    if shell is not None:
        return isinstance(shell, str) and shell.split()[:1] in (["sh"], ["bash"])
    job = step.owner
    if job is None or job.kind != "pipeline/job":
        return False
    if "container" in job.body:
        return True
    labels = job.body.get("runner")
    return isinstance(labels, Seq) and bool(labels) and _all_unix(labels)


def _all_unix(labels: Seq) -> bool:
    words = [label.lower() for label in labels if isinstance(label, str)]
    unix = [word.startswith(("ubuntu", "macos", "linux")) for word in words]
    if len(words) != len(labels) or any(word.startswith("windows") for word in words):
        return False
    return all(unix) or ("self-hosted" in words and any(unix))


def _default(holder: Any) -> Any:
    """`defaults.run.shell` of a job or workflow as it is written."""
    run = as_map(as_map(as_map(holder).get("defaults")).get("run"))
    return run.get("shell")
