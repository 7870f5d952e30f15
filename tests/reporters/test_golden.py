"""Every format of the report made by hand, byte for byte, and its schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from report_sample import report
from write_golden import FOLDER, GOLDEN, OTHERS, ROOT, rendered

from linter.reporters import REPORTERS, renderer


@pytest.mark.parametrize("name", [*GOLDEN, *OTHERS])
def test_formats_are_what_they_were(name: str) -> None:
    assert dict(rendered())[name].encode() == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", ["report.sarif", "report-full.sarif", "others.sarif", "others-full.sarif"])
def test_sarif_fits_its_schema(name: str) -> None:
    schema = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text())
    log = json.loads(dict(rendered())[name])
    assert [error.message for error in Draft202012Validator(schema).iter_errors(log)] == []


@pytest.mark.parametrize("name", ["report.json", "others.json"])
def test_json_fits_its_schema(name: str) -> None:
    validator = schema_of_reports()
    document = json.loads(dict(rendered())[name])
    assert [error.message for error in validator.iter_errors(document)] == []


def test_the_schema_of_reports_has_an_opinion() -> None:
    document = json.loads(dict(rendered())["report.json"])
    document["findings"][0]["severity"] = "awful"
    document["surprise"] = 1
    assert len(list(schema_of_reports().iter_errors(document))) == 2


def schema_of_reports() -> Any:
    schema = json.loads((ROOT / "linter" / "schemas" / "report.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", REPORTERS)
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    render = renderer(name)
    assert render(report(), {}) == render(report(), {})


@pytest.mark.parametrize("name", REPORTERS)
def test_an_empty_report_renders(name: str) -> None:
    empty = report(findings=(), failures=(), rules={}, frameworks=(), skipped=(), not_rendered=(), changes=())
    text = renderer(name)(empty, {})
    assert text.endswith("\n") or text == ""
    if name == "sarif":
        assert json.loads(text)["runs"][0]["results"] == []
