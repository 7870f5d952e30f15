"""Checks of what GitLab jobs do with credentials."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import as_map, failed, key_place, parts, passed, place, scalar_place
from linter.checks.pipelines.gitlab_scripts import judged, single_quoted, span_of, steps_of
from linter.checks.pipelines.secrets import SENDERS, allowed_hosts, bad_target
from linter.model import Estate, Resource, Seq
from linter.parsers.pipelines.gitlab_credentials import TOKENS, credential, variables_in
from linter.parsers.pipelines.model import text
from linter.parsers.pipelines.shell import Command
from linter.trees import maps


def _secret_in(words: tuple[str, ...] | list[str]) -> str:
    """The first variable with a credential in some words, ''."""
    return next((name for word in words if "$" in word for name, _, _ in variables_in(word) if credential(name)), "")


def gitlab_secrets_stay_home(estate: Estate) -> Iterator[Verdict]:
    """Commands that send a job's credentials out: GitLab's own tokens anywhere but to GitLab, others over an open line,
    to a bare address or to a public collector."""
    allowed = allowed_hosts(estate)

    def why(step: Resource, run: str, command: Command) -> str:
        words = (
            *command.words[1:],
            command.body,
            *(each.target for each in command.redirects if each.operator == "<<<"),
        )
        name = _secret_in(words)
        if not name:
            return ""
        bad = bad_target(command.program, command.words[1:], allowed)
        if bad:
            return f"`{name}` is sent {bad}"
        host = _stranger(command.words[1:]) if name in TOKENS and allowed is None else ""
        return f"`{name}`, which lets its holder act for this job, is sent to {host}" if host else ""

    yield from judged(estate, lambda command: command.program in SENDERS, why)


def _stranger(words: tuple[str, ...]) -> str:
    """The host of the first written-out URL that is not a GitLab's."""
    for word in words:
        if word.lower().startswith(("https://", "http://")):
            host = word.split("://", 1)[1].split("/", 1)[0].rpartition("@")[2].partition(":")[0].lower()
            if "$" not in host and "gitlab" not in host:
                return host
    return ""


# Variables with long-lived keys of clouds and vaults → what GitLab's identity gives instead.
_STATIC = {
    "AWS_SECRET_ACCESS_KEY": "AWS with AssumeRoleWithWebIdentity", "AZURE_CLIENT_SECRET": "Azure with a federated login",
    "ARM_CLIENT_SECRET": "Azure with a federated login", "GCP_SERVICE_KEY": "Google Cloud with workload identity",
    "GCLOUD_SERVICE_KEY": "Google Cloud with workload identity", "GCP_SA_KEY": "Google Cloud with workload identity",
    "GOOGLE_CREDENTIALS": "Google Cloud with workload identity", "VAULT_TOKEN": "Vault with its JWT login",
    "GOOGLE_SERVICE_ACCOUNT_KEY": "Google Cloud with workload identity",
}  # fmt: skip
_REMOVED = frozenset(("CI_JOB_JWT", "CI_JOB_JWT_V1", "CI_JOB_JWT_V2"))


def gitlab_identity_used(estate: Estate) -> Iterator[Verdict]:
    """Logins to clouds and vaults: by a token of `id_tokens`, not by a key kept in a variable, nor by CI_JOB_JWT."""
    found: dict[int, bool] = {}
    jobs = parts(estate, "pipeline/job", "gitlab")
    for step, run, _ in steps_of(estate):
        if "$" not in run or step.owner is None:
            continue
        for name, start, end in variables_in(run):
            message = _outdated(name, step.owner)
            if message:
                found[id(step.owner)] = True
                yield failed(step, message, span_of(estate, step, start, end), name)
    for resource in (*parts(estate, "pipeline/pipeline", "gitlab"), *jobs):
        env = as_map(resource.body.get("env"))
        for name in env if env is not None else ():
            if env is not None and str(name) in _STATIC and "$" in text(env[name]):
                found[id(resource)] = True
                message = f"`{name}` is a long-lived key; `id_tokens` log in to {_STATIC[str(name)]}"
                yield failed(resource, message, scalar_place(env, name, resource.anchor), str(name))
    for job in jobs:
        if as_map(job.body.get("id_tokens")) is not None and id(job) not in found:
            yield passed(job, key_place(job.body, "id_tokens", job.anchor))


def _outdated(name: str, job: Resource) -> str:
    tokens, env = as_map(job.body.get("id_tokens")), as_map(job.body.get("env"))
    if name in _REMOVED and not (tokens is not None and name in tokens):
        return f"`{name}` was removed in GitLab 17; declare a token under `id_tokens`"
    if name not in _STATIC or (tokens is not None and len(tokens)) or (env is not None and name in env):
        return ""
    return f"`{name}` is a long-lived key; `id_tokens` log in to {_STATIC[name]}"


_PRINTERS = frozenset(("echo", "printf", "Write-Output", "Write-Host"))


