"""Checks of Argo Workflows: whom their pods run as. https://argo-workflows.readthedocs.io/en/latest/fields/#workflowspec"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import failed, passed, scalar_place, unsure
from linter.model import Estate, Map, Resource, Span, Unknown
from linter.trees import as_map, at_path

_SPECS = {"kubernetes/Workflow": ("spec",), "kubernetes/CronWorkflow": ("spec", "workflowSpec")}


def _specs(estate: Estate) -> Iterator[tuple[Resource, Map]]:
    """Every workflow with its own spec; one that only names a template has it from there."""
    for kind, path in _SPECS.items():
        for resource in estate.of_kind(kind):
            spec = at_path(resource.body, path)
            argo = str(resource.body.get("apiVersion", "")).startswith("argoproj.io/")
            if argo and isinstance(spec, Map) and "workflowTemplateRef" not in spec:
                yield resource, spec


def _place(resource: Resource, spec: Map) -> Span:
    """Where something absent is told: at what the workflow begins with."""
    return scalar_place(spec, "entrypoint", resource.anchor)


def _verdict(resource: Resource, value: Any, good: bool, message: str, span: Span) -> Verdict:
    if isinstance(value, Unknown):
        return unsure(resource, message, value, span)
    return passed(resource, span) if good else failed(resource, message, span)


def workflow_accounts(estate: Estate) -> Iterator[Verdict]:
    """Workflows that name a service account other than the namespace's default."""
    for resource, spec in _specs(estate):
        value = spec.get("serviceAccountName")
        span = scalar_place(spec, "serviceAccountName", _place(resource, spec))
        good = not isinstance(value, Unknown) and value not in (None, "", "default")
        message = "The pods of this workflow run as the namespace's default service account"
        yield _verdict(resource, value, good, message, span)


def workflow_users(estate: Estate) -> Iterator[Verdict]:
    """Workflows whose pods must run as a user other than root."""
    for resource, spec in _specs(estate):
        context = spec.get("securityContext")
        held = as_map(context)
        value = context if isinstance(context, Unknown) else held.get("runAsNonRoot")
        span = scalar_place(held, "runAsNonRoot", _place(resource, spec))
        yield _verdict(resource, value, value is True, "The pods of this workflow may run as root", span)
