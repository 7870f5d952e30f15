"""Keys and elements of Azure Pipelines' templates that are directives, and how what they bring is put together.

Encodes https://learn.microsoft.com/azure/devops/pipelines/process/template-expressions (conditional and iterative insertion).
"""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Unknown, concatenate, merge
from linter.trees import as_map, put


def is_directive(key: Any) -> bool:
    return isinstance(key, str) and key[1:3] == "{{" and directive(key)[0] != ""


_DIRECTIVES = ("elseif", "else", "each", "insert", "if")


def directive(key: str) -> tuple[str, str]:
    """(`if`, `elseif`, `else`, `each` or `insert`, what follows) of a key; '' where it is none."""
    written = key.strip()
    if written[1:3] != "{{" or not written.endswith("}}"):
        return "", ""
    inner = written[3:-2].strip()
    for word in _DIRECTIVES:
        rest = inner[len(word) :]
        if inner.startswith(word) and (not rest or not (rest[0].isalnum() or rest[0] in "_-.")):
            return word, rest.strip()
    return "", ""


def branching(item: Map) -> bool:
    """Whether directives in a list's element bring elements each, and are not parts of one mapping."""
    if any(isinstance(body, Map) for body in item.values()):
        words = [directive(key)[0] for key in item]
        return words.count("if") <= 1 and "each" not in words and "insert" not in words
    return True


def pair(values: Map, key: Any) -> Map:
    """What `each` binds for an entry of a mapping: {key, value}."""
    source, start, end, first, last = values.at.get(key) or (values.span[0], *(values.span[1],) * 4)
    made = Map((source, start, last))
    put(made, "key", key, (source, start, start, start, end))
    put(made, "value", values[key], (source, first, first, first, last))
    return made


def as_list(variables: Map) -> Seq:
    made = Seq(variables.span)
    for name, value in variables.items():
        source, start, end, first, last = variables.at[name]
        item = Map((source, start, last))
        put(item, "name", name, (source, start, start, start, end))
        put(item, "value", value, (source, first, first, first, last))
        made.append(item)
        made.at.append((source, start, start, start, last))
    return made


def join(made: Map, new: Map, uncertain: bool) -> None:
    """Entries that a directive brings. Where two branches may both hold, lists of both stay; values that differ are unknown."""
    for key, value in new.items():
        old = made.get(key)
        if uncertain and key in made:
            if isinstance(old, Seq) and isinstance(value, Seq):
                value = concatenate((old, value), made.span)
            elif isinstance(old, Map) and isinstance(value, Map):
                both = merge((old,), old.span)
                join(both, value, True)
                value = both
            elif not _same(old, value):
                value = Unknown("missing-input", str(key), "give the parameters that decide it")
        put(made, key, value, new.at[key])


def _same(one: Any, other: Any) -> bool:
    plain = (str, int, float, bool)
    return isinstance(one, plain) and isinstance(other, plain) and one == other


_TELLING = (
    ("stages", frozenset(("stage",))),
    ("jobs", frozenset(("job", "deployment"))),
    ("steps", frozenset(("script", "bash", "pwsh", "powershell", "task", "checkout"))),
)


def handed(item: Map) -> Map:
    """The stages, jobs and steps that a template which is not in the tree is given as parameters: it puts them somewhere."""
    made = Map(item.span)
    given = as_map(item.get("parameters"))
    for name, value in given.items():
        for section, words in _TELLING:
            if isinstance(value, Seq) and any(isinstance(each, Map) and not words.isdisjoint(each) for each in value):
                old = made.get(section)
                put(made, section, value if old is None else concatenate((old, value), value.span), given.at[name])
                break
    return made
