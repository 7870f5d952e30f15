"""Markdown pages as documents: runbooks with their profile and parts, and every other page."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from linter.globs import path_matches
from linter.model import Artifact, Map, Resource, Seq, Span, Unit, Unknown, Workspace, merge
from linter.parsers.documents import facts, links, profiles
from linter.parsers.monitoring import runbook_link, written_rules
from linter.records import NamedTuple

UNIT = Unit("documents", "")


class _Signs(NamedTuple):
    """profiles: by name. linked: paths that whole runbook links lead to. alerts: names in lower case."""

    profiles: Mapping[str, profiles.Profile]
    linked: frozenset[str]
    alerts: frozenset[str]


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources `document/runbook`, `document/record` and `document/page`, one a Markdown artifact; address: its path.

    body: the Map of syntax.markdown plus `stem`, and for a runbook or record `profile` (a name of profiles.known),
    `profile_from` ('front matter', 'configuration', 'link', 'alert name', 'file name', 'folder', 'headings' or
    'default'), `required` (Seq of part names), `parts` (Map of part name → its section), `template` (bool), and what
    facts.py finds: `dates`, `targets`. A runbook lies in a runbook folder, declares a runbook's front matter, has the
    name of one, or is what an alert's runbook link leads to. A record (a report, a specification) has the name, the
    folder or the front matter of one.
    """
    artifacts = workspace.of_format("markdown")
    if not artifacts:
        return
    bodies = {artifact.path: _read(artifact) for artifact in artifacts}
    signs = _Signs(profiles.known(workspace.settings), *_alerts(workspace, bodies))
    for artifact in artifacts:
        workspace.progress(artifact.path)
        yield _document(workspace, artifact, bodies[artifact.path], signs)


def _read(artifact: Artifact) -> Map:
    if isinstance(artifact.tree, Map):
        return artifact.tree
    from linter.syntax import markdown

    return markdown.load(artifact.source.index, artifact.source.text)


def _alerts(workspace: Workspace, bodies: Mapping[str, Map]) -> tuple[frozenset[str], frozenset[str]]:
    """(paths that whole runbook links lead to, alert names in lower case)."""
    pages = links.Pages(workspace.paths, workspace.settings)
    for path, body in bodies.items():
        pages.add_aliases(path, body.get("front_matter"))
    found, names = {}, set()
    for written in written_rules(workspace):
        name = written.rule.get("alert")
        if isinstance(name, str):
            names.add(name.lower())
            _, url = runbook_link(written.rule)
            if isinstance(url, str) and "#" not in url and url not in found:
                found[url] = links.find_page(pages, url, written.path)
    return frozenset(page for page in found.values() if isinstance(page, str)), frozenset(names)


def _document(workspace: Workspace, artifact: Artifact, tree: Map, signs: _Signs) -> Resource:
    path = artifact.path
    stem = posixpath.basename(path).rsplit(".", 1)[0]
    if stem.lower() in ("index", "_index", "readme"):
        stem = posixpath.basename(posixpath.dirname(path)) or stem
    front = tree.get("front_matter")
    extent = (artifact.source.index, 0, len(artifact.source.text))
    anchor = _anchor(tree, extent, artifact.source.text)
    body = merge((tree,), extent)
    _set(body, "stem", stem, anchor)
    kind = "document/page"
    found = _profile(workspace, path, stem, body, signs)
    if found is not None:
        sign, name = found
        profile = signs.profiles[name]
        kind = "document/runbook" if profile.runbook else "document/record"
        _set(body, "profile", name, anchor)
        _set(body, "profile_from", sign, anchor)
        _set(body, "required", _listed(profile.required, anchor), anchor)
        _set(body, "parts", _parts(body, anchor, profile), anchor)
        _set(body, "template", profiles.is_template(path), anchor)
        facts.add(body, name, artifact.source.text)
        if isinstance(front, Unknown):
            message = f"The front matter of this {kind.rpartition('/')[2]} could not be read."
            workspace.fail("artifact-unparsed", (extent[0], 0, min(3, extent[2])), message, front.remedy)
    return Resource(kind, path, str(body.get("title", stem)), UNIT, body, anchor, extent)


