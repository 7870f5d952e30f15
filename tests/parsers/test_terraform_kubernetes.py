"""Terraform's kubernetes_* resources as Kubernetes objects, with Terraform's addresses and places."""

from __future__ import annotations

from typing import Any

import pytest

from linter.model import Map, Resource, Unknown
from tests.parsers.test_terraform import Tree

DEPLOYMENT = """
variable "image" {}
resource "kubernetes_deployment" "web" {
  metadata {
    name   = "web"
    labels = { "app.kubernetes.io/name" = "web", some_key = "kept" }
  }
  spec {
    replicas = "3"
    selector { match_labels = { app = "web" } }
    strategy {
      type = "RollingUpdate"
      rolling_update { max_surge = "25%" }
    }
    template {
      metadata { labels = { app = "web" } }
      spec {
        service_account_name = "web"
        host_pid             = "true"
        affinity {
          node_affinity {
            required_during_scheduling_ignored_during_execution {
              node_selector_term {
                match_expressions {
                  key      = "zone"
                  operator = "Exists"
                }
              }
            }
          }
          pod_anti_affinity {
            required_during_scheduling_ignored_during_execution { topology_key = "zone" }
          }
        }
        container {
          name  = "app"
          image = "nginx:1.27"
          port { container_port = 80 }
          env {
            name = "PASSWORD"
            value_from {
              secret_key_ref {
                name = "db"
                key  = "password"
              }
            }
          }
          security_context {
            run_as_user     = "1000"
            run_as_non_root = true
            capabilities { drop = ["ALL"] }
          }
          liveness_probe {
            http_get {
              path = "/"
              port = "80"
            }
          }
          volume_mount {
            name       = "data"
            mount_path = "/data"
          }
        }
        container {
          name  = "sidecar"
          image = var.image
        }
        init_container { name = "setup" }
        volume {
          name = "data"
          secret { secret_name = "db" }
        }
      }
    }
  }
}
"""


def plain(value: Any) -> Any:
    if isinstance(value, Map):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return "?" if isinstance(value, Unknown) else value


def of_kind(tree: Tree, kind: str) -> list[Resource]:
    return [resource for resource in tree.resources if resource.kind == kind]


def one(text: str, kind: str) -> Resource:
    found = of_kind(Tree({"main.tf": text}), kind)
    assert len(found) == 1, found
    return found[0]


def test_a_deployment_is_the_object_the_provider_sends() -> None:
    tree = Tree({"main.tf": DEPLOYMENT})
    deployment = of_kind(tree, "kubernetes/Deployment")[0]
    assert deployment.address == "kubernetes_deployment.web"
    assert plain(deployment.body) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "namespace": "default",
            "labels": {"app.kubernetes.io/name": "web", "some_key": "kept"},
        },
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD},
        },
    }


POD: dict[str, Any] = {
    "serviceAccountName": "web",
    "hostPID": True,
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "Exists"}]}]
            }
        },
        "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]},
    },
    "containers": [
        {
            "name": "app",
            "image": "nginx:1.27",
            "ports": [{"containerPort": 80}],
            "env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}],
            "securityContext": {"runAsUser": 1000, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}},
            "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        },
        {"name": "sidecar", "image": "?"},
    ],
    "initContainers": [{"name": "setup"}],
    "volumes": [{"name": "data", "secret": {"secretName": "db"}}],
    "automountServiceAccountToken": True,
}


def test_parts_have_addresses_of_the_resource_and_places_in_its_blocks() -> None:
    tree = Tree({"main.tf": DEPLOYMENT})
    containers = of_kind(tree, "kubernetes/container")
    assert [container.address for container in containers] == [
        "kubernetes_deployment.web:containers.app",
        "kubernetes_deployment.web:containers.sidecar",
        "kubernetes_deployment.web:initContainers.setup",
    ]
    assert of_kind(tree, "kubernetes/pod")[0].address == "kubernetes_deployment.web:pod"
    assert tree.text(containers[0].anchor) == '"app"'
    body = containers[0].body
    assert tree.written(body["securityContext"].at["runAsNonRoot"])[1] == "true"
    source, start, end, _, _ = body.at["securityContext"]
    assert tree.text((source, start, end)) == "security_context"
    assert all(resource.unit.path == "." and resource.trace is not None for resource in containers)


