"""Checks between runbooks and alerts: what a runbook calls an alert exists, and alerts lead to their runbooks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.documents.runbook_cluster import front_list
from linter.conditions.links import ISOLATED
from linter.estate.runbook_links import NAME as DOCUMENTED_BY
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Span, Unknown
from linter.parsers.documents.profiles import FOLDERS
from linter.text import safe_line


def alerts_exist(estate: Estate, *, kind: str = "document/*") -> Iterator[Verdict]:
    """Alerts that a runbook's front matter lists, or an index of runbooks links by name, are in the rule files.

    Not judged where the repository has no alert.
    """
    alerts = estate.of_kind("monitoring/alert")
    if not alerts:
        return
    names = {alert.name.lower() for alert in alerts}
    open_ = next((value for alert in alerts if isinstance(value := alert.body.get("alert"), Unknown)), None)
    if open_ is None and any("{{" in alert.name or "$" in alert.name for alert in alerts):
        open_ = Unknown("template", "an alert whose name is templated", "render the rules")
    runbooks = {each.address: each for each in estate.of_kind("document/runbook")}
    for page in estate.of_kind(kind):
        for name, span in (*_listed(page), *_indexed(page, runbooks)):
            shown = safe_line(name, 80)
            if name.lower() in names:
                yield Verdict(page, PASS, f"The alert {shown} exists.", span, name[:200])
            elif open_ is not None or estate.isolated:
                reason = ISOLATED if estate.isolated or open_ is None else open_
                message = f"Whether there is an alert {shown} is unknown: {reason.subject}."
                yield Verdict(page, UNKNOWN, message, span, name[:200], unknowns=(reason,))
            else:
                message = f"There is no alert {shown} in this repository's rules."
                yield Verdict(page, FAIL, message, span, name[:200])


def _listed(page: Resource) -> Iterator[tuple[str, Span]]:
    listed = front_list(page.body, "alerts")
    for index, name in enumerate(listed if listed is not None else ()):
        if isinstance(name, str) and listed is not None:
            source, _, _, start, end = listed.at[index]
            yield name, (source, start, end)


def _indexed(page: Resource, runbooks: dict[str, Resource]) -> Iterator[tuple[str, Span]]:
    """Names in camel case that a page other than a runbook gives links to the runbooks of alerts."""
    if page.address in runbooks:
        return
    folder = posixpath.dirname(page.address)
    for link in page.body.get("links", ()):
        text = link["text"].strip()
        if re.fullmatch(r"[A-Z][a-z0-9]+(?:[A-Z]+[a-z0-9]*)+", text):
            target = posixpath.normpath(posixpath.join(folder, link["target"].split("#", 1)[0]))
            other = runbooks.get(target)
            if other is not None and other.body["profile"] == "alert":
                source, start, end = link.span
                yield text, (source, start, end)


def linked_from_alerts(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """The runbook of an alert is one that some alert's annotation leads to.

    Judged where alerts lead to other runbooks of the same collection: below the same folder of runbooks.
    """
    linked = {id(page) for page in estate.of_kind(kind) if _leads_here(estate, page)}
    collections = {_collection(page.address) for page in estate.of_kind(kind) if id(page) in linked}
    collections.discard("")
    if not collections:
        return
    names = {alert.name.lower(): alert for alert in estate.of_kind("monitoring/alert")}
    said = _said_by_alarms(estate)
    for page in estate.of_kind(kind):
        if page.body["profile"] != "alert" or _collection(page.address) not in collections:
            continue
        if id(page) in linked or f"{page.body['stem']}".lower() in said:
            yield Verdict(page, PASS, "An alert leads here.", page.anchor)
            continue
        alert = names.get(str(page.body["stem"]).lower())
        message = f"No alert leads to {safe_line(page.address.rsplit('/', 1)[-1], 80)}."
        if alert is not None:
            message += f" The alert {safe_line(alert.name, 80)} exists, but its annotation leads elsewhere."
        if estate.isolated:
            yield Verdict(page, UNKNOWN, message, page.anchor, unknowns=(ISOLATED,))
        else:
            yield Verdict(page, FAIL, message, page.anchor)


def _said_by_alarms(estate: Estate) -> frozenset[str]:
    """The last parts of paths and addresses, in lower case, that Terraform's alarms and monitors speak of."""
    found: set[str] = set()
    for kind, resources in estate.kinds.items():
        if kind.startswith("terraform/") and any(word in kind for word in ("alarm", "monitor", "alert")):
            texts = (value for resource in resources for value in resource.body.values() if isinstance(value, str))
            for text in texts:
                for match in re.finditer(r"/([\w-]{1,200})", text[:10_000]):
                    found.add(match[1].lower())
    return frozenset(found)


def _leads_here(estate: Estate, page: Resource) -> bool:
    return any(link.name == DOCUMENTED_BY for link in estate.incoming.get(id(page), ()))


def _collection(path: str) -> str:
    """The outermost folder of runbooks a page lies in, '' for none."""
    folders = path.split("/")[:-1]
    at = next((index for index, folder in enumerate(folders) if folder.lower() in FOLDERS), None)
    return "" if at is None else "/".join(folders[: at + 1]) + "/"
