"""The baseline's file: JSON, described by linter/schemas/baseline.schema.json, sorted, one fault a line.

The same findings make the same bytes, so that a change of it shows in review as the faults that came and went. It holds
no line, no message and no value of what was scanned.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.config import ConfigError
from linter.digests import sha256
from linter.model import FAIL, UNKNOWN
from linter.report import Baseline, Recorded
from linter.text import decode

VERSION = 1
CAP = 32 * 1024 * 1024
SCHEMA = "https://github.com/opslint/opslint/blob/main/linter/schemas/baseline.schema.json"
_SECTIONS = {"findings": FAIL, "unknowns": UNKNOWN}
_TEXTS = ("path", "rule", "subject", "fingerprint")
_LONGEST = 10_000
_MOST = 1_000_000
_ANEW = "make it anew with `opslint baseline create --force`"


def written(entries: Iterable[Recorded]) -> str:
    """The text of a baseline's file, of entries as `baseline.joined` sorts them."""
    everything = list(entries)
    lines = ["{", f'  "$schema": {json.dumps(SCHEMA)},', f'  "version": {VERSION},']
    for section, outcome in _SECTIONS.items():
        found = [_line(entry) for entry in everything if entry.outcome == outcome]
        end = "," if section != "unknowns" else ""
        if found:
            lines += [f'  "{section}": [', ",\n".join(f"    {line}" for line in found), f"  ]{end}"]
        else:
            lines.append(f'  "{section}": []{end}')
    return "\n".join([*lines, "}"]) + "\n"


def _line(entry: Recorded) -> str:
    """One entry; what an editor would not show as it is, or not at all, is escaped."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in _TEXTS}
    if entry.number > 1:
        values["count"] = entry.number
    plain = all(values[name].isprintable() for name in _TEXTS)
    return json.dumps(values, ensure_ascii=not plain)


def read(name: str, data: bytes) -> Baseline:
    """The baseline that a file holds. name: what errors call it. Raises ConfigError with file, line, cause and remedy."""
    text, problem = decode(data)
    if problem is not None:
        raise ConfigError([f"{name}:{text.count(chr(10), 0, problem.start) + 1}: {problem.message}; {_ANEW}"])
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ConfigError([f"{name}:{_broken(text)}"]) from None
    problems = list(_problems(value))
    if problems:
        steps, words = problems[0]
        raise ConfigError([f"{name}:{_line_of(text, steps)}: {words}"])
    entries = [
        Recorded(entry["path"], entry["rule"], entry["subject"], entry["fingerprint"], outcome, entry.get("count", 1))
        for section, outcome in _SECTIONS.items()
        for entry in value.get(section, ())
    ]
    return Baseline(name, tuple(entries), sha256(data).hexdigest())


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _broken(text: str) -> str:
    """Line, cause and remedy of a text that is no JSON."""
    from linter.syntax.json import load

    for row, written_there in enumerate(text.split("\n"), 1):
        if written_there.startswith(("<<<<<<< ", "=======", ">>>>>>> ")):
            return f"{row}: a merge left its conflict here; keep either side and run `opslint baseline update`"
    problem = next(iter(load(0, text).problems), None)
    line = text.count("\n", 0, problem.start) + 1 if problem is not None else 1
    cause = problem.message if problem is not None else "no JSON"
    return f"{line}: this is no JSON ({cause}); {_ANEW}"


def _problems(value: Any) -> Iterator[tuple[list[str | int], str]]:
    """Where and what is wrong, each with its remedy. By hand, since there may be a hundred thousand entries."""
    if not isinstance(value, dict) or not isinstance(value.get("version"), int):
        yield [], f"this is no baseline of opslint, which is an object with `version` and `findings`; {_ANEW}"
        return
    if value["version"] != VERSION or value["version"] is True:
        yield (
            ["version"],
            f"version {value['version']!s:.20} is not read here, only {VERSION}; update opslint, or {_ANEW}",
        )
        return
    for key in value:
        if key not in ("$schema", "version", *_SECTIONS):
            yield [key], f"unknown key {key!r:.60}; a baseline has version, findings and unknowns; {_ANEW}"
    if "findings" not in value:
        yield [], f"`findings` is missing; {_ANEW}"
    for section in _SECTIONS:
        entries = value.get(section, [])
        if not isinstance(entries, list):
            yield [section], f"{section} must be a list; {_ANEW}"
            continue
        for index, entry in enumerate(entries):
            words = _wrong(entry)
            if words:
                yield [section, index], f"{words}; take the line out, or {_ANEW}"


def _wrong(entry: Any) -> str:
    """What is wrong with one entry, in words, or ''."""
    if not isinstance(entry, Mapping):
        return "an entry must be an object"
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or len(entry[key]) > _LONGEST:
            return f"the entry has no {key}" if key not in entry else f"{key} must be text"
    for key in entry:
        if key not in _TEXTS and key != "count":
            return f"unknown key {key!r:.60}"
    count = entry.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= _MOST:
        return "count must be a whole number from 1"
    if len(entry["fingerprint"]) != 32 or set(entry["fingerprint"]) - set("0123456789abcdef"):
        return "fingerprint must be 32 hexadecimal characters"
    return ""


def _line_of(text: str, steps: list[str | int]) -> int:
    """The line an entry is written in; read with places only now that there is something to point at."""
    from linter.syntax.json import load
    from linter.syntax.written import offset_of

    documents = load(0, text).documents
    return text.count("\n", 0, offset_of(documents[0].value, steps)) + 1 if documents else 1
