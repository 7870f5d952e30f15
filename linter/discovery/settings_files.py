"""Files of settings for one environment each: `.env.production`, `config/staging.json`, Ansible's inventories.

Names alone tell them, so that one counts only beside another one of a different environment: the same path but for the
environment's name. What such files lie upon (`.env`, `config/default.json`, `group_vars/all.yml`) is found with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from linter.discovery.environments import environment_declared, environment_named
from linter.files import Tree, Unreadable
from linter.model import Environment
from linter.records import NamedTuple

DOTENV, CONFIG, ANSIBLE = "dotenv", "config", "ansible"
_CONFIGS = frozenset(("config", "configs", "configuration", "conf", "settings"))
_DATA = (".yaml", ".yml", ".json", ".toml")
_NO_DOTENV = frozenset(
    ("example", "sample", "template", "tmpl", "tpl", "dist", "schema", "enc", "encrypted", "vault", "gpg", "asc", "sops",
     "age", "bak", "orig", "swp", "j2", "md", "txt", "sh", "js", "ts", "py", "rb", "json", "yaml", "yml", "toml")
)  # fmt: skip
_BASES = frozenset(("default", "defaults", "base", "common", "shared", "all", "global"))
_PERSONAL = frozenset(("local", "ci", "test", "tst"))
"""What dotenv files and configurations are also called that belong to one machine or to a run of tests."""
_EXCLUDED = frozenset(
    ("node_modules", "vendor", ".terraform", "site-packages", ".venv", "examples", "example", "testdata", "fixtures",
     "tests", "test", "templates", "docs", "spec", ".git")
)  # fmt: skip
_INVENTORIES = frozenset(("inventories", "inventory", "environments", "envs"))
_HOSTS = frozenset(("hosts", "hosts.ini", "hosts.yml", "hosts.yaml", "inventory", "inventory.ini", "inventory.yml",
                    "inventory.yaml"))  # fmt: skip


class SettingsFile(NamedTuple):
    """One file. environment: whose it is, None for what lies below all of them. layout: its path, `*` for the
    environment's name: the same for all that are compared. group: of Ansible, the group whose variables it sets."""

    path: str
    format: str
    environment: Environment | None
    layout: str
    group: str = ""


def find(paths: Iterable[str], settings: Mapping[str, Any]) -> list[SettingsFile]:
    """The files of settings among the paths of a tree, in order, with those they lie upon."""
    named: dict[str, list[SettingsFile]] = {}
    bases: list[SettingsFile] = []
    for path in sorted(paths):
        found = None if path.endswith("/") else _read(path, settings)
        if found is not None and found.environment is None:
            bases.append(found)
        elif found is not None:
            named.setdefault(found.layout, []).append(found)
    whole = _together(named)
    kept = [
        each for layout, inside in named.items() if _several(whole.get(_root(layout), inside)) for each in inside
    ]  # fmt: skip
    formats = {each.format for each in kept}
    homes = {(each.format, _home(each)) for each in kept}
    return sorted([*kept, *(base for base in bases if _is_below(base, homes, formats))])


def _together(named: Mapping[str, list[SettingsFile]]) -> dict[str, list[SettingsFile]]:
    """The files of one inventory tree (`inventories/*`) by its root: its parts need not have the same names."""
    found: dict[str, list[SettingsFile]] = {}
    for layout, inside in named.items():
        if inside[0].format == ANSIBLE:
            found.setdefault(_root(layout), []).extend(inside)
    return found


def _root(layout: str) -> str:
    return layout.partition("*")[0] + "*"


def _several(inside: Iterable[SettingsFile]) -> bool:
    return len({each.environment for each in inside}) > 1


def _home(file: SettingsFile) -> str:
    """What a base has to have in common with the files that lie on it: the folder, of a configuration the form too."""
    return "" if file.format == ANSIBLE else file.layout if file.format == CONFIG else file.layout.rpartition("/")[0]


def _is_below(base: SettingsFile, homes: Collection[tuple[str, str]], formats: Collection[str]) -> bool:
    return (base.format, _home(base)) in homes if base.format != ANSIBLE else ANSIBLE in formats


def _read(path: str, settings: Mapping[str, Any]) -> SettingsFile | None:
    *folders, name = path.split("/")
    low = name.lower()
    dotenv = ".env" in low or low == "env" or low.startswith("env.")
    data = low.endswith(_DATA)
    inventory = "." not in name or data or low.endswith(".ini")
    if not (dotenv or data or inventory) or not _EXCLUDED.isdisjoint(folders):
        return None
    if dotenv and (found := _dotenv(path, folders, low, name, settings)) is not None:
        return found
    if inventory and (found := _ansible(path, folders, name, settings)) is not None:
        return found
    return _config(path, folders, name, settings) if data and folders else None


def _environment(path: str, word: str, settings: Mapping[str, Any]) -> Environment | None:
    return environment_declared(path, settings) or environment_named(word, settings)


def _exact(path: str, word: str, settings: Mapping[str, Any]) -> Environment | None:
    """The environment that a word is the name of, and nothing else."""
    found = _environment(path, word, settings)
    return (
        found if found is not None and (found.name.lower() == word.lower() or _is_declared(found, settings)) else None
    )


