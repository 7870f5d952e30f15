"""Rewritings of Dockerfiles in examples that must not change the answer; see example_variants."""

from __future__ import annotations

from linter.model import Map
from linter.rules.examples import Example
from linter.syntax import dockerfile
from tests.example_variants import Piece, around, each_file, in_text

_PLAIN = frozenset(("USER", "WORKDIR", "EXPOSE", "STOPSIGNAL"))


def _instructions(text: str) -> list[Map]:
    return dockerfile.load(0, text).instructions


def in_lower_case(example: Example) -> Example | None:
    """Instructions in lower-case words."""

    def pieces(text: str, _: int) -> list[Piece] | None:
        changes = []
        for found in _instructions(text):
            entry = found.at["instruction"]
            changes.append(Piece(entry[3], entry[4], found["instruction"].lower()))
        return around(text, changes)

    return each_file(example, "Dockerfile", pieces)


def continued(example: Example) -> Example | None:
    """A line break, a comment and an empty line after the word of each instruction."""

    def pieces(text: str, _: int) -> list[Piece] | None:
        changes = []
        for found in _instructions(text):
            end = found.at["instruction"][4]
            blank = end
            while text[blank : blank + 1] == " ":
                blank += 1
            changes.append(Piece(end, blank, " \\\n# a comment\n\n    ", False))
        return around(text, changes)

    return each_file(example, "Dockerfile", pieces)


def with_comments(example: Example) -> Example | None:
    """Comments above every instruction, and blanks before it."""

    def pieces(text: str, _: int) -> list[Piece] | None:
        starts = [found.span[1] for found in _instructions(text)]
        return around(text, [Piece(start, start, "# next: FROM scratch\n\n  ", False) for start in starts])

    return each_file(example, "Dockerfile", pieces)


def with_other_line_ends(example: Example) -> Example | None:
    """Lines that end as on Windows."""
    files = {path: text.replace("\n", "\r\n") for path, text in example.files.items()}
    return Example(files, example.marks)


def through_argument(example: Example) -> Example | None:
    """Images, users, folders and ports through the default of an ARG."""
    changed = None
    for path, text in example.files.items():
        changes, outside = [], []
        for number, found in enumerate(_instructions(text)):
            arguments = found["arguments"] if found["instruction"] != "ONBUILD" else []
            first = found["instruction"] == "FROM"
            for index, word in enumerate(arguments[:1] if first else arguments):
                _, _, _, start, end = arguments.at[index]
                if not (first or found["instruction"] in _PLAIN) or text[start:end] != word or "$" in word:
                    continue
                name = f"MOVED_{number}_{index}"
                line = f"ARG {name}={word}\n"
                changes.append(Piece(start, end, f"${{{name}}}"))
                if first:
                    outside.append(line)
                else:
                    changes.append(Piece(found.span[1], found.span[1], line, False))
        at = next((found.span[1] for found in _instructions(text) if found["instruction"] == "FROM"), None)
        if outside and at is not None:
            changes.append(Piece(at, at, "".join(outside), False))
        if changes and path.endswith("Dockerfile"):
            changed = in_text(changed or example, path, around(text, changes))
    return changed