@pytest.mark.parametrize(
    ("type", "kind", "version"),
    [
        ("kubernetes_ingress", "Ingress", "networking.k8s.io/v1beta1"),
        ("kubernetes_ingress_v1", "Ingress", "networking.k8s.io/v1"),
        ("kubernetes_cron_job", "CronJob", "batch/v1beta1"),
        ("kubernetes_cron_job_v1", "CronJob", "batch/v1"),
        ("kubernetes_horizontal_pod_autoscaler_v2", "HorizontalPodAutoscaler", "autoscaling/v2"),
        ("kubernetes_pod_security_policy_v1beta1", "PodSecurityPolicy", "policy/v1beta1"),
        ("kubernetes_daemonset", "DaemonSet", "apps/v1"),
        ("kubernetes_namespace", "Namespace", "v1"),
    ],
)
def test_types_name_their_api_version(type: str, kind: str, version: str) -> None:
    text = f'resource "{type}" "x" {{\n  metadata {{ name = "x" }}\n}}'
    tree = Tree({"main.tf": text})
    found = of_kind(tree, f"kubernetes/{kind}")[0]
    assert found.body["apiVersion"] == version
    assert tree.written(found.body.at["apiVersion"])[1] == f'"{type}"'


@pytest.mark.parametrize(
    "type", ["kubernetes_labels", "kubernetes_config_map_v1_data", "kubernetes_annotations", "kubernetes_env"]
)
def test_what_patches_an_object_is_none(type: str) -> None:
    tree = Tree({"main.tf": f'resource "{type}" "x" {{\n  metadata {{ name = "x" }}\n}}'})
    assert [resource.kind for resource in tree.resources] == [f"terraform/{type}"]


