"""`opslint.yaml`: the policy, checked against its published JSON Schema (`schemas/config.schema.json`).

Data only: no code, no interpolation, no environment variables, and an address in it is compared, never followed. It is
read from the policy folder through the opener of scanned trees, because by default that folder is the scanned root.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.files import Tree, Unreadable
from linter.model import Map, Source
from linter.records import NamedTuple
from linter.text import decode

NAME, WAIVERS = "opslint.yaml", "waivers.yaml"
BASELINE = ".opslint-baseline.json"
CAP = 4 * 1024 * 1024
DEFAULTS = "built-in defaults"
_LOOKALIKES = frozenset(
    f"{dot}{name}.{end}"
    for dot in ("", ".")
    for name in ("opslint", "opslintrc")
    for end in ("yml", "toml", "json", "yaml")
) - {NAME}
_LENIENT = ("waivers", "allow-incomplete", "attestations")
_SHOWN_ERRORS = 20


class ConfigError(Exception):
    """A policy that cannot be used. problems: sentences as 'FILE:LINE: cause; remedy'; str() has one a line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Settings(NamedTuple):
    """The policy of a scan.

    data: plain values as the schema has them, with `waivers.yaml`'s entries after those of `opslint.yaml`. An entry of
    `waivers` and `allow-incomplete` also has `source` ('opslint.yaml:12') and, where it is malformed and therefore
    covers nothing, `problem` (words). path: the file's name, or 'built-in defaults'. sha256: of the files' bytes one
    after the other, '' for the defaults. sources: the texts, for places. baseline: path of the known faults below the
    policy folder: what `baseline` says, else `.opslint-baseline.json` where that is there, else ''. It is not read yet.
    """

    data: Mapping[str, Any] = {}
    path: str = DEFAULTS
    sha256: str = ""
    sources: tuple[Source, ...] = ()
    baseline: str = ""


def load(folder: str | None) -> Settings:
    """The policy of a folder: `opslint.yaml` and, beside it, `waivers.yaml`; built-in defaults where there is none.

    Raises ConfigError: the folder or a file cannot be read, is not YAML, or does not fit the schema. A malformed entry
    under `waivers` or `allow-incomplete` raises nothing: it covers nothing and says why (see Settings).
    """
    if folder is None:
        return Settings()
    try:
        with Tree(folder) as tree:
            return _load(tree)
    except Unreadable as error:
        raise ConfigError(
            [f"the policy folder cannot be read ({error.reason}); pass --policy an existing folder"]
        ) from None


def _load(tree: Tree) -> Settings:
    listing = next(tree.walk(lambda _: False))
    if listing.problem:
        raise listing.problem
    names = {*listing.files, *listing.links, *listing.others, *listing.folders}
    mistaken = sorted(names & _LOOKALIKES)
    if mistaken:
        raise ConfigError(
            [f"{name}:1: this file is not read; the policy's name is {NAME}: rename it" for name in mistaken]
        )
    baseline = BASELINE if BASELINE in names else ""
    if NAME not in names:
        return Settings(baseline=baseline)
    found = [_read(tree, name) for name in (NAME, WAIVERS) if name in names]
    settings = from_texts([(name, text) for name, text, _ in found], _digest([data for _, _, data in found]))
    return settings if settings.baseline or not baseline else settings._replace(baseline=baseline)


def _read(tree: Tree, name: str) -> tuple[str, str, bytes]:
    target = tree.resolve(name)
    try:
        if target.kind != "file":
            raise Unreadable(target.reason or "not a regular file")
        data = tree.read(target.path, CAP)
    except Unreadable as error:
        remedy = error.remedy or "put a regular file below the policy folder in its place"
        raise ConfigError([f"{name}:1: cannot be read ({error.reason}); {remedy}"]) from None
    text, problem = decode(data)
    if problem is not None:
        line = Source(0, name, text).position(problem.start)[0]
        raise ConfigError([f"{name}:{line}: {problem.message}; save the file as UTF-8 text"])
    return name, text, data


def _digest(files: Sequence[bytes]) -> str:
    from linter.digests import sha256

    return sha256(b"".join(files)).hexdigest()


def changes(root: str, settings: Settings) -> tuple[str, ...]:
    """What a scanned tree says of policy that the policy in force does not: sentences for files that differ.

    For a scan whose policy comes from elsewhere (a pull request's base). The tree's files are compared, never parsed.
    """
    mine = {source.path: source.text for source in settings.sources}
    found = []
    try:
        with Tree(root) as tree:
            listing = next(tree.walk(lambda _: False))
            present = {*listing.files, *listing.links, *listing.others, *listing.folders}
            for name in (NAME, WAIVERS):
                theirs = _text(tree, name) if name in present else None
                if name == WAIVERS and NAME not in present and name not in mine:
                    continue
                if theirs != mine.get(name):
                    found.append(f"{name} differs from the policy in force: the change counts once it is merged.")
    except Unreadable:
        pass
    return tuple(found)


def _text(tree: Tree, name: str) -> str:
    """A file's text, or something no policy is where it cannot be read."""
    try:
        target = tree.resolve(name)
        return decode(tree.read(target.path, CAP))[0] if target.kind == "file" else "\0"
    except Unreadable:
        return "\0"


