"""What jobs and steps are for, recognised by the programs and actions they run; nothing is guessed from prose.

Roles: build test lint scan plan deploy pages publish sbom sign login verify rollback migrate backup smoke notify
promote drift, and cluster and destroy of what lives for one run. A scan also has families: code, dependencies,
secrets, iac, image.
verify asks whether an artifact is the one it claims to be, before it is used; smoke asks what was deployed whether it
answers; promote hands on to an environment what exists already; drift compares what runs with what is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from linter.parsers.pipelines.roles_table import (
    ACTIONS,
    NAMED,
    NAMES,
    PROGRAMS,
    RUNNERS,
    SCANNERS,
    SCRIPTS,
    SNYK,
    TRIVY,
    WRAPPERS,
)
from linter.parsers.pipelines.shell import Command


@lru_cache(maxsize=1024)
def unwrap(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of the program that is run in the end: `sudo -E env A=b poetry run pytest -x` → `pytest -x`."""
    for _ in range(8):
        if not words:
            return words
        program = words[0].rsplit("/", 1)[-1]
        if program in WRAPPERS:
            rest = words[1:]
            while rest and (rest[0].startswith("-") or "=" in rest[0]):
                rest = rest[1:]
            words = rest[WRAPPERS[program] - 1 :]
        elif program in RUNNERS and len(words) > 2 and words[1] in RUNNERS[program]:
            words = words[3:] if words[2] == "--" else words[2:]
        elif program.startswith("python") and len(words) > 2 and words[1] == "-m":
            words = words[2:]
        else:
            return words
    return words


def program_of(words: tuple[str, ...]) -> str:
    """The name of the program a command's words start, without folder, `.exe` and a pinned version."""
    name = words[0].rsplit("/", 1)[-1] if words else ""
    return name.removesuffix(".exe").partition("==")[0].partition("@")[0]


