"""Any text may stand in a policy or in a comment: nothing but ConfigError is raised, and places stay inside the text."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from policy_makers import source

from linter.config import ConfigError, from_texts
from linter.globs import path_matches, text_matches
from linter.policy import suppressions

WORDS = st.sampled_from(
    ["opslint:ignore=", "a-b", " reason=", '"', "'", "# ", "// ", "<!-- ", " -->", "\n", "\r\n", "  ", "{", "}", "---\n",
     "checkov:skip=", "CKV_1", ":", ",", "trivy:ignore:", "exp", "zizmor: ignore[", "]", "apiVersion: v1\n", "kind: Pod\n",
     "metadata:\n", "ignore-check.kube-linter.io/x", ": y", "expires=", "2027-01-31", "resource ", "\x00", "\ud800", "ё"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=80)
KEYS = st.sampled_from(
    [
        "version",
        "gate",
        "fail-on",
        "waivers",
        "rule",
        "path",
        "expires",
        "allow-incomplete",
        "exclude",
        "x",
        "environments",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(text=TEXTS, name=st.sampled_from(["a.tf", "a.yaml", "a.md", "a.json"]))
@example(text="}\n}\n# opslint:ignore=a reason=b", name="a.tf")
def test_suppressions_of_any_text(text: str, name: str) -> None:
    lines = len(source(name, text).starts)
    for found in suppressions.read(source(name, text)):
        assert 1 <= found.first <= found.last <= lines
        assert 1 <= found.line <= lines
        assert len(found.keys) == len(found.directive.ids)
        if found.directive.kind == "opslint" and not found.directive.problem:
            assert found.directive.reason and found.directive.ids


@settings(max_examples=200, derandomize=True, deadline=None)
@given(text=TEXTS)
def test_policies_of_any_text(text: str) -> None:
    try:
        from_texts([("opslint.yaml", text), ("waivers.yaml", text)])
    except ConfigError as error:
        assert error.problems and all(":" in problem for problem in error.problems)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(value=st.dictionaries(KEYS, VALUES, max_size=5))
def test_policies_of_any_shape(value: object) -> None:
    import json

    try:
        made = from_texts([("opslint.yaml", json.dumps(value))])
    except ConfigError as error:
        assert all(problem.startswith("opslint.yaml:1: ") for problem in error.problems)
    else:
        for entry in (*made.data.get("waivers", ()), *made.data.get("allow-incomplete", ())):
            assert "problem" in entry or entry["expires"]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(text=st.text(alphabet="ab/", max_size=8), start=st.integers(0, 8), end=st.integers(0, 8))
def test_a_star_stands_for_anything(text: str, start: int, end: int) -> None:
    assert text_matches(text[:start] + "*" + text[max(start, end) :], text)
    assert path_matches("**", text or "a")