def _placed(path: str, settings: Mapping[str, Any]) -> bool:
    """Whether a page lies where runbooks are: in a folder of that name, or one of `runbooks.folders`."""
    if not profiles.is_entry(path):
        return False
    folders = (settings.get("runbooks") or {}).get("folders") or ()
    return profiles.in_runbook_folder(path) or any(path_matches(folder, path) for folder in folders)


def _declared(front: Any, known: Mapping[str, profiles.Profile]) -> str | None:
    """The profile front matter declares, '' for a runbook of no stated profile, None for neither."""
    if not isinstance(front, Map):
        return None
    kind = front.get("type")
    if isinstance(kind, str):
        plain = kind.strip().lower()
        if kind.strip() in known:
            return kind.strip()
        declared = profiles.DECLARED.get(plain.replace("_", "-").replace(" ", "-"))
        if declared is not None:
            return declared
    return "alert" if isinstance(front.get("alerts"), list) and front["alerts"] else None


def _profile(workspace: Workspace, path: str, stem: str, body: Map, signs: _Signs) -> tuple[str, str] | None:
    """(what says so, profile) of a page; None for one that is no document of a kind."""
    declared = _declared(body.get("front_matter"), signs.profiles)
    found = (
        ("front matter", declared),
        ("configuration", profiles.configured(path, signs.profiles)),
        ("link", "alert" if path in signs.linked else ""),
        ("file name", profiles.named(stem)),
        ("folder", profiles.placed(path)),
    )
    sure = next(((sign, name) for sign, name in found if name), None)
    if sure is not None and (sure[0] in ("front matter", "configuration") or stem.lower() not in signs.alerts):
        return sure
    if sure is None and declared is None and not _placed(path, workspace.settings):
        return None
    if stem.lower() in signs.alerts:
        return sure if sure is not None and sure[0] == "link" else ("alert name", "alert")
    titles = [section["title"] for section in _parts_sections(body)]
    likeliest = profiles.likeliest(titles, signs.profiles)
    return ("headings", likeliest) if likeliest else ("default", "procedure")


def _listed(words: tuple[str, ...], anchor: Span) -> Seq:
    listed = Seq(anchor)
    for word in words:
        listed.append(word)
        listed.at.append((anchor[0], anchor[1], anchor[1], anchor[1], anchor[2]))
    return listed


def _parts_sections(body: Map) -> list[Map]:
    """The sections that may be parts: all but the one that is the page's title."""
    sections = body["sections"]
    first = next((i for i, section in enumerate(sections) if section["level"] == 1), -1)
    return [section for i, section in enumerate(sections) if i != first]


def _parts(body: Map, anchor: Span, profile: profiles.Profile) -> Map:
    """Part name → the section that announces it best: by its very name, at a high level, early."""
    best: dict[str, tuple[tuple[bool, int, int], Map]] = {}
    sought = [(part, profile.synonyms.get(part, ())) for part in profiles.parts_of(profile)]
    for index, section in enumerate(_parts_sections(body)):
        for part, synonyms in sought:
            if profiles.heading_names(section["title"], part, synonyms):
                rank = (not profiles.heading_is(section["title"], part, synonyms), section["level"], index)
                if part not in best or rank < best[part][0]:
                    best[part] = rank, section
    parts = Map(anchor)
    for part, (_, section) in best.items():
        source, _, _, start, end = section.at["title"]
        parts[part] = section
        parts.at[part] = (source, start, end, section.span[1], section.span[2])
    return parts


def _set(body: Map, key: str, value: Any, place: Span) -> None:
    source, start, end = place
    body[key] = value
    body.at[key] = (source, start, end, start, end)


def _anchor(tree: Map, extent: Span, text: str) -> Span:
    """The title heading, else the first line that says something."""
    entry = tree.at.get("title")
    if entry is not None:
        return entry[0], entry[3], entry[4]
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    return extent[0], start % (len(text) + 1), len(text) if end < 0 else end
