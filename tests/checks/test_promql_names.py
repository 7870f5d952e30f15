"""Which metrics an expression reads, and alerts that a repository ought to have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.checks.monitoring.promql_names import metrics_of
from linter.model import Unknown
from tests.support import failed, scanned, write


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        (
            'sum by (job) (rate(a_total{x="y"}[5m])) / on (job) group_left (z) sum(b) without (q) > bool 1',
            {"a_total", "b"},
        ),
        ('{__name__="c", a="b"}', {"c"}),
        ('{"d.e", a="b"} offset 5m', {"d.e"}),
        ('absent(up{a="b"}) or vector(0)', {"up"}),
        ("time() - x:y:z > Inf", {"x:y:z"}),
    ],
)
def test_metrics(expression: str, metrics: set[str]) -> None:
    assert metrics_of(expression) == metrics


@pytest.mark.parametrize("expression", ['{__name__=~"c.*"}', "{{ .x }} > 1", "sum("])
def test_what_cannot_be_told_is_unknown(expression: str) -> None:
    assert isinstance(metrics_of(expression), Unknown)


METRICS = st.sampled_from(["a", "b_total", "ns:c:rate5m"])
EXPRESSIONS = st.recursive(
    METRICS.map(lambda name: (name, {name})),
    lambda inner: st.one_of(
        inner.map(lambda e: (f"sum by (job, a) ({e[0]})", e[1])),
        inner.map(lambda e: (f"({e[0]})", e[1])),
        METRICS.map(lambda name: (f'rate({name}{{job=~"b.*", a!="c"}}[5m:1m] offset 1h)', {name})),
        st.tuples(inner, inner).map(lambda e: (f"{e[0][0]} / ignoring (a) {e[1][0]}", e[0][1] | e[1][1])),
        st.tuples(inner, inner).map(lambda e: (f"{e[0][0]} unless on () {e[1][0]}", e[0][1] | e[1][1])),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_metrics_of_composed_expressions_are_those_of_their_parts(expression: tuple[str, set[str]]) -> None:
    assert metrics_of(expression[0]) == expression[1]


def test_a_repository_without_alerts_of_its_own_is_not_judged(tmp_path: Path) -> None:
    backup = "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: backup, namespace: v}\n"
    rules = "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: up == 0}\n"
    assert failed(scanned(write(tmp_path / "a", {"b.yaml": backup}), "backup-failure-alert")) == []
    assert len(failed(scanned(write(tmp_path / "b", {"b.yaml": backup, "r.yaml": rules}), "backup-failure-alert"))) == 1
