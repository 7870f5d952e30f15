"""Pods held against the Pod Security Standards that their namespaces enforce."""

from __future__ import annotations

import pytest

from linter.engine.proof import scan_files
from linter.rules import open_pack

PACK = open_pack()
RULE = "pod-security-claim-met"
GOOD = "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}"
SOUND = "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"


def judged(
    profile: str, spec: str, container: str = "", annotations: str = "", kind: str = "Pod"
) -> list[tuple[str, str]]:
    """(outcome, element) of every judgement of a pod in a namespace that enforces a profile."""
    labels = f"{{pod-security.kubernetes.io/enforce: {profile}}}" if profile else "{}"
    body = f"{{{spec}{', ' if spec else ''}containers: [{{name: c, image: x{', ' if container else ''}{container}}}]}}"
    spec = body if kind == "Pod" else f"{{template: {{spec: {body}}}}}"
    text = (
        f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {labels}}}\n---\n"
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: web, namespace: shop, annotations: {{{annotations}}}}}\nspec: {spec}\n"
    )
    found = scan_files({"a.yaml": text}, PACK, RULE)
    assert not found.report.failures
    return sorted((judgement.outcome, judgement.element) for judgement in found.judgements)


BASELINE = [
    ("hostNetwork: true", "", "hostNetwork"), ("hostPID: true", "", "hostPID"), ("hostIPC: true", "", "hostIPC"),
    ("securityContext: {windowsOptions: {hostProcess: true}}", "", "securityContext.windowsOptions.hostProcess"),
    ("", "securityContext: {windowsOptions: {hostProcess: true}}", "securityContext.windowsOptions.hostProcess"),
    ("", "securityContext: {privileged: true}", "securityContext.privileged"),
    ("", "securityContext: {capabilities: {add: [NET_RAW, CHOWN]}}", "capabilities.add.NET_RAW"),
    ("", "securityContext: {procMount: Unmasked}", "securityContext.procMount"),
    ("volumes: [{name: v, hostPath: {path: /}}]", "", "volumes.hostPath"),
    ("", "ports: [{containerPort: 1, hostPort: 2}]", "ports.hostPort"),
    ("", "livenessProbe: {httpGet: {host: 10.0.0.1, port: 1}}", "livenessProbe.httpGet.host"),
    ("", "lifecycle: {preStop: {tcpSocket: {host: x, port: 1}}}", "lifecycle.preStop.tcpSocket.host"),
    ("securityContext: {appArmorProfile: {type: Unconfined}}", "", "securityContext.appArmorProfile.type"),
    ("securityContext: {seccompProfile: {type: Unconfined}}", "", "securityContext.seccompProfile.type"),
    ("", "securityContext: {seccompProfile: {type: Unconfined}}", "securityContext.seccompProfile.type"),
    ("securityContext: {seLinuxOptions: {type: spc_t}}", "", "securityContext.seLinuxOptions.type"),
    ("", "securityContext: {seLinuxOptions: {user: root}}", "securityContext.seLinuxOptions.user"),
    ("securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}", "", "sysctls.kernel.msgmax"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "container", "element"), BASELINE)
def test_what_baseline_does_not_allow(spec: str, container: str, element: str) -> None:
    assert judged("baseline", spec, container) == [("fail", element)]
    assert judged("privileged", spec, container) == judged("", spec, container) == []


def test_what_baseline_does_not_allow_in_annotations() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    assert judged("baseline", "", annotations=f"{key}: unconfined") == [("fail", key)]
    assert judged("baseline", "", annotations=f"{key}: runtime/default") == [("pass", "")]


@pytest.mark.parametrize(
    ("spec", "container"),
    [
        ("", ""), ("hostNetwork: false, securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}", ""),
        ("securityContext: {runAsUser: 0}", "securityContext: {capabilities: {add: [CHOWN]}}"),
        ("volumes: [{name: v, nfs: {server: x, path: /}}]", "ports: [{containerPort: 1, hostPort: 0}]"),
        ("", "livenessProbe: {httpGet: {host: 127.0.0.1, port: 1}}, securityContext: {procMount: Default}"),
        ("", "securityContext: {seLinuxOptions: {type: container_t, level: 's0:c1'}}"),
    ],
)  # fmt: skip
def test_what_baseline_allows(spec: str, container: str) -> None:
    assert judged("baseline", spec, container) == [("pass", "")]


