"""Checks of how a Dockerfile is built up: its stages, the order of its instructions, what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.model import FAIL, PASS, Estate, Map, Resource, Span, Unknown
from linter.text import credential_in, find_secrets, looks_secret, safe_line, secret_name


def stage_names_unique(estate: Estate) -> Iterator[Verdict]:
    """No two stages of a file have one name; the builder does not tell capitals from small letters."""
    seen: dict[int, set[str]] = {}
    for stage in estate.of_kind("docker/stage"):
        name = stage.name.lower()
        names = seen.setdefault(id(stage.owner), set())
        if name.isdigit():
            continue
        span = _value(stage.body, "name")
        taken = name in names
        names.add(name)
        message = f"Another stage is called {safe_line(stage.name, 60)}." if taken else ""
        yield Verdict(stage, FAIL if taken else PASS, message, span, name)


def only_the_last_counts(estate: Estate, *, kind: str = "docker/cmd") -> Iterator[Verdict]:
    """A stage has an instruction once: all but the last are without effect."""
    last: dict[int, Resource] = {}
    found = list(estate.of_kind(kind))
    for resource in found:
        last[id(resource.owner)] = resource
    for resource in found:
        if last[id(resource.owner)] is resource:
            yield Verdict(resource, PASS, "", resource.anchor)
        else:
            message = f"A later {resource.name} of this stage replaces this one."
            yield Verdict(resource, FAIL, message, resource.anchor)


def begins_with_from(estate: Estate) -> Iterator[Verdict]:
    """Before the first FROM stands nothing but ARG."""
    for file in estate.of_kind("docker/dockerfile"):
        listed = file.body["instructions"]
        words = [found["instruction"] for found in listed]
        first = words.index("FROM") if "FROM" in words else len(words)
        early = next((found for found in listed[:first] if found["instruction"] != "ARG"), None)
        if early is None and first == len(words):
            early = listed[0] if listed else None
        if early is not None:
            word = early["instruction"]
            yield Verdict(file, FAIL, f"{word} stands before any FROM.", _value(early, "instruction"), word)
        else:
            yield Verdict(file, PASS, "", file.anchor)


def env_not_self_referencing(estate: Estate) -> Iterator[Verdict]:
    """No value of an ENV uses a variable that the same ENV sets: it has its old value there."""
    for resource in estate.of_kind("docker/env"):
        body = resource.body
        found = _self_reference(body) if "=" in str(body["value"]).split(None, 1)[0] else None
        if found is None:
            yield Verdict(resource, PASS, "", resource.anchor)
            continue
        name, span = found
        message = f"${safe_line(name, 60)} has its value from before this ENV here."
        yield Verdict(resource, FAIL, message, span, name)


def _self_reference(body: Map) -> tuple[str, Span] | None:
    """A variable that is set before it is used, in one ENV, and where it is used."""
    before: set[str] = set()
    for word, entry in zip(body["arguments"], body["arguments"].at, strict=True):
        name, _, value = word.partition("=")
        for match in _used().finditer(value):
            if match[1] in before:
                return match[1], (entry[0], entry[3], entry[4])
        before.add(name)
    return None


@cache
def _used() -> re.Pattern[str]:
    return re.compile(r"\$\{?([A-Za-z_]\w*)")


def copied_to_known_folder(estate: Estate) -> Iterator[Verdict]:
    """A COPY to a relative path follows a WORKDIR of its stage."""
    for resource in estate.of_kind("docker/copy"):
        body = resource.body
        target = body.get("destination")
        if target is None or isinstance(target, Unknown):
            continue
        absolute = target.startswith(("/", "\\", "$")) or target[1:2] == ":"
        if absolute or "workdir" in body:
            yield Verdict(resource, PASS, "", resource.anchor)
        else:
            message = f"Which folder '{safe_line(target, 60)}' is in depends on the base image."
            yield Verdict(resource, FAIL, message, _value(body, "destination"))


def values_are_no_secrets(estate: Estate) -> Iterator[Verdict]:
    """No ENV, ARG, LABEL or RUN writes a credential out."""
    for kind in ("docker/env", "docker/arg", "docker/label"):
        for resource in estate.of_kind(kind):
            for name, value in resource.body["pairs"].items():
                entry = resource.body["pairs"].at[name]
                text = value if isinstance(value, str) else ""
                secret = "$" not in text and (
                    looks_secret(name, text) if kind != "docker/label" else credential_in(text)
                )
                message = f"{safe_line(name, 60)} holds a credential that everyone who has the image can read."
                span = (entry[0], entry[3], entry[4]) if entry[4] > entry[3] else (entry[0], entry[1], entry[2])
                yield Verdict(resource, FAIL if secret else PASS, message if secret else "", span, name)
    for resource in estate.of_kind("docker/run"):
        for row in resource.body["commands"]:
            start, end = row.span[1], row.span[2]
            text = estate.sources[row.span[0]].text[start:end]
            secrets = find_secrets(text)
            if secrets:
                span = (row.span[0], start + secrets[0][0], start + secrets[0][1])
                yield Verdict(resource, FAIL, "This command holds a credential, which its layer keeps.", span)
                break
        else:
            yield Verdict(resource, PASS, "", resource.anchor)


def arguments_are_no_secrets(estate: Estate) -> Iterator[Verdict]:
    """No ARG is there to be given a credential: the image's history shows what it was."""
    for resource in estate.of_kind("docker/arg"):
        for name, value in resource.body["pairs"].items():
            entry = resource.body["pairs"].at[name]
            asks = not value and secret_name(name)
            message = f"What is given for {safe_line(name, 60)} stays readable in the image." if asks else ""
            yield Verdict(resource, FAIL if asks else PASS, message, (entry[0], entry[1], entry[2]), name)


