"""Whether code of the repository makes changes wait for a person and for checks before they reach the default branch.

Encodes the resources of the Terraform providers github (github_branch_protection, github_branch_protection_v3,
github_repository_ruleset, github_organization_ruleset), gitlab (gitlab_branch_protection, gitlab_project_approval_rule,
gitlab_project), azuredevops (azuredevops_branch_policy_*) and bitbucket (bitbucket_branch_restriction), as their
documentation had them in November 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.cross.common import found, lacking, step_into, unsure
from linter.model import Estate, Map, Resource, Seq, Unknown

_SETTINGS = (".github/rulesets/", ".gitlab/security-policies/")
_UNREAD = Unknown("format", "what this file of settings says", "declare it in Terraform, or attest it")

_APP = "pipeline/repository"

Answer = bool | Unknown


def branches_protected(estate: Estate) -> Iterator[Verdict]:
    """Some code of the repository protects branches by an approval and by checks: Terraform of the platform, or the
    settings that GitHub's app of that name applies. What other apps read is not judged."""
    whole = next(iter(estate.of_kind("estate/repository")), None)
    if whole is None or not estate.of_kind("pipeline/pipeline"):
        return
    held = [each for kind in _PROTECTIONS for each in estate.of_kind(kind) if kind != _APP or "branches" in each.body]
    path = next((path for path in sorted(estate.paths) if path.startswith(_SETTINGS)), None)
    if held:
        yield _judged(estate, held)
    elif path is not None:
        yield unsure(whole, f"Whether {path} asks for an approval and for checks was not read", _UNREAD)
    else:
        yield lacking(estate, whole, "No code here protects the default branch")


def _judged(estate: Estate, held: list[Resource]) -> Verdict:
    first = held[0]
    missing: list[str] = []
    for what, table in (("approval", _REVIEWS), ("checks", _CHECKS)):
        answers = [answer(each.body) for kind, answer in table.items() for each in estate.of_kind(kind)]
        if any(each is True for each in answers):
            continue
        unknown = next((each for each in answers if isinstance(each, Unknown)), None)
        if unknown is not None:
            return unsure(first, f"Whether {first.address} asks for {what} is undecided", unknown)
        missing.append(what)
    if missing:
        return lacking(estate, first, f"{first.address} protects branches and asks for no {' and no '.join(missing)}")
    return found(first, f"{first.address} protects branches by approval and checks.")


def _at_least_one(path: str) -> Callable[[Any], Answer]:
    def answer(body: Any) -> Answer:
        value = step_into(body, path)
        if isinstance(value, Unknown):
            return value
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 1

    return answer


def _filled(*paths: str) -> Callable[[Any], Answer]:
    def answer(body: Any) -> Answer:
        unknown: Answer = False
        for path in paths:
            value = step_into(body, path)
            if isinstance(value, Unknown):
                unknown = value
            elif isinstance(value, Map) or (isinstance(value, Seq) and value) or value is True:
                return True
        return unknown

    return answer


def _active(answer: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Of a ruleset: one that only evaluates, or is for tags, asks for nothing."""

    def both(body: Any) -> Answer:
        for key, wanted in (("enforcement", "active"), ("target", "branch")):
            value = step_into(body, key)
            if isinstance(value, Unknown):
                return value
            if value != wanted:
                return False
        return answer(body)

    return both


def _of_kind(kind: str, answer: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def both(body: Any) -> Answer:
        value = step_into(body, "kind")
        return value if isinstance(value, Unknown) else value == kind and answer(body)

    return both


def _branch(answer: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Of a file of settings: what holds for one of its branches."""

    def any_of(body: Any) -> Answer:
        unknown: Answer = False
        branches = step_into(body, "branches")
        for branch in branches if isinstance(branches, Seq) else ():
            found_one = answer(branch)
            if found_one is True:
                return True
            unknown = found_one if isinstance(found_one, Unknown) else unknown
        return branches if isinstance(branches, Unknown) else unknown

    return any_of


_ALWAYS: Callable[[Any], Answer] = lambda _: True  # noqa: E731
_COUNT = "required_pull_request_reviews.required_approving_review_count"
_RULESET_COUNT = _active(_at_least_one("rules.pull_request.required_approving_review_count"))
_RULESET_CHECKS = _active(
    _filled("rules.required_status_checks.required_check", "rules.required_workflows.required_workflow")
)
_PROTECTIONS = (
    "terraform/github_branch_protection", "terraform/github_branch_protection_v3", "terraform/github_repository_ruleset",
    "terraform/github_organization_ruleset", "terraform/gitlab_branch_protection",
    "terraform/azuredevops_branch_policy_min_reviewers", "terraform/bitbucket_branch_restriction", _APP,
)  # fmt: skip
_REVIEWS: dict[str, Callable[[Any], Answer]] = {
    "terraform/github_branch_protection": _at_least_one(_COUNT),
    "terraform/github_branch_protection_v3": _at_least_one(_COUNT),
    "terraform/github_repository_ruleset": _RULESET_COUNT,
    "terraform/github_organization_ruleset": _RULESET_COUNT,
    "terraform/gitlab_project_approval_rule": _at_least_one("approvals_required"),
    "terraform/azuredevops_branch_policy_min_reviewers": _at_least_one("settings.reviewer_count"),
    "terraform/bitbucket_branch_restriction": _of_kind("require_approvals_to_merge", _at_least_one("value")),
    _APP: _branch(_at_least_one(f"protection.{_COUNT}")),
}
_CHECKS: dict[str, Callable[[Any], Answer]] = {
    "terraform/github_branch_protection": _filled("required_status_checks.contexts"),
    "terraform/github_branch_protection_v3": _filled(
        "required_status_checks.contexts", "required_status_checks.checks"
    ),
    "terraform/github_repository_ruleset": _RULESET_CHECKS,
    "terraform/github_organization_ruleset": _RULESET_CHECKS,
    "terraform/gitlab_project": _filled("only_allow_merge_if_pipeline_succeeds"),
    "terraform/azuredevops_branch_policy_build_validation": _ALWAYS,
    "terraform/bitbucket_branch_restriction": _of_kind("require_passing_builds_to_merge", _ALWAYS),
    _APP: _branch(_filled("protection.required_status_checks.contexts", "protection.required_status_checks.checks")),
}
