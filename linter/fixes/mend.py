"""What a rule file's `mend` says, as changes of the file a finding lies in.

`set: {path: value}` gives the entry at a dotted path of what is written of the resource (a mapping of YAML, a block of
HCL) a value; `before: [names]` says which entries a new one stands before. `from: item` begins at the list's item that
the finding lies in instead. `remove: [path]` takes entries away.
`write: value` gives the scalar at the finding's place another value; `replace: {pattern: text}` replaces parts of what is
written there. `by: name` asks a mender of MENDERS,
with the parameters of `with`. `where` is a condition on the resource without which nothing is mended. `safe` is true,
false or a condition on the resource: whether all that works stays as it is. `title` says what is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from linter.conditions import segments
from linter.fixes.changes import Change, Refused, Written
from linter.model import Estate, Judgement
from linter.records import NamedTuple

MENDERS: dict[str, str] = {
    "copy_for_add": "linter.fixes.dockerfiles:copy_for_add",
    "drop_identity_token": "linter.fixes.pipelines_rights:drop_identity_token",
    "drop_insecure_commands": "linter.fixes.pipelines:drop_insecure_commands",
    "expressions_to_environment": "linter.fixes.expressions:expressions_to_environment",
    "keep_no_credentials": "linter.fixes.pipelines:keep_no_credentials",
    "limit_job_token": "linter.fixes.pipelines_rights:limit_job_token",
    "list_of_words": "linter.fixes.pipelines:list_of_words",
    "macros_to_environment": "linter.fixes.azure:macros_to_environment",
    "name_secrets": "linter.fixes.pipelines_rights:name_secrets",
    "plain_action_path": "linter.fixes.pipelines:plain_action_path",
}
"""Name of a mender → "module:function"; it takes a Site and the rule's parameters and returns Mended or None."""


class Site(NamedTuple):
    """Where something is to be mended."""

    estate: Estate
    judgement: Judgement
    written: Written

    @property
    def place(self) -> tuple[int, int]:
        """Where the finding is."""
        return self.judgement.span[1], self.judgement.span[2]

    @property
    def extent(self) -> tuple[int, int]:
        """Where the resource's own mapping or block is written."""
        resource = self.judgement.resource
        family = resource.kind.partition("/")[0]
        _, start, end = resource.extent if family in ("terraform", "terragrunt") else resource.body.span
        return start, end

    def item(self) -> tuple[int, int]:
        """Where the innermost mapping is written that is an item of a list and holds the finding. Raises Refused."""
        item_around = getattr(self.written, "item_around", None)
        if item_around is None:
            raise Refused("there are no lists of mappings in this language")
        found: tuple[int, int] = item_around(*self.place)
        return found


class Mended(NamedTuple):
    """Changes that end a finding. title: a sentence without full stop. safe: false where this place makes it unsafe."""

    changes: tuple[Change, ...]
    title: str
    safe: bool = True


Mender = Callable[..., Mended | None]


def mended(site: Site, spec: Mapping[str, Any]) -> Mended | None:
    """The changes that a rule's `mend` means at a place; None where there are none. Raises Refused."""
    resource = site.judgement.resource
    if resource.body.span[0] != site.judgement.span[0]:
        return None
    if "by" in spec:
        module, _, name = MENDERS[spec["by"]].partition(":")
        mender: Mender = getattr(import_module(module), name)
        made = mender(site, **spec.get("with", {}))
        return made._replace(title=spec["title"]) if made is not None and "title" in spec else made
    at = site.item() if spec.get("from") == "item" else site.extent
    changes = [*_sets(at, spec), *_removals(at, spec), *_replacements(site, spec)]
    if "write" in spec:
        changes.append(Change("write", site.place, (), spec["write"]))
    return Mended(tuple(changes), told(spec)) if changes else None


def told(spec: Mapping[str, Any]) -> str:
    """What a `mend` does, in words."""
    if "title" in spec:
        return str(spec["title"])
    parts = [f"set {path} to {_shown(value)}" for path, value in spec.get("set", {}).items()]
    parts += [f"remove {path}" for path in spec.get("remove", ())]
    parts += [f"write {_shown(spec['write'])}"] if "write" in spec else []
    parts += [f"write {text} instead" for text in spec.get("replace", {}).values()]
    parts += [spec["by"].replace("_", " ")] if "by" in spec else []
    text = " and ".join(parts)
    return text[:1].upper() + text[1:]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sets(at: tuple[int, int], spec: Mapping[str, Any]) -> list[Change]:
    before = tuple(spec.get("before", ()))
    return [Change("set", at, tuple(segments(path)), value, before) for path, value in spec.get("set", {}).items()]


def _removals(at: tuple[int, int], spec: Mapping[str, Any]) -> list[Change]:
    return [Change("remove", at, tuple(segments(path))) for path in spec.get("remove", ())]


def _replacements(site: Site, spec: Mapping[str, Any]) -> list[Change]:
    """Each match within what is written at the finding's place."""
    found = []
    start, end = site.place
    for pattern, text in spec.get("replace", {}).items():
        for match in re.finditer(pattern, site.written.text[start:end]):
            place = start + match.start(), start + match.end()
            found.append(Change("rewrite", place, (), match.expand(text)))
    return found
