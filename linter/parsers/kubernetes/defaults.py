"""What the API server puts where a manifest says nothing.

Each block of the table names the page of https://kubernetes.io/docs/reference/kubernetes-api/ it is taken from.
Fields that stay empty are not in it, nor those whose default depends on another (imagePullPolicy on the tag) or on the
cluster. Rules say `absent:` for these; the test suite holds what they say against this table.
"""

from __future__ import annotations

from typing import Any

_TABLE: dict[tuple[str, ...], dict[str, Any]] = {
    # workload-resources/deployment-v1
    ("Deployment",): {
        "spec.replicas": 1, "spec.strategy.type": "RollingUpdate", "spec.strategy.rollingUpdate.maxUnavailable": "25%",
        "spec.strategy.rollingUpdate.maxSurge": "25%", "spec.revisionHistoryLimit": 10,
        "spec.progressDeadlineSeconds": 600, "spec.minReadySeconds": 0, "spec.paused": False,
    },
    # workload-resources/stateful-set-v1
    ("StatefulSet",): {
        "spec.replicas": 1, "spec.updateStrategy.type": "RollingUpdate", "spec.podManagementPolicy": "OrderedReady",
        "spec.revisionHistoryLimit": 10, "spec.updateStrategy.rollingUpdate.partition": 0,
    },
    # workload-resources/daemon-set-v1
    ("DaemonSet",): {
        "spec.updateStrategy.type": "RollingUpdate", "spec.updateStrategy.rollingUpdate.maxUnavailable": 1,
        "spec.revisionHistoryLimit": 10,
    },
    # workload-resources/replica-set-v1, replication-controller-v1
    ("ReplicaSet", "ReplicationController"): {"spec.replicas": 1},
    # workload-resources/job-v1
    ("Job",): {
        "spec.parallelism": 1, "spec.completions": 1, "spec.backoffLimit": 6, "spec.completionMode": "NonIndexed",
        "spec.suspend": False,
    },
    # workload-resources/cron-job-v1
    ("CronJob",): {
        "spec.concurrencyPolicy": "Allow", "spec.suspend": False, "spec.successfulJobsHistoryLimit": 3,
        "spec.failedJobsHistoryLimit": 1,
    },
    # workload-resources/pod-v1: PodSpec
    ("pod",): {
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "hostNetwork": False, "hostPID": False, "hostIPC": False, "shareProcessNamespace": False,
        "enableServiceLinks": True, "schedulerName": "default-scheduler", "serviceAccountName": "default",
        "automountServiceAccountToken": True, "setHostnameAsFQDN": False, "hostUsers": True,
        "preemptionPolicy": "PreemptLowerPriority",
    },
    # workload-resources/pod-v1: Container, SecurityContext, Probe
    ("container",): {
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "securityContext.privileged": False, "securityContext.allowPrivilegeEscalation": True,
        "securityContext.readOnlyRootFilesystem": False, "securityContext.procMount": "Default",
        "stdin": False, "tty": False, "ports.protocol": "TCP", "ports.hostPort": 0,
        **{
            f"{probe}.{key}": value
            for probe in ("livenessProbe", "readinessProbe", "startupProbe")
            for key, value in (
                ("periodSeconds", 10), ("timeoutSeconds", 1), ("successThreshold", 1), ("failureThreshold", 3),
                ("httpGet.scheme", "HTTP"), ("initialDelaySeconds", 0),
            )
        },
    },
    # service-resources/service-v1
    ("Service",): {
        "spec.type": "ClusterIP", "spec.sessionAffinity": "None", "spec.ports.protocol": "TCP",
        "spec.internalTrafficPolicy": "Cluster", "spec.publishNotReadyAddresses": False,
    },
    # policy-resources/network-policy-v1
    ("NetworkPolicy",): {"spec.ingress.ports.protocol": "TCP", "spec.egress.ports.protocol": "TCP"},
    # workload-resources/horizontal-pod-autoscaler-v2
    ("HorizontalPodAutoscaler",): {"spec.minReplicas": 1},
    # policy-resources/pod-disruption-budget-v1
    ("PodDisruptionBudget",): {"spec.unhealthyPodEvictionPolicy": "IfHealthyBudget"},
    # authentication-resources/service-account-v1
    ("ServiceAccount",): {"automountServiceAccountToken": True},
    # config-and-storage-resources/secret-v1, config-map-v1
    ("Secret",): {"type": "Opaque", "immutable": False},
    ("ConfigMap",): {"immutable": False},
    # config-and-storage-resources/storage-class-v1, persistent-volume-claim-v1
    ("StorageClass",): {
        "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "allowVolumeExpansion": False,
    },
    ("PersistentVolumeClaim",): {"spec.volumeMode": "Filesystem"},
    # extend-resources/validating-webhook-configuration-v1, mutating-webhook-configuration-v1
    ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"): {
        "webhooks.failurePolicy": "Fail", "webhooks.timeoutSeconds": 10, "webhooks.matchPolicy": "Equivalent",
    },
}  # fmt: skip
"""Kinds → dotted path → default."""


def default_of(kind: str, path: str) -> Any:
    """The default of a field of a `kubernetes/<Kind>`; None where it stays empty or is not known."""
    wanted = kind.removeprefix("kubernetes/")
    for kinds, fields in _TABLE.items():
        if wanted in kinds:
            return fields.get(path)
    return None
