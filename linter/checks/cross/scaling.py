"""How far things may grow, and what fails alone: autoscalers and quotas, gateways and zones, clusters of one machine."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.cross.common import LOWER, found, place_of, same_place, step_into, unsure
from linter.conditions.operators import number
from linter.discovery.environments import PRODUCTION
from linter.model import FAIL, Estate, Origin, Resource, Unknown
from linter.text import safe_line
from linter.trees import as_map, at_path, maps

_SCALERS = {
    "kubernetes/HorizontalPodAutoscaler": "maxReplicas",
    "kubernetes/ScaledObject": "maxReplicaCount",
}
_CLUSTERS = ("aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster")
_ASKED = {
    "requests.cpu": ("requests", "cpu"), "cpu": ("requests", "cpu"), "limits.cpu": ("limits", "cpu"),
    "requests.memory": ("requests", "memory"), "memory": ("requests", "memory"), "limits.memory": ("limits", "memory"),
}  # fmt: skip
"""What a quota bounds → where a container says it (Kubernetes, "Resource Quotas"; a request is its limit by default)."""


def scaling_fits_quota(estate: Estate) -> Iterator[Verdict]:
    """What an autoscaler may grow to fits its namespace's ResourceQuota, even if nothing else ran there.

    Quotas of some pods only (`scopes`) are not judged, nor bounds of what the pods do not say.
    """
    quotas = [
        each
        for each in estate.of_kind("kubernetes/ResourceQuota")
        if at_path(each.body, ("spec", "scopes")) is None and at_path(each.body, ("spec", "scopeSelector")) is None
    ]
    for kind, key in _SCALERS.items() if quotas else ():
        for scaler in estate.of_kind(kind):
            workload = next((to.target for to in estate.outgoing.get(id(scaler), ()) if to.name == "targets"), None)
            for quota in quotas:
                if workload is not None and _together(scaler, quota):
                    yield from _grown(scaler, workload, quota, f"spec.{key}")


def _together(one: Resource, other: Resource) -> bool:
    spaces = [at_path(each.body, ("metadata", "namespace")) for each in (one, other)]
    return (
        same_place(one, other) and isinstance(spaces[0], str) and isinstance(spaces[1], str) and spaces[0] == spaces[1]
    )


def _grown(scaler: Resource, workload: Resource, quota: Resource, path: str) -> Iterator[Verdict]:
    most = step_into(scaler.body, path)
    span = place_of(scaler.body, path, scaler.anchor)
    count = number(most)
    if isinstance(most, Unknown):
        yield unsure(scaler, f"How far {scaler.address} scales is unknown: {most.subject}.", most, span, quota.address)
    if count is None:
        return
    hard = as_map(at_path(quota.body, ("spec", "hard")))
    judged = False
    for bound, written in hard.items():
        have, each = number(written), 1.0 if bound == "pods" else _of_pod(workload, str(bound))
        if have is None or each is None:
            continue
        judged = True
        if count * each > have:
            entry = hard.at[bound]
            there = (Origin(f"{quota.address} allows {safe_line(str(written), 40)}", (entry[0], entry[3], entry[4])),)
            message = f"{scaler.address} may grow to {count:g} pods, and {quota.address} has {bound} for {int(have / each):g}."
            yield Verdict(scaler, FAIL, message, span, f"{quota.address} {bound}", there)
            return
    if judged:
        there = (Origin("the quota is here", quota.anchor),)
        yield found(scaler, f"{scaler.address} fits {quota.address}.", span, quota.address)._replace(related=there)


def _of_pod(workload: Resource, bound: str) -> float | None:
    """What one pod of a workload counts against a bound; None where a container does not say it or it is unknown."""
    path = _ASKED.get(bound)
    containers = maps(at_path(workload.body, ("spec", "template", "spec", "containers")))
    if path is None or not containers:
        return None
    total = 0.0
    for container in containers:
        resources = container.get("resources")
        value = at_path(resources, path)
        if value is None and path[0] == "requests":
            value = at_path(resources, ("limits", path[1]))
        amount = None if isinstance(value, Unknown) else number(value)
        if amount is None:
            return None
        total += amount
    return total or None


def gateways_in_every_zone(estate: Estate) -> Iterator[Verdict]:
    """The private subnets of several zones of production do not leave through one NAT gateway.

    By routes and their tables' associations, or by `single_nat_gateway` of the widely used module for VPCs
    (registry.terraform.io, terraform-aws-modules/vpc: one for all zones).
    """
    for module in estate.of_kind("terraform/module"):
        single = module.body.get("single_nat_gateway")
        source = module.body.get("source")
        known = isinstance(source, str) and "terraform-aws-modules/vpc" in source
        if known and single is not None and module.body.get("enable_nat_gateway") is True and _is_production(module):
            span = place_of(module.body, "single_nat_gateway", module.anchor)
            if isinstance(single, Unknown):
                yield unsure(module, f"Whether {module.address} has one NAT gateway is unknown.", single, span)
            elif single is True or single == "true":
                message = f"All private subnets of {module.address} leave through one NAT gateway, in one zone."
                yield Verdict(module, FAIL, message, span)
            else:
                yield found(module, f"{module.address} has a NAT gateway in each zone.", span)
    for gateway in estate.of_kind("terraform/aws_nat_gateway"):
        if _is_production(gateway) and not gateway.address.endswith("]") and _is_one(gateway):
            yield from _served(estate, gateway)


def _is_production(resource: Resource) -> bool:
    return resource.environment is not None and resource.environment.tier == PRODUCTION


def _served(estate: Estate, gateway: Resource) -> Iterator[Verdict]:
    zones: dict[str, Resource] = {}
    unknown: Unknown | None = None
    for subnet in _subnets(estate, gateway):
        zone = subnet.body.get("availability_zone")
        if isinstance(zone, str):
            zones.setdefault(zone, subnet)
        elif isinstance(zone, Unknown):
            unknown = unknown if unknown is not None else zone
    if len(zones) > 1:
        there = tuple(Origin(f"a subnet in {zone}", subnet.anchor) for zone, subnet in sorted(zones.items())[:4])
        message = f"The subnets of {len(zones)} zones leave through {gateway.address} alone."
        yield Verdict(gateway, FAIL, message, gateway.anchor, "", there)
    elif unknown is None and zones:
        yield found(gateway, f"{gateway.address} serves the subnets of one zone.")


def _subnets(estate: Estate, gateway: Resource) -> list[Resource]:
    """The subnets whose route table leads to a gateway, each once."""
    tables: dict[int, Resource] = {}
    for link in estate.incoming.get(id(gateway), ()):
        if link.source.kind == "terraform/aws_route_table":
            tables[id(link.source)] = link.source
        elif link.source.kind == "terraform/aws_route":
            for to in estate.outgoing.get(id(link.source), ()):
                if to.target.kind == "terraform/aws_route_table":
                    tables[id(to.target)] = to.target
    found_: dict[int, Resource] = {}
    for table in tables.values():
        for link in estate.incoming.get(id(table), ()):
            if link.source.kind == "terraform/aws_route_table_association":
                for to in estate.outgoing.get(id(link.source), ()):
                    if to.target.kind == "terraform/aws_subnet":
                        found_[id(to.target)] = to.target
    return list(found_.values())


def clusters_of_several(estate: Estate) -> Iterator[Verdict]:
    """A cluster of Aurora, DocumentDB or Neptune has an instance besides its writer, which takes over when that fails
    (Aurora user guide, "High availability"). Clusters without any instance here, serverless ones of the first version
    and Multi-AZ clusters of RDS, which have three machines, are not judged."""
    for cluster in (each for kind in _CLUSTERS for each in estate.of_kind(f"terraform/{kind}")):
        mode = cluster.body.get("engine_mode")
        if (
            isinstance(mode, Unknown)
            or mode == "serverless"
            or cluster.body.get("db_cluster_instance_class") is not None
        ):
            continue
        members = [
            link.source
            for link in estate.incoming.get(id(cluster), ())
            if link.source.kind == f"{cluster.kind}_instance" and link.path.startswith("cluster_identifier")
        ]
        counts = [_instances(each) for each in members]
        doubt = next((each for each in counts if isinstance(each, Unknown)), None)
        several = sum(each for each in counts if isinstance(each, int))
        if doubt is not None and several < 2:
            yield unsure(cluster, f"How many instances {cluster.address} has is unknown: {doubt.subject}.", doubt)
        elif several == 1:
            lowered = int(cluster.environment is not None and cluster.environment.tier in LOWER)
            only = (Origin("its only instance is here", members[0].anchor),)
            message = f"{cluster.address} has one instance and nothing that takes over when it fails."
            yield Verdict(cluster, FAIL, message, cluster.anchor, "", only, (), lowered)
        elif several:
            there = tuple(Origin("an instance is here", each.anchor) for each in members[:3])
            yield found(cluster, f"{cluster.address} has {several} instances.")._replace(related=there)


def _instances(resource: Resource) -> int | Unknown:
    """How many of a resource there are, by its `count` or `for_each`; one that is an instance counts itself."""
    if resource.address.endswith("]"):
        return 1
    count, each = resource.body.get("count"), resource.body.get("for_each")
    if resource.uncertain is not None:
        return resource.uncertain
    for value in (count, each):
        if isinstance(value, Unknown):
            return value
    if isinstance(each, (list, dict)):
        return len(each)
    number_of = number(count)
    return 1 if number_of is None else int(number_of)


def _is_one(resource: Resource) -> bool:
    count = _instances(resource)
    return not isinstance(count, Unknown) and count == 1
