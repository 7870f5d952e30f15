"""Checks of package managers in Dockerfiles: versions pinned, caches left out, indexes fresh."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from linter.checks import Verdict
from linter.checks.dockerfile.calls import Call, Run, bad, good, mounted, options, removed, runs, shipped
from linter.checks.dockerfile.managers import ALIKE, APTS, MANAGERS, YUMS, installs, read_call
from linter.model import Estate
from linter.text import safe_line


def packages_pinned(estate: Estate, *, program: Sequence[str]) -> Iterator[Verdict]:
    """Every package that a program installs by name has a version; what variables say is taken for one."""
    for run in runs(estate):
        for call in run.calls:
            found = installs(call) if call.program in program else None
            if found is None:
                continue
            manager = MANAGERS[ALIKE.get(call.program, call.program)]
            if not found.names.isdisjoint(manager.given):
                yield good(run, call)
                continue
            module = call.program in YUMS and "module" in call.arguments
            loose = [
                word
                for word in found.words
                if "$" not in word and "`" not in word and not (":" in word if module else manager.fixed(word))
            ]
            if loose:
                shown = safe_line(", ".join(loose[:4]) + (", …" if len(loose) > 4 else ""), 80)
                yield bad(run, call, f"{call.program} installs whatever version there is of {shown}.")
            else:
                yield good(run, call)


def cache_left_out(estate: Estate, *, manager: str) -> Iterator[Verdict]:
    """What a manager keeps to install faster next time is not in a layer: removed in the same RUN, or on a mount.

    manager: apt-get, apk, yum, dnf, zypper, pip or yarn. For apt-get, pip and yarn only stages that are in the image.
    """
    docker_clean: set[int] = set()
    kept = shipped(estate)
    for run in runs(estate):
        if manager == "apt-get" and _clean_hook_removed(run):
            docker_clean.add(id(run.stage))
        if manager in ("apt-get", "pip", "yarn") and run.stage and id(run.stage) not in kept:
            continue
        for number, call in enumerate(run.calls):
            leaves = _LEAVES[manager](call)
            if not leaves:
                continue
            later = run.calls[number + 1 :]
            clean = _CLEANED[manager](run, call, later)
            if clean and id(run.stage) in docker_clean:
                clean = mounted(run, "/var/cache/apt") or any(_cleans(each, "apt-get", "clean") for each in later)
            yield good(run, call) if clean else bad(run, call, f"'{call.shown}' leaves {leaves} in the layer.")


def _clean_hook_removed(run: Run) -> bool:
    return any(
        call.program == "rm" and any(word.endswith("apt.conf.d/docker-clean") for word in call.arguments)
        for call in run.calls
    )


def _verb(call: Call) -> str:
    words = (
        read_call(call).words if ALIKE.get(call.program, call.program) in MANAGERS else options(call.arguments).words
    )
    return words[0] if words else ""


def _cleans(call: Call, program: str, *verbs: str) -> bool:
    return call.program == program and _verb(call) in verbs


def _apt_leaves(call: Call) -> str:
    return "package lists" if call.program in APTS and _verb(call) == "update" else ""


def _apk_leaves(call: Call) -> str:
    if call.program != "apk" or _verb(call) not in ("add", "update", "upgrade"):
        return ""
    return "" if "--no-cache" in call.arguments or _verb(call) == "update" else "the package index"


def _rpm_leaves(*programs: str) -> Callable[[Call], str]:
    verbs = frozenset(("install", "update", "upgrade", "reinstall", "module", "group", "groupinstall", "localinstall"))
    return lambda call: "downloaded packages" if call.program in programs and _verb(call) in verbs else ""


def _rpm_cleaned(run: Run, call: Call, later: Sequence[Call]) -> bool:
    name = "yum" if call.program == "yum" else "dnf"
    for each in later:
        if each.program in YUMS and read_call(each).words[:2] == ["clean", "all"]:
            return True
    folders = (f"/var/cache/{name}", "/var/cache/libdnf5", "/var/cache/yum", "/var/cache/tdnf")
    return any(removed(later, folder) or mounted(run, folder) for folder in folders)


def _zypper_leaves(call: Call) -> str:
    found = call.program == "zypper" and _verb(call) in (
        "install",
        "in",
        "update",
        "up",
        "dup",
        "dist-upgrade",
        "patch",
    )
    return "downloaded packages" if found else ""


def _zypper_cleaned(run: Run, call: Call, later: Sequence[Call]) -> bool:
    folder = "/var/cache/zypp"
    return (
        any(_cleans(each, "zypper", "clean", "cc") for each in later) or removed(later, folder) or mounted(run, folder)
    )


def _pip_leaves(call: Call) -> str:
    found = installs(call) if call.program == "pip" else None
    if found is None or "--no-cache-dir" in found.names or "PIP_NO_CACHE_DIR" in call.assigned:
        return ""
    return "pip's download cache"


def _pip_cleaned(run: Run, call: Call, later: Sequence[Call]) -> bool:
    value = run.stage.get("environment", {}).get("PIP_NO_CACHE_DIR")
    exported = any(
        each.program == "export" and any(word.startswith("PIP_NO_CACHE_DIR=") for word in each.arguments)
        for each in run.calls
    )
    folder = "/root/.cache/pip"
    purged = any(each.program == "pip" and each.arguments[:2] == ("cache", "purge") for each in later)
    return value is not None or exported or purged or removed(later, folder) or mounted(run, folder) or _cached(run)


def _cached(run: Run) -> bool:
    """A cache mount over some `.cache` or `pip` folder, wherever this user's home is."""
    flag = run.resource.body["flags"].get("mount", ())
    return any(
        "type=cache" in each and ("cache" in each.replace("type=cache", "") or "yarn" in each)
        for each in ((flag,) if isinstance(flag, str) else flag)
    )


