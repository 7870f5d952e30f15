"""Checks of charts' values, which every chart arranges in its own way: what is looked for may stand at any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, Entry, Estate, Map, Resource, Seq, Span, Unknown, handle
from linter.text import looks_secret

_DEPTH = 30
_WEAK: dict[str, Any] = {
    "privileged": True, "allowPrivilegeEscalation": True, "runAsUser": 0, "runAsNonRoot": False, "hostNetwork": True,
    "hostPID": True, "hostIPC": True,
}  # fmt: skip

Found = tuple[str, str, Any, Entry, Map]
"""(dotted path, its last name, value, where it is written, the mapping around it)."""


def _walk(body: Map) -> Iterator[Found]:
    """Every entry of a mapping and of those within, in the order they are written."""
    waiting: list[tuple[str, Any, int]] = [("", body, 0)]
    while waiting:
        path, holder, depth = waiting.pop()
        inner: list[tuple[str, Any, int]] = []
        pairs = holder.items() if isinstance(holder, Map) else enumerate(holder)
        for key, value in pairs:
            below = f"{path}.{key}" if path else str(key)
            if isinstance(holder, Map):
                yield below, str(key), value, holder.at[key], holder
            if isinstance(value, (Map, Seq)) and depth < _DEPTH:
                inner.append((below, value, depth + 1))
        waiting.extend(reversed(inner))


def _judged(
    estate: Estate,
    wrong: Callable[[Resource, Found], tuple[str, Span] | None],
    looked: Callable[[Found], bool],
    good: str,
) -> Iterator[Verdict]:
    """One failure per entry that is wrong, else one pass where there was anything to look at."""
    for values in estate.of_kind("helm/values"):
        place: Span | None = None
        sound = True
        for found in _walk(values.body):
            if not looked(found):
                continue
            place = place or handle(found[2], found[3])
            complaint = wrong(values, found)
            if complaint is not None:
                sound = False
                yield Verdict(values, FAIL, complaint[0], complaint[1], found[0])
        if sound and place is not None:
            yield Verdict(values, PASS, good, place)


def chart_secrets_absent(estate: Estate) -> Iterator[Verdict]:
    """No value of a chart is a credential that is written out."""

    def wrong(__: Resource, found: Found) -> tuple[str, Span] | None:
        path, name, value, (source, _ks, _ke, start, end), _around = found
        if isinstance(value, str) and looks_secret(name, value):
            return f"The value `{path}` holds a secret, for everyone who can read the repository.", (source, start, end)
        return None

    yield from _judged(estate, wrong, lambda found: isinstance(found[2], str), "No value holds a secret.")


def chart_images_pinned(estate: Estate) -> Iterator[Verdict]:
    """Every image that values name has a tag other than `latest`, a digest, or the chart's appVersion."""

    def wrong(values: Resource, found: Found) -> tuple[str, Span] | None:
        path, _name, value, (source, _ks, _ke, start, end), _around = found
        if isinstance(value, str):
            moving = value.rpartition("/")[2].endswith(":latest")
            return (f"`{path}` names an image by `latest`.", (source, start, end)) if moving else None
        tag = value.get("tag")
        fixed = (value.get(key) for key in ("digest", "sha"))
        if isinstance(tag, Unknown) or any(isinstance(each, Unknown) or each for each in fixed):
            return None
        if tag is not None and tag not in ("latest", ""):
            return None
        version = values.context["chart"].get("appVersion")
        if tag != "latest" and (isinstance(version, Unknown) or version):
            return None
        span = handle(tag, value.at["tag"]) if "tag" in value.at else handle(value, found[3])
        return f"`{path}` names an image by {'`latest`' if tag == 'latest' else 'no tag'}.", span

    yield from _judged(estate, wrong, _names_image, "Every image is pinned.")


def _names_image(found: Found) -> bool:
    """Whether an entry is an image in one of the two ways charts write them."""
    _, name, value, _, around = found
    if isinstance(value, Map):
        return isinstance(value.get("repository"), str) and ("tag" in value or name.lower().endswith("image"))
    return name == "image" and isinstance(value, str) and bool(value) and "tag" not in around


def chart_security_kept(estate: Estate) -> Iterator[Verdict]:
    """No value gives a container more than a container needs: privileged, root, the host's namespaces."""

    def wrong(__: Resource, found: Found) -> tuple[str, Span] | None:
        path, name, value, (source, _ks, _ke, start, end), _around = found
        bad = _WEAK[name]
        weak = type(value) is type(bad) and bool(value == bad)
        return (f"`{path}` is {str(value).lower()}.", (source, start, end)) if weak else None

    yield from _judged(estate, wrong, lambda found: found[1] in _WEAK, "No value weakens a container.")


def chart_resources_set(estate: Estate) -> Iterator[Verdict]:
    """Where values have `resources`, they request and bound something."""

    def wrong(__: Resource, found: Found) -> tuple[str, Span] | None:
        path, _name, value, (source, start, end, _vs, _ve), _around = found
        return None if value else (f"`{path}` is empty.", (source, start, end))

    yield from _judged(
        estate, wrong, lambda found: found[1] == "resources" and isinstance(found[2], Map), "Resources are set."
    )
