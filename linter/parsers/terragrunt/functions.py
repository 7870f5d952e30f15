"""Terragrunt's own functions, by the context they are called in.

Encodes "Built-in functions" of Terragrunt's documentation. Nothing is run, fetched, decrypted or taken from the
process: what depends on that is unknown, by name.
"""

from __future__ import annotations

from posixpath import dirname, relpath
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.terraform import functions as terraform
from linter.parsers.terraform.evaluate import guarded, machine
from linter.parsers.terraform.scope import Extra, Machine, Scope
from linter.parsers.terraform.values import Wrong, derived
from linter.parsers.terragrunt import merging
from linter.parsers.terragrunt.config import Config
from linter.parsers.terragrunt.paths import absolute, below
from linter.syntax.hcl import Body

_VARS = ("apply", "console", "destroy", "import", "plan", "push", "refresh")
_INPUT = ("apply", "import", "init", "plan", "refresh")
_LOCKING = ("apply", "destroy", "import", "init", "plan", "refresh", "taint", "untaint")
_PARALLEL = ("apply", "plan", "destroy")


def _config(scope: Scope) -> Config:
    if not isinstance(scope.resolver, Config):
        raise Wrong("a function of Terragrunt outside of its configurations")
    return scope.resolver


def _text(values: list[Any], index: int, name: str) -> str:
    value = values[index] if index < len(values) else None
    if not isinstance(value, str):
        raise Wrong(f"{name} takes a string")
    return value


def _find(values: list[Any], scope: Scope, span: Span) -> Any:
    """The first file or folder of that name above the configuration's folder."""
    config = _config(scope)
    name = _text(values, 0, "find_in_parent_folders") if values and values[0] != "" else ""
    folder = config.home
    while folder:
        folder = dirname(folder)
        for each in (name,) if name else ("terragrunt.hcl", "terragrunt.hcl.json"):
            path = f"{folder}/{each}" if folder else each
            if config.files.exists(path):
                return absolute(path)
    if len(values) > 1:
        return values[1]
    raise Wrong(f"there is no {name or 'terragrunt.hcl'} above {config.home or '.'}")


def _read(values: list[Any], scope: Scope, span: Span) -> Any:
    """Another configuration as a mapping. Its own paths are its folder's."""
    config = _config(scope)
    path = below(_text(values, 0, "read_terragrunt_config"), config.home)
    if path is None or path not in config.files.artifacts:
        if len(values) > 1:
            return values[1]
        if path is None or config.files.exists(path):
            return Unknown("expression", f"read_terragrunt_config({values[0]!r})", "put the file below the root")
        raise Wrong(f"there is no file {path}")
    known = config.files.read.get(path)
    if known is None:
        config.files.read[path] = merging.opened(span, Unknown("expression", f"{path} reads itself", "break the cycle"))
        try:
            other = Config(config.files, config.machine, path)
            other.original, other.values = config.original, config.values
            known = other.whole()
        finally:
            del config.files.read[path]
        if "original_terragrunt_dir" not in config.files.artifacts[path].source.text and config.values is None:
            config.files.read[path] = known
    return known


def _related(values: list[Any], scope: Scope, name: str) -> tuple[Config, str]:
    """The configuration, and the folder of the include that a path function speaks of."""
    config = _config(scope)
    if config.child is not None:
        return config, dirname(config.path)
    includes = config.includes()
    if values:
        wanted = _text(values, 0, name)
        includes = [include for include in includes if include.name == wanted]
        if not includes:
            raise Wrong(f"there is no include {wanted!r}")
    elif len(includes) > 1:
        raise Wrong(f"{name} needs the name of an include")
    if not includes:
        return config, config.home
    if includes[0].config is None:
        raise Wrong(f"the include {includes[0].name!r} is not known")
    return config, dirname(includes[0].config.path)


def _to_include(values: list[Any], scope: Scope, span: Span) -> Any:
    config, parent = _related(values, scope, "path_relative_to_include")
    return relpath(config.home or ".", parent or ".")


def _from_include(values: list[Any], scope: Scope, span: Span) -> Any:
    config, parent = _related(values, scope, "path_relative_from_include")
    return relpath(parent or ".", config.home or ".")


def _parent_dir(values: list[Any], scope: Scope, span: Span) -> Any:
    return absolute(_related(values, scope, "get_parent_terragrunt_dir")[1])


def _env(values: list[Any], scope: Scope, span: Span) -> Any:
    name = _text(values, 0, "get_env")
    if len(values) > 1:
        return values[1]
    return Unknown("missing-input", f"get_env({name!r})", "give get_env a default", type="string", not_null=True)


