"""What the comparing checks of pods, budgets and Ingresses say, and where they pass or stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import failed, scanned, write

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
"""
BUDGET = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: %s
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: %s
  selector: {matchLabels: {app: web}}
"""
SCALER = """
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  %s
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""


def fails(root: Path, text: str, *rules: str) -> list[str]:
    write(root, {"manifest.yaml": text})
    return [finding.rule for finding in failed(scanned(root, *rules))]


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        ("  {serviceAccount: a, containers: []}", 1),
        ("  {serviceAccount: a, serviceAccountName: b, containers: []}", 1),
        ("  {serviceAccount: a, serviceAccountName: a, containers: []}", 0),
        ("  {serviceAccountName: a, containers: []}", 0),
        ("  {containers: []}", 0),
    ],
)
def test_the_old_account_field_passes_only_as_the_api_server_repeats_it(tmp_path: Path, spec: str, count: int) -> None:
    assert len(fails(tmp_path, POD + spec, "service-account-name")) == count


@pytest.mark.parametrize(
    ("ready", "live", "count"),
    [
        ("{tcpSocket: {port: 80}}", "{tcpSocket: {port: 80}}", 1),
        ("{exec: {command: [a, b]}}", "{exec: {command: [a, b]}}", 1),
        ("{exec: {command: [a, b]}}", "{exec: {command: [b, a]}}", 0),
        ("{exec: {command: [a]}}", "{exec: {command: [a, a]}}", 0),
        ("{tcpSocket: {port: 80}}", "{tcpSocket: {port: 80}, failureThreshold: 9}", 0),
        ("{tcpSocket: {port: 80}}", "{httpGet: {port: 80}}", 0),
    ],
)
def test_probes_are_compared_whole(tmp_path: Path, ready: str, live: str, count: int) -> None:
    spec = f"  containers: [{{name: web, image: nginx, readinessProbe: {ready}, livenessProbe: {live}}}]"
    assert len(fails(tmp_path, POD + spec, "probes-differ")) == count


def test_each_mount_of_a_folder_of_the_node_is_judged(tmp_path: Path) -> None:
    mounts = "[{name: a, mountPath: /a}, {name: a, mountPath: /b, readOnly: true}, {name: b, mountPath: /c}]"
    spec = f"""
  initContainers: [{{name: one, image: a, volumeMounts: {mounts}}}]
  containers: [{{name: two, image: a, volumeMounts: [{{name: a, mountPath: /a, readOnly: false}}]}}]
  volumes: [{{name: a, hostPath: {{path: /a}}}}, {{name: b, emptyDir: {{}}}}]
"""
    assert len(fails(tmp_path, POD + spec, "node-folders-read-only")) == 2


def test_names_of_the_environment_are_unique_within_a_container(tmp_path: Path) -> None:
    env = "[{name: A, value: x}, {name: B, value: x}, {name: A, value: y}]"
    spec = f"  containers: [{{name: one, image: a, env: {env}}}, {{name: two, image: a, env: [{{name: A, value: z}}]}}]"
    assert len(fails(tmp_path, POD + spec, "environment-names-unique")) == 1


@pytest.mark.parametrize(
    ("replicas", "least", "rules"),
    [
        ("3", "2", []),
        ("2", "2", ["budget-below-replicas"]),
        ("3", "67%", ["budget-below-replicas"]),
        ("3", "66%", []),
        ("0", "1", []),
    ],
)
def test_a_budget_leaves_a_replica(tmp_path: Path, replicas: str, least: str, rules: list[str]) -> None:
    found = fails(tmp_path, BUDGET % (replicas, least), "budget-below-replicas", "budget-below-autoscaler")
    assert found == rules


@pytest.mark.parametrize(
    ("spec", "least", "rules"),
    [
        ("minReplicas: 4", "3", []),
        ("minReplicas: 3", "3", ["budget-below-replicas"]),
        ("minReplicas: 2", "3", ["budget-below-autoscaler"]),
        ("maxReplicas: 9", "2", ["budget-below-autoscaler"]),
    ],
)
def test_an_autoscaler_counts_with_its_least_number(tmp_path: Path, spec: str, least: str, rules: list[str]) -> None:
    text = BUDGET % (5, least) + SCALER % spec
    assert fails(tmp_path, text, "budget-below-replicas", "budget-below-autoscaler") == rules


@pytest.mark.parametrize(
    ("backend", "count"),
    [
        ("service: {name: web, port: {number: 80}}", 0),
        ("service: {name: web, port: {name: http}}", 0),
        ("service: {name: web, port: {number: 81}}", 1),
        ("service: {name: web, port: {name: https}}", 1),
        ("service: {name: other, port: {number: 81}}", 0),
        ("resource: {kind: Bucket, name: web}", 0),
        ("{serviceName: web, servicePort: 81}", 1),
    ],
)
def test_an_ingress_leads_to_a_port_of_its_service(tmp_path: Path, backend: str, count: int) -> None:
    value = backend if backend.startswith("{") else f"{{{backend}}}"
    text = f"""
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{ports: [{{name: http, port: 80}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web}}
spec:
  rules: [{{host: a.example, http: {{paths: [{{path: /, backend: {value}}}]}}}}]
"""
    assert len(fails(tmp_path, text, "ingress-port-exists")) == count
