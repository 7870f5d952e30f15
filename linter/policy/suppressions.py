"""Waivers written in the scanned files: `opslint:ignore=` comments and the suppressions of other tools.

    # opslint:ignore=sg-no-world-admin-port reason="bastion, reviewed in OPS-12" owner=network expires=2027-01-31

A comment on a line waives that line; one above a line waives that line; one on, above or directly below the first line
of a Terraform block waives the block; one at the top of a Kubernetes document waives the document; one above an
instruction of a Dockerfile waives the instruction, Checkov's anywhere in one the whole file. Reading is linear: plain
searches in lines of at most 10 kB, no regular expression over scanned text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from linter.digests import sha256
from linter.files import Tree, Unreadable
from linter.model import Source
from linter.policy import marked
from linter.policy.outline import Outline
from linter.records import NamedTuple
from linter.text import decode

KINDS = ("opslint", "checkov", "trivy", "tfsec", "zizmor", "kube-linter", "polaris", "hadolint")
LINE_LIMIT = 10_000
COUNT_LIMIT = 1_000
PARITY = "env-*"
"""What an annotation about parity covers: every rule that compares environments."""
_ID_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*")
_HINT = 'write opslint:ignore=RULE reason="…"'


class Directive(NamedTuple):
    """What one comment or annotation says. ids: rules (opslint) or the tool's checks; '*' for all of a tool's checks.

    problem: words, where it is malformed and therefore covers nothing.
    """

    kind: str
    ids: tuple[str, ...]
    reason: str = ""
    owner: str = ""
    expires: str = ""
    problem: str = ""


class Suppression(NamedTuple):
    """A directive in its place. line: where it is written; first, last: the lines it covers, all from 1.

    keys: one for each id, in hexadecimal: what `base_waivers` holds. A key comes from kind, path, id, the covered
    line's text and the lines it is nested in, not from line numbers: it survives what is written elsewhere, and changes
    when the line it was granted for changes or when the comment moves to another one.
    """

    directive: Directive
    line: int
    first: int
    last: int
    keys: tuple[str, ...]


def read(source: Source) -> list[Suppression]:
    """Every suppression of a text, in its order; one artifact has at most COUNT_LIMIT, the last of which says so."""
    if not marked(source.text):
        return []
    outline = Outline(source)
    ordinals: dict[bytes, int] = {}
    found: list[Suppression] = []
    for line, text in enumerate(outline.texts, 1):
        if len(text) > LINE_LIMIT or not marked(text):
            continue
        for directive, first, last, anchor in _placed(outline, line, text):
            if len(found) == COUNT_LIMIT:
                directive = Directive("opslint", (), problem=f"an artifact has at most {COUNT_LIMIT:,} suppressions")
                return [*found, Suppression(directive, line, line, line, ())]
            found.append(Suppression(directive, line, first, last, _keys(directive, source.path, anchor, ordinals)))
    return found


def _placed(outline: Outline, line: int, text: str) -> Iterator[tuple[Directive, int, int, bytes]]:
    for directive in _comments(text, outline.marks):
        target = outline.target(line)
        if outline.dockerfile:
            whole = directive.kind == "checkov" or "hadolint global" in text
            first, last = (1, len(outline.texts)) if whole else outline.instruction(line, target)
            yield directive, first, last, outline.anchor(target)
            continue
        first, last = outline.block(line, target) if directive.kind == "checkov" else outline.extent(line, target)
        yield directive, first, last, outline.anchor(target)
    for directive in _annotations(text):
        first, last = outline.document(line)
        yield directive, first, last, outline.identity(first, last)


def keys(source: Source, kinds: Collection[str] = KINDS) -> frozenset[str]:
    """The keys of a base's text: the union over the artifacts of a base is `base_waivers` of the head."""
    return frozenset(key for found in read(source) if found.directive.kind in kinds for key in found.keys)


def base_keys(folder: str, paths: Iterable[str]) -> frozenset[str]:
    """The keys of the inline waivers that stand in a base, of which `folder` holds the artifacts at their own paths.

    An artifact that is not there has none: a waiver that cannot be shown to stand in the base is a new one.
    """
    found: set[str] = set()
    try:
        with Tree(folder) as tree:
            for path in sorted(paths):
                try:
                    found |= keys(Source(0, path, decode(tree.read(path))[0]))
                except Unreadable:
                    continue
    except Unreadable:
        return frozenset()
    return frozenset(found)


def _keys(directive: Directive, path: str, anchor: bytes, ordinals: dict[bytes, int]) -> tuple[str, ...]:
    made = []
    for id in directive.ids:
        natural = f"{directive.kind}\0{path}\0{id}\0".encode("utf-8", "surrogatepass") + anchor
        ordinals[natural] = ordinal = ordinals.get(natural, 0) + 1
        made.append(sha256(natural + f"\0{ordinal}".encode()).hexdigest()[:32])
    return tuple(made)