def _yarn_leaves(call: Call) -> str:
    found = call.program == "yarn" and _verb(call) in ("", "install", "add", "global")
    return "yarn's cache" if found and "--cache-folder" not in call.arguments else ""


def _yarn_cleaned(run: Run, call: Call, later: Sequence[Call]) -> bool:
    cleans = any(each.program == "yarn" and options(each.arguments).words[:2] == ["cache", "clean"] for each in later)
    return cleans or removed(later, "/usr/local/share/.cache/yarn") or _cached(run)


_LEAVES: dict[str, Callable[[Call], str]] = {
    "apt-get": _apt_leaves,
    "apk": _apk_leaves,
    "yum": _rpm_leaves("yum"),
    "dnf": _rpm_leaves("dnf", "microdnf", "tdnf"),
    "zypper": _zypper_leaves,
    "pip": _pip_leaves,
    "yarn": _yarn_leaves,
}
_CLEANED: dict[str, Callable[[Run, Call, Sequence[Call]], bool]] = {
    "apt-get": lambda run, _, later: removed(later, "/var/lib/apt/lists") or mounted(run, "/var/lib/apt/lists"),
    "apk": lambda run, _, later: removed(later, "/var/cache/apk") or mounted(run, "/var/cache/apk"),
    "yum": _rpm_cleaned,
    "dnf": _rpm_cleaned,
    "zypper": _zypper_cleaned,
    "pip": _pip_cleaned,
    "yarn": _yarn_cleaned,
}


def updated_with_install(estate: Estate) -> Iterator[Verdict]:
    """A RUN that fetches a package index also installs with it, so that no cached layer holds an old one."""
    for run in runs(estate):
        for number, call in enumerate(run.calls):
            program = call.program
            if program not in (*APTS, "apk") or _verb(call) != "update":
                continue
            family = APTS if program in APTS else ("apk",)
            uses = any(
                each.program in family and _verb(each) in ("install", "add", "upgrade", "dist-upgrade", "build-dep",
                                                           "full-upgrade", "source", "download", "satisfy")
                for each in run.calls[number + 1 :]
            )  # fmt: skip
            elsewhere = mounted(run, "/var/lib/apt/lists") if program in APTS else mounted(run, "/var/cache/apk")
            if uses or elsewhere or removed(run.calls[number + 1 :], "/var/lib/apt/lists"):
                yield good(run, call)
            else:
                yield bad(run, call, f"'{call.shown}' stands alone: a cached layer keeps an old index.")


_BUILDERS = frozenset(
    ("gcc", "g++", "make", "cmake", "build-essential", "build-base", "clang", "golang", "golang-go", "go", "cargo",
     "rust", "rustc", "gcc-c++", "alpine-sdk", "autoconf", "automake", "maven", "gradle", "musl-dev", "libc-dev")
)  # fmt: skip


def compilers_left_out(estate: Estate) -> Iterator[Verdict]:
    """No stage of the image installs a compiler without removing it in the same RUN."""
    kept = shipped(estate)
    for run in runs(estate):
        if run.stage and id(run.stage) not in kept:
            continue
        for number, call in enumerate(run.calls):
            found = installs(call) if call.program in (*APTS, *YUMS, "apk", "zypper") else None
            tools = [word for word in found.words if _bare().split(word, maxsplit=1)[0] in _BUILDERS] if found else []
            if found is None:
                continue
            gone = any(
                each.program in (*APTS, *YUMS, "apk", "zypper")
                and _verb(each) in ("del", "remove", "purge", "autoremove", "erase", "rm")
                for each in run.calls[number + 1 :]
            )
            shown = safe_line(", ".join(tools[:4]), 80)
            yield good(run, call) if gone or not tools else bad(run, call, f"The image is shipped with {shown}.")


@cache
def _bare() -> re.Pattern[str]:
    return re.compile(r"[=~<>]|-\d")
