"""Checks of any Markdown page: its links lead somewhere, and no credential is written in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.checks.documents.targets import LinkTree, Step
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Span
from linter.parsers.documents.links import unquoted
from linter.text import find_secrets, safe_line


@cache
def _elsewhere() -> re.Pattern[str]:
    """Targets that are no path of the tree: with a scheme, a host, a template or a generator's own root."""
    return re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|//|[@~])|\{\{|\{%|\$\{|<%|\{[a-z_.]+\}")


def relative_links_resolve(estate: Estate, *, kind: str = "document/*") -> Iterator[Verdict]:
    """Every relative link and image leads to a file or folder of the tree, and every fragment to an anchor.

    Not judged: addresses with a scheme, templates, and pages of the hosting platform (`../../issues`). Where a site
    generator builds the pages, its ways of writing links count, and an absolute path that is no file is unknown.
    """
    pages = {page.address: page for page in estate.of_kind("document/*")}
    tree = LinkTree(estate, pages)
    for page in estate.of_kind(kind):
        seen: set[str] = set()
        for link in page.body.get("links", ()):
            target = link["target"]
            if target not in seen and not _elsewhere().search(target):
                seen.add(target)
                source, _, _, start, end = link.at["target"]
                verdict = _judge(tree, estate.isolated, page, target, (source, start, end), link["html"])
                if verdict is not None:
                    yield verdict


def _judge(tree: LinkTree, isolated: bool, page: Resource, target: str, span: Span, html: bool) -> Verdict | None:
    path, _, fragment = target.partition("#")
    path = unquoted(path.split("?", 1)[0])
    shown, element = safe_line(target, 100), target[:200]
    step = tree.follow(page.address, path, html) if path else Step(page.address)
    if step is None:
        return None
    reason = ISOLATED if not step.found and step.reason is None and isolated else step.reason
    if reason is not None:
        message = f"Whether the link to {shown} leads anywhere is unknown: {reason.remedy}."
        return Verdict(page, UNKNOWN, message, span, element, unknowns=(reason,))
    if not step.found:
        return Verdict(page, FAIL, f"The link to {shown} leads to no file of this repository.", span, element)
    other = tree.pages.get(step.found)
    if fragment and other is not None and not tree.answers(other, unquoted(fragment)):
        message = f"The link to {shown} names a heading that is not in {other.address}."
        return Verdict(page, FAIL, message, span, element)
    return Verdict(page, PASS, f"The link to {shown} resolves.", span, element)


def no_secrets(estate: Estate, *, kind: str = "document/*") -> Iterator[Verdict]:
    """No credential stands in a page's text or code: keys and tokens by their form, passwords where they look real.

    Pages show digests, public keys and made-up passwords; what only looks random, or is a mere word, is not judged.
    """
    for page in estate.of_kind(kind):
        source, start, end = page.extent
        text = estate.sources[source].text[start:end]
        found = [hit for hit in find_secrets(text) if _real(text[hit[0] : hit[1]], hit[2])]
        for begin, stop, what in found:
            message = f"{page.address} holds what looks like a credential ({what})."
            yield Verdict(page, FAIL, message, (source, start + begin, start + stop), what)
        if not found:
            yield Verdict(page, PASS, f"No credential was found in {page.address}.", page.anchor)


def _real(value: str, what: str) -> bool:
    if what not in ("password", "secret", "random string"):
        return True
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return what != "random string" and len(value) >= 8 and mixed and not value.startswith("arn:") and "(" not in value
