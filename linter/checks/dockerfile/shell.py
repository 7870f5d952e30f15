"""Checks of how a RUN uses its shell: pipes, folders, downloads, accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from linter.checks import Verdict
from linter.checks.dockerfile.calls import PIPES, Call, Run, bad, good, options, runs
from linter.model import FAIL, PASS, Estate, Map, Resource, Unknown
from linter.trees import whole

_PIPEFAIL = frozenset(("bash", "zsh", "ash", "ksh"))
_POSIX = frozenset(("sh", "dash")) | _PIPEFAIL
_CANNOT_FAIL = frozenset(("echo", "printf", "yes", "true", ":"))


def shell_at(run: Run) -> tuple[str, ...] | None:
    """The SHELL a RUN is read by: its words, () for the image's own, None where that is none of Unix."""
    words: tuple[str, ...] = ()
    inherited = run.stage.get("shell") if run.stage.get("from_stage") else None
    own = False
    for found in run.stage.get("instructions", ()):
        if found is run.resource.body:
            break
        if found["instruction"] == "SHELL":
            own = True
            words = tuple(str(word) for word in found["arguments"])
    if not own and inherited is not None:
        words = tuple(str(word) for word in inherited)
    if not words:
        return None if _windows(run.stage) else ()
    name = words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
    return words if name in _POSIX else None


def _windows(stage: Map) -> bool:
    base = stage.get("base", {})
    name = base.get("name", "")
    platform = stage.get("platform", "")
    named = isinstance(name, str) and any(word in name for word in ("windows", "nanoserver", "servercore"))
    return named or (isinstance(platform, str) and platform.startswith("windows"))


def pipes_fail(estate: Estate) -> Iterator[Verdict]:
    """A failure before a pipe fails the RUN: the shell has pipefail on."""
    for run in runs(estate):
        shell = shell_at(run)
        piped = [call for call in run.calls if call.after in PIPES and call.program not in _CANNOT_FAIL]
        if shell is None or not piped or run.resource.body["form"] == "exec":
            if run.calls:
                yield good(run)
            continue
        first = next((call for call in piped if not call.nested), None)
        if first is None or _fails(shell) or _sets(run, first):
            yield good(run)
        else:
            yield bad(run, first, f"If '{first.shown}' fails, the pipe hides it.")


def _fails(shell: tuple[str, ...]) -> bool:
    if not shell or shell[0].rpartition("/")[2] not in _PIPEFAIL:
        return False
    return any(word == "pipefail" and before.endswith("o") for before, word in pairwise(shell))


def _sets(run: Run, before: Call) -> bool:
    for call in run.calls:
        if call.span[1] >= before.span[1]:
            return False
        if call.program == "set" and "pipefail" in call.arguments:
            return True
    return False


def folder_not_changed(estate: Estate) -> Iterator[Verdict]:
    """No RUN of a Unix shell changes the folder by `cd`, but in a subshell or for a part of what it runs."""
    for run in runs(estate):
        found = next((call for call in run.calls if call.program == "cd" and not call.nested), None)
        if found is None or shell_at(run) is None:
            yield good(run)
        else:
            yield bad(run, found, f"'{found.shown}' holds for this RUN only.")


def one_downloader(estate: Estate) -> Iterator[Verdict]:
    """A stage uses curl or wget, not both."""
    seen: dict[int, str] = {}
    for run in runs(estate):
        other = None
        for call in run.calls:
            if call.program in ("curl", "wget"):
                before = seen.setdefault(id(run.stage), call.program)
                if before != call.program and other is None:
                    other = call
        yield bad(run, other, f"This stage uses {seen[id(run.stage)]} as well.") if other else good(run)


def shell_not_linked(estate: Estate) -> Iterator[Verdict]:
    """/bin/sh is not made to be another shell."""
    for run in runs(estate):
        found = next((call for call in run.calls if call.program == "ln" and call.arguments[-1:] == ("/bin/sh",)), None)
        yield bad(run, found, "/bin/sh is replaced for everything in the image.") if found else good(run)


def high_ids_not_logged(estate: Estate, *, limit: int = 99_999) -> Iterator[Verdict]:
    """An account with a number above the limit is made without an entry in lastlog, which has a row for each number."""
    valued = ("-u", "--uid", "-g", "--gid", "-G", "--groups", "-d", "--home-dir", "-s", "--shell", "-c", "--comment",
              "-k", "-K", "-p", "-b", "-e", "-f")  # fmt: skip
    for run in runs(estate):
        for call in run.calls:
            if call.program != "useradd":
                continue
            read = options(call.arguments, valued)
            number = next(iter(read.values.get("-u", read.values.get("--uid", []))), "")
            if (whole(number) or 0) > limit and not {"-l", "--no-log-init"} & read.names:
                yield bad(run, call, f"User {number} makes /var/log/lastlog very large.")
            else:
                yield good(run, call)


def runs_joined(estate: Estate) -> Iterator[Verdict]:
    """Two short RUN in a row with the same flags, and one command each, are one."""
    for stage in estate.of_kind("docker/stage"):
        late = [found for before, found in _neighbours(stage) if _alike(before, found)]
        for found in late:
            yield _joined(stage, found)
        if not late:
            yield Verdict(stage, PASS, "", stage.anchor)


def _neighbours(stage: Resource) -> Iterator[tuple[Map, Map]]:
    listed = stage.body["instructions"]
    for before, found in pairwise(listed):
        if before["instruction"] == found["instruction"] == "RUN":
            yield before, found


def _alike(before: Map, found: Map) -> bool:
    single = all(len(each["commands"]) <= 1 and "documents" not in each for each in (before, found))
    return single and before["flags"] == found["flags"]


def _joined(stage: Resource, found: Map) -> Verdict:
    source, _, _, start, end = found.at["instruction"]
    return Verdict(stage, FAIL, "This RUN makes another layer after the one above it.", (source, start, end), "RUN")


def archives_added(estate: Estate) -> Iterator[Verdict]:
    """An archive of the build context that is only unpacked is brought in by ADD, which unpacks it."""
    for copy in estate.of_kind("docker/copy"):
        stage = copy.context.get("stage")
        if stage is None or "from" in copy.body:
            continue
        names = [name for source in copy.body["sources"] if (name := _archive(source))]
        if not names:
            continue
        yield from _unpacked(copy, stage, names)


def _archive(source: object) -> str:
    if isinstance(source, Unknown):
        return ""
    name = str(source).rpartition("/")[2]
    suffixes = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
    return name if name.endswith(suffixes) else ""


def _unpacked(copy: Resource, stage: Map, names: Sequence[str]) -> Iterator[Verdict]:
    destination = copy.body["destination"]
    if isinstance(destination, str) and not destination.endswith("/") and destination not in (".", ".."):
        renamed = destination.rpartition("/")[2]
        names = [renamed, *names] if "." in renamed else names
    after = False
    for found in stage["instructions"]:
        after = after or found is copy.body
        if not after or found["instruction"] != "RUN":
            continue
        for row in found["commands"]:
            words = row["arguments"]
            extracts = row["program"] == "tar" and any(
                word in ("--extract", "--get") or ("x" in word and not word.startswith(("--", "/")) and "." not in word)
                for word in words[:3]
            )
            if extracts and any(word.rpartition("/")[2] in names for word in words):
                message = f"{names[0]} is copied, then unpacked: both are in the image."
                yield Verdict(copy, FAIL, message, copy.anchor)
                return
    yield Verdict(copy, PASS, "", copy.anchor)
