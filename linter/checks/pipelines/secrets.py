"""Checks of where GitHub workflows keep credentials and where they send them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    action_of,
    as_map,
    failed,
    input_of,
    parts,
    passed,
    place,
    scalar_place,
    trees,
    unsure,
)
from linter.checks.pipelines.taint import MAX_VARIABLES
from linter.model import Entry, Estate, Map, Resource, Span, Unknown
from linter.text import find_secrets, named_secret


def no_literal_secrets(estate: Estate, *, platform: str = "github") -> Iterator[Verdict]:
    """Credentials written out in `env`, `with`, `run` or the registry credentials of containers and services."""
    for kind in ("pipeline/pipeline", "pipeline/job", "pipeline/step"):
        for resource in parts(estate, kind, platform):
            sound, judged = True, False
            for name, value, entry in _texts(resource):
                judged = True
                span = _literal(estate, name, value, entry)
                if span is not None:
                    sound = False
                    yield failed(
                        resource, f"`{name}` holds a credential, for everyone who can read the repository", span, name
                    )
            if sound and judged:
                yield passed(resource)


def _texts(resource: Resource) -> Iterator[tuple[str, str, Entry]]:
    for field in ("env", "with"):
        values = as_map(resource.body.get(field))
        for key, value in values.items() if values is not None else ():
            if isinstance(value, str) and values is not None and key in values.at:
                yield str(key), value, values.at[key]
    run = resource.body.get("run")
    if isinstance(run, str):
        yield "run", run, resource.body.at["run"]
    if resource.kind == "pipeline/job":
        for key, value, entry in _credentials(resource):
            yield key, value, entry


def _credentials(job: Resource) -> Iterator[tuple[str, str, Entry]]:
    services = as_map(job.body.get("services"))
    for holder in (job.body.get("container"), *(services.values() if services is not None else ())):
        if isinstance(holder, Map) and isinstance(holder.get("credentials"), Map):
            credentials = holder["credentials"]
            if isinstance(credentials.get("password"), str):
                yield "credentials.password", credentials["password"], credentials.at["password"]


def _literal(estate: Estate, name: str, value: str, entry: Entry) -> Span | None:
    whole = (entry[0], entry[3], entry[4])
    if name == "credentials.password":
        return whole if value and "${{" not in value else None
    found = find_secrets(value)
    if found:
        from linter.parsers.pipelines.scalars import Scalar

        return Scalar(estate.sources[entry[0]], entry, value).span(found[0][0], found[0][1])
    if name != "run" and "\n" not in value and named_secret(name, value):
        return whole
    return None


# Login action → (input that holds a long-lived key, what to use instead).
_STATIC_INPUTS: dict[str, tuple[tuple[str, ...], str]] = {
    "aws-actions/configure-aws-credentials": (("aws-secret-access-key",), "role-to-assume with id-token: write"),
    "google-github-actions/auth": (("credentials_json",), "workload_identity_provider"),
    "google-github-actions/setup-gcloud": (("service_account_key", "credentials"), "google-github-actions/auth"),
    "azure/login": (("creds",), "client-id, tenant-id and subscription-id of a federated credential"),
}
_STATIC_VARIABLES = {
    "AWS_SECRET_ACCESS_KEY": "aws-actions/configure-aws-credentials with role-to-assume",
    "AZURE_CREDENTIALS": "azure/login with a federated credential",
    "ARM_CLIENT_SECRET": "ARM_USE_OIDC with a federated credential",
    "GOOGLE_CREDENTIALS": "google-github-actions/auth with workload_identity_provider",
    "GCP_SA_KEY": "google-github-actions/auth with workload_identity_provider",
    "GOOGLE_APPLICATION_CREDENTIALS_JSON": "google-github-actions/auth with workload_identity_provider",
}


# Variables that point the AWS tools at another provider's storage, which takes only keys.
_COMPATIBLE = ("AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT", "S3_ENDPOINT", "R2_")


def federated_login(estate: Estate) -> Iterator[Verdict]:
    """Logins to AWS, Google Cloud and Azure with keys kept as secrets, where the provider takes GitHub's identity."""
    for step in parts(estate, "pipeline/step", "github"):
        static = _STATIC_INPUTS.get(action_of(step))
        if static is None:
            continue
        inputs = as_map(step.body.get("with")) or Map(step.anchor)
        used = next((key for key in static[0] if _nonempty(inputs.get(key))), None)
        # With a role to assume, a session token or another step's output the key is short-lived.
        if used is None or "steps." in str(inputs[used]) or _nonempty(inputs.get("aws-session-token")):
            yield passed(step)
        else:
            yield failed(
                step, f"`{used}` is a long-lived key; use {static[1]}", scalar_place(inputs, used, step.anchor)
            )
    for kind in ("pipeline/pipeline", "pipeline/job", "pipeline/step"):
        for resource in parts(estate, kind, "github"):
            yield from _static_variables(resource)


def _static_variables(resource: Resource) -> Iterator[Verdict]:
    env = as_map(resource.body.get("env"))
    if env is not None and any(str(name).startswith(_COMPATIBLE) for name in env):
        return
    for name, value in env.items() if env is not None else ():
        instead = _STATIC_VARIABLES.get(str(name).upper())
        if instead is None or not isinstance(value, str) or "secrets." not in value or env is None:
            continue
        yield failed(
            resource,
            f"`{name}` is a long-lived key; use {instead}",
            scalar_place(env, name, resource.anchor),
            str(name),
        )


