"""Checks that what runbooks' commands name exists: namespaces, workloads and workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.checks.documents.runbook_cluster import WORKLOADS, Cluster, cluster_of, delivered_elsewhere
from linter.checks.documents.runbook_shell import CLUSTER_PROGRAMS, Word, commands_of, option, positional
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Span, Unknown
from linter.text import safe_line

_KINDS = {word: kind for kind, words in WORKLOADS.items() for word in words}
_NAMING_VERBS = frozenset(
    {"get", "describe", "edit", "delete", "scale", "logs", "autoscale", "patch", "annotate", "label"}
)
WORKFLOW_FOLDER = ".github/workflows/"


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        {
            "name": r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?",
            "platform": r"default|(?:kube|openshift|gke|gmp|aks|calico|tigera|cattle|amazon|aws|azure|anthos)(?:-.+)?",
            "placeholder": r"(?:my|your|some|the|example|sample|foo|bar|target)(?:-.+)?|.+-(?:name|namespace|id|xxx*)"
            r"|name|namespace|ns|deployment|deploy|statefulset|daemonset|service|app|application|workload|x+|y|z|baz|test",
        }[name]
    )


def _literal(text: str) -> bool:
    return _pattern("name").fullmatch(text) is not None


def _stands_for_any(text: str) -> bool:
    return _pattern("placeholder").fullmatch(text) is not None


def _absent(estate: Estate, runbook: Resource, message: str, span: Span, name: str, reason: Unknown | None) -> Verdict:
    reason = ISOLATED if estate.isolated else reason
    if reason is None:
        return Verdict(runbook, FAIL, message, span, name)
    return Verdict(runbook, UNKNOWN, f"{message} {reason.subject} may hold it.", span, name, unknowns=(reason,))


def namespaces_exist(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A namespace that a command of a runbook names is one that the repository deploys to.

    Not judged where the repository names no namespace, nor are the platform's own, placeholders and what the runbook
    itself creates.
    """
    cluster: Cluster | None = None
    for runbook in estate.of_kind(kind):
        seen: set[str] = set()
        created: set[str] = set()
        for words in commands_of(estate, runbook):
            if words[0].text not in CLUSTER_PROGRAMS:
                continue
            cluster = cluster or cluster_of(estate)
            if not cluster.namespaces:
                return
            created.update(_created(words))
            named = option(words, "-n", "--namespace")
            if named is None or named.text in seen or not _literal(named.text):
                continue
            seen.add(named.text)
            if named.text in cluster.namespaces:
                yield Verdict(runbook, PASS, f"The namespace {named.text} is deployed to.", named.span, named.text)
            elif not (
                _pattern("platform").fullmatch(named.text) or _stands_for_any(named.text) or named.text in created
            ):
                message = f"Nothing in this repository is deployed to the namespace {safe_line(named.text, 80)}."
                yield _absent(estate, runbook, message, named.span, named.text, cluster.open)


def _created(words: list[Word]) -> Iterator[str]:
    plain = [word.text for word in positional(words)]
    if plain[:1] == ["create"] and plain[1:2] in (["namespace"], ["ns"]):
        yield from plain[2:3]


