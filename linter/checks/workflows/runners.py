"""Labels of runners: those GitHub offers, those every runner of one's own has, and which exclude each other.

https://docs.github.com/en/actions/reference/runners/github-hosted-runners and …/self-hosted-runners
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from linter.checks.workflows.reader import Reader, at_key, at_value
from linter.model import Entry, Map, Seq
from linter.trees import as_map, maps, says

# As of 2026-09: label → system and version.
_HOSTED: dict[str, str] = {
    "windows-latest": "windows", "windows-latest-8-cores": "windows", "windows-2025": "windows-2025",
    "windows-2025-vs2026": "windows-2025", "windows-2022": "windows-2022", "windows-11-arm": "windows-11",
    "ubuntu-latest": "ubuntu", "ubuntu-latest-4-cores": "ubuntu", "ubuntu-latest-8-cores": "ubuntu",
    "ubuntu-latest-16-cores": "ubuntu", "ubuntu-slim": "ubuntu", "ubuntu-24.04": "ubuntu-24.04",
    "ubuntu-24.04-arm": "ubuntu-24.04", "ubuntu-22.04": "ubuntu-22.04", "ubuntu-22.04-arm": "ubuntu-22.04",
    "macos-latest": "macos", "macos-latest-large": "macos", "macos-latest-xlarge": "macos",
    **{
        f"macos-{version}{size}": f"macos-{version}"
        for version in ("14", "15", "26")
        for size in ("", "-large", "-xlarge", "-intel")
        if version != "14" or size != "-intel"
    },
}  # fmt: skip
_OWN = {"self-hosted": "", "x64": "", "arm": "", "arm64": "", "linux": "linux", "macos": "macos", "windows": "windows"}
# Those who rent runners out have labels of their own making.
_RENTED = (
    "blacksmith-", "buildjet-", "cirun-", "codebuild-", "depot-", "namespace-profile-", "nscloud-", "runs-on", "ubicloud",
    "warp-", "warpbuild-",
)  # fmt: skip
Label = tuple[str, Entry]
_UNIX = ("ubuntu", "linux", "macos")


def read_runner(reader: Reader, job: Map) -> None:
    value, entry = job["runs-on"], job.at["runs-on"]
    grouped = isinstance(value, Map)
    if isinstance(value, Map) and value:
        if "labels" not in value:
            return
        value, entry = value["labels"], value.at["labels"]
    if isinstance(value, (Map, Seq)) and not value:
        reader.tell("syntax", at_key(entry), "`runs-on` names no runner")
        return
    alternatives = [list(labels_of(each, at, job)) for each, at in _written(value, entry)]
    every = [label for labels in alternatives for label in labels]
    own = grouped or any(label == "self-hosted" for label, _ in every)
    extra = _extra(reader)
    for label, at in every:
        if not label:
            reader.tell("runners", at_value(label, at), "the label of the runner is empty")
        elif not own and not _known(label, extra):
            message = f"GitHub offers no runner `{label}`; name those of your own under `pipelines: runner-labels`"
            reader.tell("runners", at_value(label, at), message)
    _conflicts(reader, alternatives)


def _written(value: Any, entry: Entry) -> Iterator[tuple[Any, Entry]]:
    if isinstance(value, Seq):
        yield from zip(value, value.at, strict=False)
    else:
        yield value, entry


def _extra(reader: Reader) -> list[str]:
    pipelines: Any = reader.estate.settings.get("pipelines") or {}
    return [str(label).lower() for label in pipelines.get("runner-labels", ())]


def _known(label: str, extra: list[str]) -> bool:
    lowered = label.lower()
    if lowered in _HOSTED or lowered in _OWN or lowered.startswith(_RENTED) or "${{" in label:
        return True
    return any(fnmatchcase(lowered, pattern) for pattern in extra)


def labels_of(value: Any, entry: Entry, job: Map) -> Iterator[Label]:
    """The labels a text of `runs-on` can become, each where it is written; what is not known is left out."""
    if value is None or says(value, ""):
        yield "", entry
    elif isinstance(value, str):
        name = matrix_name(value)
        if name:
            yield from _of_matrix(as_map(as_map(job.get("strategy")).get("matrix")), name)
        elif "${{" not in value:
            yield value, entry
    elif isinstance(value, (int, float)):
        yield str(value), entry


def matrix_name(value: str) -> str:
    """`x` of `${{ matrix.x }}`, else ''."""
    written = value.strip()
    if not (written.startswith("${{") and written.endswith("}}")):
        return ""
    inner = written[3:-2].strip()
    return inner[7:] if inner.startswith("matrix.") and inner[7:].replace("-", "_").isidentifier() else ""


def _of_matrix(matrix: Map, name: str) -> Iterator[Label]:
    row = matrix.get(name)
    places = list(zip(row, row.at, strict=False)) if isinstance(row, Seq) else []
    places += [(each[name], each.at[name]) for each in maps(matrix.get("include")) if name in each]
    for value, at in places:
        if isinstance(value, Seq):
            if "self-hosted" not in value:
                yield from ((each, where) for each, where in zip(value, value.at, strict=False) if _plain(each))
        elif _plain(value):
            yield value, at


def _plain(value: Any) -> bool:
    return isinstance(value, str) and "${{" not in value


def _system(label: str) -> str:
    lowered = label.lower()
    return _HOSTED.get(lowered) or _OWN.get(lowered, "")


def _conflicts(reader: Reader, alternatives: list[list[Label]]) -> None:
    """Labels of one list that no runner has together: the first of each later place that excludes an earlier label."""
    before: list[Label] = []
    for labels in alternatives:
        for label, at in labels:
            other = next((other for other, _ in before if _exclude(_system(label), _system(other))), "")
            if other:
                message = f"no runner is both `{other}` and `{label}`: to run on each of them, use a matrix"
                reader.tell("runners", at_value(label, at), message)
                break
        before += labels


def _exclude(one: str, other: str) -> bool:
    if not one or not other:
        return False
    first, second = (each.partition("-")[0].replace("ubuntu", "linux") for each in (one, other))
    return first != second or ("-" in one and "-" in other and one != other)


def system_of(job: Map) -> str:
    """windows or unix where every label of the job's runner says so, else ''."""
    value = job.get("runs-on")
    if isinstance(value, Map):
        value = value.get("labels")
    if not isinstance(value, (str, Seq)):
        return ""
    labels = [label for each, at in _written(value, (0, 0, 0, 0, 0)) for label, _ in labels_of(each, at, job)]
    open_ended = isinstance(value, str) and "${{" in value and not labels
    systems = {_system(label).partition("-")[0] for label in labels} - {""}
    if open_ended or not systems:
        return ""
    if systems == {"windows"}:
        return "windows"
    return "unix" if systems.issubset(_UNIX) else ""
