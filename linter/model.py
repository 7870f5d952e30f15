"""The nouns every floor shares: values that know their places, resources, the estate, judgements and findings.

Standard library only, and cheap to import: a scan of one small file pays for every line of this module.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from itertools import accumulate
from typing import Any, NoReturn

from linter.records import NamedTuple

Span = tuple[int, int, int]
"""(source index, start, end): code-point offsets into a source's text, end exclusive."""

Entry = tuple[int, int, int, int, int]
"""(source index, key start, key end, value start, value end); key start == key end where the entry has no key."""


class Place(NamedTuple):
    """A region of an artifact: lines and columns from 1, in code points, end exclusive (SARIF 2.1.0 §3.30)."""

    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int


class Source:
    """The decoded text of one artifact and where its lines begin. Lines end at CR LF, LF or CR."""

    __slots__ = ("_starts", "index", "path", "text")

    def __init__(self, index: int, path: str, text: str) -> None:
        self.index = index
        self.path = path
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        if self._starts is None:
            self._starts = _line_starts(self.text)
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a code-point offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line break."""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def place(self, start: int, end: int) -> Place:
        starts = self._starts or self.starts
        end = end if end > start else start
        line = bisect_right(starts, start)
        end_line = line if line == len(starts) or end < starts[line] else bisect_right(starts, end)
        return Place(self.path, line, start - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1)


def _line_starts(text: str) -> list[int]:
    if "\r" in text:
        starts, position, length = [0], 0, len(text)
        while position < length:
            char = text[position]
            position += 1
            if char == "\r" and text[position : position + 1] == "\n":
                position += 1
            if char in "\r\n":
                starts.append(position)
        return starts
    ends = accumulate(map((1).__add__, map(len, text.split("\n"))), initial=0)
    return list(ends)[:-1]


class UnknownValueError(TypeError):
    """Raised where Python code treats an Unknown as if it were a value."""


class Unknown:
    """A value the repository does not determine.

    cause: one of CAUSES. subject: what is unknown, as a person calls it (`var.kms_key`).
    remedy: what to supply, one sentence. type: 'string', 'number', 'bool', 'list', 'map' or ''.
    prefix: the known beginning of a string. not_null: known not to be null. not_empty: the whole of
    what a provider calls a resource, which is never "".
    """

    __slots__ = ("cause", "not_empty", "not_null", "prefix", "remedy", "subject", "type")

    def __init__(
        self,
        cause: str,
        subject: str,
        remedy: str = "",
        *,
        type: str = "",
        prefix: str = "",
        not_null: bool = False,
        not_empty: bool = False,
    ) -> None:
        self.cause = cause
        self.subject = subject
        self.remedy = remedy
        self.type = type
        self.prefix = prefix
        self.not_null = not_null
        self.not_empty = not_empty

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownValueError(f"{self.subject} is unknown ({self.cause}): it can be neither compared nor iterated")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __iter__ = __len__ = __contains__ = __getitem__ = _refuse
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<unknown {self.subject}: {self.cause}>"


CAUSES = {
    "missing-input": "a variable has no value in the repository",
    "remote-source": "a module, base or action is not in the repository",
    "run-time": "the value exists only after apply or at run time",
    "sensitive": "a plan has the value and marks it as sensitive",
    "overlay": "an overlay changes it and overlays are not rendered yet",
    "template": "a template that was not rendered",
    "function": "a function whose result is not computed",
    "expression": "an expression that could not be read",
    "budget": "evaluation stopped at its budget",
    "instances": "differs between instances of count or for_each",
    "mapping": "an address that no configured mapping covers",
    "other-unit": "an object that another folder deploys",
    "format": "a file of a format that is not read",
    "isolated": "other artifacts were not read",
}


class Map(dict[Any, Any]):
    """A mapping that knows where each entry was written.

    at: key → Entry. span: the whole mapping as written. open: an Unknown where keys may be missing from view
    (`merge(var.tags, {…})`), so that a key that is not there is unknown instead of absent.
    """

    __slots__ = ("at", "open", "span")

    def __init__(self, span: Span) -> None:
        self.at: dict[Any, Entry] = {}
        self.span = span
        self.open: Unknown | None = None


class Seq(list[Any]):
    """A sequence that knows where each element was written: at[i] is element i's Entry."""

    __slots__ = ("at", "open", "span")

    def __init__(self, span: Span) -> None:
        self.at: list[Entry] = []
        self.span = span
        self.open: Unknown | None = None


