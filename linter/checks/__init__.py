"""Generators for rules that data cannot say. A check sees the estate and yields verdicts; the engine stamps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from linter.model import Estate, Origin, Resource, Span, Unknown


class Verdict(NamedTuple):
    """What a check says of one resource at one place; see model.Judgement for the fields."""

    resource: Resource
    outcome: str
    message: str
    span: Span
    element: str = ""
    related: tuple[Origin, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


Check = Callable[..., Iterator[Verdict]]

CHECKS: dict[str, str] = {
    "references_resolve": "linter.checks.kubernetes:references_resolve",
    "probe_ports_exist": "linter.checks.kubernetes:probe_ports_exist",
    "service_ports_exist": "linter.checks.kubernetes:service_ports_exist",
    "selector_matches_template": "linter.checks.kubernetes:selector_matches_template",
    "promql_parses": "linter.checks.alerts:promql_parses",
    "runbook_resolves": "linter.checks.alerts:runbook_resolves",
    "alert_unique": "linter.checks.alerts:alert_unique",
    "relative_links_resolve": "linter.checks.documents:relative_links_resolve",
    "no_secrets": "linter.checks.documents:no_secrets",
    "required_sections": "linter.checks.runbooks:required_sections",
    "sections_not_empty": "linter.checks.runbooks:sections_not_empty",
    "no_placeholders": "linter.checks.runbooks:no_placeholders",
    "has_commands": "linter.checks.runbooks:has_commands",
    "rollback_told": "linter.checks.runbooks:rollback_told",
    "owner_named": "linter.checks.runbook_care:owner_named",
    "recently_dated": "linter.checks.runbook_care:recently_dated",
    "escalation_named": "linter.checks.runbook_care:escalation_named",
    "dangerous_guarded": "linter.checks.runbook_commands:dangerous_guarded",
    "scripts_exist": "linter.checks.runbook_commands:scripts_exist",
}
"""Check name → 'module:function', imported when a rule of the scan names it."""
