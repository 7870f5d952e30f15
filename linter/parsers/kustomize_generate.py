"""ConfigMaps and Secrets a kustomization generates, by name; the suffix made of their content's hash is left out.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown, merge, replace
from linter.parsers.kubernetes_objects import Object, name_of
from linter.parsers.kustomize_edit import made
from linter.parsers.kustomize_read import maps

_GENERATED = {"configMapGenerator": ("ConfigMap", "data"), "secretGenerator": ("Secret", "stringData")}


def generated(kustomization: Map, path: str, objects: list[Object]) -> list[Object]:
    """The objects with those the generators make. `behavior: merge` and `replace` change one that is there instead."""
    result = [*objects]
    for key, (kind, field) in _GENERATED.items():
        for generator in maps(kustomization.get(key)):
            at = _extended(result, kind, generator) if generator.get("behavior") in ("merge", "replace") else -1
            if at < 0:
                result.append(Object(_object(generator, kind, field), generator.span, path))
            else:
                body = _with_data(result[at].body, field, generator)
                result[at] = result[at]._replace(body=body, callers=(_heading(generator), *result[at].callers))
    return result


def _extended(objects: list[Object], kind: str, generator: Map) -> int:
    """The position of the object a generator extends, -1 where there is none."""
    wanted = _text(generator.get("name"))
    for at, item in enumerate(objects):
        if item.body["kind"] == kind and wanted in map(_text, (name_of(item.body), *item.names)):
            return at
    return -1


def _with_data(body: Map, field: str, generator: Map) -> Map:
    old, added = body.get(field), _data(generator)
    if generator["behavior"] == "merge" and isinstance(old, Map):
        return replace(body, field, merge((old, added), old.span))
    return replace(body, field, added)


def _heading(generator: Map) -> Span:
    source, _, _, start, end = generator.at["name"]
    return source, start, end


def _text(value: Any) -> str:
    return "?" if isinstance(value, Unknown) else str(value)


def _object(generator: Map, kind: str, field: str) -> Map:
    span = generator.span
    whole: Entry = (span[0], span[1], span[1], span[1], span[2])
    metadata = made(
        span, [(key, generator[key], generator.at[key]) for key in ("name", "namespace") if key in generator]
    )
    options = generator.get("options")
    for key in ("labels", "annotations"):
        if isinstance(options, Map) and isinstance(options.get(key), Map):
            metadata[key] = options[key]
            metadata.at[key] = options.at[key]
    items: list[tuple[Any, Any, Entry]] = [
        ("apiVersion", "v1", whole),
        ("kind", kind, whole),
        ("metadata", metadata, whole),
        (field, _data(generator), whole),
    ]
    if "type" in generator:
        items.append(("type", generator["type"], generator.at["type"]))
    return made(span, items)


def _data(generator: Map) -> Map:
    data = Map(generator.span)
    for key in ("literals", "files", "envs"):
        value = generator.get(key)
        for index, text in enumerate(value if isinstance(value, Seq) else ()):
            if not isinstance(text, str):
                continue
            entry = value.at[index]  # type: ignore[union-attr]
            name, found, content = text.partition("=")
            if key == "envs":
                data.open = _unread(text)
            elif key == "files":
                name = name if found else text.rpartition("/")[2]
                data[name], data.at[name] = _unread(content or text), entry
            elif found:
                data[name], data.at[name] = content.strip("\"'"), entry
    if generator.get("env"):
        data.open = _unread(_text(generator["env"]))
    return data


def _unread(path: str) -> Unknown:
    return Unknown("overlay", path, "Scan the rendered manifests (kustomize build) beside the sources.", type="string")