def _is_declared(environment: Environment, settings: Mapping[str, Any]) -> bool:
    return any(each.get("name") == environment.name for each in settings.get("environments") or ())


def _dotenv(path: str, folders: list[str], low: str, name: str, settings: Mapping[str, Any]) -> SettingsFile | None:
    """`.env.production`, `production.env`, `.env` in a folder of the environment's own; `.env` lies below its siblings."""
    words = [word for word in low.replace("-", ".").replace("_", ".").split(".") if word and word != "env"]
    if not _NO_DOTENV.isdisjoint(words) or not (low.startswith((".env", "env.")) or low.endswith(".env")):
        return None
    home = "/".join(folders)
    if not words:
        for depth in range(len(folders), max(len(folders) - 2, 0), -1):
            found = _exact(path, folders[depth - 1], settings)
            if found is not None:
                layout = "/".join([*folders[: depth - 1], "*", *folders[depth:], name])
                return SettingsFile(path, DOTENV, found, layout)
        return SettingsFile(path, DOTENV, None, path)
    if _PERSONAL.intersection(words) or (len(words) == 1 and words[0] in _BASES):
        return SettingsFile(path, DOTENV, None, path) if words[0] in _BASES else None
    stem = name[4:].lstrip("._-") if low.startswith(".env") else name.removesuffix(".env").lstrip(".")
    stem = name[4:] if low.startswith("env.") else stem
    found = _environment(path, stem, settings)
    if found is None:
        return None
    layout = f"{home}/{_starred(name, found.name)}" if home else _starred(name, found.name)
    return SettingsFile(path, DOTENV, found, layout)


def _starred(name: str, word: str) -> str:
    at = name.lower().rfind(word.lower())
    return name[:at] + "*" + name[at + len(word) :] if at >= 0 else "*"


def _config(path: str, folders: list[str], name: str, settings: Mapping[str, Any]) -> SettingsFile | None:
    """`config/production.json`; `config/default.json` lies below."""
    if folders[-1].lower() not in _CONFIGS:
        return None
    stem, _, suffix = name.rpartition(".")
    layout = f"{'/'.join(folders)}/*.{suffix}"
    if stem.lower() in _BASES:
        return SettingsFile(path, CONFIG, None, layout)
    found = None if stem.lower() in _PERSONAL else _exact(path, stem, settings)
    return SettingsFile(path, CONFIG, found, layout) if found is not None else None


def _ansible(path: str, folders: list[str], name: str, settings: Mapping[str, Any]) -> SettingsFile | None:
    """Inventories and the variables of groups, below `inventories/<env>` or named after the environment."""
    stem = name.rpartition(".")[0] or name
    if "group_vars" in folders:
        at = folders.index("group_vars")
        group = folders[at + 1] if len(folders) > at + 1 else stem
        above, rest = folders[:at], [*folders[at + 1 :], name]
        own = _exact(path, group, settings)
        if own is not None and (not above or above[-1] not in _INVENTORIES):
            inside = _of_inventory(path, above, settings)
            if inside is None:
                layout = "/".join([*above, "group_vars", "*", *rest[1:]])
                return SettingsFile(path, ANSIBLE, own, layout, "*")
        inside = _of_inventory(path, above, settings)
        if inside is None:
            return SettingsFile(path, ANSIBLE, None, path, group)
        return SettingsFile(path, ANSIBLE, inside[0], "/".join([*inside[1], "group_vars", *rest]), group)
    if "roles" in folders and folders[-1] == "defaults" and stem == "main":
        return SettingsFile(path, ANSIBLE, None, path, "defaults")
    if name.lower() in _HOSTS:
        inside = _of_inventory(path, folders, settings)
        return SettingsFile(path, ANSIBLE, inside[0], "/".join([*inside[1], name])) if inside is not None else None
    if folders and folders[-1] in ("inventories", "inventory"):
        own = _exact(path, stem, settings)
        return SettingsFile(path, ANSIBLE, own, "/".join([*folders, _starred(name, own.name)])) if own else None
    return None


def _of_inventory(path: str, folders: list[str], settings: Mapping[str, Any]) -> tuple[Environment, list[str]] | None:
    """The environment of a folder below `inventories`, with the folders, `*` for it."""
    for at in range(len(folders) - 1, -1, -1):
        if at and folders[at - 1] in _INVENTORIES:
            found = _exact(path, folders[at], settings)
            if found is not None:
                return found, [*folders[:at], "*", *folders[at + 1 :]]
    return None


def read_settings(
    tree: Tree, paths: Collection[str], known: Collection[str], settings: Mapping[str, Any]
) -> dict[str, tuple[str, bytes]]:
    """Path → (format, bytes) of the files of settings that nothing else has read. known: not to be read."""
    taken: dict[str, tuple[str, bytes]] = {}
    for each in find(paths, settings):
        if each.path not in known:
            try:
                data = tree.read(each.path)
                data.decode()
            except (Unreadable, UnicodeDecodeError):
                continue
            taken[each.path] = (f"settings-{each.format}", data)
    return taken
