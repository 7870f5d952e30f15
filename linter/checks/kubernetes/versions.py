"""API versions that clusters no longer serve, by the cluster's version.

Encodes https://kubernetes.io/docs/reference/using-api/deprecation-guide/ as of Kubernetes 1.34.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, Estate, Resource, Unknown, handle
from linter.records import NamedTuple
from linter.trees import says

RELEASED = {
    16: "September 2019", 17: "December 2019", 21: "April 2021", 22: "August 2021", 25: "August 2022",
    26: "December 2022", 27: "April 2023", 29: "December 2023", 32: "December 2024",
}  # fmt: skip
"""Minor release → when it came out."""

_TABLE = """
16 extensions/v1beta1 apps/v1 Deployment DaemonSet ReplicaSet StatefulSet
16 extensions/v1beta1 networking.k8s.io/v1 NetworkPolicy
16 extensions/v1beta1 - PodSecurityPolicy
16 apps/v1beta1 apps/v1 Deployment StatefulSet ControllerRevision
16 apps/v1beta2 apps/v1 Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision
17 scheduling.k8s.io/v1alpha1 scheduling.k8s.io/v1 PriorityClass
21 batch/v2alpha1 batch/v1 CronJob
22 extensions/v1beta1 networking.k8s.io/v1 Ingress
22 networking.k8s.io/v1beta1 networking.k8s.io/v1 Ingress IngressClass
22 admissionregistration.k8s.io/v1beta1 admissionregistration.k8s.io/v1 MutatingWebhookConfiguration
22 admissionregistration.k8s.io/v1beta1 admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration
22 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1 CustomResourceDefinition
22 apiregistration.k8s.io/v1beta1 apiregistration.k8s.io/v1 APIService
22 authentication.k8s.io/v1beta1 authentication.k8s.io/v1 TokenReview
22 authorization.k8s.io/v1beta1 authorization.k8s.io/v1 LocalSubjectAccessReview SubjectAccessReview
22 certificates.k8s.io/v1beta1 certificates.k8s.io/v1 CertificateSigningRequest
22 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 Lease
22 rbac.authorization.k8s.io/v1alpha1 rbac.authorization.k8s.io/v1 Role ClusterRole RoleBinding ClusterRoleBinding
22 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1 Role ClusterRole RoleBinding ClusterRoleBinding
22 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 PriorityClass
22 storage.k8s.io/v1beta1 storage.k8s.io/v1 CSIDriver CSINode StorageClass VolumeAttachment
25 batch/v1beta1 batch/v1 CronJob
25 discovery.k8s.io/v1beta1 discovery.k8s.io/v1 EndpointSlice
25 events.k8s.io/v1beta1 events.k8s.io/v1 Event
25 autoscaling/v2beta1 autoscaling/v2 HorizontalPodAutoscaler
25 policy/v1beta1 policy/v1 PodDisruptionBudget
25 policy/v1beta1 - PodSecurityPolicy
25 node.k8s.io/v1beta1 node.k8s.io/v1 RuntimeClass
26 autoscaling/v2beta2 autoscaling/v2 HorizontalPodAutoscaler
26 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1 FlowSchema PriorityLevelConfiguration
27 storage.k8s.io/v1beta1 storage.k8s.io/v1 CSIStorageCapacity
29 flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1 FlowSchema PriorityLevelConfiguration
32 flowcontrol.apiserver.k8s.io/v1beta3 flowcontrol.apiserver.k8s.io/v1 FlowSchema PriorityLevelConfiguration
"""
"""Minor release that stopped serving a version, the version, what replaced it (`-`: nothing), kinds."""


class Removal(NamedTuple):
    minor: int
    instead: str


def api_served(estate: Estate, *, kind: str = "kubernetes/*") -> Iterator[Verdict]:
    """The cluster serves the apiVersion of every object; the cluster is `kubernetes.version` of the policy or the newest.

    Judges the kinds of which some version is gone.
    """
    table = _removals()
    target = _target(estate.settings)
    kinds = {name for _, name in table}
    for resource in estate.of_kind(kind):
        if resource.owner is None and says(resource.body.get("kind"), *kinds):
            verdict = _judged(resource, table, target)
            if verdict is not None:
                yield verdict


def _judged(resource: Resource, table: Mapping[tuple[str, str], Removal], target: int | None) -> Verdict | None:
    version, name = resource.body.get("apiVersion"), resource.body["kind"]
    if not isinstance(version, str) or isinstance(version, Unknown) or _foreign(version):
        return None
    span = handle(version, resource.body.at["apiVersion"]) if "apiVersion" in resource.body.at else resource.anchor
    removal = table.get((version, name))
    if removal is None:
        return Verdict(resource, PASS, f"{version} of {name} is served.", span)
    date = f"1.{removal.minor} ({RELEASED[removal.minor]})"
    if target is not None and target < removal.minor:
        return Verdict(resource, PASS, f"{version} of {name} is served until Kubernetes {date}.", span)
    instead = f"; {removal.instead} replaced it" if removal.instead != "-" else " and nothing replaced it"
    return Verdict(resource, FAIL, f"{version} of {name} is not served since Kubernetes {date}{instead}.", span)


def _foreign(version: str) -> bool:
    """Kinds of the same name in groups of other projects (`Job` of Volcano) are none of the API server's own."""
    group = version.rpartition("/")[0]
    return "." in group and not group.endswith(".k8s.io")


def _removals() -> dict[tuple[str, str], Removal]:
    found: dict[tuple[str, str], Removal] = {}
    for line in _TABLE.strip().splitlines():
        minor, version, instead, *kinds = line.split()
        for kind in kinds:
            found[version, kind] = Removal(int(minor), instead)
    return found


def _target(settings: Mapping[str, Any]) -> int | None:
    """The minor version in `kubernetes: {version: "1.29"}`."""
    section = settings.get("kubernetes")
    version = section.get("version") if isinstance(section, Mapping) else None
    return int(version.partition(".")[2]) if isinstance(version, str) else None
