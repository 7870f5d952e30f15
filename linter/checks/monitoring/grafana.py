"""Checks of Grafana: dashboards that load, datasources that exist and keep their credentials, nobody let in unasked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, Entry, Estate, Map, Origin, Resource, Span, Unknown, handle
from linter.text import credential_in, safe_line
from linter.trees import as_map, maps, says

BUILT_IN = frozenset(
    ("grafana", "default", "mixed", "-- grafana --", "-- mixed --", "-- dashboard --", "__expr__", "-100")
)
"""Datasources every Grafana has, by uid or name (pkg/services/datasources; expressions are __expr__)."""
_PUBLIC = frozenset(("tlscacert", "tlsclientcert", "servername"))
"""Entries of secureJsonData that hold certificates, which are no secrets."""
_FILLED = ("changeme", "example", "placeholder", "replace", "redacted", "xxx", "todo")


def dashboards_load(estate: Estate, *, kind: str = "monitoring/dashboard") -> Iterator[Verdict]:
    """A dashboard has a uid of its own, and the datasources its panels name by a variable are variables it has.

    Two dashboards of one folder and environment meet in one Grafana, which keeps the last; operators make up uids.
    """
    first: dict[tuple[Any, ...], Resource] = {}
    for board in estate.of_kind(kind):
        uid, fine = board.body.get("uid"), True
        if isinstance(uid, str) and uid:
            environment = board.environment.name if board.environment else ""
            known = first.setdefault((board.unit, environment, _namespace(board), uid), board)
            if _place(estate, known) != _place(estate, board):
                message = (
                    f"The uid of {safe_line(board.name, 80)} is another dashboard's, too: Grafana keeps one of them."
                )
                span = handle(uid, board.body.at["uid"])
                yield Verdict(board, FAIL, message, span, "uid", (Origin("the other dashboard", known.anchor),))
                fine = False
        elif (uid is None or uid == "") and not says(board.context["object"].get("kind"), "GrafanaDashboard"):
            message = f"{safe_line(board.name, 80)} has no uid: each Grafana gives it another, and links to it break."
            yield Verdict(board, FAIL, message, board.anchor, "uid")
            fine = False
        for name, span in _loose_variables(board):
            message = (
                f"The datasource ${{{safe_line(name, 60)}}} is no variable of this dashboard: its panels stay empty."
            )
            yield Verdict(board, FAIL, message, span, f"variable:{name}")
            fine = False
        if fine:
            yield Verdict(board, PASS, f"{safe_line(board.name, 80)} has a uid of its own.", board.anchor)


def _place(estate: Estate, board: Resource) -> tuple[str, int]:
    return estate.sources[board.anchor[0]].path, board.anchor[1]


def _namespace(board: Resource) -> Any:
    return as_map(board.context["object"].get("metadata")).get("namespace")


def _loose_variables(board: Resource) -> Iterator[tuple[str, Span]]:
    """Variables that name datasources and that the dashboard does not have, each where it first stands.

    What `__inputs` declare is filled in when a person imports the file; a ConfigMap's file nobody imports.
    """
    holder = board.context["object"]
    names = {str(each.get("name")) for each in maps(board.body.get("variables"))}
    operator = "datasources" in as_map(holder.get("spec"))
    if str(holder.get("kind")) not in ("ConfigMap", "Secret") or operator:
        names |= {str(each.get("name")) for each in maps(board.body.get("inputs"))}
    if operator or isinstance(board.body.get("variables"), Unknown):
        return
    for value, entry in datasources_of(board.body):
        name = _variable(value)
        if name is not None and name not in names and not name.startswith("__"):
            names.add(name)
            yield name, handle(value, entry)


def datasources_of(body: Map) -> Iterator[tuple[str, Entry]]:
    """The uids and names of datasources that a dashboard's panels and queries give, with where. body: its facts."""
    for panel in maps(body.get("panels")):
        for owner in (panel, *maps(panel.get("targets"))):
            source = owner.get("datasource")
            if isinstance(source, str):
                yield source, owner.at["datasource"]
            elif isinstance(source, Map):
                for key in ("uid", "name"):
                    if isinstance(source.get(key), str):
                        yield source[key], source.at[key]
                        break


