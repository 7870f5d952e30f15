"""Checks of the versions of actions: what their comments claim, and what is known to be bad."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.checks.pipelines.common import as_map, failed, parts, passed, scalar_place, unsure
from linter.model import Estate, Map, Origin, Resource, Span, Unknown
from linter.records import NamedTuple

Version = tuple[int, ...]


class Advisory(NamedTuple):
    """Versions from `since` (inclusive) to `fixed` (exclusive) are affected; commits are bad whatever names them.

    moved: the tags were moved to hostile code, so that who had pinned a commit was not hit.
    """

    action: str
    id: str
    since: Version
    fixed: Version
    what: str
    commits: tuple[str, ...] = ()
    moved: bool = False


ADVISORIES_AS_OF = "2026-03-31"
ADVISORIES = (
    Advisory("tj-actions/changed-files", "CVE-2025-30066", (0,), (46, 0, 1), "its tags were moved to hostile code",
             ("0e58ed8671d6b60d0890c21b07f8835ace038e67",), moved=True),
    Advisory("tj-actions/changed-files", "CVE-2023-51664", (0,), (41,), "file names can inject commands"),
    Advisory("reviewdog/action-setup", "CVE-2025-30154", (0,), (0,), "this commit printed secrets to the log",
             ("f0d342d24037bb11d26b9bd8496e0808ba32e9ec",)),
    Advisory("actions/download-artifact", "CVE-2024-42471", (4, 0, 0), (4, 1, 3), "an artifact can write any file"),
    Advisory("gradle/gradle-build-action", "CVE-2023-30853", (0,), (2, 4, 2), "secrets may end in the build cache"),
    Advisory("azure/setup-kubectl", "CVE-2023-23939", (0,), (3,), "any user of the runner can replace kubectl"),
    Advisory("tj-actions/branch-names", "CVE-2023-49291", (0,), (7, 0, 7), "branch names can inject commands"),
    Advisory("tj-actions/branch-names", "CVE-2025-54416", (0,), (9, 0, 0), "branch names can inject commands"),
    Advisory("tj-actions/verify-changed-files", "CVE-2023-52137", (0,), (17,), "file names can inject commands"),
    Advisory("atlassian/gajira-create", "CVE-2020-14188", (0,), (2, 0, 1), "issue texts can run code"),
    Advisory("atlassian/gajira-comment", "CVE-2020-14189", (0,), (2, 0, 2), "issue texts can run code"),
    Advisory("hashicorp/vault-action", "CVE-2021-32074", (0,), (2, 2, 0), "secrets of several lines are not masked"),
    Advisory("embano1/wip", "CVE-2023-30623", (0,), (2,), "titles of pull requests can inject commands"),
    Advisory("check-spelling/check-spelling", "CVE-2021-32724", (0,), (0, 0, 19), "a pull request can take the token"),
    Advisory("rlespinasse/github-slug-action", "CVE-2023-27581", (4, 0, 0), (4, 4, 1), "branch names inject commands"),
    Advisory("aquasecurity/trivy-action", "CVE-2026-33634", (0,), (0, 35, 0), "its tags were moved to hostile code",
             moved=True),
    Advisory("aquasecurity/setup-trivy", "CVE-2026-33634", (0,), (0, 2, 6), "its tags were moved to hostile code",
             moved=True),
    Advisory("lycheeverse/lychee-action", "CVE-2024-48908", (0,), (2, 0, 2), "an input can inject commands"),
    Advisory("github/codeql-action", "CVE-2025-24362", (3, 26, 11), (3, 28, 3), "debug artifacts can hold secrets"),
    Advisory("step-security/harden-runner", "CVE-2025-32955", (0, 12, 0), (2, 12, 0), "sudo can be had back"),
    Advisory("sonarsource/sonarqube-scan-action", "CVE-2025-58178", (4,), (5, 3, 1), "arguments can inject commands"),
    Advisory("dawidd6/action-download-artifact", "GHSA-5xr6-xhww-33m4", (0,), (6,), "it takes artifacts of forks"),
    Advisory("canonical/get-workflow-version-action", "CVE-2025-31479", (0,), (1, 0, 1), "the token ends in the log"),
    Advisory("bullfrogsec/bullfrog", "CVE-2025-47775", (0,), (0, 8, 4), "DNS over TCP passes its filter"),
    Advisory("ozi-project/publish", "CVE-2025-47271", (1, 13, 2), (1, 13, 6), "a pull request's text can run code"),
    Advisory("fish-shop/syntax-check", "CVE-2024-42482", (0,), (1, 6, 12), "patterns can inject commands"),
    Advisory("ultralytics/actions", "GHSA-7x29-qqmq-v6qc", (0,), (0, 0, 3), "branch names can inject commands"),
    Advisory("kartverket/github-workflows", "CVE-2022-39326", (0,), (2, 7, 5), "a plan's text can run code"),
    Advisory("some-natalie/ghas-to-csv", "CVE-2022-39217", (0,), (1,), "alerts can put formulas into the table"),
    Advisory("ericcornelissen/git-tag-annotation-action", "CVE-2020-15272", (0,), (1, 0, 1), "tags can run code"),
)  # fmt: skip


@cache
def _by_action() -> dict[str, tuple[Advisory, ...]]:
    grouped: dict[str, tuple[Advisory, ...]] = {}
    for advisory in ADVISORIES:
        grouped[advisory.action] = (*grouped.get(advisory.action, ()), advisory)
    return grouped


@cache
def _version_pattern() -> re.Pattern[str]:
    return re.compile(r"v?(\d+(?:\.\d+){0,2})(?![\w.])")


def version(text: str) -> Version | None:
    """`v4.1.2` → (4, 1, 2); `v4` → (4,); None for anything else (pre-releases included)."""
    match = _version_pattern().fullmatch(text.strip())
    return tuple(int(part) for part in match.group(1).split(".")) if match else None


def comment_after(estate: Estate, span: Span) -> tuple[str, Span]:
    """The comment at the end of the line a scalar ends on, with its place; '' where there is none."""
    source, _, end = span
    text = estate.sources[source].text
    # No version comment begins further away; a whole file may stand on one line.
    limit = min(len(text), end + 400)
    stop = text.find("\n", end, limit)
    stop = limit if stop < 0 else stop
    hash_at = text.find("#", end, stop)
    if hash_at < 0:
        return "", span
    written = text[hash_at:stop].rstrip()
    return written[1:].strip(), (source, hash_at, hash_at + len(written))


def claimed_version(comment: str) -> str:
    """The version a pin's comment names: `v4.2.2`, `tag=v4.2.2`, `pin @v4`; '' where it names none."""
    for word in comment.replace("=", " ").replace("@", " ").replace(",", " ").split():
        if version(word) is not None:
            return word
        if word not in ("tag", "pin", "ratchet:", "version", "release"):
            return ""
    return ""


