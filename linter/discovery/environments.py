"""Which environment a name or a path speaks of.

Names are compared as whole words after splitting at `/ . _ -`, never as parts of words; `non-prod`, `pre-prod` and the
like are words of their own. What the configuration declares (`environments:`) wins over everything found in the layout.
A found name is kept as it is written; its tier is one of model.Environment's, and `non-prod` is pre-production: it is
what production is compared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from linter.model import Environment
from linter.records import NamedTuple

PRODUCTION, PRE_PRODUCTION, DEVELOPMENT = "production", "pre-production", "development"

_TIERS = {
    **dict.fromkeys(("prod", "prd", "production", "live"), PRODUCTION),
    **dict.fromkeys(("stage", "stg", "staging", "uat", "acceptance", "qa", "perf"), PRE_PRODUCTION),
    **dict.fromkeys(("preprod", "pre-prod", "pre-production", "preproduction"), PRE_PRODUCTION),
    **dict.fromkeys(("nonprod", "non-prod", "non-production", "nonproduction", "not-prod"), PRE_PRODUCTION),
    **dict.fromkeys(("dev", "develop", "development", "test", "tst", "sandbox", "sbx", "int"), DEVELOPMENT),
    **dict.fromkeys(("integration", "ci", "local", "preview"), DEVELOPMENT),
}
_SYNONYMS = (("production", "prod", "prd", "live"), ("staging", "stage", "stg"), ("development", "dev", "develop"))
_NEGATIONS = frozenset({"non", "not", "pre"})
_AMBIGUOUS = frozenset({"test", "tst", "ci", "live", "local", "int", "integration", "preview", "perf", "acceptance"})
"""Words folders also have for other things: they count only beside a folder that is clearly an environment."""

_EXCLUDED = frozenset(
    ("templates", "template", "examples", "example", "tests", "fixtures", "testdata", "node_modules", "vendor",
     ".terraform", ".github", "docs", "modules")
)  # fmt: skip
_LAYERS = frozenset(
    ("environments", "environment", "envs", "env", "overlays", "clusters", "stages", "inventories", "workspaces",
     "vars", "accounts", "landscapes", "tfvars", "backends")
)  # fmt: skip
"""Folders whose folders and files are environments by custom: a second sign beside the name."""

_MARKERS = frozenset(
    ("env.hcl", "account.hcl", "terragrunt.hcl", "kustomization.yaml", "kustomization.yml", "Kustomization",
     "backend.tf", "provider.tf", "providers.tf", "terraform.tf", "versions.tf", "values.yaml", "values.yml")
)  # fmt: skip
_STEMS = (".auto.tfvars.json", ".auto.tfvars", ".tfvars.json", ".tfvars", ".tfbackend", ".hcl")
_OURS = (".tf", ".tofu", ".tfvars", ".hcl", ".tfbackend", ".yaml", ".yml", ".json", "Kustomization")


class _Declared(NamedTuple):
    environment: Environment
    names: tuple[str, ...]
    paths: tuple[str, ...]


class _Hit(NamedTuple):
    """A word in a path. folder: the path up to it. exact: it is the folder's whole name, or a file's stem."""

    environment: Environment
    folder: str
    exact: bool
    declared: bool


def environment_named(name: str, settings: Mapping[str, Any]) -> Environment | None:
    """The environment a name stands for where one is expected: a job's environment, a workspace, a tfvars stem.

    Its name as declared where the configuration declares it, else the word as written; None where no word is known.
    """
    found = _of_words(name, _declared(settings))
    return found[0] if found else None


def environment_declared(path: str, settings: Mapping[str, Any]) -> Environment | None:
    """The environment whose `paths` in the configuration name an artifact, None where none does."""
    return _by_path(path, _declared(settings)) if settings.get("environments") else None


def without_environments(name: str) -> str:
    """A folder's name with each word that is clearly an environment's replaced by `*`: `acme-non-prod` is `acme-*`."""
    words = _words(name)
    clear = [word.lower() in _TIERS and word.lower() not in _AMBIGUOUS for word in words]
    return "-".join("*" if known else word for word, known in zip(words, clear, strict=True)) if any(clear) else name


def same_meaning(name: str) -> str:
    """A word for all the names that are the same environment's by custom (prod, prd, production, live), '' for others."""
    return next((words[0] for words in _SYNONYMS if name.lower() in words), "")


def environment_of(path: str, settings: Mapping[str, Any], paths: frozenset[str] | None = None) -> Environment | None:
    """The environment an artifact belongs to by its place, None where the layout does not say.

    paths: all paths of the tree (folders end in '/'). With them, only environments that two signs speak for count (see
    environments_in); without them, every clear word does.
    """
    declared = _declared(settings)
    if paths:
        return _layout(paths, declared).of(path)
    environment = _by_path(path, declared)
    if environment is not None:
        return environment
    hits = _hits(path, declared)
    return next((hit.environment for hit in hits if not _is_ambiguous(hit)), None)


def environments_in(paths: Iterable[str], settings: Mapping[str, Any]) -> tuple[Environment, ...]:
    """The declared environments and those the layout speaks of with two signs, sorted by name.

    Two signs are the name of a folder or of a values or variables file, and one of: another environment beside it; a
    parent folder that holds environments by custom (`envs`, `overlays`); a backend, provider, kustomization or values
    file below it; the same name in another layer. A folder that holds environments is a group (`non-prod/qa`), not one.
    """
    return _layout(frozenset(paths), _declared(settings)).environments


