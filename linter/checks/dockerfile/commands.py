"""Checks of single commands in a RUN: what must stand in them, what must not, and how downloads are trusted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

from linter.checks import Verdict
from linter.checks.dockerfile.calls import PIPES, SHELLS, Call, Options, Run, bad, good, options, runs
from linter.model import FAIL, PASS, Estate, Map, Resource, Unknown

_CURL_VALUED = frozenset(
    ("-o", "-d", "-H", "-u", "-A", "-e", "-x", "-X", "-T", "-F", "-b", "-c", "-C", "-D", "-E", "-K", "-m", "-r", "-t",
     "-w", "-y", "-Y", "-z", "-Q", "-P", "-U")
)  # fmt: skip
_INTERPRETERS = SHELLS | {"python", "python2", "python3", "perl", "ruby", "node", "php"}
_OFF = ("0", "false", "no", "off")


def command_options(
    estate: Estate, *, program: Sequence[str], verb: Sequence[str] = (), any_of: Sequence[str] = (),
    none_of: Sequence[str] = (), valued: Sequence[str] = (), unless_set: Sequence[str] = (), what: str = "",
) -> Iterator[Verdict]:  # fmt: skip
    """Every call of a program (with one of the verbs) has one of the options any_of and none of none_of.

    An entry of any_of is an option, or option=value text of a valued one (`-o=APT::Get::Assume-Yes=true`, in any case);
    `-q*2` stands for an option given twice. unless_set: variables that do the same.
    """
    for run in runs(estate):
        for call in run.calls:
            if call.program not in program:
                continue
            read = options(call.arguments, valued)
            if verb and not any(word in verb for word in read.words[:1]):
                continue
            found = next((each for each in none_of if _has(read, each, call)), None)
            if found:
                yield bad(run, call, f"'{call.shown}' {what or f'is told {found}'}.")
            elif any_of and not any(_has(read, each, call) for each in any_of) and not _set(run, call, unless_set):
                yield bad(run, call, f"'{call.shown}' {what or f'lacks {any_of[0]}'}.")
            else:
                yield good(run, call)


def _has(read: Options, wanted: str, call: Call) -> bool:
    name, equals, value = wanted.partition("=")
    if equals:
        return any(each.lower() == value.lower() for each in read.values.get(name, ()))
    if not name.endswith("*2"):
        return name in read.names
    name = name[:-2]
    if f"{name}=2" in call.arguments:
        return True
    if name.startswith("--"):
        return call.arguments.count(name) > 1
    return sum(word.count(name[1]) for word in call.arguments if word[:1] == "-" and word[1:2] != "-") > 1


def _set(run: Run, call: Call, names: Collection[str]) -> bool:
    return any(name in call.assigned or name in run.stage.get("environment", ()) for name in names)


def programs_absent(estate: Estate, *, program: Sequence[str], what: str) -> Iterator[Verdict]:
    """None of the programs is called; of a RUN that does, the first call is named."""
    for run in runs(estate):
        found = next((call for call in run.calls if call.program in program), None)
        yield bad(run, found, f"'{found.shown}' {what}.") if found else good(run)


def downloads_not_run(estate: Estate) -> Iterator[Verdict]:
    """What curl or wget fetches is not handed to an interpreter unseen."""
    for run in runs(estate):
        found = False
        for number, call in enumerate(run.calls):
            if call.program in ("curl", "wget") and (reader := _interpreter(run, number)):
                found = True
                yield bad(run, call, f"What {call.program} fetches is run by {reader} without being checked.")
            elif call.program in _INTERPRETERS and _fetched_here(call):
                found = True
                yield bad(run, call, f"What is fetched is run by {call.program} without being checked.")
        if not found:
            yield good(run)


def _interpreter(run: Run, number: int) -> str:
    """The interpreter at the end of a call's pipeline, '' where there is none."""
    first = run.calls[number]
    after, end = first.after, first.span[2]
    for call in run.calls[number + 1 :]:
        if after not in PIPES or call.nested < first.nested:
            return ""
        if call.nested > first.nested or (not call.nested and call.span[1] < end):
            continue
        if call.program in _INTERPRETERS and all(word.startswith("-") or word == "/dev/stdin" for word in _own(call)):
            return call.program
        if call.program not in ("sudo", "env", "exec", "command"):
            after, end = call.after, call.span[2]
    return ""


