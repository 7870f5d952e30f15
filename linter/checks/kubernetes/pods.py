"""Checks that compare fields of a pod or a container with each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Unknown, handle
from linter.trees import as_map, maps

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def annotation_values(
    estate: Estate, *, prefix: str, refused: Sequence[str], kind: str = "kubernetes/pod"
) -> Iterator[Verdict]:
    """Annotations of a pod template whose key starts with `prefix` have none of the refused values."""
    for pod in estate.of_kind(kind):
        metadata = as_map(as_map(pod.context.get("template")).get("metadata"))
        annotations = as_map(metadata.get("annotations"))
        for key, value in annotations.items():
            if not str(key).startswith(prefix):
                continue
            span = handle(value, annotations.at[key])
            if isinstance(value, Unknown):
                yield _unknown(pod, value, span, str(key))
                continue
            outcome = FAIL if value in refused else PASS
            yield Verdict(pod, outcome, f"{key} of {pod.name} is {value}.", span, str(key))


def host_mounts_read_only(estate: Estate, *, kind: str = "kubernetes/pod") -> Iterator[Verdict]:
    """Containers mount hostPath volumes with `readOnly: true`; the API's default is false (VolumeMount)."""
    for pod in estate.of_kind(kind):
        volumes = maps(pod.body.get("volumes"))
        folders = {str(volume.get("name")) for volume in volumes if volume.get("hostPath") is not None}
        for group in _CONTAINERS if folders else ():
            for container in maps(pod.body.get(group)):
                yield from _host_mounts(pod, container, folders)


def _host_mounts(pod: Resource, container: Map, folders: set[str]) -> Iterator[Verdict]:
    for mount in maps(container.get("volumeMounts")):
        volume = mount.get("name")
        if isinstance(volume, Unknown) or str(volume) not in folders:
            continue
        told = mount.get("readOnly")
        key = "name" if told is None else "readOnly"
        span, element = handle(mount[key], mount.at[key]), f"{container.get('name')}.{volume}"
        if isinstance(told, Unknown):
            yield _unknown(pod, told, span, element)
        elif isinstance(told, bool) and told:
            yield Verdict(pod, PASS, f"{pod.name} mounts '{volume}' of its node read-only.", span, element)
        else:
            yield Verdict(pod, FAIL, f"{pod.name} may write into '{volume}', a folder of its node.", span, element)


def deprecated_account_field(estate: Estate, *, kind: str = "kubernetes/pod") -> Iterator[Verdict]:
    """`serviceAccount` is there only as the API server writes it: equal to `serviceAccountName` (PodSpec)."""
    for pod in estate.of_kind(kind):
        old, new = pod.body.get("serviceAccount"), pod.body.get("serviceAccountName")
        if old is None:
            if isinstance(new, str):
                message = f"{pod.name} names its account in serviceAccountName."
                yield Verdict(pod, PASS, message, handle(new, pod.body.at["serviceAccountName"]))
            continue
        span = handle(old, pod.body.at["serviceAccount"])
        for value in (old, new):
            if isinstance(value, Unknown):
                yield _unknown(pod, value, span, "serviceAccount")
                break
        else:
            state = "repeats serviceAccountName" if old == new else "names its account in the deprecated serviceAccount"
            yield Verdict(pod, PASS if old == new else FAIL, f"{pod.name} {state}.", span)


def probes_differ(estate: Estate, *, kind: str = "kubernetes/container") -> Iterator[Verdict]:
    """A container's liveness probe is not the same mapping as its readiness probe."""
    for container in estate.of_kind(kind):
        live, ready = container.body.get("livenessProbe"), container.body.get("readinessProbe")
        if not isinstance(live, Map) or not isinstance(ready, Map):
            continue
        span = handle(live, container.body.at["livenessProbe"])
        unknown = next(
            (value for probe in (live, ready) for value in _scalars(probe) if isinstance(value, Unknown)), None
        )
        if unknown is not None:
            yield _unknown(container, unknown, span, "livenessProbe")
        elif _same(live, ready):
            yield Verdict(container, FAIL, f"Both probes of {container.name} ask the same at the same pace.", span)
        else:
            yield Verdict(container, PASS, f"The probes of {container.name} differ.", span)


def _scalars(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Map):
            waiting.extend(item.values())
        elif isinstance(item, Seq):
            waiting.extend(item)
        else:
            yield item


def _same(left: Any, right: Any) -> bool:
    """Equality of two trees without unknowns, without recursion."""
    waiting = [(left, right)]
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, Map) and isinstance(other, Map):
            if one.keys() != other.keys():
                return False
            waiting.extend((one[key], other[key]) for key in one)
        elif isinstance(one, Seq) and isinstance(other, Seq):
            if len(one) != len(other):
                return False
            waiting.extend(zip(one, other, strict=True))
        elif isinstance(one, (Map, Seq)) or isinstance(other, (Map, Seq)) or one != other:
            return False
    return True


def _unknown(resource: Resource, value: Unknown, span: Any, element: str) -> Verdict:
    message = f"{value.subject} is unknown, so this cannot be decided."
    return Verdict(resource, UNKNOWN, message, span, element, (), (value,))


def env_names_unique(estate: Estate, *, kind: str = "kubernetes/container") -> Iterator[Verdict]:
    """No two entries of a container's `env` have one name; the API server lets the last one win (Container.env)."""
    for container in estate.of_kind(kind):
        seen: set[str] = set()
        for entry in maps(container.body.get("env")):
            name = entry.get("name")
            if not isinstance(name, str):
                continue
            span = handle(name, entry.at["name"])
            if name in seen:
                yield Verdict(container, FAIL, f"{container.name} sets {name} more than once.", span, name)
            else:
                seen.add(name)
                yield Verdict(container, PASS, f"{container.name} sets {name}.", span, name)
