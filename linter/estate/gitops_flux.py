"""What Flux's Kustomizations, HelmReleases and image automations use of which source.

Encodes https://fluxcd.io/flux/components/: a source is an object of its own (GitRepository, OCIRepository, Bucket,
HelmRepository), and an ExternalArtifact one that an ArtifactGenerator copies together from others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.estate.gitops_delivery import (
    DEPLOYS,
    READS,
    UPDATES,
    Delivery,
    cleaned,
    remote,
    repository_key,
    span_of,
    text_at,
)
from linter.model import Estate, Map, Resource, Seq, Span, Unknown
from linter.parsers.kubernetes.objects import name_of, namespace_of
from linter.records import NamedTuple
from linter.trees import at_path, maps

GROUP = ".fluxcd.io/"
SOURCES = (
    "GitRepository",
    "HelmRepository",
    "OCIRepository",
    "Bucket",
    "ExternalArtifact",
    "ImageRepository",
    "HelmChart",
)
_ALIKE = 20


class Use(NamedTuple):
    """A reference to a source. holder: the mapping that names it. field: where that stands."""

    kind: str
    namespace: str
    name: str
    holder: Map
    field: str

    @property
    def span(self) -> Span:
        return span_of(self.holder, "name")


class Sources:
    """The sources of an estate by name, and what generators make of them."""

    def __init__(self, estate: Estate) -> None:
        self._named: dict[tuple[str, str, str], list[Resource]] = {}
        for kind in (*SOURCES, "Kustomization", "HelmRelease"):
            for resource in estate.kinds.get(f"kubernetes/{kind}", ()):
                self._note(kind, resource, name_of(resource.body))
        self._made: dict[tuple[str, str], list[tuple[Resource, Map]]] = {}
        for resource in estate.kinds.get("kubernetes/ArtifactGenerator", ()):
            space = str(namespace_of(resource.body))
            for artifact in maps(at_path(resource.body, ("spec", "artifacts"))):
                self._made.setdefault((space, text_at(artifact, "name")), []).append((resource, artifact))

    def _note(self, kind: str, resource: Resource, name: Any) -> None:
        space = namespace_of(resource.body)
        if isinstance(name, str) and isinstance(space, str):
            self._named.setdefault((kind, space, name), []).append(resource)

    def of(self, use: Use, user: Resource) -> Resource | None:
        """The object a reference means: of the user's unit, else of its environment, else any of that name."""
        return _nearest(self._named.get((use.kind, use.namespace, use.name), []), user)

    def places(self, use: Use, path: str | Unknown, user: Resource) -> Iterator[tuple[str | Unknown, str | Unknown]]:
        """(repository, path in it) of what a path in a source leads to."""
        subject = f"{use.kind}/{use.namespace}/{use.name}"
        if use.kind == "ExternalArtifact":
            made = self._made.get((use.namespace, use.name), [])
            maker = _nearest([resource for resource, _ in made], user)
            found = [artifact for resource, artifact in made if resource is maker]
            copied = list(_copied(found[0], path)) if found and isinstance(path, str) and maker else []
            for alias, folder in copied:
                for source in maps(at_path(maker.body if maker else None, ("spec", "sources"))):
                    if text_at(source, "alias") == alias and text_at(source, "kind") == "GitRepository":
                        inner = _used(source, "spec.sources", str(namespace_of(user.body)), "GitRepository")
                        yield self.repository(inner, user), folder
            if not copied:
                yield remote(subject), remote(subject)
        else:
            yield self.repository(use, user), path

    def repository(self, use: Use, user: Resource) -> str | Unknown:
        """The key of a GitRepository's URL, or the object's name where `flux bootstrap` keeps it out of the tree."""
        subject = f"{use.kind}/{use.namespace}/{use.name}"
        source = self.of(use, user)
        if use.kind != "GitRepository":
            url = text_at(source.body, "spec", "url") if source else ""
            return remote(url or subject)
        url = text_at(source.body, "spec", "url") if source else ""
        return repository_key(url) if url and "${" not in url else subject


def _nearest(found: list[Resource], user: Resource) -> Resource | None:
    for each in found[:_ALIKE]:
        if each.unit == user.unit:
            return each
    for each in found[:_ALIKE]:
        if each.environment is not None and each.environment == user.environment:
            return each
    return found[0] if found else None


def _copied(artifact: Map, path: str) -> Iterator[tuple[str, str]]:
    """(alias, folder in the source) of what a folder of an artifact was copied from.

    `from: "@repo/apps/prod/**", to: "@artifact/prod/"` copies what is in apps/prod.
    """
    for copy in maps(artifact.get("copy")):
        source, target = text_at(copy, "from"), text_at(copy, "to")
        alias, _, folder = source.removeprefix("@").partition("/")
        place = target.removeprefix("@artifact").strip("/")
        if not source.endswith("/**") or "*" in folder[:-2] or not target.startswith("@artifact"):
            continue
        if path == place or path.startswith(place + "/" if place else ""):
            rest = path[len(place) :].strip("/")
            yield alias, "/".join(filter(None, (folder[:-3], rest)))