def test_other_objects() -> None:
    text = """
resource "kubernetes_service" "a" {
  metadata {
    name      = "a"
    namespace = "shop"
  }
  spec {
    selector = { app = "web" }
    port {
      port        = 80
      target_port = "8080"
    }
    external_ips = ["1.2.3.4"]
  }
}"""
    assert plain(one(text, "kubernetes/Service").body["spec"]) == {
        "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}], "externalIPs": ["1.2.3.4"]
    }  # fmt: skip
    text = """
resource "kubernetes_ingress_v1" "a" {
  metadata { name = "a" }
  spec {
    rule {
      host = "example.com"
      http {
        path {
          path = "/"
          backend {
            service {
              name = "a"
              port { number = 80 }
            }
          }
        }
      }
    }
    tls { hosts = ["example.com"] }
  }
}"""
    backend = {"service": {"name": "a", "port": {"number": 80}}}
    assert plain(one(text, "kubernetes/Ingress").body["spec"]) == {
        "rules": [{"host": "example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}],
        "tls": [{"hosts": ["example.com"]}],
    }
    text = """
resource "kubernetes_role_binding" "a" {
  metadata { name = "a" }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "cluster-admin"
  }
  subject {
    kind = "ServiceAccount"
    name = "default"
  }
}"""
    body = plain(one(text, "kubernetes/RoleBinding").body)
    assert body["roleRef"]["apiGroup"] == "rbac.authorization.k8s.io"
    assert body["subjects"] == [{"kind": "ServiceAccount", "name": "default"}]
    text = 'resource "kubernetes_secret" "a" {\n  metadata { name = "a" }\n  data = { password = "x" }\n}'
    assert plain(one(text, "kubernetes/Secret").body["stringData"]) == {"password": "x"}
    text = """
resource "kubernetes_network_policy" "a" {
  metadata { name = "a" }
  spec {
    pod_selector {}
    ingress {
      from {
        ip_block { cidr = "0.0.0.0/0" }
      }
      ports { port = "80" }
    }
    policy_types = ["Ingress"]
  }
}"""
    assert plain(one(text, "kubernetes/NetworkPolicy").body["spec"]) == {
        "podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 80}]}],
        "policyTypes": ["Ingress"],
    }  # fmt: skip


def test_manifests_are_objects_as_they_are_written() -> None:
    text = """
resource "kubernetes_manifest" "a" {
  manifest = {
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "a" }
    spec       = { containers = [{ name = "c", image = "nginx:latest" }] }
  }
}"""
    container = one(text, "kubernetes/container")
    assert (container.address, plain(container.body)) == (
        "kubernetes_manifest.a:containers.c",
        {"name": "c", "image": "nginx:latest"},
    )


def test_the_yaml_of_kubectl_manifests_keeps_its_places_and_unknowns() -> None:
    text = """
variable "image" {}
resource "kubectl_manifest" "a" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Pod
    metadata: {name: a}
    spec:
      containers:
        - name: c
          image: "example/${var.image}"
          securityContext: {privileged: true}
  YAML
}"""
    tree = Tree({"main.tf": text})
    container = of_kind(tree, "kubernetes/container")[0]
    assert container.body["image"].prefix == "example/"
    assert tree.written(container.body["securityContext"].at["privileged"])[1] == "true"
    assert tree.text(container.anchor) == "c"


@pytest.mark.parametrize(
    "text",
    [
        'resource "helm_release" "a" {\n  name  = "a"\n  chart = "a"\n}',
        'variable "a" {}\nresource "kubernetes_manifest" "a" {\n  manifest = var.a\n}',
        'variable "a" {}\nresource "kubectl_manifest" "a" {\n  yaml_body = var.a\n}',
        'resource "kubectl_manifest" "a" {\n  yaml_body = "a: [\\n"\n}',
        'data "kubernetes_secret" "a" {\n  metadata { name = "a" }\n}',
    ],
)
def test_what_is_not_known_of_the_cluster_is_said(text: str) -> None:
    found = one(text, "kubernetes/unresolved")
    assert found.address.endswith(".a") and found.uncertain is not None


def test_an_unknown_number_of_blocks_stays_unknown() -> None:
    text = """
variable "mounts" {}
resource "kubernetes_pod" "a" {
  metadata { name = "a" }
  spec {
    container {
      name = "c"
      dynamic "volume_mount" {
        for_each = var.mounts
        content { name = volume_mount.value }
      }
    }
  }
}"""
    mounts = one(text, "kubernetes/container").body["volumeMounts"]
    assert mounts.open is not None and plain(mounts) == [{"name": "?"}]


def test_a_workload_without_a_container_passes_for_nothing() -> None:
    tree = Tree({"main.tf": 'resource "kubernetes_deployment" "a" {\n  metadata { name = "a" }\n}'})
    container = of_kind(tree, "kubernetes/container")[0]
    assert container.address == "kubernetes_deployment.a:containers[0]"
    assert tree.text(container.anchor) == '"kubernetes_deployment"'
    tree = Tree({"main.tf": 'resource "kubernetes_pod" "a" {\n  spec {}\n}'})
    assert tree.text(of_kind(tree, "kubernetes/container")[0].anchor) == "spec"


def test_objects_without_pods_of_their_own_are_for_pods_from_elsewhere() -> None:
    policy = """
resource "kubernetes_network_policy" "a" {
  metadata { name = "a" }
  spec {
    pod_selector { match_labels = { app = "web" } }
    policy_types = ["Ingress"]
  }
}
"""
    assert one(policy, "kubernetes/unresolved").uncertain is not None
    pod = """
resource "kubernetes_pod" "a" {
  metadata { name = "a" }
  spec {
    container { name = "c" }
  }
}
"""
    assert not of_kind(Tree({"main.tf": policy + pod}), "kubernetes/unresolved")
    module = 'module "m" {\n  source = "example/charts/kubernetes"\n}\n'
    assert one(policy + pod + module, "kubernetes/unresolved").address == "module.m"