def _comments(text: str, marks: tuple[str, ...]) -> Iterator[Directive]:
    starts = [at for mark in marks if (at := text.find(mark)) >= 0]
    if not starts:
        return
    comment = text[min(starts) :].rstrip().removesuffix("-->")
    if "opslint:" in comment:
        yield from _own(comment)
    if "checkov:skip" in comment:
        for rest in comment.split("checkov:skip=")[1:]:
            ids, _, reason = rest.strip().partition(":")
            yield _foreign("checkov", ids.split()[0].split(",") if ids.split() else [], reason.strip())
    for kind in ("trivy", "tfsec"):
        for rest in comment.split(f"{kind}:ignore:")[1:]:
            id, *parameters = rest.split()[0].split(":") if rest.split() else [""]
            expires = parameters[parameters.index("exp") + 1 :][:1] if "exp" in parameters else []
            yield _foreign(kind, [id], "", expires[0] if expires else "")
    if "hadolint " in comment:
        yield from _hadolint(comment)
    if "zizmor:" in comment:
        rest = comment.partition("zizmor:")[2].lstrip()
        ids, closed, reason = rest.removeprefix("ignore[").partition("]")
        if rest.startswith("ignore[") and closed:
            yield _foreign("zizmor", ids.split(","), reason.strip())


def _hadolint(comment: str) -> Iterator[Directive]:
    """`# hadolint ignore=DL3008,SC2086` above an instruction; `# hadolint global ignore=…` for the whole file."""
    words = comment.lstrip("# \t").partition("hadolint ")
    head, equals, ids = words[2].partition("=")
    if words[0] or not equals or head.split() not in (["ignore"], ["global", "ignore"]):
        return
    yield _foreign("hadolint", ids.partition(" #")[0].replace(",", " ").split())


def _annotations(text: str) -> Iterator[Directive]:
    key, colon, value = text.strip().removeprefix("- ").partition(": ")
    key, value = key.strip("\"' "), value.strip("\"' ")
    if not colon:
        return
    if key == "opslint.dev/parity":
        yield _intended(value)
    elif key.startswith("ignore-check.kube-linter.io/"):
        yield _foreign("kube-linter", [key.rpartition("/")[2]], value)
    elif key == "kube-linter.io/ignore-all":
        yield Directive("kube-linter", ("*",), value)
    elif key.startswith("checkov.io/skip"):
        ids, _, reason = value.partition("=")
        yield _foreign("checkov", [ids], reason)
    elif key.startswith("polaris.fairwinds.com/") and key.endswith("-exempt") and value == "true":
        yield _foreign("polaris", [key.rpartition("/")[2].removesuffix("-exempt")])


def _intended(text: str) -> Directive:
    """`opslint.dev/parity: "intended=<reason>; expires=2027-01-31"`: the object may differ between environments."""
    values = dict(part.strip().partition("=")[::2] for part in text.split(";"))
    reason, expires = values.get("intended", "").strip(), values.get("expires", "").strip()
    problem = ""
    if not reason:
        problem = "it gives no reason; write intended=<reason>; expires=2027-01-31"
    elif not is_date(expires):
        problem = "it says no day of the calendar until when; write intended=<reason>; expires=2027-01-31"
    return Directive("opslint", (PARITY,), reason, "", expires, problem)


def _foreign(kind: str, ids: list[str], reason: str = "", expires: str = "") -> Directive:
    names = tuple(id.strip() for id in ids if id.strip())
    if not names or any("*" in id or id.lower() == "all" for id in names):
        return Directive(kind, names, problem=f"a {kind} suppression without a check's id covers nothing here; name it")
    return Directive(kind, names, reason, expires=expires)


def _own(comment: str) -> Iterator[Directive]:
    """Directives of our own; a near miss (`opslint: ignore[…]`, `opslint:disable`) is malformed, not overlooked."""
    for rest in comment.split("opslint:")[1:]:
        word = rest.lstrip()
        if word.startswith(("ignore", "disable", "skip", "suppress", "waive", "noqa")):
            yield _parsed(rest) if rest.startswith("ignore=") else Directive("opslint", (), problem=_HINT)


def _parsed(rest: str) -> Directive:
    ids, _, tail = rest.removeprefix("ignore=").partition(" ")
    names = tuple(dict.fromkeys(id for id in ids.split(",") if id))
    if not names or any(set(id) - _ID_CHARS or "*" in id or id.lower() == "all" for id in names):
        return Directive("opslint", (), problem=f"it names no rule, and there is no wildcard; {_HINT}")
    values, problem = _pairs(tail)
    if not problem and not values.get("reason", "").strip():
        problem = f"it has no reason; {_HINT}"
    if not problem and "expires" in values and not is_date(values["expires"]):
        problem = "expires is no day of the calendar; write it as 2027-01-31"
    reason, owner, expires = (values.get(key, "") for key in ("reason", "owner", "expires"))
    return Directive("opslint", names, reason, owner, expires, problem)


def _pairs(text: str) -> tuple[dict[str, str], str]:
    """`key="value" key=value` up to the end, and what is wrong with it."""
    values: dict[str, str] = {}
    text = text.strip()
    while text:
        key, equals, rest = text.partition("=")
        key = key.strip()
        if not equals or key not in ("reason", "owner", "expires"):
            return values, f"after the rule stand reason, owner and expires, each as key=value; {_HINT}"
        quote = rest[:1] if rest[:1] in ('"', "'") else ""
        value, closed, text = rest[len(quote) :].partition(quote or " ")
        if quote and not closed:
            return values, f"the {key} has no closing quote; {_HINT}"
        values[key], text = value, text.strip()
    return values, ""


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, written as 2027-01-31."""
    from datetime import date

    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
