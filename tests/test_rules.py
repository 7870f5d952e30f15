"""Every rule proves itself by its own examples, plain and in variants that must not change the answer."""

from __future__ import annotations

import pytest

from linter.engine.proof import prove
from linter.rules import open_pack
from linter.rules.examples import Example

PACK = open_pack()


@pytest.mark.parametrize("id", PACK.ids)
def test_rule_proves_itself(id: str) -> None:
    assert prove(PACK, id) == []


def _crlf(example: Example) -> Example:
    return Example({path: text.replace("\n", "\r\n") for path, text in example.files.items()}, example.marks)


def _comment(path: str) -> str:
    if path.endswith(".md"):
        return "<!--\n-->\n"
    return "// one\n// two\n" if "Jenkinsfile" in path or path.endswith(".groovy") else "# one\n# two\n"


def _shifted(example: Example) -> Example:
    """A comment of two lines above everything: every mark moves by two lines and nothing else changes."""
    front = {path: _comment(path) for path in example.files}
    shifted = {
        path
        for path, text in example.files.items()
        if not text.startswith("---") and not path.endswith((".json", "CODEOWNERS"))
    }
    files = {path: (front[path] if path in shifted else "") + text for path, text in example.files.items()}
    marks = tuple(sorted(m._replace(line=m.line + 2) if m.path in shifted else m for m in example.marks))
    return Example(files, marks)


@pytest.mark.parametrize("id", PACK.ids)
def test_line_ends_do_not_matter(id: str) -> None:
    assert prove(PACK, id, _crlf) == []


@pytest.mark.parametrize("id", PACK.ids)
def test_lines_above_only_shift_the_place(id: str) -> None:
    assert prove(PACK, id, _shifted) == []
