"""IAM policy statements, wherever Terraform writes them, in one shape: kind `terraform/policy_statement`.

Encodes the grammar of the IAM JSON policy language and the aws_iam_policy_document data source. A statement's body has
effect (str), actions, not_actions, resources, not_resources (Seq of str), principals, not_principals (Seq of
Map{type, identifiers}), conditions (Seq of Map{test, variable, values}) and sid, each only where it is written, with
the place it is written at. A policy that is not known gives one statement whose body is open. Context: `owner`.

A policy document's statements are judged where they are written, once, however many policies use the document: also
those it takes from the texts of `source_policy_documents` and `override_policy_documents`, and not those that an
override replaces by their sid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Unknown, handle
from linter.parsers.terraform.bodies import names_in
from linter.parsers.terraform.instances import Key
from linter.parsers.terraform.json_text import EncodedUnknown
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.scope import Scope
from linter.trees import put

KIND = "terraform/policy_statement"
_ATTRIBUTES = (
    "policy", "assume_role_policy", "access_policies", "access_policy", "inline_policy", "resource_policy",
    "key_policy", "repository_policy", "policy_document",
)  # fmt: skip
_CONTENT = {"terraform/aws_organizations_policy": "content"}
_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_NOT_IAM = ("lifecycle", "autoscaling", "dlm", "_scaling_policy", "aws_iot_topic", "core_network")
_LISTS = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources", "NotResource": "not_resources"}
_BLOCKS = {
    "sid": "sid", "effect": "effect", "actions": "actions", "not_actions": "not_actions", "resources": "resources",
    "not_resources": "not_resources", "principals": "principals", "not_principals": "not_principals",
    "condition": "conditions",
}  # fmt: skip


def statements(resource: Resource, module: Module | None, item: Item | None, key: Key = None) -> Iterator[Resource]:
    """The statements of a policy document, or of a resource's policy arguments.

    module, item: where the texts are written, None where only values are known (a plan). key: of the block's instance.
    """
    written = _Written(module, item, key)
    if resource.kind == "terraform/data.aws_iam_policy_document":
        yield from _of_document(resource, _overridden(module, item))
        yield from _of_texts(resource, written)
        return
    if not resource.kind.startswith("terraform/aws_") or any(word in resource.kind for word in _NOT_IAM):
        return
    special = _CONTENT.get(resource.kind)
    for name in _ATTRIBUTES if special is None else (special,):
        if name not in resource.body:
            continue
        value = resource.body[name]
        if isinstance(value, Seq):
            yield from _of_blocks(resource, written, name, value)
        elif value is not None and not (item is not None and type(value) is str and _elsewhere(resource, name)):
            yield from _of_value(resource, value, *written.argument(name), written, name, resource.body.at[name])


class _Written:
    """Where a block's expressions are: none in a plan."""

    __slots__ = ("item", "key", "module", "scopes")

    def __init__(self, module: Module | None, item: Item | None, key: Key) -> None:
        self.module = module
        self.item = item
        self.key = key
        self.scopes: dict[int, Scope] | None = None

    def argument(self, name: str) -> tuple[Any, Scope | None]:
        """The expression of an argument and where it stands."""
        found = self.item.attributes.get(name) if self.item is not None else None
        return (found[1].expr, self.scope(found[0])) if found is not None else (None, None)

    def block(self, name: str, number: int) -> tuple[Any, Scope | None]:
        """The expression of `policy` in a block."""
        blocks = self.item.blocks(name) if self.item is not None else []
        if number >= len(blocks) or blocks[number][1].type != name:
            return None, None
        source, syntax = blocks[number]
        node = next((attribute.expr for attribute in syntax.body.attributes if attribute.name == "policy"), None)
        return node, self.scope(source)

    def scope(self, source: int) -> Scope | None:
        if self.scopes is None and self.module is not None and self.item is not None:
            self.scopes = self.module.item_scopes(self.item, self.key)
        return self.scopes[source] if self.scopes is not None else None


def _of_texts(resource: Resource, written: _Written) -> Iterator[Resource]:
    """The statements a document takes from texts that are no documents themselves."""
    for name in _MERGED:
        value = resource.body.get(name)
        if value is None and not isinstance(value, Unknown):
            continue
        node, scope = written.argument(name)
        if isinstance(value, Seq):
            items = node[3] if node is not None and node[0] == "tuple" and len(node[3]) == len(value) else ()
            for number, text in enumerate(value):
                inner = items[number] if items else None
                path = f"{name}[{number}]"
                if isinstance(text, (str, EncodedUnknown)) or not _elsewhere(resource, name):
                    yield from _of_value(resource, text, inner, scope, written, path, value.at[number])
        elif isinstance(value, (str, Unknown)):
            yield from _of_value(resource, value, node, scope, written, name, resource.body.at[name])


