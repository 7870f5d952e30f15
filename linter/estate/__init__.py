"""Links between resources, and which resources are twins across environments."""

from __future__ import annotations

from importlib import import_module

from linter.model import Estate

LINKERS: dict[str, tuple[str, ...]] = {
    "linter.estate.terraform_links": ("terraform/",),
    "linter.estate.gitops_links": (
        "kubernetes/Application",
        "kubernetes/Kustomization",
        "kubernetes/Helm",
        "kubernetes/ImageUpdate",
    ),
    "linter.estate.kubernetes_links": ("kubernetes/",),
    "linter.estate.rollouts": ("kubernetes/",),
    "linter.estate.image_links": ("docker/", "delivery/"),
    "linter.estate.compose_links": ("compose/",),
    "linter.estate.runbook_links": ("monitoring/",),
    "linter.estate.monitoring_links": ("monitoring/alert", "monitoring/dashboard"),
    "linter.estate.alert_links": ("monitoring/routing", "monitoring/receiver"),
    "linter.estate.oncall_links": ("monitoring/receiver",),
    "linter.estate.telemetry_links": ("monitoring/collector", "kubernetes/container"),
    "linter.estate.pipeline_links": ("pipeline/",),
}
"""Module with a `resolve` → beginnings of the kinds it links. In this order: the first may give resources environments."""


WHOLE = ("pipeline/", "document/", "estate/", "monitoring/")
"""Beginnings of the kinds of which no environment has a component of its own."""


def resolve(estate: Estate) -> None:
    """Turn what resources say of each other into indexed links, family by family."""
    for name, families in LINKERS.items():
        if any(kind.startswith(families) for kind in estate.kinds):
            import_module(name).resolve(estate)
