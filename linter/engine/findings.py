"""Judgements become findings: merged over environments and calls, fingerprinted, sorted, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from linter.addresses import bare
from linter.digests import digested
from linter.model import CALLED, FAIL, PASS, UNKNOWN, Estate, Finding, Judgement, Place, Resource, Severity, Span


def source_address(resource: Resource) -> str:
    """The address as the artifact writes it: without the modules that were called to reach it, without instance keys."""
    if resource.unit.kind != "terraform":
        return resource.address
    address = bare(resource.address)
    while address.startswith("module."):
        _, dot, rest = address[len("module.") :].partition(".")
        if not dot:
            break
        address = rest
    return address


def _address(judgement: Judgement) -> str:
    """Where many units include the file that a judgement points into, it is one finding, and no single unit's.

    So it is where many jobs of pipelines inherit what a template of theirs writes.
    """
    resource = judgement.resource
    if resource.kind.startswith("pipeline/") and _inherited(judgement):
        return ""
    if resource.kind == "terragrunt/unit" and judgement.span[0] != resource.anchor[0]:
        return ""
    return source_address(resource)


def _inherited(judgement: Judgement) -> bool:
    """Whether a judgement of a job or step points outside of what is written of the job, one of a pipeline outside of
    its file."""
    part = judgement.resource
    if part.kind == "pipeline/step" and part.owner is not None:
        part = part.owner
    source, start, end = part.extent
    if judgement.span[0] != source:
        return True
    return part.kind == "pipeline/job" and not start <= judgement.span[1] <= end


def merged(
    judgements: Iterable[Judgement], estate: Estate, severity_of: Callable[[Judgement], Severity]
) -> list[Finding]:
    """Findings sorted by path, place, rule and message.

    Judgements of one rule, outcome, place and source address are one finding with all its environments and instances.
    """
    groups: dict[tuple[str, str, Span, str, str], list[Judgement]] = {}
    for judgement in judgements:
        key = judgement.rule, judgement.outcome, judgement.span, _address(judgement), judgement.element
        group = groups.get(key)
        if group is None:
            groups[key] = [judgement]
        else:
            group.append(judgement)
    drafts = [_finding(key[3], group, estate, severity_of) for key, group in groups.items()]
    if any("[" in draft.owner for draft in drafts):
        from linter.engine.instances import named

        drafts = named(drafts, list(groups.values()), estate)
    drafts.sort(key=order)
    return _fingerprinted(drafts)


def order(finding: Finding) -> tuple[bytes, tuple[int, ...], str, str, str]:
    """The order of findings in every report: by the path's bytes, place, rule, message and subject."""
    path, *numbers = finding.place
    return path.encode("utf-8", "surrogateescape"), tuple(numbers), finding.rule, finding.message, finding.subject


def _finding(
    address: str, group: list[Judgement], estate: Estate, severity_of: Callable[[Judgement], Severity]
) -> Finding:
    """All fields by position: records as long as this one are made much slower by name."""
    first, environment = group[0], group[0].resource.environment
    subjects: tuple[tuple[str, str], ...] = ()
    environments: tuple[str, ...] = (environment.name,) if environment else ()
    if len(group) > 1:
        first = min(group, key=lambda judgement: judgement.resource.address)
        subjects = tuple(sorted({(each.resource.address, each.resource.outermost.address) for each in group}))
        environments = tuple(sorted({j.resource.environment.name for j in group if j.resource.environment}))
    place = estate.place(first.span)
    return Finding(
        first.rule,
        severity_of(first) if len(group) == 1 else max(map(severity_of, group)),
        first.outcome,
        first.message,
        place,
        first.resource.address,
        first.resource.outermost.address,
        environments,
        f"{address}\0{first.element}",
        _related(group, first, place, estate) if first.outcome != PASS else (),
        first.unknowns,
        None,
        subjects,
    )


def _related(group: list[Judgement], first: Judgement, place: Place, estate: Estate) -> tuple[tuple[Place, str], ...]:
    related: dict[tuple[Place, str], None] = {}
    for judgement in group:
        for caller in judgement.resource.callers:
            related[estate.place(caller), CALLED] = None
        for origin in judgement.related:
            related[estate.place(origin.span), origin.text] = None
    if first.outcome == FAIL and first.span[0] != first.resource.anchor[0]:
        related[estate.place(first.resource.anchor), f"{first.resource.address} is here"] = None
    if related:
        related.pop((place, "the value is written here"), None)
    return tuple(related)


def _fingerprinted(findings: list[Finding]) -> list[Finding]:
    """Each draft's natural key hashed with rule and path; an ordinal tells equals apart.

    Failures are counted first, so that theirs are the same whether or not passes are listed too.
    """
    seen: dict[tuple[str, str, str], int] = {}
    result = list(findings)
    for outcome in (FAIL, UNKNOWN, PASS):
        for number, finding in enumerate(findings):
            if finding.outcome == outcome:
                key = finding.rule, finding.place.path, finding.fingerprint
                ordinal = seen[key] = seen.get(key, 0) + 1
                text = identity(*key, ordinal)
                result[number] = finding._replace(fingerprint=digested(text), identity=text)
    return result


def identity(rule: str, path: str, natural: str, ordinal: int) -> str:
    """What a finding's fingerprint is the digest of: `opslint/v1`, rule, path, natural key and ordinal."""
    return f"opslint/v1\0{rule}\0{path}\0{natural}\0{ordinal}"


def fingerprint(rule: str, path: str, natural: str, ordinal: int) -> str:
    """`opslint/v1`: 32 hexadecimal characters of SHA-256 over rule, path, natural key and ordinal."""
    return digested(identity(rule, path, natural, ordinal))