RESTRICTED = [
    ("", GOOD, ["securityContext.runAsNonRoot", "securityContext.seccompProfile.type"]),
    (SOUND, "", ["securityContext.allowPrivilegeEscalation", "securityContext.capabilities.drop"]),
    (SOUND, "securityContext: {allowPrivilegeEscalation: true, capabilities: {drop: [KILL]}}",
     ["securityContext.allowPrivilegeEscalation", "securityContext.capabilities.drop"]),
    (f"{SOUND}, volumes: [{{name: v, nfs: {{server: x, path: /}}}}]", GOOD, ["volumes.nfs"]),
    (SOUND, GOOD.replace("{allow", "{runAsNonRoot: false, allow"), ["securityContext.runAsNonRoot"]),
    (SOUND, GOOD.replace("{allow", "{runAsUser: 0, allow"), ["securityContext.runAsUser"]),
    (SOUND.replace("{runAs", "{runAsUser: 0, runAs", 1), GOOD, ["securityContext.runAsUser"]),
    (SOUND, GOOD.replace("drop: [ALL]", "drop: [ALL], add: [CHOWN, NET_RAW]"),
     ["capabilities.add.CHOWN", "capabilities.add.NET_RAW"]),
    (SOUND.replace("RuntimeDefault", "Unconfined"), GOOD, ["securityContext.seccompProfile.type"]),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "container", "elements"), RESTRICTED)
def test_what_restricted_does_not_allow(spec: str, container: str, elements: list[str]) -> None:
    assert judged("restricted", spec, container) == [("fail", element) for element in elements]


@pytest.mark.parametrize(
    ("spec", "container"),
    [
        (SOUND, GOOD), (SOUND, GOOD.replace("drop: [ALL]", "drop: [ALL], add: [NET_BIND_SERVICE]")),
        ("", GOOD.replace("{allow", "{runAsNonRoot: true, seccompProfile: {type: Localhost}, allow")),
        ("os: {name: windows}, securityContext: {runAsNonRoot: true}", ""),
        (f"{SOUND}, volumes: [{{name: a, emptyDir: {{}}}}, {{name: b, configMap: {{name: x}}}}]", GOOD),
    ],
)  # fmt: skip
def test_what_restricted_allows(spec: str, container: str) -> None:
    assert judged("restricted", spec, container) == [("pass", "")]
    assert judged("restricted", spec, container, kind="Deployment") == [("pass", "")]


@pytest.mark.parametrize(
    ("profile", "spec", "container", "element"),
    [
        ("baseline", "hostNetwork: '${{X}}'", "", "hostNetwork"),
        ("baseline", "", "securityContext: {capabilities: {add: ['${X}']}}", "capabilities.add"),
        ("restricted", SOUND, GOOD.replace("[ALL]", "['${X}']"), "securityContext.capabilities.drop"),
    ],
)
def test_what_is_unknown(profile: str, spec: str, container: str, element: str) -> None:
    pod = f"{{{spec}{', ' if spec else ''}containers: [{{name: c, image: x{', ' if container else ''}{container}}}]}}"
    text = (
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\n"
        "parameters: [{name: X, required: true}]\nobjects:\n- apiVersion: v1\n  kind: Namespace\n"
        f"  metadata: {{name: shop, labels: {{pod-security.kubernetes.io/enforce: {profile}}}}}\n"
        f"- {{apiVersion: v1, kind: Pod, metadata: {{name: web, namespace: shop}}, spec: {pod}}}\n"
    )
    found = scan_files({"a.yaml": text}, PACK, RULE)
    assert not found.report.failures
    assert [(judgement.outcome, judgement.element) for judgement in found.judgements] == [("unknown", element)]


@pytest.mark.parametrize(
    "container",
    [
        "securityContext: 3", "securityContext: {capabilities: {add: [{}, [1]], drop: {}}}", "ports: [1, {hostPort: {}}]",
        "securityContext: {seLinuxOptions: {type: [1]}, seccompProfile: []}", "livenessProbe: [1]",
    ],
)  # fmt: skip
def test_wrong_types_never_crash(container: str) -> None:
    assert judged("restricted", "volumes: [1], securityContext: {sysctls: [1, {name: []}]}", container)
