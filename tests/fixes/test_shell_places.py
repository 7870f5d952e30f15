"""Where expressions stand in scripts, by the shell's own words."""

from __future__ import annotations

import pytest

from linter.fixes.shell_places import COMMENT, DOUBLE, HERE, PLAIN, SINGLE, standings
from linter.parsers.pipelines.expressions import find


def kinds(script: str) -> list[str | None]:
    places = standings(script, [(each.start, each.end) for each in find(script)])
    return [each.kind if each else None for each in places]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo ${{ a }}", [PLAIN]),
        ('echo "${{ a }}" ${{ b }}', [DOUBLE, PLAIN]),
        ("echo '${{ a }}'", [SINGLE]),
        ("echo '${{ a }} \" ${{ b }}' \"${{ c }}\"", [SINGLE, SINGLE, DOUBLE]),
        ("echo ${{ 'it''s' }} \"${{ format('\"{0}', a) }}\"", [PLAIN, DOUBLE]),
        ("# ${{ a }}\necho a#${{ b }}", [COMMENT, PLAIN]),
        ('x="$(echo "${{ a }}" \'${{ b }}\')"', [DOUBLE, SINGLE]),
        ("cat <<EOF\n${{ a }}\nEOF\necho '${{ b }}'", [HERE, SINGLE]),
        ("cat <<'EOF'\n${{ a }}\nEOF\necho \"${{ b }}\"", [None, DOUBLE]),
        ("cat <<-EOF\n\t${{ a }}\n\tEOF\n", [HERE]),
        ("cat <<EOF\n$(echo ${{ a }})\nEOF\n", [None]),
        ("echo `echo ${{ a }}` ${{ b }}", [None, PLAIN]),
        ("echo $(( ${{ a }} + 1 )) ${{ b }}", [None, PLAIN]),
        ('echo "${x:-${{ a }}}" "${{ b }}"', [None, DOUBLE]),
        ("echo 'never ends ${{ a }}", [None]),
        ('echo "never ends ${{ a }}', [None]),
        ("echo $'a\\'${{ a }}'", [None]),
        ('case "$x" in\n  a) echo "${{ a }}" ;;\nesac\necho ${{ b }}', [DOUBLE, PLAIN]),
        ("cat <<EOF\nno end ${{ a }}", [None]),
        ('echo \\"${{ a }}\\"', [PLAIN]),
        ("f() { echo '${{ a }}'; }", [SINGLE]),
    ],
)  # fmt: skip
def test_kinds(script: str, expected: list[str | None]) -> None:
    assert kinds(script) == expected


def test_words_and_what_is_around() -> None:
    script = 'if A=b sudo tee "x" "y${{ a }}" 2>&1; then bash -c "$(echo ${{ b }})"; fi'
    first, second = standings(script, [(each.start, each.end) for each in find(script)])
    assert first is not None and second is not None
    assert first.words == ("A=b", "sudo", "tee", '"x"') and first.before == '"y'
    assert second.words == ("echo",) and "bash" in second.around


def test_many_pieces_are_not_read() -> None:
    script = "echo " + " ".join(["'${{ a }}'"] * 1000)
    assert set(kinds(script)) == {None}
