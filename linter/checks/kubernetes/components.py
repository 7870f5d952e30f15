"""Checks of the flags that cluster components are started with: kube-apiserver, etcd, kubelet and the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from linter.checks import Verdict
from linter.checks.kubernetes.component_words import Flag, Program, environment, flags, program
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Unknown
from linter.records import NamedTuple
from linter.trees import whole

SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
PREFIXES = {"etcd": "ETCD_"}
"""Components that read their flags from the environment too, with what stands before the names there."""


class _Test(NamedTuple):
    """What a flag's value must be: a predicate, the words that say so, and whether all writings make one list."""

    holds: Callable[[list[str]], bool]
    wanted: str
    together: bool = False


def component_flag(
    estate: Estate,
    *,
    component: str,
    flag: str | Sequence[str],
    kind: str = "kubernetes/container",
    absent: str = "fail",
    elsewhere: Sequence[str] = (),
    equals: str | None = None,
    differs: str | None = None,
    one_of: Sequence[str] | None = None,
    includes: str | None = None,
    excludes: str | None = None,
    subset_of: Sequence[str] | None = None,
    matches: str | None = None,
    at_least: int | None = None,
    longest: str | None = None,
    written: bool = True,
) -> Iterator[Verdict]:
    """Containers that start `component` give `flag` (each of them) the value asked for; without one, any value.

    absent: what leaving the flag out means: pass, fail or skip (no judgement). elsewhere: flags that name a file in
    which the value may stand instead, so that its absence is unknown. written false: the flag must not be there.
    includes, excludes, subset_of: the value is a list with commas. longest: a Go duration of at most this much.
    """
    names = (flag,) if isinstance(flag, str) else tuple(flag)
    test = _test(equals, differs, one_of, includes, excludes, subset_of, matches, at_least, longest, written)
    switch = equals in ("true", "false") or differs in ("true", "false")
    for container, started in _starting(estate, kind, component):
        missing: list[str] = []
        causes = [] if started.unknown is None else [started.unknown]
        causes += _files(component, started, elsewhere)
        for name in names:
            found, cause = _written(container, component, started, name, switch)
            if found:
                yield from _judge(container, component, name, found, test)
            else:
                missing.append(name)
                causes += [] if cause is None else [cause]
        if missing:
            yield from _left_out(container, component, started, missing, absent if written else "pass", causes)


@lru_cache(maxsize=2)
def _starting(estate: Estate, kind: str, component: str) -> list[tuple[Resource, Program]]:
    """Containers that start a component, found once for all rules about its flags."""
    return [
        (container, started)
        for container in estate.of_kind(kind)
        if (started := program(container, component)) is not None
    ]


def _test(
    equals: str | None,
    differs: str | None,
    one_of: Sequence[str] | None,
    includes: str | None,
    excludes: str | None,
    subset_of: Sequence[str] | None,
    matches: str | None,
    at_least: int | None,
    longest: str | None,
    written: bool,
) -> _Test:
    if not written:
        return _Test(lambda values: False, "must not be set")
    if equals is not None:
        return _Test(lambda values: values[0].lower() == equals.lower(), f"must be {equals}")
    if differs is not None:
        return _Test(lambda values: values[0].lower() != differs.lower(), f"must not be {differs}")
    if one_of is not None:
        return _Test(lambda values: values[0] in one_of, f"must be {' or '.join(one_of)}")
    if includes is not None:
        return _Test(lambda values: includes in values, f"must include {includes}", True)
    if excludes is not None:
        return _Test(lambda values: excludes not in values, f"must not include {excludes}")
    if subset_of is not None:
        return _Test(lambda values: set(values) <= set(subset_of), "names a suite that is not among the strong ones")
    if at_least is not None:
        return _Test(
            lambda values: (-1 if (number := whole(values[0])) is None else number) >= at_least,
            f"must be {at_least} or more",
        )
    if longest is not None:
        most = _seconds(longest) or 0.0
        return _Test(lambda values: 0 < (_seconds(values[0]) or 0.0) <= most, f"must be a time of at most {longest}")
    pattern = re.compile(matches or "")
    return _Test(lambda values: bool(values[0]) and pattern.search(values[0]) is not None, "needs a usable value")


