"""The variables of a build stage: what ARG and ENV have set so far.

Encodes "Understand how ARG and FROM interact" and "Using ARG variables" of the Dockerfile reference: ENV wins over ARG,
an ARG without a default takes the value of the one before FROM, stages inherit from the stage they begin from.
"""

from __future__ import annotations

from typing import Any

from linter.model import Map, Unknown
from linter.parsers.containers.substitution import replaced

_PLATFORM = frozenset(
    ("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH",
     "BUILDVARIANT", "TARGETSTAGE")
)  # fmt: skip
_PROXIES = frozenset(("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"))
_REMEDY = "give the ARG a default"


class Scope(dict[str, Any]):
    """Name → text or Unknown. environment: the names that ENV has set. external: the base is an image whose
    environment is not known here."""

    __slots__ = ("environment", "external", "outside")

    def __init__(self, outside: Scope | None, parent: Scope | None, *, external: bool) -> None:
        super().__init__(parent or {})
        self.outside: Scope | None = outside
        self.environment: set[str] = set(parent.environment) if parent is not None else set()
        self.external: bool = parent.external if parent is not None else external

    def assign(self, found: Map, word: str, escape: str) -> None:
        """What an ARG or ENV sets; every value of one ENV is read with what was set before it."""
        made: dict[str, Any] = {}
        for name, written in found.get("written", {}).items():
            if word == "ENV":
                made[name] = replaced(written, self, self.missing, escape)
            elif name not in self.environment:
                if found["pairs"][name] is None:
                    self[name] = self._given(name)
                else:
                    self[name] = replaced(written, self, self.missing, escape)
        self.update(made)
        self.environment.update(made)

    def _given(self, name: str) -> Any:
        """An ARG without a default."""
        if self.outside is not None and name in self.outside:
            return self.outside[name]
        if name in _PLATFORM:
            return _platform(name)
        return Unknown("missing-input", f"build argument {name}", _REMEDY, type="string", not_null=True)

    def missing(self, name: str) -> Any:
        """A name that nothing has set: before FROM the builder knows the platforms, after it what the image sets."""
        if self.outside is None:
            return _platform(name) if name in _PLATFORM else ""
        if name.upper() in _PROXIES:
            return Unknown("run-time", f"build argument {name}", type="string", not_null=True)
        if not self.external:
            return ""
        return Unknown("remote-source", f"variable {name} of the base image", "set it here", type="string")


def _platform(name: str) -> Unknown:
    return Unknown("run-time", f"build argument {name}", type="string", not_null=True)
