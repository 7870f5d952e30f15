"""What alerts and dashboards speak of: links `alerts_on` and `shows` to workloads and Services.

By the labels that Prometheus' discovery and its exporters give to series: kube-state-metrics names workloads, cAdvisor
pods and containers, the Prometheus Operator makes `job` of a Service's name or of its label
(https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor, jobLabel). Labels that
a variable fills say nothing; recording rules say what their expression says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

from linter.model import Entry, Estate, Link, Resource
from linter.parsers.kubernetes.objects import namespace_of
from linter.parsers.monitoring.dashboards import targets
from linter.parsers.monitoring.routes import Matcher
from linter.parsers.monitoring.selectors import Selector, choices, selectors_of, words_of
from linter.trees import as_map, at_path

ALERTS_ON, SHOWS = "alerts_on", "shows"
NAMES = {"monitoring/alert": ALERTS_ON, "monitoring/dashboard": SHOWS}
WORKLOAD_LABELS = (
    "deployment", "statefulset", "daemonset", "cronjob", "job_name", "workload", "created_by_name", "owner_name", "rollout",
    "destination_workload",
)  # fmt: skip
POD_LABELS = ("pod", "pod_name", "kubernetes_pod_name")
CONTAINER_LABELS = ("container", "container_name")
SERVICE_LABELS = (
    "service", "service_name", "exported_service", "app", "application", "app_kubernetes_io_name", "k8s_app",
    "destination_service_name", "destination_app", "job",
)  # fmt: skip
NAMESPACE_LABELS = ("namespace", "exported_namespace", "kubernetes_namespace", "destination_workload_namespace")
_APP_LABELS = ("app", "app.kubernetes.io/name", "k8s-app")
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "CronJob", "Job")
_LEVELS = {
    label: level
    for level, labels in enumerate((WORKLOAD_LABELS, POD_LABELS, CONTAINER_LABELS, SERVICE_LABELS, NAMESPACE_LABELS))
    for label in labels
}
_OF_OTHERS = (
    "kube_",
    "node_",
    "container_",
    "probe_",
    "windows_",
    "machine_",
    "kubelet_volume_",
    "cluster:",
    "namespace_",
)
"""How metrics begin that exporters tell of others, so that their `job` is the exporter and not what they speak of."""
MOST = 100_000
"""Links in all: patterns that take every pod of a large estate say nothing of one of them."""
_SHORTEST, _DEEPEST, _WIDEST = 2, 4, 200


def resolve(estate: Estate) -> None:
    """Link every alert and dashboard with the workloads and Services it names, each once.

    What names only a namespace is linked with the namespace's workloads where it is the first of its kind to do so.
    """
    index = Index(estate)
    if not index.names:
        return
    records = Records(estate)
    general: set[tuple[str, str, str]] = set()
    left = MOST
    for kind, name in NAMES.items():
        for resource in estate.kinds.get(kind, ()):
            seen: set[int] = set()
            for expression, entry in expressions(resource):
                for selector in records.speech(expression):
                    for target in index.spoken_of(selector, resource, general):
                        if id(target) not in seen and left > 0:
                            left -= 1
                            seen.add(id(target))
                            estate.link(Link(name, "expr", resource, target, (entry[0], entry[3], entry[4])))


def expressions(resource: Resource) -> Iterator[tuple[str, Entry]]:
    """The queries of an alert or dashboard, with where they are written."""
    if resource.kind == "monitoring/dashboard":
        for target in targets(resource.body):
            yield target.expression, target.entry
        return
    expression = resource.body.get("expr")
    if isinstance(expression, str):
        yield expression, resource.body.at["expr"]


def speakers(estate: Estate, service: Resource, name: str) -> list[Link]:
    """The links of alerts or dashboards to a Service and to the workloads it sends requests to. name: of the links."""
    around = [service]
    around += [link.target.outermost for link in estate.outgoing.get(id(service), ()) if link.name == "selects"]
    return [link for each in around for link in estate.incoming.get(id(each), ()) if link.name == name]


class Records:
    """What expressions select, those of the recording rules they name among it."""

    __slots__ = ("_known", "_plain", "_rules")

    def __init__(self, estate: Estate) -> None:
        self._rules: dict[str, str] = {}
        self._known: dict[str, tuple[Selector, ...]] = {}
        for rule in estate.kinds.get("monitoring/recording", ()):
            expression = rule.body.get("expr")
            if isinstance(expression, str):
                self._rules.setdefault(rule.name, expression)
        self._plain = not all(":" in name for name in self._rules)

    def speech(self, expression: str, depth: int = 0) -> tuple[Selector, ...]:
        known = self._known.get(expression)
        if known is None:
            found = dict.fromkeys(selectors_of(expression))
            if self._rules and depth < _DEEPEST and (self._plain or ":" in expression):
                for word in words_of(expression) & self._rules.keys():
                    found.update(dict.fromkeys(self.speech(self._rules[word], depth + 1)))
            known = self._known[expression] = tuple(found)
        return known


class Index:
    """Workloads, Services and Compose services by what labels call them."""

    __slots__ = ("_namespaces", "_sorted", "_spoken", "apps", "containers", "names", "services", "workloads")

    def __init__(self, estate: Estate) -> None:
        self.names: dict[str, list[Resource]] = {}
        self.workloads: dict[str, list[Resource]] = {}
        self.services: dict[str, list[Resource]] = {}
        self.apps: dict[str, list[Resource]] = {}
        self.containers: dict[str, list[Resource]] = {}
        self._namespaces: dict[int, str] = {}
        self._spoken: dict[Selector, tuple[list[Resource], list[str]]] = {}
        for kind in _WORKLOADS:
            for workload in estate.kinds.get(f"kubernetes/{kind}", ()):
                self._add(self.workloads, workload.name, workload)
                self._label(workload, at_path(workload.body, ("spec", "template", "metadata", "labels")))
        for service in estate.kinds.get("kubernetes/Service", ()):
            self._add(self.services, service.name, service)
            self._label(service, at_path(service.body, ("metadata", "labels")))
        for service in estate.kinds.get("compose/service", ()):
            self._add(self.services, service.name, service)
        for container in estate.kinds.get("kubernetes/container", ()):
            if container.context.get("role") == "container":
                self._add(self.containers, container.name, container.outermost)
        self._monitored(estate)
        self._sorted = sorted(f"{name}-" for name in self.workloads)

    def _add(self, table: dict[str, list[Resource]], name: str, resource: Resource) -> None:
        table.setdefault(name, []).append(resource)
        self.names.setdefault(name, []).append(resource)

    def _label(self, resource: Resource, labels: object) -> None:
        for key in _APP_LABELS:
            value = as_map(labels).get(key)
            if isinstance(value, str):
                self.apps.setdefault(value, []).append(resource)

    def _monitored(self, estate: Estate) -> None:
        """What `job` is where a monitor takes it from a label, or names a PodMonitor."""
        for kind in ("ServiceMonitor", "PodMonitor"):
            for monitor in estate.kinds.get(f"kubernetes/{kind}", ()):
                label = at_path(monitor.body, ("spec", "jobLabel"))
                for link in estate.outgoing.get(id(monitor), ()):
                    if link.name != "selects":
                        continue
                    target = link.target.outermost
                    value = at_path(link.target.body, ("metadata", "labels", label)) if isinstance(label, str) else None
                    if isinstance(value, str):
                        self.apps.setdefault(value, []).append(target)
                    elif kind == "PodMonitor":
                        self.apps.setdefault(f"{self.namespace(monitor)}/{monitor.name}", []).append(target)

    def namespace(self, resource: Resource) -> str:
        known = self._namespaces.get(id(resource))
        if known is None:
            found = namespace_of(resource.body) if resource.kind.startswith("kubernetes/") else ""
            known = self._namespaces[id(resource)] = found if isinstance(found, str) else ""
        return known

    def spoken_of(self, selector: Selector, by: Resource, general: set[tuple[str, str, str]]) -> Iterator[Resource]:
        """What a selector names most closely: a workload before its pods, these before containers, Services and jobs.

        general: the namespaces that were already spoken of as a whole, by kind and environment; added to.
        """
        known = self._spoken.get(selector)
        if known is None:
            known = self._spoken[selector] = self._closest(selector)
        found, spaces = known
        yield from (each for each in found if _meet(each, by))
        for space in spaces:
            key = by.kind, by.environment.name if by.environment else "", space
            if key not in general:
                general.add(key)
                for resources in self.workloads.values():
                    yield from (each for each in resources if self.namespace(each) == space and _meet(each, by))

    def _closest(self, selector: Selector) -> tuple[list[Resource], list[str]]:
        """(what a selector names, the namespaces it names where it names nothing in them)."""
        spaces: set[str] = set()
        asked: list[list[Matcher]] = [[], [], [], []]
        for matcher in selector.matchers:
            level = _LEVELS.get(matcher.label)
            if level is None or (matcher.label == "job" and selector.metric.startswith(_OF_OTHERS)):
                continue
            if level < 4:
                asked[level].append(matcher)
            else:
                spaces.update(text for text, more in choices(matcher) if not more)
        for find, matchers in zip((self._workload, self._pod, self._container, self._service), asked, strict=True):
            found = [each for matcher in matchers for each in find(matcher) if self._stands(each, spaces)]
            if found:
                return found, []
        closer = any(asked[:3]) or any(_LEVELS.get(label, 4) < 3 for label in selector.open)
        return [], [] if closer else sorted(spaces)

    def _stands(self, resource: Resource, spaces: set[str]) -> bool:
        return not spaces or resource.kind == "compose/service" or self.namespace(resource) in spaces

    def _workload(self, matcher: Matcher) -> Iterable[Resource]:
        for text, more in choices(matcher):
            if not more:
                yield from self.workloads.get(text, ())
            elif len(text) >= _SHORTEST:
                for name in islice(self._begins(text), _WIDEST):
                    yield from self.workloads[name]

    def _pod(self, matcher: Matcher) -> Iterable[Resource]:
        """Pods are called after their workload and a hyphen."""
        for text, more in choices(matcher):
            if more and len(text) >= _SHORTEST:
                for name in islice(self._begins(text), _WIDEST):
                    yield from self.workloads[name]
            elif not more:
                parts = text.split("-")[:20]
                for end in range(1, len(parts) + 1):
                    yield from self.workloads.get("-".join(parts[:end]), ())

    def _begins(self, text: str) -> Iterator[str]:
        """Workloads the names of whose pods begin with a text."""
        at = bisect_left(self._sorted, text)
        while at < len(self._sorted) and self._sorted[at].startswith(text):
            yield self._sorted[at][:-1]
            at += 1

    def _container(self, matcher: Matcher) -> Iterable[Resource]:
        for text, more in choices(matcher):
            yield from () if more else self.containers.get(text, ())

    def _service(self, matcher: Matcher) -> Iterable[Resource]:
        for text, more in choices(matcher):
            if not more:
                yield from self.services.get(text, ())
                yield from self.apps.get(text, ())
                yield from self.workloads.get(text, ())


def _meet(resource: Resource, by: Resource) -> bool:
    """Whether two resources may stand in the same environment."""
    return not resource.environment or not by.environment or resource.environment == by.environment
