"""What the checks of Dockerfiles share: the calls each RUN makes, seen through wrappers, and their options."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache

from linter.checks import Verdict
from linter.model import FAIL, PASS, Estate, Map, Resource, Seq, Span
from linter.parsers.pipelines import shell
from linter.records import NamedTuple
from linter.text import safe_line

SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh"))
PIPES = ("|", "|&")
_DEEPEST = 4
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset(("-u", "-g", "-h", "-p", "-C", "-r", "-t", "--user", "--group")),
    "doas": frozenset(("-u", "-C")),
    "env": frozenset(("-u", "--unset", "-C", "--chdir")),
    "exec": frozenset(("-a",)),
    "command": frozenset(),
    "time": frozenset(),
    "nohup": frozenset(),
    "eatmydata": frozenset(),
    "setarch": frozenset(),
    "linux32": frozenset(),
    "nice": frozenset(("-n", "--adjustment")),
    "ionice": frozenset(("-c", "-n", "-p")),
    "xargs": frozenset(("-a", "-d", "-E", "-I", "-L", "-n", "-P", "-s", "--max-args", "--max-procs", "--delimiter")),
    "stdbuf": frozenset(("-i", "-o", "-e")),
    "timeout": frozenset(("-k", "--kill-after", "-s", "--signal")),
    "gosu": frozenset(),
    "su-exec": frozenset(),
    "chroot": frozenset(),
    "proxychains4": frozenset(("-f",)),
    "busybox": frozenset(),
}
"""Programs that run what follows them, and their options that take a value."""
_OWN_WORDS = {"timeout": 1, "gosu": 1, "su-exec": 1, "chroot": 1}
"""How many words of their own stand before what they run."""


class Call(NamedTuple):
    """A program with its words. after: the operator behind it; nested: how deep in `sh -c` it stands.

    assigned: the variables set for it alone. span, text: where it is written and how.
    """

    program: str
    arguments: tuple[str, ...]
    after: str
    nested: int
    assigned: Map
    span: Span
    text: str

    @property
    def shown(self) -> str:
        return safe_line(" ".join((self.program, *self.arguments)), 60)


class Run(NamedTuple):
    """A RUN, its calls, and its stage's body."""

    resource: Resource
    calls: tuple[Call, ...]
    stage: Map


class Options(NamedTuple):
    """names: every option by its name, letters of a cluster apart; values: name → what it was given; words: the rest."""

    names: set[str]
    values: dict[str, list[str]]
    words: list[str]


@lru_cache(maxsize=2)
def runs(estate: Estate) -> tuple[Run, ...]:
    """Every RUN of the estate, those in ONBUILD not among them, made once for all checks."""
    return tuple(
        Run(found, tuple(_calls(found.body["commands"])), found.context.get("stage") or Map(found.extent))
        for found in estate.of_kind("docker/run")
    )


def _calls(commands: Seq) -> Iterator[Call]:
    for row in commands:
        call = Call(
            row["program"], tuple(row["arguments"]), row["after"], 0, row["assigned"], row.span, str(row["text"])
        )
        yield from _seen_through(call)


def _seen_through(call: Call) -> Iterator[Call]:
    """The call itself, and what it runs where it is a wrapper or a shell with a script."""
    while True:
        call = _named(call)
        yield call
        inner = _unwrapped(call)
        if inner is None:
            break
        call = inner
    script = _script(call)
    if script and call.nested < _DEEPEST:
        for each in shell.commands(script):
            words = each.words
            if words:
                after = each.after if each.after != "\n" else "\n"
                program = words[0].rpartition("/")[2]
                yield from _seen_through(
                    call._replace(program=program, arguments=words[1:], after=after, nested=call.nested + 1)
                )


def _named(call: Call) -> Call:
    """`python3 -m pip` and `pip3.11` are pip."""
    if _python().fullmatch(call.program) and call.arguments[:1] == ("-m",) and len(call.arguments) > 1:
        return _named(call._replace(program=call.arguments[1], arguments=call.arguments[2:]))
    if call.program == "uv" and call.arguments[:1] == ("pip",):
        return call._replace(program="pip", arguments=call.arguments[1:])
    return call._replace(program="pip") if _pip().fullmatch(call.program) else call


