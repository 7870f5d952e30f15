"""Roles granted on Google Cloud, wherever Terraform writes them, in one shape: kind `terraform/google_grant`.

Encodes google_*_iam_member, google_*_iam_binding, google_*_iam_policy and the google_iam_policy data source. A grant's
body has role (str) and members (Seq of Map), each only where it is written. A member has type (`user`, `group`,
`serviceAccount`, `domain`, `allUsers`, …; absent where none is written), name (what follows the type) and
default_account (whether it is the default account of Compute Engine or App Engine). A policy that is not known gives one
grant whose body is open. Context: `owner`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Unknown, handle
from linter.parsers.terraform.instances import Key
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.parts import part, spot
from linter.trees import put

KIND = "terraform/google_grant"
DATA = "terraform/data.google_iam_policy"
EVERYONE = ("allUsers", "allAuthenticatedUsers")
_DEFAULTS = ("data.google_compute_default_service_account.", "data.google_app_engine_default_service_account.")


def grants(resource: Resource, module: Module, item: Item, key: Key = None) -> Iterator[Resource]:
    """The grants of one resource or data source. key: of the block's instance."""
    body = resource.body
    if resource.kind == DATA:
        yield from _of_bindings(resource, "binding", body.get("binding"), body.at.get("binding"))
    elif not resource.kind.startswith("terraform/google_"):
        return
    elif resource.kind.endswith("_iam_member"):
        yield _grant(resource, "grant", body, "member", resource.anchor, resource.extent)
    elif resource.kind.endswith("_iam_binding"):
        yield _grant(resource, "grant", body, "members", resource.anchor, resource.extent)
    elif resource.kind.endswith("_iam_policy") and body.get("policy_data") is not None:
        yield from _of_text(resource, module, item, key)


def _of_text(resource: Resource, module: Module, item: Item, key: Key) -> Iterator[Resource]:
    from linter.parsers.terraform.policy_text import document

    value, entry = resource.body["policy_data"], resource.body.at["policy_data"]
    if any(reference.path == "policy_data" and isinstance(reference.target, str) for reference in resource.references):
        return  # a google_iam_policy of this unit, which is judged itself
    found = item.attributes.get("policy_data")
    node, source = (found[1].expr, found[0]) if found is not None else (None, item.source)
    tree = document(value, node, module, module.item_scopes(item, key)[source], (entry[0], entry[3], entry[4]))
    if isinstance(tree, Map) and "bindings" in tree:
        yield from _of_bindings(resource, "policy_data", tree["bindings"], tree.at["bindings"])
    elif isinstance(tree, Unknown) or (isinstance(tree, Map) and tree.open is not None):
        yield _unread(resource, "policy_data", tree if isinstance(tree, Unknown) else tree.open, entry)


def _of_bindings(resource: Resource, path: str, listed: Any, place: Entry | None) -> Iterator[Resource]:
    if isinstance(listed, Unknown) and place is not None:
        yield _unread(resource, path, listed, place)
    if not isinstance(listed, Seq):
        return
    for number, binding in enumerate(listed):
        entry = listed.at[number]
        if isinstance(binding, Map):
            extent = (entry[0], entry[3], entry[4])
            yield _grant(resource, f"{path}[{number}]", binding, "members", handle(binding, entry), extent)
        else:
            unknown = binding if isinstance(binding, Unknown) else Unknown("expression", "a binding")
            yield _unread(resource, f"{path}[{number}]", unknown, entry)


def _unread(resource: Resource, path: str, unknown: Unknown | None, entry: Entry) -> Resource:
    body = Map((entry[0], entry[3], entry[4]))
    body.open = unknown
    return part(resource, KIND, path, body, (entry[0], entry[1], entry[2]), body.span, {})


def _grant(
    resource: Resource, path: str, written: Map, key: str, anchor: tuple[int, int, int], extent: tuple[int, int, int]
) -> Resource:
    body = Map(extent)
    body.open = written.open
    role = written.get("role")
    if isinstance(role, Unknown) or role is not None:
        put(body, "role", role, written.at["role"])
    value = written.get(key)
    if isinstance(value, Unknown) or value is not None:
        put(body, "members", _members(value, written.at[key]), written.at[key])
    return part(resource, KIND, path, body, anchor, extent, {})


def _members(value: Any, place: Entry) -> Any:
    result = Seq((place[0], place[3], place[4]))
    if isinstance(value, Seq):
        result.open = value.open
        for number, member in enumerate(value):
            result.append(_member(member, value.at[number]))
            result.at.append(value.at[number])
    elif isinstance(value, Unknown) and value.type in ("list", "set"):
        return value
    else:
        result.append(_member(value, place))
        result.at.append(spot(place))
    return result


def _member(value: Any, place: Entry) -> Map:
    member, at = Map((place[0], place[3], place[4])), spot(place)
    if isinstance(value, str):
        kind, colon, name = value.partition(":")
        if colon or value in EVERYONE:
            put(member, "type", kind, at)
        put(member, "name", name if colon else value, at)
        put(member, "default_account", _default().search(value) is not None, at)
    elif isinstance(value, Unknown):
        kind, colon, _ = value.prefix.partition(":")
        account = _account(value)
        if colon or account is not None:
            put(member, "type", kind if colon else "serviceAccount", at)
        else:
            put(member, "type", value, at)
        put(member, "name", value, at)
        put(member, "default_account", value if account is None else account, at)
    return member


def _account(value: Unknown) -> bool | None:
    """Whether an unknown is a default service account, by the resource it is an attribute of; None where it may be."""
    if value.subject.startswith(_DEFAULTS) or any("." + word in value.subject for word in _DEFAULTS):
        return True
    return False if "google_service_account." in value.subject else None


@cache
def _default() -> re.Pattern[str]:
    return re.compile(r"(-compute@developer|@appspot)\.gserviceaccount\.com$")
