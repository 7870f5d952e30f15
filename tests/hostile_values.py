"""What parsers, links and rules never expect: one value of an example replaced by what the repository does not
determine, or by a value of another type.

A mutation names an artifact, the number of a place in what its syntax read, and the value that stands there then; texts
that have no tree of values (Dockerfiles, Jenkinsfiles, Markdown…) are changed word by word before they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from linter.model import Map, Problem, Seq, Source, Unknown
from linter.parsers import READERS
from linter.syntax import hcl
from linter.syntax.hcl_tree import Attribute, Body, Expr
from linter.syntax.yaml_reader import Loaded

REMOVED = object()
"""Stands for no value at all: the entry goes."""
NOWHERE = (0, 0, 0)


def sequence(*items: Any) -> Seq:
    made = Seq(NOWHERE)
    made.extend(items)
    made.at.extend((0, 0, 0, 0, 0) for _ in items)
    return made


def mapping(**items: Any) -> Map:
    made = Map(NOWHERE)
    made.update(items)
    made.at.update(dict.fromkeys(items, (0, 0, 0, 0, 0)))
    return made


DECIDED_ELSEWHERE = (
    "${{ inputs.x }}",
    "${{ parameters.x }}",
    "$X",
    "${X}",
    "$(x)",
    "$[[ inputs.x ]]",
    "{{ .Values.x }}",
)
"""How the formats of YAML say that a value comes from elsewhere."""
UNDETERMINED = Unknown("expression", "*x")
"""What the reader of YAML makes of an alias without its anchor; an overlay and a template's parameter leave alike."""
VALUES: tuple[Any, ...] = (
    UNDETERMINED, Unknown("run-time", "y", type="string", prefix="a", not_null=True, not_empty=True), *DECIDED_ELSEWHERE,
    REMOVED, None, "", "x y", "\0", "\u00b2", "9" * 5000, True, 0, -1, 1.5, 10**30, float("nan"), float("inf"),
    sequence(), sequence(None), sequence("a", 1), sequence(sequence()), sequence(mapping(name=1)),
    mapping(), mapping(name=None), mapping(a=mapping(b="c")),
)  # fmt: skip
WORDS = ("", "$X", "${X", '"', "{{ x }}", "9" * 40, "-", "\u2603", "\u00b2", "9" * 5000, "\0", "a\nb")
_VARIABLE = 'variable "opslint_unknown" {}\n'
EXPRESSIONS = (
    "var.opslint_unknown", "null", '""', "0", "-1", "1e30", "true", '"\u00b2"', '"' + "9" * 4200 + '"', "[]", "[null]",
    '["a", 1]', "[[]]", "{}", "{ a = null }", "[{ name = 1 }]", '"a${var.opslint_unknown}"', "[var.opslint_unknown]",
    "{ name = var.opslint_unknown }", "merge(var.opslint_unknown, {})", "concat(var.opslint_unknown, [])",
)  # fmt: skip


class Mutation(NamedTuple):
    """path: of the artifact. number: of the place in it. value: index into what may stand there."""

    path: str
    number: int
    value: int


def choices(format: str) -> int:
    """How many values may stand in the places of an artifact."""
    return len(VALUES if format in _LOADED else EXPRESSIONS if format in _BODIES else WORDS)


def undetermines(format: str) -> bool:
    """Whether the first of them is one that nothing determines."""
    return format in _LOADED or format in _BODIES


_BODIES = frozenset(("terraform", "tfvars", "terragrunt"))
_LOADED = frozenset(
    name for name, read in READERS.items() if read.__name__ in ("_yaml", "_workflow", "_gitlab", "_json")
)


def places(format: str, source: Source) -> int:
    """How many places an artifact has."""
    if format in _LOADED:
        return len(list(_slots(READERS[format](source)[0])))
    if format in _BODIES:
        return len(list(_expressions(READERS[format](source)[0])))
    return len(_words(source.text))


def _words(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"[^\s\"'=:,;()\[\]{}]+|[\"'=:,;()\[\]{}]", text))


def _slots(loaded: Loaded) -> Iterator[tuple[Any, Any]]:
    """(collection, key or index) of everything below the documents."""
    pending = [document.value for document in loaded.documents]
    while pending:
        value = pending.pop()
        if isinstance(value, (Map, Seq)):
            for key in list(value) if isinstance(value, Map) else range(len(value)):
                yield value, key
                pending.append(value[key])


def _put(loaded: Loaded, number: int, value: Any) -> Loaded:
    holder, key = list(_slots(loaded))[number]
    if value is not REMOVED:
        holder[key] = value
    else:
        del holder[key]
        if isinstance(holder.at, list) or key in holder.at:
            del holder.at[key]
    return loaded


def _expressions(body: Body) -> Iterator[tuple[Body, int, tuple[int, ...]]]:
    """(body, number of the attribute, steps into its expression) of every value written in it."""
    for number, attribute in enumerate(body.attributes):
        yield from ((body, number, steps) for steps in _steps(attribute.expr))
    for block in body.blocks:
        yield from _expressions(block.body)


def _steps(expr: Expr) -> Iterator[tuple[int, ...]]:
    yield ()
    if expr[0] in ("tuple", "object", "call"):
        at = {"tuple": 3, "object": 3, "call": 4}[expr[0]]
        for number, item in enumerate(expr[at]):
            inner, first = (item[1], (at, number, 1)) if expr[0] == "object" else (item, (at, number))
            yield from ((*first, *rest) for rest in _steps(inner))


def _with(expr: Any, steps: tuple[int, ...], new: Expr) -> Any:
    if not steps:
        return (new[0], expr[1], expr[2], *new[3:])
    changed = list(expr)
    changed[steps[0]] = _with(expr[steps[0]], steps[1:], new)
    return tuple(changed)


def _express(body: Body, number: int, text: str) -> Body:
    holder, at, steps = list(_expressions(body))[number]
    attribute = holder.attributes[at]
    holder.attributes[at] = Attribute(*attribute[:3], _with(attribute.expr, steps, hcl.parse_expression(text, 0)))
    body.blocks.extend(hcl.parse(body.source, _VARIABLE).blocks)
    return body


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """While it lasts, the artifact is read with another value at its place."""

    def changing(format: str, read: Callable[[Source], tuple[Any, list[Problem]]]) -> Callable[[Source], Any]:
        def changed(source: Source) -> tuple[Any, list[Problem]]:
            if source.path != mutation.path:
                return read(source)
            if format in _LOADED:
                tree, problems = read(source)
                return _put(tree, mutation.number, VALUES[mutation.value]), problems
            if format in _BODIES:
                tree, problems = read(source)
                return _express(tree, mutation.number, EXPRESSIONS[mutation.value]), problems
            word = _words(source.text)[mutation.number]
            source.text = source.text[: word.start()] + WORDS[mutation.value] + source.text[word.end() :]
            return read(source)

        return changed

    with patch.dict(READERS, {format: changing(format, read) for format, read in READERS.items()}):
        yield