def _overridden(module: Module | None, item: Item | None) -> frozenset[str]:
    """The sids that documents named in override_policy_documents write anew."""
    found = item.attributes.get("override_policy_documents") if item is not None else None
    if found is None or module is None or found[1].expr[0] != "tuple":
        return frozenset()
    sids: set[str] = set()
    for node in found[1].expr[3]:
        name = names_in(node, module.scope(found[0]))
        key = ".".join(name.split(".")[:3]).partition("[")[0] if isinstance(name, str) else ""
        other = module.folder.index.get(key) if key.startswith("data.aws_iam_policy_document.") else None
        listed = module.whole(other).get("statement") if other is not None and other is not item else None
        for statement in listed if isinstance(listed, Seq) else ():
            sid = statement.get("sid") if isinstance(statement, Map) else None
            if isinstance(sid, str) and sid:
                sids.add(sid)
    return frozenset(sids)


def _of_blocks(resource: Resource, written: _Written, name: str, blocks: Seq) -> Iterator[Resource]:
    """`inline_policy { policy = … }`."""
    for number, block in enumerate(blocks):
        if isinstance(block, Map) and block.get("policy") is not None:
            path = name if len(blocks) == 1 else f"{name}[{number}]"
            node, scope = written.block(name, number)
            yield from _of_value(resource, block["policy"], node, scope, written, path, block.at["policy"])


def _of_value(
    resource: Resource, value: Any, node: Any, scope: Scope | None, written: _Written, path: str, entry: Entry
) -> Iterator[Resource]:
    from linter.parsers.terraform.policy_text import document

    tree = document(value, node, written.module, scope, (entry[0], entry[3], entry[4]))
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


def _of_document(resource: Resource, replaced: frozenset[str]) -> Iterator[Resource]:
    listed = resource.body.get("statement")
    if not isinstance(listed, Seq):
        return
    for number, statement in enumerate(listed):
        entry = listed.at[number]
        if not isinstance(statement, Map):
            yield _unread(resource, "statement", Unknown("expression", "a policy statement"), entry, number)
            continue
        sid = statement.get("sid")
        if isinstance(sid, str) and sid in replaced:
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
            put(body, _LISTS[key], _listed(value, place), place)
        elif key == "Sid" or key == "Effect":
            put(body, key.lower(), value, place)
        elif key == "Principal" or key == "NotPrincipal":
            put(body, "principals" if key == "Principal" else "not_principals", _principals(value, place), place)
        elif key == "Condition":
            put(body, "conditions", _conditions(value, place), place)
    return body


def _listed(value: Any, place: Entry) -> Any:
    """A single value as the list of it."""
    if isinstance(value, Seq) or value is None or (isinstance(value, Unknown) and value.type != "string"):
        return value
    result = Seq((place[0], place[3], place[4]))
    result.append(value)
    result.at.append((place[0], place[3], place[3], place[3], place[4]))
    return result


def _principals(value: Any, place: Entry) -> Any:
    """ "*" means everyone: a principal of type * as the data source writes it.

    A list where the grammar wants a mapping is read as one of AWS principals, which it is meant for.
    """
    result = Seq((place[0], place[3], place[4]))
    if isinstance(value, (str, Seq)):
        everyone = Map(result.span)
        inner = (place[0], place[3], place[3], place[3], place[4])
        put(everyone, "type", value if isinstance(value, str) else "AWS", inner)
        put(everyone, "identifiers", _listed(value, place), inner)
        result.append(everyone)
        result.at.append(inner)
        return result
    if not isinstance(value, Map):
        return value
    result.open = value.open
    for kind, identifiers in value.items():
        at = value.at[kind]
        principal = Map((at[0], at[1], at[4]))
        put(principal, "type", kind, (at[0], at[1], at[1], at[1], at[2]))
        put(principal, "identifiers", _listed(identifiers, at), at)
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
            put(condition, "test", test, (outer[0], outer[1], outer[1], outer[1], outer[2]))
            put(condition, "variable", variable, (at[0], at[1], at[1], at[1], at[2]))
            put(condition, "values", _listed(values, at), at)
            result.append(condition)
            result.at.append(at)
    return result
