"""The written forms of an Azure pipeline's entries (`trigger:`, `pool:`, `environment:`…) brought to one form each.

Encodes https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown
from linter.parsers.pipelines.github_forms import words
from linter.parsers.pipelines.model import copy
from linter.trees import as_map, maps, put

_NONE = ("none", "false")


def plain(value: Any) -> str:
    """A scalar as text; '' for anything else, an Unknown included."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else ""


def scalar_at(entry: Entry) -> Entry:
    return entry[0], entry[3], entry[3], entry[3], entry[4]


def triggers(raw: Map, at: Entry, runs: bool) -> Seq:
    """What starts a pipeline. runs: it is one, not a template that others include.

    Without `trigger` every push starts it. Without `pr` a pull request does in a repository of GitHub or Bitbucket, and in
    Azure Repos a branch policy may: such a trigger is `assumed`. A person may start any pipeline.
    """
    made = Seq((at[0], at[3], at[4]))
    if not runs:
        _add(made, "template", "called", at)
        return made
    for event, cause in (("trigger", "push"), ("pr", "review")):
        value, entry = raw.get(event), raw.at.get(event)
        if entry is None or value is None:
            _add(made, event, cause, at, assumed=True)
        elif plain(value).lower() not in _NONE and not (isinstance(value, Map) and value.get("enabled") is False):
            _filtered(_add(made, event, cause, entry), value, entry)
    schedules = raw.get("schedules")
    for item, entry in zip(schedules, schedules.at, strict=True) if isinstance(schedules, Seq) else ():
        if isinstance(item, Map):
            trigger = _add(made, "schedule", "schedule", entry)
            _filtered(trigger, item, entry)
            copy(trigger, "cron", item, "cron")
            copy(trigger, "always", item, "always")
    _resources(made, as_map(raw.get("resources")))
    _add(made, "manual", "manual", at)
    return made


def _resources(made: Seq, resources: Map) -> None:
    for kind, cause in (("pipelines", "upstream"), ("containers", "other"), ("packages", "other"), ("webhooks", "other"),
                        ("repositories", "other")):  # fmt: skip
        for item in maps(resources.get(kind)):
            value = item.get("trigger", True if kind == "webhooks" else None)
            if value is None or plain(value).lower() in _NONE:
                continue
            at = item.at.get("trigger") or next(iter(item.at.values()))
            trigger = _add(made, f"resources.{kind}", cause, at)
            for name in ("pipeline", "container", "package", "webhook", "repository"):
                copy(trigger, "name", item, name)
            _filtered(trigger, value, at)


def _add(made: Seq, event: str, cause: str, at: Entry, assumed: bool = False) -> Map:
    trigger = Map((at[0], at[3], at[4]))
    put(trigger, "event", event, at)
    put(trigger, "cause", cause, at)
    if assumed:
        put(trigger, "assumed", True, at)
    made.append(trigger)
    made.at.append(scalar_at(at))
    return trigger


def _filtered(trigger: Map, value: Any, entry: Entry) -> None:
    if isinstance(value, Seq):
        put(trigger, "branches", words(value, entry), entry)
        return
    if not isinstance(value, Map):
        return
    for key in ("branches", "tags", "paths"):
        listed = value.get(key)
        if isinstance(listed, Map):
            for name, suffix in (("include", ""), ("exclude", "_ignore")):
                if name in listed:
                    put(trigger, f"{key}{suffix}", words(listed[name], listed.at[name]), listed.at[name])
        elif listed is not None:
            put(trigger, key, words(listed, value.at[key]), value.at[key])
    copy(trigger, "batch", value, "batch")
    copy(trigger, "drafts", value, "drafts")


def pool(value: Any, entry: Entry) -> Map:
    """`pool:` as {name, vm_image, demands}; a text is a pool's name. Unknown entries stay unknown."""
    made = Map((entry[0], entry[3], entry[4]))
    if isinstance(value, Map):
        copy(made, "name", value, "name")
        copy(made, "vm_image", value, "vmImage")
        copy(made, "vm_image", value, "VmImage")
        copy(made, "os", value, "os")
        if "demands" in value:
            put(made, "demands", words(value["demands"], value.at["demands"]), value.at["demands"])
    elif value is not None:
        put(made, "name", value if isinstance(value, (str, Unknown)) else plain(value), scalar_at(entry))
    return made


