"""Azure Pipelines' templates expanded: `${{ }}` in values, `if`, `elseif`, `else`, `each` and `insert` as keys, includes.

Encodes https://learn.microsoft.com/azure/devops/pipelines/process/template-expressions. A condition that the tree does not
decide keeps what stands under it, marked with a Guard; nothing is dropped but what is certainly not there. Depth, values
and includes are bounded; over budget is unknown, and told.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Unknown, merge
from linter.parsers.pipelines.azure_directives import as_list, branching, directive, handed, is_directive, join, pair
from linter.parsers.pipelines.azure_expressions import parse
from linter.parsers.pipelines.azure_files import Files
from linter.parsers.pipelines.azure_found import Found
from linter.parsers.pipelines.azure_scope import Guard, Scope, parameters_of
from linter.parsers.pipelines.azure_values import MAX_TEXT, evaluate, text, truth, unknown
from linter.parsers.pipelines.expressions import Expression, find
from linter.trees import put

SECTIONS = frozenset(("stages", "jobs", "steps", "variables"))
MAX_DEPTH, MAX_VALUES, MAX_INCLUDES, MAX_NESTED = 150, 200_000, 2_000, 100
"""Levels of YAML over all nested files, values that a pipeline may expand to, includes, and how deep they nest."""

_BUDGET = Unknown("budget", "a template", "include fewer templates or repeat less")


class Expander:
    """Expands one pipeline with all templates it includes."""

    __slots__ = ("depth", "files", "found", "included", "left")

    def __init__(self, files: Files) -> None:
        self.files = files
        self.found = Found()
        self.left = MAX_VALUES
        self.included = 0
        self.depth = 0

    def file(self, root: Map, scope: Scope) -> Map:
        """A whole file without its `parameters`; what it extends comes first."""
        body = self._map(root, scope, None, ("parameters",))
        extends = body.get("extends")
        if not isinstance(extends, Map) or "template" not in extends:
            return body
        included = self._load(extends, scope, "extends")
        return merge((handed(extends) if included is None else included, body), body.span)

    def value(self, value: Any, entry: Entry, scope: Scope, section: str | None = None) -> tuple[Any, Entry]:
        self.left -= 1
        if self.left < 0 or self.depth > MAX_DEPTH:
            self.found.over = self.found.over or (entry[0], entry[3], entry[4])
            return _BUDGET, entry
        if isinstance(value, str):
            return self._scalar(value, entry, scope) if "${{" in value else (value, entry)
        if isinstance(value, Map):
            self.depth += 1
            made: Any = self._map(value, scope, section)
            self.depth -= 1
            return made, entry
        if isinstance(value, Seq):
            self.depth += 1
            made = Seq(value.span)
            self._items(made, value, scope, section)
            self.depth -= 1
            return made, entry
        return value, entry

    # Scalars

    def _scalar(self, value: str, entry: Entry, scope: Scope) -> tuple[Any, Entry]:
        """A scalar with its expressions replaced; one that is an expression whole takes its value's type and place."""
        pieces: list[str] = []
        position, size = 0, 0
        found = find(value)
        whole = len(found) == 1 and found[0].closed and value.strip() == value[found[0].start : found[0].end]
        for each in found:
            parsed = self._parsed(value[each.inner[0] : each.inner[1]], entry, each.closed)
            made, at = self._evaluated(parsed, entry, scope)
            self._taint(parsed, entry, at if whole else None)
            if whole:
                if at is None:
                    self.found.raw[entry[0], entry[3]] = value
                    return made, entry
                if isinstance(made, str) and (at[0], at[3]) != (entry[0], entry[3]):
                    return made, (at[0], at[3], at[3], at[3], at[4])
                return made, at
            pieces.append(value[position : each.start])
            position = each.end
            if isinstance(made, Unknown) or size > MAX_TEXT:
                self.found.raw[entry[0], entry[3]] = value
                subject = made.subject if isinstance(made, Unknown) else "a text"
                return Unknown("run-time", subject, "write it out", type="string", prefix="".join(pieces)), entry
            pieces.append(text(made))
            size += len(pieces[-1]) + len(pieces[-2])
        pieces.append(value[position:])
        self.found.raw[entry[0], entry[3]] = value
        return "".join(pieces), entry

    def _taint(self, parsed: Expression, entry: Entry, at: Entry | None) -> None:
        free = self.found.free.get(entry[0])
        if free and any(flow[:11] == "parameters." and flow[11:].partition(".")[0] in free for flow in parsed.flows):
            self.found.tainted.add((entry[0], entry[3]))
            if at is not None:
                self.found.tainted.add((at[0], at[3]))

    def _parsed(self, written: str, entry: Entry, closed: bool) -> Expression:
        parsed = parse(written.strip())
        if not closed:
            parsed = parsed._replace(node=None, error="`}}` is missing")
        if parsed.error and len(self.found.expressions) < 1_000:
            self.found.expressions[entry[0], entry[3], entry[4]] = (written.strip(), parsed)
        return parsed

    def _evaluated(self, parsed: Expression, entry: Entry, scope: Scope) -> tuple[Any, Entry | None]:
        node = parsed.node
        if node is None:
            return unknown("an expression", "expression"), None
        if node[0] == "ctx":
            return scope.find(node)
        return evaluate(node, scope.lookup, entry), None

    # Mappings

    def _map(self, value: Map, scope: Scope, section: str | None, without: tuple[str, ...] = ()) -> Map:
        made = Map(value.span)
        chain: list[Guard] | None = None
        ready = None
        if "variables" in value and "variables" not in without:
            ready = self.value(value["variables"], value.at["variables"], scope, "variables")
            scope = scope.declaring(ready[0], self.found.unsure)
        for key, item in value.items():
            entry = value.at[key]
            if is_directive(key):
                chain = self._directed(made, key, item, entry, scope, section, chain)
                continue
            chain = None
            if key in without:
                continue
            if isinstance(key, str) and "${{" in key:
                key = self._key(key, entry, scope)
            inner = key if key in SECTIONS else None
            new, at = ready if ready is not None and key == "variables" else self.value(item, entry, scope, inner)
            same = at[0] == entry[0] and at[3] == entry[3]
            put(made, key, new, entry if same else (at[0], at[3], at[3], at[3], at[4]))
        return made

    def _key(self, key: str, entry: Entry, scope: Scope) -> str:
        at = (entry[0], entry[1], entry[1], entry[1], entry[2])
        made, _ = self._scalar(key, at, scope)
        return key if isinstance(made, (Unknown, Map, Seq)) else text(made)

    def _directed(
        self, made: Map, key: str, item: Any, entry: Entry, scope: Scope, section: str | None, chain: list[Guard] | None
    ) -> list[Guard] | None:
        """One directive of a mapping: what it brings is merged into `made`."""
        chain, scopes = self._branches(key, item, entry, scope, chain)
        for inner in scopes:
            new, _ = self.value(item, entry, inner, section)
            if isinstance(new, Map):
                if section == "variables" and inner.guards:
                    self.found.unsure.update((at[0], at[3]) for at in new.at.values())
                join(made, new, inner.guards != scope.guards)
        return chain

    def _branches(
        self, key: str, item: Any, entry: Entry, scope: Scope, chain: list[Guard] | None
    ) -> tuple[list[Guard] | None, list[Scope]]:
        """(the chain of conditions for a following `else`, the scopes in which the body stands)."""
        word, rest = directive(key)
        at = (entry[0], entry[1], entry[1], entry[1], entry[2])
        if word == "insert":
            return None, [scope]
        if word == "each":
            return None, self._each(rest, at, scope)
        before = chain or []
        if word == "if":
            before = []
        taken = any(guard.node is None and not guard.wanted for guard in before)
        if taken:
            return before, []
        if word == "else":
            return None, [scope.under(*before)] if before else [scope.under()] if chain is not None else []
        parsed = self._parsed(rest, at, True)
        held = None if parsed.node is None else truth(self._evaluated(parsed, at, scope)[0])
        if held is None:
            unsure = Guard(parsed.node, scope, True, rest)
            return [*before, unsure._replace(wanted=False)] if parsed.node else before, [scope.under(*before, unsure)]
        if held:
            return [*before, Guard(None, scope, False, rest)], [scope.under(*before)]
        return before, []

    def _each(self, rest: str, at: Entry, scope: Scope) -> list[Scope]:
        name, _, source = rest.partition(" in ")
        name = name.strip()
        parsed = self._parsed(source, at, True)
        values, _ = self._evaluated(parsed, at, scope)
        if isinstance(values, Unknown):
            return [scope.under(Guard(None, scope, True, rest)).bound(name, values, None)]
        if isinstance(values, Seq):
            return [
                scope.bound(name, value, entry)
                for value, entry in zip(values, values.at, strict=True)
                if self._room(at)
            ]
        if isinstance(values, Map):
            return [scope.bound(name, pair(values, key), None) for key in values if self._room(at)]
        return []

    def _room(self, at: Entry) -> bool:
        self.left -= 1
        if self.left < 0:
            self.found.over = self.found.over or (at[0], at[3], at[4])
        return self.left >= 0

    # Lists

    def _items(self, made: Seq, value: Seq, scope: Scope, section: str | None) -> None:
        chain: list[Guard] | None = None
        for item, entry in zip(value, value.at, strict=True):
            if self.left < 0:
                return
            if isinstance(item, Map) and item and all(map(is_directive, item)) and branching(item):
                for key, body in item.items():
                    chain, scopes = self._branches(key, body, item.at[key], scope, chain)
                    for inner in scopes:
                        self._spliced(made, body, item.at[key], inner, section)
                continue
            chain = None
            if isinstance(item, str) and "${{" in item:
                self._spliced(made, item, entry, scope, section)
            else:
                new, at = self.value(item, entry, scope)
                if not (isinstance(new, Map) and not new and item):
                    self._admit(made, new, at, scope, section)

    def _spliced(self, made: Seq, body: Any, entry: Entry, scope: Scope, section: str | None) -> None:
        """The elements that a directive's body, or an expression in a list's place, brings into the list."""
        if isinstance(body, Seq):
            self.depth += 1
            if self.depth <= MAX_DEPTH:
                self._items(made, body, scope, section)
            self.depth -= 1
            return
        new, at = self.value(body, entry, scope)
        if isinstance(new, Map) and not new:
            return
        if isinstance(new, Seq):
            for item, place in zip(new, new.at, strict=True):
                if self._room(place):
                    copied = merge((item,), item.span) if isinstance(item, Map) and section else item
                    self._admit(made, copied, place, scope, section)
            if new.open is not None:
                made.open = new.open
        elif isinstance(new, Unknown) and section:
            made.open = new
        elif new is not None:
            self._admit(made, new, at, scope, section)

    def _admit(self, made: Seq, new: Any, at: Entry, scope: Scope, section: str | None) -> None:
        if section and isinstance(new, Map):
            if "template" in new:
                self._included(made, new, at, scope, section)
                return
            if scope.guards:
                self.found.guards[id(new)] = scope.guards
                self.found.held.append(new)
                if section == "variables" and "value" in new:
                    self.found.unsure.add((new.at["value"][0], new.at["value"][3]))
        made.append(new)
        made.at.append((at[0], at[3], at[3], at[3], at[4]))

    # Templates

    def _included(self, made: Seq, item: Map, at: Entry, scope: Scope, section: str) -> None:
        body = self._load(item, scope, section)
        listed = body.get(section) if body is not None else None
        if listed is None and body is None:
            if scope.guards:
                self.found.guards[id(item)] = scope.guards
            self.found.held.append(item)
            made.append(item)
            made.at.append((at[0], at[3], at[3], at[3], at[4]))
            return
        call = item.at["template"]
        span = (call[0], call[3], call[4])
        if section == "variables" and isinstance(listed, Map):
            listed = as_list(listed)
        if not isinstance(listed, Seq):
            return
        made.open = listed.open if made.open is None else made.open
        for each, place in zip(listed, listed.at, strict=True):
            if isinstance(each, Map):
                self.found.callers[id(each)] = (span, *self.found.callers.get(id(each), ()))
                self.found.held.append(each)
            made.append(each)
            made.at.append(place)

    def _load(self, item: Map, scope: Scope, section: str) -> Map | None:
        """The expanded text of a template; None where it is not in the tree, which the include then says."""
        include = self.files.include(item, scope.path, section, scope.stack[0] if scope.stack else scope.path)
        self.found.includes.append(include)
        if include.file is None:
            return None
        self.included += 1
        at = item.at["template"]
        if self.included > MAX_INCLUDES or len(scope.stack) >= MAX_NESTED or self.depth > MAX_DEPTH - 10:
            self.found.over = self.found.over or (at[0], at[3], at[4])
            return None
        self.found.touched.add(include.file.path)
        root = include.file.root
        given = item.get("parameters")
        parameters = parameters_of(root.get("parameters"), given, False)
        for name, place in given.at.items() if isinstance(given, Map) else ():
            if (place[0], place[3]) in self.found.tainted:
                self.found.free.setdefault(include.file.source.index, set()).add(str(name).lower())
        self.depth += 1
        body = self.file(root, scope.inside(include.file.path, parameters))
        self.depth -= 1
        return body
