"""What one kustomization does to its objects, in kustomize's order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.kustomize.fields import DEFAULTS, Field, Fields, Reference, fields_in, joined
from linter.parsers.kustomize.names import defaults as reference_defaults
from linter.parsers.kustomize.names import with_references
from linter.parsers.kustomize.patches import Refuse, apply
from linter.parsers.kustomize.read import Missing, Reader
from linter.parsers.kustomize.replace import applied, blanked
from linter.parsers.kustomize.state import Item, Refused, text_of
from linter.parsers.kustomize.transform import imaged, in_namespace, label_sets, labelled, renamed, scaled
from linter.parsers.kustomize.vars import defaults as variable_defaults
from linter.trees import maps, says

FIELDS = frozenset(
    (
        "apiversion", "bases", "buildmetadata", "commonannotations", "commonlabels", "components", "configmapgenerator",
        "configurations", "crds", "generatoroptions", "generators", "helmchartinflationgenerator", "helmcharts",
        "helmglobals", "images", "kind", "labels", "metadata", "nameprefix", "namespace", "namesuffix", "openapi",
        "patches", "patchesjson6902", "patchesstrategicmerge", "replacements", "replicas", "resources",
        "secretgenerator", "sortoptions", "transformers", "validators", "vars",
    )
)  # fmt: skip
"""The keys of a kustomization file, in lower case: kustomize refuses others."""


def default_fields() -> Fields:
    return Fields(DEFAULTS | {"varReference": variable_defaults()}, reference_defaults())


def configured(fields: Fields, config: Map) -> Fields:
    """The field specifications with those of a transformer configuration."""
    lists = dict(fields.lists)
    for key in lists:
        lists[key] = joined(lists[key], fields_in(config.get(key)))
    more = tuple(
        Reference(
            text_of(item.get("kind")),
            text_of(item.get("group")),
            text_of(item.get("version")),
            tuple(fields_in(item.get("fieldSpecs"))),
        )
        for item in maps(config.get("nameReference"))
    )
    return Fields(lists, with_references(fields.references, more))


def both(one: Fields, other: Fields) -> Fields:
    """Two sets of field specifications as one."""
    if one is other:
        return one
    lists = {key: joined(one.lists[key], other.lists[key]) for key in one.lists}
    return Fields(lists, with_references(one.references, other.references))


def transformed(
    folder: str, body: Map, items: list[Item], fields: Fields, reader: Reader, missing: list[Missing], refuse: Refuse
) -> list[Item]:
    """The objects after patches, transformers and replacements of a kustomization."""
    early, late, unread = reader.patches_of(folder, body, refuse)
    missing += unread
    for patch in early:
        items = apply(patch, items, refuse)
    items = _named(body, items, fields.lists, refuse)
    for patch in late:
        if patch.target is None or not patch.target.get("name"):
            refuse(patch.span, "a patch of patchesJson6902 has a target with a name")
        items = apply(patch, items, refuse)
    for replicas in maps(body.get("replicas")):
        items = _tried(items, replicas.span, refuse, scaled, replicas, fields.lists["replicas"])
    images = maps(body.get("images"))
    if images:
        items = _tried(items, images[0].span, refuse, imaged, images, fields.lists["images"])
    return _replaced(folder, body, items, reader, missing, refuse)


def _tried(items: list[Item], span: Span, refuse: Refuse, step: Callable[..., list[Item]], *given: Any) -> list[Item]:
    """What a step makes of the objects, the same objects where kustomize would refuse it."""
    try:
        return step(items, *given)
    except Refused as why:
        refuse(span, why)
        return items


def _named(body: Map, items: list[Item], fields: dict[str, tuple[Field, ...]], refuse: Refuse) -> list[Item]:
    """Namespace, prefix, suffix, labels and annotations."""

    def at(key: str) -> Span:
        source, _, _, start, end = body.at[key]
        return source, start, end

    namespace = body.get("namespace")
    if isinstance(namespace, (str, Unknown)) and not (isinstance(namespace, str) and not namespace):
        entry = body.at["namespace"]
        items = _tried(items, at("namespace"), refuse, in_namespace, namespace, entry, fields["namespace"])
    for key in ("namePrefix", "nameSuffix"):
        value = body.get(key)
        if isinstance(value, Unknown) or (isinstance(value, str) and value):
            prefix, suffix = (value, "") if key == "namePrefix" else ("", value)
            items = _tried(items, at(key), refuse, renamed, prefix, suffix, fields[key])
        elif value not in (None, ""):
            refuse(at(key), f"{key} is no text")
    try:
        sets = list(label_sets(body, fields))
    except Refused as why:
        refuse(body.span, why)
        sets = []
    annotations = body.get("commonAnnotations")
    if isinstance(annotations, Map):
        sets.append((annotations, fields["commonAnnotations"]))
    for pairs, wanted in sets:
        items = _tried(items, pairs.span, refuse, labelled, pairs, wanted)
    return items


def _replaced(
    folder: str, body: Map, items: list[Item], reader: Reader, missing: list[Missing], refuse: Refuse
) -> list[Item]:
    replacements = body.get("replacements")
    for item in maps(replacements):
        given = [item]
        if item.get("path") is not None:
            entry = item.at["path"]
            documents = reader.documents(folder, item["path"])
            given = []
            for document in documents or ():
                given += (
                    maps(document) if isinstance(document, Seq) else [document] if isinstance(document, Map) else []
                )
            if documents is None:
                subject = text_of(item["path"])
                why = Unknown("missing-input", subject, "Add the file, or scan where it has been made.")
                missing.append(Missing(subject, (entry[0], entry[3], entry[4]), why))
        for replacement in given:
            try:
                items = applied(items, replacement)
            except Refused as why:
                refuse(replacement.span, why)
                items = blanked(items, replacement)
    return items


def _other(value: Any, *words: str) -> bool:
    """Whether a value is there, is known and is none of some words."""
    return value is not None and not isinstance(value, Unknown) and not says(value, *words)


def complaints(body: Map) -> Iterator[tuple[Span, str]]:
    """What kustomize would not read in a kustomization file."""
    for key in body:
        if not isinstance(key, str) or key.lower() not in FIELDS:
            source, start, end, _, _ = body.at[key]
            yield (source, start, end), f"there is no field {text_of(key)}"
    kind, version = body.get("kind"), body.get("apiVersion")
    if _other(kind, "", "Kustomization", "Component"):
        yield body.span, "its kind is neither Kustomization nor Component"
    wanted = "v1alpha1" if says(kind, "Component") else "v1beta1"
    if _other(version, "", f"kustomize.config.k8s.io/{wanted}"):
        yield body.span, f"its apiVersion is not kustomize.config.k8s.io/{wanted}"
    if not any(
        value is not None and not says(value, "") for key, value in body.items() if key not in ("kind", "apiVersion")
    ):
        yield body.span, "it is empty"
