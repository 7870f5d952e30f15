"""What an Azure job hands on and holds: artifacts, caches, credentials, approvals, told by its steps and its environment.

Encodes https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/ and …/library/service-endpoints.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Resource, Seq
from linter.parsers.pipelines.azure_forms import named, plain, scalar_at
from linter.parsers.pipelines.azure_scope import written_variables
from linter.parsers.pipelines.azure_steps import Place
from linter.parsers.pipelines.azure_tasks import table_name
from linter.parsers.pipelines.model import texts
from linter.trees import as_map, maps, put

_CONNECTIONS = frozenset(
    """azuresubscription azuresubscriptionendpoint connectedservicename connectedservicenamearm
    connectedserviceconnection azureresourcemanagerconnection kubernetesserviceendpoint kubernetesserviceconnection
    dockerregistryserviceconnection dockerregistryendpoint dockerregistryconnection containerregistry
    azurecontainerregistryserviceconnection sshendpoint awscredentials externalendpoint externalendpoints
    nugetserviceconnections publishendpoint publishfeedcredentials customendpoint pypiconnection githubconnection
    serviceconnection serviceconnectionname serviceendpoint serviceendpointname sonarqube sonarcloud
    backendservicearm environmentservicenamearm environmentservicenameaws environmentservicenamegcp
    backendserviceaws backendservicegcp azureconnection azurermsubscription armconnection ftpendpoint serverendpoint
    octoconnectedservicename authenticationtype_serviceconnection jenkinsconnection snykendpoint serviceprincipal
    workspaceserviceconnection slackconnection keyvaultserviceconnection appsstoreserviceendpoint""".split()  # noqa: SIM905
)  # fmt: skip
"""Inputs of tasks, in lower case, that name a service connection."""
_SECURE = frozenset(("securefile", "certsecurefile", "provprofilesecurefile", "keystorefile", "sshkeysecurefile"))
_UP = {"publishpipelineartifact": ("artifactname", "artifact"), "publishbuildartifacts": ("artifactname",)}
_DOWN = {
    "downloadpipelineartifact": ("artifactname", "artifact"), "downloadbuildartifacts": ("artifactname",),
    "downloadpipelineartifacts": ("artifactname",), "downloadgithubrelease": ("itempattern",),
}  # fmt: skip
_PATHS = ("targetpath", "pathtopublish", "path", "downloadpath")
_APPROVING = frozenset(("manualvalidation", "manualintervention"))


def kept(body: Map, steps: list[Resource], at: Entry) -> None:
    """Adds artifacts, caches, credentials and approvals to a job's body."""
    credentials: list[tuple[str, str, Entry]] = []
    approvals: list[tuple[str, str, Entry]] = []
    artifacts, caches = Seq((at[0], at[1], at[4])), Seq((at[0], at[1], at[4]))
    for each in steps:
        uses, inputs = as_map(each.body.get("uses")), as_map(each.body.get("with"))
        name = table_name(plain(uses.get("name")))
        credentials += _connections(inputs)
        _artifact(artifacts, name, inputs, uses, at)
        if name in ("cache", "cachebeta"):
            _cache(caches, inputs, at)
        if name in _APPROVING and each.body.get("enabled") is not False:
            approvals.append((each.name, "manual", _anchored(each)))
        credentials += _tokens(each)
    environment = as_map(body.get("environment"))
    if plain(environment.get("name")):
        approvals.append((plain(environment["name"]), "environment", environment.at["name"]))
    if body.get("deployment") is not None:
        _implied(artifacts, body)
    credentials += _groups(body.get("variables"))
    for holder in (body.get("container"), *as_map(body.get("services")).values()):
        if isinstance(holder, Map) and plain(holder.get("endpoint")):
            credentials.append((plain(holder["endpoint"]), "connection", holder.at["endpoint"]))
    artifacts = _without_none(artifacts)
    for key, found in (("credentials", named(credentials, at)), ("approvals", named(approvals, at)),
                       ("artifacts", artifacts), ("caches", caches)):  # fmt: skip
        if found:
            put(body, key, found, at)


def _anchored(step: Resource) -> Entry:
    source, start, end = step.anchor
    return source, start, start, start, end


