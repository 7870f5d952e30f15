"""The readers of TOML, of files of sections and of Logstash's pipelines: values, places, recovery, hostile texts."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.model import Map, Seq
from linter.syntax import logstash, sections, toml
from linter.syntax.yaml import Loaded

Read = Callable[[int, str], Loaded]
READERS: dict[str, Read] = {
    "toml": toml.load,
    "fluent": sections.fluent,
    "splunk": sections.splunk,
    "logstash": logstash.load,
}

TOML = '''title = "a \\u00e9 \\"b\\""
[sources.in]
type = "file"
include = ["/var/log/*.log", # all
  'b\\c']
tls.verify_certificate = false
"a.b".c = 1_000
[sinks.out]
auth = {strategy = "basic", user.name = 'x'}
rate = -1.5e3
big = 0xFF
when = 1979-05-27T07:32:00Z
text = """
first\\
   second"""
raw = \'\'\'
as is\'\'\'
[[rules]]
n = 1
[rules.sub]
z = true
[[rules]]
n = 2
'''
FLUENT = """# agent
@SET home=/var
[SERVICE]
    Flush   1

[INPUT]
    Name    tail
    Path    /var/log/a b.log
    Tag     x
    Tag     y
@INCLUDE more.conf
"""
SPLUNK = """outside = 1
[tcpout:a]
server = one:9997, \\
   two:9997
