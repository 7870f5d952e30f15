"""SARIF 2.1.0 logs of any other tool, as `opslint scan --merge FILE.sarif` brings them in.

Encodes https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html: §3.27 results, §3.52 rule references, §3.28
locations, §3.11 messages, §3.35 suppressions; paths are in `sarif_paths`. Results that passed, do not apply, only inform or
are gone since the tool's own baseline are no findings; what the tool leaves open, or to a person to review, is one. One
that names no file of the tree is one all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from linter.policy.ids import own_id, words
from linter.scanners.foreign import Check, Foreign, Read
from linter.scanners.sarif_paths import Paths

_LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "info"}
_NO_FINDING = frozenset(("pass", "notApplicable", "informational"))


_KNOWN = {"semgrep-oss": "semgrep", "semgrep-pro": "semgrep", "kubelinter": "kube-linter"}
"""Names of drivers → how the tool is called here."""


def read(data: bytes, root: str = "") -> list[Read]:
    """One Read a run. root: of the tree, whose absolute paths are its files. Raises ValueError where the text is no SARIF
    log, naming why."""
    try:
        said = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}") from None
    if not isinstance(said, dict) or not isinstance(said.get("runs"), list):
        raise ValueError("it has no `runs`, so it is no SARIF log")
    if said.get("version") != "2.1.0":
        raise ValueError(f"its version is {said.get('version')!r}, and 2.1.0 is read")
    return [_run(run, Paths(run, root)) for run in said["runs"] if isinstance(run, dict)]


def _run(run: Mapping[str, Any], paths: Paths) -> Read:
    components = _components(run)
    driver = components[0]
    name = words(str(driver.get("name") or ""))[:40] or "tool"
    name = _KNOWN.get(name, name)
    version = str(driver.get("semanticVersion") or driver.get("version") or "")
    findings: list[Foreign] = []
    checks: dict[str, Check] = {}
    for result in _list(run.get("results")):
        if not isinstance(result, dict) or _no_finding(result):
            continue
        id, rule = _rule(result, components)
        id = own_id(name, id)
        findings.append(_finding(name, id, rule, result, paths))
        checks.setdefault(id, _check(id, rule))
    problem = ""
    for invocation in _list(run.get("invocations")):
        if isinstance(invocation, dict) and invocation.get("executionSuccessful") is False:
            problem = "its log says that the run was not successful"
    return Read(name, version, tuple(findings), checks, (), problem)


def _no_finding(result: Mapping[str, Any]) -> bool:
    return str(result.get("kind")) in _NO_FINDING or result.get("baselineState") == "absent"


def _components(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The driver and the extensions, in the order references count them."""
    tool = _map(run.get("tool"))
    return [_map(tool.get("driver")), *(_map(each) for each in _list(tool.get("extensions")))]


def _rule(result: Mapping[str, Any], components: list[Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """A result's rule: by `rule` or `ruleIndex` where they lead somewhere, else by id."""
    reference = _map(result.get("rule"))
    component = _map(reference.get("toolComponent")).get("index", -1)
    rules = _list((components[component + 1] if _is_index(component, components[1:]) else components[0]).get("rules"))
    id = str(result.get("ruleId") or reference.get("id") or "")
    index = reference.get("index", result.get("ruleIndex", -1))
    if _is_index(index, rules):
        rule = _map(rules[index])
        return id or str(rule.get("id") or "result"), rule
    for each in rules:
        if isinstance(each, dict) and each.get("id") == id:
            return id, each
    return id or "result", {}


def _is_index(value: Any, items: list[Any]) -> bool:
    return isinstance(value, int) and 0 <= value < len(items)


def _finding(tool: str, id: str, rule: Mapping[str, Any], result: Mapping[str, Any], paths: Paths) -> Foreign:
    configured = _map(rule.get("defaultConfiguration")).get("level", "warning")
    level = str(result.get("level") or configured)
    severity = _of_score(_properties(rule).get("security-severity")) or _LEVELS.get(level, "medium")
    message = _message(_map(result.get("message")), rule) or _text(rule.get("shortDescription")) or id
    prints = _map(result.get("partialFingerprints")) or _map(result.get("fingerprints"))
    location = _map(next(iter(_list(result.get("locations"))), None))
    physical = _map(location.get("physicalLocation"))
    path, uri = paths.of(_map(physical.get("artifactLocation")))
    region = _map(physical.get("region"))
    start = _number(region.get("startLine"), 1)
    logical = _map(next(iter(_list(location.get("logicalLocations"))), None))
    return Foreign(
        tool, id, _text(rule.get("shortDescription")) or message,
        f"{message} (in {uri}, which is not below the root)" if uri and not path else message,
        path, start, max(_number(region.get("endLine"), start), start), _number(region.get("startColumn"), 0),
        _number(region.get("endColumn"), 0), str(logical.get("fullyQualifiedName") or ""), severity, _suppressed(result),
        str(next(iter(prints.values()), "")),
    )  # fmt: skip


def _suppressed(result: Mapping[str, Any]) -> str | None:
    """The reason why the tool hides it, where it does."""
    for each in _list(result.get("suppressions")):
        if isinstance(each, dict) and each.get("status", "accepted") == "accepted":
            return str(each.get("justification") or "")
    return None


def _message(message: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """A message's text, or that of the rule it names, with its arguments put in."""
    text = _text(message) or _text(_map(rule.get("messageStrings")).get(str(message.get("id"))))
    for index, argument in enumerate(_list(message.get("arguments"))[:20]):
        text = text.replace(f"{{{index}}}", str(argument))
    if (
        text.startswith("Artifact: ") and "\nMessage: " in text
    ):  # Trivy's, which repeats the place, the id and the severity
        text = text.partition("\nMessage: ")[2].partition("\nLink: ")[0]
    return text


def _check(id: str, rule: Mapping[str, Any]) -> Check:
    score = _properties(rule).get("security-severity")
    tags = tuple(str(tag) for tag in _list(_properties(rule).get("tags")))
    return Check(
        _text(rule.get("shortDescription")) or str(rule.get("name") or id),
        _text(rule.get("fullDescription")) or _text(rule.get("help")), str(rule.get("helpUri") or ""),
        _of_score(score), _score(score), tags[:10],
    )  # fmt: skip


def _score(value: Any) -> float | None:
    try:
        score = float(value)
    except (TypeError, ValueError):
        return None
    return score if 0 < score <= 10 else None


def _of_score(value: Any) -> str:
    """GitHub's bands of `security-severity`: over 9 critical, 7 high, 4 medium, else low."""
    score = _score(value)
    if score is None:
        return ""
    return "critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4 else "low"


def _properties(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return _map(value.get("properties"))


def _text(value: Any) -> str:
    text = _map(value).get("text")
    return text.strip() if isinstance(text, str) else ""


def _number(value: Any, fallback: int) -> int:
    return value if isinstance(value, int) and value > 0 else fallback


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
