"""Monitoring that Terraform sets up: from a monitor to who is told to who is on call, and dashboards with places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linter.model import Estate, Resource
from tests.support import failed, scanned, write

ONCALL = """
resource "pagerduty_schedule" "shop" {
  name      = "shop"
  time_zone = "UTC"
}
resource "pagerduty_escalation_policy" "shop" {
  name = "Shop on call"
  rule {
    escalation_delay_in_minutes = 10
    target {
      type = "schedule_reference"
      id   = pagerduty_schedule.shop.id
    }
  }
  rule {
    escalation_delay_in_minutes = 10
    target {
      type = "user_reference"
      id   = "LEAD"
    }
  }
}
resource "pagerduty_service" "shop" {
  name              = "Shop"
  escalation_policy = pagerduty_escalation_policy.shop.id
}
resource "pagerduty_service_integration" "datadog" {
  service = pagerduty_service.shop.id
  vendor  = "DATADOG"
}
"""
DATADOG = """
resource "datadog_integration_pagerduty_service_object" "shop" {
  service_name = "shop"
  service_key  = pagerduty_service_integration.datadog.integration_key
}
resource "datadog_monitor" "down" {
  name     = "Shop is down"
  type     = "metric alert"
  query    = "avg(last_5m):avg:up{service:shop} < 1"
  message  = "See https://example.com/shop. {{#is_alert}}@pagerduty-shop{{/is_alert}} @slack-acme-shop, @a.b@example.com."
  priority = 1
}
"""
NEW_RELIC = """
resource "newrelic_alert_policy" "shop" {
  name = "Shop"
}
resource "newrelic_nrql_alert_condition" "slow" {
  policy_id   = newrelic_alert_policy.shop.id
  name        = "Shop is slow"
  runbook_url = "https://example.com/slow"
  nrql {
    query = "SELECT average(duration) FROM Transaction"
  }
  critical {
    operator  = "above"
    threshold = 5
  }
}
resource "newrelic_notification_channel" "pager" {
  name           = "Pager"
  type           = "PAGERDUTY_SERVICE_INTEGRATION"
  destination_id = "x"
}
resource "newrelic_workflow" "shop" {
  name = "Shop"
  issues_filter {
    name = "policy"
    type = "FILTER"
    predicate {
      attribute = "labels.policyIds"
      operator  = "EXACTLY_MATCHES"
      values    = [newrelic_alert_policy.shop.id]
    }
  }
  destination {
    channel_id = newrelic_notification_channel.pager.id
  }
}
"""
OPSGENIE = """
resource "opsgenie_team" "shop" {
  name = "shop"
}
resource "opsgenie_escalation" "shop" {
  name          = "shop"
  owner_team_id = opsgenie_team.shop.id
  rules {
    condition   = "if-not-acked"
    notify_type = "default"
    delay       = 1
    recipient {
      type = "user"
      id   = "x"
    }
  }
}
"""


def estate_of(root: Path, text: str, **files: str) -> Estate:
    return scanned(write(root, {"main.tf": text, **files}), "alert-has-severity").estate


def named(estate: Estate, kind: str) -> Resource:
    (found,) = estate.kinds[kind]
    return found


def follow(estate: Estate, start: Resource, name: str) -> list[Resource]:
    return [link.target for link in estate.outgoing.get(id(start), ()) if link.name == name]


def written(estate: Estate, resource: Resource) -> str:
    source, start, end = resource.anchor
    return estate.sources[source].text[start:end]


def test_from_a_monitor_of_datadog_to_who_is_on_call(tmp_path: Path) -> None:
    estate = estate_of(tmp_path, ONCALL + DATADOG)
    alert = named(estate, "monitoring/alert")
    assert (alert.name, alert.body["labels"], alert.context["pages"]) == ("Shop is down", {"severity": "P1"}, True)
    assert alert.body["annotations"]["runbook_url"] == "https://example.com/shop"
    assert [r.target for r in alert.references if r.name == "notifies"] == [
        "pagerduty-shop",
        "slack-acme-shop",
        "a.b@example.com",
    ]
    assert written(estate, alert) == '"Shop is down"'
    (receiver,) = follow(estate, alert, "notifies")
    assert (receiver.name, list(receiver.body)) == ("pagerduty-shop", ["name", "pagerduty_configs"])
    (escalation,) = follow(estate, receiver, "escalates")
    assert (escalation.name, len(escalation.body["levels"])) == ("Shop on call", 2)
    assert escalation is named(estate, "monitoring/escalation")


def test_from_a_condition_of_new_relic_to_its_channel(tmp_path: Path) -> None:
    estate = estate_of(tmp_path, NEW_RELIC)
    alert = named(estate, "monitoring/alert")
    assert alert.body["query"].startswith("SELECT")
    assert alert.body["annotations"] == {"runbook_url": "https://example.com/slow"}
    (receiver,) = follow(estate, alert, "notifies")
    assert list(receiver.body) == ["name", "pagerduty_configs"]


def test_an_escalation_of_opsgenie_has_levels(tmp_path: Path) -> None:
    estate = estate_of(tmp_path, OPSGENIE)
    assert len(named(estate, "monitoring/escalation").body["levels"]) == 1
    assert named(estate, "monitoring/receiver").name == "shop"


BOARD = {
    "title": "Shop",
    "uid": "shop",
    "schemaVersion": 39,
    "panels": [{"type": "stat", "targets": [{"expr": 'up{job="web"}'}]}],
}


@pytest.mark.parametrize(
    ("argument", "place"),
    [
        ('file("${path.module}/shop.json")', "shop.json"),
        ("<<EOT\n" + json.dumps(BOARD, indent=2) + "\nEOT", "main.tf"),
        ("jsonencode(" + json.dumps(BOARD) + ")", "main.tf"),
    ],
)
def test_a_dashboard_of_terraform(tmp_path: Path, argument: str, place: str) -> None:
    text = 'resource "grafana_dashboard" "shop" {\n  config_json = ' + argument + "\n}\n"
    files = {"shop.json": json.dumps(BOARD)} if place == "shop.json" else {}
    estate = estate_of(tmp_path, text, **files)
    (board,) = (
        each for each in estate.kinds["monitoring/dashboard"] if each.address == "grafana_dashboard.shop:dashboard"
    )
    assert (board.name, board.body["uid"], len(board.body["panels"])) == ("Shop", "shop", 1)
    assert written(estate, board) == '"Shop"'
    assert estate.sources[board.anchor[0]].path == place


def test_a_file_and_the_dashboard_made_of_it_are_one(tmp_path: Path) -> None:
    text = 'resource "grafana_dashboard" "shop" {\n  config_json = file("${path.module}/shop.json")\n}\n'
    write(tmp_path, {"main.tf": text, "shop.json": json.dumps(BOARD)})
    assert failed(scanned(tmp_path, "grafana-dashboard-valid")) == []


@pytest.mark.parametrize(
    "text",
    [
        'variable "m" {}\nresource "datadog_monitor" "a" {\n  name = var.m\n  message = var.m\n  priority = var.m\n}\n',
        'resource "datadog_monitor" "a" {}\n',
        'resource "newrelic_nrql_alert_condition" "a" {\n  nrql {}\n}\n',
        'resource "grafana_dashboard" "a" {\n  config_json = "{"\n}\n',
        'variable "m" {}\nresource "grafana_dashboard" "a" {\n  config_json = var.m\n}\n',
        'resource "grafana_contact_point" "a" {\n  name = "a"\n  pagerduty {}\n}\n',
        'resource "opsgenie_escalation" "a" {}\nresource "pagerduty_service" "a" {}\n',
        'variable "m" {}\nresource "datadog_webhook" "a" {\n  name = var.m\n}\n',
    ],
)
def test_what_is_missing_or_unknown_breaks_nothing(tmp_path: Path, text: str) -> None:
    scan = scanned(write(tmp_path, {"main.tf": text}), full=True)
    assert [failure for failure in scan.report.failures if "crashed" in failure.id] == []


def test_monitors_kept_as_json_are_alerts(tmp_path: Path) -> None:
    monitor = {
        "name": "Shop is slow",
        "type": "metric alert",
        "query": "avg(last_5m):avg:latency{service:shop} > 1",
        "message": "Look. @opsgenie-shop",
        "options": {"thresholds": {"critical": 1}},
    }
    write(tmp_path, {"one.json": json.dumps(monitor), "list.json": json.dumps([monitor], indent=1), "other.json": "{}"})
    scan = scanned(tmp_path, "alert-has-runbook-url")
    assert [each.address for each in scan.estate.kinds["monitoring/alert"]] == [
        "list.json/Shop is slow",
        "one.json/Shop is slow",
    ]
    assert [f.place.path for f in failed(scan)] == ["list.json", "one.json"]
    for alert in scan.estate.kinds["monitoring/alert"]:
        assert written(scan.estate, alert) == '"Shop is slow"'
        assert [each.target for each in alert.references] == ["opsgenie-shop"]