def replace(value: Map, key: Any, new: Any, entry: Entry | None = None) -> Map:
    """A copy of a mapping with one entry set; its place is `entry`, else the replaced entry's, else the mapping's."""
    copied = merge((value,), value.span)
    copied[key] = new
    source, start, end = value.span
    copied.at[key] = entry or value.at.get(key) or (source, start, start, start, end)
    return copied


def merge(values: Iterable[Map], span: Span) -> Map:
    """One mapping of all entries, later ones winning, each with the place it was written at."""
    merged = Map(span)
    for value in values:
        merged.update(value)
        merged.at.update(value.at)
        merged.open = value.open if merged.open is None else merged.open
    return merged


def concatenate(values: Iterable[Seq], span: Span) -> Seq:
    """One sequence of all elements, each with the place it was written at."""
    joined = Seq(span)
    for value in values:
        joined.extend(value)
        joined.at.extend(value.at)
        joined.open = value.open if joined.open is None else joined.open
    return joined


def handle(value: Any, entry: Entry) -> Span:
    """The smallest span a person would point at for an entry: a scalar itself, a collection's key, name or first key."""
    source, key_start, key_end, start, end = entry
    if isinstance(value, (Map, Seq)):
        if key_start != key_end:
            return source, key_start, key_end
        if isinstance(value, Map) and value.at:
            return _map_handle(value)
    return source, start, end


def _map_handle(value: Map) -> Span:
    name = value.get("name")
    if isinstance(name, str) and "name" in value.at:
        source, _, _, start, end = value.at["name"]
        if end > start:
            return source, start, end
    source, key_start, key_end, start, end = next(iter(value.at.values()))
    return (source, key_start, key_end) if key_end > key_start else (source, start, end)


class Severity(IntEnum):
    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Environment(NamedTuple):
    """An environment and its tier: 'production', 'pre-production', 'development' or '' where the tier is not known."""

    name: str
    tier: str


class Unit(NamedTuple):
    """The artifacts within which names resolve. kind: 'terraform', 'kustomize', 'manifests', 'workflow', 'documents'…"""

    kind: str
    path: str


class Reference(NamedTuple):
    """What a resource says of another before links are resolved.

    name: the relation (`references`, `runs`, `selects`…). path: where it was written, dotted.
    target: the other's address in the same unit and environment, or an Unknown. span: the text that names the other.
    """

    name: str
    path: str
    target: str | Unknown
    span: Span | None = None


class Origin(NamedTuple):
    """A step on a value's way to the place it is used: 'var.acl is set here' and the span that says so."""

    text: str
    span: Span