useSSL=true
; comment
[monitor:///var/log/[a]]
disabled = 0
"""
LOGSTASH = """# pipeline
input { beats { port => 5044 } file { path => ["/a", "/b"] codec => json { charset => "UTF-8" } } }
filter {
  if [message] =~ /audit{2}/ and "x{" in [tags] { drop { } }
  else if [a][b] == "c" { mutate { add_field => { "x" => "y" "z" => 1.5 } } }
  else { ruby { code => 'event.set("a", { "b" => 1 })' } }
}
output { elasticsearch { hosts => "https://es:9200" hosts => "https://es2:9200" ssl_enabled => true } }
"""
TEXTS = {"toml": TOML, "fluent": FLUENT, "splunk": SPLUNK, "logstash": LOGSTASH}


def value_of(name: str, text: str) -> Any:
    return READERS[name](0, text).documents[0].value


def walk(value: Any) -> Iterator[tuple[Any, tuple[int, int, int, int, int]]]:
    if isinstance(value, Map):
        for key, item in value.items():
            yield item, value.at[key]
            yield from walk(item)
    elif isinstance(value, Seq):
        assert len(value) == len(value.at)
        for item, entry in zip(value, value.at, strict=True):
            yield item, entry
            yield from walk(item)


def test_toml_reads_what_the_standard_library_reads() -> None:
    loaded = toml.load(0, TOML)
    assert loaded.problems == []
    reference = tomllib.loads(TOML)
    reference["sinks"]["out"]["when"] = "1979-05-27T07:32:00Z"  # dates stay text
    assert loaded.documents[0].value == reference


def as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(key)} = {as_toml(item)}" for key, item in value.items()) + "}"
    return repr(value)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.one_of(
    WORDS, st.integers(-(2**40), 2**40), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))


@given(st.dictionaries(WORDS, VALUES, max_size=4), st.dictionaries(WORDS, VALUES, max_size=3))
def test_toml_agrees_on_generated_texts(top: dict[str, Any], table: dict[str, Any]) -> None:
    text = "".join(f"{as_toml(k)} = {as_toml(v)}\n" for k, v in top.items() if k != "table")
    text += "[table]\n" + "".join(f"{as_toml(k)} = {as_toml(v)}\n" for k, v in table.items())
    loaded = toml.load(0, text)
    assert loaded.problems == []
    assert loaded.documents[0].value == tomllib.loads(text)
    for value, (_, _, _, start, end) in walk(loaded.documents[0].value):
        if not isinstance(value, (Map, str)) or text[start : start + 1] == '"':
            assert tomllib.loads(f"x = {text[start:end]}")["x"] == value


def test_a_toml_fault_costs_its_entry_only() -> None:
    loaded = toml.load(0, "a = 1\nb = \nc = 3\n[x\ny = 2\n[z]\nq = [1,\n 2 3]\nr = 1\ns = yes\n")
    assert loaded.documents[0].value == {"a": 1, "c": 3, "z": {"r": 1}}
    assert [loaded_text.start for loaded_text in loaded.problems] == [10, 19, 41, 54]


@pytest.mark.parametrize("text", ["a = 1\na = 2\n", "[a]\n[a]\nb = 1\n"])
def test_what_toml_forbids_twice_is_told(text: str) -> None:
    loaded = toml.load(0, text)
    assert len(loaded.duplicates) + len(loaded.problems) == 1


def test_fluent_sections() -> None:
    tree = value_of("fluent", FLUENT)
    assert [(each["section"], dict(each["entries"])) for each in tree["sections"]] == [
        ("service", {"flush": "1"}),
        ("input", {"name": "tail", "path": "/var/log/a b.log", "tag": ["x", "y"]}),
    ]
    assert [(each["command"], each["value"]) for each in tree["commands"]] == [
        ("set", "home=/var"),
        ("include", "more.conf"),
    ]


def test_fluent_faults_are_told_and_the_rest_is_kept() -> None:
    loaded = sections.fluent(0, "stray x\n[INPUT\n    Name\n    Path /a\n[OUTPUT] x\n    Name es\n")
    assert [each["section"] for each in loaded.documents[0].value["sections"]] == ["input", "output"]
    assert len(loaded.problems) == 4


def test_splunk_stanzas() -> None:
    tree = value_of("splunk", SPLUNK)
    assert [(each["section"], dict(each["entries"])) for each in tree["sections"]] == [
        ("default", {"outside": "1"}),
        ("tcpout:a", {"server": "one:9997, \n   two:9997", "useSSL": "true"}),
        ("monitor:///var/log/[a]", {"disabled": "0"}),
    ]


def test_logstash_plugins() -> None:
    tree = value_of("logstash", LOGSTASH)
    assert [each["plugin"] for each in tree["input"]] == ["beats", "file"]
    assert tree["input"][1]["settings"]["codec"] == {"plugin": "json", "settings": {"charset": "UTF-8"}}
    assert [(each["plugin"], list(each["when"])) for each in tree["filter"]] == [
        ("drop", ['[message] =~ /audit{2}/ and "x{" in [tags]']),
        ("mutate", ['else [a][b] == "c"']),
        ("ruby", ["else"]),
    ]
    assert tree["output"][0]["settings"] == {"hosts": ["https://es:9200", "https://es2:9200"], "ssl_enabled": True}


def test_a_fault_in_one_section_of_logstash_leaves_the_others() -> None:
    loaded = logstash.load(0, "input { a { b } }\noutput {\n x { a => 1 }\n}\n")
    assert loaded.documents[0].value["output"][0]["settings"] == {"a": 1}
    assert len(loaded.problems) == 1


@pytest.mark.parametrize("name", READERS)
def test_text_at_a_place_is_the_value(name: str) -> None:
    text = TEXTS[name]
    found = 0
    for value, (source, key_start, key_end, start, end) in walk(value_of(name, text)):
        assert source == 0 and 0 <= key_start <= key_end <= len(text) and 0 <= start <= end <= len(text)
        if isinstance(value, str) and start < end and "\\" not in text[start:end]:
            written = text[start:end].strip("\"'").strip("\n")
            value = value.strip("\"'")
            assert written.lower() == value.removeprefix("else ").strip("\n").lower()
            found += 1
        elif isinstance(value, bool):
            assert text[start:end] == str(value).lower()
        elif isinstance(value, (int, float)):
            assert (
                float(int(text[start:end], 16) if text[start:end][:2] == "0x" else text[start:end].replace("_", ""))
                == value
            )
    assert found > 3


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(READERS)), st.data())
def test_cut_and_spoilt_texts_are_read_without_raising(name: str, data: st.DataObject) -> None:
    text = TEXTS[name]
    cut = data.draw(st.integers(0, len(text)))
    noise = data.draw(st.text(st.sampled_from("\0\r\n\t\"'[]{}=>#\\ aé\u2028:,.@/!"), max_size=12))
    spoilt = text[:cut] + noise + data.draw(st.sampled_from(("", text[cut:], text[cut + 3 :])))
    loaded = READERS[name](3, spoilt)
    for _, (source, key_start, key_end, start, end) in walk(loaded.documents[0].value):
        assert source == 3 and 0 <= key_start <= key_end <= len(spoilt) and 0 <= start <= end <= len(spoilt)
    for problem in loaded.problems:
        assert 0 <= problem.start <= problem.end <= len(spoilt)


HOSTILE = {
    "toml": [
        "[",
        "a=[",
        "a={b=",
        '"',
        "'''",
        '"""',
        "a.",
        "[[a]]\n",
        "a = 1\n",
        '\\"""',
        "x = '''\n",
        "[a.b.c]\n",
        "a=1 ",
    ],
    "fluent": ["[", "[INPUT]\n", " Name x\n", "@INCLUDE a\n", " k\n", " a b"],
    "splunk": ["[", "[a]\n", "a = b\\\n", "a\n", "=", " \\\n"],
    "logstash": [
        "input {",
        "{",
        "if a ",
        "a {",
        "a => [",
        "/\\/",
        '"',
        "'",
        "input { a { b => ",
        "}",
        'if "a" { ',
        "else { ",
    ],
}


@pytest.mark.parametrize(("name", "piece"), [(name, piece) for name, pieces in HOSTILE.items() for piece in pieces])
def test_time_grows_with_the_text_only(name: str, piece: str) -> None:
    def cost(count: int) -> float:
        text = piece * (count // len(piece))
        begun = time.process_time()
        READERS[name](0, text)
        return time.process_time() - begun

    small = max(cost(50_000), 0.004)
    assert min(cost(400_000) for _ in range(2)) < 30 * small
