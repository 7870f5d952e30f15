"""A rule as the engine runs it: metadata as plain data, and variants compiled to closures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.checks import system_of
from linter.conditions import Condition, compile_condition, segments
from linter.conditions.paths import Segments
from linter.model import Severity
from linter.records import NamedTuple


class RuleError(ValueError):
    """A rule file that cannot be loaded: 'FILE:LINE: what is wrong and what is allowed'."""


class Variant(NamedTuple):
    """One way to judge a rule on some kinds. Exactly one of require/forbid (or both) or check is set."""

    kinds: tuple[str, ...]
    where: Condition | None
    each: Segments | None
    require: Condition | None
    forbid: Condition | None
    say: str
    check: str
    parameters: Mapping[str, Any]
    system: str
    """The only system whose pipelines it judges, '' where it judges others or anything else."""


class Rule:
    """A loaded rule. data: the rule file's content without its examples, as plain JSON values."""

    __slots__ = ("data", "fix", "id", "security_severity", "severity", "title", "variants", "why")

    def __init__(self, id: str, data: Mapping[str, Any]) -> None:
        self.id = id
        self.data = data
        self.title: str = data["title"]
        self.why: str = data["why"]
        self.fix: str = data["fix"]
        self.severity = Severity[data["severity"].upper()]
        self.security_severity: float | None = data.get("security-severity")
        self.variants = tuple(_variant(spec) for spec in variants_of(data))

    @property
    def same_as(self) -> dict[str, list[str]]:
        """Tool → its ids for the same check, over all variants."""
        merged: dict[str, list[str]] = {}
        for spec in variants_of(self.data):
            for tool, ids in spec.get("same-as", {}).items():
                merged.setdefault(tool, []).extend(i for i in ids if i not in merged.get(tool, ()))
        return merged

    @property
    def status(self) -> str:
        return str(self.data.get("status", "stable"))


def variants_of(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The specifications of a rule's variants: those under `variants`, else the rule itself."""
    if "variants" not in data:
        return [data]
    shared = {key: data[key] for key in ("say", "same-as", "mend") if key in data}
    return [{**shared, **spec} for spec in data["variants"]]


def kinds_of(spec: Mapping[str, Any]) -> tuple[str, ...]:
    kind = spec.get("kind", ())
    return (kind,) if isinstance(kind, str) else tuple(kind)


def _variant(spec: Mapping[str, Any]) -> Variant:
    return Variant(
        kinds_of(spec),
        _where(spec),
        segments(spec["each"]) if "each" in spec else None,
        compile_condition(spec["require"]) if "require" in spec else None,
        compile_condition(spec["forbid"], positive=False) if "forbid" in spec else None,
        spec.get("say", ""),
        spec.get("check", ""),
        spec.get("with", {}),
        _system(spec),
    )


def _where(spec: Mapping[str, Any]) -> Condition | None:
    """The condition without the system, by which resources are looked up."""
    where = spec.get("where")
    if where and "check" not in spec and isinstance(where.get(_PLATFORM), str):
        where = {key: test for key, test in where.items() if key != _PLATFORM}
    return compile_condition(where) if where else None


_PLATFORM = "$pipeline.platform"


def _system(spec: Mapping[str, Any]) -> str:
    if "check" in spec:
        return system_of(spec["check"], spec.get("with", {}))
    written = spec.get("where", {}).get(_PLATFORM, "")
    return written if isinstance(written, str) else ""
