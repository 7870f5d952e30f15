"""IAM policy statements, wherever Terraform writes them, in one shape: kind `terraform/policy_statement`.

Encodes the grammar of the IAM JSON policy language and the aws_iam_policy_document data source. A statement's body has
effect (str), actions, not_actions, resources, not_resources (Seq of str), principals, not_principals (Seq of
Map{type, identifiers}), conditions (Seq of Map{test, variable, values}) and sid, each only where it is written, with
the place it is written at. A policy that is not known gives one statement whose body is open. Context: `owner`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Unknown, handle
from linter.parsers.terraform.instances import Key
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.scope import Scope

KIND = "terraform/policy_statement"
_ATTRIBUTES = (
    "policy", "assume_role_policy", "access_policies", "access_policy", "inline_policy", "resource_policy",
    "key_policy", "repository_policy", "policy_document",
)  # fmt: skip
_NOT_IAM = ("lifecycle", "autoscaling", "dlm", "_scaling_policy", "aws_iot_topic")
_LISTS = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources", "NotResource": "not_resources"}
_BLOCKS = {
    "sid": "sid", "effect": "effect", "actions": "actions", "not_actions": "not_actions", "resources": "resources",
    "not_resources": "not_resources", "principals": "principals", "not_principals": "not_principals",
    "condition": "conditions",
}  # fmt: skip


def statements(resource: Resource, module: Module, item: Item, key: Key = None) -> Iterator[Resource]:
    """The statements of a policy document, or of a resource's policy arguments. key: of the block's instance."""
    if resource.kind == "terraform/data.aws_iam_policy_document":
        yield from _of_document(resource)
        return
    if not resource.kind.startswith("terraform/aws_") or any(word in resource.kind for word in _NOT_IAM):
        return
    scopes = None
    for name in _ATTRIBUTES:
        if name not in resource.body:
            continue
        value = resource.body[name]
        scopes = scopes or module.item_scopes(item, key)
        if isinstance(value, Seq):
            yield from _of_blocks(resource, module, item, scopes, name, value)
        elif value is not None:
            found = item.attributes.get(name)
            node = found[1].expr if found is not None else None
            source = found[0] if found is not None else item.source
            yield from _of_value(resource, module, value, node, scopes[source], name, resource.body.at[name])


def _of_blocks(
    resource: Resource, module: Module, item: Item, scopes: dict[int, Scope], name: str, blocks: Seq
) -> Iterator[Resource]:
    """`inline_policy { policy = … }`."""
    written = item.blocks(name)
    for number, block in enumerate(blocks):
        if not isinstance(block, Map) or block.get("policy") is None:
            continue
        node, source = None, item.source
        if number < len(written) and written[number][1].type == name:
            source, syntax = written[number]
            node = next((attribute.expr for attribute in syntax.body.attributes if attribute.name == "policy"), None)
        path = name if len(blocks) == 1 else f"{name}[{number}]"
        yield from _of_value(resource, module, block["policy"], node, scopes[source], path, block.at["policy"])


def _of_value(
    resource: Resource, module: Module, value: Any, node: Any, scope: Scope, path: str, entry: Entry
) -> Iterator[Resource]:
    from linter.parsers.terraform.policy_text import document

    tree = document(value, node, module, scope, (entry[0], entry[3], entry[4]))
    if isinstance(tree, Map) and "Statement" in tree:
        listed, place = tree["Statement"], tree.at["Statement"]
        if isinstance(listed, Map):
            yield _resource(resource, path, 0, _normalised(listed), handle(listed, place), listed.span)
        elif isinstance(listed, Seq):
            for number, statement in enumerate(listed):
                yield _element(resource, path, number, statement, listed.at[number])
            if not listed and listed.open is not None:
                yield _unread(resource, path, listed.open, place)
        elif isinstance(listed, Unknown):
            yield _unread(resource, path, listed, place)
    elif isinstance(tree, Map) and tree.open is not None:
        yield _unread(resource, path, tree.open, entry)
    elif isinstance(tree, Unknown) and not _elsewhere(resource, path):
        yield _unread(resource, path, tree, entry)


def _elsewhere(resource: Resource, path: str) -> bool:
    """Whether the policy is a document's, which is judged itself."""
    word = path.partition("[")[0]
    return any(
        isinstance(reference.target, str)
        and "data.aws_iam_policy_document." in reference.target
        and reference.path.split(".")[0] == word
        for reference in resource.references
    )


def _element(resource: Resource, path: str, number: int, statement: Any, entry: Entry) -> Resource:
    if isinstance(statement, Map):
        span = (entry[0], entry[3], entry[4])
        return _resource(resource, path, number, _normalised(statement), handle(statement, entry), span)
    unknown = statement if isinstance(statement, Unknown) else Unknown("expression", "a policy statement")
    return _unread(resource, path, unknown, entry, number)


