"""One scan from a request to the report every reporter renders."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from typing import Any

from linter.engine.conclude import conclude
from linter.engine.conclude import info as info
from linter.engine.estate import read_estate
from linter.engine.judge import judge
from linter.engine.request import Request as Request
from linter.engine.request import Scan as Scan
from linter.model import Estate, Failure, Place
from linter.rules.model import Rule
from linter.rules.pack import Pack


def scan(request: Request, pack: Pack, progress: Callable[[str], None], condemned: Mapping[str, str]) -> Scan:
    """Read, expand, link, judge and decide. Never raises for anything the scanned tree says."""
    gc.disable()
    settings = {**request.settings.data, "as-of": request.as_of, "renderers": request.renderers}
    only = request.scope.covers if request.isolated else None
    reading = read_estate(request.root, settings, progress, condemned, only)
    asked = _frameworks(request, pack)
    rules = _rules(request, pack, reading.estate, {framework["id"] for framework in asked})
    failures = reading.failures
    crashed = _crash_collector(failures)
    judgements = judge(reading.estate, rules, evidence=request.full or bool(asked), progress=progress, crashed=crashed)
    if request.outside is not None:
        request.outside.wait(progress)
    progress("report")
    return conclude(request, pack, reading, rules, judgements, asked)


def _frameworks(request: Request, pack: Pack) -> list[dict[str, Any]]:
    wanted = [
        *request.frameworks,
        *(item["id"] for item in request.settings.data.get("gate", {}).get("frameworks", ())),
    ]
    return [pack.framework(id) for id in dict.fromkeys(wanted) if id in pack.framework_ids]


def _rules(request: Request, pack: Pack, estate: Estate, asked: set[str]) -> list[Rule]:
    """The rules that run: those for what the estate holds, without the disabled ones and those that only a framework
    nobody asked for wants judged."""
    configured = request.settings.data.get("rules", {})
    disabled = set(configured.get("disable", ()))
    rules = [rule for rule in pack.for_kinds(estate.kinds) if rule.id not in disabled]
    if request.only_rules:
        return [rule for rule in rules if rule.id in request.only_rules]
    return [rule for rule in rules if "asked" not in rule.data or asked.intersection(rule.data["asked"])]


def _crash_collector(failures: list[Failure]) -> Callable[[str, str], None]:
    def crashed(rule: str, message: str) -> None:
        text = f"rule {rule} stopped with {message}"
        failures.append(Failure("rule-crashed", Place("", 1, 1, 1, 1), text, "Report this as a bug of opslint."))

    return crashed
