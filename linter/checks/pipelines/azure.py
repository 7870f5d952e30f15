"""Checks of what Azure pipelines put into scripts and where they keep credentials.

Encodes https://learn.microsoft.com/azure/devops/pipelines/security/ (inputs, secrets) and …/scripts/logging-commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from linter.checks import Verdict
from linter.checks.pipelines.common import as_map, failed, parts, passed
from linter.model import Entry, Estate, Map, Resource, Span
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command
from linter.text import find_secrets, named_secret, secret_name
from linter.trees import maps


@cache
def _macro() -> re.Pattern[str]:
    return re.compile(r"\$\(([A-Za-z_][\w.-]{0,200})\)")


@cache
def _set_variable() -> re.Pattern[str]:
    return re.compile(r"##vso\[task\.setvariable([^\]\n]{0,500})\]([^\n]{0,2000})", re.IGNORECASE)


def azure_literal_secrets(estate: Estate) -> Iterator[Verdict]:
    """Credentials written out in variables, inputs, environments, scripts, parameters and what templates are given."""
    for kind in ("pipeline/pipeline", "pipeline/job", "pipeline/step"):
        for resource in parts(estate, kind, "azure"):
            judged, sound = False, True
            for name, value, entry in _texts(resource):
                judged = True
                span = _literal(estate, name, value, entry)
                if span is not None:
                    sound = False
                    message = f"`{name}` holds a credential, for everyone who can read the repository"
                    yield failed(resource, message, span, name)
            if judged and sound:
                yield passed(resource)


def _texts(resource: Resource) -> Iterator[tuple[str, str, Entry]]:
    """(name, text, place) of everything a part is given; a variable that conditions give several values, each."""
    body = resource.body
    listed = [(field, body.get(field)) for field in ("env", "with")]
    for item in maps(body.get("variables")):
        if isinstance(item.get("name"), str) and isinstance(item.get("value"), str):
            yield item["name"], item["value"], item.at["value"]
            listed = listed[1:] if listed[0][0] == "env" else listed
    for item in maps(body.get("parameters")):
        if isinstance(item.get("name"), str) and isinstance(item.get("default"), str):
            yield item["name"], item["default"], item.at["default"]
    listed += [("parameters", include.get("parameters")) for include in maps(body.get("includes"))]
    listed += [("parameters", body.get("parameters"))]
    for _, values in listed:
        if isinstance(values, Map):
            yield from ((str(key), each, values.at[key]) for key, each in values.items() if isinstance(each, str))
    if isinstance(body.get("run"), str):
        yield "run", body["run"], body.at["run"]


def _literal(estate: Estate, name: str, value: str, entry: Entry) -> Span | None:
    source = estate.sources[entry[0]]
    for set_here in _set_variable().finditer(value) if "##vso[" in value else ():
        words, text = set_here[1].lower().replace(" ", ""), set_here[2].strip().strip("\"'")
        if "issecret=true" in words and text and not any(mark in text for mark in "$%`<{"):
            start = value.index(text, set_here.start(2))
            return Scalar(source, entry, value).span(start, start + len(text))
    found = find_secrets(value)
    if found:
        return Scalar(source, entry, value).span(found[0][0], found[0][1])
    if name not in ("run", "script", "inlineScript") and "\n" not in value and named_secret(name, value):
        return entry[0], entry[3], entry[4]
    return None


def azure_secret_variables(estate: Estate) -> Iterator[Verdict]:
    """Variables with a telling name that a script sets without `issecret=true`."""
    for step in parts(estate, "pipeline/step", "azure"):
        run = step.body.get("run")
        if not isinstance(run, str) or "##vso[" not in run:
            continue
        scalar, sound, judged = _scalar(estate, step, run), True, False
        for found in _set_variable().finditer(run):
            words = dict(part.strip().partition("=")[::2] for part in found[1].split(";"))
            lowered = {key.lower(): text.strip() for key, text in words.items()}
            name, value = lowered.get("variable", ""), found[2].strip().strip("\"'")
            judged = True
            if secret_name(name) and value and lowered.get("issecret", "").lower() != "true":
                sound = False
                span = scalar.span(found.start(), found.start() + found[0].index("]") + 1)
                yield failed(step, f"`{name}` is set without issecret=true: the log shows it", span, name)
        if judged and sound:
            yield passed(step)


def _scalar(estate: Estate, step: Resource, run: str) -> Scalar:
    entry = step.body.at["run"]
    return Scalar(estate.sources[entry[0]], entry, run)


_OUTSIDE = frozenset(
    ("system.pullrequest.sourcebranch", "build.sourceversionmessage", "build.sourceversionauthor",
     "system.pullrequest.sourcerepositoryuri")
)  # fmt: skip
"""Variables whose text is written by whoever proposes a change."""


def azure_untrusted_macros(estate: Estate) -> Iterator[Verdict]:
    """Texts that outsiders write, pasted into a script by `$( )` or `${{ }}` before it runs."""
    message = "`{name}` is text that outsiders write, pasted into a script before it runs"
    yield from _pasted(estate, lambda name, _: name.lower() in _OUTSIDE, lambda flow: flow[10:] in _OUTSIDE, message)


_VERBS = frozenset(("get", "fetch", "read", "load", "generate", "create", "make", "print", "new", "find", "cat"))
"""How functions are named, whose output a shell puts where `$(get_token)` stands."""


def azure_secrets_in_scripts(estate: Estate) -> Iterator[Verdict]:
    """Secrets pasted into the text of a script, which is written to disk, instead of handed over by `env`."""

    def is_secret(name: str, step: Resource) -> bool:
        first = name.replace("-", "_").partition("_")[0].lower()
        return secret_name(name.replace(".", "_")) and first not in _VERBS and not _fixed_here(name, step)

    message = "`{name}` is pasted into the text of the script: hand it over in `env`"
    yield from _pasted(estate, is_secret, lambda _: False, message)


def _fixed_here(name: str, step: Resource) -> bool:
    """Whether a variable is a literal of the pipeline itself, which is no secret of this kind."""
    job = step.owner
    for holder in (job, job.owner if job is not None else None):
        env = as_map(holder.body.get("env")) if holder is not None else None
        for key, value in env.items() if env is not None else ():
            if str(key).lower() == name.lower() and isinstance(value, str) and "$" not in value:
                return True
    return False


def _pasted(
    estate: Estate, bad_macro: Callable[[str, Resource], bool], bad_flow: Callable[[str], bool], message: str
) -> Iterator[Verdict]:
    for step in parts(estate, "pipeline/step", "azure"):
        run = step.body.get("run")
        if not isinstance(run, str):
            continue
        sound, seen = True, set()
        scalar = _scalar(estate, step, run)
        for macro in _macro().finditer(run):
            if macro[1] not in seen and bad_macro(macro[1], step):
                seen.add(macro[1])
                sound = False
                yield failed(step, message.format(name=macro[0]), scalar.span(*macro.span()), macro[1])
        for found in _expressions(step, "run"):
            if any(flow.startswith("variables.") and bad_flow(flow) for flow in found["flows"]):
                sound = False
                yield failed(step, message.format(name=found["text"]), found.span, found["text"])
        if sound:
            yield passed(step)


def _expressions(resource: Resource, where: str) -> list[Map]:
    return [found for found in maps(resource.body.get("expressions")) if found["where"] == where]


def azure_free_parameters(estate: Estate) -> Iterator[Verdict]:
    """Parameters that take any text, pasted into a script by `${{ }}`: whoever starts a run writes code."""
    for step in parts(estate, "pipeline/step", "azure"):
        if not isinstance(step.body.get("run"), str):
            continue
        free: dict[int, set[str]] = step.context.get("free", {})
        sound = True
        for found in _expressions(step, "run"):
            names = {flow[11:].partition(".")[0] for flow in found["flows"] if flow.startswith("parameters.")}
            if names & free.get(found.span[0], set()):
                sound = False
                text = f"${{{{ {found['text']} }}}}"
                message = f"`{text}` takes any text from whoever starts a run, and becomes code of the script"
                yield failed(step, message, found.span, found["text"])
        if sound:
            yield passed(step)


_FETCH = frozenset(("curl", "wget", "iwr", "irm", "Invoke-WebRequest", "Invoke-RestMethod", "invoke-webrequest"))
_SHELLS = frozenset(("sh", "bash", "zsh", "dash", "python", "python3", "perl", "node", "ruby", "iex",
                     "Invoke-Expression", "pwsh", "powershell"))  # fmt: skip


def azure_downloads_not_run(estate: Estate) -> Iterator[Verdict]:
    """What is fetched in a script is not handed to an interpreter unseen."""
    for step in parts(estate, "pipeline/step", "azure"):
        run = step.body.get("run")
        if not isinstance(run, str):
            continue
        bad = _piped(step.context["commands"])
        if bad is None:
            yield passed(step)
        else:
            span = _scalar(estate, step, run).span(bad.start, bad.end)
            yield failed(step, f"What `{bad.program}` fetches is run without being checked", span, bad.program)


def _piped(commands: list[Command]) -> Command | None:
    fetching: dict[int, Command] = {}
    for command in commands:
        words = [word for word in command.words if word not in ("sudo", "-E", "env")]
        program = words[0].rsplit("/", 1)[-1] if words else ""
        if program in _FETCH:
            fetching[command.group] = command
        elif program in _SHELLS:
            plain = [word for word in words[1:] if not word.startswith("-")]
            before = fetching.get(command.group)
            if (
                before is not None
                and before.end <= command.start
                and (not plain or plain == ["/dev/stdin"] or "-s" in words)
            ):
                return before
            if any(
                word.lstrip("(").startswith(("$(curl", "$(wget", "<(curl", "<(wget", "(iwr", "iwr")) for word in plain
            ):
                return command
    return None


def azure_key_logins(estate: Estate) -> Iterator[Verdict]:
    """`az login` of a service principal with a secret, where a service connection could log in without one."""
    for step in parts(estate, "pipeline/step", "azure"):
        run = step.body.get("run")
        if not isinstance(run, str):
            continue
        for command in step.context["commands"]:
            if command.program != "az" or command.words[1:2] != ("login",):
                continue
            keyed = "--service-principal" in command.words and {"-p", "--password"} & set(command.words)
            if keyed and "--federated-token" not in command.words:
                span = _scalar(estate, step, run).span(command.start, command.end)
                yield failed(step, "A service principal logs in with a long-lived secret", span, "az login")
            else:
                yield passed(step)
