"""What is decided about findings: waivers, frameworks, the gate."""

from __future__ import annotations

MARKERS = (
    "opslint:", "checkov:skip", "checkov.io/skip", "trivy:ignore:", "tfsec:ignore:", "zizmor:", "kube-linter.io/",
    "polaris.fairwinds.com/", "hadolint ", "opslint.dev/parity",
)  # fmt: skip
"""One of these stands in every line that suppresses a finding."""


def marked(text: str) -> bool:
    """Whether a text may hold a suppression at all; most hold none, and nothing more is imported for them."""
    return any(marker in text for marker in MARKERS)
