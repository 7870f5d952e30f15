"""Charts as configuration: which files are theirs, values per environment, what is written where."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.discovery.formats import is_chart_file
from linter.model import Environment, Estate, Resource
from tests.support import scanned, write

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"


def estate(root: Path, files: dict[str, str]) -> Estate:
    scan = scanned(write(root, {"chart/Chart.yaml": CHART, **files}))
    assert scan.report.failures == ()
    return scan.estate


def values(found: Estate) -> list[Resource]:
    return found.kinds.get("helm/values", [])


@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        ("c/Chart.yaml", True), ("c/values.yaml", True), ("c/values-prod.yml", True), ("c/prod.values.yaml", True),
        ("c/environments/prod/values.yaml", True), ("c/values/prod.yaml", True), ("c/envs/prod.yaml", True),
        ("c/templates/values.yaml", False), ("c/ci/test-values.yaml", False), ("c/crds/values.yaml", False),
        ("c/other.yaml", False), ("c/values.schema.json", False), ("d/values.yaml", False), ("c/Chart.lock", False),
    ],
)  # fmt: skip
def test_files_of_a_chart(path: str, theirs: bool) -> None:
    folder, _, name = path.rpartition("/")
    assert is_chart_file(folder, name, {"c"}) is theirs


def test_values_alone(tmp_path: Path) -> None:
    (found,) = values(estate(tmp_path, {"chart/values.yaml": "a: 1\n"}))
    assert found.address == "chart/values.yaml" and found.name == "web" and found.environment is None
    assert found.context["chart"]["name"] == "web"


def test_one_per_environment(tmp_path: Path) -> None:
    found = values(
        estate(tmp_path, {
            "chart/values.yaml": "a: {b: 1, c: [1, 2], d: x}\ne: 1\n",
            "chart/values-prod.yaml": "a: {b: 2, c: [3], d: null}\n",
            "chart/environments/staging/values.yaml": "e: 2\n", "chart/values-ha.yaml": "e: 3\n",
        })
    )  # fmt: skip
    by_name = {each.environment: each for each in found}
    prod, staging = by_name[Environment("prod", "production")], by_name[Environment("staging", "pre-production")]
    assert prod.body == {"a": {"b": 2, "c": [3]}, "e": 1} and staging.body == {
        "a": {"b": 1, "c": [1, 2], "d": "x"},
        "e": 2,
    }
    assert prod.address == staging.address == "chart/values.yaml"
    assert by_name[None].address == "chart/values-ha.yaml" and by_name[None].body["e"] == 3
    assert len(found) == 3


def test_a_merged_value_lies_where_it_was_written(tmp_path: Path) -> None:
    found = estate(tmp_path, {"chart/values.yaml": "a: {b: 1, c: 1}\n", "chart/values-prod.yaml": "a: {b: 2}\n"})
    at = values(found)[0].body["a"].at
    assert found.place((at["b"][0], *at["b"][3:])).path == "chart/values-prod.yaml"
    assert found.place((at["c"][0], *at["c"][3:])).path == "chart/values.yaml"


@pytest.mark.parametrize("text", ["", "[]", "a", "a: [", "--- 1\n--- {a: 1}\n"])
def test_values_of_any_form(tmp_path: Path, text: str) -> None:
    scan = scanned(write(tmp_path, {"chart/Chart.yaml": CHART, "chart/values.yaml": text}))
    assert len(scan.estate.kinds["helm/chart"]) == 1


def test_dependencies(tmp_path: Path) -> None:
    dependency = "dependencies:\n- {name: a, version: 1.0.0, repository: 'https://example.com'}\n- {name: b, repository: 'file://../b'}\n"
    found = estate(tmp_path, {"chart/requirements.yaml": dependency, "chart/requirements.lock": ""})
    (chart,) = found.kinds["helm/chart"]
    assert chart.body["remote"] == 1 and chart.body["locked"] is True and len(chart.body["dependencies"]) == 2


@pytest.mark.parametrize("text", ["dependencies: 1\n", "dependencies: [1]\n", "dependencies: {a: b}\n", "name: [a]\n"])
def test_charts_of_any_form(tmp_path: Path, text: str) -> None:
    scan = scanned(write(tmp_path, {"Chart.yaml": "apiVersion: v2\n" + text, "values.yaml": "a: 1\n"}))
    assert scan.report.failures == () and len(scan.estate.kinds["helm/chart"]) == 1
