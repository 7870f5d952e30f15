"""Alerts and the runbooks their annotations lead to: links `documented_by`."""

from __future__ import annotations

from typing import Any

from linter.model import Estate, Link, Reference, Resource, Unknown
from linter.parsers.documents.links import Pages, find_page
from linter.parsers.monitoring import runbook_link

NAME = "documented_by"
PAGE_KINDS = ("document/runbook", "document/record", "document/page")


def resolve(estate: Estate) -> None:
    """Link every alert with the page its runbook annotation leads to; what is not linked says why in a Reference.

    A Reference's target is an Unknown where the address is not mapped, templated or outside of what was read, and
    the address as written where it should lead to a page of this repository and does not.
    """
    alerts = [alert for alert in estate.kinds.get("monitoring/alert", ()) if runbook_link(alert.body)[0]]
    if not alerts:
        return
    pages = Pages(estate.paths, estate.settings)
    documents = {document.address: document for kind in PAGE_KINDS for document in estate.kinds.get(kind, ())}
    for path, document in documents.items():
        pages.add_aliases(path, document.body.get("front_matter"))
    for alert in alerts:
        path, url = runbook_link(alert.body)
        found = _lookup(estate, pages, alert, url)
        document_or_none = documents.get(found) if isinstance(found, str) else None
        if document_or_none is not None:
            estate.link(Link(NAME, path, alert, document_or_none))
        elif isinstance(found, str):
            alert.references.append(Reference(NAME, path, Unknown("isolated", found, "scan without --isolated")))
        else:
            _unresolved(estate, alert, path, url, found)


def _lookup(estate: Estate, pages: Pages, alert: Resource, url: Any) -> str | Unknown | None:
    if isinstance(url, Unknown):
        return url
    if not isinstance(url, str):
        return None
    return find_page(pages, url, estate.sources[alert.anchor[0]].path)


def _unresolved(estate: Estate, alert: Resource, path: str, url: Any, found: Unknown | None) -> None:
    reference = Reference(NAME, path, found if found is not None else str(url))
    alert.references.append(reference)
    if found is not None:
        environment = alert.environment.name if alert.environment else ""
        for kind in PAGE_KINDS:
            estate.loose.setdefault((kind, alert.unit, environment), []).append((alert, reference))
