"""Dockerfiles as resources: stages and what they inherit, variables and their scope, what instructions say, commands."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.model import Artifact, Map, Resource, Source, Unknown, Workspace
from linter.parsers import READERS
from linter.parsers.containers import expand
from linter.parsers.containers.substitution import replaced


def resources(text: str, path: str = "Dockerfile") -> dict[str, Resource]:
    source = Source(0, path, text)
    tree, problems = READERS["dockerfile"](source)
    artifacts = {path: Artifact(path, "dockerfile", source, tree, problems)}
    workspace = Workspace(artifacts, frozenset([path]), {}, lambda *_: None, lambda _: None)
    found = list(expand(workspace))
    assert len({resource.identity for resource in found}) == len(found)
    return {resource.address: resource for resource in found}


def stage(text: str, name: str) -> Map:
    return resources(text)[f"Dockerfile#{name}"].body


def plain(value: Any) -> Any:
    return f"?{value.cause}:{value.prefix}" if isinstance(value, Unknown) else value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a$B/c", "ab/c"), ("${B}c", "bc"), ("$Bc", ""), ("\\$B", "$B"), ("'$B'", "$B"), ('"$B"', "b"),
        ('"\\$B \\x"', "$B \\x"), ("${X:-d}", "d"), ("${X-d}", "d"), ("${E:-d}", "d"), ("${E-d}", ""),
        ("${B:+d}", "d"), ("${X:+d}", ""), ("${E+d}", "d"), ("${E:+d}", ""), ("${B:?no}", "b"),
        ("${X:-${B}$B}", "bb"), ("${X:-${X:-e}}f", "ef"), ("${P#*/}", "b/c.d"), ("${P##*/}", "c.d"),
        ("${P%/*}", "a/b"), ("${P%%/*}", "a"), ("${P%.?}", "a/b/c"), ("${P/\\//-}", "a-b/c.d"),
        ("${P//\\//-}", "a-b-c.d"), ("${P#x}", "a/b/c.d"), ("$", "$"), ("a$/", "a$/"), ("$1x", "x"),
        ("c:\\\\w", "c:\\w"), ("'a", "a"), ("${U}x", "?missing-input:"), ("y${U:-d}", "?missing-input:y"),
        ("${U:+d}", "?missing-input:"), ("${X:-$U}", "?missing-input:"), ("${B:-$U}", "b"), ("${B", "?expression:"),
        ("${B!x}", "?expression:"),
    ],
)  # fmt: skip
def test_variables_are_replaced_as_the_builder_does(text: str, value: str) -> None:
    known = {"B": "b", "E": "", "P": "a/b/c.d", "U": Unknown("missing-input", "U")}
    assert plain(replaced(text, known)) == value


@settings(max_examples=300, deadline=None)
@given(st.text("ab$${}{:-+#%/*?'\"\\ ", max_size=60))
def test_replacing_never_raises(text: str) -> None:
    assert isinstance(replaced(text, {"a": "x" * 50, "b": Unknown("missing-input", "b")}), (str, Unknown))


def test_replacing_is_bounded() -> None:
    began = time.process_time()
    known = {"A": "x" * 900}
    for text in ("$A" * 100_000, "${A#" + "*a" * 40 + "}", "${B:-" * 5_000 + "}" * 5_000, "${A%*x*x*y}" * 50):
        replaced(text, known)
    assert time.process_time() - began < 4


def test_stages() -> None:
    text = (
        "ARG V=1\nFROM --platform=$BUILDPLATFORM reg.io:5/a/b:$V AS Build\nUSER u\nENV P=/x\nWORKDIR $P/y\nEXPOSE 80\n"
        "FROM build AS two\nEXPOSE 90-91/udp\nFROM scratch\nFROM two\n"
    )
    found = resources(text)
    assert [address for address in found if "#" in address and ":" not in address] == [
        "Dockerfile#Build", "Dockerfile#two", "Dockerfile#2", "Dockerfile#3",
    ]  # fmt: skip
    base = found["Dockerfile#Build"].body["base"]
    assert {key: base[key] for key in ("registry", "repository", "tag", "scratch")} == {
        "registry": "reg.io:5", "repository": "a/b", "tag": "1", "scratch": False,
    }  # fmt: skip
    last = found["Dockerfile#3"].body
    assert (last["user"], last["workdir"], last["exposed"]) == ("u", "/x/y", ["80", "90-91/udp"])
    assert (last["from_stage"], last["parent"], last["final"]) == (True, "two", True)
    assert "user" not in found["Dockerfile#2"].body
    assert found["Dockerfile#2"].body["base"]["scratch"] is True
    assert [found[f"Dockerfile#{name}"].body["final"] for name in ("Build", "two", "2")] == [False] * 3


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("ARG A=x\nFROM $A", "x"),
        ("ARG A=x\nARG A=y\nFROM $A", "y"),
        ("ARG A=x\nARG B=${A}:1\nFROM $B", "x:1"),
        ("FROM a\nARG A=x\nFROM $A", ""),
        ("ARG A\nFROM a:$A", "?missing-input:a:"),
        ("FROM a$A", "a"),
        ("FROM ${A:-b}", "b"),
        ("FROM a-$TARGETARCH", "?run-time:a-"),
        ('FROM "a"', "a"),
    ],
)
def test_arguments_before_from(text: str, image: str) -> None:
    stages = [each for each in resources(text).values() if each.kind == "docker/stage"]
    assert plain(stages[-1].body["base"]["reference"]) == image


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("ARG A=x\nFROM scratch\nWORKDIR /$A", "/"),
        ("ARG A=x\nFROM scratch\nARG A\nWORKDIR /$A", "/x"),
        ("ARG A=x\nFROM scratch\nARG A=y\nWORKDIR /$A", "/y"),
        ("FROM scratch\nENV A=e\nARG A=y\nWORKDIR /$A", "/e"),
        ("FROM scratch\nARG A=y\nENV A=e\nWORKDIR /$A", "/e"),
        ("FROM scratch\nARG A=x\nARG A=y\nWORKDIR /$A", "/y"),
        ("FROM scratch\nENV A=1\nENV A=2 B=$A\nWORKDIR /$B", "/1"),
        ("FROM scratch\nENV A='$B'\nWORKDIR /$A", "/$B"),
        ("FROM scratch AS a\nARG A=x\nFROM a\nWORKDIR /$A", "/x"),
        ("FROM scratch AS a\nARG A=x\nFROM scratch\nWORKDIR /$A", "/"),
        ("FROM debian\nWORKDIR /$A", "?remote-source:/"),
        ("FROM debian AS a\nFROM a\nWORKDIR /$A", "?remote-source:/"),
        ("FROM scratch\nWORKDIR /$HTTP_PROXY", "?run-time:/"),
        ("FROM scratch\nARG TARGETOS\nWORKDIR /$TARGETOS", "?run-time:/"),
        ("FROM scratch\nARG A\nWORKDIR /$A", "?missing-input:/"),
        ("# escape=`\nFROM scratch\nWORKDIR C:\\a\\b", "C:\\a\\b"),
        ('FROM scratch\nWORKDIR "/a b"', "/a b"),
    ],
)
def test_scope_of_variables(text: str, folder: str) -> None:
    last = [each for each in resources(text).values() if each.kind == "docker/stage"][-1]
    assert plain(last.body["workdir"]) == folder


@pytest.mark.parametrize(
    ("reference", "known"),
    [
        ("${U}/a", {"tag": "absent", "name": "?missing-input:"}),
        ("${U}/a:1", {"tag": "1"}),
        ("$U:latest", {"tag": "latest"}),
        ("a:$U", {"tag": "?missing-input:", "name": "a", "repository": "a"}),
        ("a@$U", {"digest": "?missing-input:", "name": "a"}),
        ("a$U", {"tag": "open"}),
        ("$U", {"tag": "open", "digest": "open"}),
    ],
)
def test_what_is_known_of_an_unknown_image(reference: str, known: dict[str, str]) -> None:
    base = stage(f"ARG U\nFROM {reference}", "0")["base"]
    nothing = "open" if base.open is not None else "absent"
    assert {key: plain(base[key]) if key in base else nothing for key in known} == known


def test_copies() -> None:
    text = (
        "FROM a AS one\nFROM b AS two\nCOPY --from=ONE x y z/\nCOPY --from=0 x y\nCOPY --from=two x y\nCOPY --from=2 x y\n"
        "COPY --from=img:1 x y\nCOPY --from=what x y\nCOPY --from=three x y\nWORKDIR /w\nADD a b\nFROM c AS three\n"
    )
    found = resources(text)
    kinds = [each.body["from"]["kind"] for each in found.values() if each.kind == "docker/copy"]
    assert kinds == ["stage", "stage", "self", "later", "image", "name", "later"]
    first = found["Dockerfile#two:COPY"].body
    assert (first["sources"], first["destination"], "workdir" in first) == (["x", "y"], "z/", False)
    assert found["Dockerfile#two:ADD"].body["workdir"] == "/w"


def test_ports() -> None:
    ports = resources("FROM a\nENV P=90\nEXPOSE 80 8000-8010/UDP $P x ${Q}")["Dockerfile#0:EXPOSE"].body["ports"]
    assert [(row.get("first"), row.get("last"), row.get("protocol")) for row in ports] == [
        (80, 80, "tcp"), (8000, 8010, "udp"), (90, 90, "tcp"), (None, None, "tcp"), (None, None, None),
    ]  # fmt: skip
    assert ports[4].open is not None


@pytest.mark.parametrize(
    ("run", "commands"),
    [
        ("RUN a -b && c | d; e", [("a", ["-b"], "&&"), ("c", [], "|"), ("d", [], ";"), ("e", [], "\n")]),
        ('RUN ["/bin/a", "b c"]', [("a", ["b c"], "")]),
        ("RUN X=1 Y='2 3' a", [("a", [], "\n")]),
        ("RUN <<E\na b\nc\nE", [("a", ["b"], "\n"), ("c", [], "\n")]),
        ("RUN <<E\n#!/bin/bash\na\nE", [("a", [], "\n")]),
        ("RUN <<E\n#!/usr/bin/env python3\nimport os\nE", []),
        ("RUN bash <<E\na\nE", [("bash", [], "\n"), ("a", [], "\n")]),
        ("RUN python3 <<E\na\nE", [("python3", [], "\n")]),
        ("RUN --mount=type=cache,target=/x a \\\n # no\n   && b", [("a", [], "&&"), ("b", [], "\n")]),
        ("RUN if a; then b; fi", [("a", [], ";"), ("b", [], ";")]),
    ],
)
def test_commands(run: str, commands: list[Any]) -> None:
    text = f"FROM x\n{run}\n"
    rows = resources(text)["Dockerfile#0:RUN"].body["commands"]
    assert [(row["program"], list(row["arguments"]), row["after"]) for row in rows] == commands
    for row in rows:
        written = text[row.span[1] : row.span[2]]
        assert row["program"] in written
        if "\\\n" not in written:
            assert written == row["text"]


def test_a_part_of_a_dockerfile_is_a_stage() -> None:
    found = resources("ARG A\nUSER root\nRUN a\n")
    assert found["Dockerfile#0"].body["user"] == "root"
    assert found["Dockerfile#0"].body["base"]["blank"] is True
    assert found["Dockerfile#0"].body["final"] is True


WORDS = (
    "FROM", "RUN", "COPY", "ADD", "ARG", "ENV", "USER", "WORKDIR", "EXPOSE", "ONBUILD", "SHELL", "HEALTHCHECK", "CMD",
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(WORDS),
            st.text("abA=$ {}:-/\"'\\\n<[]@.0", max_size=25),
        ),
        max_size=8,
    )
)
def test_any_file_is_expanded(lines: list[tuple[str, str]]) -> None:
    resources("\n".join(f"{word} {rest}" for word, rest in lines))


def test_hostile_files_cost_little() -> None:
    began = time.process_time()
    resources("ARG A0=xxxxxxxx\n" + "".join(f"ARG A{i}=$A{i - 1}$A{i - 1}\n" for i in range(1, 60)) + "FROM a:$A59\n")
    resources("FROM a\n" + "ENV A=$A$A\n" * 2_000)
    resources("".join(f"FROM a AS s{i}\nRUN b\n" for i in range(3_000)))
    resources("FROM a\n" + "EXPOSE 80\n" * 3_000)
    assert time.process_time() - began < 10


def test_commands_that_are_too_many_are_said() -> None:
    failures: list[str] = []
    text = "FROM a\nRUN b" + " && b" * 30_000
    source = Source(0, "Dockerfile", text)
    tree, problems = READERS["dockerfile"](source)
    artifacts = {"Dockerfile": Artifact("Dockerfile", "dockerfile", source, tree, problems)}
    workspace = Workspace(
        artifacts, frozenset(), {}, lambda id, span, *_: failures.append(f"{id} {span}"), lambda _: None
    )
    assert len(list(expand(workspace))) == 4
    assert failures == ["artifact-unparsed (0, 7, 10)"]
