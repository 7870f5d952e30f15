"""Where objects carry the pods they make: a table of kinds, a rule for those it does not know, and two task runners.

Encodes the Kubernetes API reference (workload resources) and the API references of the projects named in the table.
Partial pod templates that an operator completes (Prometheus, Elasticsearch, Flink) are no pods and not listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from linter.model import Map, Seq, Unknown, merge
from linter.records import NamedTuple
from linter.trees import at_path

WORKLOADS = frozenset(
    (
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Job",
        "CronJob",
        "PodTemplate",
        "DeploymentConfig",
    )
)
_PATHS: dict[str, str] = {
    "Pod": "", "PodTemplate": "template", "CronJob": "spec.jobTemplate.spec.template",
    "ScaledJob": "spec.jobTargetRef.template", "Fleet": "spec.template.spec.template",
    "GameServerSet": "spec.template.spec.template",
}  # fmt: skip
"""Kind → the one place of its pod template, where that is not spec.template."""

_KUBERAY = ("head=%s.headGroupSpec.template", "=%s.workerGroupSpecs.*.template")
_TRAINING = {
    "PyTorchJob": "pytorchReplicaSpecs", "TFJob": "tfReplicaSpecs", "MPIJob": "mpiReplicaSpecs",
    "XGBoostJob": "xgbReplicaSpecs", "PaddleJob": "paddleReplicaSpecs", "JAXJob": "jaxReplicaSpecs",
}  # fmt: skip
_SEVERAL: dict[str, tuple[str, ...]] = {
    "batch.volcano.sh/Job": ("=spec.tasks.*.template",),
    "jobset.x-k8s.io/JobSet": ("=spec.replicatedJobs.*.template.spec.template",),
    "leaderworkerset.x-k8s.io/LeaderWorkerSet": (
        "leader=spec.leaderWorkerTemplate.leaderTemplate", "worker=spec.leaderWorkerTemplate.workerTemplate",
    ),
    "ray.io/RayCluster": tuple(path % "spec" for path in _KUBERAY),
    "ray.io/RayJob": (*(path % "spec.rayClusterSpec" for path in _KUBERAY), "submitter=spec.submitterPodTemplate"),
    "ray.io/RayService": (
        *(path % "spec.rayClusterConfig" for path in _KUBERAY), *(path % "spec.rayClusterSpec" for path in _KUBERAY),
    ),
    "apps.kruise.io/AdvancedCronJob": (
        "job=spec.template.jobTemplate.spec.template", "broadcast=spec.template.broadcastJobTemplate.spec.template",
    ),
    "apps.kruise.io/UnitedDeployment": tuple(
        f"=spec.template.{kind}.spec.template"
        for kind in ("statefulSetTemplate", "advancedStatefulSetTemplate", "cloneSetTemplate", "deploymentTemplate")
    ),
    **{f"kubeflow.org/{kind}": (f"=spec.{field}.*.template",) for kind, field in _TRAINING.items()},
}  # fmt: skip
"""group/Kind → places of several pod templates, as `label=path`; `*` is every element, which names the template."""

_BARE = {"serving.knative.dev/Revision": "spec"}
"""group/Kind → where a pod spec stands without a template around it."""


class Template(NamedTuple):
    """A pod an object makes. label: '' for its only one. holder: a mapping with metadata and spec. spec: the pod's."""

    label: str
    holder: Map
    spec: Map


def template_path(body: Map) -> tuple[str, ...] | None:
    """The keys from an object to its only pod template (a mapping with metadata and spec); none for a Pod itself."""
    kind = body.get("kind")
    written = _PATHS.get(kind, "spec.template") if isinstance(kind, str) else "spec.template"
    path = tuple(written.split(".")) if written else ()
    template = at_path(body, path)
    spec = template.get("spec") if isinstance(template, Map) else None
    if not isinstance(spec, Map):
        return None
    known = kind == "Pod" or kind in WORKLOADS
    return path if known or isinstance(spec.get("containers"), Seq) else None


def templates_of(body: Map) -> Iterator[Template]:
    """Every pod template of an object, in the order of the table."""
    version = body.get("apiVersion")
    group = version.rpartition("/")[0] if isinstance(version, str) else ""
    if "." in group:
        key = f"{group}/{body.get('kind')}"
        several = _SEVERAL.get(key)
        if several is not None:
            yield from _several(body, several)
            return
        if key in _BARE or group in ("tekton.dev", "argoproj.io"):
            yield from _special(body, key, group)
    path = template_path(body)
    if path is not None:
        holder = at_path(body, path)
        yield Template("", holder, holder["spec"])
    elif body.get("kind") in WORKLOADS:
        holder = at_path(body, ("spec", "template"))
        if isinstance(holder, Map) and "metadata" in holder and "spec" not in holder:
            # Its labels are selected all the same.
            yield Template("", holder, Map(holder.span))


def _several(body: Map, paths: Iterable[str]) -> Iterator[Template]:
    for written in paths:
        label, _, path = written.partition("=")
        for found, holder in _walk(body, path.split("."), label):
            spec = holder.get("spec") if isinstance(holder, Map) else None
            if isinstance(holder, Map) and isinstance(spec, Map) and isinstance(spec.get("containers"), Seq):
                yield Template(found, holder, spec)


