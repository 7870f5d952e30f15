"""Which files and folders the commands of pipelines work on, and whether they exist."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    action_of,
    as_map,
    failed,
    input_of,
    passed,
    trees,
    unsure,
)
from linter.estate.pipeline_links import base_of
from linter.model import Estate, Resource, Span, Unknown
from linter.parsers.pipelines.roles import unwrap
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command
from linter.records import NamedTuple

TERRAFORM = frozenset(("terraform", "tofu", "terragrunt"))


# Paths of one job that are judged; what may have made each is looked for in all commands before it.
MAX_TARGETS = 100


class Target(NamedTuple):
    """A path a command works on. path: from the root of the tree, None where it is not literal. word: as written."""

    step: Resource
    command: Command
    word: str
    path: str | None


def targets(step: Resource, base: str) -> Iterator[Target]:
    """The files and folders the commands of a step apply, plan or render."""
    folder = _working_directory(step, base)
    current = folder
    for command in step.context.get("commands", ()):
        words = unwrap(command.words)
        if command.program in ("cd", "pushd") and len(command.words) > 1:
            current = _joined(current, command.words[1])
            continue
        if command.program == "popd" or command.after == ")":
            current = None if command.program == "popd" else current
        within = current
        for word in _path_words(words):
            yield Target(step, command, word, _joined(within, word))
            if f"-chdir={word}" in words:
                within = _joined(current, word)
        if words and words[0].rsplit("/", 1)[-1] in TERRAFORM and not any(w.startswith("-chdir") for w in words):
            yield Target(step, command, "", current)
        if command.after == ")":
            current = folder


def _path_words(words: tuple[str, ...]) -> Iterator[str]:
    program = words[0].rsplit("/", 1)[-1] if words else ""
    if program in ("kubectl", "oc"):
        yield from _options(words, ("-f", "--filename", "-k", "--kustomize"))
    elif program == "kustomize" and words[1:2] == ("build",):
        yield from (word for word in words[2:3] if not word.startswith("-"))
    elif program == "helm" and len(words) > 1:
        yield from _options(words, ("-f", "--values"))
        yield from (word for word in words[2:] if word.startswith(("./", "../")) and not _is_value(words, word))
    elif program in TERRAFORM:
        yield from (word[7:] for word in words[1:] if word.startswith("-chdir="))
        yield from _options(words, ("-var-file",))


def _is_value(words: tuple[str, ...], word: str) -> bool:
    return words[words.index(word) - 1].startswith("-")


def _options(words: tuple[str, ...], names: tuple[str, ...]) -> Iterator[str]:
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            value = value if equals else words[index + 1] if index + 1 < len(words) else ""
            yield from (part for part in value.split(",") if part)


def _working_directory(step: Resource, base: str) -> str | None:
    """The folder a step runs in, from the root of the tree; None where it is decided at run time."""
    written = step.body.get("working_directory")
    for holder in (step.context.get("job"), step.context.get("workflow")):
        if written is None and holder is not None:
            defaults = as_map(holder.get("defaults"))
            run = as_map(defaults.get("run")) if defaults is not None else None
            written = run.get("working-directory") if run is not None else None
    if written is None:
        return base
    return _joined(base, written) if isinstance(written, str) else None


def _joined(folder: str | None, word: str) -> str | None:
    word = word.removeprefix("$GITHUB_WORKSPACE/").removeprefix("${GITHUB_WORKSPACE}/")
    word = word.removeprefix("${{ github.workspace }}/")
    if folder is None or not _literal(word):
        return None
    joined = posixpath.normpath(posixpath.join(folder or ".", word))
    return None if joined.startswith(("../", "/")) or joined == ".." else joined.removeprefix("./")


def _literal(word: str) -> bool:
    return bool(word) and not any(char in word for char in "$*?[{`~<>") and word != "-" and "://" not in word


def paths_exist(estate: Estate) -> Iterator[Verdict]:
    """Paths given to kubectl, kustomize, helm and terraform that are not in the repository.

    A path that an earlier command of the job writes, or that lies in a folder the job fetches, is unknown.
    """
    for tree in trees(estate, actions=False):
        base = base_of(tree.top.unit.path)
        for job in tree.jobs:
            steps = tree.steps.get(id(job), [])
            fetched = any(_fetches(step) for step in steps)
            budget = MAX_TARGETS
            for index, step in enumerate(steps):
                for target in targets(step, base):
                    if target.word and target.path is not None and budget:
                        budget -= 1
                        yield from _judge_path(estate, target, steps[: index + 1], fetched)


def _fetches(step: Resource) -> bool:
    """Steps that put files of elsewhere into the workspace: artifacts, other repositories, checkouts below a folder."""
    action = action_of(step)
    if action == "actions/checkout":
        return input_of(step, "repository") is not None or input_of(step, "path") is not None
    if action in ("actions/download-artifact", "actions/cache", "actions/cache/restore"):
        return True
    return any(
        command.program in ("git", "tar", "unzip", "wget", "curl", "gh", "aws", "gsutil", "helm")
        and not {"clone", "pull", "xf", "x", "-O", "-o", "cp", "sync", "download", "fetch"}.isdisjoint(
            command.words[1:4]
        )
        for command in step.context.get("commands", ())
    ) or any(command.program in ("tar", "unzip", "wget") for command in step.context.get("commands", ()))


def _judge_path(estate: Estate, target: Target, steps: list[Resource], fetched: bool) -> Iterator[Verdict]:
    path = target.path or ""
    span = word_place(estate, target)
    if path in estate.paths or f"{path}/" in estate.paths or path in (".", ""):
        yield passed(target.step, span, target.word)
        return
    if estate.isolated or fetched or _made(target, steps) or not _known_folder(estate, path):
        unknown = Unknown("run-time", target.word, "commit the file, or name it where it is made")
        yield unsure(
            target.step, f"`{target.word}` is not in the repository; the job may make it", unknown, span, target.word
        )
        return
    yield failed(target.step, f"`{target.word}` is not in the repository", span, target.word)


def _known_folder(estate: Estate, path: str) -> bool:
    """Whether the path's first folder is in the repository, so that a missing file in it is a mistake."""
    first, slash, _ = path.partition("/")
    return bool(slash) and f"{first}/" in estate.paths


