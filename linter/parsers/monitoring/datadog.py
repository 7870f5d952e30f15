"""Datadog's monitors: what they watch and whom their message tells, from Terraform or as its API exports them.

https://docs.datadoghq.com/api/latest/monitors/ , https://docs.datadoghq.com/monitors/notify/ : handles in a message say
who is told.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import cache

from linter.discovery.environments import environment_of
from linter.model import Artifact, Entry, Map, Reference, Resource, Unit, Unknown, Workspace, handle
from linter.trees import maps, put

PAGERS = ("pagerduty", "opsgenie", "victorops", "oncall", "incident")


@cache
def _handle() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.])@([A-Za-z][\w.+-]{0,120}(?:@[\w.-]{1,120})?)")


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"https?://[^\s\"'<>)\]}]{1,500}")


def expand(workspace: Workspace, artifacts: Iterable[Artifact]) -> Iterator[Resource]:
    """Resources `monitoring/alert` of monitors kept as JSON, one or a list of them in a file. Context as Terraform's."""
    for artifact in artifacts:
        for document in artifact.tree.documents:
            value = document.value
            for written in [value] if isinstance(value, Map) else maps(value):
                name = written.get("name")
                if isinstance(name, str) and "query" in written and "message" in written:
                    body, told = monitor(written, written.at["name"])
                    alert = Resource(
                        "monitoring/alert",
                        f"{artifact.path}/{name}",
                        name,
                        Unit("monitoring", posixpath.dirname(artifact.path)),
                        body,
                        handle(name, written.at["name"]),
                        written.span,
                        environment=environment_of(artifact.path, workspace.settings, workspace.paths),
                        context={
                            "object": written, "system": "datadog", "group": Map(written.span), "pages": pages(told),
                        },
                    )  # fmt: skip
                    alert.references += [Reference("notifies", "message", each) for each in told]
                    yield alert


def monitor(written: Map, named: Entry) -> tuple[Map, list[str]]:
    """(an alert's body: alert, query, message, labels, annotations; the handles its message tells).

    The first address in the message is taken for the runbook's. named: where its name is written, or would be.
    """
    body, labels, annotations = Map(written.span), Map(written.span), Map(written.span)
    put(body, "alert", written.get("name"), written.at.get("name") or named)
    if "query" in written:
        put(body, "query", written["query"], written.at["query"])
    message = written.get("message")
    text = message if isinstance(message, str) else message.prefix if isinstance(message, Unknown) else ""
    if "message" in written:
        entry = written.at["message"]
        put(body, "message", message, entry)
        put(annotations, "message", message, entry)
        link = _address().search(text)
        if link is not None:
            put(annotations, "runbook_url", link[0].rstrip(".,;:!?"), entry)
        elif isinstance(message, Unknown):
            annotations.open = message
        put(body, "annotations", annotations, entry)
    priority = written.get("priority")
    if isinstance(priority, (int, str)) and not isinstance(priority, bool):
        put(labels, "severity", f"P{priority}", written.at["priority"])
        put(body, "labels", labels, written.at["priority"])
    return body, list(dict.fromkeys(found[1].rstrip(".-") for found in _handle().finditer(text)))


def pages(told: list[str]) -> bool:
    """Whether one of the handles wakes somebody."""
    return any(name.startswith(PAGERS) for name in told)
