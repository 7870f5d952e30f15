"""`replacements` and `vars` of a kustomization: values of one object's fields in another's.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/ and …/vars/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Unknown, concatenate, replace
from linter.parsers.kustomize.edit import Step, overlay, put
from linter.parsers.kustomize.select import found_in, labelled
from linter.parsers.kustomize.state import Absent, Id, Item, Refused, text_of
from linter.records import NamedTuple
from linter.trees import whole

_NOTHING = object()


class Source(NamedTuple):
    """What a replacement writes, and where it stands."""

    value: Any
    entry: Entry


def applied(items: list[Item], replacement: Map) -> list[Item]:
    """The objects with one replacement made."""
    source, targets = replacement.get("source"), replacement.get("targets")
    if not isinstance(source, Map) or not isinstance(targets, Seq):
        raise Refused("a replacement has no source or no targets")
    value = _source(items, source)
    result = [*items]
    for target in targets:
        select = target.get("select") if isinstance(target, Map) else None
        if not isinstance(target, Map) or not isinstance(select, Map):
            raise Refused("the target of a replacement selects nothing")
        rejects = target.get("reject")
        rejected = [each for each in rejects if isinstance(each, Map)] if isinstance(rejects, Seq) else []
        for index, item in enumerate(result):
            if _selected(item, select) and not any(_rejected(item, each) for each in rejected):
                result[index] = item._replace(body=_filled(item.body, target, value))
    return result


def blanked(items: list[Item], replacement: Map) -> list[Item]:
    """The objects with the fields unknown that a replacement would fill in, which could not be made."""
    targets = replacement.get("targets")
    result = [*items]
    for target in targets if isinstance(targets, Seq) else ():
        select = target.get("select") if isinstance(target, Map) else None
        paths = target.get("fieldPaths") if isinstance(target, Map) else None
        if not isinstance(select, Map) or not isinstance(paths, Seq):
            continue
        for index, item in enumerate(result):
            body = item.body
            if any(_is(each, select) for each in item.ids) and labelled(select, body) is not False:
                for text in map(text_of, paths):
                    for steps in list(_places(body, _parts(text))):
                        body = put(body, steps, overlay(f"the replacement of {text}"), _at(body, steps)[1])
                result[index] = item._replace(body=body)
    return result


def _source(items: list[Item], source: Map) -> Source:
    found = [item for item in items if any(_is(each, source) for each in item.ids)]
    if len(found) != 1:
        raise (Refused if found else Absent)(f"the source of a replacement is {len(found) or 'no'} objects")
    path = source.get("fieldPath") or "metadata.name"
    value, entry = _at(found[0].body, _parts(text_of(path)))
    if value is _NOTHING or value is None or (isinstance(value, (Map, Seq)) and not value):
        raise Refused(f"the source of a replacement has no {text_of(path)}")
    options = source.get("options")
    delimiter = text_of(options.get("delimiter")) if isinstance(options, Map) else ""
    if isinstance(options, Map) and delimiter and not isinstance(value, Unknown):
        if isinstance(value, (Map, Seq)):
            raise Refused("a delimiter divides texts only")
        parts, index = text_of(value).split(delimiter), options.get("index") or 0
        if not isinstance(index, int) or not 0 <= index < len(parts):
            raise Refused(f"the source of a replacement has no part {text_of(index)}")
        value = _typed(value, parts[index])
    return Source(value, entry)


def _is(each: Id, selector: Map) -> bool:
    name, namespace = text_of(selector.get("name")), text_of(selector.get("namespace"))
    wanted = Id(each.group, each.version, each.kind, name, namespace)
    return (
        name in ("", each.name)
        and (not namespace or wanted.place == each.place)
        and all(text_of(selector.get(key)) in ("", getattr(each, key)) for key in ("group", "version", "kind"))
    )


def _selected(item: Item, selector: Map) -> bool:
    return any(_is(each, selector) for each in item.ids) and _labelled(item, selector)


def _rejected(item: Item, selector: Map) -> bool:
    by_id = any(selector.get(key) for key in ("group", "version", "kind", "name", "namespace"))
    if by_id and any(_is(each, selector) for each in item.ids):
        return True
    return bool(selector.get("labelSelector") or selector.get("annotationSelector")) and _labelled(item, selector)


def _labelled(item: Item, selector: Map) -> bool:
    answer = labelled(selector, item.body)
    if answer is None:
        raise Refused("a selector of a replacement could not be decided")
    return answer


def _filled(body: Map, target: Map, source: Source) -> Map:
    paths = target.get("fieldPaths")
    options = target.get("options")
    options = options if isinstance(options, Map) else Map(target.span)
    create = options.get("create") is True
    for path in paths if isinstance(paths, Seq) and paths else ("metadata.name",):
        text = text_of(path)
        if create:
            body = _made(body, _parts(text), source)
        found = list(_places(body, _parts(text)))
        if not found:
            raise Refused(f"the target of a replacement has no field {text}")
        for steps in found:
            old, _ = _at(body, steps)
            body = put(body, steps, _written(old, source.value, options), source.entry) if steps else body
    return body


def _written(old: Any, new: Any, options: Map) -> Any:
    if isinstance(new, Unknown) or isinstance(old, Unknown):
        return new if isinstance(new, Unknown) else old
    delimiter = text_of(options.get("delimiter"))
    if delimiter:
        if isinstance(old, (Map, Seq)):
            raise Refused("a delimiter divides texts only")
        parts, index = text_of(old).split(delimiter), options.get("index") or 0
        text = "" if isinstance(new, (Map, Seq)) else text_of(new)
        if not isinstance(index, int):
            raise Refused("the index of a replacement is no number")
        if index < 0:
            parts = [text, *parts]
        elif index >= len(parts):
            parts = [*parts, text]
        else:
            parts[index] = text
        new = delimiter.join(parts)
    if isinstance(old, (Map, Seq)):
        return new
    if old is _NOTHING:
        return _resolved(text_of(new)) if not isinstance(new, (Map, Seq)) else new
    return _typed(old, "" if isinstance(new, (Map, Seq)) else text_of(new))


def _typed(old: Any, text: str) -> Any:
    """A text as the type of the value it takes the place of."""
    if isinstance(old, str):
        return text
    value = _resolved(text)
    return value if old is None or isinstance(value, (bool, int, float)) else text


def _resolved(text: str) -> Any:
    """A plain scalar as YAML reads it."""
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text) if text.lstrip("-").isdigit() and len(text) < 20 else text
    except ValueError:
        return text


def _parts(path: str) -> list[str]:
    r"""The steps of a field path: dots divide, not within brackets; `\.` is a dot; `[a.b]` a key, `[a=b]` an element."""
    parts: list[str] = []
    for part in path.split("."):
        if parts and parts[-1].endswith("\\"):
            parts[-1] = parts[-1][:-1] + "." + part
        elif parts and parts[-1].startswith("[") and not parts[-1].endswith("]"):
            parts[-1] += "." + part
        else:
            parts.append(part)
    return [part[1:-1] if part.startswith("[") and part.endswith("]") and "=" not in part else part for part in parts]


def _at(value: Any, steps: Any) -> tuple[Any, Entry]:
    """What stands at a path (the first element where a step selects several), _NOTHING where it leads nowhere."""
    entry: Entry = (0, 0, 0, 0, 0)
    for step in steps:
        if isinstance(value, Map) and step in value:
            source, start, end = value.span
            entry = value.at.get(step) or (source, start, start, start, end)
            value = value[step]
            continue
        index = step if isinstance(step, int) else next(_indices(value, step, exact=True), None)
        if not isinstance(value, Seq) or index is None or index >= len(value):
            return _NOTHING, entry
        entry, value = value.at[index], value[index]
    return value, entry


def _indices(value: Any, step: str, exact: bool = False) -> Iterator[int]:
    """The elements of a list that a step names: a number, `[key=value]`, `[=value]` or `*`."""
    if not isinstance(value, Seq):
        return
    number = whole(step)
    if number is not None:
        if number < len(value):
            yield number
        return
    if step == "-" and exact and value:
        yield len(value) - 1
    key, found, wanted = step[1:-1].partition("=") if step.startswith("[") else (step, "", "")
    for index, item in enumerate(value):
        held = item.get(key, _NOTHING) if isinstance(item, Map) and key else item if not key else _NOTHING
        if step == "*" and not exact:
            yield index
        elif found and held is not _NOTHING and not isinstance(held, (Map, Seq)):
            same = text_of(held) == wanted if exact else found_in(wanted, held)
            if same is None:
                raise Refused(f"{step} could not be decided")
            if same:
                yield index


def _places(value: Any, parts: list[str]) -> Iterator[list[Step]]:
    """The steps to each field that a field path leads to."""
    if not parts:
        yield []
        return
    part, rest = parts[0], parts[1:]
    if isinstance(value, Map) and not part.startswith("[") and part in value:
        for tail in _places(value[part], rest):
            yield [part, *tail]
    for index in _indices(value, part):
        for tail in _places(value[index], rest):
            yield [index, *tail]


def _made(value: Any, parts: list[str], source: Source) -> Any:
    """A value with what is missing on a path made, the last step as something that is still to be written."""
    part, rest = parts[0], parts[1:]
    entry = source.entry
    span = (entry[0], entry[3], entry[4])
    if part.startswith("[") and "=" in part:
        if value is None:
            value = Seq(span)
        if not isinstance(value, Seq):
            return value
        if next(_indices(value, part), None) is None:
            key, _, text = part[1:-1].partition("=")
            made = Map(span)
            made[key], made.at[key] = text, entry
            value = concatenate((value,), value.span)
            value.append(made if key else text)
            value.at.append(entry)
        for index in list(_indices(value, part)) if rest else ():
            inner = _made(value[index], rest, source)
            if inner is not value[index]:
                value = concatenate((value,), value.span)
                value[index] = inner
        return value
    if isinstance(value, Seq):
        for index in list(_indices(value, part)) if rest else ():
            inner = _made(value[index], rest, source)
            if inner is not value[index]:
                value = concatenate((value,), value.span)
                value[index] = inner
        return value
    value = Map(span) if value is None else value
    if not isinstance(value, Map):
        raise Refused("the target of a replacement leads through a scalar")
    if not rest:
        return value if part in value else replace(value, part, _NOTHING, entry)
    inner = _made(value.get(part), rest, source)
    return value if inner is value.get(part) else replace(value, part, inner, value.at.get(part) or entry)
