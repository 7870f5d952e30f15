"""Which kind of document a page is, and which part a heading announces: by tables and by what a company declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from linter.globs import path_matches, text_matches
from linter.parsers.documents.profile_tables import (
    DECLARED,
    NAMED,
    NAMING,
    PARTS,
    PROFILES,
    RECORD_FOLDERS,
    TEMPLATE_NAMES,
    Profile,
)

__all__ = ["DECLARED", "PARTS", "PROFILES", "Profile"]

FOLDERS = ("operations_runbooks", "runbooks", "playbooks", "alerts")
EXCLUDED_FOLDERS = frozenset(
    {"helpers", "includes", "_includes", "partials", "_partials", "templates", "_templates", "archetypes", "snippets"}
)
EXCLUDED_STEMS = frozenset({"readme", "_index", "template", "_template", "contributing", "changelog", "summary"})


RUNBOOK_PARTS = tuple(
    dict.fromkeys(part for each in PROFILES.values() if each.runbook for part in each.required + each.optional)
)
"""What rules ask any runbook for, whatever its profile."""


def known(settings: Mapping[str, Any]) -> Mapping[str, Profile]:
    """The profiles of a scan by name: the built-in ones, and those of `runbooks.profiles`, which win."""
    declared = (settings.get("runbooks") or {}).get("profiles") or {}
    if not declared:
        return PROFILES
    profiles = {name: profile for name, profile in PROFILES.items() if name not in declared}
    profiles.update((name, _declared(name, written)) for name, written in declared.items())
    return profiles


def _declared(name: str, written: Mapping[str, Any]) -> Profile:
    """A company's profile; one with the name of a built-in profile replaces it."""
    synonyms = {part: tuple(headings) for part, headings in (written.get("synonyms") or {}).items()}
    before = PROFILES.get(name)
    title = before.title if before else f"a document of the profile '{name}'"
    listed = (tuple(written.get(key) or ()) for key in ("required", "names", "folders"))
    required, names, folders = listed
    return Profile(title, required, (), before.runbook if before else True, synonyms, names, folders)


def parts_of(profile: Profile) -> tuple[str, ...]:
    """The parts looked for in a document of a profile."""
    own = profile.required + profile.optional
    return tuple(dict.fromkeys(own + RUNBOOK_PARTS)) if profile.runbook else own


@cache
def _heading(part: str, synonyms: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    own = PARTS.get(part) or re.escape(part.lower()).replace("_", r"[\s_-]").replace(r"\-", r"[\s_-]")
    words = "|".join((*(re.escape(each.strip().lower()) for each in synonyms if each.strip()), own))
    within = re.compile(rf"(?:^|[\s/&,:(-])(?:{words})(?=$|[\s/&,:;.?!)-])")
    return within, re.compile(rf"[\W\d_]*(?:{words})[\W_]*")


def heading_names(title: str, part: str, synonyms: tuple[str, ...] = ()) -> bool:
    """Whether a heading announces a part: `How to verify the fix` announces verification."""
    return len(title) <= 200 and _heading(part, synonyms)[0].search(title.strip().lower()) is not None


def heading_is(title: str, part: str, synonyms: tuple[str, ...] = ()) -> bool:
    """Whether a heading says a part's name and nothing else but a number or punctuation: `3. Verification:`."""
    return len(title) <= 200 and _heading(part, synonyms)[1].fullmatch(title.strip().lower()) is not None


def likeliest(titles: Iterable[str], profiles: Mapping[str, Profile] = PROFILES) -> str:
    """The runbook profile most of whose required parts (more than half) these headings announce, or ''."""
    best, best_share = "", 0.5
    listed = list(titles)
    for name, profile in profiles.items():
        if profile.runbook and profile.required:
            said = ((part, profile.synonyms.get(part, ())) for part in profile.required)
            found = sum(any(heading_names(title, *each) for title in listed) for each in said)
            share = found / len(profile.required)
            if share > best_share:
                best, best_share = name, share
    return best


def configured(path: str, profiles: Mapping[str, Profile]) -> str:
    """The profile whose declared names or folders a page has, or ''."""
    if profiles is PROFILES:
        return ""
    file = path.rsplit("/", 1)[-1].lower()
    stem = file.rsplit(".", 1)[0]
    for name, profile in profiles.items():
        if any(text_matches(each.lower(), stem) or text_matches(each.lower(), file) for each in profile.names):
            return name
    return next((name for name, each in profiles.items() if any(path_matches(glob, path) for glob in each.folders)), "")


def named(stem: str) -> str:
    """The profile a file's name declares, or ''."""
    plain = stem.strip().lower()
    if not any(word in plain for word in NAMING):
        return ""
    plain = _hyphened(plain)
    return next((profile for profile, pattern in NAMED.items() if re.fullmatch(pattern, plain)), "")


def placed(path: str) -> str:
    """The profile that a folder of records or of templates gives its pages, or ''."""
    *folders, name = path.lower().split("/")
    stem = name.rsplit(".", 1)[0]
    if not folders or stem in EXCLUDED_STEMS or stem == "index":
        return ""
    folder = _hyphened(folders[-1])
    if folder == "templates":
        return TEMPLATE_NAMES.get(_hyphened(stem).removesuffix("-template"), "")
    if folder == "incidents" and not re.match(r"20\d\d-?\d\d", stem):
        return ""  # teams keep their procedures in a folder of this name, too; a report is named by its day
    return RECORD_FOLDERS.get(folder, "")


def is_template(path: str) -> bool:
    """Whether a page is one to be copied and filled in."""
    *folders, name = path.lower().split("/")
    stem = _hyphened(name.rsplit(".", 1)[0])
    return stem.endswith("template") or stem.startswith("template") or bool(EXCLUDED_FOLDERS.intersection(folders))


def _hyphened(name: str) -> str:
    return re.sub(r"[\s_.-]+", "-", name.strip().lower())


def is_entry(path: str) -> bool:
    """Whether a page of a runbook folder is a runbook, and no index, template or fragment."""
    *folders, name = path.lower().split("/")
    stem = name.rsplit(".", 1)[0]
    if stem in EXCLUDED_STEMS or EXCLUDED_FOLDERS.intersection(folders):
        return False
    return stem != "index" or not (not folders or folders[-1] in FOLDERS)


def in_runbook_folder(path: str) -> bool:
    """Whether a page lies below a folder that is called one of runbooks."""
    return any(folder in FOLDERS for folder in path.lower().split("/")[:-1])