def workloads_exist(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A Deployment, StatefulSet, DaemonSet or CronJob that a command of a runbook names is in the repository.

    Not judged where the repository has no such workload, nor are those of namespaces it does not deploy to.
    """
    cluster: Cluster | None = None
    for runbook in estate.of_kind(kind):
        seen: set[tuple[str, str, str]] = set()
        for words in commands_of(estate, runbook):
            if words[0].text not in ("kubectl", "oc", "k"):
                continue
            cluster = cluster or cluster_of(estate)
            if not cluster.workloads:
                return
            named = option(words, "-n", "--namespace")
            namespace = named.text if named is not None else ""
            if namespace and _literal(namespace) and namespace not in cluster.namespaces:
                continue
            for workload, name, word in _workloads(words):
                key = workload, name, namespace
                if key not in seen:
                    seen.add(key)
                    yield from _judge(estate, runbook, cluster, key, word)


def _workloads(words: list[Word]) -> Iterator[tuple[str, str, Word]]:
    """(kind, name, the word that names it) of each workload of a command."""
    plain = positional(words)
    for word in plain:
        head, slash, name = word.text.partition("/")
        if slash and head.lower() in _KINDS and _literal(name):
            yield _KINDS[head.lower()], name, word
    if not plain:
        return
    at = 2 if plain[0].text in ("rollout", "set") else 1 if plain[0].text in _NAMING_VERBS else 0
    if at and len(plain) > at and plain[at].text.lower() in _KINDS:
        for word in plain[at + 1 :]:
            if _literal(word.text):
                yield _KINDS[plain[at].text.lower()], word.text, word


def _judge(
    estate: Estate, runbook: Resource, cluster: Cluster, key: tuple[str, str, str], word: Word
) -> Iterator[Verdict]:
    workload, name, namespace = key
    known = cluster.workloads.get(name, set())
    here = {kind for kind, where in known if not namespace or not _literal(namespace) or where in ("", namespace)}
    shown, element = f"{workload} {safe_line(name, 80)}", f"{workload}/{namespace}/{name}"
    if workload in here:
        yield Verdict(runbook, PASS, f"The {shown} exists.", word.span, element)
    elif here:
        message = f"{safe_line(name, 80)} is a {min(here)} and no {workload}."
        yield Verdict(runbook, FAIL, message, word.span, element)
    elif known:
        others = ", ".join(sorted({where for _, where in known}))
        message = f"The {shown} is not in the namespace {namespace}, but in {others}."
        yield Verdict(runbook, FAIL, message, word.span, element)
    elif not _stands_for_any(name):
        message = f"There is no {shown} in this repository."
        yield _absent(estate, runbook, message, word.span, element, delivered_elsewhere(cluster, namespace))


def workflows_exist(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A GitHub workflow that `gh workflow run` or `gh run list --workflow` names is there, by file or by name.

    https://cli.github.com/manual/gh_workflow_run . Not judged of another repository, nor where there is no workflow.
    """
    files = {path.rsplit("/", 1)[-1] for path in estate.paths if path.startswith(WORKFLOW_FOLDER)} - {""}
    if not files:
        return
    names = [pipeline.body.get("name") for pipeline in _workflows(estate)]
    open_ = next((name for name in names if isinstance(name, Unknown)), None)
    for runbook in estate.of_kind(kind):
        for words in commands_of(estate, runbook):
            named = _workflow(words)
            if named is None:
                continue
            if named.text in files or any(isinstance(name, str) and name == named.text for name in names):
                message = f"The workflow {safe_line(named.text, 80)} exists."
                yield Verdict(runbook, PASS, message, named.span, named.text)
            else:
                message = f"There is no workflow {safe_line(named.text, 80)} in {WORKFLOW_FOLDER[:-1]}."
                yield _absent(estate, runbook, message, named.span, named.text, open_)


def _workflows(estate: Estate) -> Iterator[Resource]:
    for pipeline in estate.of_kind("pipeline/pipeline"):
        if pipeline.address.startswith(WORKFLOW_FOLDER):
            yield pipeline


def _workflow(words: list[Word]) -> Word | None:
    """The workflow a command of GitHub's tool names, None for what is no name of this repository's."""
    plain = [word.text for word in words[:3]]
    if plain[:1] != ["gh"] or option(words, "-R", "--repo") is not None:
        return None
    named: Word | None = None
    if plain[1:2] == ["workflow"] and plain[2:3] and plain[2] in ("run", "view", "enable", "disable"):
        named = words[3] if len(words) > 3 else None
    elif plain[1:2] == ["run"]:
        named = option(words, "-w", "--workflow")
    if named is None or named.text.startswith("-") or named.text.isdigit() or re.search(r"[<>${}\[\]]", named.text):
        return None
    return named
