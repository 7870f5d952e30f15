"""What Argo CD's Applications and ApplicationSets deploy.

Encodes https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml and user-guide/multiple_sources: a path
in a Git repository, or a chart of a Helm repository; value files relative to the path, or to a `ref` source with `$ref/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.estate.gitops_delivery import (
    DEPLOYS,
    READS,
    Delivery,
    cleaned,
    joined,
    remote,
    repository_key,
    span_of,
    text_at,
)
from linter.estate.gitops_generators import Folders, Parameters, filled, parameter_sets
from linter.model import Map, Resource, Seq, Unknown
from linter.trees import at_path, maps

GROUP = "argoproj.io/"


def is_argo(resource: Resource) -> bool:
    """Whether an object of a kind that other projects have, too (app.k8s.io), is Argo CD's."""
    return str(resource.body.get("apiVersion")).startswith(GROUP)


def deliveries(resource: Resource, folders: Folders) -> Iterator[Delivery]:
    """All that an Application deploys, or an ApplicationSet with each set of its parameters."""
    spec = resource.body.get("spec")
    if not isinstance(spec, Map) or not is_argo(resource):
        return
    if resource.kind == "kubernetes/Application":
        yield from _of_application(resource.body, spec, None, "spec")
        return
    template = spec.get("template")
    inner = template.get("spec") if isinstance(template, Map) else None
    if isinstance(template, Map) and isinstance(inner, Map):
        for parameters in parameter_sets(spec, folders):
            yield from _of_application(template, inner, parameters, "spec.template.spec")


def _of_application(holder: Map, spec: Map, parameters: Parameters | None, prefix: str) -> Iterator[Delivery]:
    sources = [("source", spec["source"])] if isinstance(spec.get("source"), Map) else []
    sources += [("sources", source) for source in maps(spec.get("sources"))]
    dry = at_path(spec, ("sourceHydrator", "drySource"))
    sources += [("sourceHydrator.drySource", dry)] if isinstance(dry, Map) else []
    names = _names(holder, spec, parameters, [source for _, source in sources])
    refs = {text_at(source, "ref"): source for _, source in sources if text_at(source, "ref")}
    for field, source in sources:
        yield from _of_source(source, f"{prefix}.{field}", parameters, names, refs)


def _names(holder: Map, spec: Map, parameters: Parameters | None, sources: list[Map]) -> tuple[str | None, ...]:
    """Cluster, the object's own place, namespace, the Application's name, its value files and paths."""
    target = spec.get("destination")
    cluster = [text_at(target, "name"), text_at(target, "server").partition("://")[2].partition(":")[0]]
    others = [text_at(target, "namespace"), text_at(holder, "metadata", "name")]
    for source in sources:
        files = at_path(source, ("helm", "valueFiles"))
        others += [file.rpartition("/")[2] for file in files if isinstance(file, str)] if isinstance(files, Seq) else []
        others.append(text_at(source, "path"))
    known = [filled(text, parameters) for text in cluster], [filled(text, parameters) for text in others]
    return *filter(None, known[0]), None, *filter(None, known[1])


def _of_source(
    source: Map,
    field: str,
    parameters: Parameters | None,
    names: tuple[str | None, ...],
    refs: dict[str, Map],
) -> Iterator[Delivery]:
    repository = _repository(source, parameters)
    if "chart" in source:
        chart = f"chart {text_at(source, 'chart')} of {text_at(source, 'repoURL')}"
        yield Delivery(DEPLOYS, f"{field}.chart", span_of(source, "chart"), repository, remote(chart), names)
    elif "path" in source:
        path = _path(source["path"], parameters)
        deep = at_path(source, ("directory", "recurse")) is True
        yield Delivery(DEPLOYS, f"{field}.path", span_of(source, "path"), repository, path, names, deep)
    yield from _value_files(source, field, parameters, refs)


def _path(text: Any, parameters: Parameters | None, folder: str | Unknown = "") -> str | Unknown:
    path = filled(text, parameters)
    if path is None:
        return Unknown("run-time", str(text), "The generator's parameters are known to the cluster only.")
    return joined(folder, path)


def _repository(source: Map, parameters: Parameters | None) -> str | Unknown:
    url = filled(source.get("repoURL"), parameters)
    if not isinstance(url, str) or "{{" in url:
        return url if isinstance(url, Unknown) else remote(text_at(source, "repoURL") or "a source without repoURL")
    return repository_key(url)


def _value_files(source: Map, field: str, parameters: Parameters | None, refs: dict[str, Map]) -> Iterator[Delivery]:
    helm = source.get("helm")
    files = helm.get("valueFiles") if isinstance(helm, Map) else None
    if not isinstance(helm, Map) or not isinstance(files, Seq) or helm.get("ignoreMissingValueFiles") is True:
        return
    for file, entry in zip(files, files.at, strict=True):
        if not isinstance(file, str) or "://" in file or "*" in file:
            continue
        span = (entry[0], entry[3], entry[4])
        word, slash, rest = file.partition("/")
        if not word.startswith("$"):
            if "chart" not in source:
                folder = _path(source.get("path", ""), parameters)
                yield Delivery(
                    READS,
                    f"{field}.helm.valueFiles",
                    span,
                    _repository(source, parameters),
                    _path(file, parameters, folder),
                )
        elif slash and word[1:] in refs:
            repository = _repository(refs[word[1:]], parameters)
            yield Delivery(READS, f"{field}.helm.valueFiles", span, repository, cleaned(_path(rest, parameters)))