def _connections(inputs: Map) -> list[tuple[str, str, Entry]]:
    found = []
    for key, value in inputs.items():
        low = str(key).lower()
        if low in _CONNECTIONS and plain(value):
            found.append((plain(value), "connection", inputs.at[key]))
        elif low in _SECURE and plain(value):
            found.append((plain(value), "secret", inputs.at[key]))
    return found


def _tokens(step: Resource) -> list[tuple[str, str, Entry]]:
    """The run's own token, where a step is handed it."""
    found = []
    for holder in (as_map(step.body.get("env")), as_map(step.body.get("with"))):
        for key, value in holder.items():
            if isinstance(value, str) and "system.accesstoken" in value.lower():
                found.append(("System.AccessToken", "token", holder.at[key]))
    return found


def _groups(variables: Any) -> list[tuple[str, str, Entry]]:
    return [
        (plain(item["group"]), "variable", item.at["group"]) for item in maps(variables) if plain(item.get("group"))
    ]


def groups(variables: Any, at: Entry) -> Seq:
    """The variable groups of a `variables:` section as credentials."""
    return named(_groups(variables), at)


def _of(inputs: Map, names: tuple[str, ...]) -> Any:
    return next((key for key in inputs if str(key).lower() in names), None)


def _artifact(artifacts: Seq, name: str, inputs: Map, uses: Map, at: Entry) -> None:
    if name in ("publish", "upload"):
        _add(artifacts, inputs, _of(inputs, ("artifact",)), _of(inputs, ("publish", "upload")), "up", at)
    elif name == "download":
        _add(artifacts, inputs, _of(inputs, ("artifact",)), None, "down", at, plain(uses.get("raw")).lower() == "none")
    elif name in _UP:
        _add(artifacts, inputs, _of(inputs, _UP[name]), _of(inputs, _PATHS), "up", at)
    elif name in _DOWN:
        _add(artifacts, inputs, _of(inputs, _DOWN[name]), _of(inputs, _PATHS), "down", at)


def _add(artifacts: Seq, inputs: Map, key: Any, path: Any, way: str, at: Entry, none: bool = False) -> None:
    entry = inputs.at[key] if key is not None else next(iter(inputs.at.values()), at)
    made = Map((entry[0], entry[3], entry[4]))
    put(made, "name", "none" if none else plain(inputs[key]) if key is not None else "", scalar_at(entry))
    if path is not None:
        put(made, "paths", texts([plain(inputs[path])], inputs.at[path]), inputs.at[path])
    put(made, "way", way, scalar_at(entry))
    if none:
        put(made, "none", True, scalar_at(entry))
    artifacts.append(made)
    artifacts.at.append(scalar_at(entry))


def _implied(artifacts: Seq, body: Map) -> None:
    """A deployment downloads all artifacts of its run, unless it says `download: none`."""
    if any(each.get("none") for each in maps(artifacts)):
        return
    entry = body.at["deployment"]
    made = Map((entry[0], entry[1], entry[2]))
    put(made, "name", "*", (entry[0], entry[1], entry[1], entry[1], entry[2]))
    put(made, "way", "down", (entry[0], entry[1], entry[1], entry[1], entry[2]))
    artifacts.append(made)
    artifacts.at.append((entry[0], entry[1], entry[1], entry[1], entry[2]))


def _without_none(artifacts: Seq) -> Seq:
    made = Seq(artifacts.span)
    for item, at in zip(artifacts, artifacts.at, strict=True):
        if not item.get("none"):
            made.append(item)
            made.at.append(at)
    return made


def _cache(caches: Seq, inputs: Map, at: Entry) -> None:
    made = Map((at[0], at[1], at[4]))
    for key, value in inputs.items():
        low = str(key).lower()
        if low == "key":
            put(made, "key", value, inputs.at[key])
        elif low == "path":
            put(made, "paths", texts([plain(value)], inputs.at[key]), inputs.at[key])
    caches.append(made)
    caches.at.append(next(iter(made.at.values()), at))


def variables_of(place: Place, section: Any, span: tuple[int, int, int]) -> Map:
    """The variables of a section as the environment they become, as written."""
    env = Map(span)
    for name, value, entry in written_variables(section):
        put(env, name, place.found.raw.get((entry[0], entry[3]), value), entry)
    return env
