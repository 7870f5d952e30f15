"""API versions held against the cluster's version."""

from __future__ import annotations

import pytest

from linter.checks.kubernetes.versions import _TABLE, RELEASED, _removals
from linter.engine.proof import scan_files
from linter.rules import open_pack

PACK = open_pack()


def judged(version: str, kind: str, cluster: str = "") -> list[tuple[str, str]]:
    files = {"a.yaml": f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n"}
    if cluster:
        files["opslint.yaml"] = f'version: 1\nkubernetes: {{version: "{cluster}"}}\n'
    found = scan_files(files, PACK, "no-deprecated-api")
    assert not found.report.failures
    return [(judgement.outcome, judgement.message) for judgement in found.judgements]


@pytest.mark.parametrize(
    ("version", "kind", "cluster", "outcomes"),
    [
        ("extensions/v1beta1", "Deployment", "", ["fail"]), ("extensions/v1beta1", "Ingress", "1.21", ["pass"]),
        ("extensions/v1beta1", "Ingress", "1.22", ["fail"]), ("policy/v1beta1", "PodSecurityPolicy", "1.24", ["pass"]),
        ("policy/v1beta1", "PodSecurityPolicy", "1.25", ["fail"]), ("apps/v1", "Deployment", "", ["pass"]),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.9", ["pass"]),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.100", ["fail"]),
        ("apps.kruise.io/v1alpha1", "StatefulSet", "", []), ("v1", "ConfigMap", "", []),
        ("storage.k8s.io/v1beta1", "VolumeAttributesClass", "", []),
    ],
)  # fmt: skip
def test_served(version: str, kind: str, cluster: str, outcomes: list[str]) -> None:
    assert [outcome for outcome, _ in judged(version, kind, cluster)] == outcomes


def test_messages_say_since_when_and_what_instead() -> None:
    assert judged("batch/v1beta1", "CronJob") == [
        ("fail", "batch/v1beta1 of CronJob is not served since Kubernetes 1.25 (August 2022); batch/v1 replaced it.")
    ]
    assert judged("batch/v1beta1", "CronJob", "1.24") == [
        ("pass", "batch/v1beta1 of CronJob is served until Kubernetes 1.25 (August 2022).")
    ]
    assert judged("policy/v1beta1", "PodSecurityPolicy")[0][1].endswith("and nothing replaced it.")


def test_the_table_is_whole() -> None:
    table = _removals()
    assert {removal.minor for removal in table.values()} == set(RELEASED)
    assert len(table) == sum(len(line.split()) - 3 for line in _TABLE.strip().splitlines())
    for (version, _), removal in table.items():
        assert removal.instead in ("-", removal.instead.rpartition("/")[0] + "/v1", "autoscaling/v2")
        assert version != removal.instead
