"""Which files a set of Semgrep's rules can judge: those with the endings of the languages that the rules name.

Endings as in Semgrep 1.182 (https://semgrep.dev/docs/supported-languages, seen November 2026). A language that is not
here, and a generic rule that does not say which files it reads, may judge any file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from linter.files import Tree, Unreadable
from linter.model import Map, Seq
from linter.text import decode
from linter.trees import maps

SCRIPTS = "#!"
"""Stands for files without an ending that begin so."""
_CAP = 4 << 20
_ENDINGS = {
    "bash": ".sh .bash", "c": ".c .h", "clojure": ".clj .cljs .cljc .edn", "cpp": ".cc .cpp .cxx .c++ .h .hh .hpp .hxx",
    "csharp": ".cs", "dart": ".dart", "dockerfile": "dockerfile .dockerfile", "elixir": ".ex .exs", "go": ".go",
    "groovy": ".groovy jenkinsfile", "html": ".html .htm", "java": ".java", "javascript": ".js .mjs .cjs .jsx",
    "json": ".json .ipynb", "jsonnet": ".jsonnet .libsonnet", "kotlin": ".kt .kts .ktm", "lua": ".lua",
    "php": ".php .tpl .phtml", "powershell": ".ps1 .psm1 .psd1", "proto": ".proto", "python": ".py .pyi", "r": ".r",
    "ruby": ".rb", "rust": ".rs", "scala": ".scala", "solidity": ".sol", "sql": ".sql", "swift": ".swift",
    "terraform": ".tf .hcl .tfvars", "typescript": ".ts .tsx", "vue": ".vue", "xml": ".xml .plist", "yaml": ".yml .yaml",
}  # fmt: skip
_ALIASES = {
    "sh": "bash", "c++": "cpp", "c#": "csharp", "docker": "dockerfile", "ex": "elixir", "golang": "go",
    "js": "javascript", "kt": "kotlin", "py": "python", "python2": "python", "python3": "python", "rb": "ruby",
    "rs": "rust", "hcl": "terraform", "tf": "terraform", "ts": "typescript",
}  # fmt: skip
_WITH_SCRIPTS = frozenset(("bash", "javascript", "typescript", "lua", "php", "python", "r", "ruby"))
_ANY_TEXT = frozenset(("generic", "regex", "none"))

EVERY = sorted({ending for endings in _ENDINGS.values() for ending in endings.split()} | {SCRIPTS})
"""What a scanner is given where nobody can tell which files its rules judge."""


def endings(texts: Iterable[str]) -> list[str] | None:
    """The endings of the files that files of rules judge; None where that cannot be told."""
    from linter.syntax import yaml

    found: set[str] = set()
    for text in texts:
        documents = yaml.load(0, text).documents
        rules = documents[0].value.get("rules") if documents and isinstance(documents[0].value, Map) else None
        if not isinstance(rules, Seq) or len(maps(rules)) != len(rules):
            return None
        for rule in maps(rules):
            of_rule = _of_rule(rule)
            if of_rule is None:
                return None
            found |= of_rule
    return sorted(found)


def _of_rule(rule: Map) -> set[str] | None:
    languages = rule.get("languages")
    if not isinstance(languages, Seq) or not languages:
        return None
    found: set[str] = set()
    for language in languages:
        name = language.lower() if isinstance(language, str) else ""
        name = _ALIASES.get(name, name)
        given = _included(rule) if name in _ANY_TEXT else set(_ENDINGS.get(name, "").split())
        if not given:
            return None
        found |= given | ({SCRIPTS} if name in _WITH_SCRIPTS else set())
    return found


def _included(rule: Map) -> set[str]:
    """The endings that a rule for any text names as the only ones; empty where it names others than `*.ending`."""
    paths = rule.get("paths")
    include: Any = paths.get("include") if isinstance(paths, Map) else None
    if not isinstance(include, Seq):
        return set()
    found = {each[1:].lower() for each in include if isinstance(each, str) and each.startswith("*.")}
    return found if len(found) == len(include) and not any(set(each) & set("*?[/") for each in found) else set()


def texts(path: str) -> Iterator[str]:
    """The files of rules at a path of the policy: itself, or those below it. Raises Unreadable."""
    folder, name = (path, "") if os.path.isdir(path) else os.path.split(path)
    with Tree(folder) as tree:
        if name:
            yield decode(tree.read(name, _CAP))[0]
            return
        for listing in tree.walk():
            for file in listing.files:
                if file.endswith((".yaml", ".yml")):
                    yield decode(tree.read(f"{listing.path}/{file}" if listing.path else file, _CAP))[0]


def judged(bundled: Iterable[str], paths: Iterable[str]) -> list[str] | None:
    """The endings that the bundled rules and those at paths of the policy judge; None where that cannot be told."""
    try:
        return endings([*bundled, *(text for path in paths for text in texts(path))])
    except Unreadable:
        return None
