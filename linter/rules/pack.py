"""All rules in one file inside the package, indexed by kind, so that a scan decodes only the rules it can use.

The pack's first line is a JSON header; each further line is one JSON value at the byte offsets the header names.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from linter.digests import sha256
from linter.rules.model import Rule, RuleError, kinds_of, variants_of

FORMAT = 1


class Pack:
    """An opened pack. ids: rule id → line. Rules are decoded and compiled when asked for, once."""

    def __init__(self, data: bytes) -> None:
        header, _, self._body = data.partition(b"\n")
        self._header: dict[str, Any] = json.loads(header)
        self._rules: dict[str, Rule] = {}

    def joined(self, other: Pack) -> Pack:
        """Both packs' rules. Raises RuleError where an id would stand twice."""
        twice = sorted(set(self.ids) & set(other.ids))
        if twice:
            raise RuleError(f"{other.source(twice[0])}:1: {twice[0]} is already a built-in rule's id")
        shift = len(self._body)
        header = {key: dict(value) if isinstance(value, dict) else value for key, value in self._header.items()}
        for key in ("rules", "examples", "frameworks", "scanners", "texts"):
            header[key].update({id: [start + shift, end + shift] for id, (start, end) in other._header[key].items()})
        for key in ("kinds", "globs"):
            for kind, ids in other._header[key].items():
                header[key][kind] = [*header[key].get(kind, ()), *ids]
        for key in ("was", "files"):
            header[key].update(other._header[key])
        header["digest"] = sha256(f"{self.digest}{other.digest}".encode()).hexdigest()
        return Pack(json.dumps(header).encode() + b"\n" + self._body + other._body)

    @property
    def digest(self) -> str:
        """SHA-256 over the rule files, in hexadecimal."""
        return str(self._header["digest"])

    @property
    def ids(self) -> list[str]:
        return list(self._header["rules"])

    @property
    def framework_ids(self) -> list[str]:
        return list(self._header["frameworks"])

    def rule(self, id: str) -> Rule:
        """Raises KeyError where no rule has, or had, this id."""
        id = self._header["was"].get(id, id)
        if id not in self._rules:
            self._rules[id] = Rule(id, self._line(self._header["rules"][id]))
        return self._rules[id]

    def for_kinds(self, kinds: Collection[str]) -> list[Rule]:
        """Rules that judge at least one of the kinds, and those whose check names no kind, by id."""
        wanted = set(self._header["kinds"].get("", ()))
        for kind in kinds:
            wanted.update(self._header["kinds"].get(kind, ()))
        for pattern, ids in self._header["globs"].items():
            if any(kind.startswith(pattern[:-1]) for kind in kinds):
                wanted.update(ids)
        return [self.rule(id) for id in sorted(wanted)]

    def scanner(self, name: str) -> dict[str, Any]:
        """What the checks of an outside scanner bear on that no rule claims: see rules/scanners; {} for an unknown one."""
        span = self._header["scanners"].get(name)
        return dict(self._line(span)) if span is not None else {}

    def texts(self, start: str) -> dict[str, str]:
        """Files that are kept as they are, by path below `rules/`."""
        return {path: str(self._line(span)) for path, span in self._header["texts"].items() if path.startswith(start)}

    def claims(self, tool: str) -> dict[str, list[str]]:
        """A tool's check → the rules that say in `same-as` that they are the same."""
        found: dict[str, list[str]] = {}
        for id, span in self._header["rules"].items():
            data = self._line(span)
            for spec in variants_of(data):
                for check in spec.get("same-as", {}).get(tool, ()):
                    if id not in found.setdefault(check, []):
                        found[check].append(id)
        return found

    def framework(self, id: str) -> dict[str, Any]:
        """A framework file's content. Raises KeyError."""
        loaded: dict[str, Any] = self._line(self._header["frameworks"][id])
        return loaded

    def examples(self, id: str) -> dict[str, Any]:
        """{'bad': […], 'good': […]} of a rule. Raises KeyError."""
        loaded: dict[str, Any] = self._line(self._header["examples"][id])
        return loaded

    def source(self, id: str) -> str:
        """The rule file's path below `rules/`. Raises KeyError."""
        return str(self._header["files"][id])

    def _line(self, span: list[int]) -> Any:
        # As text: of bytes the encoding is guessed first, which takes as long as a short rule.
        return json.loads(self._body[span[0] : span[1]].decode())


def build(files: Mapping[str, str], framework_rules: Iterable[str] = (), folder: str = "rules") -> bytes:
    """Rule and framework files (path below `rules/` → text) as a pack's bytes. Raises RuleError.

    framework_rules: ids of rules elsewhere that frameworks may point at. folder: what errors call the files' folder.
    """
    header: dict[str, Any] = {
        "format": FORMAT, "digest": digest(files), "kinds": {}, "globs": {}, "rules": {}, "was": {}, "files": {},
        "examples": {}, "frameworks": {}, "scanners": {}, "texts": {},
    }  # fmt: skip
    body = bytearray()

    def put(value: Any) -> list[int]:
        start = len(body)
        body.extend(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
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
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + bytes(body)


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
        mapping = json.loads(body[start:end])
        for pointed in mapping["like"]:
            if pointed not in rules:
                raise RuleError(f"scanners/{mapping['scanner']}.yaml: {pointed!r} under `like` is no rule")
    for id, (start, end) in header["frameworks"].items():
        controls = json.loads(body[start:end])["controls"]
        known = {control["id"] for control in controls}
        for control in controls:
            checks = control.get("checks", ())
            for pointed in (
                *control.get("rules", {}).get("decisive", ()),
                *control.get("rules", {}).get("supporting", ()),
                *(rule for check in checks for rule in check.get("rules", ())),
            ):
                if pointed not in rules:
                    raise RuleError(f"framework {id}: control {control['id']} points at {pointed!r}, which is no rule")
            for pointed in (other for check in checks for other in check.get("summary-of", ())):
                if pointed not in known:
                    raise RuleError(f"framework {id}: control {control['id']} sums up {pointed!r}, which is no control")


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over paths and texts, in hexadecimal."""
    state = sha256()
    for path in sorted(files):
        state.update(f"{path}\0{len(files[path])}\0{files[path]}".encode())
    return state.hexdigest()
