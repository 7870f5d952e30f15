"""Checks of the scripts in Jenkinsfiles: what Groovy puts into them, and what they do with credentials and downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import as_map, failed, parts, passed
from linter.checks.pipelines.secrets import no_literal_secrets
from linter.model import Estate, Map, Resource, Span
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command
from linter.text import looks_secret
from linter.trees import maps


def steps_of(estate: Estate) -> tuple[Resource, ...]:
    return parts(estate, "pipeline/step", "jenkins")


def command_span(estate: Estate, step: Resource, command: Command) -> Span:
    entry = step.body.at["run"]
    return Scalar(estate.sources[entry[0]], entry, step.body["run"]).span(command.start, command.end)


def judged(
    estate: Estate, wanted: Callable[[Command], bool], why: Callable[[Resource, Command], str]
) -> Iterator[Verdict]:
    """One verdict for every step with a command that is asked about; why: what is wrong with it, '' where nothing is."""
    for step in steps_of(estate):
        asked = [command for command in step.context["commands"] if wanted(command)]
        sound = bool(asked)
        for command in asked:
            message = why(step, command)
            if message:
                sound = False
                yield failed(step, message, command_span(estate, step, command), command.program)
        if sound:
            yield passed(step)


def secrets_of(step: Resource) -> frozenset[str]:
    """The variables that hold credentials where a step stands."""
    return frozenset(
        each["variable"] for each in maps(step.body.get("credentials")) if isinstance(each.get("variable"), str)
    ) - {""}


def jenkins_no_literal_secrets(estate: Estate) -> Iterator[Verdict]:
    """Credentials written out in variables, arguments, scripts, and in the Groovy around them."""
    yield from no_literal_secrets(estate, platform="jenkins")
    for pipeline in parts(estate, "pipeline/pipeline", "jenkins"):
        variables = as_map(pipeline.body.get("variables"))
        env = as_map(pipeline.body.get("env"))
        for name, value in variables.items() if variables is not None else ():
            assert variables is not None
            at = variables.at[name]
            if (env is None or name not in env or env.at[name] != at) and looks_secret(str(name), value):
                message = f"`{name}` holds a credential, for everyone who can read the repository"
                yield failed(pipeline, message, (at[0], at[3], at[4]), str(name))


def no_secrets_in_groovy_strings(estate: Estate) -> Iterator[Verdict]:
    """Credentials that Groovy puts into a script, so that they stand in the agent's process list and logs."""
    for step in steps_of(estate):
        secrets = secrets_of(step)
        if not secrets or "run" not in step.body:
            continue
        sound = True
        for each in step.body["expressions"]:
            name = next((name for name in map(_plain, each["flows"]) if name in secrets), "")
            if name and each["where"] == "run":
                sound = False
                message = f"Groovy writes the value of `{name}` into the script; let the shell read the variable"
                yield failed(step, message, each.span, name)
        if sound:
            yield passed(step)


def _plain(name: str) -> str:
    return name.removeprefix("env.")


_WRITTEN = frozenset(
    """CHANGE_TITLE CHANGE_BRANCH CHANGE_AUTHOR CHANGE_AUTHOR_DISPLAY_NAME CHANGE_AUTHOR_EMAIL ghprbPullTitle
    ghprbPullLongDescription ghprbSourceBranch ghprbCommentBody ghprbPullAuthorLogin ghprbActualCommitAuthor
    ghprbPullAuthorEmail gitlabMergeRequestTitle gitlabMergeRequestDescription gitlabSourceBranch gitlabUserName
    gitlabBranch gitlabTriggerPhrase giteePullRequestTitle giteePullRequestDescription giteeSourceBranch
    GIT_COMMIT_MESSAGE GITHUB_PR_TITLE GITHUB_PR_BODY GITHUB_PR_SOURCE_BRANCH GITHUB_COMMENT
    BITBUCKET_SOURCE_BRANCH""".split()  # noqa: SIM905
)
"""Variables of branch sources and their plugins that hold what the author of a change writes."""
_TELLING = frozenset(
    """title body message description comment author sender head_ref source_branch sourceBranch pr_title prTitle
    pull_request_title commit_message commitMessage branch_name ref""".split()  # noqa: SIM905
)
"""Names of variables that webhooks fill by what their senders write."""
_FIXED_TYPES = ("boolean", "choice", "number")


