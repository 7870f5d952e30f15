"""Pod templates wherever objects carry them, and objects that OpenShift Templates carry."""

from __future__ import annotations

import pytest
from kubernetes_trees import Tree

from linter.model import Unknown

POD = "{spec: {containers: [{name: c, image: x}]}}"


def tree(version: str, kind: str, spec: str) -> Tree:
    return Tree({"a.yaml": f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n"})


@pytest.mark.parametrize(
    ("version", "kind", "spec", "parts"),
    [
        ("serving.knative.dev/v1", "Service", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("serving.knative.dev/v1", "Configuration", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("serving.knative.dev/v1", "Revision", "{containers: [{image: x}]}", ["pod", "containers[0]"]),
        ("argoproj.io/v1alpha1", "Rollout", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("apps.kruise.io/v1alpha1", "CloneSet", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("apps.kruise.io/v1beta1", "StatefulSet", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("apps.kruise.io/v1alpha1", "BroadcastJob", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("apps.kruise.io/v1alpha1", "AdvancedCronJob", f"{{template: {{jobTemplate: {{spec: {{template: {POD}}}}}}}}}",
         ["job:pod", "job:containers.c"]),
        ("apps.kruise.io/v1alpha1", "UnitedDeployment",
         f"{{template: {{cloneSetTemplate: {{spec: {{template: {POD}}}}}}}}}", ["pod", "containers.c"]),
        ("batch.volcano.sh/v1alpha1", "Job", f"{{tasks: [{{name: m, template: {POD}}}, {{template: {POD}}}]}}",
         ["m:pod", "m:containers.c", "1:pod", "1:containers.c"]),
        ("jobset.x-k8s.io/v1alpha2", "JobSet",
         f"{{replicatedJobs: [{{name: w, template: {{spec: {{template: {POD}}}}}}}]}}", ["w:pod", "w:containers.c"]),
        ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet",
         f"{{leaderWorkerTemplate: {{leaderTemplate: {POD}, workerTemplate: {POD}}}}}",
         ["leader:pod", "leader:containers.c", "worker:pod", "worker:containers.c"]),
        ("ray.io/v1", "RayCluster",
         f"{{headGroupSpec: {{template: {POD}}}, workerGroupSpecs: [{{groupName: gpu, template: {POD}}}]}}",
         ["head:pod", "head:containers.c", "gpu:pod", "gpu:containers.c"]),
        ("ray.io/v1", "RayJob", f"{{rayClusterSpec: {{headGroupSpec: {{template: {POD}}}}}}}",
         ["head:pod", "head:containers.c"]),
        ("ray.io/v1", "RayService", f"{{rayClusterConfig: {{headGroupSpec: {{template: {POD}}}}}}}",
         ["head:pod", "head:containers.c"]),
        ("kubeflow.org/v1", "PyTorchJob", f"{{pytorchReplicaSpecs: {{Master: {{template: {POD}}}}}}}",
         ["Master:pod", "Master:containers.c"]),
        ("keda.sh/v1alpha1", "ScaledJob", f"{{jobTargetRef: {{template: {POD}}}}}", ["pod", "containers.c"]),
        ("agones.dev/v1", "Fleet", f"{{template: {{spec: {{template: {POD}}}}}}}", ["pod", "containers.c"]),
        ("apps.openshift.io/v1", "DeploymentConfig", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("anything.example/v1", "Thing", f"{{template: {POD}}}", ["pod", "containers.c"]),
        ("anything.example/v1", "Thing", "{template: {spec: {replicas: 2}}}", []),
        ("monitoring.coreos.com/v1", "Prometheus", "{containers: [{name: c}]}", []),
        ("batch.volcano.sh/v1alpha1", "Job", "{tasks: [1, {template: 2}, {template: {spec: {}}}]}", []),
        ("ray.io/v1", "RayCluster", "{headGroupSpec: [], workerGroupSpecs: 7}", []),
    ],
)  # fmt: skip
def test_pods_of(version: str, kind: str, spec: str, parts: list[str]) -> None:
    assert tree(version, kind, spec).addresses == [f"{kind}/default/a", *(f"{kind}/default/a:{part}" for part in parts)]


ARGO = """{
  serviceAccountName: runner, securityContext: {runAsNonRoot: true},
  templateDefaults: {automountServiceAccountToken: false},
  templates: [
    {name: build, metadata: {labels: {app: b}}, container: {image: "x:1"}, sidecars: [{name: db, image: y}],
     initContainers: [{name: wait, image: z}], volumes: [{name: v, hostPath: {path: /}}]},
    {name: tell, serviceAccountName: other, script: {image: "{{inputs.parameters.image}}", source: echo}},
    {name: both, containerSet: {containers: [{name: one, image: x}, {name: two, image: y}]}},
    {name: order, steps: [[{name: a, template: build}]]}, 3]}"""


@pytest.mark.parametrize("kind", ["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"])
def test_argo_workflows(kind: str) -> None:
    spec = f"{{workflowSpec: {ARGO}}}" if kind == "CronWorkflow" else ARGO
    found = tree("argoproj.io/v1alpha1", kind, spec)
    base = found.addresses[0]
    assert [address.removeprefix(base) for address in found.addresses[1:]] == [
        ":build:pod", ":build:containers[0]", ":build:containers.db", ":build:initContainers.wait",
        ":tell:pod", ":tell:containers[0]", ":both:pod", ":both:containers.one", ":both:containers.two",
    ]  # fmt: skip
    build, tell = found.get(f"{base}:build:pod"), found.get(f"{base}:tell:pod")
    assert build.body["securityContext"] == {"runAsNonRoot": True}
    assert build.body["serviceAccountName"] == "runner"
    assert build.body["automountServiceAccountToken"] is False
    assert build.context["template"]["metadata"]["labels"] == {"app": "b"}
    assert tell.body["serviceAccountName"] == "other"
    assert isinstance(found.get(f"{base}:tell:containers[0]").body["image"], Unknown)
    assert found.text(found.get(f"{base}:build:containers[0]").anchor) == '"x:1"'


def test_an_argo_template_that_is_patched_is_open() -> None:
    found = tree("argoproj.io/v1alpha1", "Workflow", "{templates: [{name: a, podSpecPatch: x, container: {image: y}}]}")
    assert found.get("Workflow/default/a:a:pod").body.open is not None


def test_tekton_steps() -> None:
    steps = "{stepTemplate: {securityContext: {runAsUser: 7}}, steps: [{name: a, image: $(params.i), " \
        "computeResources: {limits: {cpu: 1}}}, {ref: {name: shared}}, {image: z, securityContext: {}}]}"  # fmt: skip
    found = tree("tekton.dev/v1", "Task", steps)
    assert found.addresses[1:] == ["Task/default/a:pod", "Task/default/a:containers.a", "Task/default/a:containers[1]"]
    pod, first, second = found.estate.resources[1:]
    assert pod.body.open is not None
    assert isinstance(first.body["image"], Unknown)
    assert first.body["resources"] == {"limits": {"cpu": 1}}
    assert first.body["securityContext"] == {"runAsUser": 7}
    assert second.body["securityContext"] == {}
    run = tree("tekton.dev/v1", "TaskRun", f"{{podTemplate: {{hostNetwork: true}}, taskSpec: {steps}}}")
    assert run.estate.resources[1].body["hostNetwork"] is True
    assert run.estate.resources[1].body.open is None
    pipeline = tree(
        "tekton.dev/v1", "Pipeline", f"{{tasks: [{{name: t, taskSpec: {steps}}}, {{name: u, taskRef: {{name: x}}}}]}}"
    )
    assert pipeline.addresses[1:] == [f"Pipeline/default/a:t:{p}" for p in ("pod", "containers.a", "containers[1]")]


TEMPLATE = """\
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: shop}
parameters:
- {name: NAME, value: web}
- {name: REPLICAS, value: "3"}
- {name: TAG, required: true}
- {name: PASSWORD, generate: expression, from: "[a-z]{8}"}
- {name: NOTHING}
objects:
- apiVersion: apps.openshift.io/v1
  kind: DeploymentConfig
  metadata: {name: "${NAME}", labels: {x: "a${NOTHING}b"}}
  spec:
    replicas: ${{REPLICAS}}
    template: {spec: {containers: [{name: c, image: "shop/${NAME}:${TAG}"}]}}
- apiVersion: v1
  kind: Secret
  metadata: {name: "${NAME}-${OTHER}"}
  stringData: {password: "${PASSWORD}"}
- 3
"""


def test_openshift_templates() -> None:
    found = Tree({"a.yaml": TEMPLATE})
    assert found.addresses == [
        "Template/default/shop", "DeploymentConfig/default/web", "DeploymentConfig/default/web:pod",
        "DeploymentConfig/default/web:containers.c", "Secret/default/web-${OTHER}",
    ]  # fmt: skip
    config, secret = found.get("DeploymentConfig/default/web"), found.estate.resources[-1]
    assert config.body["spec"]["replicas"] == 3
    assert config.body["metadata"]["labels"] == {"x": "ab"}
    image = found.get("DeploymentConfig/default/web:containers.c").body["image"]
    assert isinstance(image, Unknown)
    assert (image.cause, image.subject, image.prefix) == ("missing-input", "parameter TAG", "shop/web:")
    assert secret.body["stringData"]["password"].cause == "run-time"
    assert found.text(config.anchor) == '"${NAME}"'


@pytest.mark.parametrize(
    "rest", ["objects: 3", "objects: [1, [], {kind: 1}]", "parameters: [1, {name: 2}]\nobjects: []"]
)
def test_templates_of_wrong_types(rest: str) -> None:
    found = Tree({"a.yaml": f"apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {{name: a}}\n{rest}\n"})
    assert found.addresses == ["Template/default/a"]
