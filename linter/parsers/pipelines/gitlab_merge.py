"""How GitLab makes one configuration of several: deep merges, `extends`, `!reference`.

Encodes https://docs.gitlab.com/ci/yaml/yaml_optimization/ and https://docs.gitlab.com/ci/yaml/includes/: mappings merge
at any depth, anything else is replaced; `extends` at most eleven levels deep, the last parent winning; `!reference`
at most ten levels deep, looked up after all of that.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown, merge
from linter.trees import put

MAX_LEVELS = 11
MAX_REFERENCES = 10
MAX_CHAIN = 60
"""How far a chain of parents is followed at all."""
MAX_ENTRIES = 400_000
"""Entries that merging may set in one pipeline; a real one of ten thousand lines needs a tenth of it."""

Fault = tuple[Span, str]
_BUDGET = Unknown("budget", "the merged configuration", "make the jobs inherit less")


def deep_merge(base: Map, over: Map, left: list[int] | None = None) -> Map:
    """Both as one: where both have a mapping these merge, else what is over counts. Every entry keeps its place.

    left: entries that may still be set; once used up, what is over stands alone and says that something is missing.
    """
    if left is not None:
        left[0] -= len(base) + len(over)
        if left[0] < 0:
            alone = merge((over,), over.span)
            alone.open = _BUDGET
            return alone
    made = merge((base, over), over.span)
    for key in over.keys() & base.keys() if len(over) <= len(base) else base.keys() & over.keys():
        mine, theirs = over[key], base[key]
        if isinstance(mine, Map) and isinstance(theirs, Map):
            put(made, key, deep_merge(theirs, mine, left), over.at[key])
    return made


class Configuration:
    """One merged configuration whose jobs are worked out as they are asked for.

    raw: what the files say together. references: places (source index, start) of values tagged `!reference`. open: why
    more may belong to it than is here, None where all of it is. faults: what GitLab refuses, as (span, sentence).
    """

    __slots__ = ("_extended", "_left", "_levels", "faults", "open", "raw", "references")

    def __init__(self, raw: Map, references: frozenset[tuple[int, int]], open: Unknown | None) -> None:
        self.raw = raw
        self.references = references
        self.open = open
        self.faults: list[Fault] = []
        self._extended: dict[Any, Any] = {}
        self._levels: dict[Any, int] = {}
        self._left = [MAX_ENTRIES]

    def value(self, key: Any) -> Any:
        """What stands at a top-level key once `extends` and `!reference` are worked out; None where nothing does."""
        value = self.extended(key)
        return self._resolved(value, 0) if self.references else value

    def extended(self, key: Any) -> Any:
        """What stands at a top-level key with what it extends merged in."""
        if key not in self._extended:
            self._extended[key] = self._extend(key, ())
        return self._extended[key]

    def _extend(self, key: Any, chain: tuple[Any, ...]) -> Any:
        """chain: the keys whose parents are being worked out, so that none is its own."""
        value = self.raw.get(key)
        if not isinstance(value, Map) or "extends" not in value:
            return value
        if key in self._extended:
            return self._extended[key]
        made: Map | None = None
        why: Unknown | None = None
        level = 1
        for parent, at in _parents(value["extends"], value.at["extends"]):
            base = self._parent(parent, at, (*chain, key))
            level = max(level, self._levels.get(parent, 1) + 1)
            if isinstance(base, Map):
                made = base if made is None else deep_merge(made, base, self._left)
            elif isinstance(base, Unknown):
                why = base
        if level == MAX_LEVELS + 1:
            at = value.at["extends"]
            self._refuse((at[0], at[3], at[4]), f"`extends` is more than {MAX_LEVELS} levels deep")
        merged = merge((value,), value.span) if made is None else deep_merge(made, value, self._left)
        if why is not None and merged.open is None:
            merged.open = why
        self._levels[key] = level
        self._extended[key] = merged
        return merged

    def _parent(self, name: Any, entry: Entry, chain: tuple[Any, ...]) -> Any:
        span = (entry[0], entry[3], entry[4])
        if name in chain:
            return self._refuse(span, f"`extends` leads from `{name}` back to itself")
        if len(chain) > MAX_CHAIN:
            return self._refuse(span, f"`extends` is more than {MAX_LEVELS} levels deep")
        if name not in self.raw:
            if self.open is None:
                return self._refuse(span, f"`extends` names `{name}`, which is defined nowhere")
            return Unknown("remote-source", str(name), "it may be defined in a file that is not in the repository")
        return self._extend(name, chain)

    def _refuse(self, span: Span, message: str) -> Unknown:
        if (span, message) not in self.faults[-100:]:
            self.faults.append((span, message))
        return Unknown("expression", "extends", "correct it: GitLab refuses the whole file")

    def _is_reference(self, value: Any) -> bool:
        return isinstance(value, Seq) and (value.span[0], value.span[1]) in self.references

    def _resolved(self, value: Any, depth: int) -> Any:
        """A tree with what its references name in their place; itself where it holds none."""
        if self._is_reference(value):
            return self._target(value, depth)
        self._left[0] -= 1
        if self._left[0] < 0:
            return value
        if isinstance(value, Map):
            made = None
            for key, item in value.items():
                new = self._resolved(item, depth) if isinstance(item, (Map, Seq)) else item
                if new is not item:
                    made = merge((value,), value.span) if made is None else made
                    made[key] = new
            return value if made is None else made
        return self._listed(value, depth) if isinstance(value, Seq) else value

    def _listed(self, value: Seq, depth: int) -> Seq:
        items = [self._resolved(item, depth) if isinstance(item, (Map, Seq)) else item for item in value]
        if all(new is item for new, item in zip(items, value, strict=True)):
            return value
        made = Seq(value.span)
        made.extend(items)
        made.at.extend(value.at)
        return made

    def _target(self, reference: Seq, depth: int) -> Any:
        path = [str(word) for word in reference]
        subject = f"!reference [{', '.join(path)}]"
        if depth >= MAX_REFERENCES or self._left[0] < 0:
            return self._refuse(reference.span, f"`{subject[:80]}` is more than {MAX_REFERENCES} levels deep")
        value: Any = self.extended(path[0]) if path else None
        for word in path[1:]:
            if self._is_reference(value):
                value = self._target(value, depth + 1)
            value = value.get(word) if isinstance(value, Map) else None
        if value is None:
            if self.open is not None:
                return Unknown("remote-source", subject, "it may be defined in a file that is not in the repository")
            return self._refuse(reference.span, f"`{subject[:80]}` names nothing that is defined")
        return self._resolved(value, depth + 1)


def _parents(value: Any, entry: Entry) -> list[tuple[Any, Entry]]:
    if isinstance(value, Seq):
        return [(name, at) for name, at in zip(value, value.at, strict=True) if isinstance(name, (str, int))][:100]
    return [(value, entry)] if isinstance(value, (str, int)) else []