class _Layout:
    """What the paths of a tree say together."""

    __slots__ = ("_declared", "_groups", "_marked", "_named", "_parents", "environments")

    def __init__(self, paths: frozenset[str], declared: tuple[_Declared, ...]) -> None:
        self._declared = declared
        self._named: dict[Environment, set[str]] = {}
        self._parents: dict[str, set[Environment]] = {}
        self._groups: set[str] = set()
        self._marked: set[str] = set()
        places: set[str] = set()
        for path in paths:
            if not path.endswith(_OURS):
                continue
            folder, _, name = path.rpartition("/")
            places.add(path if _stem(name) else folder + "/")
            if name in _MARKERS or name.endswith((".tfvars", ".tfbackend")):
                self._marked.update(_ancestors(folder))
        for place in places:
            for hit in _hits(place, declared):
                if hit.exact:
                    self._note(hit, hit.folder == place)
        found = {environment for environment in map(self.of, places) if environment is not None}
        self.environments = tuple(sorted(found.union(each.environment for each in declared)))

    def of(self, path: str) -> Environment | None:
        environment = _by_path(path, self._declared)
        if environment is not None:
            return environment
        return next((hit.environment for hit in _hits(path, self._declared) if self._counts(hit)), None)

    def _note(self, hit: _Hit, is_file: bool) -> None:
        self._named.setdefault(hit.environment, set()).add(hit.folder)
        parent = hit.folder.rpartition("/")[0]
        self._parents.setdefault(parent, set()).add(hit.environment)
        if not is_file and not _is_ambiguous(hit):
            self._groups.update(_ancestors(parent))

    def _counts(self, hit: _Hit) -> bool:
        if hit.declared:
            return True
        parent = hit.folder.rpartition("/")[0]
        beside = self._parents.get(parent, set()) - {hit.environment}
        if _is_ambiguous(hit):
            return hit.exact and any(each.name.lower() not in _AMBIGUOUS for each in beside)
        if hit.folder in self._groups:
            return False
        custom = parent.rpartition("/")[2].lower() in _LAYERS
        return bool(beside) or custom or hit.folder in self._marked or len(self._named.get(hit.environment, ())) > 1


def _is_ambiguous(hit: _Hit) -> bool:
    return not hit.declared and hit.environment.name.lower() in _AMBIGUOUS


@lru_cache(maxsize=4)
def _layout(paths: frozenset[str], declared: tuple[_Declared, ...]) -> _Layout:
    return _Layout(paths, declared)


def _hits(path: str, declared: tuple[_Declared, ...]) -> list[_Hit]:
    """Environment words of a path, the best first: a file's stem, folders that are nothing else from the deepest up,
    then folders that have one among other words."""
    *folders, name = path.split("/")
    cut = next((index for index, folder in enumerate(folders) if folder.lower() in _EXCLUDED), None)
    if cut is not None:
        folders, name = folders[:cut], ""
    exact: list[_Hit] = []
    partial: list[_Hit] = []
    stem = _of_words(_stem(name), declared)
    if stem:
        exact.append(_Hit(stem[0], path, True, stem[2]))
    for depth in range(len(folders), 0, -1):
        found = _of_words(folders[depth - 1], declared)
        if found:
            environment, whole, known = found
            (exact if whole else partial).append(_Hit(environment, "/".join(folders[:depth]), whole, known))
    return exact + partial


def _of_words(name: str, declared: tuple[_Declared, ...]) -> tuple[Environment, bool, bool] | None:
    """The environment a name speaks of, whether that is all it says, and whether it is a declared one."""
    if not name:
        return None
    words = _words(name)
    for word in (name, *words):
        low = word.lower()
        for each in declared:
            if low in each.names:
                return each.environment, word is name or len(words) == 1, True
    for word in words:
        tier = _TIERS.get(word.lower())
        if tier:
            return Environment(word, tier), len(words) == 1, False
    return None


def _stem(name: str) -> str:
    """The part of a file's name that may name an environment: `prod.tfvars`, `backend-prod.hcl`, `values-prod.yaml`."""
    for suffix in _STEMS:
        if name.endswith(suffix):
            return name[: -len(suffix)]
    low = name.lower()
    if low.endswith((".yaml", ".yml")) and ("values" in low or low.startswith(("compose.", "docker-compose."))):
        return name.rpartition(".")[0]
    return ""


def _words(name: str) -> list[str]:
    """A name's words; a negation and what it negates are one (`non-prod`), written with `-` between them."""
    words: list[str] = []
    for part in name.replace("/", "-").replace(".", "-").replace("_", "-").replace(" ", "-").split("-"):
        if words and words[-1].lower() in _NEGATIONS:
            words[-1] = f"{words[-1]}-{part}"
        elif part:
            words.append(part)
    return words


def _ancestors(folder: str) -> Iterable[str]:
    """A folder and those it is in, up to and without the root."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _declared(settings: Mapping[str, Any]) -> tuple[_Declared, ...]:
    """The configuration's environments; malformed entries, which the configuration's schema refuses, say nothing."""
    found = []
    for entry in settings.get("environments") or ():
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            name: str = entry["name"]
            names = (name, *(alias for alias in entry.get("aliases") or () if isinstance(alias, str)))
            environment = Environment(name, str(entry.get("tier") or _TIERS.get(name.lower(), "")))
            paths = tuple(path for path in entry.get("paths") or () if isinstance(path, str))
            found.append(_Declared(environment, tuple(each.lower() for each in names), paths))
    return tuple(found)


def _by_path(path: str, declared: tuple[_Declared, ...]) -> Environment | None:
    """The declared environment whose longest glob names the path."""
    if not any(each.paths for each in declared):
        return None
    from linter.globs import path_matches

    matches = [(len(glob), each.environment) for each in declared for glob in each.paths if path_matches(glob, path)]
    return max(matches)[1] if matches else None
