"""The written forms of a workflow's entries (`on:`, `runs-on:`…) brought to one form each, with places."""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Span
from linter.parsers.pipelines.model import copy, mapping, settled, text, texts
from linter.trees import put

# A throwaway cluster in the job, or its destruction in the end, turns its deployments into tests.
_EPHEMERAL = frozenset(("cluster", "destroy"))


def _always(step: Map) -> bool:
    condition = step.get("condition")
    return condition is None or (isinstance(condition, str) and "always()" in condition)


_FILTERS = (
    ("branches", "branches"), ("branches_ignore", "branches-ignore"), ("tags", "tags"), ("tags_ignore", "tags-ignore"),
    ("paths", "paths"), ("paths_ignore", "paths-ignore"), ("types", "types"), ("workflows", "workflows"),
)  # fmt: skip


_CAUSES = {
    "push": "push", "pull_request": "review", "pull_request_target": "review", "merge_group": "review",
    "release": "release", "schedule": "schedule", "workflow_dispatch": "manual", "repository_dispatch": "manual",
    "workflow_run": "upstream", "workflow_call": "called",
}  # fmt: skip


def whole(raw: Map) -> Entry:
    source, start, end = raw.span
    return source, start, start, start, end


def workflow_point(raw: Map) -> Span:
    """The value of `name:`, else the `on` key, else the first key."""
    if isinstance(raw.get("name"), str) and raw["name"]:
        source, _, _, start, end = raw.at["name"]
        return source, start, end
    entry = raw.at.get("on") or next(iter(raw.at.values()))
    return entry[0], entry[1], entry[2]


def triggers(value: Any, entry: Entry) -> Seq:
    """`on:` in each of its three forms as a list of {event, …filters}; each at the place of its event's name."""
    made = Seq((entry[0], entry[3], entry[4]))
    if isinstance(value, Map):
        for event, options in value.items():
            source, start, end, _, last = value.at[event]
            _trigger(made, str(event), (source, start, start, start, end), mapping(options), last)
    elif isinstance(value, Seq):
        for event, at in zip(value, value.at, strict=False):
            if isinstance(event, str):
                _trigger(made, event, at, None, at[4])
    elif isinstance(value, str):
        _trigger(made, value, (entry[0], entry[3], entry[3], entry[3], entry[4]), None, entry[4])
    return made


def _trigger(made: Seq, event: str, at: Entry, options: Map | None, last: int) -> None:
    trigger = Map((at[0], at[3], last))
    put(trigger, "event", event, at)
    put(trigger, "cause", _CAUSES.get(event, "other"), at)
    if options is not None:
        for key, name in _FILTERS:
            if name in options:
                put(trigger, key, words(options[name], options.at[name]), options.at[name])
        for name in ("inputs", "secrets", "outputs"):
            copy(trigger, name, options, name)
    made.append(trigger)
    made.at.append((at[0], at[3], at[3], at[3], last))


def words(value: Any, entry: Entry) -> Seq:
    """A scalar or a list of scalars as a list of texts, each where it was written."""
    if isinstance(value, Seq):
        made = Seq(value.span)
        for item, at in zip(value, value.at, strict=False):
            if isinstance(item, (str, int, float)):
                made.append(text(item))
                made.at.append(at)
        return made
    words = [text(value)] if isinstance(value, (str, int, float)) else []
    return texts(words, entry)


def runner(value: Any, entry: Entry, matrix: Any) -> Seq:
    """The labels of `runs-on`, a group's included, a matrix's literal values for `${{ matrix.x }}`; Unknown where an
    expression decides."""
    if isinstance(value, Map):
        if "labels" not in value:
            return texts([], entry)
        value, entry = value["labels"], value.at["labels"]
    written = words(value, entry)
    made = Seq(written.span)
    for label, at in zip(written, written.at, strict=True):
        for each in matrix_values(label, matrix):
            made.append(settled(each, "runs-on"))
            made.at.append(at)
    return made


def matrix_values(value: str, matrix: Any) -> list[str]:
    """`${{ matrix.x }}` as the literal values the matrix lists for it; any other text, or an open matrix, as it is."""
    written = value.strip()
    if not (written.startswith("${{") and written.endswith("}}")) or not isinstance(matrix, Map):
        return [value]
    inner = written[3:-2].strip()
    if not inner.startswith("matrix.") or not inner[7:].replace("-", "_").isidentifier():
        return [value]
    name, found = inner[7:], []
    listed = matrix.get(name)
    if isinstance(listed, Seq):
        found = list(listed)
    elif listed is not None:
        return [value]
    included = matrix.get("include")
    if isinstance(included, Seq):
        found += [each[name] for each in included if isinstance(each, Map) and name in each]
    elif included is not None:
        return [value]
    if not found or not all(isinstance(each, (str, int, float)) for each in found):
        return [value]
    return [text(each) for each in found[:1000]]


def image(value: Any, entry: Entry) -> Any:
    if not isinstance(value, str):
        return value
    made = Map((entry[0], entry[3], entry[4]))
    put(made, "image", value, (entry[0], entry[3], entry[3], entry[3], entry[4]))
    return made


def concurrency(raw: Map) -> Map:
    value, entry = raw["concurrency"], raw.at["concurrency"]
    made = Map((entry[0], entry[3], entry[4]))
    if isinstance(value, Map):
        copy(made, "group", value, "group")
        if "cancel-in-progress" in value:
            at = value.at["cancel-in-progress"]
            put(made, "cancel", settled(value["cancel-in-progress"], "cancel-in-progress"), at)
    else:
        put(made, "group", text(value), (entry[0], entry[3], entry[3], entry[3], entry[4]))
    return made


def _torn_down(parts: list[Map]) -> bool:
    """Whether a step destroys what one before it deployed, having looked how that went; without a look at it, deploying
    and destroying may be two uses of one job."""
    return any(
        "destroy" in part.get("roles", ()) and "index" in part and ".outcome" in text(part.get("condition"))
        for part in parts
    )


def gather(body: Map, parts: list[Map], at: Entry) -> None:
    """Roles and scan families of a whole from those of its parts."""
    roles: set[str] = set()
    families: set[str] = set()
    for part in parts:
        roles.update(part.get("roles", ()))
        families.update(part.get("families", ()))
    ending = any(_EPHEMERAL & set(part.get("roles", ())) and "index" in part and _always(part) for part in parts)
    ending = ending or ("destroy" in roles and _torn_down(parts))
    if ending and "deploy" in roles:
        roles -= {"deploy", *_EPHEMERAL}
        roles.add("test")
    put(body, "roles", texts(sorted(roles), at), at)
    put(body, "families", texts(sorted(families), at), at)
    put(body, "parts", len(parts), at)
