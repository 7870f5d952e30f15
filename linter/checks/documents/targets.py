"""Where a link written in a page leads in the tree: as GitHub shows files, and as site generators publish pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from linter.model import Estate, Resource, Unknown
from linter.records import NamedTuple

GENERATORS = frozenset(
    """mkdocs.yml mkdocs.yaml docusaurus.config.js docusaurus.config.ts hugo.toml hugo.yaml hugo.yml hugo.json book.toml
    antora.yml _config.yml _config.yaml astro.config.mjs mint.json docs.json archetypes .vitepress""".split()  # noqa: SIM905
)
PLATFORM_PAGES = frozenset(
    """issues pulls pull wiki wikis releases actions discussions projects commits commit compare security tags graphs
    network stargazers fork merge_requests blob tree raw""".split()  # noqa: SIM905
)
PAGE_SUFFIXES = (".md", ".markdown", ".mdx")
_ENDINGS = ("", ".md", "/index.md", "/_index.md", "/README.md", ".mdx")
_SITE_ROOTS = ("", "docs", "content", "static")
_OUTSIDE = Unknown("isolated", "what lies above the scanned root", "scan the whole repository")


class Step(NamedTuple):
    """Where a path of a link leads. found: a path of the tree, '' for none; reason: why that cannot be said."""

    found: str
    reason: Unknown | None = None


class LinkTree:
    """The paths of an estate as links see them, with the pages among them and what each answers to."""

    __slots__ = ("_anchors", "folders", "generated", "lower", "pages", "paths")

    def __init__(self, estate: Estate, pages: Mapping[str, Resource]) -> None:
        self.paths = estate.paths
        self.pages = pages
        self.folders = {path.rstrip("/") if path.endswith("/") else posixpath.dirname(path) for path in estate.paths}
        self.folders |= {above for folder in self.folders for above in _above(folder)}
        self.generated = _generated(self.paths, self.folders)
        self.lower = {path.lower() for path in estate.paths} if self.generated else set()
        self._anchors: dict[str, frozenset[str]] = {}

    def follow(self, written_in: str, path: str, html: bool) -> Step | None:
        """The path of the tree that a link's path means; None where it is a page of the hosting platform."""
        site = self._site(written_in)
        folder = "" if path.startswith("/") else posixpath.dirname(written_in)
        joined = posixpath.normpath(posixpath.join(folder, path.lstrip("/")) or ".")
        climbs = joined == ".." or joined.startswith("../")
        if climbs and PLATFORM_PAGES.intersection(joined.split("/")[:8]):
            return None
        found = "" if climbs else self._exact(joined)
        if not found and site is not None:
            found = self._published(written_in, path, joined, site)
        if found:
            return Step(found)
        if climbs:
            return Step("", _OUTSIDE)
        if site is not None and (path.startswith("/") or html or not path.lower().endswith(PAGE_SUFFIXES)):
            return Step("", Unknown("mapping", f"the address {path[:80]}", "the site generator decides where it leads"))
        return Step("")

    def answers(self, page: Resource, fragment: str) -> bool:
        """Whether a page has an anchor, as GitHub, GitLab, MkDocs or Hugo write it; `#top` and line numbers always."""
        fragment = fragment.removeprefix("user-content-")
        if fragment.lower() in ("", "top") or "=" in fragment or re.match(r":~:|L\d|!", fragment):
            return True
        known = self._anchors.get(page.address)
        if known is None:
            known = self._anchors[page.address] = frozenset(map(_plain, page.body.get("anchors", ())))
        return _plain(fragment) in known

    def _site(self, path: str) -> str | None:
        """The folder of the generator that builds a page, None for a page only read as it is."""
        folder = posixpath.dirname(path)
        return next((above for above in (folder, *_above(folder)) if above in self.generated), None)

    def _exact(self, path: str) -> str:
        return path if path == "." or path in self.folders or path in self.paths else ""

    def _published(self, written_in: str, path: str, joined: str, site: str) -> str:
        """As site generators read: no suffix, any case, from the page's own address or from the root of the site."""
        stem = posixpath.join(posixpath.dirname(written_in), posixpath.basename(written_in).rsplit(".", 1)[0])
        bases = [posixpath.join(stem, path.lstrip("/"))]
        bases += [posixpath.join(site, root, path.lstrip("/")) for root in _SITE_ROOTS]
        for base in (joined, *map(posixpath.normpath, bases)):
            plain = base.removesuffix(".html").rstrip("/")
            for candidate in (plain + ending for ending in _ENDINGS):
                if self._exact(candidate) or candidate.lower() in self.lower:
                    return candidate
        return ""


def _generated(paths: frozenset[str], folders: set[str]) -> frozenset[str]:
    """Folders that hold a site generator's configuration."""
    found = set()
    for path in (*paths, *folders):
        folder, name = posixpath.split(path.rstrip("/"))
        content = posixpath.join(folder, "content")
        if name in GENERATORS or (name in ("config.toml", "config.yaml", "config.yml") and content in folders):
            found.add(folder)
    return frozenset(found)


def _above(folder: str) -> list[str]:
    found = []
    while folder:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found


def _plain(anchor: str) -> str:
    """What the slugs of different generators have in common: no runs of hyphens, no underscores, no case."""
    return re.sub(r"[\W_]+", "-", anchor.lower()).strip("-")