@cache
def _python() -> re.Pattern[str]:
    return re.compile(r"python[0-9.]*")


@cache
def _pip() -> re.Pattern[str]:
    return re.compile(r"pip[0-9.]+")


def _unwrapped(call: Call) -> Call | None:
    valued = _WRAPPERS.get(call.program)
    if valued is None:
        return None
    words, at, sets = call.arguments, 0, call.program in ("env", "sudo")
    while at < len(words) and (words[at].startswith("-") or (sets and "=" in words[at])):
        at += 2 if words[at] in valued else 1
    words = words[at + _OWN_WORDS.get(call.program, 0) :]
    return call._replace(program=words[0].rpartition("/")[2], arguments=words[1:]) if words else None


def _script(call: Call) -> str:
    if call.program == "eval":
        return " ".join(call.arguments)
    if call.program not in SHELLS:
        return ""
    for number, word in enumerate(call.arguments[:-1]):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return call.arguments[number + 1]
    return ""


def options(arguments: Collection[str], valued: Collection[str] = ()) -> Options:
    """Options and words as getopt reads them, options behind words too. valued: those that take a value (`-o`)."""
    found = Options(set(), {}, [])
    words = iter(arguments)
    for word in words:
        if word == "--":
            found.words.extend(words)
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            found.names.add(name)
            if equals or name in valued:
                found.values.setdefault(name, []).append(value if equals else next(words, ""))
        elif word.startswith("-") and len(word) > 1:
            found.names.add(word.partition("=")[0])
            _cluster(word[1:], found, valued, words)
        else:
            found.words.append(word)
    return found


def _cluster(letters: str, found: Options, valued: Collection[str], words: Iterator[str]) -> None:
    for number, letter in enumerate(letters, 1):
        if letter == "=":
            return
        name = "-" + letter
        found.names.add(name)
        if name in valued:
            value = letters[number:].removeprefix("=")
            found.values.setdefault(name, []).append(value or next(words, ""))
            return


def bad(run: Run, call: Call, message: str) -> Verdict:
    return Verdict(run.resource, FAIL, message, call.span, call.shown)


def good(run: Run, call: Call | None = None) -> Verdict:
    return Verdict(run.resource, PASS, "", call.span if call else run.resource.anchor, call.shown if call else "")


def mounted(run: Run, folder: str, kinds: Collection[str] = ("cache", "tmpfs")) -> bool:
    """Whether a mount of the RUN lies over a folder, so that what is written there is in no layer."""
    flag = run.resource.body["flags"].get("mount", ())
    for written in (flag,) if isinstance(flag, str) else flag:
        fields = dict(each.partition("=")[::2] for each in written.split(","))
        target = fields.get("target") or fields.get("dst") or fields.get("destination") or ""
        if fields.get("type") in kinds and target and (folder + "/").startswith(target.rstrip("/") + "/"):
            return True
    return False


def removed(calls: Collection[Call], folder: str) -> bool:
    """Whether one of the calls removes a folder, what is in it, or what it is in."""
    return any(_removes(call, folder) for call in calls)


def _removes(call: Call, folder: str) -> bool:
    if call.program == "find":
        return "-delete" in call.arguments and any(_covers(word, folder) for word in call.arguments[:2])
    return call.program == "rm" and any(_covers(word, folder) for word in call.arguments)


def _covers(word: str, folder: str) -> bool:
    path = word.rstrip("*/.").rstrip("/")
    return bool(path) and (folder + "/").startswith(path.replace("~", "/root").replace("$HOME", "/root") + "/")


@lru_cache(maxsize=2)
def shipped(estate: Estate) -> frozenset[int]:
    """The bodies (by id) of the stages whose layers are in the image: the last one's and those it begins from."""
    found: set[int] = set()
    files: dict[int, dict[str, Map]] = {}
    for stage in estate.of_kind("docker/stage"):
        stages = files.setdefault(id(stage.owner), {})
        stages[stage.name] = stage.body
        if stage.body["final"]:
            body: Map | None = stage.body
            while body is not None and id(body) not in found:
                found.add(id(body))
                body = stages.get(body.get("parent", ""))
    return frozenset(found)
