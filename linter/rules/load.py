"""Rule files read, checked against the schema and compiled; every mistake is named with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

from linter.checks import CHECKS
from linter.conditions import ConditionError, compile_condition, segments
from linter.model import Map, Source
from linter.rules.model import Rule, RuleError, kinds_of, variants_of
from linter.syntax import yaml
from linter.syntax.written import offset_of, plain

EXAMPLE_KEYS = ("bad", "good")


def read_rule(path: str, text: str) -> tuple[Rule, dict[str, Any]]:
    """A rule file's text as a rule and its examples {'bad': […], 'good': […]}.

    The rule's id is the file's name. Raises RuleError naming path and line: not YAML, against rule.schema.json, an
    unknown operator, path, check or parameter.
    """
    written = document(path, text)
    data = plain(written)
    checked("rule", path, written, text, data)
    name = path.rsplit("/", 1)[-1].removesuffix(".yaml")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise RuleError(f"{path}:1: a rule file is named by its id in lower-case words joined by hyphens")
    try:
        rule = Rule(name, without_examples(data))
    except ConditionError as error:
        raise RuleError(f"{path}:{_line_naming(text, str(error))}: {error}") from error
    for spec in variants_of(data):
        _bind_check(path, text, spec)
    for spec in (data, *data.get("variants", ())):
        _bind_mend(path, text, spec.get("mend", {}))
    return rule, examples(data)


def document(path: str, text: str) -> Map:
    loaded = yaml.load(0, text, "1.2")
    source = Source(0, path, text)
    for problem in (*loaded.problems, *loaded.duplicates):
        raise RuleError(f"{path}:{source.position(problem.start)[0]}: {problem.message}")
    if len(loaded.documents) != 1 or not isinstance(loaded.documents[0].value, Map):
        raise RuleError(f"{path}:1: a rule file is one mapping")
    return loaded.documents[0].value


def without_examples(data: Mapping[str, Any]) -> dict[str, Any]:
    stripped = {key: value for key, value in data.items() if key not in EXAMPLE_KEYS}
    if "variants" in stripped:
        stripped["variants"] = [without_examples(spec) for spec in stripped["variants"]]
    return stripped


def examples(data: Mapping[str, Any]) -> dict[str, Any]:
    """{'bad': [{'kind': …, 'example': …}, …], 'good': …} over all variants, as JSON values."""
    return {
        key: [
            {"kind": next(iter(kinds_of(spec)), ""), "example": example}
            for spec in variants_of(data)
            for example in spec.get(key, [])
        ]
        for key in EXAMPLE_KEYS
    }


def checked(kind: str, path: str, written: Map, text: str, data: Any) -> None:
    """Raises RuleError, naming path and line, where `data` does not fit the schema of its kind ('rule', 'framework')."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    from linter.schemas import schema

    error = best_match(Draft202012Validator(schema(kind)).iter_errors(data))
    if error is not None:
        steps = list(error.absolute_path)
        line = Source(0, path, text).position(offset_of(written, steps))[0]
        raise RuleError(f"{path}:{line}: {'.'.join(map(str, steps)) or f'the {kind}'}: {error.message}")


def _line_naming(text: str, message: str) -> int:
    """The line of the word a message quotes, else 1."""
    for word in re.findall(r"'([^']+)'| at (\S+?);", message):
        quoted = next(filter(None, word))
        offset = text.find(quoted)
        if offset >= 0:
            return text.count("\n", 0, offset) + 1
    return 1


def _bind_check(path: str, text: str, spec: Mapping[str, Any]) -> None:
    if "check" in spec:
        _bind(path, text, ("check", spec["check"]), CHECKS, spec.get("with", {}))


def _bind_mend(path: str, text: str, spec: Mapping[str, Any]) -> None:
    from linter.fixes.mend import MENDERS

    try:
        for key in ("safe", "where"):
            if isinstance(spec.get(key), Mapping):
                compile_condition(spec[key])
        for each in (*spec.get("set", ()), *spec.get("remove", ())):
            segments(each)
        for pattern in spec.get("replace", ()):
            re.compile(pattern)
    except (ValueError, re.error) as error:
        raise RuleError(f"{path}:{_line_naming(text, str(error))}: mend: {error}") from error
    if "by" in spec:
        _bind(path, text, ("by", spec["by"]), MENDERS, spec.get("with", {}))


def _bind(path: str, text: str, named: tuple[str, str], table: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Raises RuleError where a table has no such function, or the function takes other parameters."""
    what, name = named
    line = _line_naming(text, f"'{what}: {name}'")
    if name not in table:
        raise RuleError(f"{path}:{line}: unknown {what} {name!r}; there are {', '.join(sorted(table))}")
    module, _, function = table[name].partition(":")
    taken = signature(getattr(import_module(module), function)).parameters
    allowed = {key for key, parameter in taken.items() if parameter.kind is Parameter.KEYWORD_ONLY}
    required = {key for key in allowed if taken[key].default is Parameter.empty}
    given = set(values)
    if given - allowed or required - given - {"kind"}:
        raise RuleError(
            f"{path}:{line}: {what} {name!r} takes {', '.join(sorted(allowed)) or 'no parameters'}, "
            f"not {', '.join(sorted(given)) or 'nothing'}"
        )