def secret_files_left_out(estate: Estate) -> Iterator[Verdict]:
    """No COPY or ADD brings a file of keys or passwords in by its name."""
    for kind in ("docker/copy", "docker/add"):
        for resource in estate.of_kind(kind):
            sources = resource.body["sources"]
            if "from" in resource.body:
                continue
            for number, source in enumerate(sources):
                if isinstance(source, Unknown):
                    continue
                entry = sources.at[number]
                found = _secret_file().search(source)
                message = f"'{safe_line(source, 60)}' is a file of credentials." if found else ""
                yield Verdict(resource, FAIL if found else PASS, message, (entry[0], entry[3], entry[4]), source)


@cache
def _secret_file() -> re.Pattern[str]:
    return re.compile(
        r"(?:^|/)(?:\.env(?:\.(?:local|prod|production|staging))?|id_(?:rsa|dsa|ecdsa|ed25519)|\.npmrc|\.pypirc|\.netrc"
        r"|\.git-credentials|\.htpasswd|\.dockerconfigjson|terraform\.tfstate|\.aws/credentials|credentials\.json"
        r"|[^/]{1,100}\.(?:pfx|p12|ppk|jks|keystore|kdbx|tfstate)|[^/]{0,100}(?:key|private)[^/]{0,100}\.pem"
        r"|[^/]{0,100}(?:server|client|tls|ssl|priv|domain)[^/]{0,100}\.key)$"
    )


def context_is_filtered(estate: Estate) -> Iterator[Verdict]:
    """Where a whole build context is copied, a `.dockerignore` stands in its folder, or one above, or beside the file."""
    for file in estate.of_kind("docker/dockerfile"):
        whole = next((copy for copy in file.body["instructions"] if _takes_all(copy)), None)
        if whole is None:
            continue
        path = file.address
        if _has_ignore(estate, path):
            yield Verdict(file, PASS, "", file.anchor)
        elif not estate.isolated:
            message = "The whole build context is copied, and no .dockerignore keeps anything out of it."
            yield Verdict(file, FAIL, message, _value(whole, "value"))


def _takes_all(found: Map) -> bool:
    if found["instruction"] not in ("COPY", "ADD") or "from" in found["flags"]:
        return False
    return any(source in (".", "./", "/", "*", "./*") for source in found["arguments"][:-1])


def _has_ignore(estate: Estate, path: str) -> bool:
    if f"{path}.dockerignore" in estate.paths:
        return True
    folder = path.rpartition("/")[0]
    while True:
        for name in (".dockerignore", ".containerignore"):
            if (f"{folder}/{name}" if folder else name) in estate.paths:
                return True
        if not folder:
            return False
        folder = folder.rpartition("/")[0]


def _value(body: Map, key: str) -> Span:
    source, _, _, start, end = body.at[key]
    return (source, start, end)
