"""All rules in one file inside the package, indexed by kind, so that a scan decodes only the rules it can use.

The pack's first line says in JSON where its tables are. An index of kinds follows, a line each: the kind, a tab, and the
rules for it with where they are, in JSON. Then come the tables, of which a scan needs none, and the rules and what else
they point at, one JSON value a line. All offsets count bytes; those of rules and the like from the start of the last part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from linter.decoding import loads
from linter.digests import sha256
from linter.rules.model import Rule, RuleError, kinds_of, variants_of

if TYPE_CHECKING:
    from mmap import mmap

FORMAT = 2
TABLES = ("kinds", "globs", "rules", "was", "files", "examples", "frameworks", "scanners", "texts")
_START = f'{{"format":{FORMAT},'.encode()
_SPANS = ("rules", "examples", "frameworks", "scanners", "texts")


class Pack:
    """An opened pack: bytes, or a file as memory, of which only what is asked for is read.

    Rules are decoded and compiled when asked for, once.
    """

    def __init__(self, data: bytes | mmap) -> None:
        self._data = data
        self._head: dict[str, Any] = loads(data[: data.find(b"\n")].decode())
        self._tables: dict[str, dict[str, Any]] = {}
        self._rules: dict[str, Rule] = {}

    def joined(self, other: Pack) -> Pack:
        """Both packs' rules. Raises RuleError where an id would stand twice."""
        twice = sorted(set(self.ids) & set(other.ids))
        if twice:
            raise RuleError(f"{other.source(twice[0])}:1: {twice[0]} is already a built-in rule's id")
        body = self._data[self._head["body"] :]
        shift = len(body)
        tables = {name: dict(self._table(name)) for name in TABLES}
        for name in _SPANS:
            tables[name].update({id: [start + shift, end + shift] for id, (start, end) in other._table(name).items()})
        for name in ("kinds", "globs"):
            for kind, ids in other._table(name).items():
                tables[name][kind] = [*tables[name].get(kind, ()), *ids]
        for name in ("was", "files"):
            tables[name].update(other._table(name))
        both = sha256(f"{self.digest}{other.digest}".encode()).hexdigest()
        return Pack(_assembled(both, tables, body + other._data[other._head["body"] :]))

    @property
    def digest(self) -> str:
        """SHA-256 over the rule files, in hexadecimal."""
        return str(self._head["digest"])

    @property
    def ids(self) -> list[str]:
        return list(self._table("rules"))

    @property
    def framework_ids(self) -> list[str]:
        return list(self._table("frameworks"))

    def rule(self, id: str) -> Rule:
        """Raises KeyError where no rule has, or had, this id."""
        id = self.present(id)
        if id not in self._rules:
            self._rules[id] = Rule(id, self._line(self._table("rules")[id]))
        return self._rules[id]

    def present(self, id: str) -> str:
        """The id that a rule has now, by any it had; an unknown one is its own."""
        return str(self._table("was").get(id, id))

    def for_kinds(self, kinds: Collection[str]) -> list[Rule]:
        """Rules that judge at least one of the kinds, and those whose check names no kind, by id."""
        globs = [glob for glob in self._head["globs"] if any(kind.startswith(glob[:-1]) for kind in kinds)]
        wanted: dict[str, list[int]] = {}
        for kind in ("", *kinds, *globs):
            wanted.update(self._of_kind(kind))
        new = {id: span for id, span in wanted.items() if id not in self._rules}
        # All at once: opening the decoder for each takes as long as decoding a short rule.
        lines = ",".join(map(self._text, new.values()))
        self._rules.update(zip(new, map(Rule, new, loads(f"[{lines}]")), strict=True))
        return [self._rules[id] for id in sorted(wanted)]

    def _of_kind(self, kind: str) -> dict[str, list[int]]:
        """The rules that name a kind or glob, with where they are; found in the index without decoding the rest of it."""
        start, end = self._head["index"]
        sign = b"\n" + kind.encode("utf-8", "replace") + b"\t"
        at = self._data.find(sign, start - 1, end)
        found: dict[str, list[int]] = {}
        if at >= 0:
            found = loads(self._data[at + len(sign) : self._data.find(b"\n", at + len(sign))].decode())
        return found

    def scanner(self, name: str) -> dict[str, Any]:
        """What the checks of an outside scanner bear on that no rule claims: see rules/scanners; {} for an unknown one."""
        span = self._table("scanners").get(name)
        return dict(self._line(span)) if span is not None else {}

    def texts(self, start: str) -> dict[str, str]:
        """Files that are kept as they are, by path below `rules/`."""
        return {path: str(self._line(span)) for path, span in self._table("texts").items() if path.startswith(start)}

    def claims(self, tool: str) -> dict[str, list[str]]:
        """A tool's check → the rules that say in `same-as` that they are the same."""
        found: dict[str, list[str]] = {}
        for id, span in self._table("rules").items():
            data = self._line(span)
            for spec in variants_of(data):
                for check in spec.get("same-as", {}).get(tool, ()):
                    if id not in found.setdefault(check, []):
                        found[check].append(id)
        return found

    def framework(self, id: str) -> dict[str, Any]:
        """A framework file's content. Raises KeyError."""
        loaded: dict[str, Any] = self._line(self._table("frameworks")[id])
        return loaded

    def examples(self, id: str) -> dict[str, Any]:
        """{'bad': […], 'good': […]} of a rule. Raises KeyError."""
        loaded: dict[str, Any] = self._line(self._table("examples")[id])
        return loaded

    def source(self, id: str) -> str:
        """The rule file's path below `rules/`. Raises KeyError."""
        return str(self._table("files")[id])

    def _table(self, name: str) -> dict[str, Any]:
        if name not in self._tables:
            start, end = self._head["tables"][name]
            self._tables[name] = loads(self._data[start:end].decode())
        return self._tables[name]

    def _line(self, span: list[int]) -> Any:
        return loads(self._text(span))

    def _text(self, span: list[int]) -> str:
        """The line at a span, decoded here: of bytes the decoder guesses the encoding first."""
        body: int = self._head["body"]
        return self._data[body + span[0] : body + span[1]].decode()


