"""Actions of chart templates that do not end."""

from __future__ import annotations

import pytest

from linter.parsers.helm.templates import unclosed


@pytest.mark.parametrize(
    "text",
    [
        "a: {{ .Values.a }}", "{{- if .a -}}x{{- end }}", '{{ print "}} {{" }}', "{{ `}} {{` }}", "{{/* }} {{ */}}",
        "{{- /* a\n}} */ -}}", "{{ $x := dict \"a\" 1 }}{{ $x }}", "{{\n  .Values.a\n}}", "no action", "a: {b: {c: 1}}",
        "{{ '}' }}", '{{ "a\\"}}" }}',
    ],
)  # fmt: skip
def test_actions_that_end(text: str) -> None:
    assert unclosed(text) is None


@pytest.mark.parametrize(
    ("text", "at"), [("{{ if }\n", 0), ("a: {{ .x }}\nb: {{ .y }\nc: {{ .z }}", 15), ("{{/* }}", 0), ("x {{", 2)]
)
def test_actions_that_do_not(text: str, at: int) -> None:
    assert unclosed(text) == at
