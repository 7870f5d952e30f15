"""CustomResourceDefinitions without their schemas: the same values and places otherwise, or the text read in full."""

from __future__ import annotations

from typing import Any

import pytest

from linter.model import Map, Seq
from linter.syntax.yaml import load

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: shops.example.com
spec:
  scope: Cluster
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        description: |
          schema:
            text
        properties:
          schema:
            type: string

    served: true
  - schema:
      openAPIV3Schema: {type: object}
    name: v2
  names:
    kind: Shop
"""


def schemas(text: str) -> list[Any]:
    loaded = load(0, text, skip_schemas=True)
    root = loaded.documents[0].value
    return [version.get("schema") for version in root["spec"]["versions"]]


def assert_same_but_schemas(text: str) -> None:
    short, full = load(0, text, skip_schemas=True), load(0, text)
    assert [d[1:] for d in short.documents] == [d[1:] for d in full.documents]
    for ours, theirs in zip(short.documents, full.documents, strict=True):
        compare(text, ours.value, theirs.value)


def compare(text: str, ours: Any, theirs: Any, key: str = "") -> None:
    if key == "schema":
        assert text[theirs.span[1] : theirs.span[2]] in text[ours.span[1] : ours.span[2]]
        return
    if isinstance(theirs, Map):
        assert ours.span == theirs.span
        assert list(ours) == list(theirs)
        assert {**ours.at, "schema": ()} == {**theirs.at, "schema": ()}
        for name in theirs:
            compare(text, ours[name], theirs[name], name)
    elif isinstance(theirs, Seq):
        assert ours.span == theirs.span
        assert ours.at == theirs.at
        for one, other in zip(ours, theirs, strict=True):
            compare(text, one, other)
    else:
        assert ours == theirs


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("after", ["", "---\nschema:\n  a: 1\n", "---\n# nothing\n"])
def test_schemas_are_empty_and_everything_else_is_as_ever(after: str, ending: str) -> None:
    text = ("---\n" + CRD + after).replace("\n", ending)
    assert schemas(text) == [{}, {}]
    if ending == "\n":
        assert_same_but_schemas(text)
    assert [d.value for d in load(0, text, skip_schemas=True).documents[1:]] == [
        d.value for d in load(0, text).documents[1:]
    ]


def test_other_texts_are_read_in_full() -> None:
    text = "# kind: CustomResourceDefinition\nkind: Pod\nspec:\n  versions:\n  - schema:\n      a: 1\n"
    assert schemas(text) == [{"a": 1}]
    text = (
        "a: |\n  CustomResourceDefinition\nkind: CustomResourceDefinition\nspec:\n  schema:\n    a: 1\n  versions: []\n"
    )
    assert load(0, text, skip_schemas=True) == load(0, text)


def test_what_is_no_yaml_stays_a_problem() -> None:
    text = CRD.replace("type: string", "type: 'string")
    assert load(0, text, skip_schemas=True).problems == load(0, text).problems != []
    text = CRD.replace("type: string", "type: [string")
    assert load(0, text, skip_schemas=True).problems == load(0, text).problems != []


def test_anchors_into_a_schema_are_kept() -> None:
    text = CRD.replace("type: string", "type: &a string").replace("kind: Shop", "kind: *a")
    loaded = load(0, text, skip_schemas=True)
    assert not loaded.problems
    assert loaded.documents[0].value["spec"]["names"]["kind"] == "string"


def test_nothing_hides_behind_a_schema() -> None:
    hidden = 'x: "\nkind: CustomResourceDefinition\n schema:\n  "\nkind: Pod\nspec: {hostPID: true}\n'
    assert load(0, hidden, skip_schemas=True).documents[0].value == load(0, hidden).documents[0].value
    short = CRD.replace("    served: true", "   # comment\n    served: true")
    assert_same_but_schemas(short)
    outdented = CRD.replace("          schema:\n            text\n", "          text\n# schema\n")
    assert_same_but_schemas(outdented)
