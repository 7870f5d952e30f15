"""Pages as documents: which are runbooks, of what kind, with which parts, and where runbook links lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from linter.model import Artifact, Resource, Source, Unknown, Workspace
from linter.parsers import READERS, documents
from linter.parsers.documents import links, profiles

ALERT_PAGE = "# A\n## Meaning\nx\n## Impact\nx\n## Diagnosis\nx\n## Mitigation\nx\n"


def expand(
    files: Mapping[str, str], settings: Mapping[str, Any] | None = None
) -> tuple[dict[str, Resource], list[tuple[str, str]]]:
    """Documents by path, and the failures complained of."""
    artifacts, failures = {}, []
    for index, (path, text) in enumerate(files.items()):
        kind = "markdown" if path.endswith(".md") else "yaml"
        source = Source(index, path, text)
        artifacts[path] = Artifact(path, kind, source, *READERS[kind](source))
    workspace = Workspace(
        artifacts,
        frozenset(files),
        settings or {},
        lambda id, span, *_: failures.append((id, list(files)[span[0]])),
        lambda _: None,
    )
    return {resource.address: resource for resource in documents.expand(workspace)}, failures


@pytest.mark.parametrize(
    "path",
    [
        "runbooks/a.md",
        "docs/runbooks/x/a.md",
        "Operations_Runbooks/a.md",
        "content/runbooks/a/index.md",
        "ops/Playbooks/a.md",
        "docs/alerts/a.md",
        "docs/Deployment_Checklist.md",
        "incident-response-plan.md",
        "docs/disaster recovery.md",
    ],
)
def test_runbooks_are_found_by_place_or_name(path: str) -> None:
    found, _ = expand({path: "# A\n"})
    assert found[path].kind == "document/runbook"


@pytest.mark.parametrize(
    "path",
    [
        "runbooks/README.md",
        "runbooks/index.md",
        "runbooks/x/_index.md",
        "runbooks/templates/a.md",
        "docs/my-runbooks/a.md",
        "runbooks.md",
        "docs/a.md",
        "runbooks/_includes/a.md",
        "docs/incident-2024-01.md",
    ],
)
def test_other_pages_are_pages(path: str) -> None:
    found, _ = expand({path: "# A\n"})
    assert found[path].kind == "document/page"


def test_front_matter_wins_over_the_place() -> None:
    found, _ = expand(
        {
            "README.md": "---\ntype: Incident_Response\n---\n# A\n",
            "docs/b.md": "---\nalerts: [ShopDown]\n---\n# B\n",
            "docs/c.md": "---\ntype: docs\n---\n# C\n",
        }
    )
    assert [(d.kind, d.body.get("profile")) for d in found.values()] == [
        ("document/runbook", "incident_response"),
        ("document/runbook", "alert"),
        ("document/page", None),
    ]


def test_configured_folders_hold_runbooks() -> None:
    found, _ = expand({"ops/guides/a.md": "# A\n"}, {"runbooks": {"folders": ["ops/guides"]}})
    assert found["ops/guides/a.md"].kind == "document/runbook"


RULES = """groups:
- name: g
  rules:
  - alert: ShopDown
    expr: up == 0
    annotations: {runbook_url: "https://r.example/shop/down/"}
  - alert: ShopSlow
    expr: up == 0
    annotations: {runbook: "https://r.example/all#shopslow"}
