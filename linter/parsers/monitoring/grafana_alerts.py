"""Grafana's own alerting in the words of Prometheus and Alertmanager, so that the same rules judge it.

https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.trees import as_map, at_path, maps, put

DEEPEST = 40
_SIGNS = ("=", "!=", "=~", "!~")


def alerts_of(tree: Map) -> Iterator[tuple[str, str, Map, str]]:
    """(kind, address, body, naming key) of the rules of a file.

    body: alert, labels, annotations, for, and `expr` where one query in PromQL says what is watched; `receiver` where
    the rule itself names who is told.
    """
    for group in maps(tree.get("groups")):
        called = group.get("name")
        for rule in maps(group.get("rules")):
            title = rule.get("title")
            if isinstance(title, str) and isinstance(rule.get("data"), Seq) and "alert" not in rule:
                body = _alert(rule)
                yield "alert", f"{called}/{title}" if isinstance(called, str) else title, body, "alert"


def _alert(rule: Map) -> Map:
    body = Map(rule.span)
    put(body, "alert", rule["title"], rule.at["title"])
    for key in ("labels", "annotations", "for", "isPaused", "uid"):
        if key in rule:
            put(body, key, rule[key], rule.at[key])
    queries = [
        (model["expr"], model.at["expr"])
        for query in maps(rule.get("data"))
        if isinstance((model := as_map(query.get("model"))).get("expr"), str) and _is_promql(query, model)
    ]
    if len(queries) == 1:
        put(body, "expr", *queries[0])
    settings = rule.get("notification_settings")
    if isinstance(settings, Map) and isinstance(settings.get("receiver"), str):
        put(body, "receiver", settings["receiver"], settings.at["receiver"])
    return body


def _is_promql(query: Map, model: Map) -> bool:
    kind = at_path(model, ("datasource", "type"))
    source = query.get("datasourceUid")
    return (kind is None or kind == "prometheus") and not (isinstance(source, str) and source in ("__expr__", "-100"))


def receiver_body(point: Map) -> Map | None:
    """A contact point as Alertmanager's receiver: `pagerduty_configs` and so on hold its settings."""
    name = point.get("name")
    if not isinstance(name, str):
        return None
    body = Map(point.span)
    put(body, "name", name, point.at["name"])
    listed = point.get("receivers")
    if isinstance(listed, Unknown):
        body.open = listed
    for integration in maps(listed):
        kind = integration.get("type")
        if not isinstance(kind, str):
            continue
        key, settings = f"{kind.lower()}_configs", integration.get("settings")
        entry: Entry = integration.at["settings"] if "settings" in integration else integration.at["type"]
        configs = body.get(key)
        if not isinstance(configs, Seq):
            configs = Seq(integration.span)
            put(body, key, configs, entry)
        configs.append(settings if isinstance(settings, Map) else Map((entry[0], entry[3], entry[4])))
        configs.at.append((entry[0], entry[3], entry[3], entry[3], entry[4]))
    return body


def route_body(policy: Map, receivers: list[Map]) -> Map:
    """A tree of policies as Alertmanager's configuration. Receivers nobody wrote down are unknown, but that there are some."""
    body = Map(policy.span)
    source, start, end = policy.span
    whole: Entry = (source, start, start, start, end)
    put(body, "route", _route(policy, 0), whole)
    listed = Seq(policy.span)
    for receiver in receivers:
        listed.append(receiver)
        listed.at.append((receiver.span[0], receiver.span[1], receiver.span[1], *receiver.span[1:]))
    if not receivers:
        listed.open = Unknown(
            "other-unit", "Grafana's contact points", "Provision the contact points beside the policies."
        )
    put(body, "receivers", listed, whole)
    return body


def _route(policy: Map, depth: int) -> Map:
    route = Map(policy.span)
    for key in ("receiver", "continue", "match", "match_re", "matchers"):
        if key in policy:
            put(route, key, policy[key], policy.at[key])
    listed = policy.get("object_matchers")
    if isinstance(listed, Seq):
        put(route, "matchers", _matchers(listed), policy.at["object_matchers"])
    routes = policy.get("routes")
    if isinstance(routes, Seq) and depth < DEEPEST:
        children = Seq(routes.span)
        for child, place in zip(routes, routes.at, strict=True):
            children.append(_route(child, depth + 1) if isinstance(child, Map) else child)
            children.at.append(place)
        put(route, "routes", children, policy.at["routes"])
    return route


def _matchers(listed: Seq) -> Seq:
    """`[label, sign, value]` as matchers; what is none is kept, and read by nobody."""
    found = Seq(listed.span)
    for each, place in zip(listed, listed.at, strict=True):
        found.append(_matcher(each) if isinstance(each, Seq) and len(each) == 3 else each)
        found.at.append(place)
    return found


def _matcher(each: Seq) -> Any:
    if not all(isinstance(part, str) for part in each) or each[1] not in _SIGNS:
        return each
    matcher = Map(each.span)
    for key, part, place in zip(("name", "matchType", "value"), each, each.at, strict=True):
        put(matcher, key, part, place)
    return matcher
