"""Dockerfiles as the reference and BuildKit read them: directives, lines, words, here-documents, places, hostile text."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.model import Map, Seq
from linter.syntax.dockerfile import INSTRUCTIONS, Dockerfile, load
from linter.syntax.dockerfile_lines import unquoted, words


def only(text: str) -> Map:
    (found,) = load(0, text).instructions
    return found


def shown(text: str) -> list[tuple[str, str]]:
    return [(found["instruction"], found["value"]) for found in load(0, text).instructions]


def test_directives_stand_first_and_once() -> None:
    read = load(0, "# Syntax = docker/dockerfile:1\n#escape=`\nFROM a `\n AS b\n# check=skip=all\n")
    assert read.directives == {"syntax": "docker/dockerfile:1", "escape": "`"}
    assert [(found["instruction"], found["value"]) for found in read.instructions] == [("FROM", "a  AS b")]
    assert load(0, "# a comment\n# escape=`\nFROM a").directives == {}
    assert load(0, "\n# escape=`\nFROM a").directives == {}
    assert load(0, "FROM a\n# escape=`").directives == {}
    assert load(0, "# unknown=x\n# escape=`\nFROM a").directives == {}


def test_a_wrong_escape_is_said() -> None:
    read = load(0, "# escape=x\nRUN a \\\n b\n")
    assert "backtick" in read.problems[0].message
    assert len(read.instructions) == 1


def test_lines_continue_over_comments_and_blank_lines() -> None:
    assert shown("RUN a \\\n# no\n\n   # no\n  b \\  \n c\nRUN d") == [("RUN", "a   b  c"), ("RUN", "d")]
    assert shown("RUN a \\") == [("RUN", "a")]
    assert shown("RUN echo '# no comment' # the shell's") == [("RUN", "echo '# no comment' # the shell's")]
    assert shown("ru\\\nn a") == [("RUN", "a")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_case(end: str) -> None:
    text = end.join(("from a", "  run b \\", "   c", "RUN <<x", "d", "x", "CMD e", ""))
    assert shown(text) == [("FROM", "a"), ("RUN", "b    c"), ("RUN", "<<x"), ("CMD", "e")]


def test_flags_are_apart_and_repeat() -> None:
    found = only('RUN --mount=type=cache,target=/a --network=none --mount="type=bind" --x cmd --not-a-flag')
    assert found["flags"] == {"mount": ["type=cache,target=/a", "type=bind"], "network": "none", "x": ""}
    assert isinstance(found["flags"]["mount"], Seq)
    assert found["value"] == "cmd --not-a-flag"
    assert only("CMD --a b")["value"] == "--a b"


@pytest.mark.parametrize(
    ("text", "form", "arguments"),
    [
        ('CMD ["a", "b c"]', "exec", ["a", "b c"]),
        ('CMD [ "a" , \\\n "b" ]', "exec", ["a", "b"]),
        ("CMD ['a', 'b']", "shell", ["[a,", "b]"]),
        ('CMD ["a", 1]', "shell", ["[a,", "1]"]),
        ('CMD ["a"', "shell", ["[a"]),
        ("CMD []", "exec", []),
        ('COPY ["a b", "c"]', "exec", ["a b", "c"]),
        ('COPY a\\ b "c d" e', "shell", ["a b", "c d", "e"]),
        ('VOLUME ["/a"]', "exec", ["/a"]),
    ],
)
def test_forms(text: str, form: str, arguments: list[str]) -> None:
    found = only(text)
    assert (found["form"], list(found["arguments"])) == (form, arguments)


@pytest.mark.parametrize(
    ("text", "pairs", "written"),
    [
        ("ENV A=b C='d e' F=\"g $H\"", {"A": "b", "C": "d e", "F": "g $H"}, {"A": "b", "C": "'d e'", "F": '"g $H"'}),
        ("ENV A b c  d", {"A": "b c  d"}, {"A": "b c  d"}),
        ("ENV ONE TWO= THREE=world", {"ONE": "TWO= THREE=world"}, {"ONE": "TWO= THREE=world"}),
        ("ENV A=b\\ c", {"A": "b c"}, {"A": "b\\ c"}),
        ("ARG A", {"A": None}, {"A": ""}),
        ("ARG A= B=c D", {"A": "", "B": "c", "D": None}, {"A": "", "B": "c", "D": ""}),
        ('LABEL "a b"=c', {"a b": "c"}, {"a b": "c"}),
    ],
)
def test_pairs(text: str, pairs: dict[str, Any], written: dict[str, str]) -> None:
    found = only(text)
    assert (found["pairs"], found["written"]) == (pairs, written)


def test_here_documents() -> None:
    text = "COPY <<a <<-'b c' <<\"d\" /to/\none $X\na\n\ttwo\n\tb c\nthree\nd\nRUN e\n"
    first, second = load(0, text).instructions
    assert [(row["name"], row["text"], row["expand"]) for row in first["documents"]] == [
        ("a", "one $X\n", True), ("b c", "\ttwo\n", False), ("d", "three\n", False),
    ]  # fmt: skip
    assert text[first.span[1] : first.span[2]].endswith("\nd")
    assert second["value"] == "e"
    for row in first["documents"]:
        entry = row.at["text"]
        assert text[entry[3] : entry[4]] == row["text"]


@pytest.mark.parametrize(
    "text", ["RUN echo $((1<<2))", "RUN cat << EOF", "CMD a <<b", 'RUN echo "<<a"', "RUN a<<b", "RUN a <<<b"]
)
def test_what_is_no_here_document(text: str) -> None:
    assert "documents" not in load(0, text + "\nRUN x\n").instructions[0]
    assert len(load(0, text + "\nRUN x\n").instructions) == 2


def test_here_documents_of_onbuild_and_open_ones() -> None:
    assert len(load(0, "ONBUILD RUN <<a\nRUN b\na\n").instructions) == 1
    read = load(0, "RUN <<a\nRUN b\n")
    assert [problem.message for problem in read.problems] == ["the here-document a is not closed"]
    assert read.instructions[0]["documents"][0]["text"] == "RUN b\n"


def test_onbuild_holds_an_instruction() -> None:
    found = only("ONBUILD copy --from=a b c")
    assert (found["inner"]["instruction"], found["inner"]["flags"], found["inner"]["value"]) == (
        "COPY", {"from": "a"}, "b c",
    )  # fmt: skip
    assert only("ONBUILD")["value"] == ""


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "FRMO ubuntu\n", "\0\1[[[\n", "{{ include }}\n"])
def test_what_holds_no_instruction_is_a_problem(text: str) -> None:
    assert load(0, text).problems
    assert load(0, text).instructions == []


def test_what_is_beside_a_mistake_is_kept() -> None:
    read = load(0, "FROM a\nCOMMENT b\nRUN c\n")
    assert [found["instruction"] for found in read.instructions] == ["FROM", "RUN"]
    (problem,) = read.problems
    assert (problem.start, problem.end) == (7, 14)


def test_quotes_and_escapes() -> None:
    assert unquoted("\"a b\"c\\ d'e\\f'") == "a bc de\\f"
    assert unquoted('"a\\"b\\$c\\d"') == 'a"b$c\\d'
    assert [word.text for word in words("C:\\a b` c", "`")] == ["C:\\a", "b c"]


def entries(value: Any) -> list[tuple[Any, tuple[int, int, int, int, int]]]:
    found: list[tuple[Any, tuple[int, int, int, int, int]]] = []
    if isinstance(value, Map):
        for key, inner in value.items():
            found += [(inner, value.at[key]), *entries(inner)]
    elif isinstance(value, Seq):
        for inner, entry in zip(value, value.at, strict=True):
            found += [(inner, entry), *entries(inner)]
    return found


WORD = st.text("abcXYZ019-_./:@$", min_size=1, max_size=8).filter(lambda word: not word.startswith(("--", "<<", "-")))


@st.composite
def instructions(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """(text, instruction, words) with continuations, comments and blanks between the words."""
    name = draw(st.sampled_from(["RUN", "EXPOSE", "USER", "WORKDIR", "VOLUME", "STOPSIGNAL", "MAINTAINER"]))
    listed = draw(st.lists(WORD, min_size=1, max_size=5))
    gaps = [draw(st.sampled_from([" ", "  ", "\t", " \\\n", " \\\n# no\n\n  ", " \\  \r\n "])) for _ in listed]
    written = name if draw(st.booleans()) else name.lower()
    return written + "".join(map("".join, zip(gaps, listed, strict=True))), name, listed


@settings(max_examples=150, deadline=None)
@given(st.lists(instructions(), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n", "\n\n# c\n"]))
def test_generated_files_are_read_back(made: list[tuple[str, str, list[str]]], end: str) -> None:
    text = "FROM a\n" + end.join(part for part, _, _ in made) + end
    read = load(3, text)
    assert read.problems == []
    assert [(found["instruction"], list(found["arguments"])) for found in read.instructions[1:]] == [
        (name, listed) for _, name, listed in made
    ]
    for found in read.instructions[1:]:
        arguments = found["arguments"]
        for word, (source, _, _, start, end_) in zip(arguments, arguments.at, strict=True):
            assert source == 3
            assert text[start:end_] == word


@settings(max_examples=300, deadline=None)
@given(st.text("FROMRUNcopyENV=ab \\\n\t\r'\"`$<->{}[]#,\0é", max_size=200))
def test_any_text_is_read_and_placed(text: str) -> None:
    for prefix in ("", "RUN ", "# escape=`\nCOPY ", "ENV ", "FROM a\nONBUILD RUN "):
        whole = prefix + text
        read = load(0, whole)
        assert isinstance(read, Dockerfile)
        for found in read.instructions:
            assert found["instruction"] in INSTRUCTIONS
            for _, (_, key_start, key_end, start, end) in entries(found):
                assert 0 <= key_start <= key_end <= len(whole)
                assert 0 <= start <= end <= len(whole)
        for problem in read.problems:
            assert 0 <= problem.start <= problem.end <= len(whole)


@pytest.mark.parametrize(
    "text",
    [
        "RUN a " + "\\\n && b " * 50_000,
        "RUN " + '"' * 100_001,
        "RUN " + "'\"\\" * 50_000,
        "RUN " + "<<a " * 20_000 + "\n" + "x\n" * 20_000,
        "ENV " + "a=$" * 100_000,
        "ENV " + "a=b " * 50_000,
        "COPY [" + '"a",' * 50_000 + '"b"]',
        "CMD " + "[" * 100_000,
        "ONBUILD " * 20_000,
        "\\\n" * 100_000,
        "#" * 200_000,
        "RUN \\\n" + "#\n" * 100_000,
    ],
)
def test_hostile_text_costs_little(text: str) -> None:
    began = time.process_time()
    load(0, "FROM a\n" + text)
    assert time.process_time() - began < 4
