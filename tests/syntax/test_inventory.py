"""Ansible's inventories in INI form: groups, hosts and variables, each in its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.model import Map
from linter.syntax import inventory

WORDS = [
    "[g]",
    "[g:vars]",
    "[g:children]",
    "[",
    "]",
    "h1",
    "h2 a=b",
    "x=",
    "=",
    '"',
    "'",
    " ",
    "\n",
    "\r\n",
    "\t",
    "#",
    ";",
    "é",
    "\0",
    "\u2028",
]
TEXT = """\
lone ansible_host=10.0.0.9
# comment
[web]  ; the front
web1.example.org ansible_user="deploy me" port=22  # old
web[02:20].example.org

[web:vars]
currency = EUR   # money
empty=

[shop:children]
web
"""


def plain(value: Any) -> Any:
    return {key: plain(each) for key, each in value.items()} if isinstance(value, Map) else value


def test_groups() -> None:
    assert plain(inventory.parse(0, TEXT).groups) == {
        "ungrouped": {"hosts": {"lone": {"ansible_host": "10.0.0.9"}}},
        "web": {
            "hosts": {"web1.example.org": {"ansible_user": "deploy me", "port": "22"}, "web[02:20].example.org": {}},
            "vars": {"currency": "EUR", "empty": ""},
        },
        "shop": {"children": {"web": {}}},
    }  # fmt: skip


def test_places() -> None:
    groups = inventory.parse(3, TEXT).groups
    hosts = groups["web"]["hosts"]
    assert groups.at["web"][0] == 3
    assert TEXT[slice(*groups.at["web"][1:3])] == "web"
    assert TEXT[slice(*hosts.at["web1.example.org"][1:3])] == "web1.example.org"
    assert TEXT[slice(*hosts["web1.example.org"].at["ansible_user"][3:])] == '"deploy me"'
    assert TEXT[slice(*groups["web"]["vars"].at["currency"][3:])] == "EUR"


@pytest.mark.parametrize("text", ["[a b", "[:vars]", "[a:vars]\nno sign", "[a:other]"])
def test_what_says_nothing_is_a_problem(text: str) -> None:
    assert len(inventory.parse(0, text).problems) == 1


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join) | st.text(max_size=60))
def test_no_text_breaks_it_and_every_place_is_exact(text: str) -> None:
    def look(body: Map) -> None:
        for key, value in body.items():
            _, first, last, start, end = body.at[key]
            assert text[first:last] == key
            if isinstance(value, Map):
                look(value)
            else:
                assert value in text[start:end]

    for parts in inventory.parse(0, text).groups.values():
        for part in parts.values():
            look(part)


@pytest.mark.parametrize("text", ["h " + 'a="' * 200_000, "[" * 300_000, "h\n" * 100_000, "h a=" + " #" * 200_000])
def test_long_texts_take_little_time(text: str) -> None:
    assert len(inventory.parse(0, text).groups) <= 1