def _walk(value: Any, path: list[str], label: str) -> Iterator[tuple[str, Any]]:
    for index, key in enumerate(path):
        if key == "*":
            for name, item in _named(value):
                yield from _walk(item, path[index + 1 :], label or name)
            return
        value = value.get(key) if isinstance(value, Map) else None
    yield label, value


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    """Elements with what names them: their name or group, else their number; of a mapping, the key."""
    if isinstance(value, Map):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, Seq):
        for index, item in enumerate(value):
            names = [item.get(key) for key in ("name", "groupName")] if isinstance(item, Map) else []
            yield next((name for name in names if isinstance(name, str) and name), str(index)), item


def _special(body: Map, key: str, group: str) -> Iterator[Template]:
    spec = at_path(body, _BARE[key].split(".")) if key in _BARE else None
    if isinstance(spec, Map):
        if isinstance(spec.get("containers"), Seq):
            yield Template("", body, spec)
    elif group == "tekton.dev":
        yield from _tekton(body)
    elif group == "argoproj.io":
        yield from _argo(body)


def _argo(body: Map) -> Iterator[Template]:
    """Templates with containers of Argo Workflow, CronWorkflow and the templates of both (Argo Workflows, Fields)."""
    kind = body.get("kind")
    flow = at_path(body, ("spec", "workflowSpec") if kind == "CronWorkflow" else ("spec",))
    if kind not in ("Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate"):
        return
    common = flow.get("templateDefaults") if isinstance(flow, Map) else None
    for label, template in _named(flow.get("templates") if isinstance(flow, Map) else None):
        if not isinstance(template, Map):
            continue
        whole = merge((common, template), template.span) if isinstance(common, Map) else template
        containers = Seq(template.span)
        for key in ("container", "script"):
            if isinstance(whole.get(key), Map):
                _append(containers, whole[key], whole.at[key])
        for holder, key in ((whole.get("containerSet"), "containers"), (whole, "sidecars")):
            _extend(containers, holder, key)
        if containers:
            yield _pod(label, whole, (flow, whole), containers, _run_by(whole, flow))


def _run_by(*holders: Map) -> Unknown | None:
    if any("podSpecPatch" in holder for holder in holders):
        return Unknown("template", "podSpecPatch", "write what it changes where it belongs")
    return None


def _tekton(body: Map) -> Iterator[Template]:
    """Steps and sidecars of Tekton Tasks, alone or within a run or a pipeline (Tekton, Tasks)."""
    kind, spec = body.get("kind"), body.get("spec")
    found: list[tuple[str, Any]] = []
    if kind in ("Task", "ClusterTask"):
        found.append(("", spec))
    elif kind == "TaskRun":
        found.append(("", at_path(spec, ("taskSpec",))))
    elif kind in ("Pipeline", "PipelineRun"):
        pipeline = spec if kind == "Pipeline" else at_path(spec, ("pipelineSpec",))
        for key in ("tasks", "finally"):
            found += [(label, at_path(task, ("taskSpec",))) for label, task in _named(at_path(pipeline, (key,)))]
    run = at_path(spec, ("podTemplate",)) if kind == "TaskRun" else None
    why = None
    if not isinstance(run, Map):
        why = Unknown("run-time", "the pod template of the runs", "set it where the task is run")
    for label, task in found:
        steps = Seq(task.span) if isinstance(task, Map) else None
        if steps is None:
            continue
        _extend(steps, task, "steps", task.get("stepTemplate"))
        _extend(steps, task, "sidecars")
        if steps:
            yield _pod(label, task, (run, task) if isinstance(run, Map) else (task,), steps, why)


_POD_KEYS = (
    "volumes", "securityContext", "serviceAccountName", "automountServiceAccountToken", "tolerations", "affinity",
    "nodeSelector", "priorityClassName", "schedulerName", "hostNetwork", "hostAliases", "dnsPolicy", "dnsConfig",
    "imagePullSecrets", "runtimeClassName", "initContainers",
)  # fmt: skip


def _pod(label: str, holder: Map, sources: Iterable[Any], containers: Seq, doubt: Unknown | None) -> Template:
    """A pod of parts that stand apart. sources: where the pod's own fields are, the decisive one last."""
    spec, template = Map(holder.span), Map(holder.span)
    for source in sources:
        for key in _POD_KEYS:
            if key in source:
                spec[key] = source[key]
                spec.at[key] = source.at[key]
    where = containers.at[0]
    spec["containers"] = containers
    spec.at["containers"] = where
    spec.open = doubt
    if "metadata" in holder:
        template["metadata"] = holder["metadata"]
        template.at["metadata"] = holder.at["metadata"]
    template["spec"] = spec
    template.at["spec"] = where
    return Template(label, template, spec)


def _extend(containers: Seq, holder: Any, key: str, common: Any = None) -> None:
    items = holder.get(key) if isinstance(holder, Map) else None
    if isinstance(items, Seq):
        for item, entry in zip(items, items.at, strict=True):
            if isinstance(item, Map) and "ref" not in item:
                _append(containers, item, entry, common)


def _append(containers: Seq, item: Map, entry: Any, common: Any = None) -> None:
    """Add a container with the words of its project put into the API's: what is filled in when it runs is unknown."""
    whole = merge((common, item), item.span) if isinstance(common, Map) else item
    image = whole.get("image")
    if "computeResources" in whole or (isinstance(image, str) and ("{{" in image or "$(" in image)):
        whole = merge((whole,), item.span)
        if "computeResources" in whole:
            whole["resources"] = whole["computeResources"]
            whole.at["resources"] = whole.at["computeResources"]
        if isinstance(image, str) and ("{{" in image or "$(" in image):
            whole["image"] = Unknown("template", image, "a parameter decides it when the task runs", type="string")
    containers.append(whole)
    containers.at.append(entry)
