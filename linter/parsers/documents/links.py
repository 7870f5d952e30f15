"""Where a runbook link leads: a page of this repository, none, or what would have to be known to say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from linter.model import Map, Unknown

PAGE_SUFFIXES = (".md", ".markdown")


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)")


@cache
def _template() -> re.Pattern[str]:
    return re.compile(r"\{\{|\$\{|\{%|<<|%\(|\$[A-Za-z_(]")


class Pages:
    """The pages of a tree as links see them.

    exact: their paths. lower: lower-cased path → path. aliases: Hugo alias (lower case, no slashes around) → path.
    mappings: (URL prefix without scheme, lower case, with '/'; folder with '/' or ''), longest prefix first.
    repository: (host or '', 'owner/name'), lower case, or None.
    """

    __slots__ = ("aliases", "exact", "lower", "mappings", "repository")

    def __init__(self, paths: Iterable[str], settings: Mapping[str, Any]) -> None:
        self.exact = frozenset(path for path in paths if path.lower().endswith(PAGE_SUFFIXES))
        self.lower = {path.lower(): path for path in sorted(self.exact, reverse=True)}
        self.aliases: dict[str, str] = {}
        written = (settings.get("runbooks") or {}).get("base-urls") or {}
        pairs = ((_bare(prefix).rstrip("/").lower() + "/", _folder(folder)) for prefix, folder in written.items())
        self.mappings = sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))
        self.repository = _repository(settings.get("repository"))

    def add_aliases(self, path: str, front_matter: Any) -> None:
        """Remember the `aliases` of a page's front matter; relative ones count from the page's folder."""
        aliases = front_matter.get("aliases") if isinstance(front_matter, Map) else None
        for alias in aliases if isinstance(aliases, list) else [aliases]:
            if isinstance(alias, str):
                base = "" if alias.startswith("/") else posixpath.dirname(path)
                joined = posixpath.normpath(posixpath.join("/", base, alias))
                self.aliases.setdefault(joined.strip("/").lower(), path)

    def page(self, stem: str) -> str | None:
        """The page a path without suffix stands for, whatever the case."""
        stem = posixpath.normpath(stem).strip("/").lower()
        tried: tuple[str, ...] = (
            stem,
            f"{stem}.md",
            f"{stem}/index.md",
            f"{stem}/_index.md",
            f"{stem}/readme.md",
            f"{stem}.markdown",
        )
        if stem.endswith(".html"):
            tried = (*tried, f"{stem[:-5]}.md")
        return next((self.lower[path] for path in tried if path in self.lower), None)


def find_page(pages: Pages, url: str, written_in: str) -> str | Unknown | None:
    """The path a runbook link leads to, None where it leads nowhere, or an Unknown.

    url: an alert's `runbook_url` as written. written_in: the path of the rule file, for relative links.
    """
    url = url.strip()
    if _template().search(url):
        return Unknown("template", "the runbook link", "Render the rules, or write the link out.", type="string")
    found = _address().match(url)
    scheme, host, path = found.groups() if found else (None, None, "")
    path = unquoted(path)
    if scheme is None and host is None:
        return _relative(pages, path, written_in)
    host = host or ""
    if (scheme or "https").lower() not in ("http", "https"):
        return _unmapped(url, f"{scheme}:")
    for prefix, folder in pages.mappings:
        address = f"{host.lower()}{path}".rstrip("/") + "/"
        if address.lower().startswith(prefix):
            rest = address[len(prefix) :].strip("/")
            return pages.page(folder + rest) or _aliased(pages, path, rest)
    blob = _blob(pages, host.lower(), path)
    if blob is not None:
        return pages.page(blob) if blob else None
    first = path.strip("/").split("/")
    return _unmapped(url, f"{scheme or 'https'}://{host}/" + (f"{first[0]}/" if len(first) > 1 else ""))


def unquoted(path: str) -> str:
    """A path with its percent escapes decoded (RFC 3986 §2.1)."""
    if "%" not in path:
        return path
    from urllib.parse import unquote

    return unquote(path)


def _unmapped(url: str, prefix: str) -> Unknown:
    remedy = "map its prefix to a folder under `runbooks.base-urls` in opslint.yaml"
    return Unknown("mapping", prefix, remedy, type="string", prefix=url[:200], not_null=True)


def _aliased(pages: Pages, path: str, rest: str) -> str | None:
    tried = (path.strip("/").lower(), rest.lower())
    return next((pages.aliases[alias] for alias in tried if alias in pages.aliases), None)


def _relative(pages: Pages, path: str, written_in: str) -> str | None:
    if not path.strip("/"):
        return None
    bases = ("",) if path.startswith("/") else (posixpath.dirname(written_in), "")
    joined = (posixpath.normpath(posixpath.join(base, path.lstrip("/"))) for base in bases)
    return next((page for stem in joined if (page := pages.page(stem))), None)


def _blob(pages: Pages, host: str, path: str) -> str | None:
    """The path below the root that a GitHub or GitLab file URL of this repository names; None for any other URL."""
    if pages.repository is None:
        return None
    own_host, name = pages.repository
    found = re.match(r"/(.+?)/(?:-/)?(?:blob|tree|raw|edit|blame)/[^/]+(?:/(.*))?$", path)
    if host == "raw.githubusercontent.com":
        found = re.match(r"/([^/]+/[^/]+)/[^/]+(?:/(.*))?$", path)
        own_host = host if own_host in ("", "github.com") else own_host
    hosts = (own_host,) if own_host else ("github.com", "www.github.com", "gitlab.com", "raw.githubusercontent.com")
    if found is None or host not in hosts or found[1].lower() != name:
        return None
    return found[2] or ""


def _bare(url: str) -> str:
    return re.sub(r"^(?:https?:)?//", "", url.strip())


def _folder(folder: Any) -> str:
    plain = posixpath.normpath(str(folder).strip()).strip("/")
    return "" if plain in (".", "") else plain + "/"


def _repository(written: Any) -> tuple[str, str] | None:
    if not isinstance(written, str) or not written.strip():
        return None
    plain = re.sub(r"^(?:\w+://)?(?:[\w.-]+@)?", "", written.strip().lower()).removesuffix("/").removesuffix(".git")
    host, _, name = plain.replace(":", "/", 1).partition("/")
    return (host, name) if "." in host and "/" in name else ("", plain)
