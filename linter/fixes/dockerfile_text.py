"""Changes of Dockerfiles: what is written at a place of one instruction is written otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from linter.fixes.changes import Change, Refused, applied
from linter.model import Map
from linter.report import Edit
from linter.syntax import dockerfile
from linter.syntax.written import plain


class DockerfileText:
    """A Dockerfile. Raises Refused where it has errors."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._read = dockerfile.load(0, text)
        if self._read.problems:
            raise Refused("the file has errors")

    def instruction_at(self, offset: int) -> Map:
        """The instruction that is written around an offset. Raises Refused."""
        for each in self._read.instructions:
            if each.span[1] <= offset < each.span[2]:
                return each
        raise Refused("no instruction is written there")

    def edits(self, changes: Sequence[Change]) -> list[Edit] | None:
        """See Written."""
        if any(change.op != "rewrite" for change in changes):
            return None
        return sorted(Edit(*change.at, str(change.value)) for change in changes)

    def proven(self, text: str, changes: Iterable[Change]) -> bool:
        """See Written. An instruction says what was meant if, read alone, it says what it says in the file."""
        changes = list(changes)
        after = dockerfile.load(0, text)
        if after.problems or len(after.instructions) != len(self._read.instructions):
            return False
        escape = self._read.directives.get("escape", "\\")
        for old, new in zip(self._read.instructions, after.instructions, strict=True):
            own = [each for each in changes if old.span[1] <= each.at[0] and each.at[1] <= old.span[2]]
            wanted = old if not own else _alone(self.text, old, own, escape)
            if wanted is None or plain(wanted) != plain(new):
                return False
        return True


def _alone(text: str, instruction: Map, changes: list[Change], escape: str) -> Any:
    _, first, last = instruction.span
    moved = [Edit(each.at[0] - first, each.at[1] - first, str(each.value)) for each in changes]
    head = f"# escape={escape}\n" if escape != "\\" else ""
    read = dockerfile.load(0, head + applied(text[first:last], moved))
    return read.instructions[0] if len(read.instructions) == 1 and not read.problems else None