def is_current(data: bytes | mmap) -> bool:
    """Whether this version of the program made, or could have made, a pack."""
    return data[: len(_START)] == _START


def _assembled(digest: str, tables: Mapping[str, Mapping[str, Any]], body: bytes) -> bytes:
    """A pack's bytes. The first line is as long as it is with the largest offsets there can be."""
    index = bytearray(b"\n")
    for name in ("kinds", "globs"):
        for kind, ids in tables[name].items():
            index += f"{kind}\t".encode() + _json({id: tables["rules"][id] for id in ids}) + b"\n"
    written = {name: _json(tables[name]) + b"\n" for name in TABLES}
    head: dict[str, Any] = {"format": FORMAT, "digest": digest, "globs": list(tables["globs"])}
    places = {"index": [9**9, 9**9], "tables": {name: [9**9, 9**9] for name in TABLES}, "body": 9**9}
    at = size = len(_json({**head, **places}))
    places["index"] = [at + 1, at := at + len(index)]
    places["tables"] = {name: [at, (at := at + len(line)) - 1] for name, line in written.items()}
    places["body"] = at
    return _json({**head, **places}).ljust(size) + bytes(index) + b"".join(written.values()) + body


def _json(value: Any) -> bytes:
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def build(files: Mapping[str, str], framework_rules: Iterable[str] = (), folder: str = "rules") -> bytes:
    """Rule and framework files (path below `rules/` → text) as a pack's bytes. Raises RuleError.

    framework_rules: ids of rules elsewhere that frameworks may point at. folder: what errors call the files' folder.
    """
    header: dict[str, Any] = {name: {} for name in TABLES}
    body = bytearray()

    def put(value: Any) -> list[int]:
        start = len(body)
        body.extend(_json(value))
        body.extend(b"\n")
        return [start, len(body) - 1]

    examples: dict[str, Any] = {}
    for path in sorted(files):
        if path.startswith("frameworks/"):
            from linter.rules.frameworks import read_framework

            framework = read_framework(f"{folder}/{path}", files[path])
            header["frameworks"][framework["id"]] = put(framework)
            continue
        if path.startswith("scanners/"):
            from linter.rules.scanners import read_mapping

            mapping = read_mapping(f"{folder}/{path}", files[path])
            header["scanners"][mapping["scanner"]] = put(mapping)
            continue
        if path.startswith("semgrep/"):
            header["texts"][path] = put(files[path])
            continue
        rule, examples[rule.id] = _read(folder, path, files[path], header)
        header["rules"][rule.id] = put(rule.data)
        header["files"][rule.id] = path
        _index(header, rule)
    for id, found in examples.items():
        header["examples"][id] = put(found)
    _check_names(header, bytes(body), {*framework_rules, *header["rules"]})
    return _assembled(digest(files), header, bytes(body))