"""


def test_the_profile_says_where_it_comes_from() -> None:
    found, _ = expand(
        {
            "rules.yaml": RULES,
            "pages/shop/Down.md": "# Down\n",
            "pages/all.md": "# All\n",
            "runbooks/ShopSlow.md": "# Slow\n",
            "runbooks/by-headings.md": ALERT_PAGE,
            "runbooks/other.md": "# Other\n",
            "docs/dr-plan.md": "# DR\n",
        },
        {"runbooks": {"base-urls": {"https://r.example/": "pages"}}},
    )
    signs = {path: (d.body.get("profile"), d.body.get("profile_from")) for path, d in found.items()}
    assert signs == {
        "pages/shop/Down.md": ("alert", "link"),
        "pages/all.md": (None, None),
        "runbooks/ShopSlow.md": ("alert", "alert name"),
        "runbooks/by-headings.md": ("alert", "headings"),
        "runbooks/other.md": ("procedure", "default"),
        "docs/dr-plan.md": ("recovery", "file name"),
    }


def test_a_part_is_the_section_that_names_it_best() -> None:
    text = "# Mitigation of x\n## Steps to check the impact\n### Fix\n## Impact\n## 2. Mitigation:\n"
    parts = expand({"runbooks/a.md": text})[0]["runbooks/a.md"].body["parts"]
    assert (parts["impact"]["title"], parts["mitigation"]["title"]) == ("Impact", "2. Mitigation:")
    source, start, end, _, _ = parts.at["impact"]
    assert (source, text[start:end]) == (0, "Impact")


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("Roll back", "rollback"),
        ("How to verify", "verification"),
        ("RTO/RPO", "rto_rpo"),
        ("Post-mortem", "post_incident"),
        ("Sign-off", "sign_off"),
        ("Who to contact", "escalation"),
        ("1) Prerequisites", "prerequisites"),
    ],
)
def test_headings_announce_parts(heading: str, part: str) -> None:
    assert profiles.heading_names(heading, part)


@pytest.mark.parametrize(("heading", "part"), [("Verifier", "verification"), ("Prefixes", "mitigation"), ("", "steps")])
def test_words_within_words_do_not(heading: str, part: str) -> None:
    assert not profiles.heading_names(heading, part)


def test_the_anchor_is_the_title() -> None:
    files = {
        "a.md": "# The *title* is **bold** \n",
        "b.md": "---\ntitle: Front\n---\ntext\n",
        "c.md": "\n\njust text\n",
        "d.md": "",
    }
    found, _ = expand(files)
    shown = [files[p][d.anchor[1] : d.anchor[2]] for p, d in found.items()]
    assert shown == ["The *title* is **bold**", "Front", "just text", ""]


def test_broken_front_matter_counts_only_for_runbooks() -> None:
    text = "---\ntitle: [a\n---\n# A\n"
    _, failures = expand({"runbooks/a.md": text, "docs/b.md": text})
    assert failures == [("artifact-unparsed", "runbooks/a.md")]


SETTINGS = {
    "runbooks": {"base-urls": {"https://R.example/books/": "docs/runbooks/", "https://r.example/books/db": "db"}},
    "repository": "https://github.com/Shop/Infra",
}
PATHS = [
    "docs/runbooks/shop/ShopDown.md",
    "docs/runbooks/cache/index.md",
    "docs/runbooks/queue/README.md",
    "db/Slow.md",
    "README.md",
    "rules/local.md",
]


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://r.example/books/shop/shopdown", "docs/runbooks/shop/ShopDown.md"),
        ("https://r.example/books/shop/shopdown/?a=1#b", "docs/runbooks/shop/ShopDown.md"),
        ("http://R.EXAMPLE/Books/shop/shopdown.html", "docs/runbooks/shop/ShopDown.md"),
        ("https://r.example/books/cache", "docs/runbooks/cache/index.md"),
        ("https://r.example/books/queue/", "docs/runbooks/queue/README.md"),
        ("https://r.example/books/db/slow", "db/Slow.md"),
        ("https://r.example/books/old", "docs/runbooks/shop/ShopDown.md"),
        ("https://r.example/books/none", None),
        ("https://github.com/shop/infra/blob/main/docs/runbooks/shop/ShopDown.md", "docs/runbooks/shop/ShopDown.md"),
        ("https://github.com/shop/infra/tree/main/docs/runbooks/cache", "docs/runbooks/cache/index.md"),
        ("https://github.com/shop/infra/blob/main/docs/gone.md", None),
        ("docs/runbooks/shop/ShopDown.md", "docs/runbooks/shop/ShopDown.md"),
        ("../README.md", "README.md"),
        ("local.md", "rules/local.md"),
        ("/docs/runbooks/cache/", "docs/runbooks/cache/index.md"),
        ("TBD", None),
        ("", None),
        ("https://r.example/books/shop%2Fshop%64own", "docs/runbooks/shop/ShopDown.md"),
    ],
)
def test_links_lead_to_pages(url: str, page: str | None) -> None:
    pages = links.Pages(PATHS, SETTINGS)
    tree = READERS["markdown"](Source(0, "x.md", "---\naliases: [/books/old/]\n---\n"))[0]
    pages.add_aliases("docs/runbooks/shop/ShopDown.md", tree["front_matter"])
    assert links.find_page(pages, url, "rules/shop.yaml") == page


@pytest.mark.parametrize(
    ("url", "cause", "subject"),
    [
        ("https://wiki.example/ops/shop/down", "mapping", "https://wiki.example/ops/"),
        ("https://r.example/other", "mapping", "https://r.example/"),
        ("https://r.example/booksellers/x", "mapping", "https://r.example/booksellers/"),
        ("https://github.com/shop/other/blob/main/a.md", "mapping", "https://github.com/shop/"),
        ("https://r.example/books/{{ $labels.job }}", "template", "the runbook link"),
        ("http://[", "mapping", "http://[/"),
        ("ftp://r.example/books/cache", "mapping", "ftp:"),
        ("https://$HOST/books/a", "template", "the runbook link"),
    ],
)
def test_what_the_repository_does_not_determine_is_unknown(url: str, cause: str, subject: str) -> None:
    found = links.find_page(links.Pages(PATHS, SETTINGS), url, "rules/shop.yaml")
    assert isinstance(found, Unknown)
    assert (found.cause, found.subject) == (cause, subject)


def test_without_repository_its_addresses_are_unknown() -> None:
    url = "https://github.com/shop/infra/blob/main/README.md"
    assert isinstance(links.find_page(links.Pages(PATHS, {}), url, "a.yaml"), Unknown)
