"""The credentials a GitLab job gets: secrets from stores, tokens, and variables set outside the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.model import Entry, Map, Seq
from linter.parsers.pipelines.gitlab_forms import credentials
from linter.text import secret_name
from linter.trees import as_map

TOKENS = frozenset(
    ("CI_JOB_TOKEN", "CI_JOB_JWT", "CI_JOB_JWT_V1", "CI_JOB_JWT_V2", "CI_REGISTRY_PASSWORD", "CI_DEPLOY_PASSWORD",
     "CI_DEPENDENCY_PROXY_PASSWORD", "CI_REPOSITORY_URL", "CI_BUILD_TOKEN")
)  # fmt: skip
"""Predefined variables that let whoever holds them act for the job (CI_REPOSITORY_URL has the token in it)."""


_ENDS = ("SSH_KEY", "DEPLOY_KEY", "GPG_KEY", "_PAT", "KUBECONFIG", "KUBE_CONFIG", "DOCKER_AUTH_CONFIG", "CREDS")
"""Ends of names that people give to credentials in pipelines, beside the telling words known everywhere."""


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$(?:\{(?:env:)?(\w+)[^}$]{0,80}\}?|(?:env:)?([A-Za-z_]\w*))|%([A-Za-z_]\w*)%")


def variables_in(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of every variable a text has its shell put in."""
    for match in _variable().finditer(text):
        yield match[1] or match[2] or match[3], match.start(), match.end()


def credential(name: str) -> bool:
    """Whether a variable holds a credential by its name, for want of its value."""
    if name in TOKENS:
        return True
    return not name.startswith("CI_") and (secret_name(name) or name.upper().endswith(_ENDS))


def credentials_of(raw: Map, env: Map, whole: Map, steps: list[Map], at: Entry) -> Seq:
    """[{name, kind}] of a job: `secrets`, `id_tokens`, and the variables its commands use that no file sets."""
    found: list[tuple[str, str, Entry]] = []
    for key, kind in (("secrets", "secret"), ("id_tokens", "token")):
        held = as_map(raw.get(key))
        found += [(str(name), kind, held.at[name]) for name in held]
    own = {name for name, _, _ in found}
    for step in steps:
        for name, _, _ in variables_in(step["run"]):
            if name in TOKENS:
                found.append((name, "token", step.at["run"]))
            elif name not in own and name not in env and name not in whole and credential(name):
                found.append((name, "variable", step.at["run"]))
    return credentials(found, at)