def _own(call: Call) -> tuple[str, ...]:
    """The words up to `-s` or `--`, behind which stand those of the script."""
    words = call.arguments
    for number, word in enumerate(words):
        if word in ("-s", "--", "-"):
            return words[:number]
        if word.startswith("-") and not word.startswith("--") and word.endswith("s"):
            return words[:number]
    return words


def _fetched_here(call: Call) -> bool:
    """`sh -c "$(curl …)"`, `bash <(curl …)`."""
    return any(word.lstrip().startswith(("$(curl ", "$(wget ", "<(curl ", "<(wget ")) for word in call.arguments)


def tls_kept(estate: Estate) -> Iterator[Verdict]:
    """No command, variable or build argument switches the verification of certificates off."""
    for run in runs(estate):
        found = False
        for call in run.calls:
            reason = _unverified(call) or next(
                (why for name in call.assigned if (why := _env(name, call.assigned))), ""
            )
            if reason and not found:
                found = True
                yield bad(run, call, f"'{call.shown}' does not verify certificates: {reason}.")
        if not found:
            yield good(run)
    for kind in ("docker/env", "docker/arg"):
        for resource in estate.of_kind(kind):
            yield from _variables(resource)


def _variables(resource: Resource) -> Iterator[Verdict]:
    pairs: Map = resource.body["pairs"]
    for name in pairs:
        why = _env(name, pairs)
        source, start, end = pairs.at[name][0], pairs.at[name][1], pairs.at[name][4]
        message = f"Certificates are not verified: {why}." if why else ""
        yield Verdict(resource, FAIL if why else PASS, message, (source, start, end), name)


def _env(name: str, values: Map) -> str:
    value = values[name]
    shown = f"{name} is set"
    if name in ("PIP_TRUSTED_HOST", "GIT_SSL_NO_VERIFY"):
        return shown if value != "" else ""
    if isinstance(value, Unknown) or value is None:
        return ""
    off = str(value).strip("\"'").lower() in _OFF
    upper = name.upper()
    if upper in ("NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "NPM_CONFIG_STRICT_SSL", "YARN_STRICT_SSL"):
        return f"{name} is {value}" if off else ""
    return ""


def _unverified(call: Call) -> str:
    program, words = call.program, call.arguments
    if program == "curl":
        names = options(words, _CURL_VALUED).names
        return next((each for each in ("--insecure", "-k", "--proxy-insecure") if each in names), "")
    if program in ("wget", "pip"):
        wanted = "--no-check-certificate" if program == "wget" else "--trusted-host"
        return wanted if wanted in options(words).names else ""
    if program in ("export", "declare", "ENV", "setenv"):
        return next((why for word in words if (why := _exported(word))), "")
    if program in ("npm", "yarn", "pnpm"):
        return "strict-ssl is false" if _strict_ssl(words) else ""
    joined = " ".join(words)
    if program == "git":
        return "http.sslVerify is false" if _git().search(joined) else ""
    if "sslverify" in joined and program not in ("grep", "rpm", "cat") and _sslverify().search(joined):
        return "sslverify is off"
    if program in ("apt-get", "apt", "aptitude") and _apt_verify().search(joined):
        return "the peer is not verified"
    return ""


def _exported(word: str) -> str:
    name, equals, value = word.partition("=")
    made = Map((0, 0, 0))
    made[name] = value
    return _env(name, made) if equals else ""


def _strict_ssl(words: Sequence[str]) -> bool:
    joined = " ".join(words).lower()
    return "--no-strict-ssl" in words or bool(_strict().search(joined))


@cache
def _strict() -> re.Pattern[str]:
    return re.compile(r"\bstrict-ssl(?:\s+|=)[\"']?(?:false|0|no)\b")


@cache
def _git() -> re.Pattern[str]:
    return re.compile(r"http\.(?:\S{1,200}\.)?sslverify[= ][\"']?(?:false|0|no)\b", re.IGNORECASE)


@cache
def _sslverify() -> re.Pattern[str]:
    return re.compile(r"\bsslverify\s{0,9}=\s{0,9}[\"']?(?:false|0|no)\b", re.IGNORECASE)


@cache
def _apt_verify() -> re.Pattern[str]:
    return re.compile(r"Verify-(?:Peer|Host)=[\"']?(?:false|0|no)\b", re.IGNORECASE)