def _seconds(text: str) -> float | None:
    """A Go duration (`1m30s`) in seconds, units in any order as Go reads them; None if it is none. "0" needs no unit."""
    if text == "0":
        return 0.0
    parts = re.findall(r"([0-9.]+)(h|ms|us|µs|ns|m|s)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    try:
        return sum(float(number) * SECONDS[unit] for number, unit in parts)
    except ValueError:
        return None


def _written(
    container: Resource, component: str, started: Program, name: str, switch: bool
) -> tuple[list[Flag], Unknown | None]:
    """Every writing of a flag on the command line, else in the environment; the cause where that one is unknown."""
    found = list(flags(started.words, name, switch=switch))
    if not found and component in PREFIXES:
        for entry in environment(container, PREFIXES[component], name):
            if isinstance(entry, Unknown):
                return [], entry
            found.append(entry)
    return found, None


def _files(component: str, started: Program, elsewhere: Sequence[str]) -> Iterator[Unknown]:
    for name in elsewhere:
        for _ in flags(started.words, name, switch=False):
            yield Unknown("run-time", f"the file of {component}'s --{name}", "Write the flag where the others are.")


def _judge(container: Resource, component: str, name: str, found: list[Flag], test: _Test) -> Iterator[Verdict]:
    """A flag written several times: each writing must do, or all together where they make one list."""
    failed = False
    everything = [part for flag in found for part in _values(flag)]
    for flag in found:
        values = everything if test.together else _values(flag)
        if any("$" in value for value in values) and test.wanted != "must not be set":
            unknown = Unknown("run-time", f"--{name} of {component}", "Write the value itself.")
            message = f"--{name} of {component} takes its value from the environment, so it cannot be judged."
            yield Verdict(container, UNKNOWN, message, flag.span, f"--{name}", (), (unknown,))
            failed = True
        elif flag.value is None or not test.holds(values):
            shown = f"--{name} of {component}"
            message = f"{shown} has no value." if not flag.value else f"{shown} is '{flag.value}': it {test.wanted}."
            if test.wanted == "must not be set":
                message = f"{shown} {test.wanted}."
            yield Verdict(container, FAIL, message, flag.span, f"--{name}")
            failed = True
            if test.together:
                break
    if not failed:
        yield Verdict(container, PASS, f"--{name} of {component} is as it should be.", found[-1].span, f"--{name}")


def _values(flag: Flag) -> list[str]:
    return [part.strip() for part in flag.value.split(",")] if flag.value else [""]


def _left_out(
    container: Resource, component: str, started: Program, missing: list[str], absent: str, causes: list[Unknown]
) -> Iterator[Verdict]:
    shown = " and ".join(f"--{name}" for name in missing)
    element, span = f"--{missing[0]}", started.name.span
    if causes:
        message = f"{causes[0].subject} is unknown, so whether {component} has {shown} cannot be decided."
        yield Verdict(container, UNKNOWN, message, span, element, (), tuple(causes))
    elif absent == "fail":
        yield Verdict(container, FAIL, f"{component} runs without {shown}.", span, element)
    elif absent == "pass":
        yield Verdict(container, PASS, f"{component} runs without {shown}.", span, element)


def etcd_own_authority(estate: Estate, *, kind: str = "kubernetes/container") -> Iterator[Verdict]:
    """etcd trusts another authority than the API server's clients have, or each of them could read all of it."""
    servers: dict[Any, list[tuple[Resource, Flag]]] = {}
    stores: dict[Any, list[tuple[Resource, Flag]]] = {}
    for container in estate.of_kind(kind):
        for component, name, group in (
            ("kube-apiserver", "client-ca-file", servers),
            ("etcd", "trusted-ca-file", stores),
        ):
            started = program(container, component)
            if started is not None:
                found = [(container, flag) for flag in flags(started.words, name, switch=False) if flag.value]
                group.setdefault(container.unit, []).extend(found)
    for unit, mine in stores.items():
        theirs = servers.get(unit, [])
        for one, other in ((mine, theirs), (theirs, mine)):
            taken = {flag.value for _, flag in other}
            for container, flag in one if other else ():
                shared = flag.value in taken
                state = "is trusted by etcd and by the API server" if shared else "is not shared"
                message = f"The authority {flag.value} {state}."
                yield Verdict(container, FAIL if shared else PASS, message, flag.span, str(flag.value))