def _nonempty(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def no_persisted_credentials(estate: Estate) -> Iterator[Verdict]:
    """Checkouts that leave the token in `.git/config` without saying that they want to."""
    for tree in trees(estate, platform="github"):
        for step in tree.all_steps():
            if action_of(step) != "actions/checkout":
                continue
            inputs = step.body.get("with")
            if inputs is not None and not isinstance(inputs, Map):
                unknown = Unknown("run-time", "with", "write the inputs of the checkout out")
                yield unsure(step, "The inputs of this checkout are decided at run time", unknown)
            elif input_of(step, "persist-credentials") is None:
                span = scalar_place(step.body, "uses", step.anchor)
                yield failed(step, "The checkout leaves its token on disk for every later step", span)
            else:
                yield passed(step, step.anchor if inputs is None else place(inputs, "persist-credentials", step.anchor))


SENDERS = frozenset(
    ("curl", "wget", "nc", "ncat", "netcat", "telnet", "Invoke-WebRequest", "Invoke-RestMethod", "iwr", "http")
)
_RAW = frozenset(("nc", "ncat", "netcat", "telnet"))
COLLECTORS = (
    "webhook.site", "requestbin", "pipedream.net", "ngrok.io", "ngrok-free.app", "ngrok.app", "burpcollaborator.net",
    "oastify.com", "interact.sh", "oast", "hookbin.com", "beeceptor.com", "requestcatcher.com", "dnslog.cn",
    "pastebin.com", "transfer.sh", "termbin.com", "0x0.st",
)  # fmt: skip


def secrets_stay_home(estate: Estate) -> Iterator[Verdict]:
    """Commands that send a secret over an open line, to a bare address or to a public collector.

    Hosts named by `pipelines: {secret-hosts: […]}` in the configuration, where it is set, are the only ones allowed.
    """
    allowed = allowed_hosts(estate)
    for step in parts(estate, "pipeline/step", "github"):
        run = step.body.get("run")
        if not isinstance(run, str):
            continue
        yield from _sent(estate, step, run, allowed)


def allowed_hosts(estate: Estate) -> tuple[str, ...] | None:
    section = estate.settings.get("pipelines")
    hosts = section.get("secret-hosts") if isinstance(section, dict) else None
    return tuple(str(host) for host in hosts) if isinstance(hosts, list) else None


def _sent(estate: Estate, step: Resource, run: str, allowed: tuple[str, ...] | None) -> Iterator[Verdict]:
    names = _secret_variables(step)
    sound = judged = False
    files: list[str] = []
    for command in step.context["commands"]:
        text = " ".join((*command.words, command.body))
        if command.program not in SENDERS:
            if command.redirects and len(files) < MAX_VARIABLES and _carries_secret(text, names):
                files += [redirect.target for redirect in command.redirects if redirect.operator.startswith(">")]
            continue
        file = _sent_file(command.words[1:], files)
        if not file and not _carries_secret(text, names):
            continue
        sound, judged = sound or not judged, True
        why = f"with the file {file}" if file else bad_target(command.program, command.words[1:], allowed)
        if why:
            from linter.parsers.pipelines.scalars import Scalar

            sound = False
            scalar = Scalar(estate.sources[step.anchor[0]], step.body.at["run"], run)
            yield failed(step, f"A secret is sent {why}", scalar.span(command.start, command.end), command.program)
    if judged and sound:
        yield passed(step)


def _sent_file(words: tuple[str, ...], files: list[str]) -> str:
    """The file of secrets that a command sends: one that secrets were written to before, or that is named after them."""
    for index, word in enumerate(words):
        name = word.partition("@")[2] if "@" in word else word if words[index - 1] in ("-T", "--upload-file") else ""
        if name and (name in files or name.rpartition("/")[2].lstrip(".").split(".")[0] in ("secrets", "secret")):
            return name
    return ""


def _secret_variables(step: Resource) -> tuple[str, ...]:
    names: list[str] = []
    for holder in (step.body, step.context.get("job"), step.context.get("workflow")):
        env = as_map(holder.get("env")) if holder is not None else None
        for name, value in env.items() if env is not None else ():
            if isinstance(value, str) and "${{" in value and "secrets." in value.lower():
                names.append(str(name))
    return tuple(names[:MAX_VARIABLES])


def _carries_secret(text: str, names: tuple[str, ...]) -> bool:
    lowered = text.lower()
    if "${{" in text and ("secrets." in lowered or "secrets[" in lowered or "(secrets" in lowered):
        return True
    return "$" in text and any(f"${name}" in text or f"${{{name}" in text or f"env:{name}" in text for name in names)


def bad_target(program: str, words: tuple[str, ...], allowed: tuple[str, ...] | None) -> str:
    if program in _RAW:
        return f"by {program}, without encryption"
    for word in words:
        lowered = word.lower()
        if lowered.startswith("http://") and not _local(lowered[7:]):
            return "over plain HTTP"
        if lowered.startswith(("https://", "http://")):
            host = lowered.split("://", 1)[1].split("/", 1)[0].split("@")[-1].split(":", 1)[0]
            if any(f".{known}." in f".{host}." for known in COLLECTORS):
                return f"to the public collector {host}"
            if host.replace(".", "").isdigit() and not _local(host):
                return f"to the bare address {host}"
            if (
                allowed is not None
                and "$" not in host
                and not any(host == each or host.endswith(f".{each}") for each in allowed)
            ):
                return f"to {host}, which the configuration does not allow"
    return ""


def _local(host: str) -> bool:
    return host.startswith(("localhost", "127.", "10.", "192.168.", "0.0.0.0", "[::1]", "169.254.", "$"))
