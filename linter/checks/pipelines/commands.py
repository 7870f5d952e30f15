"""Checks of single commands in the scripts of GitHub's pipelines, found in one walk over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from linter.checks import Verdict
from linter.checks.pipelines.common import failed, parts, passed
from linter.model import Estate, Resource, Span
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command, commands

INSTALLERS = frozenset(("npm", "gem"))
RAW = frozenset(("nc", "ncat", "netcat", "nc.traditional", "socat", "telnet"))

Found = tuple[Resource, Command]


@lru_cache(maxsize=4)
def _by_program(estate: Estate) -> dict[str, list[Found]]:
    """Program → the commands that start it; `/dev/tcp` → those that open a line themselves. One walk for all checks."""
    found: dict[str, list[Found]] = {}
    wanted = INSTALLERS | RAW
    for step in parts(estate, "pipeline/step", "github"):
        for command in step.context.get("commands", ()):
            _sort(found, wanted, step, command)
    for job in parts(estate, "pipeline/job", "github"):
        # No job has a `run`, and people write it all the same.
        if isinstance(job.body.get("run"), str):
            for command in commands(job.body["run"]):
                _sort(found, wanted, job, command)
    return found


def _sort(found: dict[str, list[Found]], wanted: frozenset[str], part: Resource, command: Command) -> None:
    program = command.program
    if program in wanted:
        found.setdefault(program, []).append((part, command))
    for redirect in command.redirects:
        if redirect.target.startswith("/dev/tcp/"):
            found.setdefault("/dev/tcp", []).append((part, command))
            break


def place_of(estate: Estate, part: Resource, command: Command) -> Span:
    return Scalar(estate.sources[part.anchor[0]], part.body.at["run"], part.body["run"]).span(
        command.start, command.end
    )


def _others(estate: Estate, at_fault: set[Resource]) -> Iterator[Verdict]:
    for kind in ("pipeline/pipeline", "pipeline/action"):
        for top in parts(estate, kind, "github"):
            if top not in at_fault:
                yield passed(top)


_INSTALL = {
    "gem": frozenset(("install", "i")),
    "npm": frozenset(("install", "i", "add", "in", "ins", "inst", "insta", "instal", "isnt", "isnta", "isntal")),
}
_VALUED = frozenset(
    """-C --prefix --registry -w --workspace --tag --loglevel --cache --userconfig --globalconfig --omit --include
    --save-prefix --install-strategy --before --os --cpu --libc --script-shell -v --version -i --install-dir -n --bindir
    -s --source -P --trust-policy -p --http-proxy --platform --document""".split()  # noqa: SIM905
)
"""Options of both that take a value in the next word."""


def packages_locked(estate: Estate) -> Iterator[Verdict]:
    """`npm install` and `gem install` of packages by name, which no lock file of the repository pins with what they need."""
    at_fault = set()
    for program in sorted(INSTALLERS):
        for part, command in _by_program(estate).get(program, ()):
            package = _package(program, command.words)
            if package:
                at_fault.add(part.outermost)
                message = f"`{package}` and what it needs are taken as the registry has them that day"
                yield failed(part, message, place_of(estate, part, command), package)
    yield from _others(estate, at_fault)


def _package(program: str, words: tuple[str, ...]) -> str:
    """The first package an install names, '' where it installs what a manifest, a folder or an archive lists."""
    plain: list[str] = []
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _VALUED
        else:
            plain.append(word)
    if not plain or plain[0] not in _INSTALL[program]:
        return ""
    return next((word for word in plain[1:] if not _is_local(word)), "")


def _is_local(word: str) -> bool:
    return word.startswith((".", "/", "~", "file:")) or word.endswith((".tgz", ".tar.gz", ".gem"))


def no_remote_shells(estate: Estate) -> Iterator[Verdict]:
    """Raw lines to addresses outside: netcat and its kin with an IP address or a program to run, and `/dev/tcp`."""
    at_fault = set()
    found = _by_program(estate)
    for program in (*sorted(RAW), "/dev/tcp"):
        for part, command in found.get(program, ()):
            address = _outside(program, command)
            if address:
                at_fault.add(part.outermost)
                message = f"A raw line to {address}: what is sent there, and what comes back, no one sees"
                yield failed(part, message, place_of(estate, part, command), address)
    yield from _others(estate, at_fault)


def _outside(program: str, command: Command) -> str:
    """The address a raw line leads to, '' where it is none, a private one, or only tried (`-z`)."""
    if program == "/dev/tcp":
        words = tuple(redirect.target.split("/")[3] for redirect in command.redirects if "/dev/tcp/" in redirect.target)
    else:
        words = command.words[1:]
    if any(word.startswith("-") and not word.startswith("--") and "z" in word for word in words):
        return ""
    for word in words:
        for piece in word.split(":"):
            if piece.count(".") == 3 and piece.replace(".", "").isdigit() and _is_public(piece):
                return piece
    return ""


def _is_public(address: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(address).is_global
    except ValueError:
        return False
