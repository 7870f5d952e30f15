"""Objects on their way through kustomizations: what they are now, and under which names they have been known."""

from __future__ import annotations

from typing import Any

from linter.model import Map, Span, Unknown
from linter.parsers.kubernetes.objects import metadata_of, name_of
from linter.parsers.kustomize.schema import is_cluster_scoped
from linter.records import NamedTuple


class Refused(Exception):
    """Something kustomize refuses to build. Its text says what, as a clause."""


class Absent(Refused):
    """Refused because an object is not there, which may be one that was not read."""


class Beyond(Refused):
    """Not refused by kustomize: more than is done here."""


class Id(NamedTuple):
    """What kustomize knows an object by. namespace: '' where none is written."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str

    @property
    def place(self) -> str:
        """The namespace it lies in, as far as kustomize knows."""
        if is_cluster_scoped(self.group, self.version, self.kind):
            return "/"
        return self.namespace or "default"

    def same(self, other: Id) -> bool:
        return self[:4] == other[:4] and self.place == other.place


class Item(NamedTuple):
    """An object. past: (namespace, name, kind) it had before, oldest first; callers: overlay entries, outermost first.

    prefixes and suffixes: those added so far. hashed: its name gets a suffix made of its content. behavior: what a
    generator said of it. variables: names of variables that read it.
    """

    body: Map
    extent: Span
    path: str
    callers: tuple[Span, ...] = ()
    past: tuple[tuple[str, str, str], ...] = ()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    hashed: bool = False
    behavior: str = ""
    variables: tuple[str, ...] = ()

    @property
    def version(self) -> tuple[str, str]:
        """API group and version."""
        group, _, version = text_of(self.body.get("apiVersion")).partition("/")
        return (group, version) if version else ("", group)

    @property
    def now(self) -> Id:
        body = self.body
        metadata = metadata_of(body)
        return Id(*self.version, text_of(body.get("kind")), text_of(name_of(body)), text_of(metadata.get("namespace")))

    @property
    def before(self) -> list[Id]:
        group, version = self.version
        return [Id(group, version, kind, name, namespace) for namespace, name, kind in self.past]

    @property
    def first(self) -> Id:
        if not self.past:
            return self.now
        namespace, name, kind = self.past[0]
        return Id(*self.version, kind, name, namespace)

    @property
    def ids(self) -> list[Id]:
        return [*self.before, self.now]

    def called(self, name: str) -> bool:
        """Whether it has or had a name."""
        return text_of(name_of(self.body)) == name or any(past == name for _, past, _ in self.past)

    def remembered(self) -> Item:
        """The same object with what it is called now in its past."""
        now = self.now
        if not now.name:
            return self
        return self._replace(past=(*self.past, (now.place, now.name, now.kind)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names it had before, without the one it has."""
        current = text_of(name_of(self.body))
        return tuple(dict.fromkeys(name for _, name, _ in self.past if name != current))


def text_of(value: Any) -> str:
    """A scalar as kustomize compares it: `?` for what is unknown, '' for nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Unknown):
        return "?"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else "?"