def _used(holder: Any, field: str, namespace: str, default: str = "") -> Use:
    body = holder if isinstance(holder, Map) else Map((0, 0, 0))
    kind = text_at(body, "kind") or default
    return Use(kind, text_at(body, "namespace") or namespace, text_at(body, "name"), body, field)


def uses(resource: Resource) -> Iterator[Use]:
    """The sources an object of Flux refers to, and what it waits for."""
    spec, space = resource.body.get("spec"), str(namespace_of(resource.body))
    if GROUP not in str(resource.body.get("apiVersion")):
        return
    for path in (("sourceRef",), ("chart", "spec", "sourceRef"), ("chartRef",), ("imageRepositoryRef",)):
        holder = at_path(spec, path)
        if isinstance(holder, Map) and text_at(holder, "name"):
            default = "ImageRepository" if path == ("imageRepositoryRef",) else "GitRepository"
            yield _used(holder, ".".join(("spec", *path)), space, default)
    for holder in maps(at_path(spec, ("dependsOn",))):
        yield _used(holder, "spec.dependsOn", space, str(resource.body["kind"]))


def deliveries(resource: Resource, sources: Sources) -> Iterator[Delivery]:
    """What an object of Flux deploys, reads or updates."""
    spec = resource.body.get("spec")
    if not isinstance(spec, Map) or GROUP not in str(resource.body.get("apiVersion")):
        return
    reader = _READERS.get(str(resource.body["kind"]))
    if reader is not None:
        yield from reader(resource, spec, sources)


def _kustomization(resource: Resource, spec: Map, sources: Sources) -> Iterator[Delivery]:
    cluster = text_at(spec, "kubeConfig", "secretRef", "name") or text_at(spec, "kubeConfig", "configMapRef", "name")
    others = (text_at(spec, "targetNamespace"), resource.name, text_at(spec, "path"))
    names = (*filter(None, (cluster,)), None, *filter(None, others))
    use = _used(spec.get("sourceRef"), "spec.sourceRef", str(namespace_of(resource.body)))
    span = span_of(spec, "path") if "path" in spec else use.span
    for repository, path in sources.places(use, cleaned(spec.get("path", "")), resource):
        yield Delivery(DEPLOYS, "spec.path", span, repository, path, names, deep=True)


def _release(resource: Resource, spec: Map, sources: Sources) -> Iterator[Delivery]:
    chart = at_path(spec, ("chart", "spec"))
    if isinstance(chart, Map):
        names = (None, text_at(spec, "targetNamespace"), resource.name)
        yield from _chart(resource, chart, "spec.chart.spec", names, sources)
    reference = spec.get("chartRef")
    if isinstance(reference, Map):
        use = _used(reference, "spec.chartRef", str(namespace_of(resource.body)))
        why = remote(f"{use.kind}/{use.namespace}/{use.name}")
        yield Delivery(DEPLOYS, "spec.chartRef", use.span, why, why)


def _chart_object(resource: Resource, spec: Map, sources: Sources) -> Iterator[Delivery]:
    yield from _chart(resource, spec, "spec", (None, resource.name), sources)


def _chart(
    resource: Resource, chart: Map, field: str, names: tuple[str | None, ...], sources: Sources
) -> Iterator[Delivery]:
    """A chart in a GitRepository is a path; one of a HelmRepository, OCIRepository or Bucket is elsewhere."""
    use = _used(chart.get("sourceRef"), f"{field}.sourceRef", str(namespace_of(resource.body)), "HelmRepository")
    path = cleaned(chart.get("chart"))
    git = use.kind == "GitRepository"
    for repository, place in sources.places(use, path, resource):
        if not git and isinstance(repository, Unknown) and isinstance(path, str):
            repository = remote(f"chart {path} of {repository.subject}")
        yield Delivery(DEPLOYS, f"{field}.chart", span_of(chart, "chart"), repository, place, names)
    files = chart.get("valuesFiles")
    if git and isinstance(files, Seq) and chart.get("ignoreMissingValuesFiles") is not True:
        for file, entry in zip(files, files.at, strict=True):
            span = (entry[0], entry[3], entry[4])
            yield Delivery(READS, f"{field}.valuesFiles", span, sources.repository(use, resource), cleaned(file))


def _automation(resource: Resource, spec: Map, sources: Sources) -> Iterator[Delivery]:
    update = spec.get("update")
    if isinstance(update, Map) and "path" in update:
        use = _used(spec.get("sourceRef"), "spec.sourceRef", str(namespace_of(resource.body)))
        for repository, path in sources.places(use, cleaned(update["path"]), resource):
            yield Delivery(UPDATES, "spec.update.path", span_of(update, "path"), repository, path)


_READERS = {
    "Kustomization": _kustomization,
    "HelmRelease": _release,
    "HelmChart": _chart_object,
    "ImageUpdateAutomation": _automation,
}
