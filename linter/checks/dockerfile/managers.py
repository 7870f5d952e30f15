"""Package managers as they stand in Dockerfiles: their verbs, their options, and when a version is fixed."""

from __future__ import annotations

from collections.abc import Callable

from linter.checks.dockerfile.calls import Call, Options, options
from linter.records import NamedTuple


class Manager(NamedTuple):
    """verbs: words that install. valued: options that take a value. fixed: whether a package's version is fixed.

    given: options with which the versions stand elsewhere.
    """

    verbs: frozenset[str]
    valued: frozenset[str]
    fixed: Callable[[str], bool]
    given: frozenset[str] = frozenset()


def _file(package: str, *suffixes: str) -> bool:
    return package.endswith(suffixes) or package.startswith(("./", "/", "../", "http://", "https://", "file:"))


def _deb(package: str) -> bool:
    return "=" in package or "/" in package or package.endswith((".deb", "-", "^"))


def _apk(package: str) -> bool:
    return any(mark in package for mark in "=~<>") or package.startswith(("!", ".")) or _file(package, ".apk")


def _rpm(package: str) -> bool:
    last = package.rpartition("-")[2]
    fixed = ("-" in package and last[:1].isdigit()) or _file(package, ".rpm")
    return fixed or package.startswith("@") or any(mark in package for mark in "=<>")


def _zypp(package: str) -> bool:
    return any(mark in package for mark in "=<>") or ":" in package or _file(package, ".rpm")


def _wheel(package: str) -> bool:
    if package.startswith(("git+", "hg+", "svn+", "bzr+")):
        return "@" in package.partition("://")[2].partition("/")[2]
    if "/" in package or package.startswith(".") or package.endswith((".whl", ".tar.gz", ".zip", ".tar.bz2")):
        return True
    return any(mark in package for mark in ("=", "<", ">", "!", "@"))


def _npm(package: str) -> bool:
    if _file(package, ".tgz", ".tar.gz", ".tar") or package in (".", ".."):
        return True
    if "://" in package or package.startswith(("git@", "github:", "gitlab:", "bitbucket:", "gist:")):
        return "#" in package
    name, at, version = package.rpartition("@")
    if not at or not name:
        return not package.startswith("@") and package.count("/") == 1 and "#" in package
    return version.strip("\"'") not in ("latest", "next", "*", "")


def _gem(package: str) -> bool:
    return ":" in package or package.endswith(".gem") or package.startswith(("./", "/"))


def _go(package: str) -> bool:
    path, at, version = package.partition("@")
    if at:
        return version not in ("latest", "main", "master", "HEAD", "upgrade", "patch")
    return "." not in path.partition("/")[0] or path.startswith(".") or "/" not in path


_APT = frozenset(("-o", "--option", "-c", "--config-file", "-t", "--target-release", "--default-release", "-a",
                  "--host-architecture"))  # fmt: skip
_YUM = frozenset(("-c", "-d", "-e", "-x", "-R", "--config", "--enablerepo", "--disablerepo", "--repo", "--repoid",
                  "--installroot", "--releasever", "--exclude", "--setopt", "--forcearch", "--advisory"))  # fmt: skip
_PIP = frozenset((
    "-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-t", "--target", "-b", "--build", "-i",
    "--index-url", "--extra-index-url", "-f", "--find-links", "--prefix", "--root", "--trusted-host", "--src",
    "--platform", "--python-version", "--implementation", "--abi", "--progress-bar", "--root-user-action", "--timeout",
    "--retries", "--cache-dir", "--proxy", "--cert", "--client-cert", "--no-binary", "--only-binary", "--python",
    "--upgrade-strategy", "--config-settings", "-C", "--global-option", "--log", "--use-feature", "--exists-action",
    "--report", "--group", "--pip-args", "--spec", "--suffix",
))  # fmt: skip
MANAGERS = {
    "apt-get": Manager(frozenset(("install",)), _APT, _deb),
    "apk": Manager(
        frozenset(("add",)),
        frozenset(("-t", "--virtual", "-X", "--repository", "-p", "--root", "--cache-dir", "--keys-dir", "--arch",
                   "--repositories-file", "--wait")),
        _apk,
    ),
    "yum": Manager(frozenset(("install",)), _YUM, _rpm),
    "zypper": Manager(
        frozenset(("install", "in")),
        frozenset(("-r", "--repo", "--from", "-t", "--type", "-p", "--plus-repo", "-R", "--root", "-c", "--config",
                   "-C", "--cache-dir", "-D", "--reposd-dir", "--capability", "-n", "--name")) - {"-n"},
        _zypp,
    ),
    "pip": Manager(
        frozenset(("install",)), _PIP, _wheel,
        frozenset(("-r", "--requirement", "-c", "--constraint", "--require-hashes", "--group")),
    ),
    "npm": Manager(
        frozenset(("install", "i", "add", "in")),
        frozenset(("--prefix", "-C", "--registry", "--cache", "--loglevel", "--omit", "--include", "--install-strategy",
                   "--location", "-w", "--workspace", "--userconfig", "--python", "--tag", "--fetch-timeout",
                   "--network-timeout", "--cafile", "--script-shell")),
        _npm,
    ),
    "gem": Manager(
        frozenset(("install", "i")),
        frozenset(("-v", "--version", "-i", "--install-dir", "-n", "--bindir", "-s", "--source", "-p", "--http-proxy",
                   "--platform", "--build-root", "-P", "--trust-policy")),
        _gem, frozenset(("-v", "--version")),
    ),
    "go": Manager(
        frozenset(("install", "get", "run")),
        frozenset(("-ldflags", "-gcflags", "-tags", "-mod", "-modfile", "-o", "-p", "-asmflags", "-C", "-toolexec")),
        _go,
    ),
}  # fmt: skip
ALIKE = {"apt": "apt-get", "aptitude": "apt-get", "dnf": "yum", "microdnf": "yum", "tdnf": "yum", "pipx": "pip"}
YUMS = ("yum", "dnf", "microdnf", "tdnf")
APTS = ("apt-get", "apt", "aptitude")


def read_call(call: Call) -> Options:
    manager = MANAGERS[ALIKE.get(call.program, call.program)]
    if call.program != "go":
        return options(call.arguments, manager.valued)
    words: list[str] = []
    rest = iter(call.arguments)
    for word in rest:
        if word in manager.valued:
            next(rest, "")
        elif not word.startswith("-"):
            words.append(word)
            if len(words) == 2 and words[0] == "run":
                break
    return Options(set(), {}, words)


def installs(call: Call) -> Options | None:
    """What a call installs with one of the managers, its verbs taken away; None where it installs nothing."""
    name = ALIKE.get(call.program, call.program)
    if name not in MANAGERS:
        return None
    found = read_call(call)
    words = found.words
    if name == "yum" and words[:1] in (["module"], ["group"], ["groups"]):
        words = words[1:] if words[1:2] == ["install"] else []
        if words and found.words[0] != "module":
            return found._replace(words=[])
    if not words or words[0] not in MANAGERS[name].verbs:
        return None
    return found._replace(words=words[1:])