def gitlab_secrets_not_printed(estate: Estate) -> Iterator[Verdict]:
    """Commands that write credentials, or the whole environment, to the job's log."""

    def wanted(command: Command) -> bool:
        return command.program in _PRINTERS or command.program in ("env", "printenv", "export", "set")

    def why(step: Resource, run: str, command: Command) -> str:
        if command.redirects or not _to_log(step.context["commands"], command):
            return ""
        if command.program in _PRINTERS:
            name = _secret_in([word for word in command.words[1:] if "${#" not in word and ":+" not in word])
            quoted = name and single_quoted(run, command, name)
            return f"`{name}` is written to the job's log" if name and not quoted and _raw(command, name) else ""
        words = command.words[1:]
        if command.program == "printenv" and words:
            return f"`{words[0]}` is written to the job's log" if credential(words[0]) else ""
        whole = not words or (command.program == "export" and words == ("-p",))
        return "Every variable of the job, credentials too, is written to its log" if whole else ""

    yield from judged(estate, wanted, why)


def _raw(command: Command, name: str) -> bool:
    """Whether the variable itself is printed, not what a command makes of it."""
    return any(
        f"${name}" in word or f"${{{name}}}" in word for word in command.words[1:] if not word.startswith(("$(", "`"))
    )


def _to_log(commands: list[Command], command: Command) -> bool:
    """Whether what a command writes ends in the log: it is not piped on but to a sorter, and stands in no substitution."""
    if any(
        other.start < command.start and command.end < other.end and other is not command for other in commands[:200]
    ):
        return False
    if command.after not in ("|", "|&"):
        return True
    following = next((other for other in commands if other.start >= command.end), None)
    return following is not None and following.program in ("sort", "tee", "cat") and not following.redirects


_TRACES = ("CI_DEBUG_TRACE", "CI_DEBUG_SERVICES")


def gitlab_not_traced(estate: Estate) -> Iterator[Verdict]:
    """`CI_DEBUG_TRACE` and `CI_DEBUG_SERVICES`: not set, or false."""
    for kind in ("pipeline/pipeline", "pipeline/job"):
        for resource in parts(estate, kind, "gitlab"):
            env = as_map(resource.body.get("env"))
            for name in _TRACES if env is not None else ():
                if env is None or name not in env:
                    continue
                span = scalar_place(env, name, resource.anchor)
                if text(env[name]).strip().lower() in ("true", "1"):
                    message = f"`{name}` writes every variable of the job, credentials too, to its log"
                    yield failed(resource, message, span, name)
                else:
                    yield passed(resource, span, name)


def gitlab_caches_apart(estate: Estate) -> Iterator[Verdict]:
    """Caches: those of protected branches apart from those that any branch may fill."""
    for job in parts(estate, "pipeline/job", "gitlab"):
        for cache in maps(job.body.get("caches")):
            if cache.get("unprotect") is True:
                message = "Jobs of protected branches start from a cache that any branch can fill"
                yield failed(job, message, scalar_place(cache, "unprotect", job.anchor), text(cache.get("key")))
            else:
                yield passed(job, None, text(cache.get("key")))


_WHOLE = frozenset((".", "./", "*", "**", "**/*", "./*", "./**", "./**/*", "$CI_PROJECT_DIR", "${CI_PROJECT_DIR}",
                    "$CI_PROJECT_DIR/", "${CI_PROJECT_DIR}/"))  # fmt: skip
_PRIVATE = frozenset((".env", ".npmrc", ".pypirc", ".netrc", "id_rsa", "id_ed25519", "kubeconfig", ".git", ".ssh", ".aws",
                      "credentials.json", ".dockerconfigjson", "terraform.tfstate"))  # fmt: skip
_PRIVATE_ENDS = (".pem", ".key", ".p12", ".pfx", ".jks", ".kubeconfig", ".tfstate")


def gitlab_artifacts_without_secrets(estate: Estate) -> Iterator[Verdict]:
    """Artifacts of jobs that hold the whole working copy, or files that keep credentials, for all who see the pipeline."""
    for job in parts(estate, "pipeline/job", "gitlab"):
        for artifact in maps(job.body.get("artifacts")):
            listed = artifact.get("paths")
            if artifact.get("way") != "up" or not isinstance(listed, Seq):
                continue
            closed = (
                text(artifact.get("access")) in ("none", "developer", "maintainer") or artifact.get("public") is False
            )
            sound = True
            for path, at in zip(listed, listed.at, strict=True):
                what = _exposed(text(path))
                if what and not closed:
                    sound = False
                    yield failed(job, f"`{text(path)}` {what}", (at[0], at[3], at[4]), text(path))
            if sound:
                yield passed(job, place(artifact, "paths", job.anchor))


def _exposed(path: str) -> str:
    if path.strip() in _WHOLE:
        return "keeps the whole working copy, with whatever the job left in it, for everyone who sees the pipeline"
    name = path.rstrip("/*").rpartition("/")[2].lower()
    if name in _PRIVATE or name.endswith(_PRIVATE_ENDS) or (name.startswith(".env.") and "example" not in name):
        return "holds credentials, and everyone who sees the pipeline can fetch it"
    return ""
