"""Plugins of a kustomization: those built into kustomize are applied, the rest is named as unknown.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/builtins/. Executables, containers and Helm charts are
never run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown, replace
from linter.parsers.kubernetes.objects import metadata_of
from linter.parsers.kustomize.edit import overlay, put
from linter.parsers.kustomize.fields import Field, Fields, fields_in
from linter.parsers.kustomize.generate import absorbed, generated
from linter.parsers.kustomize.patches import Refuse, apply
from linter.parsers.kustomize.read import Missing, Reader, entries
from linter.parsers.kustomize.replace import applied
from linter.parsers.kustomize.state import Item, Refused, text_of
from linter.parsers.kustomize.transform import imaged, in_namespace, labelled, renamed, scaled
from linter.syntax.yaml import load
from linter.trees import maps, says

LOCAL = "config.kubernetes.io/local-config"
_CHARTS = ("helmCharts", "helmChartInflationGenerator")
_ORIGIN = "config.kubernetes.io/origin"
_CHANGES = "alpha.config.kubernetes.io/transformations"
_MANAGED = "app.kubernetes.io/managed-by"
_MARKS = (b"x-kubernetes-object-ref", b"x-kubernetes-annotation", b"x-kubernetes-label", b"x-kubernetes-identity")


def unknown_parts(folder: str, body: Map, reader: Reader) -> Iterator[Missing]:
    """What charts, schemas of custom resources and validators of a kustomization would add or change."""
    for key in (*_CHARTS, "openapi", "validators"):
        if body.get(key):
            why = Unknown("template", key, "Scan the rendered manifests (kustomize build --enable-helm).")
            yield Missing(key, _key_span(body, key), why)
    for text, span in entries(body, "crds"):
        artifact = reader.find(folder, text)
        if artifact is None or any(mark.decode() in artifact.source.text for mark in _MARKS):
            subject = text_of(text)
            yield Missing(subject, span, overlay(subject))


def _key_span(body: Map, key: str) -> Span:
    source, start, end, _, _ = body.at[key]
    return source, start, end


def run(
    folder: str,
    body: Map,
    key: str,
    items: list[Item],
    reader: Reader,
    missing: list[Missing],
    refuse: Refuse,
    defaults: Fields,
) -> list[Item]:
    """The objects after the plugins of `generators` or `transformers`; those not built in are named in missing."""
    for text, span in entries(body, key):
        contents = _contents(folder, text, span, reader)
        for content in contents if contents is not None else [None]:
            known = isinstance(content, Map) and says(content.get("apiVersion"), "builtin")
            plugin = _PLUGINS.get(text_of(content.get("kind"))) if isinstance(content, Map) and known else None
            if plugin is None or not isinstance(content, Map):
                why = Unknown("template", key, "Scan the rendered manifests (kustomize build --enable-alpha-plugins).")
                missing.append(Missing(key, _key_span(body, key), why))
                continue
            try:
                items = plugin(_Call(folder, content, items, reader, missing, refuse, defaults))
            except Refused as why:
                refuse(span, why)
    return items


def _contents(folder: str, text: Any, span: Span, reader: Reader) -> list[Any] | None:
    if isinstance(text, str) and "\n" in text:
        loaded = load(span[0], text)
        return None if loaded.problems else [document.value for document in loaded.documents]
    return reader.documents(folder, text)


class _Call:
    """One plugin's run."""

    __slots__ = ("config", "defaults", "folder", "items", "missing", "reader", "refuse")

    def __init__(
        self, folder: str, config: Map, items: list[Item], reader: Reader, missing: list[Missing], refuse: Refuse,
        defaults: Fields,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.config = config
        self.items = items
        self.reader = reader
        self.missing = missing
        self.refuse = refuse
        self.defaults = defaults

    def fields(self) -> tuple[Field, ...]:
        return tuple(fields_in(self.config.get("fieldSpecs")))


def _namespace(call: _Call) -> list[Item]:
    metadata = metadata_of(call.config)
    if not metadata.get("namespace"):
        return call.items
    mode = text_of(call.config.get("setRoleBindingSubjects")) or "defaultOnly"
    unset = call.config.get("unsetOnly") is True
    return in_namespace(
        call.items, metadata["namespace"], metadata.at["namespace"], call.fields(), mode, unset_only=unset
    )


def _prefix(call: _Call) -> list[Item]:
    return renamed(call.items, call.config.get("prefix") or "", call.config.get("suffix") or "", call.fields())


def _labels(call: _Call) -> list[Item]:
    pairs = call.config.get("labels")
    return labelled(call.items, pairs, call.fields()) if isinstance(pairs, Map) else call.items


def _annotations(call: _Call) -> list[Item]:
    pairs = call.config.get("annotations")
    return labelled(call.items, pairs, call.fields()) if isinstance(pairs, Map) else call.items


def _patch(call: _Call) -> list[Item]:
    items = call.items
    old = says(call.config.get("kind"), "PatchJson6902Transformer")
    for patch in call.reader.patch(call.folder, call.config, call.missing, call.refuse, old):
        items = apply(patch, items, call.refuse)
    return items


def _images(call: _Call) -> list[Item]:
    image = call.config.get("imageTag")
    return imaged(call.items, [image], call.fields()) if isinstance(image, Map) else call.items


def _replicas(call: _Call) -> list[Item]:
    replica = call.config.get("replica")
    return scaled(call.items, replica, call.fields()) if isinstance(replica, Map) else call.items


def _replacements(call: _Call) -> list[Item]:
    items = call.items
    for replacement in maps(call.config.get("replacements")):
        items = applied(items, replacement)
    return items


def _generator(call: _Call) -> list[Item]:
    config = call.config
    kind = "ConfigMap" if says(config.get("kind"), "ConfigMapGenerator") else "Secret"
    metadata = metadata_of(config)
    for key in ("name", "namespace"):
        if key in metadata and key not in config:
            config = replace(config, key, metadata[key], metadata.at.get(key))
    path = call.folder + "/kustomization.yaml"
    new = generated(config, kind, path, None, lambda text: call.reader.find(call.folder, text))
    return absorbed(call.items, new)


_PLUGINS: dict[str, Callable[[_Call], list[Item]]] = {
    "AnnotationsTransformer": _annotations,
    "ConfigMapGenerator": _generator,
    "ImageTagTransformer": _images,
    "LabelTransformer": _labels,
    "NamespaceTransformer": _namespace,
    "PatchJson6902Transformer": _patch,
    "PatchTransformer": _patch,
    "PrefixTransformer": _prefix,
    "ReplacementTransformer": _replacements,
    "ReplicaCountTransformer": _replicas,
    "SecretGenerator": _generator,
    "SuffixTransformer": _prefix,
}


def note_metadata(body: Map, items: list[Item]) -> list[Item]:
    """The objects with what `buildMetadata` asks for, whose values only kustomize itself knows."""
    wanted = body.get("buildMetadata")
    options = [text_of(each) for each in wanted] if isinstance(wanted, Seq) else []
    holders = {
        "originAnnotations": ("annotations", _ORIGIN),
        "transformerAnnotations": ("annotations", _CHANGES),
        "managedByLabel": ("labels", _MANAGED),
    }
    for option in options:
        if option in holders:
            field, key = holders[option]
            entry: Entry = body.at["buildMetadata"]
            value = overlay(key)
            items = [
                item._replace(body=put(item.body, ("metadata", field, key), value, entry))
                for item in items
                if isinstance(item.body.get("metadata"), Map)
            ]
    return items