class Resource:
    """One thing a rule can judge. Identity: unit + environment + address.

    body: its attributes. anchor: the smallest span that names it (a block's first label, an object's name).
    extent: all that was written of it. context: what surrounds it, by name (`pod`, `object`, `job`, `workflow`).
    owner: the resource it is a part of. callers: spans of the calls (module, overlay) that lead to it, outermost first.
    trace: origins of the value written at a span. uncertain: why it may not exist at all (`count`, `for_each`).
    """

    __slots__ = (
        "address", "anchor", "body", "callers", "context", "environment", "extent", "kind", "name", "owner",
        "references", "trace", "uncertain", "unit",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        address: str,
        name: str,
        unit: Unit,
        body: Map,
        anchor: Span,
        extent: Span,
        *,
        environment: Environment | None = None,
        context: Mapping[str, Any] | None = None,
        owner: Resource | None = None,
    ) -> None:
        self.kind = kind
        self.address = address
        self.name = name
        self.unit = unit
        self.environment = environment
        self.body = body
        self.anchor = anchor
        self.extent = extent
        self.context: Mapping[str, Any] = context or {}
        self.owner = owner
        self.references: list[Reference] = []
        self.callers: tuple[Span, ...] = ()
        self.trace: Callable[[Span], list[Origin]] | None = None
        self.uncertain: Unknown | None = None

    @property
    def identity(self) -> tuple[Unit, str, str]:
        return self.unit, self.environment.name if self.environment else "", self.address

    @property
    def outermost(self) -> Resource:
        """What it is a part of in the end, itself if of nothing."""
        resource = self
        while resource.owner is not None:
            resource = resource.owner
        return resource

    def __repr__(self) -> str:
        return f"<{self.kind} {self.address}>"


class Link(NamedTuple):
    """A resolved, directed relation. path: where the source wrote it; span: the text that names the target."""

    name: str
    path: str
    source: Resource
    target: Resource
    span: Span | None = None


class Estate:
    """All resources of a scan with their links.

    sources: by index, as spans name them. kinds: kind → resources in order of discovery. incoming and outgoing:
    id(resource) → links. loose: (kind, unit, environment name) → references whose target could not be resolved.
    paths: every path of the tree, for links to files. settings: configuration that checks read.
    isolated: only the PATHs were read, so that absence elsewhere is unknown.
    """

    __slots__ = ("incoming", "isolated", "kinds", "loose", "outgoing", "paths", "resources", "settings", "sources")

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.resources: list[Resource] = []
        self.kinds: dict[str, list[Resource]] = {}
        self.incoming: dict[int, list[Link]] = {}
        self.outgoing: dict[int, list[Link]] = {}
        self.loose: dict[tuple[str, Unit, str], list[tuple[Resource, Reference]]] = {}
        self.paths: frozenset[str] = frozenset()
        self.settings: Mapping[str, Any] = {}
        self.isolated = False

    def add(self, resource: Resource) -> None:
        self.resources.append(resource)
        self.kinds.setdefault(resource.kind, []).append(resource)

    def link(self, link: Link) -> None:
        self.outgoing.setdefault(id(link.source), []).append(link)
        self.incoming.setdefault(id(link.target), []).append(link)

    def place(self, span: Span) -> Place:
        source, start, end = span
        return self.sources[source].place(start, end)

    def of_kind(self, pattern: str) -> list[Resource]:
        """Resources of one kind, or of every kind below a `prefix/*` glob; not to be changed."""
        if pattern.endswith("*"):
            return [each for kind, resources in self.kinds.items() if is_kind(kind, pattern) for each in resources]
        return self.kinds.get(pattern, [])


def is_kind(kind: str, pattern: str) -> bool:
    """Whether a kind is the one a pattern names, or one below its `prefix/*`."""
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
CALLED = "called here"
"""What is said of a related place that calls the module (or overlay) a finding is in."""


