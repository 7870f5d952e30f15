"""The same objects written in several folders of one repository stay several, and their links do not mix."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from linter.engine.estate import read_estate
from linter.model import Estate

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"


@pytest.fixture(scope="module")
def demo() -> Estate:
    return read_estate(str(CORPORA / "microservices-demo"), {}, lambda _: None, {}).estate


def test_one_deployment_written_three_times_is_three(demo: Estate) -> None:
    frontends = [r for r in demo.kinds["kubernetes/Deployment"] if r.address == "Deployment/default/frontend"]
    units = Counter((r.unit.kind, r.unit.path) for r in frontends)
    assert set(units.values()) == {1}
    assert {("kustomize", "kubernetes-manifests"), ("manifests", "release"), ("kustomize", "kustomize")} <= set(units)
    assert len({r.identity for r in frontends}) == len(frontends)


def test_links_stay_in_their_unit(demo: Estate) -> None:
    links = [link for group in demo.outgoing.values() for link in group if link.source.kind.startswith("kubernetes/")]
    inside = [link for link in links if link.target.kind.startswith("kubernetes/")]
    assert len(inside) > 200
    assert [link for link in inside if link.source.unit != link.target.unit] == []
    assert [link for link in inside if link.source.environment != link.target.environment] == []
    for unit in ("kubernetes-manifests", "release", "kustomize"):
        services = [r for r in demo.kinds["kubernetes/Service"] if r.unit.path == unit and r.name == "frontend"]
        selected = [link.target for link in demo.outgoing[id(services[0])] if link.name == "selects"]
        assert [(pod.unit.path, pod.address) for pod in selected] == [(unit, "Deployment/default/frontend:pod")]


def test_images_lead_to_the_folders_they_are_built_from(demo: Estate) -> None:
    """No pod's image leads to a Dockerfile of another service; what is not built here leads nowhere."""
    built: dict[str, set[str]] = {}
    for container in demo.kinds["kubernetes/container"]:
        for link in demo.outgoing.get(id(container), ()):
            if link.name == "built_by" and container.owner is not None:
                built.setdefault(container.owner.name, set()).add(link.target.address)
    assert len(built) >= 11
    assert {name: {path.split("/")[1] for path in paths} for name, paths in built.items()} == {
        name: {name} for name in built
    }
    assert built["cartservice"] == {"src/cartservice/src/Dockerfile"}
