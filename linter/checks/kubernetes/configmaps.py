"""What a ConfigMap carries (Kubernetes API, ConfigMap): text that every reader of the namespace sees."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Unknown, handle
from linter.text import find_secrets, looks_secret


def configmap_without_credentials(estate: Estate, *, kind: str = "kubernetes/ConfigMap") -> Iterator[Verdict]:
    """No entry of `data` is a credential, by its form or by its name, nor is a line of a file that it holds.

    Placeholders, references and paths to credentials are fine; an entry that is unknown is unknown.
    """
    for config in estate.of_kind(kind):
        data = config.body.get("data")
        if not isinstance(data, Map):
            continue
        fine = True
        for key, value in data.items():
            if isinstance(value, Unknown):
                message = f"'{key}' of {config.name} is unknown, so whether it is a credential cannot be decided."
                yield Verdict(config, UNKNOWN, message, handle(value, data.at[key]), str(key), (), (value,))
                fine = False
            elif isinstance(value, str) and value and (looks_secret(str(key), value) or find_secrets(value)):
                message = f"ConfigMap {config.name} holds a credential in '{key}'."
                yield Verdict(config, FAIL, message, handle(value, data.at[key]), str(key))
                fine = False
        if fine:
            yield Verdict(config, PASS, f"{config.name} holds no credential.", config.anchor)
