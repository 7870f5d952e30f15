"""Where YAML values stand: every scalar, key and collection, merged and shared ones, duplicates."""

from __future__ import annotations

from yaml_reference import PLACED, check_places, one, values

from linter.syntax.yaml import load


def span(text: str, entry: tuple[int, int, int, int, int]) -> tuple[str, str]:
    return text[entry[1] : entry[2]], text[entry[3] : entry[4]]


def test_places_of_every_style() -> None:
    root = one(PLACED)
    assert span(PLACED, root.at["kind"]) == ("kind", '"Pod"')
    assert span(PLACED, root["metadata"].at["name"]) == ("name", "'web'")
    assert span(PLACED, root.at["metadata"])[1] == "name: 'web'\n  labels: {app: web, \"tier\": 1}"
    assert span(PLACED, root["metadata"].at["labels"])[1] == '{app: web, "tier": 1}'
    assert span(PLACED, root["metadata"]["labels"].at["tier"]) == ('"tier"', "1")
    container = root["spec"]["containers"][0]
    assert span(PLACED, container.at["name"]) == ("name", "é😀")
    assert span(PLACED, container["args"].at[1])[1] == '"b c"'
    assert container.at["empty"][3] == container.at["empty"][4] == container.at["empty"][2] + 1
    assert span(PLACED, root["spec"].at["containers"])[1].startswith("- name")
    assert span(PLACED, root["spec"].at["containers"])[1].endswith("empty:")
    assert span(PLACED, root["spec"].at["script"])[1] == "|\n    one\n    two"
    assert span(PLACED, root["spec"].at["last"])[1] == "plain\n    continued"
    assert span(PLACED, root.at["again"]) == ("again", "*anchor")
    assert root["again"] == "plain continued"
    assert span(PLACED, root.at["tagged"])[1] == "other"
    assert span(PLACED, root.at["map"])[1] == "x: 1"
    assert span(PLACED, root.at["flow"])[1] == "{y: 2}"
    tags = load(0, PLACED).tags
    assert tags == {root.at["tagged"][3]: "!Ref", root.at["flow"][3]: "!x"}
    assert root.span == (0, 0, len(PLACED) - 1)
    assert check_places(PLACED, load(0, PLACED)) > 20


def test_merged_entries_keep_their_places_and_aliases_share() -> None:
    text = "base: &b\n  x: 1\n  y: 2\nuse:\n  <<: *b\n  y: 3\nsame: *b\n"
    root = one(text)
    assert root["use"] == {"x": 1, "y": 3}
    assert span(text, root["use"].at["x"]) == ("x", "1")
    assert root["use"].at["x"] == root["base"].at["x"]
    assert span(text, root["use"].at["y"]) == ("y", "3")
    assert root["same"] is root["base"]
    assert span(text, root.at["same"]) == ("same", "*b")
    assert "<<" not in root["use"].at


def test_source_index_is_in_every_span() -> None:
    root = load(7, "a: [1]\n").documents[0].value
    assert root.span[0] == root.at["a"][0] == root["a"].span[0] == root["a"].at[0][0] == 7


def test_duplicates_are_reported_where_they_are_written_again() -> None:
    text = "a: 1\nb: {c: 1, c: 2}\na: 3\n"
    loaded = load(0, text)
    assert values(loaded) == [{"a": 3, "b": {"c": 2}}]
    assert [text[problem.start : problem.end] for problem in loaded.duplicates] == ["c", "a"]
    assert [problem.start for problem in loaded.duplicates] == [text.index("c: 2"), text.rindex("a")]
    assert span(text, values(loaded)[0].at["a"]) == ("a", "3")
