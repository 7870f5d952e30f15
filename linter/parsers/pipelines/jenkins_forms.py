"""The directives of a Jenkins pipeline as values: agents, variables, credentials, triggers, parameters, options.

Encodes https://www.jenkins.io/doc/book/pipeline/syntax/ and https://plugins.jenkins.io/credentials-binding/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.pipelines.jenkins_parts import Secret
from linter.parsers.pipelines.jenkins_values import Code, argument, block_of, text_of, unknown, value_of
from linter.syntax.groovy_tree import Node, called
from linter.trees import put

_MINUTES = {
    "NANOSECONDS": 0.0, "MICROSECONDS": 0.0, "MILLISECONDS": 1 / 60000, "SECONDS": 1 / 60, "MINUTES": 1, "HOURS": 60,
    "DAYS": 1440,
}  # fmt: skip


def calls_in(block: Node | None) -> Iterator[Node]:
    """The calls that stand directly in a block; a name alone is one without arguments."""
    for node in block[4] if block is not None else ():
        if node[0] == "call":
            yield node
        elif node[0] == "name":
            yield ("call", node[1], node[2], node, ())


def agent(code: Code, call: Node) -> Map:
    """`agent …` as {kind, label, image, args, credentials, file, yaml}: kind any, none, label, docker, dockerfile, …"""
    made = Map((code.source, call[1], call[2]))
    at = code.entry(call)
    block = block_of(call)
    if block is None:
        word = call[4][0][4] if call[4] else None
        kind = word[3] if word is not None and word[0] in ("name", "lit") else ""
        put(made, "kind", str(kind), code.entry(word) if word is not None else at)
        return made
    for inner in calls_in(block):
        kind = called(inner)
        put(made, "kind", "label" if kind == "node" else kind, at)
        _agent_entries(code, made, inner, kind)
    return made


def _agent_entries(code: Code, made: Map, call: Node, kind: str) -> None:
    place = _AGENT_KEYS.get(kind, "")
    if place and call[4] and call[4][0][4][0] != "closure" and call[4][0][3] is None:
        _entry(code, made, place, call[4][0][4])
    for _, _, _, key, value in call[4]:
        if isinstance(key, str):
            _entry(code, made, _NAMES.get(key, key), value)
    for inner in calls_in(block_of(call)):
        name = called(inner)
        if name == "containerTemplate":
            _agent_entries(code, made, inner, name)
        elif inner[4] and inner[4][0][4][0] != "closure":
            _entry(code, made, _NAMES.get(name, name), inner[4][0][4])


_AGENT_KEYS = {"label": "label", "docker": "image", "node": "label", "dockerfile": "file"}
_NAMES = {"registryCredentialsId": "credentials", "filename": "file"}


def _entry(code: Code, made: Map, key: str, node: Node) -> None:
    put(made, key, value_of(code, node), (code.source, node[1], node[1], node[1], node[2]))


def variables(code: Code, block: Node | None, scope: str) -> tuple[Map, list[Secret]]:
    """`environment { A = 'x'; B = credentials('id') }`: the variables, and the credentials that some of them hold."""
    made = Map((code.source, block[1] if block else 0, block[2] if block else 0))
    secrets: list[Secret] = []
    for node in block[4] if block is not None else ():
        if node[0] == "def" and node[4] is not None:
            names, value, key_start, key_end = node[3], node[4], node[1], node[1]
        elif node[0] == "assign" and node[4][0] in ("name", "prop", "lit"):
            target, value = node[4], node[5]
            names, key_start, key_end = (str(target[4] if target[0] == "prop" else target[3]),), target[1], target[2]
        else:
            continue
        for name in names:
            made[name] = value_of(code, value)
            made.at[name] = (code.source, key_start, key_end, value[1], value[2])
            if value[0] == "call" and called(value) == "credentials":
                id = argument(value, "id", 0)
                found = value_of(code, id) if id is not None else unknown(code, value)
                at = code.entry(value)
                made[name] = Unknown("run-time", f"credentials {found if isinstance(found, str) else ''}", "")
                secrets += [Secret(found, each, scope, at) for each in (name, f"{name}_USR", f"{name}_PSW")]
    return made, secrets


def bindings(code: Code, call: Node) -> list[Secret]:
    """The credentials that `withCredentials([…])` binds for the steps inside it."""
    found: list[Secret] = []
    listed = [arg[4] for arg in call[4] if arg[4][0] != "closure"]
    items = [item for node in listed for item in ([each[4] for each in node[3]] if node[0] == "list" else [node])]
    for item in items:
        args = item[4] if item[0] == "call" else item[3] if item[0] == "map" else ()
        given = {key: value for _, _, _, key, value in args if isinstance(key, str)}
        given |= {
            key: value
            for arg in args
            if arg[3] is None and arg[4][0] == "map"
            for _, _, _, key, value in arg[4][3]
            if isinstance(key, str)
        }
        at = code.entry(item)
        id = given.get("credentialsId")
        name = (
            value_of(code, id) if id is not None else Unknown("run-time", code.said(item), "write the credential's id")
        )
        named = [value_of(code, given[key]) for key in _VARIABLES if key in given]
        if item[0] == "call":
            named += _DEFAULT_VARIABLES.get(called(item), ()) if not named else ()
        found += [Secret(name, each, "step", at) for each in named] or [Secret(name, "", "step", at)]
    return found


_VARIABLES = (
    "variable", "passwordVariable", "usernameVariable", "keyFileVariable", "passphraseVariable", "accessKeyVariable",
    "secretKeyVariable", "keystoreVariable", "aliasVariable", "tokenVariable",
)  # fmt: skip
_DEFAULT_VARIABLES = {
    "aws": ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
    "azureServicePrincipal": ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID"),
}


def minutes(code: Code, call: Node) -> tuple[Any, Entry] | None:
    """What `timeout(time: 1, unit: 'HOURS')` allows, in minutes."""
    time = argument(call, "time", 0)
    if time is None:
        return None
    unit = argument(call, "unit", 1)
    value = value_of(code, time)
    word = value_of(code, unit) if unit is not None else "MINUTES"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isinstance(word, str) and word in _MINUTES:
        found = value * _MINUTES[word]
        return (int(found) if found == int(found) else found), code.entry(time)
    return Unknown("run-time", code.said(time), "write the time out"), code.entry(time)


_CAUSES = {
    "cron": "schedule", "parameterizedCron": "schedule", "pollSCM": "push", "upstream": "upstream",
    "githubPush": "push", "bitbucketPush": "push", "gitlab": "push", "gitee": "push", "githubBranches": "push",
    "githubPullRequests": "review", "ghprbTrigger": "review", "issueCommentTrigger": "review",
}  # fmt: skip


def triggers(code: Code, calls: Iterable[Node], found: Seq) -> None:
    """`triggers { cron('…'); upstream(…) }` as {event, cause, schedule}, each at its name."""
    for call in calls:
        event = called(call)
        if event:
            made = trigger(found, event, _CAUSES.get(event, "other"), (code.source, call[1], call[2]))
            first = call[4][0][4] if call[4] else None
            if first is not None and text_of(code, first) is not None:
                _entry(code, made, "schedule" if event.lower().endswith(("cron", "scm")) else "of", first)


def trigger(found: Seq, event: str, cause: str, span: tuple[int, int, int], implied: bool = False) -> Map:
    """Appends a trigger. implied: Jenkins starts every pipeline so that a branch of a repository holds."""
    source, start, end = span
    at = (source, start, start, start, end)
    made = Map(span)
    put(made, "event", event, at)
    put(made, "cause", cause, at)
    if implied:
        put(made, "implied", True, at)
    found.append(made)
    found.at.append(at)
    return made


def inputs(code: Code, calls: Iterable[Node], span: tuple[int, int, int]) -> Map:
    """`parameters { string(name: 'X'); choice(…) }` as {name: {type, default}}."""
    made = Map(span)
    for call in calls:
        name = argument(call, "name", 0)
        key = text_of(code, name) if name is not None else None
        if key is None or not called(call):
            continue
        assert name is not None
        spec = Map((code.source, call[1], call[2]))
        put(spec, "type", _TYPES.get(called(call), called(call)), code.entry(call))
        default = argument(call, "defaultValue", 1)
        if default is not None:
            _entry(code, spec, "default", default)
        made[str(key)] = spec
        made.at[str(key)] = (code.source, name[1], name[2], call[1], call[2])
    return made


_TYPES = {"booleanParam": "boolean", "choice": "choice", "string": "string", "text": "string", "password": "password"}
