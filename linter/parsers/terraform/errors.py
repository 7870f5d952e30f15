"""How an evaluation ends without a value."""

from __future__ import annotations

from linter.model import Unknown


class Wrong(Exception):
    """An error Terraform itself would report; `try` and `can` see it, elsewhere it makes the value unknown."""


class Stop(Exception):
    """Evaluation cannot go on; carries the Unknown that stands for the value."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.subject)
        self.unknown = unknown


def over_budget(subject: str) -> Stop:
    return Stop(Unknown("budget", subject, "make the expression smaller"))