def _read(folder: str, path: str, text: str, header: dict[str, Any]) -> tuple[Rule, dict[str, Any]]:
    from linter.rules.load import read_rule

    rule, examples = read_rule(f"{folder}/{path}", text)
    if rule.id in header["rules"]:
        raise RuleError(f"{folder}/{path}:1: {rule.id} is already the id of {folder}/{header['files'][rule.id]}")
    return rule, examples


def _index(header: dict[str, Any], rule: Rule) -> None:
    for former in rule.data.get("was", ()):
        header["was"][former] = rule.id
    for spec in variants_of(rule.data):
        for kind in kinds_of(spec) or ("",):
            index = header["globs"] if kind.endswith("*") else header["kinds"]
            if rule.id not in index.setdefault(kind, []):
                index[kind].append(rule.id)


def _check_names(header: dict[str, Any], body: bytes, rules: set[str]) -> None:
    for former, id in header["was"].items():
        if former in rules:
            raise RuleError(
                f"rules/{header['files'][id]}:1: {former!r} under `was` is another rule's id; ids are never reused"
            )
    for start, end in header["scanners"].values():
        mapping = loads(body[start:end].decode())
        for pointed in mapping["like"]:
            if pointed not in rules:
                raise RuleError(f"scanners/{mapping['scanner']}.yaml: {pointed!r} under `like` is no rule")
    for id, (start, end) in header["frameworks"].items():
        controls = loads(body[start:end].decode())["controls"]
        known = {each["id"] for control in controls for each in (control, *control.get("checks", ()))}
        for control in controls:
            checks = control.get("checks", ())
            for pointed in (
                *control.get("rules", {}).get("decisive", ()),
                *control.get("rules", {}).get("supporting", ()),
                *(rule for check in checks for rule in check.get("rules", ())),
            ):
                if pointed not in rules:
                    raise RuleError(f"framework {id}: control {control['id']} points at {pointed!r}, which is no rule")
            for check in checks:
                _check_shown(id, check)
            for pointed in (other for check in checks for other in check.get("summary-of", ())):
                if pointed not in known:
                    raise RuleError(
                        f"framework {id}: control {control['id']} sums up {pointed!r}, which is no control and no check"
                    )


def _check_shown(framework: str, check: Mapping[str, Any]) -> None:
    for group in check.get("shown-by", ()):
        for pointed in [group] if isinstance(group, str) else group:
            if pointed not in check["rules"]:
                raise RuleError(f"framework {framework}: {check['id']} is shown by {pointed!r}, none of its rules")


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over paths and texts, in hexadecimal."""
    state = sha256()
    for path in sorted(files):
        state.update(f"{path}\0{len(files[path])}\0{files[path]}".encode())
    return state.hexdigest()
