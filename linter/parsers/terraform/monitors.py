"""Monitoring that Terraform sets up in other systems, in the form that Prometheus' and Grafana's files have.

Encodes the providers DataDog/datadog, newrelic/newrelic, PagerDuty/pagerduty, opsgenie/opsgenie and grafana/grafana:
kinds `monitoring/alert`, `monitoring/receiver`, `monitoring/escalation`, `monitoring/dashboard`,
`monitoring/datasource`. Context: owner, object (the owner's body), system, of an alert also group and pages (whether it
tells somebody who is woken).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Reference, Resource, Seq, handle
from linter.parsers.terraform.instances import Key
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.parts import part
from linter.trees import maps, put

CONDITIONS = frozenset(
    ("newrelic_nrql_alert_condition", "newrelic_alert_condition", "newrelic_infra_alert_condition",
     "newrelic_synthetics_alert_condition", "newrelic_synthetics_multilocation_alert_condition")
)  # fmt: skip
_HANDLES = {
    "datadog_integration_pagerduty_service_object": ("pagerduty", ("service_name",)),
    "datadog_integration_opsgenie_service_object": ("opsgenie", ("name",)),
    "datadog_integration_slack_channel": ("slack", ("account_name", "channel_name")),
    "datadog_webhook": ("webhook", ("name",)),
}
"""Type → what its handle in a monitor's message begins with, and the arguments the rest is made of."""
_RECEIVERS = {
    "pagerduty_service": "pagerduty", "opsgenie_api_integration": "opsgenie", "opsgenie_team": "opsgenie",
    "newrelic_notification_channel": "", "newrelic_alert_channel": "", "grafana_contact_point": "",
}  # fmt: skip
"""Type → what it notifies by; '' where an argument says so."""
_ESCALATIONS = {"pagerduty_escalation_policy": "rule", "opsgenie_escalation": "rules"}


def normalised(resource: Resource, module: Module | None, item: Item | None, key: Key = None) -> Iterator[Resource]:
    """What a resource of another system's provider is in the common form."""
    type = resource.kind.removeprefix("terraform/")
    if type == "datadog_monitor":
        yield _monitor(resource)
    elif type in CONDITIONS:
        yield _condition(resource)
    elif type in _HANDLES:
        prefix, arguments = _HANDLES[type]
        words = [word for argument in arguments if isinstance(word := resource.body.get(argument), str)]
        if len(words) == len(arguments):
            name = "-".join((prefix, *(word.removeprefix("#") for word in words)))
            yield _receiver(resource, name, prefix, arguments[-1])
    elif type in _RECEIVERS:
        called = resource.body.get("name")
        yield _receiver(resource, called if isinstance(called, str) else resource.name, _RECEIVERS[type], "name")
    elif type in _ESCALATIONS:
        yield _escalation(resource, _ESCALATIONS[type])
    elif type == "grafana_dashboard":
        yield from _dashboard(resource, module, item, key)
    elif type == "grafana_data_source":
        yield _datasource(resource)


def _made(resource: Resource, kind: str, body: Map, named: str, context: dict[str, Any]) -> Resource:
    """named: the argument that names it, at which it is shown."""
    anchor = handle(resource.body[named], resource.body.at[named]) if named in resource.body else resource.anchor
    system = resource.kind.removeprefix("terraform/").partition("_")[0]
    context["object"], context["system"] = resource.body, system
    made = part(resource, f"monitoring/{kind}", kind, body, anchor, resource.extent, context)
    name = resource.body.get(named)
    made.name = name if isinstance(name, str) else resource.name
    return made


def _alert(resource: Resource, query: Any, entry: Entry | None) -> Map:
    body = Map(resource.body.span)
    source, start, end = resource.anchor
    written = resource.body
    put(body, "alert", written.get("name"), written.at.get("name") or (source, start, start, start, end))
    if entry is not None:
        put(body, "query", query, entry)
    return body


