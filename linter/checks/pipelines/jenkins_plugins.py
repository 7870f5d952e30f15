"""Checks of Jenkins' configuration as code: what it gives away, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, Entry, Estate, Map, Resource, Seq
from linter.text import looks_secret
from linter.trees import as_map, at_path, maps, says

_MAX_VALUES = 50_000
_SECRETS = frozenset(("secret", "password", "token", "privateKey", "passphrase", "apiToken", "secretKey", "clientSecret",
                      "managerPasswordSecret", "accessKey", "secretText", "secretBytes"))  # fmt: skip


def controller_secrets_referenced(estate: Estate) -> Iterator[Verdict]:
    """Passwords, tokens and keys are `${NAME}`, filled in when Jenkins reads the file, not written out."""
    for controller in estate.of_kind("pipeline/controller"):
        sound = True
        for name, value, at in _scalars(controller.body):
            if "${" not in value and _is_secret(name, value):
                sound = False
                message = f"`{name}` is written out, for everyone who can read the repository"
                yield Verdict(controller, FAIL, message, (at[0], at[3], at[4]), name)
        if sound:
            yield Verdict(controller, PASS, "", controller.anchor)


def _is_secret(name: str, value: str) -> bool:
    if name in _SECRETS:
        return len(value.strip()) > 2 and not value.startswith("{AQ")
    return looks_secret(name, value)


def _scalars(top: Map) -> Iterator[tuple[str, str, Entry]]:
    """Every text with the name it stands under; of `{key: NAME, value: x}` the name is NAME."""
    stack: list[Any] = [top]
    left = _MAX_VALUES
    while stack and left:
        left -= 1
        value = stack.pop()
        if isinstance(value, Map):
            pair = value.get("key") if isinstance(value.get("key"), str) and "value" in value else None
            for key, item in value.items():
                if isinstance(item, str):
                    yield (str(pair) if pair and key == "value" else str(key)), item, value.at[key]
                else:
                    stack.append(item)
        elif isinstance(value, Seq):
            stack.extend(value)


def anonymous_kept_out(estate: Estate) -> Iterator[Verdict]:
    """Nobody without an account has rights: no strategy that lets all in, no role or permission of `anonymous`."""
    for controller in estate.of_kind("pipeline/controller"):
        jenkins = controller.body["jenkins"]
        strategy = jenkins.get("authorizationStrategy")
        if strategy is None:
            continue
        at = jenkins.at["authorizationStrategy"]
        found = list(_open(strategy, at))
        for message, span in found:
            yield Verdict(controller, FAIL, message, span, str(span[1]))
        if not found:
            yield Verdict(controller, PASS, "", (at[0], at[1], at[2]))


def _open(strategy: Any, at: Entry) -> Iterator[tuple[str, tuple[int, int, int]]]:
    if says(strategy, "unsecured") or (isinstance(strategy, Map) and "unsecured" in strategy):
        yield "Everyone may do everything", (at[0], at[1], at[2])
    if not isinstance(strategy, Map):
        return
    everyone = as_map(strategy.get("loggedInUsersCanDoAnything"))
    if everyone.get("allowAnonymousRead") is True:
        entry = everyone.at["allowAnonymousRead"]
        yield "Everyone who reaches Jenkins may read its jobs and logs", (entry[0], entry[3], entry[4])
    for kind in ("globalMatrix", "projectMatrix"):
        listed = as_map(strategy.get(kind)).get("permissions")
        if isinstance(listed, Seq):
            for item, entry in zip(listed, listed.at, strict=True):
                if isinstance(item, str) and item.rpartition(":")[2].strip() == "anonymous":
                    yield f"`{item}` is for everyone who reaches Jenkins", (entry[0], entry[3], entry[4])
    roles = at_path(strategy, ("roleBased", "roles"))
    for group in roles.values() if isinstance(roles, Map) else ():
        for role in maps(group):
            for key in ("assignments", "entries"):
                yield from _assigned(role, key)


def _assigned(role: Map, key: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    listed = role.get(key)
    granted = role.get("permissions")
    if isinstance(listed, Seq) and isinstance(granted, Seq) and granted:
        for item, entry in zip(listed, listed.at, strict=True):
            name = item.get("user") if isinstance(item, Map) else item
            if says(name, "anonymous"):
                yield f"Role `{role.get('name')}` is for everyone who reaches Jenkins", (entry[0], entry[3], entry[4])


_AGENTS = frozenset(("Agent/Create", "Agent/Configure", "Agent/Provision", "hudson.model.Computer.Create",
                     "hudson.model.Computer.Configure"))  # fmt: skip


def agent_rights_kept(estate: Estate) -> Iterator[Verdict]:
    """Only administrators create and configure agents: whoever does chooses the host that a system credential goes to."""
    for role in estate.of_kind("pipeline/controller-role"):
        permissions = role.body.get("permissions")
        if not isinstance(permissions, Seq):
            continue
        listed = [each for each in permissions if isinstance(each, str)]
        if "Overall/Administer" in listed:
            continue
        verdict = _agent_right(role, permissions)
        yield verdict or Verdict(role, PASS, "", role.anchor)


def _agent_right(role: Resource, permissions: Seq) -> Verdict | None:
    for each, at in zip(permissions, permissions.at, strict=True):
        if isinstance(each, str) and each in _AGENTS:
            message = f"Role `{role.name}` may point agents, and the credentials they log in with, at a host of its own"
            return Verdict(role, FAIL, message, (at[0], at[3], at[4]), each)
    return None