def no_untrusted_groovy(estate: Estate) -> Iterator[Verdict]:
    """Text of build parameters, change requests and webhooks that Groovy puts into a script, which runs it as code."""
    for step in steps_of(estate):
        if "run" not in step.body:
            continue
        asked = [each for each in step.body["expressions"] if each["where"] == "run"]
        sound = bool(asked)
        for each in asked:
            why = next((why for name in each["flows"] if (why := _untrusted(step, name))), "")
            if why:
                sound = False
                yield failed(step, why, each.span, each["text"])
        if sound:
            yield passed(step)


def _untrusted(step: Resource, name: str) -> str:
    if name.startswith("params."):
        kind = _inputs(step).get(name[7:])
        if kind is not None and kind.get("type") in _FIXED_TYPES:
            return ""
        return f"`{name}` is text that whoever starts the build writes, and Groovy makes it a part of the script"
    plain = _plain(name)
    if plain in _WRITTEN:
        return f"`{plain}` is text that the author of a change writes, and Groovy makes it a part of the script"
    if plain in _TELLING and not _known(step, plain):
        return (
            f"`{plain}` is set outside this file, by a webhook or a parameter, and Groovy makes it a part of the script"
        )
    return ""


def _inputs(step: Resource) -> Map:
    for trigger in step.context["pipeline"].get("triggers", ()):
        inputs = as_map(trigger.get("inputs"))
        if inputs is not None:
            return inputs
    return Map((0, 0, 0))


def _known(step: Resource, name: str) -> bool:
    """Whether the file sets a variable itself."""
    for holder in (step.body, step.context["job"], step.context["pipeline"]):
        env = as_map(holder.get("env"))
        if env is not None and name in env:
            return True
    return name in step.context["pipeline"].get("names", ()) or name in secrets_of(step)


_INSECURE: dict[str, tuple[str, ...]] = {
    "curl": ("-k", "--insecure", "--proxy-insecure"), "wget": ("--no-check-certificate",), "pip": ("--trusted-host",),
    "pip3": ("--trusted-host",), "helm": ("--insecure-skip-tls-verify", "--kube-insecure-skip-tls-verify"),
    "kubectl": ("--insecure-skip-tls-verify", "--insecure-skip-tls-verify=true"), "oc": ("--insecure-skip-tls-verify",),
    "argocd": ("--insecure",), "http": ("--verify=no",), "npm": ("--no-strict-ssl", "--strict-ssl=false"),
    "yarn": ("--no-strict-ssl",), "apt-get": ("--allow-unauthenticated",),
}  # fmt: skip
_OFF = (
    "NODE_TLS_REJECT_UNAUTHORIZED=0", "GIT_SSL_NO_VERIFY=1", "GIT_SSL_NO_VERIFY=true", "PYTHONHTTPSVERIFY=0",
)  # fmt: skip


def jenkins_tls_kept(estate: Estate) -> Iterator[Verdict]:
    """No command of a script switches off the check of who answers: certificates, and the host keys of SSH."""

    def wanted(command: Command) -> bool:
        return command.program in _INSECURE or command.program in ("git", "ssh", "scp", "sftp", "rsync", "export")

    def why(_: Resource, command: Command) -> str:
        words = command.words[1:]
        joined = " ".join((*command.assigned, *words))
        found = next((each for each in _OFF if each in joined), "")
        if command.program == "git" and "sslverify" in joined.lower() and "false" in joined.lower():
            found = "http.sslVerify=false"
        elif command.program in ("ssh", "scp", "sftp", "rsync") and "stricthostkeychecking=no" in joined.lower():
            return f"`{command.program}` talks to whoever answers: StrictHostKeyChecking=no"
        found = found or next((word for word in words if _off(command.program, word)), "")
        return f"`{command.program}` does not check who answers: {found}" if found else ""

    yield from judged(estate, wanted, why)


def _off(program: str, word: str) -> bool:
    if word in _INSECURE.get(program, ()):
        return True
    if program != "curl" or word[:1] != "-" or word[1:2] == "-":
        return False
    flags = word[1:].partition("k")
    return bool(flags[1]) and not any(char in _CURL_VALUED for char in flags[0])


_CURL_VALUED = frozenset("odHuAexXTFbcCDEKmrtwyYzQPU")
"""Short options of curl whose value may follow in the same word."""


_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ash", "ksh", "python", "python3", "node", "ruby", "perl", "php"))
_CHECKS = frozenset(
    ("sha256sum", "sha512sum", "sha1sum", "shasum", "gpg", "gpgv", "cosign", "minisign", "openssl", "md5sum")
)