def _variable(text: str) -> str | None:
    """The variable that a text is, in any of Grafana's three ways to write one."""
    if text.startswith("${") and text.endswith("}"):
        return text[2:-1].partition(":")[0].partition(".")[0]
    if text.startswith("[[") and text.endswith("]]"):
        return text[2:-2].partition(":")[0]
    return text[1:] if text.startswith("$") and text[1:].isidentifier() else None


def datasources_provisioned(estate: Estate, *, kind: str = "monitoring/dashboard") -> Iterator[Verdict]:
    """A dashboard's datasource is one that is provisioned, where the repository provisions any.

    Not judged where a chart's values give them, since charts add some of their own, and where one has no uid, since
    Grafana makes one up.
    """
    sources = [*estate.of_kind("monitoring/datasource")]
    if not sources or any(_made_up(each) for each in sources):
        return
    for board in estate.of_kind(kind):
        there = [
            each
            for each in sources
            if not (each.environment and board.environment) or each.environment == board.environment
        ]
        known = {str(each.body.get("uid")) for each in there} | {each.name for each in there}
        if not there:
            continue
        missing: dict[str, Entry] = {}
        for name, entry in datasources_of(board.body):
            if name not in known and name.lower() not in BUILT_IN and "$" not in name and "[[" not in name:
                missing.setdefault(name, entry)
        for name, entry in missing.items():
            message = f"No provisioned datasource is called {safe_line(name, 80)}: the panels that ask it stay empty."
            related = (Origin("datasources are provisioned here", there[0].anchor),)
            yield Verdict(board, FAIL, message, handle(name, entry), f"datasource:{name}", related)
        if not missing:
            yield Verdict(board, PASS, f"The datasources of {safe_line(board.name, 80)} are provisioned.", board.anchor)


def _made_up(source: Resource) -> bool:
    holder = source.context["object"]
    values = "kind" not in holder and holder.get("apiVersion") != 1
    return values or says(holder.get("kind"), "HelmRelease") or not isinstance(source.body.get("uid"), str)


def datasources_without_secrets(estate: Estate, *, kind: str = "monitoring/datasource") -> Iterator[Verdict]:
    """No credential of a datasource is written out: not below secureJsonData, not as a password, not in its address."""
    for source in estate.of_kind(kind):
        fine = True
        for key, value, entry in _credentials(source.body):
            if not isinstance(value, str) or (key != "url" and _is_filled_in(value)):
                continue
            message = f"The {safe_line(key, 60)} of the datasource {safe_line(source.name, 80)} is written out."
            yield Verdict(source, FAIL, message, handle(value, entry), key)
            fine = False
        if fine:
            yield Verdict(source, PASS, f"{safe_line(source.name, 80)} has no credential written out.", source.anchor)


def _credentials(body: Map) -> Iterator[tuple[str, Any, Entry]]:
    secure = as_map(body.get("secureJsonData"))
    for key, value in secure.items():
        if str(key).lower() not in _PUBLIC:
            yield f"secureJsonData.{key}", value, secure.at[key]
    for key in ("password", "basicAuthPassword"):
        if key in body:
            yield key, body[key], body.at[key]
    url = body.get("url")
    if isinstance(url, str) and "@" in url and "$" not in url and credential_in(url) is not None:
        yield "url", url, body.at["url"]


def _is_filled_in(value: str) -> bool:
    """Whether something fills a value in later, or it says of itself that it is none."""
    low = value.lower()
    return len(value) < 4 or any(s in value for s in ("$", "{{", "<", "ENC[")) or any(word in low for word in _FILLED)
