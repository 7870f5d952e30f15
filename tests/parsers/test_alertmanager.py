"""Alertmanager's routes: matchers as they are written, and where alerts go."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.model import Map
from linter.parsers.monitoring.routes import Matcher, deliveries, matchers_of, pattern_takes
from linter.syntax import yaml
from tests.support import failed, lines, scanned, write


def tree(text: str) -> Map:
    value = yaml.load(0, text).documents[0].value
    assert isinstance(value, Map)
    return value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("matchers: [severity = critical]", [("severity", "=", "critical")]),
        ("matchers: ['severity=~\"a|b\"']", [("severity", "=~", "a|b")]),
        ("matchers: ['{a!=\"x, y\", b!~c}']", [("a", "!=", "x, y"), ("b", "!~", "c")]),
        ("match: {a: b}\nmatch_re: {c: d.*}", [("a", "=", "b"), ("c", "=~", "d.*")]),
        ("matchers: [{name: a, value: b, matchType: '!='}]", [("a", "!=", "b")]),
        ("matchers: [{name: a, value: b, regex: true}]", [("a", "=~", "b")]),
        ("receiver: x", []),
    ],
)
def test_matchers_are_read_in_all_their_forms(written: str, read: list[tuple[str, str, str]]) -> None:
    assert matchers_of(tree(written)) == tuple(Matcher(*each) for each in read)


def test_a_matcher_that_cannot_be_read_is_unknown() -> None:
    assert matchers_of(tree("matchers: ['severity']")) is None


@pytest.mark.parametrize(
    ("pattern", "value", "answer"),
    [
        ("a|b", "b", True), ("a|b", "c", False), ("^(?:a|b)$", "a", True), ("db-.*", "db-1", True), ("db-.*", "web", False),
        (".*", "", True), (".+", "", False), ("a[bc]", "ab", None), ("a[bc]|x", "x", True), (".*mid.*", "a-mid-b", True),
        ("(a+)+", "aaaa", None), ("a.*a", "a", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, value: str, answer: bool | None) -> None:
    assert pattern_takes(pattern, value) is answer


@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=4), st.text("ab", max_size=8))
def test_patterns_of_texts_and_stars_agree_with_a_regular_expression(pieces: list[str], value: str) -> None:
    import re

    pattern = ".*".join(pieces)
    assert pattern_takes(pattern, value) is (re.fullmatch(pattern, value) is not None)


ROUTES = tree(
    """
receiver: root
routes:
  - matchers: [team = db]
    receiver: db
    routes:
      - matchers: [severity = critical]
        receiver: pager
  - matchers: [severity = critical]
    receiver: first
    continue: true
  - match_re: {severity: critical|warning}
    receiver: second
"""
)


@pytest.mark.parametrize(
    ("labels", "reached"),
    [
        ({"team": "db", "severity": "critical"}, [("pager", True)]),
        ({"team": "db", "severity": "info"}, [("db", True)]),
        ({"team": "web", "severity": "critical"}, [("first", True), ("second", True)]),
        ({"team": "web", "severity": "warning"}, [("second", True)]),
        ({"team": "web", "severity": "info"}, [("root", True)]),
        ({"severity": "critical"}, [("pager", False), ("first", False), ("second", False)]),
        ({"severity": "info"}, [("db", False), ("root", False)]),
    ],
)
def test_deliveries(labels: dict[str, str | None], reached: list[tuple[str, bool]]) -> None:
    assert [(each.receiver, each.sure) for each in deliveries(ROUTES, labels)] == reached


CONFIGURATION = "route: {receiver: gone}\nreceivers: [{name: chat}]\n"


def test_a_configuration_is_found_wherever_it_is_held(tmp_path: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: am}\n"
    held = "".join(f"    {line}\n" for line in CONFIGURATION.splitlines())
    root = write(
        tmp_path,
        {
            "a/alertmanager.yml": CONFIGURATION,
            "b/secret.yaml": f"{secret}stringData:\n  alertmanager.yaml: |\n{held}",
            "c/secret.yaml": f"{secret}data:\n  alertmanager.yml: {b64encode(CONFIGURATION.encode()).decode()}\n",
            "d/Chart.yaml": "apiVersion: v2\nname: d\nversion: 1.0.0\n",
            "d/values.yaml": "stack:\n  alertmanager:\n    config:\n" + held.replace("    ", "      "),
            "e/other.yaml": "receivers: [a]\nexporters: [b]\n",
        },
    )
    found = lines(scanned(root, "alertmanager-receiver-exists"))
    assert found == [
        "a/alertmanager.yml:1:19 alertmanager-receiver-exists",
        "b/secret.yaml:6:23 alertmanager-receiver-exists",
        "c/secret.yaml:5:21 alertmanager-receiver-exists",
        "d/values.yaml:4:25 alertmanager-receiver-exists",
    ]


def test_alerts_of_lower_environments_do_not_meet_production(tmp_path: Path) -> None:
    rules = (
        "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n        labels: {severity: page}\n"
    )
    silent = 'route: {receiver: "null"}\nreceivers: [{name: "null"}]\n'
    root = write(
        tmp_path,
        {f"envs/{name}/{file}": text for name in ("dev", "production") for file, text in (("rules.yaml", rules),)}
        | {"envs/dev/alertmanager.yml": silent},
    )
    (finding,) = failed(scanned(root, "alert-severity-routes"))
    assert finding.place.path == "envs/dev/alertmanager.yml"
    assert finding.message.startswith("One alert of severity page")
