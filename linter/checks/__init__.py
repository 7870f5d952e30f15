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
}
"""Check name → 'module:function', imported when a rule of the scan names it."""
