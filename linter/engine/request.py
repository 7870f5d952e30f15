"""What a scan is asked for, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from linter.config import Settings
from linter.model import Estate, Judgement
from linter.records import NamedTuple
from linter.report import Baseline, Report
from linter.scope import Scope

if TYPE_CHECKING:
    from linter.fixes.plan import Plan
    from linter.scanners.outside import Outside


class Request(NamedTuple):
    """What was asked for. root: absolute folder. scope: what is reported. as_of: ISO date. full: passes and unknowns
    with their places are wanted. frameworks: ids to evaluate besides those the gate requires. base: on a pull request,
    the folder that holds the base's policy and, at their own paths, its artifacts with inline waivers. renderers: asked-for
    programs that make manifests of templates, by name. outside: other tools whose findings join ours. baseline: the known
    faults."""

    root: str
    name: str
    scope: Scope
    settings: Settings
    as_of: str
    frameworks: tuple[str, ...] = ()
    isolated: bool = False
    allow_empty: bool = False
    full: bool = False
    only_rules: tuple[str, ...] = ()
    base: str | None = None
    renderers: Mapping[str, Callable[..., Any]] = {}
    outside: Outside | None = None
    baseline: Baseline | None = None


class Scan(NamedTuple):
    """A report with what only tests, the checklist and `--fix` look at. plan: what would end its findings."""

    report: Report
    estate: Estate
    judgements: tuple[Judgement, ...]
    plan: Callable[[], Plan]