def from_texts(files: Sequence[tuple[str, str]], digest: str = "") -> Settings:
    """Settings from (name, text) of the policy file and, after it, a waivers file. Raises ConfigError."""
    from linter.syntax.written import plain

    data: dict[str, Any] = {}
    problems: list[str] = []
    sources = tuple(Source(index, name, text) for index, (name, text) in enumerate(files))
    for source in sources:
        written = _document(source)
        values = plain(written)
        found, entries = _checked(values, written, source)
        problems += found
        for section in _LENIENT:
            if isinstance(values.get(section), list):
                values[section] = _entries(section, values[section], entries, written, source)
        if source.index == 0:
            data = values
        elif not problems:
            data["waivers"] = [*data.get("waivers", ()), *values.get("waivers", ())]
    if problems:
        raise ConfigError(problems[:_SHOWN_ERRORS])
    return Settings(data, files[0][0], digest, sources, str(data.get("baseline", "")))


def _document(source: Source) -> Map:
    from linter.syntax import yaml

    loaded = yaml.load(source.index, source.text, "1.2")
    wrong = sorted((problem.start, problem.message) for problem in (*loaded.problems, *loaded.duplicates))
    wrong += [(start, f"the tag {tag} means nothing here; write a plain value") for start, tag in loaded.tags.items()]
    if wrong:
        raise ConfigError(
            [f"{source.path}:{source.position(start)[0]}: {message}" for start, message in wrong[:_SHOWN_ERRORS]]
        )
    if not loaded.documents or (len(loaded.documents) == 1 and loaded.documents[0].value is None):
        return Map((source.index, 0, 0))
    value = loaded.documents[0].value
    if len(loaded.documents) > 1 or not isinstance(value, Map):
        raise ConfigError([f"{source.path}:1: the file must be one mapping of keys to values; see `opslint init`"])
    return value


def _checked(values: dict[str, Any], written: Map, source: Source) -> tuple[list[str], dict[tuple[str, int], str]]:
    """What is wrong as sentences with file and line, but for malformed entries: (section, index) → words."""
    from jsonschema import Draft202012Validator

    from linter.schemas import schema
    from linter.syntax.written import offset_of

    whole = schema("config")
    if source.index:
        whole = {**whole, **whole["$defs"]["waivers-file"]}
    found: dict[tuple[int, str], None] = {}
    entries: dict[tuple[str, int], str] = {}
    for error in Draft202012Validator(whole).iter_errors(values):
        path = list(error.absolute_path)
        for key, words in _explained(error):
            if len(path) > 1 and path[0] in _LENIENT:
                entries.setdefault((str(path[0]), int(path[1])), _at(path[2:], words))
            else:
                line = source.position(offset_of(written, [*path, *key]))[0]
                found[line, _at(path, words)] = None
    return [f"{source.path}:{line}: {words}" for line, words in sorted(found)], entries


def _at(path: Sequence[str | int], words: str) -> str:
    return f"{'.'.join(map(str, path))}: {words}" if path else words


def _explained(error: Any) -> Iterator[tuple[list[str], str]]:
    """The keys below the error's own place and what to say, from one error of jsonschema."""
    meaning = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = sorted(error.schema.get("properties", ()))
        for key in error.instance:
            if key not in known:
                yield [key], f"unknown key {_shown(key)}; {_suggestion(key, known)}"
    elif error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        one = len(missing) == 1
        yield [], f"{' and '.join(missing)} {'is' if one else 'are'} missing; add {'it' if one else 'them'}"
    elif error.validator == "enum":
        known = [str(value) for value in error.validator_value]
        yield [], f"{_shown(error.instance)} is not allowed; {_suggestion(str(error.instance), known)}"
    elif error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, str) else " or ".join(error.validator_value)
        yield [], f"must be {_KINDS.get(wanted, wanted)}, not {_shown(error.instance)}; {meaning}".rstrip("; ")
    elif isinstance(error.instance, (dict, list)):
        yield [], f"does not fit; wanted is this: {meaning or error.validator}"
    else:
        yield [], f"{_shown(error.instance)} does not fit; {meaning or error.validator}"


_KINDS = {
    "object": "a mapping", "array": "a list", "string": "text", "boolean": "true or false", "integer": "a whole number",
}  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…" + text[0]


def _suggestion(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word[:80].lower().replace("_", "-"), known, 1, 0.6)
    return f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(known)}"


def _entries(
    section: str, values: list[Any], malformed: Mapping[tuple[str, int], str], written: Map, source: Source
) -> list[dict[str, Any]]:
    """The entries with where each stands and, where one covers nothing, why."""
    from linter.syntax.written import offset_of

    marked = []
    for index, value in enumerate(values):
        entry = {key: value[key] for key in value} if isinstance(value, dict) else {}
        entry["source"] = f"{source.path}:{source.position(offset_of(written, [section, index]))[0]}"
        problem = malformed.get((section, index)) or _undated(entry.get("expires", ""))
        if problem:
            entry["problem"] = problem
        marked.append(entry)
    return marked


def _undated(text: str) -> str:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return f"expires: {_shown(text)} is no day of the calendar; write it as 2027-01-31"
    return ""
