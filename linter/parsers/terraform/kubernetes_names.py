"""How the Kubernetes provider of Terraform names what the Kubernetes API names otherwise: tables only.

Encodes the resource documentation of hashicorp/kubernetes 2.x and the Kubernetes API reference.
"""

from __future__ import annotations

from typing import Final

KINDS: Final = {
    "api_service": ("APIService", "apiregistration.k8s.io/v1"),
    "cluster_role": ("ClusterRole", "rbac.authorization.k8s.io/v1"),
    "cluster_role_binding": ("ClusterRoleBinding", "rbac.authorization.k8s.io/v1"),
    "config_map": ("ConfigMap", "v1"),
    "cron_job": ("CronJob", "batch/v1"),
    "csi_driver": ("CSIDriver", "storage.k8s.io/v1"),
    "daemon_set": ("DaemonSet", "apps/v1"),
    "daemonset": ("DaemonSet", "apps/v1"),
    "default_service_account": ("ServiceAccount", "v1"),
    "deployment": ("Deployment", "apps/v1"),
    "endpoint_slice": ("EndpointSlice", "discovery.k8s.io/v1"),
    "endpoints": ("Endpoints", "v1"),
    "horizontal_pod_autoscaler": ("HorizontalPodAutoscaler", "autoscaling/v1"),
    "ingress": ("Ingress", "networking.k8s.io/v1"),
    "ingress_class": ("IngressClass", "networking.k8s.io/v1"),
    "job": ("Job", "batch/v1"),
    "limit_range": ("LimitRange", "v1"),
    "mutating_webhook_configuration": ("MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1"),
    "namespace": ("Namespace", "v1"),
    "network_policy": ("NetworkPolicy", "networking.k8s.io/v1"),
    "persistent_volume": ("PersistentVolume", "v1"),
    "persistent_volume_claim": ("PersistentVolumeClaim", "v1"),
    "pod": ("Pod", "v1"),
    "pod_disruption_budget": ("PodDisruptionBudget", "policy/v1"),
    "pod_security_policy": ("PodSecurityPolicy", "policy/v1beta1"),
    "priority_class": ("PriorityClass", "scheduling.k8s.io/v1"),
    "replication_controller": ("ReplicationController", "v1"),
    "resource_quota": ("ResourceQuota", "v1"),
    "role": ("Role", "rbac.authorization.k8s.io/v1"),
    "role_binding": ("RoleBinding", "rbac.authorization.k8s.io/v1"),
    "runtime_class": ("RuntimeClass", "node.k8s.io/v1"),
    "secret": ("Secret", "v1"),
    "service": ("Service", "v1"),
    "service_account": ("ServiceAccount", "v1"),
    "stateful_set": ("StatefulSet", "apps/v1"),
    "storage_class": ("StorageClass", "storage.k8s.io/v1"),
    "validating_webhook_configuration": ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"),
}
"""Resource type, without `kubernetes_` and a version, → kind and apiVersion."""

BETA: Final = {
    "cron_job": "batch/v1beta1",
    "ingress": "networking.k8s.io/v1beta1",
    "pod_disruption_budget": "policy/v1beta1",
}
"""Types whose form without `_v1` still speaks an API that clusters no longer serve."""

_TEMPLATE: Final = ("spec", "template", "spec")
WORKLOADS: Final = {
    "cron_job": ("spec", "jobTemplate", *_TEMPLATE),
    "daemon_set": _TEMPLATE,
    "daemonset": _TEMPLATE,
    "deployment": _TEMPLATE,
    "job": _TEMPLATE,
    "pod": ("spec",),
    "replication_controller": _TEMPLATE,
    "stateful_set": _TEMPLATE,
}
"""Types that run pods → the path to the pod's spec."""

