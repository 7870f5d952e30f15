"""The settings of a repository that an app of the platform applies, as `pipeline/repository`.

Encodes the `.github/settings.yml` of https://github.com/repository-settings/app: `branches` with GitHub's branch protection
(https://docs.github.com/en/rest/branches/branch-protection) and `rulesets`.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Resource, Unit, Workspace
from linter.parsers.pipelines.dependabot import document_of


def expand(workspace: Workspace) -> Iterator[Resource]:
    """One resource for each file of settings. Body: what is written."""
    for artifact in workspace.of_format("repository-settings"):
        workspace.progress(artifact.path)
        raw = document_of(workspace, artifact.path, "The settings of a repository")
        if raw is None:
            continue
        entry = raw.at.get("branches") or next(iter(raw.at.values()), None)
        anchor = (entry[0], entry[1], entry[2]) if entry else raw.span
        yield Resource(
            "pipeline/repository", artifact.path, "settings", Unit("workflow", artifact.path), raw, anchor, raw.span
        )