def _monitor(resource: Resource) -> Resource:
    from linter.parsers.monitoring.datadog import monitor, pages

    source, start, end = resource.anchor
    body, told = monitor(resource.body, (source, start, start, start, end))
    alert = _made(resource, "alert", body, "name", {"group": Map(body.span), "pages": pages(told)})
    alert.references += [Reference("notifies", "message", name) for name in told]
    return alert


def _condition(resource: Resource) -> Resource:
    """A condition of New Relic's; its policy says through workflows who is told."""
    written = resource.body
    nrql = next(iter(maps(written.get("nrql"))), None)
    query = nrql.get("query") if nrql is not None else None
    entry = nrql.at.get("query") if nrql is not None else None
    body = _alert(resource, query, entry)
    annotations = Map(written.span)
    for key in ("runbook_url", "description"):
        if key in written:
            put(annotations, key, written[key], written.at[key])
    if annotations:
        put(body, "annotations", annotations, next(iter(annotations.at.values())))
    return _made(resource, "alert", body, "name", {"group": Map(written.span), "pages": False})


def _receiver(resource: Resource, name: str, by: str, named: str) -> Resource:
    body = Map(resource.body.span)
    source, start, end = resource.anchor
    whole: Entry = (source, start, start, start, end)
    put(body, "name", name, resource.body.at.get(named) or whole)
    kinds = [by] if by else [str(kind) for kind in _kinds(resource)]
    for kind in kinds:
        configs = Seq(resource.body.span)
        configs.append(resource.body)
        configs.at.append(whole)
        put(body, f"{kind.lower()}_configs", configs, whole)
    receiver = _made(resource, "receiver", body, named, {})
    receiver.name = name
    return receiver


def _kinds(resource: Resource) -> list[str]:
    """How a contact point or channel notifies: Grafana's has a block of each kind, New Relic's says its type."""
    if resource.kind == "terraform/grafana_contact_point":
        return [key for key, value in resource.body.items() if isinstance(value, Seq) and value and key != "name"]
    kind = resource.body.get("type")
    return [kind.partition("_")[0]] if isinstance(kind, str) else []


def _escalation(resource: Resource, blocks: str) -> Resource:
    """levels: who is told first, and who if nobody answers, in order."""
    written = resource.body
    body = Map(written.span)
    body.open = written.open
    for key, named in (
        ("name", "name"),
        ("levels", blocks),
        ("repeat", "num_loops"),
        ("owner_team_id", "owner_team_id"),
    ):
        if named in written:
            put(body, key, written[named], written.at[named])
    return _made(resource, "escalation", body, "name", {})


def _dashboard(resource: Resource, module: Module | None, item: Item | None, key: Key) -> Iterator[Resource]:
    from linter.parsers.monitoring.dashboards import dashboard_in, facts
    from linter.parsers.terraform.policy_text import document

    value = resource.body.get("config_json")
    if value is None:
        return
    place = resource.body.at["config_json"]
    node, scope = None, None
    found = item.attributes.get("config_json") if item is not None else None
    if found is not None and module is not None and item is not None:
        node, scope = found[1].expr, module.item_scopes(item, key)[found[0]]
    tree = document(value, node, module, scope, (place[0], place[3], place[4]))
    dashboard = dashboard_in(tree)
    if dashboard is None:
        return
    made = _made(resource, "dashboard", facts(dashboard, tree), "", {})
    made.name = dashboard["title"]
    made.anchor = handle(dashboard["title"], dashboard.at["title"])
    yield made


def _datasource(resource: Resource) -> Resource:
    """Its secrets are judged as the arguments of a Terraform resource; what is left is what it is called."""
    written = resource.body
    body = Map(written.span)
    for key in ("name", "type", "uid", "url"):
        if key in written:
            put(body, key, written[key], written.at[key])
    return _made(resource, "datasource", body, "name", {})
