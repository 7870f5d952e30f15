"""Reading an entry by its form: what is wrong with the form, and with the expressions in it, is told."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from linter.checks.workflows.forms import Form
from linter.checks.workflows.scopes import Known
from linter.model import Entry, Estate, Map, Resource, Seq, Span, Unknown
from linter.parsers.pipelines.expression_contexts import SITES
from linter.parsers.pipelines.expression_types import ANY, STRING, Fault, Scope, Type, is_array, is_object, judge, shown
from linter.parsers.pipelines.expressions import Expression, find, parse
from linter.parsers.pipelines.scalars import Scalar

MOST_TOLD = 200
_SCALARS = {"text": "a text", "bool": "true or false", "number": "a number", "count": "a whole number from 1"}
_FIXED = frozenset(("env", "vars", "runner", "strategy", "job"))


class Reader:
    """Reads the entries of one workflow or action and keeps what is wrong: group → [(resource, span, message)].

    resource: whose entries are being read. types: what gives the types of contexts there. base: the folder of the
    repository, with a slash at its end, '' for the root of the tree.
    """

    __slots__ = ("_known", "base", "estate", "resource", "told", "types")

    def __init__(self, estate: Estate, resource: Resource) -> None:
        self.estate = estate
        self.resource = resource
        before, found, _ = resource.address.partition(".github/")
        self.base = before if found else ""
        self.types: Any = None
        self.told: dict[str, list[tuple[Resource, Span, str]]] = {}
        self._known: set[tuple[str, Span]] = set()

    def tell(self, group: str, span: Span, message: str) -> None:
        """Once a group and place: an anchor's text is read as often as it is named."""
        known = (group, span)
        if known not in self._known and len(self._known) < MOST_TOLD:
            self._known.add(known)
            self.told.setdefault(group, []).append((self.resource, span, message))

    def read(self, value: Any, entry: Entry, form: Form, name: str) -> None:
        kind = value.__class__
        if kind is str:
            if "${{" in value or (form.bare and value):
                if form.site:
                    self.expressions(value, entry, form, name)
            elif form.scalar != "text" or not value:
                self._scalar(value, entry, form, name)
        elif kind is Map:
            if form.keys is not None or form.values is not None:
                self._mapping(value, entry, form, name)
            elif not form.deep:
                self._wrong(value, entry, form, name)
            elif form.site:
                for key, item in value.items():
                    self.read(item, value.at[key], form, str(key))
        elif kind is Seq:
            if form.items is not None or form.deep:
                self._elements(value, entry, form, name)
            else:
                self._wrong(value, entry, form, name)
        else:
            self._scalar(value, entry, form, name)

    def _elements(self, value: Seq, entry: Entry, form: Form, name: str) -> None:
        if not value and not form.empty and not form.deep:
            self.tell("syntax", at_key(entry), f"`{name}` is empty")
        if form.items is not None or form.site:
            for item, at in zip(value, value.at, strict=False):
                self.read(item, at, form.items or form, f"an element of {name}")

    def _mapping(self, value: Map, entry: Entry, form: Form, name: str) -> None:
        keys = form.keys or {}
        if not value and not form.empty:
            self.tell("syntax", at_key(entry), f"`{name}` is empty")
        for key, item in value.items():
            inner = keys.get(key)
            if inner is None:
                inner = form.values
                if inner is None:
                    known = ", ".join(f"`{each}`" for each in sorted(keys))
                    self.tell("syntax", at_key(value.at[key]), f"there is no key `{key}` in `{name}`: it has {known}")
                    continue
                if key.__class__ is str and "${{" in key:
                    self._key(key, value.at[key], form)
            if inner.keys is not None or inner.values is not None or not inner.deep or inner.site:
                self.read(item, value.at[key], inner, str(key))
        for key in form.required:
            if key not in value and value:
                self.tell("syntax", at_key(entry, value), f"`{name}` has no `{key}`")
        if form.values is not None and len(value) > 1:
            self.unique(value)

    def unique(self, value: Map) -> None:
        """Names that differ in case only are one name to GitHub."""
        seen: dict[str, str] = {}
        for key in value:
            other = seen.setdefault(str(key).lower(), key)
            if other is not key:
                self.tell("syntax", at_key(value.at[key]), f"`{key}` is written again: `{other}` is the same name")

    def _key(self, key: str, entry: Entry, form: Form) -> None:
        source, start, end, _, _ = entry
        self.expressions(key, (source, start, start, start, end), Form("text", form.site, "string"), "a name")

    def _scalar(self, value: Any, entry: Entry, form: Form, name: str) -> None:
        if form.deep or isinstance(value, Unknown):
            return
        if value is None or value == "":
            if not form.empty:
                self.tell("syntax", at_key(entry), f"`{name}` is empty")
            return
        wanted = form.scalar
        kind = value.__class__
        fits = wanted == "text" or (wanted == "bool" and kind is bool)
        if wanted in ("number", "count") and kind in (int, float):
            fits = value > 0 and (wanted == "number" or kind is int)
        if not fits:
            self._wrong(value, entry, form, name)

    def _wrong(self, value: Any, entry: Entry, form: Form, name: str) -> None:
        allowed = [_SCALARS[form.scalar]] if form.scalar else []
        if form.items is not None:
            allowed.append("a list")
        if form.keys is not None or form.values is not None:
            allowed.append("a mapping")
        given = "a mapping" if isinstance(value, Map) else "a list" if isinstance(value, Seq) else "a text"
        given = f"`{str(value)[:40]}`" if form.scalar and given == "a text" else given
        self.tell("syntax", at_value(value, entry), f"`{name}` must be {' or '.join(allowed)}, not {given}")

    def type_of(self, value: str) -> Type:
        """What a text with expressions becomes here; what is wrong with them is told elsewhere."""
        found = find(value)
        if len(found) > 1 or not found[0].closed or (value[: found[0].start] + value[found[0].end :]).strip():
            return STRING
        node = parse(value[found[0].inner[0] : found[0].inner[1]].strip()).node
        contexts, functions = SITES["job"]
        return ANY if node is None else judge(node, Scope(contexts, functions, self.types.type_of), [])

    def expressions(self, value: str, entry: Entry, form: Form, name: str) -> None:
        """Every expression of a text, judged by where it stands; a single one for what it may yield there."""
        if "${{" not in value:
            self._expression(value, entry, (0, len(value.rstrip()), len(value)), form, form.whole)
            return
        found = find(value)
        first = found[0]
        alone = len(found) == 1 and first.closed and not (value[: first.start] + value[first.end :]).strip()
        if not alone and form.scalar != "text":
            self._wrong(value, entry, form, name)
        for each in found:
            start, end = each.inner
            if not each.closed:
                span = Scalar(self.estate.sources[entry[0]], entry, value).span(each.start, each.end)
                self.tell("expressions", span, "this expression is not closed: `}}` is missing")
                continue
            self._expression(value, entry, (start, end, end), form, form.whole if alone else "string")

    def _expression(self, value: str, entry: Entry, part: tuple[int, int, int], form: Form, wanted: str) -> None:
        written = value[part[0] : part[1]]
        text = written.strip()
        parsed = parse(text)
        if parsed.node is None:
            start, end = parsed.place
            faults: tuple[Fault, ...] = (Fault(start, max(end, start + 1), parsed.error, True),)
        elif all(context.partition(".")[0] in _FIXED for context in parsed.contexts):
            faults = _settled(text, form.site, wanted)
        else:
            faults = judged(parsed, form.site, wanted, self.types)
        if faults:
            scalar = Scalar(self.estate.sources[entry[0]], entry, value)
            shift = part[0] + len(written) - len(written.lstrip())
            for fault in faults:
                span = scalar.span(min(shift + fault.start, part[2]), min(shift + fault.end, part[2]))
                self.tell("expressions" if fault.refused else "types", span, fault.message)


