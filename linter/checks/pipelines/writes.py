"""What the scripts of steps write to the files by which GitHub hands values on: GITHUB_ENV, GITHUB_PATH, GITHUB_OUTPUT."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks.pipelines.action_tables import UNTRUSTED_OUTPUTS
from linter.checks.pipelines.common import action_of, input_of
from linter.model import Resource
from linter.parsers.pipelines.shell import Command
from linter.records import NamedTuple

_WRITERS = frozenset(("tee", "Out-File", "Add-Content", "Set-Content", "out-file", "add-content"))
_ECHO = frozenset(("echo", "printf", "Write-Output", "write-output"))
_REACH = 50
"""How many commands before a `tee` its text is looked for in."""


class Write(NamedTuple):
    """text: what is written, as far as the script shows it; start, end: of the command, in the script."""

    text: str
    start: int
    end: int


def writes(step: Resource, run: str, files: tuple[str, ...]) -> Iterator[Write]:
    """Every command of a script that writes one of the files (`GITHUB_ENV`…), in order."""
    if not any(file in run for file in files):
        return
    found = step.context["commands"]
    for index, command in enumerate(found):
        targets = " ".join(redirect.target for redirect in command.redirects)
        piped = command.program in _WRITERS
        if piped:
            targets += " ".join(command.words[1:])
        if not any(file in targets for file in files):
            continue
        nearest = found[max(index - _REACH, 0) : index] if piped else []
        origin = next((other for other in reversed(nearest) if other.group == command.group), command)
        yield Write(_text(origin, run), min(origin.start, command.start), max(origin.end, command.end))


def _text(origin: Command, run: str) -> str:
    if origin.program in _ECHO or origin.body:
        return origin.body or " ".join(origin.words[1:])
    if not origin.words and origin.redirects:
        return run[origin.start : origin.end]
    if len(origin.words) == 1 and origin.program not in ("cat", "env", "tee") and origin.words[0][0] not in "./":
        return origin.words[0]
    return f"$({' '.join(origin.words)})"


def outputs(step: Resource, run: str, name: str) -> Iterator[Write]:
    """What a script gives one of its outputs: lines `name=…`, all that is written where one of several lines begins, and
    the command `::set-output` of old."""
    if "GITHUB_OUTPUT" in run:
        yield from _named(list(writes(step, run, ("GITHUB_OUTPUT",))), name)
    if "::set-output" in run:
        for command in step.context["commands"]:
            text = " ".join(command.words[1:])
            if command.program in _ECHO and text.lower().startswith(f"::set-output name={name}::"):
                yield Write(text.split("::", 2)[2], command.start, command.end)


def variables(step: Resource, run: str, name: str) -> Iterator[Write]:
    """What a script sets a variable of later steps to."""
    if "GITHUB_ENV" in run:
        yield from _named(list(writes(step, run, ("GITHUB_ENV",))), name)


def _named(found: list[Write], name: str) -> Iterator[Write]:
    several = any(line.lower().startswith(f"{name}<<") for write in found for line in write.text.split("\n"))
    for write in found:
        if several:
            yield write
            continue
        for line in write.text.split("\n"):
            key, equals, value = line.partition("=")
            if equals and key.strip().lower() == name:
                yield Write(value, write.start, write.end)


def names_variable(text: str, name: str) -> bool:
    """Whether a script's text reads a variable, as POSIX shells or PowerShell do."""
    at = text.find(f"${name}")
    while at >= 0:
        after = text[at + len(name) + 1 : at + len(name) + 2]
        if not (after.isalnum() or after == "_"):
            return True
        at = text.find(f"${name}", at + 1)
    return f"${{{name}" in text or f"env:{name}" in text


def from_outside(step: Resource, output: str) -> bool:
    """Whether an action's output is known to hold text of whoever opened the pull request."""
    action = action_of(step)
    if action == "dorny/paths-filter":
        return output.endswith("_files") and str(input_of(step, "list-files")).lower() not in (
            "none",
            "shell",
            "escape",
        )
    return output in UNTRUSTED_OUTPUTS.get(action, ())