def _pins(estate: Estate) -> Iterator[tuple[Resource, Map, Span]]:
    for kind in ("pipeline/job", "pipeline/step"):
        for resource in parts(estate, kind, "github"):
            uses = as_map(resource.body.get("uses"))
            if uses is not None and uses["owner"]:
                yield resource, uses, scalar_place(resource.body, "uses", resource.anchor)


def pin_comments_agree(estate: Estate) -> Iterator[Verdict]:
    """Version comments of pinned actions that contradict each other.

    Which tag a commit has is not in the repository; but one full version cannot be two commits, nor one commit two
    full versions.
    """
    claims: dict[tuple[str, str], dict[str, Span]] = {}
    pins: list[tuple[Resource, str, str, str, Span]] = []
    for resource, uses, span in _pins(estate):
        if uses["kind"] != "sha":
            continue
        comment, at = comment_after(estate, span)
        claimed = claimed_version(comment)
        parsed = version(claimed)
        if parsed is None or len(parsed) < 3:
            continue
        name = f"{uses['owner']}/{uses['repo']}".lower()
        commit, claimed = str(uses["ref"]).lower(), claimed.lstrip("v")
        pins.append((resource, name, commit, claimed, at))
        claims.setdefault((name, claimed), {}).setdefault(commit, at)
        claims.setdefault((name, commit), {}).setdefault(claimed, at)
    for resource, name, commit, claimed, at in pins:
        other = next((each for each in claims[name, claimed].items() if each[0] != commit), None)
        if other is None:
            other = next((each for each in claims[name, commit].items() if each[0] != claimed), None)
        if other is None:
            yield passed(resource, at)
            continue
        message = f"The comment says {name} {claimed}, and another pin of the repository contradicts it"
        related = (Origin("the other pin", other[1]),)
        yield failed(resource, message, at)._replace(related=related)


def known_vulnerable(estate: Estate) -> Iterator[Verdict]:
    """Actions at a version with a published advisory; a pinned commit is read by its version comment."""
    for resource, uses, span in _pins(estate):
        name = f"{uses['owner']}/{uses['repo']}".lower()
        advisories = _by_action().get(name)
        if advisories is None:
            yield passed(resource, span)
            continue
        yield _against(estate, resource, uses, span, advisories)


def _against(estate: Estate, resource: Resource, uses: Map, span: Span, advisories: tuple[Advisory, ...]) -> Verdict:
    ref = str(uses["ref"])
    written = ref
    if uses["kind"] == "sha":
        for advisory in advisories:
            if ref.lower() in advisory.commits:
                return failed(resource, f"{uses['raw']} is {advisory.id}: {advisory.what}", span)
        written = claimed_version(comment_after(estate, span)[0])
    parsed = version(written)
    if parsed is None:
        unknown = Unknown("remote-source", str(uses["raw"]), "pin it to a commit and name its version in a comment")
        return unsure(resource, f"Which version of {uses['name']} this is cannot be told here", unknown, span)
    for advisory in advisories:
        if _affected(parsed, advisory) and not (advisory.moved and uses["kind"] == "sha"):
            fixed = ".".join(map(str, advisory.fixed))
            message = f"{uses['name']} {written} has {advisory.id}: {advisory.what}; use {fixed} or later"
            return failed(resource, message, span)
    return passed(resource, span)


def _affected(parsed: Version, advisory: Advisory) -> bool:
    """Whether the newest version a ref may name is still affected: `v4` follows the newest 4.x.y."""
    newest = (*parsed, *(10**9,) * (3 - len(parsed)))
    fixed = (*advisory.fixed, *(0,) * (3 - len(advisory.fixed)))
    since = (*advisory.since, *(0,) * (3 - len(advisory.since)))
    return since <= newest < fixed