@lru_cache(maxsize=8192)
def _settled(text: str, site: str, wanted: str) -> tuple[Fault, ...]:
    """Of an expression whose contexts are the same in every job."""
    return judged(parse(text), site, wanted, Known())


def judged(parsed: Expression, site: str, wanted: str, types: Any) -> tuple[Fault, ...]:
    """What is wrong with an expression at a site where one of the wanted kinds of value may stand."""
    faults: list[Fault] = []
    contexts, functions = SITES[site]
    kind = judge(parsed.node or (), Scope(contexts, functions, types.type_of), faults)
    if kind != ANY and wanted != "any" and not faults and not fits(kind, wanted):
        node = parsed.node or ("", 0, 0)
        faults.append(Fault(node[1], node[2], misfit(kind, wanted), False))
    return tuple(faults)


def fits(kind: Type, wanted: str) -> bool:
    if is_object(kind):
        runner = "array" in wanted and kind[2] is None
        return "object" in wanted and (not runner or not {"labels", "group"}.isdisjoint(kind[1]))
    if is_array(kind):
        return "array" in wanted
    if wanted in ("bool", "number"):
        return bool(kind == wanted)
    return kind != "null" and "string" in wanted


def misfit(kind: Type, wanted: str) -> str:
    if wanted == "string":
        return f"this is {shown(kind)}, of which a text tells nothing: use toJSON() or one of its parts"
    names = {
        "object": "an object",
        "array": "a list",
        "string": "a text",
        "bool": "a truth value",
        "number": "a number",
    }
    return f"this must be {' or '.join(names[each] for each in wanted.split())}, not {shown(kind)}"


def at_key(entry: Entry, value: Map | None = None) -> Span:
    """Where an entry is named: its key, else the first key in it."""
    source, start, end, value_start, value_end = entry
    if end > start:
        return source, start, end
    if value:
        return at_key(next(iter(value.at.values())))
    return source, value_start, value_end


def at_value(value: Any, entry: Entry) -> Span:
    """Where a value begins: a mapping's first key, a list's first element, a scalar itself."""
    if isinstance(value, Map) and value.at:
        first = next(iter(value.at.values()))
        return first[0], first[1], first[2]
    if isinstance(value, Seq) and value.at:
        first = value.at[0]
        return at_value(value[0], first)
    if entry[4] > entry[3]:
        return entry[0], entry[3], entry[4]
    return at_key(entry)