class Judgement(NamedTuple):
    """One rule on one resource at one place.

    outcome: 'pass', 'fail' or 'unknown'. span: the place, or on pass the evidence. element: the natural key of the
    judged element within the resource, '' for the whole. related: spans worth showing with what they say.
    unknowns: what would decide an unknown. lowered: by how many steps it is less severe than its rule, since it weighs
    less here (a lower environment, a weaker sign); below zero, more severe. at_most: the severity it cannot pass, since
    what it rests on is no more certain than that.
    """

    rule: str
    resource: Resource
    outcome: str
    message: str
    span: Span
    element: str = ""
    related: tuple[Origin, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    lowered: int = 0
    at_most: Severity = Severity.CRITICAL


class Problem(NamedTuple):
    """Why an artifact, or a part of it, could not be analysed. Offsets are code points into the artifact's text.

    lossless: the text is not valid, but all of it was read.
    """

    message: str
    start: int = 0
    end: int = 0
    remedy: str = ""
    lossless: bool = False


class Artifact:
    """A recognised file. tree: what its syntax read; problems: what it could not (the rest of the tree still stands).

    path: below the root, `/`-separated. format: a word of discovery (`terraform`, `yaml`, `markdown`…).
    """

    __slots__ = ("format", "path", "problems", "source", "tree")

    def __init__(self, path: str, format: str, source: Source, tree: Any, problems: list[Problem]) -> None:
        self.path = path
        self.format = format
        self.source = source
        self.tree = tree
        self.problems = problems


class Workspace:
    """What a parser expands: every readable artifact of the tree by path, the configuration, and a way to complain.

    paths: every path of the tree, recognised or not (folders end in '/'). settings: `opslint.yaml`, already checked.
    fail: reports that something in scope was not analysed (failure id, span, message, remedy).
    progress: names what is being worked on, for the supervisor; call it before each unit.
    skip: says of a readable artifact that nothing uses it (path, why).
    read: the bytes of any file of the tree, None where it may not or cannot be read.
    register: makes a text that was read so a Source, once for each path, so that places in it can be named.
    """

    __slots__ = ("artifacts", "fail", "paths", "progress", "read", "register", "settings", "skip")

    def __init__(
        self,
        artifacts: dict[str, Artifact],
        paths: frozenset[str],
        settings: Mapping[str, Any],
        fail: Callable[[str, Span, str, str], None],
        progress: Callable[[str], None],
        skip: Callable[[str, str], None] = lambda _, __: None,
        read: Callable[[str], bytes | None] = lambda _: None,
        register: Callable[[str, str], Source | None] = lambda _, __: None,
    ) -> None:
        self.artifacts = artifacts
        self.paths = paths
        self.settings = settings
        self.fail = fail
        self.progress = progress
        self.skip = skip
        self.read = read
        self.register = register

    def of_format(self, format: str) -> list[Artifact]:
        return [artifact for artifact in self.artifacts.values() if artifact.format == format]


class Failure(NamedTuple):
    """A problem in scope of the scan: the answer is incomplete. id is a word (`artifact-unparsed`)."""

    id: str
    place: Place
    message: str
    remedy: str


class Waiver(NamedTuple):
    """A decision not to act. source: where it is written ('opslint.yaml:12' or the inline comment's place)."""

    reason: str
    owner: str
    expires: str
    source: str
    kind: str


class Finding(NamedTuple):
    """A judgement a person may act on, after severity, waivers and baseline.

    outcome: 'fail', 'unknown' or 'pass' (the last two only for complete reports). waiver: set where it is waived.
    environments: names, sorted. related: places worth showing. flow: the way a value took, outermost first.
    fingerprint: hexadecimal, stable over line shifts. subject: address of the resource. owner: of what it is part of.
    subjects: (subject, owner) of each judgement where several became one finding; () where it is one. sources: other
    tools that found the same fault, as `tool:check`, sorted. known: it stands in the baseline. identity: what the
    fingerprint is the digest of, fields divided by NUL.
    """

    rule: str
    severity: Severity
    outcome: str
    message: str
    place: Place
    subject: str
    owner: str
    environments: tuple[str, ...]
    fingerprint: str
    related: tuple[tuple[Place, str], ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    waiver: Waiver | None = None
    subjects: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    known: bool = False
    identity: str = ""


class Verdict(NamedTuple):
    """The gate's answer. execution: 'complete' or 'incomplete'; gate: 'passed', 'failed' or 'not-evaluated'."""

    execution: str
    gate: str
    exit_code: int
    reasons: tuple[str, ...]