def roles_of_words(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Roles and scan families of one command."""
    words = unwrap(words)
    if not words:
        return _NONE, _NONE
    program = program_of(words)
    plain = [word for word in words[1:8] if not word.startswith("-")]
    if program in SCANNERS:
        return _SCAN, _families(program, plain)
    if program in ("curl", "wget", "http", "Invoke-RestMethod", "Invoke-WebRequest", "iwr", "irm"):
        return _asked(words), _NONE
    if program in _CONTAINERS and _CONTAINERS[program] & set(plain[:3]):
        return _of_image(words)
    table = PROGRAMS.get(program)
    if table is not None:
        role = _subcommand(table, plain)
        if role:
            return _dry(role, words), frozenset(("dependencies",)) if role == "scan" else _NONE
    return _named(program, words, plain)


_NONE: frozenset[str] = frozenset()
_SCAN = frozenset(("scan",))


def _subcommand(table: dict[str, str], plain: list[str]) -> str:
    for index, word in enumerate(plain[:5]):
        following = plain[index + 1] if index + 1 < len(plain) else ""
        role = table.get(f"{word} {following}") or table.get(word)
        if role:
            return role
    return table.get("", "")


def _dry(role: str, words: tuple[str, ...]) -> frozenset[str]:
    """A dry run plans; a build that pushes publishes."""
    if role == "deploy" and any(word.startswith("--dry-run") and word != "--dry-run=none" for word in words):
        return frozenset(("plan",))
    if role == "publish" and "--dry-run" in words:
        return _NONE
    if role == "build" and "--push" in words:
        return frozenset(("build", "publish"))
    if role == "plan" and not _DRIFT.isdisjoint(words):
        return frozenset(("plan", "drift"))
    if role == "backup" and program_of(words) == "az" and _EXPORTS.isdisjoint(words):
        return _NONE
    return frozenset(role.split())


_DRIFT = frozenset(("-detailed-exitcode", "--detailed-exitcode", "-refresh-only", "--expect-no-changes"))
_EXPORTS = frozenset(("export", "copy"))


def _families(program: str, plain: list[str]) -> frozenset[str]:
    if program == "trivy":
        return frozenset(TRIVY.get(plain[0] if plain else "", "").split())
    if program == "snyk":
        return frozenset(SNYK.get(plain[0] if plain else "", "dependencies").split())
    return frozenset(SCANNERS[program].split())


def _of_image(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    for index, word in enumerate(words):
        name = word.split("@")[0].rsplit("/", 1)[-1].split(":")[0]
        if name in SCANNERS:
            plain = [each for each in words[index + 1 : index + 8] if not each.startswith("-")]
            return _SCAN, _families(name, plain)
        if name in PROGRAMS and index > 1:  # `kubectl exec deploy/web -- alembic upgrade head`
            role = _subcommand(PROGRAMS[name], [each for each in words[index + 1 : index + 8] if each[:1] != "-"])
            if role:
                return frozenset(role.split()), _NONE
    return _NONE, _NONE


_CONTAINERS = {
    "docker": frozenset(("run", "exec")), "podman": frozenset(("run", "exec")), "docker-compose": frozenset(("run", "exec")),
    "kubectl": frozenset(("run", "exec")), "oc": frozenset(("run", "exec")),
}  # fmt: skip


def _asked(words: tuple[str, ...]) -> frozenset[str]:
    """What a request is for: to tell people, or to ask whether something answers; downloads and calls are neither."""
    if any(hook in word.lower() for word in words[1:] for hook in _HOOKS):
        return frozenset(("notify",))
    if any(word in _SENDING or word.startswith(_SENT) for word in words):
        return _NONE
    kept = program_of(words) == "wget" and "--spider" not in words
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in _OUTPUTS or _bundles_output(word):
            value = value if equals else words[index + 1] if index + 1 < len(words) else ""
            if value not in ("/dev/null", "-", "NUL", "$null"):
                return _NONE
            kept = False
        kept = kept and not word.endswith("O-")
    asked = any("://" in word or word[:1] == "$" or "/health" in word or "localhost" in word for word in words[1:])
    return frozenset(("smoke",)) if asked and not kept else _NONE


def _bundles_output(word: str) -> bool:
    """`-fsSLo`, `-fsSLO`: curl's short options in one word, the last of which writes a file."""
    return len(word) > 2 and word[0] == "-" and word[1] != "-" and word[-1] in "oO" and word[1:].isalpha()


_OUTPUTS = frozenset(("-o", "--output", "-O", "--remote-name", "--output-document", "-OutFile"))
_HOOKS = (
    "hooks.slack.com", "slack.com/api/chat", "webhook", "discord.com/api", "api.telegram.org", "pagerduty",
    "opsgenie", "chat.googleapis", "sendgrid", "mailgun", "mattermost",
)  # fmt: skip
_SENDING = frozenset(("-d", "-T", "-F", "POST", "PUT", "DELETE", "PATCH"))
_SENT = ("--data", "--json", "--upload", "--form", "-XP", "-XDELETE")


def _named(program: str, words: tuple[str, ...], plain: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    if program in SCRIPTS:
        names = plain[:3]
        if program in NAMED and names[:1] in (["run"], ["run-script"]):
            names = names[1:2]
        elif program in NAMED:
            names = names[:1]
    elif words[0].startswith(("./", "../", "/")) or "/" in words[0]:
        names = [program]
    else:
        return _NONE, _NONE
    found: set[str] = set()
    families: set[str] = set()
    for name in names:
        stem = name.rsplit("/", 1)[-1].split(".")[0]
        if name.startswith(("$", "-")) or "://" in name:
            continue
        role = NAMES.get(stem) or NAMES.get(_first_word(stem))
        if role:
            found.add(role)
        elif stem in SCANNERS:  # `make kubescape`
            found.add("scan")
            families |= _families(stem, [])
    return frozenset(found), frozenset(families)


def _first_word(stem: str) -> str:
    for separator in ("-", "_", ":"):
        stem = stem.split(separator, 1)[0]
    return stem


def roles_of_commands(commands: Iterable[Command]) -> tuple[set[str], set[str]]:
    roles: set[str] = set()
    families: set[str] = set()
    fetching = False
    for command in commands:
        if command.defined:
            continue
        own, scanned = roles_of_words(command.words)
        if fetching and command.program in _TAKERS:
            roles.discard("smoke")
        fetching = "smoke" in own and command.after == "|" and "smoke" not in roles
        if "smoke" in own and any(each.operator in (">", ">>") for each in command.redirects):
            own = own - {"smoke"} if all(each.target != "/dev/null" for each in command.redirects) else own
        roles |= own
        families |= scanned
    return roles, families


_TAKERS = frozenset(
    (
        "bash",
        "sh",
        "sudo",
        "tar",
        "python",
        "python3",
        "gunzip",
        "gpg",
        "tee",
        "apt-key",
        "zsh",
        "kubectl",
        "jq",
        "unzip",
    )
)
"""What takes a download from a pipe."""


def roles_of_action(name: str, inputs: dict[str, str]) -> tuple[set[str], set[str]]:
    """Roles of `owner/repo[/path]` in lower case with the inputs it is given (texts, keys as written)."""
    entry = ACTIONS.get(name)
    if entry is None:
        entry = ACTIONS.get("/".join(name.split("/")[:2]), "")
    if entry.startswith("scan:"):
        return {"scan"}, set(entry[5:].split()) or _trivy_inputs(name, inputs)
    roles = set(entry.split())
    if name in _PUSHING and _true(inputs.get("push", "")):
        roles.add("publish")
    if name == "pulumi/actions" and inputs.get("command", "") in ("preview", "pre"):
        roles = {"plan"}
    if name == "goreleaser/goreleaser-action" and _snapshot(inputs.get("args", "")):
        roles = {"build"}
    if name in _ANY_COMMAND:
        roles |= _any_command(inputs)
    return roles, set()


_PUSHING = frozenset(("docker/build-push-action", "docker/bake-action"))
_ANY_COMMAND = frozenset(("superfly/flyctl-actions", "actions-hub/kubectl"))


def _any_command(inputs: dict[str, str]) -> set[str]:
    return {"deploy"} if "deploy" in inputs.get("args", "").split() else set()


def _snapshot(args: str) -> bool:
    return "--snapshot" in args or args.split()[:1] in (["build"], ["check"])


def _true(text: str) -> bool:
    return bool(text) and text.lower() not in ("false", "0", "no")


def _trivy_inputs(name: str, inputs: dict[str, str]) -> set[str]:
    if name != "aquasecurity/trivy-action":
        return set()
    families = set(TRIVY.get(inputs.get("scan-type", "image"), "").split())
    scanners = inputs.get("scanners") or inputs.get("security-checks") or ""
    for scanner in scanners.replace(" ", "").split(","):
        families |= _trivy_scanners().get(scanner, set())
    return families


@cache
def _trivy_scanners() -> dict[str, set[str]]:
    return {"secret": {"secrets"}, "config": {"iac"}, "misconfig": {"iac"}, "vuln": {"dependencies"}}
