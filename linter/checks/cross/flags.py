"""Feature flags: who owns each, and when it is to be gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.cross.common import pattern
from linter.dates import days_between
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Span, Unknown
from linter.parsers.flags import flags_of
from linter.records import NamedTuple
from linter.text import safe_line
from linter.trees import as_map, at_path, maps

_OWNER = r"^(?:owners?|team|maintainers?|contacts?|squad|owned[ _-]?by|maintainer_id|maintainer_team_key)$"
_END = (
    r"^(?:expir(?:es?|y|ation)(?:[ _-]?(?:on|at|date))?|(?:remove|delete|end|sunset|cleanup|clean[ _-]up)(?:s|d)?"
    r"(?:[ _-]?(?:by|on|at|after|date))?|(?:removal|end|sunset|expiration)[ _-]?date|removal|deadline|valid[ _-]?until|until)$"
)
_LASTING = r"^(?:permanent|long[ _-]?lived|operational|ops|kill[ _-]?switch|permission|entitlement|config(?:uration)?)$"
_KIND = r"^(?:type|kind|purpose|category|lifetime|lifecycle|permanent)$"
_UNSET = Unknown("missing-input", "the day of the scan", "pass --as-of")


class Flag(NamedTuple):
    """A feature flag. span: what names it. owner, end: (value, span) as written, None where nothing says so. lasting:
    whether it is declared to stay."""

    resource: Resource
    name: str
    span: Span
    owner: tuple[Any, Span] | None
    end: tuple[Any, Span] | None
    lasting: bool


def flags(estate: Estate) -> Iterator[Flag]:
    """The flags of definition files, of OpenFeature's FeatureFlag objects, and of LaunchDarkly in Terraform."""
    for each in estate.of_kind("delivery/flag"):
        yield _described(each, each.name, each.anchor, as_map(each.body.get("metadata")))
    for each in estate.of_kind("kubernetes/FeatureFlag"):
        if str(each.body.get("apiVersion", "")).startswith("core.openfeature.dev/"):
            for name, body, span in flags_of(at_path(each.body, ("spec", "flagSpec"))):
                yield _described(each, name, span, as_map(body.get("metadata")))
    for each in estate.of_kind("terraform/launchdarkly_feature_flag"):
        yield _launched(each)


def _described(resource: Resource, name: str, span: Span, facts: Map) -> Flag:
    owner = _first(facts, _OWNER)
    return Flag(resource, name, span, owner, _first(facts, _END), _lasts(facts))


def _lasts(facts: Map) -> bool:
    for key, value in facts.items():
        if not isinstance(value, Unknown) and pattern(_KIND).search(str(key)):
            if value is True and str(key).lower() == "permanent":
                return True
            if isinstance(value, str) and pattern(_LASTING).search(value.strip()):
                return True
    return False


def _first(facts: Map, wanted: str) -> tuple[Any, Span] | None:
    for key, value in facts.items():
        if pattern(wanted).search(str(key)) and (
            isinstance(value, Unknown) or (value is not None and value not in ("", []))
        ):
            source, _, _, start, end = facts.at[key]
            return value, (source, start, end)
    return None


def _launched(flag: Resource) -> Flag:
    """A flag of LaunchDarkly is there to stay unless it is `temporary`; `custom_properties` hold what a team adds to it
    (its Terraform provider, launchdarkly_feature_flag)."""
    owner, end = _first(flag.body, _OWNER), None
    for each in maps(flag.body.get("custom_properties")):
        said = [each.get(key) for key in ("key", "name")]
        value = each.get("value")
        entry = each.at.get("value")
        if entry is None:
            continue
        found = value[0] if isinstance(value, list) and value else value, (entry[0], entry[3], entry[4])
        for word in said:
            if isinstance(word, str) and pattern(_END).search(word):
                end = found
            elif isinstance(word, str) and pattern(_OWNER).search(word):
                owner = owner or found
    temporary = flag.body.get("temporary")
    if isinstance(temporary, Unknown) and end is None:
        end = temporary, flag.anchor
    gone = any(flag.body.get(key) is True for key in ("archived", "deprecated"))
    lasting = gone or not (isinstance(temporary, Unknown) or temporary is True or temporary == "true")
    return Flag(flag, flag.name, flag.anchor, owner, end, lasting)


def flags_described(estate: Estate) -> Iterator[Verdict]:
    """A feature flag says who owns it and, unless it is declared to stay, when it is to be removed."""
    for flag in flags(estate):
        shown, element = safe_line(flag.name, 80), flag.name[:200]
        unknown = next((each[0] for each in (flag.owner, flag.end) if each and isinstance(each[0], Unknown)), None)
        lacks = [
            word
            for word, held in (("who owns it", flag.owner), ("when it is to be removed", flag.end or flag.lasting))
            if not held
        ]
        if lacks:
            message = f"The flag {shown} does not say {' and '.join(lacks)}."
            yield Verdict(flag.resource, FAIL, message, flag.span, element)
        elif unknown is not None:
            message = f"Who owns the flag {shown}, or until when it is kept, is unknown: {unknown.subject}."
            yield Verdict(flag.resource, UNKNOWN, message, flag.span, element, (), (unknown,))
        else:
            yield Verdict(flag.resource, PASS, f"The flag {shown} says who owns it and its end.", flag.span, element)


def flags_current(estate: Estate) -> Iterator[Verdict]:
    """The day on which a feature flag is to be removed has not passed on the day of the scan."""
    written = estate.settings.get("as-of")
    for flag in flags(estate):
        if flag.end is None:
            continue
        value, span = flag.end
        shown, element = safe_line(flag.name, 80), flag.name[:200]
        if isinstance(value, Unknown) or written is None:
            unknown = value if isinstance(value, Unknown) else _UNSET
            message = f"Whether the flag {shown} is to be gone is unknown: {unknown.subject}."
            yield Verdict(flag.resource, UNKNOWN, message, span, element, (), (unknown,))
            continue
        try:
            left = days_between(str(written), str(value).strip()[:10])
        except ValueError:
            message = (
                f"When the flag {shown} is to be removed is no date like 2026-01-31: '{safe_line(str(value), 40)}'."
            )
            yield Verdict(flag.resource, FAIL, message, span, element)
            continue
        if left < 0:
            message = f"The flag {shown} was to be removed {-left} days ago."
            yield Verdict(flag.resource, FAIL, message, span, element)
        else:
            yield Verdict(flag.resource, PASS, f"The flag {shown} has {left} days left.", span, element)