def jenkins_downloads_not_run(estate: Estate) -> Iterator[Verdict]:
    """What curl or wget fetches is not run unchecked, by a pipe or as the file it was written to."""
    for step in steps_of(estate):
        commands = step.context["commands"]
        fetched = [command for command in commands if command.program in ("curl", "wget")]
        checked = any(command.program in _CHECKS for command in commands)
        sound = bool(fetched)
        for command in fetched:
            runner = _runner(commands, command, checked)
            if runner:
                sound = False
                message = f"What {command.program} fetches is run by `{runner}` without being checked"
                yield failed(step, message, command_span(estate, step, command), command.program)
        if sound:
            yield passed(step)


def _runner(commands: list[Command], first: Command, checked: bool) -> str:
    file = _output(first)
    for command in commands:
        if command.start <= first.start:
            if any(
                word.lstrip().startswith(("$(curl ", "$(wget ", "<(curl ", "<(wget ")) for word in command.words
            ) and (command.program in _SHELLS and command.end >= first.end):
                return command.program
            continue
        words = command.words[1:] if command.program in ("sudo", "env", "exec") else command.words
        program = words[0].rsplit("/", 1)[-1] if words else ""
        if command.group == first.group and program in _SHELLS:
            own = [word for word in words[1:] if not word.startswith("-")]
            return program if not own or "-s" in words else ""
        if file and not checked and words and _runs(words, file):
            return words[0]
    return ""


def _output(command: Command) -> str:
    """The name of the file a download is written to, '' where it is not."""
    words = command.words
    for redirect in command.redirects:
        if redirect.operator in (">", ">>"):
            return redirect.target.rsplit("/", 1)[-1]
    for number, word in enumerate(words[1:], 1):
        following = words[number + 1] if number + 1 < len(words) else ""
        if word in ("-o", "--output", "--output-document") or (command.program == "wget" and word == "-O"):
            return following.rsplit("/", 1)[-1]
        if word[:1] == "-" and word[1:2] != "-" and word.endswith("o") and command.program == "curl":
            return following.rsplit("/", 1)[-1]
    named = command.program == "wget" or any(
        word == "--remote-name" or (word[:1] == "-" and word[1:2] != "-" and "O" in word) for word in words[1:]
    )
    url = next((word for word in words[1:] if "://" in word), "")
    return url.partition("?")[0].rstrip("/").rsplit("/", 1)[-1] if named and url.count("/") > 2 else ""


def _runs(words: tuple[str, ...], file: str) -> bool:
    first = words[0].rsplit("/", 1)[-1]
    if first == file:
        return True
    if first in _SHELLS or first in (".", "source"):
        script = next((word for word in words[1:] if not word.startswith("-")), "")
        return script.rsplit("/", 1)[-1] == file
    return False


def _mentions(word: str, name: str) -> bool:
    return f"${name}" in word or f"${{{name}" in word or f"%{name}%" in word or f"env:{name}" in word


def jenkins_secrets_not_printed(estate: Estate) -> Iterator[Verdict]:
    """Commands and `echo` steps that write credentials, or all variables beside them, to the build's log."""
    for step in steps_of(estate):
        secrets = secrets_of(step)
        if not secrets:
            continue
        sound = judged_any = False
        for command in step.context["commands"]:
            message = _printed(step, command, secrets)
            if message is not None:
                judged_any = True
            if message:
                sound = True
                yield failed(step, message, command_span(estate, step, command), command.program)
        if _name(step) in ("echo", "println", "print"):
            judged_any = True
            for each in step.body["expressions"]:
                name = next((name for name in map(_plain, each["flows"]) if name in secrets), "")
                if name:
                    sound = True
                    yield failed(step, f"`{name}` is written to the build's log", each.span, name)
        if judged_any and not sound:
            yield passed(step)


def _printed(step: Resource, command: Command, secrets: frozenset[str]) -> str | None:
    """What a command prints that it should not; '' where it prints nothing of the kind, None where it prints nothing."""
    if command.program in ("echo", "printf", "Write-Output", "Write-Host"):
        if command.redirects or command.after in ("|", "|&"):
            return ""
        name = next((name for word in command.words[1:] for name in sorted(secrets) if _mentions(word, name)), "")
        return f"`{name}` is written to the build's log" if name else ""
    if command.program in ("env", "printenv", "set", "export"):
        if command.program == "set" and command.words[1:2] in (("-x",), ("-ex",), ("-eux",), ("-xe",), ("-euxo",)):
            return "`set -x` writes every command, with the credentials in it, to the build's log"
        if command.words[1:] or command.redirects or command.after in ("|", "|&"):
            return ""
        return "Every variable, the credentials among them, is written to the build's log"
    return None


def _name(step: Resource) -> str:
    uses = as_map(step.body.get("uses"))
    return str(uses["name"]) if uses is not None else ""
