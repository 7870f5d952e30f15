"""From a service to who owns it and the page that helps with it; from paths that change what runs to who reviews them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.cross.common import (
    called,
    found,
    front_of,
    lacking,
    page_text,
    path_of,
    pattern,
    step_into,
    unsure,
    words_of,
)
from linter.checks.documents import codeowners
from linter.globs import path_matches
from linter.model import FAIL, Estate, Map, Origin, Resource, Unknown
from linter.text import safe_line
from linter.trees import at_path

_OWNER = r"^(?:[\w.-]+/)?(?:owner|owned-by|team|squad|maintainers?|contact)$"
_CATALOG = ("Component", "API", "Resource", "System")


def served(estate: Estate) -> Iterator[Resource]:
    """The workloads that Services send requests to, once for each environment."""
    seen: set[int] = set()
    for service in estate.of_kind("kubernetes/Service"):
        for link in estate.outgoing.get(id(service), ()):
            workload = link.target.outermost
            if link.name == "selects" and id(workload) not in seen:
                seen.add(id(workload))
                yield workload


def services_owned(estate: Estate) -> Iterator[Verdict]:
    """A served workload has an owner: a label or annotation of its own, a catalogue's entry of its name (Backstage,
    `spec.owner`), or a line of CODEOWNERS or an OWNERS file for its path."""
    listed = codeowners.entries(estate)
    catalogue = {
        each.name: each
        for kind in _CATALOG
        for each in estate.of_kind(f"kubernetes/{kind}")
        if str(each.body.get("apiVersion", "")).startswith("backstage.io/") and step_into(each.body, "spec.owner")
    }
    for workload in served(estate):
        path = path_of(estate, workload)
        labelled = _labelled(workload)
        entry = codeowners.owner_of(listed, path)
        if isinstance(labelled, Unknown):
            yield unsure(workload, f"Who owns {workload.address} is unknown: {labelled.subject}.", labelled)
        elif labelled is not None:
            yield found(workload, f"{workload.address} names its owner.", labelled)
        elif workload.name in catalogue:
            yield found(workload, f"The catalogue names the owner of {workload.name}.", catalogue[workload.name].anchor)
        elif entry is not None:
            yield found(workload, f"CODEOWNERS names who owns {workload.address}.", entry.span)
        elif codeowners.owners_file(estate, path) is not None:
            yield found(workload, f"An OWNERS file covers {workload.address}.")
        else:
            yield lacking(estate, workload, f"Nothing names an owner of {workload.address}")


def _labelled(workload: Resource) -> tuple[int, int, int] | Unknown | None:
    unknown: Unknown | None = None
    for part in ("labels", "annotations"):
        held = at_path(workload.body, ("metadata", part))
        if isinstance(held, Unknown):
            unknown = held
        for key, entry in held.at.items() if isinstance(held, Map) else ():
            if isinstance(key, str) and pattern(_OWNER).search(key) and held[key] != "":
                return entry[0], entry[3], entry[4]
    return unknown


def services_explained(estate: Estate) -> Iterator[Verdict]:
    """A runbook speaks of every served workload: in its front matter or name, with the workload's name as a word of its
    text, or as what an alert on the workload leads to; an annotation of the workload may name one, too.

    A workload that is written in several places of one environment is judged once, where it is first written.
    """
    from linter.checks.cross.alerts import explained_names

    runbooks = [(page, words_of(page_text(estate, page)), _about(page)) for page in estate.of_kind("document/runbook")]
    led = explained_names(estate)
    for workload, others in _by_name(estate):
        name = called(workload).lower()
        page = next((page for page, _, about in runbooks if name in about), None)
        page = page or next((page for page, words, _ in runbooks if name in words), None)
        notes = at_path(workload.body, ("metadata", "annotations"))
        noted = next((key for key in notes if "runbook" in str(key).lower()), None) if isinstance(notes, Map) else None
        if page is not None:
            yield found(workload, f"{safe_line(page.address, 80)} speaks of {workload.address}.", page.anchor)
        elif noted is not None and isinstance(notes, Map):
            entry = notes.at[noted]
            yield found(workload, f"{workload.address} names its runbook.", (entry[0], entry[3], entry[4]))
        elif name in led:
            yield _led(workload, *led[name])
        else:
            verdict = lacking(estate, workload, f"No runbook speaks of {workload.address}")
            yield verdict._replace(related=tuple(Origin("it is written here, too", each.anchor) for each in others[:5]))


def _led(workload: Resource, alert: Resource, page: Resource | Unknown) -> Verdict:
    shown = safe_line(alert.name, 80)
    if isinstance(page, Unknown):
        message = f"Whether a runbook helps with {workload.address} is unknown: the alert {shown} leads elsewhere."
        return unsure(workload, message, page)
    message = f"{workload.address}: {safe_line(page.address, 80)} helps with the alert {shown} on it."
    return found(workload, message, page.anchor)


def _by_name(estate: Estate) -> Iterator[tuple[Resource, list[Resource]]]:
    """Served workloads by kind, name and environment: the first of each, and the others."""
    grouped: dict[tuple[str, str, str], list[Resource]] = {}
    for each in served(estate):
        environment = each.environment.name if each.environment is not None else ""
        grouped.setdefault((each.kind, called(each), environment), []).append(each)
    for first, *others in grouped.values():
        yield first, others


def _about(page: Resource) -> set[str]:
    front = front_of(page)
    said = [front.get(key) for key in ("service", "services", "component", "components")]
    flat = [item for value in said for item in (value if isinstance(value, list) else [value])]
    return {str(page.body.get("stem", "")).lower(), *(item.lower() for item in flat if isinstance(item, str))}


def infrastructure_owned(estate: Estate, *, most: int = 10) -> Iterator[Verdict]:
    """Where CODEOWNERS is kept, it names owners of what changes what runs: infrastructure, manifests, pipelines, and of
    itself. Who is named for nothing else than a part of these is told about the folders that are left out."""
    listed = codeowners.entries(estate)
    whole = next(iter(estate.of_kind("estate/repository")), None)
    if not listed or whole is None:
        return
    source = estate.sources[listed[0].span[0]]
    wanted: dict[str, str] = {"CODEOWNERS itself": source.path}
    for kind, resources in estate.kinds.items():
        family = kind.partition("/")[0]
        if family not in ("terraform", "kubernetes", "pipeline", "helm"):
            continue
        for resource in resources:
            path = path_of(estate, resource)
            wanted.setdefault(posixpath.dirname(path) or path, path)
    bare = {folder: path for folder, path in wanted.items() if codeowners.owner_of(listed, path) is None}
    for folder, path in sorted(bare.items())[:most]:
        entry = next((each for each in reversed(listed) if path_matches(each.pattern, path)), listed[-1])
        message = f"No line of {source.path} names who owns {safe_line(folder, 80)}."
        yield Verdict(whole, FAIL, message, entry.span, folder)
    if not bare:
        yield found(whole, f"{source.path} names who owns what changes what runs.", listed[0].span)
