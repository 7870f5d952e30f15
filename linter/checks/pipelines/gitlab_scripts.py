"""Checks of the commands of GitLab jobs: text that outsiders write, downloads, logins, remotes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import as_map, failed, parts, passed
from linter.model import Estate, Map, Resource, Span
from linter.parsers.pipelines.gitlab_credentials import credential, variables_in
from linter.parsers.pipelines.model import text
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command


def steps_of(estate: Estate) -> Iterator[tuple[Resource, str, list[Command]]]:
    for step in parts(estate, "pipeline/step", "gitlab"):
        yield step, step.body["run"], step.context["commands"]


def span_of(estate: Estate, step: Resource, start: int, end: int) -> Span:
    entry = step.body.at["run"]
    return Scalar(estate.sources[entry[0]], entry, step.body["run"]).span(start, end)


def judged(
    estate: Estate, wanted: Callable[[Command], bool], why: Callable[[Resource, str, Command], str]
) -> Iterator[Verdict]:
    """One verdict for every step with a command that is asked about; why: what is wrong with it, '' where nothing is."""
    for step, run, commands in steps_of(estate):
        sound = asked = False
        for command in commands:
            if not wanted(command):
                continue
            sound, asked = sound or not asked, True
            message = why(step, run, command)
            if message:
                sound = False
                yield failed(step, message, span_of(estate, step, command.start, command.end), command.program)
        if sound:
            yield passed(step)


def single_quoted(run: str, command: Command, name: str) -> bool:
    """Whether the shell leaves every mention of a variable in a command alone, within single quotes."""
    written = run[command.start : command.end]
    quote = ""
    index = 0
    while index < len(written):
        char = written[index]
        if quote != "'" and char == "\\":
            index += 2
            continue
        if char in "'\"" and quote in ("", char):
            quote = "" if quote else char
        elif char == "$" and quote != "'" and written.startswith((name, "{" + name), index + 1):
            return False
        index += 1
    return True


# What people outside the project write: names of branches, messages of commits, titles of merge requests.
UNTRUSTED = frozenset(
    ("CI_COMMIT_MESSAGE", "CI_COMMIT_TITLE", "CI_COMMIT_DESCRIPTION", "CI_COMMIT_AUTHOR", "CI_COMMIT_REF_NAME",
     "CI_COMMIT_BRANCH", "CI_COMMIT_TAG", "CI_COMMIT_TAG_MESSAGE", "CI_MERGE_REQUEST_TITLE",
     "CI_MERGE_REQUEST_DESCRIPTION", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_MERGE_REQUEST_LABELS",
     "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME", "CI_BUILD_REF_NAME", "GITLAB_USER_NAME")
)  # fmt: skip
_INTERPRETERS = {
    "sh": "-c", "bash": "-c", "dash": "-c", "zsh": "-c", "ash": "-c", "ksh": "-c", "python": "-c", "python3": "-c",
    "node": "-e", "ruby": "-e", "perl": "-e", "php": "-r", "pwsh": "-c", "powershell": "-c", "su": "-c",
}  # fmt: skip


def gitlab_no_untrusted_code(estate: Estate) -> Iterator[Verdict]:
    """Text that outsiders write, put into what `eval`, an interpreter's `-c` or a remote shell runs."""

    def wanted(command: Command) -> bool:
        return command.program in ("eval", "ssh") or _INTERPRETERS.get(command.program, "?") in command.words

    def why(step: Resource, run: str, command: Command) -> str:
        env = as_map(step.context["job"].get("variables"))
        for word in command.words[1:]:
            for name, _, _ in variables_in(word) if "$" in word else ():
                origin = name if name in UNTRUSTED else _untrusted(env, name)
                if origin and not single_quoted(run, command, name):
                    return f"`{origin}` is text that outsiders write, and {command.program} runs it as code"
        return ""

    yield from judged(estate, wanted, why)


def _untrusted(env: Map | None, name: str) -> str:
    value = text(env.get(name)) if env is not None and name in env else ""
    return next((found for found, _, _ in variables_in(value) if found in UNTRUSTED), "") if "$" in value else ""


_READERS = frozenset(("sh", "bash", "dash", "zsh", "ash", "ksh", "python", "python3", "node", "ruby", "perl", "php"))


def gitlab_downloads_not_run(estate: Estate) -> Iterator[Verdict]:
    """What curl or wget fetches is not handed to an interpreter unseen."""

    def wanted(command: Command) -> bool:
        return command.program in ("curl", "wget") or command.program in _READERS or command.program == "eval"

    def why(step: Resource, run: str, command: Command) -> str:
        if command.program in ("curl", "wget"):
            reader = _reader(step.context["commands"], command)
            return f"What {command.program} fetches is run by {reader} without being checked" if reader else ""
        for word in command.words[1:]:
            if word.lstrip().startswith(("$(curl ", "$(wget ", "<(curl ", "<(wget ", "`curl ", "`wget ")):
                return f"What is fetched is run by {command.program} without being checked"
        return ""

    yield from judged(estate, wanted, why)


def _reader(commands: list[Command], first: Command) -> str:
    """The interpreter at the end of a command's pipe, ''."""
    after = first.after
    for command in commands:
        if command.start < first.end or after not in ("|", "|&"):
            continue
        words = command.words[1:] if command.program in ("sudo", "env", "exec") else command.words
        if words and words[0].rsplit("/", 1)[-1] in _READERS:
            own = [word for word in words[1:] if not word.startswith("-")]
            scripted = "-s" in words or "-" in words or any(word.startswith("-s") for word in words)
            return words[0] if scripted or not own else ""
        after = command.after
    return ""


def gitlab_passwords_hidden(estate: Estate) -> Iterator[Verdict]:
    """Registry logins with the password among the arguments, which every process of the host can read."""

    def wanted(command: Command) -> bool:
        return (
            command.program in ("docker", "podman", "buildah", "helm", "skopeo", "nerdctl")
            and "login" in command.words[:3]
        )

    def why(step: Resource, run: str, command: Command) -> str:
        for word in command.words[1:]:
            if word in ("-p", "--password") or word.startswith("--password="):
                return f"{command.program} login takes the password as an argument; hand it over by --password-stdin"
        return ""

    yield from judged(estate, wanted, why)


def gitlab_remotes_without_tokens(estate: Estate) -> Iterator[Verdict]:
    """URLs of git remotes with a token of a person or project in them; the job's own token expires with the job."""

    def why(step: Resource, run: str, command: Command) -> str:
        for word in command.words[1:]:
            _, slashes, rest = word.partition("://")
            login, at, _ = rest.partition("/")[0].rpartition("@")
            if slashes and at and "$" in login:
                names = [name for name, _, _ in variables_in(login)]
                held = next((name for name in names if credential(name) and name != "CI_JOB_TOKEN"), "")
                if held:
                    return f"`{held}` becomes part of the remote's address, which git keeps and prints"
        return ""

    yield from judged(estate, lambda command: command.program == "git", why)
