"""What an IAM policy is for: whose rights it says, or who may reach what it is attached to.

Encodes "Policies and permissions in AWS IAM": identity-based, resource-based, trust, service control and endpoint
policies. A policy document is for what refers to it, directly or through other documents.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Estate, Map, Resource, Seq

DOCUMENTS = ("terraform/data.aws_iam_policy_document", "terraform/data.google_iam_policy")
_DEEPEST = 8
_IDENTITY = frozenset(
    (
        "terraform/aws_iam_policy", "terraform/aws_iam_role_policy", "terraform/aws_iam_user_policy",
        "terraform/aws_iam_group_policy", "terraform/aws_iam_role", "terraform/aws_transfer_user",
        "terraform/aws_transfer_access", "terraform/aws_ssoadmin_permission_set_inline_policy",
    )
)  # fmt: skip
_ENDPOINTS = ("terraform/aws_vpc_endpoint", "terraform/aws_vpc_endpoint_policy")


def users(statement: Resource, estate: Estate) -> list[str]:
    """The kind a part belongs to; for a policy document the kinds of what it is the policy of."""
    owner = statement.outermost
    if owner.kind not in DOCUMENTS:
        return [owner.kind]
    return list(dict.fromkeys(user.kind for user, _ in _uses(owner, estate))) or [owner.kind]


def roles(statement: Resource, estate: Estate) -> list[str]:
    """`identity`, `resource`, `trust`, `organization`, `endpoint`: all that a statement's policy is used as.

    Of a document that nothing refers to, what its statement is written for: it names principals or it does not.
    """
    owner = statement.owner
    if owner is None:
        return []
    if owner.kind not in DOCUMENTS:
        return [_role(owner.kind, statement.address.removeprefix(owner.address + ":"))]
    found = list(dict.fromkeys(_role(user.kind, path) for user, path in _uses(owner, estate)))
    return found or [_meant(statement.body)]


def _role(kind: str, path: str) -> str:
    if path.startswith("assume_role_policy"):
        return "trust"
    if kind in _IDENTITY:
        return "identity"
    if kind in _ENDPOINTS:
        return "endpoint"
    return "organization" if kind == "terraform/aws_organizations_policy" else "resource"


def _meant(body: Map) -> str:
    if "principals" not in body and "not_principals" not in body:
        return "identity"
    actions = body.get("actions")
    names = [name for name in actions if isinstance(name, str)] if isinstance(actions, Seq) else []
    return "trust" if names and all(name.lower().startswith("sts:assumerole") for name in names) else "resource"


def _uses(document: Resource, estate: Estate) -> Iterator[tuple[Resource, str]]:
    """What refers to a document as a policy, and where."""
    level = [document]
    for _ in range(_DEEPEST):
        above: list[Resource] = []
        for each in level:
            for link in estate.incoming.get(id(each), ()):
                if ("polic" in link.path or link.path == "content") and link.source.owner is None:
                    if link.source.kind in DOCUMENTS:
                        above.append(link.source)
                    else:
                        yield link.source, link.path
        level = above
