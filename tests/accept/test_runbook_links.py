"""Alert → runbook links on real rules and pages: kube-prometheus with its runbooks beside it."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from linter.estate import runbook_links
from linter.model import Artifact, Estate, Source, Unknown, Workspace
from linter.parsers import documents, monitoring
from linter.syntax import markdown, yaml

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
MAPPING = {"https://runbooks.prometheus-operator.dev/runbooks/": "runbooks/content/runbooks"}


def read(root: Path, settings: dict[str, Any]) -> Estate:
    """An estate of a folder's alerts and pages."""
    artifacts: dict[str, Artifact] = {}
    estate = Estate()
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root).as_posix()
        if file.suffix in (".md", ".yaml", ".yml"):
            source = Source(len(estate.sources), path, file.read_text(encoding="utf-8"))
            estate.sources.append(source)
            kind, reader = ("markdown", markdown.load) if file.suffix == ".md" else ("yaml", yaml.load)
            artifacts[path] = Artifact(path, kind, source, reader(source.index, source.text), [])
    estate.paths = frozenset(artifacts)
    estate.settings = settings
    workspace = Workspace(artifacts, estate.paths, settings, lambda *_: None, lambda _: None)
    for expand in (monitoring.expand, documents.expand):
        for resource in expand(workspace):
            estate.add(resource)
    runbook_links.resolve(estate)
    return estate


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("beside")
    shutil.copytree(CORPORA / "kube-prometheus" / "manifests", root / "manifests")
    shutil.copytree(CORPORA / "prometheus-runbooks", root / "runbooks")
    return root


def outcome(estate: Estate) -> Counter[str]:
    counted: Counter[str] = Counter()
    for alert in estate.kinds["monitoring/alert"]:
        links = [li for li in estate.outgoing.get(id(alert), ()) if li.name == runbook_links.NAME]
        unknown = any(isinstance(reference.target, Unknown) for reference in alert.references)
        counted["resolved" if links else "unknown" if unknown else "unresolved"] += 1
    return counted


def test_mapped_links_resolve(tree: Path) -> None:
    estate = read(tree, {"runbooks": {"base-urls": MAPPING}})
    assert outcome(estate) == {"resolved": 112, "unresolved": 27}
    names = {li.source.name for links in estate.outgoing.values() for li in links}
    assert len(names) == 99
    profiles = Counter(runbook.body["profile_from"] for runbook in estate.kinds["document/runbook"])
    assert profiles["link"] == 99


def test_without_a_mapping_all_are_unknown(tree: Path) -> None:
    estate = read(tree, {})
    assert outcome(estate) == {"unknown": 139}
    causes = {r.target.cause for a in estate.kinds["monitoring/alert"] for r in a.references}  # type: ignore[union-attr]
    assert causes == {"mapping"}
