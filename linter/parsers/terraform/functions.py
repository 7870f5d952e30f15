"""Calls of Terraform's functions: which are computed, how unknown arguments pass through, and which stay unknown.

Encodes "Built-in Functions" of the Terraform language. A family's functions are imported when one of them is called.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.terraform.arguments import Function
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.scope import Expr, Scope
from linter.parsers.terraform.values import STRING_LIMIT, Stop, Wrong, derived, over_budget
from linter.text import composed

_FAMILIES = {
    "numbers": "abs ceil floor log max min parseint pow signum sum",
    "text": "chomp endswith format formatlist indent join lower regex regexall replace split startswith strcontains "
    "strrev substr title trim trimprefix trimsuffix trimspace upper basename dirname",
    "lists": "chunklist coalesce coalescelist compact concat contains distinct element flatten index length list "
    "matchkeys one range reverse slice sort",
    "maps": "keys lookup map merge values zipmap",
    "sets": "alltrue anytrue setintersection setproduct setsubtract setunion transpose "
    "tobool tolist tomap tonumber toset tostring type nonsensitive sensitive issensitive ephemeralasnull",
    "encoding": "base64decode base64encode csvdecode jsondecode jsonencode textdecodebase64 textencodebase64 "
    "urlencode urldecode base64gunzip yamldecode yamlencode base64sha256 base64sha512 md5 sha1 sha256 sha512 uuidv5 "
    "formatdate timeadd timecmp",
    "network": "cidrcontains cidrhost cidrnetmask cidrsubnet cidrsubnets",
}
_RUN_TIME = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt", "rsadecrypt"})
_FILES = frozenset(
    {
        "file", "fileexists", "fileset", "filebase64", "filebase64sha256", "filebase64sha512", "filemd5", "filesha1",
        "filesha256", "filesha512", "templatefile", "templatestring",
    }
)  # fmt: skip
_NOT_COMPUTED = _FILES | {"abspath", "pathexpand", "base64gzip"}


@cache
def _family(name: str) -> dict[str, Function]:
    if name == "numbers":
        from linter.parsers.terraform import functions_numbers as numbers

        return numbers.FUNCTIONS
    if name == "text":
        from linter.parsers.terraform import functions_text as text

        return text.FUNCTIONS
    if name == "lists":
        from linter.parsers.terraform import functions_lists as lists

        return lists.FUNCTIONS
    if name == "maps":
        from linter.parsers.terraform import functions_maps as maps

        return maps.FUNCTIONS
    if name == "sets":
        from linter.parsers.terraform import functions_sets as sets

        return sets.FUNCTIONS
    if name == "encoding":
        from linter.parsers.terraform import functions_encoding as encoding

        return encoding.FUNCTIONS
    from linter.parsers.terraform import functions_network as network

    return network.FUNCTIONS


@cache
def find(name: str) -> Function | None:
    """The function of that name, None where it is not computed."""
    for family, names in _FAMILIES.items():
        if name in names.split():
            return _family(family)[name]
    return None


def names() -> list[str]:
    """Every function that is computed."""
    return [name for family in _FAMILIES.values() for name in family.split()] + ["can", "try"]


def call(node: Expr, scope: Scope) -> Any:
    """The value of a call expression. Raises Wrong, Stop."""
    _, start, end, name, arguments, expand = node
    if name.startswith("core::"):
        name = name[6:]
    if name == "try" and not expand:
        return _try(arguments, scope)
    if name == "can" and len(arguments) == 1:
        return _can(arguments[0], scope)
    values = [
        argument[3] if argument[0] == "lit" else scope.machine.evaluate(argument, scope) for argument in arguments
    ]
    if expand:
        last = values.pop()
        if isinstance(last, Unknown) or (isinstance(last, Seq) and last.open is not None):
            function = find(name)
            doubt = last if isinstance(last, Unknown) else first_unknown(last)
            assert doubt is not None
            return _partly(name, values, last, doubt, (scope.source, start, end), function)
        if not isinstance(last, Seq):
            raise Wrong("only a list can be expanded with ...")
        values.extend(last)
    function = find(name)
    if function is None:
        extra = scope.machine.extra.get(name)
        if extra is not None:
            return extra(values, scope, (scope.source, start, end))
        if name in _FILES and (scope.machine.files is not None or name == "templatestring"):
            from linter.parsers.terraform import functions_files as files

            scope.machine.spend(10)
            return files.call(name, values, scope, (scope.source, start, end))
        return _not_computed(name)
    scope.machine.spend(1 + len(values))
    return apply(name, function, values, (scope.source, start, end))


def apply(name: str, function: Function, values: list[Any], span: Span) -> Any:
    """The value of a function on values. Raises Wrong, Stop."""
    if len(values) < function.least or 0 <= function.most < len(values):
        raise Wrong(f"{name} does not take {len(values)} arguments")
    if function.strict:
        for value in values:
            if isinstance(value, (Unknown, Map, Seq)):
                doubt = first_unknown(value)
                if doubt is not None:
                    return derived(doubt, function.type, not_null=True)
    try:
        result = function.body([composed(value) if value.__class__ is str else value for value in values], span)
    except (ValueError, ArithmeticError) as error:
        # Lone surrogates, dates out of range and the like: what the standard library refuses, Terraform does too.
        raise Wrong(f"{name}: {error}") from None
    if isinstance(result, str):
        if len(result) > STRING_LIMIT:
            raise over_budget("a string of more than 1 MB")
        return composed(result)
    return result


def _partly(name: str, values: list[Any], last: Any, doubt: Unknown, span: Span, function: Function | None) -> Any:
    """A call whose expanded last argument has unknown elements: merge and concat give what is known, open."""
    if function is None:
        return _not_computed(name)
    if name in ("merge", "concat"):
        return apply(name, function, [*values, *(last if isinstance(last, Seq) else ()), doubt], span)
    return derived(doubt, function.type, not_null=True)


def _not_computed(name: str) -> Unknown:
    if name in _RUN_TIME:
        return Unknown("run-time", f"{name}()", type="string", not_null=True)
    if name in _NOT_COMPUTED:
        return Unknown("function", f"{name}()", not_null=True)
    if name.startswith("provider::"):
        return Unknown("function", f"{name}()")
    return Unknown("expression", f"{name}()", "there is no such function: correct its name")


def _try(arguments: tuple[Expr, ...], scope: Scope) -> Any:
    depth = scope.machine.depth
    for argument in arguments:
        try:
            return scope.machine.evaluate(argument, scope)
        except Wrong:
            scope.machine.depth = depth
    raise Wrong("no argument of try can be evaluated")


def _can(argument: Expr, scope: Scope) -> Any:
    try:
        value = scope.machine.evaluate(argument, scope)
    except Wrong:
        return False
    except Stop as stop:
        return derived(stop.unknown, "bool", not_null=True)
    return derived(value, "bool", not_null=True) if isinstance(value, Unknown) else True