def _unread(resource: Resource, path: str, unknown: Unknown, entry: Entry, number: int = 0) -> Resource:
    body = Map((entry[0], entry[3], entry[4]))
    body.open = unknown
    return _resource(resource, path, number, body, (entry[0], entry[1], entry[2]), body.span)


def _resource(
    owner: Resource, path: str, number: int, body: Map, anchor: tuple[int, int, int], extent: tuple[int, int, int]
) -> Resource:
    sid = body.get("sid")
    statement = Resource(
        KIND,
        f"{owner.address}:{path}[{number}]",
        sid if isinstance(sid, str) and sid else owner.name,
        owner.unit,
        body,
        anchor,
        extent,
        environment=owner.environment,
        context={"owner": owner.body},
        owner=owner,
    )
    statement.callers, statement.trace, statement.uncertain = owner.callers, owner.trace, owner.uncertain
    return statement


def _of_document(resource: Resource) -> Iterator[Resource]:
    listed = resource.body.get("statement")
    if not isinstance(listed, Seq):
        return
    for number, statement in enumerate(listed):
        entry = listed.at[number]
        if not isinstance(statement, Map):
            yield _unread(resource, "statement", Unknown("expression", "a policy statement"), entry, number)
            continue
        body = Map(statement.span)
        body.open = statement.open
        for key, name in _BLOCKS.items():
            if key in statement and (isinstance(statement[key], Unknown) or statement[key] is not None):
                body[name] = statement[key]
                body.at[name] = statement.at[key]
        if "effect" not in body:
            body["effect"] = "Allow"
            body.at["effect"] = (entry[0], entry[1], entry[1], entry[1], entry[2])
        yield _resource(resource, "statement", number, body, entry[:3], (entry[0], entry[3], entry[4]))


def _normalised(statement: Map) -> Map:
    body = Map(statement.span)
    body.open = statement.open
    for key, value in statement.items():
        place = statement.at[key]
        if key in _LISTS:
            _put(body, _LISTS[key], _listed(value, place), place)
        elif key == "Sid" or key == "Effect":
            _put(body, key.lower(), value, place)
        elif key == "Principal" or key == "NotPrincipal":
            _put(body, "principals" if key == "Principal" else "not_principals", _principals(value, place), place)
        elif key == "Condition":
            _put(body, "conditions", _conditions(value, place), place)
    return body


def _put(body: Map, name: str, value: Any, place: Entry) -> None:
    body[name] = value
    body.at[name] = place


def _listed(value: Any, place: Entry) -> Any:
    """A single value as the list of it."""
    if isinstance(value, Seq) or value is None or (isinstance(value, Unknown) and value.type != "string"):
        return value
    result = Seq((place[0], place[3], place[4]))
    result.append(value)
    result.at.append((place[0], place[3], place[3], place[3], place[4]))
    return result


def _principals(value: Any, place: Entry) -> Any:
    """ "*" means everyone: a principal of type * as the data source writes it."""
    result = Seq((place[0], place[3], place[4]))
    if isinstance(value, str):
        everyone = Map(result.span)
        inner = (place[0], place[3], place[3], place[3], place[4])
        _put(everyone, "type", value, inner)
        _put(everyone, "identifiers", _listed(value, place), inner)
        result.append(everyone)
        result.at.append(inner)
        return result
    if not isinstance(value, Map):
        return value
    result.open = value.open
    for kind, identifiers in value.items():
        at = value.at[kind]
        principal = Map((at[0], at[1], at[4]))
        _put(principal, "type", kind, (at[0], at[1], at[1], at[1], at[2]))
        _put(principal, "identifiers", _listed(identifiers, at), at)
        result.append(principal)
        result.at.append(at)
    return result


def _conditions(value: Any, place: Entry) -> Any:
    if not isinstance(value, Map):
        return value
    result = Seq((place[0], place[3], place[4]))
    result.open = value.open
    for test, variables in value.items():
        outer = value.at[test]
        if not isinstance(variables, Map):
            result.open = variables if isinstance(variables, Unknown) else result.open
            continue
        result.open = variables.open if result.open is None else result.open
        for variable, values in variables.items():
            at = variables.at[variable]
            condition = Map((at[0], at[1], at[4]))
            _put(condition, "test", test, (outer[0], outer[1], outer[1], outer[1], outer[2]))
            _put(condition, "variable", variable, (at[0], at[1], at[1], at[1], at[2]))
            _put(condition, "values", _listed(values, at), at)
            result.append(condition)
            result.at.append(at)
    return result
