"""ConfigMaps and Secrets a kustomization generates, with the suffix made of their content.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/ and the suffix as
https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go computes it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

from linter.model import Artifact, Entry, Map, Seq, Unknown, merge, replace
from linter.parsers.kubernetes.objects import metadata_of
from linter.parsers.kustomize.edit import made
from linter.parsers.kustomize.state import Absent, Item, Refused, text_of

Find = Callable[[str], Artifact | None]
_LETTERS = str.maketrans("013ae", "ghkmt")
_LINE = 70
Pair = tuple[str, Any, Entry]


def generated(generator: Map, kind: str, path: str, options: Map | None, find: Find) -> Item:
    """What a generator makes. options: `generatorOptions` of the kustomization; find: a file it names."""
    name = generator.get("name")
    if name is None or name == "":
        raise Refused(f"a generated {kind} has no name")
    span = generator.span
    whole: Entry = (span[0], span[1], span[1], span[1], span[2])
    own = generator.get("options")
    settings = [x for x in (own, options) if isinstance(x, Map)]
    metadata = made(span, [(k, generator[k], generator.at[k]) for k in ("name", "namespace") if generator.get(k)])
    for key in ("labels", "annotations"):
        written = [x[key] for x in reversed(settings) if isinstance(x.get(key), Map)]
        if written:
            metadata[key] = merge(written, written[-1].span)
            metadata.at[key] = next(x.at[key] for x in settings if isinstance(x.get(key), Map))
    items: list[Pair] = [("apiVersion", "v1", whole), ("kind", kind, whole), ("metadata", metadata, whole)]
    items += _data(generator, kind, find, whole)
    if kind == "Secret":
        typed = "type" in generator and generator["type"] not in (None, "")
        items.append(("type", generator["type"], generator.at["type"]) if typed else ("type", "Opaque", whole))
    for each in settings:
        if each.get("immutable") is True:
            items.append(("immutable", True, each.at["immutable"]))
            break
    hashed = not any(each.get("disableNameSuffixHash") is True for each in settings)
    return Item(made(span, items), span, path, hashed=hashed, behavior=text_of(generator.get("behavior")) or "create")


def _data(generator: Map, kind: str, find: Find, whole: Entry) -> Iterator[Pair]:
    data, binary = Map(generator.span), Map(generator.span)
    seen: set[str] = set()
    for key, value, entry in _pairs(generator, find, data):
        if key in seen:
            raise Refused(f"a generated {kind} repeats the key {key}")
        seen.add(key)
        holder = data
        if isinstance(value, tuple):
            encoded = _lines(value[0])
            holder, value = (data if kind == "Secret" else binary), encoded
        elif kind == "Secret" and isinstance(value, str):
            value = _lines(b64encode(value.encode("utf-8", "surrogatepass")).decode())
        holder[key], holder.at[key] = value, entry
    if data or kind == "Secret" or data.open is not None:
        yield "data", data, whole
    if binary:
        yield "binaryData", binary, whole


def _lines(encoded: str) -> str:
    """Base64 in lines, as kustomize writes it."""
    if len(encoded) <= _LINE:
        return encoded
    return "".join(encoded[at : at + _LINE] + "\n" for at in range(0, len(encoded), _LINE))


def _pairs(generator: Map, find: Find, data: Map) -> Iterator[tuple[str, Any, Entry]]:
    """(key, text, place); the text of a file that is none is a tuple of its base64; Unknown where it is not there."""
    envs = [*_texts(generator, "envs")]
    if generator.get("env"):
        envs.append((generator["env"], generator.at["env"]))
    for text, _ in envs:
        artifact = find(text) if isinstance(text, str) else None
        if artifact is None:
            data.open = _unread(text)
        else:
            yield from _env_lines(artifact)
    for text, entry in _texts(generator, "literals"):
        if isinstance(text, Unknown):
            data.open = text
            continue
        key, found, value = text.partition("=")
        if not found or not key:
            raise Refused(f"a literal of a generator is no key=value: {key[:40]}")
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        yield key, value[1:-1] if quoted else value, entry
    for text, entry in _texts(generator, "files"):
        if isinstance(text, Unknown):
            data.open = text
            continue
        key, found, path = text.partition("=")
        if found and (not key or not path or "=" in path):
            raise Refused("a file of a generator is neither path nor key=path")
        path = path if found else text
        yield (key if found else path.rpartition("/")[2]), _content(find(path), path), entry


def _content(artifact: Artifact | None, path: str) -> Any:
    if artifact is None:
        return _unread(path)
    return (artifact.source.text,) if artifact.format == "binary" else artifact.source.text


def _texts(generator: Map, key: str) -> Iterator[tuple[Any, Entry]]:
    value = generator.get(key)
    for index, text in enumerate(value if isinstance(value, Seq) else ()):
        if isinstance(text, (str, Unknown)):
            yield text, value.at[index]  # type: ignore[union-attr]


def _env_lines(artifact: Artifact) -> Iterator[tuple[str, Any, Entry]]:
    source = artifact.source
    position = 0
    for line in source.text.split("\n"):
        start, position = position, position + len(line) + 1
        text = line.removesuffix("\r")
        stripped = text.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        key, found, value = stripped.partition("=")
        start += len(text) - len(stripped)
        middle = start + len(key)
        if not key or any(c.isspace() for c in key):
            raise Refused(f"a line of {artifact.path} is no key=value")
        yield key, value, (source.index, start, middle, middle + len(found), start + len(stripped))


def _unread(path: Any) -> Unknown:
    if isinstance(path, Unknown):
        return path
    return Unknown("missing-input", path, "Add the file, or scan where it has been made.", type="string")


def absorbed(items: list[Item], new: Item) -> list[Item]:
    """The objects with a generated one, which `behavior: merge` and `replace` make a change of one that is there."""
    identity = new.now
    found = [
        index
        for index, item in enumerate(items)
        if item.called(identity.name) and any(each.same(identity) for each in item.ids)
    ]
    extends = new.behavior in ("merge", "replace")
    if not found and not extends:
        return [*items, new]
    if len(found) != 1 or not extends:
        what = f"{identity.kind} {identity.name}"
        if not extends:
            raise Refused(f"{what} is there already")
        raise (Refused if found else Absent)(f"{len(found)} objects could be the {what} to change")
    old = items[found[0]]
    body = _changed(old.body, new)
    changed = old._replace(body=body, hashed=old.hashed and new.hashed, callers=(_heading(new), *old.callers))
    return [*items[: found[0]], changed, *items[found[0] + 1 :]]


def _heading(new: Item) -> tuple[int, int, int]:
    source, _, _, start, end = metadata_of(new.body).at["name"]
    return source, start, end


def _changed(old: Map, new: Item) -> Map:
    """A generated body with the metadata, and for `merge` the content, of the object it changes."""
    metadata = metadata_of(new.body)
    before = metadata_of(old)
    for key in ("labels", "annotations"):
        written = [x[key] for x in (before, metadata) if isinstance(x.get(key), Map)]
        if written:
            metadata = replace(
                metadata, key, merge(written, written[0].span), before.at.get(key) or metadata.at.get(key)
            )
    for key in ("name", "namespace"):
        if key in before:
            metadata = replace(metadata, key, before[key], before.at.get(key))
    body = replace(new.body, "metadata", metadata, old.at.get("metadata"))
    for key in ("data", "binaryData") if new.behavior == "merge" else ():
        written = [x[key] for x in (old, new.body) if isinstance(x.get(key), Map)]
        if written:
            body = replace(body, key, merge(written, written[0].span), old.at.get(key) or new.body.at.get(key))
    return body


def suffixed(item: Item) -> Item:
    """An object under the name its content gives it, without a suffix where some of the content is unknown."""
    if not item.hashed:
        return item
    digest = _digest(item.body)
    item = item.remembered()
    metadata = metadata_of(item.body)
    name = metadata.get("name")
    if isinstance(name, Unknown) or digest is None:
        return item
    new = f"{text_of(name)}-{digest}"
    return item._replace(body=replace(item.body, "metadata", replace(metadata, "name", new)))


def _digest(body: Map) -> str | None:
    import json
    from hashlib import sha256

    kind = text_of(body.get("kind"))
    # kustomize looks the name up under a key no object has, so that it never is part of the content.
    content: dict[str, Any] = {"kind": kind, "name": ""}
    if kind not in ("ConfigMap", "Secret"):
        return None
    keys = ("data", "binaryData") if kind == "ConfigMap" else ("data", "stringData")
    for key in keys:
        value = body.get(key)
        if isinstance(value, Unknown) or (isinstance(value, Map) and not _known(value)):
            return None
        if isinstance(value, Map) or key == "data":
            content[key] = value if isinstance(value, Map) else text_of(value)
    if kind == "Secret":
        content["type"] = text_of(body.get("type"))
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10].translate(_LETTERS)


def _known(value: Map) -> bool:
    return value.open is None and not any(isinstance(item, (Unknown, Map, Seq)) for item in value.values())
