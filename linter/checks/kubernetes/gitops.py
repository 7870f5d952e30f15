"""What Argo CD and Flux are told to deploy, compared with what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Unknown

_RELATIONS = {"deploys": "folder", "reads": "file", "updates": "folder"}


def delivered_paths_exist(estate: Estate, *, kind: Sequence[str]) -> Iterator[Verdict]:
    """Every path in this repository that objects of `kind` deploy, read or update is there.

    What another repository holds is unknown; which repositories are this one is decided by the links.
    """
    for wanted in kind:
        for resource in estate.of_kind(wanted):
            for reference in resource.references:
                word, target, span = _RELATIONS.get(reference.name), reference.target, reference.span
                if word is None or span is None:
                    continue
                source, start, end = span
                written = estate.sources[source].text[start:end].strip("'\"")
                if isinstance(target, Unknown):
                    message = f"{target.subject} lies outside of this repository or is filled in later."
                    yield Verdict(resource, UNKNOWN, message, span, f"{written} {target.subject}", unknowns=(target,))
                elif target:
                    yield Verdict(resource, PASS, f"{target} exists.", span, f"{written} {target}")
                else:
                    message = f"{resource.address} {reference.name} {written}, but there is no such {word}."
                    yield Verdict(resource, FAIL, message, span, written)