def _made(target: Target, steps: list[Resource]) -> bool:
    """Whether an earlier command of the job names the file as something it writes, or runs what may write anything."""
    name = (target.path or "").rsplit("/", 1)[-1]
    for step in steps:
        for command in step.context.get("commands", ()):
            if step is target.step and command.start >= target.command.start:
                break
            if any(name in redirect.target for redirect in command.redirects):
                return True
            if command.program in ("cp", "mv", "sed", "envsubst", "tee", "mkdir", "touch", "yq", "ln") and any(
                name in word for word in command.words[1:]
            ):
                return True
            if any(word.startswith(("-o", "--output", "-out")) for word in command.words) and any(
                name in word for word in command.words[1:]
            ):
                return True
            if command.program in _GENERATORS or (command.words[:1] and command.words[0].startswith("./")):
                return True
    return False


_GENERATORS = frozenset(
    ("make", "task", "just", "npm", "yarn", "pnpm", "python", "python3", "node", "bash", "sh", "jsonnet")
)


def word_place(estate: Estate, target: Target) -> Span:
    """Where the word of a target stands in the script; the command where it was put together."""
    run = target.step.body["run"]
    scalar = Scalar(estate.sources[target.step.anchor[0]], target.step.body.at["run"], run)
    found = run.find(target.word, target.command.start, target.command.end) if target.word else -1
    if found < 0:
        return scalar.span(target.command.start, target.command.end)
    return scalar.span(found, found + len(target.word))