def _tfvars(values: list[Any], scope: Scope, span: Span) -> Any:
    """A file of variables as JSON."""
    config = _config(scope)
    path = below(_text(values, 0, "read_tfvars_file"), config.home)
    artifact = config.files.workspace.artifacts.get(path) if path is not None else None
    if artifact is None:
        raise Wrong(f"there is no file {values[0]!r}")
    config.files.used.add(artifact.path)
    if not isinstance(artifact.tree, Body):
        return artifact.source.text
    table = Map((artifact.source.index, 0, 0))
    scope = Scope(config.machine, None, artifact.source.index, {})
    for name, start, end, expr in artifact.tree.attributes:
        table[name] = guarded(expr, scope)
        table.at[name] = (artifact.source.index, start, end, expr[1], expr[2])
    encode = terraform.find("jsonencode")
    assert encode is not None
    return terraform.apply("jsonencode", encode, [table], span)


def _file(values: list[Any], scope: Scope, span: Span) -> Any:
    """The text of a file that has been read; relative to the folder of the file that says so."""
    config = _config(scope)
    path = below(_text(values, 0, "file"), dirname(config.path))
    artifact = config.files.workspace.artifacts.get(path) if path is not None else None
    if artifact is not None:
        return artifact.source.text
    if path is not None and not config.files.exists(path):
        raise Wrong(f"there is no file {path}")
    return Unknown("function", "file()", type="string", not_null=True)


def _exists(values: list[Any], scope: Scope, span: Span) -> Any:
    config = _config(scope)
    path = below(_text(values, 0, "fileexists"), dirname(config.path))
    if path is None:
        return Unknown("run-time", "fileexists()", type="bool", not_null=True)
    return path in config.files.paths


def _deep_merge(values: list[Any], scope: Scope, span: Span) -> Any:
    result = values[0] if values else Map(span)
    for value in values[1:]:
        result = merging.deep(result, value)
    return result


def _words(words: tuple[str, ...]) -> Extra:
    def listed(values: list[Any], scope: Scope, span: Span) -> Any:
        result = Seq(span)
        result.extend(words)
        source, start, end = span
        result.at.extend([(source, start, start, start, end)] * len(words))
        return result

    return listed


def _unknown(name: str, type: str = "string") -> Extra:
    return lambda values, scope, span: Unknown("run-time", f"{name}()", type=type, not_null=bool(type))


def _strict(function: Extra) -> Extra:
    """Unknown where an argument is, but for defaults, which may never be asked for."""

    def strict(values: list[Any], scope: Scope, span: Span) -> Any:
        if values and isinstance(values[0], Unknown):
            return derived(values[0])
        scope.machine.spend(20)
        return function(values, scope, span)

    return strict


FUNCTIONS: dict[str, Extra] = {
    "find_in_parent_folders": _strict(_find),
    "read_terragrunt_config": _strict(_read),
    "path_relative_to_include": _strict(_to_include),
    "path_relative_from_include": _strict(_from_include),
    "get_parent_terragrunt_dir": _strict(_parent_dir),
    "get_terragrunt_dir": lambda values, scope, span: absolute(_config(scope).home),
    "get_original_terragrunt_dir": lambda values, scope, span: absolute(_config(scope).original),
    "get_repo_root": lambda values, scope, span: absolute(""),
    "get_path_from_repo_root": lambda values, scope, span: _config(scope).home or ".",
    "get_path_to_repo_root": lambda values, scope, span: relpath(".", _config(scope).home or "."),
    "get_env": _strict(_env),
    "file": _strict(_file),
    "fileexists": _strict(_exists),
    "read_tfvars_file": _strict(_tfvars),
    "mark_as_read": _strict(lambda values, scope, span: values[0] if values else None),
    "deep_merge": _strict(_deep_merge),
    "get_terraform_commands_that_need_vars": _words(_VARS),
    "get_terraform_commands_that_need_input": _words(_INPUT),
    "get_terraform_commands_that_need_locking": _words(_LOCKING),
    "get_terraform_commands_that_need_parallelism": _words(_PARALLEL),
    "get_terragrunt_source_cli_flag": lambda values, scope, span: "",
    **{
        name: _unknown(name)
        for name in (
            "run_cmd", "sops_decrypt_file", "get_aws_account_id", "get_aws_account_alias", "get_aws_caller_identity_arn",
            "get_aws_caller_identity_user_id", "get_platform", "get_working_dir", "get_terraform_command",
        )
    },
    "get_terraform_cli_args": _unknown("get_terraform_cli_args", "list"),
    "get_default_retryable_errors": _unknown("get_default_retryable_errors", "list"),
    "constraint_check": _unknown("constraint_check", "bool"),
}  # fmt: skip


def budget() -> Machine:
    """A fresh budget for one unit, with Terragrunt's functions."""
    found = machine()
    found.extra = FUNCTIONS
    return found