HOSTED = frozenset(("azure pipelines", "default hosted", "hosted"))


def runner(made: Map, entry: Entry) -> Seq:
    """The labels an agent is chosen by: the hosted image, or the pool's name and what it demands."""
    found = Seq((entry[0], entry[3], entry[4]))
    for key in ("vm_image", "name"):
        value = made.get(key)
        if isinstance(value, Unknown) or (isinstance(value, str) and value and plain(value).lower() not in HOSTED):
            found.append(value)
            found.at.append(scalar_at(made.at[key]))
    for demand, at in zip(made.get("demands", ()), made["demands"].at if "demands" in made else (), strict=True):
        found.append(demand)
        found.at.append(at)
    return found


def container(value: Any, entry: Entry, known: dict[str, Map]) -> Map | None:
    """`container:` as {image, endpoint, options…}: an alias of `resources.containers`, an image, or a mapping."""
    if isinstance(value, str) and value.lower() in known:
        value = known[value.lower()]
    made = Map((entry[0], entry[3], entry[4]))
    if isinstance(value, Map):
        for key in ("image", "endpoint", "options", "env", "ports", "volumes", "type", "container"):
            copy(made, key, value, key)
        if "image" not in made and "alias" in value:
            alias = known.get(plain(value["alias"]).lower())
            return container(alias, entry, {}) if alias is not None else made
        return made
    if isinstance(value, (str, Unknown)) and value is not None:
        put(made, "image", value, scalar_at(entry))
        return made
    return None


def environment(value: Any, entry: Entry) -> Map:
    """`environment:` as {name, resource}: a text is `name` or `name.resource`."""
    made = Map((entry[0], entry[3], entry[4]))
    if isinstance(value, Map):
        copy(made, "name", value, "name")
        copy(made, "resource", value, "resourceName")
        copy(made, "resource_type", value, "resourceType")
        copy(made, "tags", value, "tags")
        written = made.get("name")
        if "resource" not in made and isinstance(written, str) and "." in written:
            _split(made, written, made.at["name"])
    elif isinstance(value, (str, Unknown)):
        put(made, "name", value, scalar_at(entry))
        if isinstance(value, str) and "." in value:
            _split(made, value, scalar_at(entry))
    return made


def _split(made: Map, written: str, at: Entry) -> None:
    name, _, resource = written.partition(".")
    put(made, "name", name, at)
    put(made, "resource", resource, at)


def after(condition: Any) -> str:
    """When a part runs though what comes before it failed: `always`, only then (`failure`), or '' for neither."""
    if not isinstance(condition, str):
        return ""
    low = condition.lower().replace(" ", "")
    if "failed()" in low and "succeededorfailed()" not in low and "not(failed())" not in low:
        return "failure" if "succeeded()" not in low and "always()" not in low else "always"
    return "always" if "always()" in low or "succeededorfailed()" in low else ""


def minutes(value: Any, entry: Entry) -> Any:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
        return int(value)
    return value


def point(raw: Map, keys: tuple[str, ...], fallback: Span) -> Span:
    """The value of the first of some entries that is a text, else the first key."""
    for key in keys:
        if isinstance(raw.get(key), str) and raw[key] and key in raw.at:
            source, _, _, start, end = raw.at[key]
            return source, start, end
    if raw.at:
        entry = next(iter(raw.at.values()))
        return (entry[0], entry[1], entry[2]) if entry[2] > entry[1] else (entry[0], entry[3], entry[4])
    return fallback


def named(names: list[tuple[str, str, Entry]], at: Entry) -> Seq:
    """A list of {name, kind}, each at the place that names it."""
    made = Seq((at[0], at[3], at[4]))
    for name, kind, entry in names:
        item = Map((entry[0], entry[3], entry[4]))
        put(item, "name", name, scalar_at(entry))
        put(item, "kind", kind, scalar_at(entry))
        made.append(item)
        made.at.append(scalar_at(entry))
    return made
