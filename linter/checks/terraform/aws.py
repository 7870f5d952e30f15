"""Checks that look at two arguments, or at two resources that nothing in the code ties together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Unknown, handle
from linter.trees import maps


def arguments_differ(estate: Estate, *, kind: str, first: str, second: str, message: str) -> Iterator[Verdict]:
    """Two arguments of a resource have different values. The same expression has the same value, known or not."""
    same: bool | None
    for resource in estate.of_kind(kind):
        one, two = resource.body.get(first), resource.body.get(second)
        if one is None or two is None:
            continue
        span = handle(two, resource.body.at[second])
        text, other = (_written(estate, resource, name) for name in (first, second))
        if isinstance(one, Unknown) or isinstance(two, Unknown):
            unknown = one if isinstance(one, Unknown) else two
            if text == other or _identity(one) == _identity(two) != "":
                same = True
            else:
                same = False if _different(estate, resource, first, second) else None
        else:
            same = one == two
        if same is None:
            shown = f"{unknown.subject} is unknown, so {first} and {second} of {resource.name} cannot be compared."
            yield Verdict(resource, UNKNOWN, shown, span, "", (), (unknown,))
        elif same:
            yield Verdict(resource, FAIL, message, span)
        else:
            yield Verdict(resource, PASS, f"{first} and {second} of {resource.name} differ.", span)


def _written(estate: Estate, resource: Resource, name: str) -> str:
    source, _, _, start, end = resource.body.at[name]
    return estate.sources[source].text[start:end].strip()


def _identity(value: Any) -> str:
    """The resource's attribute that a value not known yet is, nothing added: `aws_iam_role.web.arn`."""
    return value.subject if isinstance(value, Unknown) and value.not_empty else ""


def _different(estate: Estate, resource: Resource, first: str, second: str) -> bool:
    """Whether the two refer to different resources of the tree."""
    targets: dict[str, set[int]] = {first: set(), second: set()}
    for link in estate.outgoing.get(id(resource), ()):
        if link.path in targets:
            targets[link.path].add(id(link.target))
    return bool(targets[first] and targets[second]) and not targets[first] & targets[second]


_OBJECTS = "AWS::S3::Object"


def bucket_events_recorded(estate: Estate, *, access: str) -> Iterator[Verdict]:
    """A trail of the unit records reads or writes of every bucket's objects.

    access: WriteOnly or ReadOnly. Trails say so in event_selector or advanced_event_selector (CloudTrail guide,
    "Logging data events"); a selector of "arn:aws:s3" or without an ARN is for every bucket.
    """
    trails: dict[Any, list[Resource]] = {}
    for trail in estate.of_kind("terraform/aws_cloudtrail"):
        trails.setdefault((trail.unit, trail.environment), []).append(trail)
    word = "Writing" if access == "WriteOnly" else "Reading"
    for bucket in estate.of_kind("terraform/aws_s3_bucket"):
        answers = [
            _records(estate, trail, bucket, access) for trail in trails.get((bucket.unit, bucket.environment), ())
        ]
        if any(answer is True for answer in answers):
            yield Verdict(bucket, PASS, f"{word} objects of {bucket.name} is recorded.", bucket.anchor)
            continue
        unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        if unknown is not None:
            shown = f"{unknown.subject} is unknown, so whether a trail records {bucket.name} cannot be decided."
            yield Verdict(bucket, UNKNOWN, shown, bucket.anchor, "", (), (unknown,))
        else:
            yield Verdict(bucket, FAIL, f"{word} objects of {bucket.name} is not recorded.", bucket.anchor)


def _records(estate: Estate, trail: Resource, bucket: Resource, access: str) -> bool | Unknown:
    linked = any(link.target is bucket and "event_selector" in link.path for link in estate.outgoing.get(id(trail), ()))
    unknown: Unknown | None = None
    for selector in maps(trail.body.get("event_selector")):
        kept = selector.get("read_write_type")
        if isinstance(kept, Unknown):
            unknown = kept
            continue
        for data in maps(selector.get("data_resource")):
            if _text(data.get("type")) != _OBJECTS or kept not in (None, "All", access):
                continue
            answer = _names(data.get("values"), bucket, linked)
            if answer is True:
                return True
            unknown = answer if isinstance(answer, Unknown) else unknown
    for selector in maps(trail.body.get("advanced_event_selector")):
        fields = {_text(field.get("field")): field for field in maps(selector.get("field_selector"))}
        answer = _advanced(fields, bucket, linked, access)
        if answer is True:
            return True
        unknown = answer if isinstance(answer, Unknown) else unknown
    return False if unknown is None else unknown


def _advanced(fields: dict[Any, Map], bucket: Resource, linked: bool, access: str) -> bool | Unknown:
    if _OBJECTS not in _listed(fields.get("resources.type"), "equals"):
        return False
    only = _listed(fields.get("readOnly"), "equals")
    if only and ("true" if access == "ReadOnly" else "false") not in only:
        return False
    arns = fields.get("resources.ARN")
    if arns is None:
        return True
    return _names(arns.get("starts_with", arns.get("equals")), bucket, linked)


def _listed(field: Map | None, key: str) -> list[Any]:
    values = field.get(key) if field is not None else None
    return [value for value in values if not isinstance(value, Unknown)] if isinstance(values, list) else []


def _names(values: Any, bucket: Resource, linked: bool) -> bool | Unknown:
    if isinstance(values, Unknown):
        return True if linked else values
    name = bucket.body.get("bucket")
    for value in values if isinstance(values, list) else ():
        if isinstance(value, Unknown):
            if linked:
                return True
            return value
        if value in ("arn:aws:s3", "arn:aws:s3:::") or (isinstance(name, str) and value == f"arn:aws:s3:::{name}/"):
            return True
    return False


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
