"""Pod Security Standards: what the profiles baseline and restricted ask of a pod and its containers.

Encodes https://kubernetes.io/docs/concepts/security/pod-security-standards/ as of Kubernetes 1.34. Each control looks
at one value and yields where it breaks the profile; a value that is not known makes the pod's answer unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown, handle
from linter.records import NamedTuple
from linter.trees import at_path, maps

LABEL = "pod-security.kubernetes.io/enforce"
PROFILES = ("baseline", "restricted")
_CAPABILITIES = frozenset(
    ("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
     "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT")
)  # fmt: skip
_SYSCTLS = frozenset(
    ("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
     "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
     "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
     "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")
)  # fmt: skip
_SELINUX = frozenset(("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"))
_VOLUMES = frozenset(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret")
)  # fmt: skip
_CONFINED = ("RuntimeDefault", "Localhost")
_HANDLERS = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
_LOCAL = ("", "127.0.0.1", "::1")


class Breach(NamedTuple):
    """What a profile does not allow. path: dotted, below the pod or container. unknown: why that is not certain."""

    path: str
    span: Span
    why: str
    unknown: Unknown | None = None


def pod_security_met(estate: Estate, *, kind: str = "kubernetes/Namespace") -> Iterator[Verdict]:
    """Every pod meets the profile its namespace enforces: one verdict for each control it breaks, else one pass."""
    claiming = [(namespace, profile) for namespace in estate.of_kind(kind) if (profile := _claim(namespace))]
    if not claiming:
        return
    parts: dict[int, list[Resource]] = {}
    for part in ("kubernetes/pod", "kubernetes/container"):
        for resource in estate.of_kind(part):
            owner = resource.owner if part == "kubernetes/pod" else resource.context.get("pod")
            parts.setdefault(id(owner), []).append(resource)
    for namespace, profile in claiming:
        for link in estate.outgoing.get(id(namespace), ()):
            for pod in parts.get(id(link.target), ()) if link.name == "contains" else ():
                yield from _judged(namespace, profile, pod, parts.get(id(pod.body), []))


def _claim(namespace: Resource) -> str:
    labels = at_path(namespace.body, ("metadata", "labels"))
    profile = labels.get(LABEL) if isinstance(labels, Map) else None
    return profile if isinstance(profile, str) and profile in PROFILES else ""


def _judged(namespace: Resource, profile: str, pod: Resource, containers: list[Resource]) -> Iterator[Verdict]:
    clean = True
    for resource, breach in _breaches(profile, pod, containers):
        clean = False
        claim = f"Namespace {namespace.name} enforces {profile}, which {breach.why}"
        if breach.unknown is not None:
            message = f"{claim}; {breach.unknown.subject} is unknown."
            yield Verdict(resource, UNKNOWN, message, breach.span, breach.path, (), (breach.unknown,))
        else:
            yield Verdict(resource, FAIL, f"{claim}.", breach.span, breach.path)
    if clean:
        yield Verdict(pod, PASS, f"The pod meets {profile}, which namespace {namespace.name} enforces.", pod.anchor)


def _breaches(profile: str, pod: Resource, containers: list[Resource]) -> Iterator[tuple[Resource, Breach]]:
    windows = (
        at_path(pod.body, ("os", "name")) == "windows" if isinstance(at_path(pod.body, ("os", "name")), str) else False
    )
    for breach in _of_pod(pod):
        yield pod, breach
    for container in containers:
        for breach in _of_container(container):
            yield container, breach
    if profile == "restricted":
        for breach in _volumes(pod):
            yield pod, breach
        for container in containers:
            for breach in _restricted(container, pod, windows):
                yield container, breach
        yield from (
            (pod, breach) for breach in _asked(pod, "securityContext.runAsUser", _not_root, "wants no root user")
        )


def _of_pod(pod: Resource) -> Iterator[Breach]:
    """Controls of baseline on the pod itself."""
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        yield from _asked(pod, key, _is_off, f"does not allow {key}")
    yield from _shared(pod)
    for volume in maps(pod.body.get("volumes")):
        if volume.get("hostPath") is not None:
            yield Breach("volumes.hostPath", _place(volume, "hostPath"), "does not allow volumes of the host's files")
    for sysctl in maps(at_path(pod.body, ("securityContext", "sysctls"))):
        name = sysctl.get("name")
        if isinstance(name, str) and name not in _SYSCTLS:
            yield Breach(f"sysctls.{name}", _place(sysctl, "name"), f"does not allow the sysctl {name}")
    annotations = at_path(pod.context.get("template"), ("metadata", "annotations"))
    for key, value in annotations.items() if isinstance(annotations, Map) else ():
        if isinstance(value, str) and str(key).startswith("container.apparmor.security.beta.kubernetes.io/"):
            confined = value in ("", "runtime/default") or value.startswith("localhost/")
            why = "does not allow to run without AppArmor's profile"
            yield from () if confined else (Breach(str(key), _place(annotations, key), why),)


def _of_container(container: Resource) -> Iterator[Breach]:
    """Controls of baseline on a container."""
    yield from _asked(container, "securityContext.privileged", _is_off, "does not allow privileged containers")
    yield from _asked(
        container, "securityContext.procMount", lambda value: value == "Default", "wants /proc masked as by default"
    )
    yield from _shared(container)
    yield from _added(container, _CAPABILITIES)
    for port in maps(container.body.get("ports")):
        host = port.get("hostPort")
        if isinstance(host, Unknown) or host not in (None, 0):
            doubt = host if isinstance(host, Unknown) else None
            yield Breach("ports.hostPort", _place(port, "hostPort"), "does not allow ports of the host", doubt)
    for handler in _HANDLERS:
        for way in ("httpGet", "tcpSocket"):
            path = f"{handler}.{way}.host"
            yield from _asked(container, path, lambda value: value in _LOCAL, "does not allow probes of other hosts")


def _shared(resource: Resource) -> Iterator[Breach]:
    """Controls that look at the security context of the pod and of each container alike."""
    context = "securityContext"
    yield from _asked(resource, f"{context}.windowsOptions.hostProcess", _is_off, "does not allow host processes")
    for key in ("seccompProfile", "appArmorProfile"):
        path = f"{context}.{key}.type"
        yield from _asked(resource, path, lambda value: value in _CONFINED, f"does not allow an unconfined {key}")
    path = f"{context}.seLinuxOptions"
    yield from _asked(resource, f"{path}.type", _plain_label, "does not allow this SELinux type")
    for key in ("user", "role"):
        yield from _asked(resource, f"{path}.{key}", lambda value: value == "", f"does not allow an SELinux {key}")


def _added(container: Resource, allowed: frozenset[str]) -> Iterator[Breach]:
    capabilities = at_path(container.body, ("securityContext", "capabilities"))
    added = capabilities.get("add") if isinstance(capabilities, Map) else None
    if isinstance(added, Unknown) and isinstance(capabilities, Map):
        yield Breach("capabilities.add", _place(capabilities, "add"), "allows few capabilities", added)
    if not isinstance(added, Seq):
        return
    for index, name in enumerate(added):
        source, _, _, start, end = added.at[index]
        if isinstance(name, Unknown):
            yield Breach("capabilities.add", (source, start, end), "allows few capabilities", name)
        elif isinstance(name, str) and name not in allowed:
            yield Breach(f"capabilities.add.{name}", (source, start, end), f"does not allow the capability {name}")


def _volumes(pod: Resource) -> Iterator[Breach]:
    for volume in maps(pod.body.get("volumes")):
        for key in volume:
            if key not in _VOLUMES and key not in ("name", "hostPath"):
                yield Breach(f"volumes.{key}", _place(volume, key), f"does not allow volumes of type {key}")


def _restricted(container: Resource, pod: Resource, windows: bool) -> Iterator[Breach]:
    """Controls of restricted on a container; what the pod says holds for containers that say nothing."""
    context = "securityContext"
    yield from _needed(container, pod, f"{context}.runAsNonRoot", _is_on, "wants runAsNonRoot: true")
    yield from _asked(container, f"{context}.runAsUser", _not_root, "wants no root user")
    if windows:
        return
    path = f"{context}.allowPrivilegeEscalation"
    yield from _needed(container, None, path, _is_off, "wants allowPrivilegeEscalation: false")
    path = f"{context}.seccompProfile.type"
    yield from _needed(container, pod, path, lambda value: value in _CONFINED, "wants a seccomp profile")
    path = f"{context}.capabilities.drop"
    yield from _needed(container, None, path, _drops_all, "wants all capabilities dropped")
    for breach in _added(container, _CAPABILITIES & {"NET_BIND_SERVICE"}):
        if breach.unknown is None and breach.path.rpartition(".")[2] in _CAPABILITIES:
            yield breach  # baseline has said the others


def _asked(resource: Resource, path: str, allowed: Callable[[Any], bool], why: str) -> Iterator[Breach]:
    """A breach where a value is there and not allowed."""
    value, span = _value(resource, path)
    if isinstance(value, Unknown):
        yield Breach(path, span, why, value)
    elif value is not None and not allowed(value):
        yield Breach(path, span, why)


def _needed(
    container: Resource, pod: Resource | None, path: str, allowed: Callable[[Any], bool], why: str
) -> Iterator[Breach]:
    """A breach where neither the container nor the pod it stands in has a value, or one that is not allowed."""
    value, span = _value(container, path)
    if value is None and pod is not None:
        inherited, place = _value(pod, path)
        value, span = (inherited, place) if inherited is not None else (None, span)
    if isinstance(value, Unknown):
        yield Breach(path, span, why, value)
    elif value is None or not allowed(value):
        unsure = next((item for item in value if isinstance(item, Unknown)), None) if isinstance(value, Seq) else None
        if path.endswith("seccompProfile.type") and value is not None:
            return  # baseline has said so
        yield Breach(path, span, why, unsure)


def _value(resource: Resource, path: str) -> tuple[Any, Span]:
    """A value and its place; None and the nearest place that was written, or the Unknown that hides it."""
    value: Any = resource.body
    span = resource.anchor
    for key in path.split("."):
        if isinstance(value, Unknown) or not isinstance(value, Map):
            break
        if value.get(key) is None:
            return value.open if key not in value else None, span
        span = _place(value, key)
        value = value[key]
    return value, span


def _place(holder: Map, key: Any) -> Span:
    return handle(holder[key], holder.at[key])


def _plain_label(value: Any) -> bool:
    return isinstance(value, str) and value in _SELINUX


def _is_off(value: Any) -> bool:
    return value is False


def _is_on(value: Any) -> bool:
    return value is True


def _not_root(value: Any) -> bool:
    return not isinstance(value, int) or value != 0


def _drops_all(value: Any) -> bool:
    return isinstance(value, Seq) and any(isinstance(name, str) and name == "ALL" for name in value)
