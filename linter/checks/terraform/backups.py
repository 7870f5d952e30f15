"""Which resources the backup plans of a unit cover."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Unknown
from linter.trees import maps

SELECTION = "terraform/aws_backup_selection"
_CONDITIONS = Unknown("run-time", "what the conditions of a backup selection match", "name the resource in resources")


def backed_up(estate: Estate, *, kind: str, arn: str, by: str = "") -> Iterator[Verdict]:
    """A selection of AWS Backup names the resource, a pattern of its ARN or one of its tags.

    arn: what ARNs of the kind begin with after the partition, as `rds:`. by: a kind whose resources, linked to the one
    judged and with `backup_policy.status` ENABLED, back it up as well. (AWS provider, aws_backup_selection; AWS Backup
    guide, "Assigning resources".)
    """
    selections: dict[Any, list[Resource]] = {}
    for selection in estate.of_kind(SELECTION):
        selections.setdefault((selection.unit, selection.environment), []).append(selection)
    for resource in estate.of_kind(kind):
        answers = [
            covers(estate, selection, resource, arn)
            for selection in selections.get((resource.unit, resource.environment), ())
        ]
        answers += [_enabled(link.source) for link in estate.incoming.get(id(resource), ()) if link.source.kind == by]
        unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        if any(answer is True for answer in answers):
            yield Verdict(resource, PASS, f"{resource.name} is backed up.", resource.anchor)
        elif unknown is not None:
            shown = f"{unknown.subject} is unknown, so whether {resource.name} is backed up cannot be decided."
            yield Verdict(resource, UNKNOWN, shown, resource.anchor, "", (), (unknown,))
        else:
            yield Verdict(resource, FAIL, f"No backup plan covers {resource.name}.", resource.anchor)


def _enabled(policy: Resource) -> bool | Unknown:
    for block in maps(policy.body.get("backup_policy")):
        status = block.get("status")
        return status if isinstance(status, Unknown) else bool(status == "ENABLED")
    return False


def covers(estate: Estate, selection: Resource, resource: Resource, arn: str) -> bool | Unknown:
    if any(link.target is resource and link.path == "resources" for link in estate.outgoing.get(id(selection), ())):
        return True
    unsure: Unknown | None = None
    listed = selection.body.get("resources")
    for element in listed if isinstance(listed, list) else [listed]:
        if isinstance(element, str) and _is_pattern_of(element, arn):
            return _CONDITIONS if "condition" in selection.body else True
        # Another resource's ARN is unknown until it is made, and yet not this one's.
        if isinstance(element, Unknown) and not element.not_empty:
            unsure = element
    for tag in maps(selection.body.get("selection_tag")):
        answer = _tagged(resource.body.get("tags"), tag)
        if answer is True:
            return True
        unsure = answer if isinstance(answer, Unknown) else unsure
    return False if unsure is None else unsure


def _is_pattern_of(text: str, arn: str) -> bool:
    return text == "*" or (text.endswith("*") and text.startswith("arn:") and f":{arn}" in text)


def _tagged(tags: Any, wanted: Map) -> bool | Unknown:
    key, value = wanted.get("key"), wanted.get("value")
    for each in (tags, key, value):
        if isinstance(each, Unknown):
            return each
    if not isinstance(tags, Map) or not isinstance(key, str):
        return False
    found = tags.get(key)
    if isinstance(found, Unknown):
        return found
    if found is None and tags.open is not None:
        return tags.open
    return bool(found is not None and found == value)
