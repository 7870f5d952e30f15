"""Which environment a name or a path speaks of.

Names are compared as whole words after splitting at `/ . _ -`, never as parts of words; `non-prod`, `pre-prod` and the
like are words of their own. What the configuration declares wins over everything found in the layout. A name is kept as
it is written, its tier is one of model.Environment's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from linter.model import Environment

PRODUCTION, PRE_PRODUCTION, DEVELOPMENT = "production", "pre-production", "development"

_TIERS = {
    **dict.fromkeys(("prod", "prd", "production", "live"), PRODUCTION),
    **dict.fromkeys(("stage", "stg", "staging", "uat", "acceptance", "qa", "perf"), PRE_PRODUCTION),
    **dict.fromkeys(("preprod", "pre-prod", "pre-production", "preproduction"), PRE_PRODUCTION),
    **dict.fromkeys(("nonprod", "non-prod", "non-production", "nonproduction", "not-prod"), PRE_PRODUCTION),
    **dict.fromkeys(("dev", "develop", "development", "test", "tst", "sandbox", "sbx", "int"), DEVELOPMENT),
    **dict.fromkeys(("integration", "ci", "local", "preview"), DEVELOPMENT),
}
_NEGATIONS = frozenset({"non", "not", "pre"})
_AMBIGUOUS = frozenset(
    {"test", "tst", "ci", "live", "local", "int", "integration", "preview", "perf", "acceptance", "qa"}
)
"""Words that folders also use for other things: they count only beside a folder that is clearly an environment."""

_EXCLUDED = frozenset(
    ("templates", "template", "examples", "example", "tests", "test-fixtures", "fixtures", "testdata", "node_modules",
     "vendor", ".terraform", ".github", "docs", "modules")
)  # fmt: skip
_STEM_SUFFIXES = (
    ".auto.tfvars.json", ".auto.tfvars", ".tfvars.json", ".tfvars", ".tfbackend", ".hcl"
)  # fmt: skip
_MARKERS = (".tf", ".tofu", ".tfvars", ".hcl", ".yaml", ".yml", ".json")


class Hit(NamedTuple):
    """An environment word in a path. folder: the path up to and including it ('' for a file's stem)."""

    environment: Environment
    folder: str
    ambiguous: bool


def environment_named(name: str, settings: Mapping[str, Any]) -> Environment | None:
    """The environment a name stands for where a name of one is expected: a job's environment, a workspace, a namespace.

    `name` is returned as declared where the configuration declares it, else the word as written in it; None where it
    names none.
    """
    declared = _declared_named(name, settings)
    if declared is not None:
        return declared
    for word in _words(name):
        found = _declared_named(word, settings)
        if found is None and word.lower() in _TIERS:
            found = Environment(word, _TIERS[word.lower()])
        if found is not None:
            return found
    return None


def environment_of(path: str, settings: Mapping[str, Any], paths: Collection[str] = ()) -> Environment | None:
    """The environment an artifact belongs to by its place, None where the layout does not say.

    paths: all paths of the tree (folders end in '/'), which decide on words folders also use for other things; without
    them such words do not count.
    """
    declared = _declared_path(path, settings)
    if declared is not None:
        return declared
    for hit in _hits(path, settings):
        if not hit.ambiguous or _beside_another(hit, paths, settings):
            return hit.environment
    return None


def environments_in(paths: Iterable[str], settings: Mapping[str, Any]) -> tuple[Environment, ...]:
    """The environments of a tree: the declared ones, and those with two independent hits, sorted by name.

    Two hits are a folder with files that make up an environment (Terraform, manifests, values) besides another of the
    same layer, or two different layers (`terraform/prod`, `apps/prod`). One alone is a name, not an environment.
    """
    everything = paths if isinstance(paths, (frozenset, set)) else frozenset(paths)
    declared = {_environment(entry) for entry in _declared(settings)}
    places: dict[Environment, set[str]] = {}
    for path in everything:
        if path.endswith("/") or not path.endswith(_MARKERS):
            continue
        for hit in _hits(path, settings):
            if not hit.ambiguous or _beside_another(hit, everything, settings):
                places.setdefault(hit.environment, set()).add(hit.folder)
                break
    parents = {
        environment: {folder.rpartition("/")[0] for folder in folders} for environment, folders in places.items()
    }
    found = {
        environment
        for environment, folders in places.items()
        if len(folders) > 1
        or any(parents[environment] & others for other, others in parents.items() if other != environment)
    }
    return tuple(sorted(found | declared))


def _hits(path: str, settings: Mapping[str, Any]) -> list[Hit]:
    """Environment words of a path, the best first: a file's stem, folders that are nothing else from the deepest up,
    then folders whose name contains one."""
    *folders, name = path.split("/")
    for index, folder in enumerate(folders):
        if folder.lower() in _EXCLUDED:
            folders = folders[:index]
            name = ""
            break
    whole: list[Hit] = []
    partial: list[Hit] = []
    stem = _stem(name)
    if stem:
        environment = _of_words(stem, settings)
        if environment is not None:
            whole.append(Hit(environment[0], path, False))
    for depth in range(len(folders), 0, -1):
        found = _of_words(folders[depth - 1], settings)
        if found is None:
            continue
        environment_found, exact = found
        ambiguous = environment_found.name.lower() in _AMBIGUOUS
        if exact or not ambiguous:
            (whole if exact else partial).append(Hit(environment_found, "/".join(folders[:depth]), ambiguous))
    return whole + partial


def _of_words(name: str, settings: Mapping[str, Any]) -> tuple[Environment, bool] | None:
    """The environment a folder's name speaks of, and whether it is the whole name."""
    declared = _declared_named(name, settings)
    if declared is not None:
        return declared, True
    words = _words(name)
    for word in words:
        found = _declared_named(word, settings)
        if found is None and word.lower() in _TIERS:
            found = Environment(word, _TIERS[word.lower()])
        if found is not None:
            return found, len(words) == 1
    return None


def _stem(name: str) -> str:
    """The part of a file's name that may name an environment: `prod.tfvars`, `backend-prod.hcl`, `values-prod.yaml`."""
    for suffix in _STEM_SUFFIXES:
        if name.endswith(suffix):
            return name[: -len(suffix)]
    low = name.lower()
    if low.endswith((".yaml", ".yml")) and ("values" in low or low.startswith(("compose.", "docker-compose."))):
        return name.rpartition(".")[0]
    return ""


def _words(name: str) -> list[str]:
    """A name's words; a negation and what it negates are one (`non-prod`), written with `-` between them."""
    parts = [part for part in name.replace("/", "-").replace(".", "-").replace("_", "-").split("-") if part]
    words: list[str] = []
    for part in parts:
        if words and words[-1].lower() in _NEGATIONS:
            words[-1] = f"{words[-1]}-{part}"
        else:
            words.append(part)
    return words


def _beside_another(hit: Hit, paths: Collection[str], settings: Mapping[str, Any]) -> bool:
    """Whether a folder beside the hit's is clearly an environment."""
    parent = hit.folder.rpartition("/")[0]
    base = parent + "/" if parent else ""
    return any(base + name + "/" in paths for name in _clear_names(settings))


def _clear_names(settings: Mapping[str, Any]) -> list[str]:
    declared = [name for entry in _declared(settings) for name in (entry.get("name"), *(entry.get("aliases") or ()))]
    return [*(word for word in _TIERS if word not in _AMBIGUOUS), *(name for name in declared if isinstance(name, str))]


def _declared(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = settings.get("environments") or ()
    return [entry for entry in entries if isinstance(entry, Mapping) and isinstance(entry.get("name"), str)]


def _environment(entry: Mapping[str, Any]) -> Environment:
    name = str(entry["name"])
    return Environment(name, str(entry.get("tier") or _TIERS.get(name.lower(), "")))


def _declared_named(name: str, settings: Mapping[str, Any]) -> Environment | None:
    low = name.lower()
    for entry in _declared(settings):
        if any(
            isinstance(known, str) and known.lower() == low for known in (entry["name"], *(entry.get("aliases") or ()))
        ):
            return _environment(entry)
    return None


def _declared_path(path: str, settings: Mapping[str, Any]) -> Environment | None:
    """The declared environment whose glob with the most characters names the path."""
    best, longest = None, -1
    for entry in _declared(settings):
        for pattern in entry.get("paths") or ():
            if len(pattern) > longest and _path_matches(pattern, path):
                best, longest = _environment(entry), len(pattern)
    return best


def _path_matches(pattern: str, path: str) -> bool:
    from linter.globs import path_matches

    return path_matches(pattern, path)
