"""GitHub's line fingerprint against a plain streaming version of the same description."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from linter.reporters.fingerprints import LineHashes

BLOCK, FACTOR, MODULUS, END = 100, 37, 1 << 64, 0xFFFF


def streamed(text: str) -> list[str]:
    """Unit by unit with a ring of a hundred, as a reader that never sees the whole text has to do it."""
    data = text.encode("utf-16-le", "surrogatepass")
    ring, owners = [0] * BLOCK, [0] * BLOCK
    number, at, line, starts, after_return = 0, 0, 0, True, False
    leaving = pow(FACTOR, BLOCK, MODULUS)
    found: list[str] = []
    counts: dict[int, int] = {}

    def step(unit: int, begins: bool) -> None:
        nonlocal number, at, line
        if owners[at]:
            counts[number] = counts.get(number, 0) + 1
            found.append(f"{number:x}:{counts[number]}")
            owners[at] = 0
        if begins:
            line += 1
            owners[at] = line
        number = (number * FACTOR + unit - leaving * ring[at]) % MODULUS
        ring[at] = unit
        at = (at + 1) % BLOCK

    for index in range(0, len(data), 2):
        unit = data[index] | data[index + 1] << 8
        if unit in (0x20, 0x09) or (unit == 0x0A and after_return):
            after_return = False
            continue
        after_return = unit == 0x0D
        unit = 0x0A if after_return else unit
        step(unit, starts)
        starts = unit == 0x0A
    step(END, starts)
    for _ in range(BLOCK):
        step(0, False)
    return found


PIECES = st.sampled_from(["a", "b", " ", "\t", "\n", "\r", "\r\n", "é", "🚀", "x" * 60, "line\n"])


@given(st.lists(PIECES, max_size=60).map("".join))
@example("")
@example("same\n" * 40)
@example("\r \n\r\n \r")
@example("🚀" * 70 + "\n" + "🚀" * 70)
def test_lines_hash_as_a_stream_does(text: str) -> None:
    hashes = LineHashes(text)
    expected = streamed(text)
    assert [hashes[line] for line in range(1, len(expected) + 1)] == expected


def test_equal_lines_are_counted() -> None:
    hashes = LineHashes("same\n" * 40)
    assert [hashes[line].partition(":")[2] for line in (1, 2, 3)] == ["1", "2", "3"]
    assert len({hashes[line] for line in range(1, 42)}) == 41


def test_a_line_keeps_its_hash_when_lines_above_come_and_go() -> None:
    below = "resource {\n  a = 1\n}\n"
    assert LineHashes("# new\n# lines\n" + below)[3] == LineHashes(below)[1]


def test_blanks_and_line_ends_do_not_count() -> None:
    assert LineHashes("a = 1\r\nb\r\n")[1] == LineHashes("  a=1\nb\n")[1]


def test_known_hashes_stay() -> None:
    """Pinned: alerts on GitHub are known by these."""
    hashes = LineHashes('resource "aws_s3_bucket" "logs" {\n\tacl = "private" # 🚀\n}\n')
    assert [hashes[line] for line in (1, 2, 3, 4)] == [
        "8dc118fbe1374927:1", "be555c63b950643c:1", "32dce9ccfdbc9d3e:1", "c129715d7a2bc9a3:1",
    ]  # fmt: skip
