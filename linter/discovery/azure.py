"""Which YAML is an Azure pipeline or a template of one: by its name, its folder, or what stands at its top.

Encodes https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/pipeline: stages, jobs and steps are lists whose
elements begin with words of their own, which GitHub's, GitLab's, CircleCI's and Compose's files do not share.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

_FOLDERS = frozenset((".azure-pipelines", ".azuredevops", ".pipelines", "azure-pipelines"))


def in_place(folder: str, name: str) -> bool | None:
    """Whether a YAML file is an Azure pipeline: True by its name, None where its folder lets its bytes decide."""
    low = name.lower()
    if low.startswith("azure-pipelines") or low.endswith((".azure-pipelines.yml", ".azure-pipelines.yaml")):
        return True
    return None if not _FOLDERS.isdisjoint(folder.lower().split("/")) else False


def is_azure(data: bytes, expected: bool) -> bool:
    """Whether YAML shows an Azure pipeline. expected: its folder speaks for one, so that variables or parameters do."""
    if not any(word in data for word in (b"steps", b"jobs", b"stages", b"extends", b"variables")):
        return False
    patterns = _patterns()
    tops = set(patterns["top"].findall(data))
    if tops & _FOREIGN:
        return False
    if patterns["sure"].search(data) and tops & _LISTS:
        return True
    if patterns["likely"].search(data) and tops & _LISTS and (expected or tops & _BESIDE):
        return True
    if b"extends" in tops and patterns["extends"].search(data):
        return True
    return expected and bool(tops & _ALONE) and tops <= _KNOWN


_LISTS = frozenset((b"stages", b"jobs", b"steps"))
_ALONE = frozenset((b"variables", b"parameters", b"trigger", b"pr"))
_BESIDE = frozenset(
    (b"trigger", b"pr", b"pool", b"resources", b"schedules", b"variables", b"parameters", b"extends", b"container",
     b"strategy", b"lockBehavior")
)  # fmt: skip
_KNOWN = _LISTS | _BESIDE | {b"name", b"appendCommitMessageToRunName"}
_FOREIGN = frozenset(
    (b"apiVersion", b"kind", b"on", b"services", b"image", b"script", b"language", b"version", b"pipelines", b"workflows",
     b"orbs", b"default", b"include", b"before_script", b"runs", b"hosts", b"swagger", b"openapi")
)  # fmt: skip
"""Keys at the top that Azure Pipelines does not have and others do."""


@cache
def _patterns() -> dict[str, re.Pattern[bytes]]:
    import re

    blank = rb"(?:[ \t]*(?:#[^\n]*)?\r?\n){1,40}"
    begin = rb"(?m)^(?:stages|jobs|steps)[ \t]*:" + blank + rb"[ \t]{0,8}-[ \t]+"
    return {
        "top": re.compile(rb"(?m)^([A-Za-z]\w{0,40})[ \t]*:"),
        "sure": re.compile(
            begin
            + rb"(?:(?:stage|deployment|job)[ \t]*:|task[ \t]*:[ \t]*['\"]?[\w.-]{1,120}@\d|\$\{\{[ \t]*(?:if|each)\b)"
        ),
        "likely": re.compile(
            begin + rb"(?:script|bash|pwsh|powershell|checkout|template|download|publish|task|\$\{\{)"
        ),
        "extends": re.compile(rb"(?m)^extends[ \t]*:" + blank + rb"[ \t]{1,8}template[ \t]*:"),
    }