LISTS: Final = {
    "allowed_flex_volumes": "allowedFlexVolumes",
    "allowed_host_paths": "allowedHostPaths",
    "allowed_topologies": "allowedTopologies",
    "cluster_role_selectors": "clusterRoleSelectors",
    "container": "containers",
    "egress": "egress",
    "endpoint": "endpoints",
    "env": "env",
    "env_from": "envFrom",
    "from": "from",
    "host_aliases": "hostAliases",
    "host_ports": "hostPorts",
    "http_header": "httpHeaders",
    "image_pull_secret": "imagePullSecrets",
    "image_pull_secrets": "imagePullSecrets",
    "ingress": "ingress",
    "init_container": "initContainers",
    "items": "items",
    "limit": "limits",
    "match_expressions": "matchExpressions",
    "match_fields": "matchFields",
    "match_label_expressions": "matchLabelExpressions",
    "metric": "metrics",
    "node_selector_term": "nodeSelectorTerms",
    "option": "options",
    "path": "paths",
    "policy": "policies",
    "port": "ports",
    "ports": "ports",
    "preferred_during_scheduling_ignored_during_execution": "preferredDuringSchedulingIgnoredDuringExecution",
    "range": "ranges",
    "readiness_gate": "readinessGates",
    "required_during_scheduling_ignored_during_execution": "requiredDuringSchedulingIgnoredDuringExecution",
    "rule": "rules",
    "secret": "secrets",
    "sources": "sources",
    "subject": "subjects",
    "subset": "subsets",
    "sysctl": "sysctls",
    "tls": "tls",
    "to": "to",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume": "volumes",
    "volume_claim_template": "volumeClaimTemplates",
    "volume_device": "volumeDevices",
    "volume_mount": "volumeMounts",
    "webhook": "webhooks",
}
"""Blocks that stand for the elements of a list → the list's key."""

SINGLE: Final = frozenset(
    (
        ("node_affinity", "required_during_scheduling_ignored_during_execution"),
        ("service", "port"),
        ("volume", "secret"),
        ("sources", "secret"),
    )
)
"""(block around, block) where a name of LISTS stands for a mapping instead."""

NAMES: Final = {
    "cluster_ip": "clusterIP",
    "cluster_ips": "clusterIPs",
    "external_ips": "externalIPs",
    "host_ip": "hostIP",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "load_balancer_ip": "loadBalancerIP",
    "non_resource_urls": "nonResourceURLs",
    "pod_ip": "podIP",
    "storage_provisioner": "provisioner",
    "target_cpu_utilization_percentage": "targetCPUUtilizationPercentage",
    "volume_id": "volumeID",
}
"""Arguments that are more than their words joined in camel case."""

TOP: Final = {
    "secret": {"data": "stringData", "data_wo": "stringData", "binary_data": "data", "binary_data_wo": "data"},
}
"""Arguments of a type that the provider sends as something else: it encodes the plain `data` of a Secret itself."""

META: Final = frozenset(
    (
        "connection", "count", "data_wo_revision", "depends_on", "for_each", "id", "lifecycle", "provider", "provisioner",
        "timeouts", "wait_for_completion", "wait_for_default_service_account", "wait_for_load_balancer",
        "wait_for_rollout", "wait_for_service_account_token", "wait_until_bound",
    )
)  # fmt: skip
"""Arguments for Terraform or the provider, of which the object knows nothing."""

NUMBERS: Final = frozenset(
    ("fs_group", "max_surge", "max_unavailable", "min_available", "port", "replicas", "run_as_group", "run_as_user",
     "target_port")
)  # fmt: skip
"""Arguments the provider takes as text and sends as a number where it is one."""

SWITCHES: Final = frozenset(
    (
        "allow_privilege_escalation", "automount_service_account_token", "enable_service_links", "host_ipc",
        "host_network", "host_pid", "immutable", "optional", "paused", "privileged", "publish_not_ready_addresses",
        "read_only", "read_only_root_filesystem", "run_as_non_root", "share_process_namespace", "suspend",
    )
)  # fmt: skip
"""Arguments of type bool, for which Terraform takes "true" as well."""
