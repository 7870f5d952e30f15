"""Azure pipelines written to a folder and read, and what tests ask of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linter.engine.estate import Reading, read_estate
from linter.model import Map, Resource, Seq, Unknown
from tests.support import write

MAIN = "azure-pipelines.yml"


def read(root: Path, files: Mapping[str, str] | str) -> Reading:
    return read_estate(str(write(root, {MAIN: files} if isinstance(files, str) else files)), {}, lambda _: None, {})


def of(reading: Reading, kind: str) -> list[Resource]:
    return list(reading.estate.of_kind(f"pipeline/{kind}"))


def job(reading: Reading, id: str) -> Resource:
    return next(each for each in of(reading, "job") if each.body["id"] == id)


def runs(reading: Reading) -> list[str]:
    """What the steps run or use, in order."""
    return [step.body.get("run") or step.body["uses"]["raw"] for step in of(reading, "step")]


def plain(value: Any) -> Any:
    """Values without places; what is unknown as '?'."""
    if isinstance(value, Map):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Seq):
        return [plain(item) for item in value]
    return "?" if isinstance(value, Unknown) else value


def written(reading: Reading, span: tuple[int, int, int]) -> str:
    return reading.estate.sources[span[0]].text[span[1] : span[2]]


def at(reading: Reading, body: Map, key: str) -> str:
    source, _, _, start, end = body.at[key]
    return reading.estate.sources[source].text[start:end]
