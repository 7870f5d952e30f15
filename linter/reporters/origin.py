"""Where a log comes from, for SARIF's provenance and for links in a summary."""

from __future__ import annotations

from collections.abc import Mapping


def origin(environment: Mapping[str, str]) -> dict[str, str]:
    """Options `repository`, `revision` and `branch` as GitHub Actions states them; empty outside of it.

    Encodes docs.github.com, "Variables reference": GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, and the branch as
    GITHUB_HEAD_REF on a pull request, else GITHUB_REF_NAME. Values that are not of their form are left out.
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        return {}
    server, name = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_REPOSITORY", "")
    revision = environment.get("GITHUB_SHA", "")
    plain = name.replace("/", "").replace("-", "").replace("_", "").replace(".", "")
    if not server.startswith("https://") or not (plain.isascii() and plain.isalnum()):
        return {}
    found = {"repository": f"{server}/{name}"}
    if revision.isalnum() and revision.isascii():
        found["revision"] = revision
    branch = environment.get("GITHUB_HEAD_REF") or environment.get("GITHUB_REF_NAME")
    if branch:
        found["branch"] = branch
    return found
