"""Checks of alerts, runbooks and pages beyond what their rules' examples show."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from linter.checks.documents import codeowners, runbook_care, runbook_commands, runbooks
from linter.checks.documents import links as documents
from linter.checks.monitoring import alerts as alert_checks
from linter.checks.monitoring.promql import Flaw, flaw
from linter.estate import runbook_links
from linter.model import Artifact, Estate, Source, Unknown, Workspace
from linter.parsers import READERS
from linter.parsers import documents as pages
from linter.parsers import monitoring as rules


def read(files: Mapping[str, str], settings: Mapping[str, Any] | None = None, isolated: bool = False) -> Estate:
    estate = Estate()
    estate.paths, estate.settings, estate.isolated = frozenset(files), settings or {}, isolated
    artifacts = {}
    for path, text in files.items():
        source = Source(len(estate.sources), path, text)
        estate.sources.append(source)
        kind = {"md": "markdown", "yaml": "yaml"}.get(path.rsplit(".", 1)[-1])
        if kind:
            artifacts[path] = Artifact(path, kind, source, *READERS[kind](source))
    workspace = Workspace(artifacts, estate.paths, estate.settings, lambda *_: None, lambda _: None)
    for expand in (rules.expand, pages.expand):
        for resource in expand(workspace):
            estate.add(resource)
    runbook_links.resolve(estate)
    return estate


def said(check: Any, files: Mapping[str, str], **settings: Any) -> list[tuple[str, str]]:
    """(outcome, marked text) of every verdict."""
    isolated = bool(settings.pop("isolated", False))
    estate = read(files, settings, isolated)
    return [
        (verdict.outcome, estate.sources[verdict.span[0]].text[verdict.span[1] : verdict.span[2]])
        for verdict in check(estate)
    ]


class TestPromql:
    @pytest.mark.parametrize(
        "expression",
        [
            "up == 0",
            "vector(1)",
            'sum by (a, b,) (rate(x{a="b",}[5m])) > 0.5e3',
            "sum(rate(x[5m])) by (a)",
            "a and on() b",
            "a * on(x) group_left(y) b",
            "a * on(x) group_left (sum(y))",
            "-a ^ 2",
            "x[5m:1m]",
            "max_over_time(sum(x)[1h:5m]) > 1",
            "x offset -5m",
            "x[5m] offset 1w",
            "x @ start()",
            "x @ 1609746000",
            '{"my.metric", job="x"}',
            '{__name__=~"a.+"}',
            "1 > bool 2",
            "Inf",
            'absent(up{job="x"}) # done',
            "x{} > 1",
            "job:x:rate5m > 3",
            'label_replace(x, "a", "$1", "b", "(.*)")',
            "topk(5, x)",
            "x{a=~`b\\d`}",
            "rate((x[5m]))",
            "(a or b) unless c",
            'count_values("v", x)',
            "a + on(b) fill(0) c",
            "1h > 5m",
            "sum without(a) (x) / y",
            "count",
            "# only\nup",
            "predict_linear(x[6h], 4*60*60) < 0",
            "x[5m : 1m]",
            "0x1F + .5",
            "quantile(0.9, x)",
        ],
    )
    def test_parses(self, expression: str) -> None:
        assert flaw(expression) is None

    @pytest.mark.parametrize(
        ("expression", "offset"),
        [
            ("", 0),
            ("up = 0", 3),
            ("up == ", 6),
            ("sum(up", 6),
            ("up)", 2),
            ("{}", 0),
            ('{job=""}', 0),
            ('{job=~".*"}', 0),
            ("rate(x)", 5),
            ("rate(sum(x)[5m])", 11),
            ("x[5m", 4),
            ("x[]", 1),
            ("x{a=b}", 4),
            ('x{a="b" c="d"}', 8),
            ("a b", 2),
            ("up > 0 and", 10),
            ("sum(x) offset 5m", 7),
            ('x{a="b}', 4),
            ("5x", 1),
            ("up == 0;", 7),
            ('foo{a="b"}}', 10),
            ("avg by a (x)", 7),
            ("x offset", 8),
            ("f(a,)", 4),
            ("x && y", 2),
            ('x{=~"a"}', 2),
        ],
    )
    def test_does_not(self, expression: str, offset: int) -> None:
        found = flaw(expression)
        assert isinstance(found, Flaw)
        assert found.offset == offset

    @pytest.mark.parametrize(
        ("expression", "cause"),
        [
            ("rate(x[$__rate_interval])", "template"),
            ("x{{ .Values.a }} > 1", "template"),
            ("x{a=%(a)s}", "template"),
            ('{app="x"} |= "err"', "expression"),
            ("x default 0", "expression"),
            ("(" * 400 + "a" + ")" * 400, "budget"),
            ("a+" * 60_000 + "a", "budget"),
        ],
    )
    def test_is_not_ours_to_say(self, expression: str, cause: str) -> None:
        found = flaw(expression)
        assert isinstance(found, Unknown)
        assert found.cause == cause

    @pytest.mark.parametrize("piece", ["(", "-", "f(", "x[", '"', "{", "a+", "[5m:]", "a{", "#", "1", "on ("])
    def test_cost_is_linear(self, piece: str) -> None:
        start = time.process_time()
        flaw("a" + piece * (90_000 // len(piece)))
        assert time.process_time() - start < 2


def alert(name: str, extra: str = "") -> str:
    return f"  - alert: {name}\n    expr: up == 0\n{extra}"


class TestAlerts:
    def test_a_flaw_of_a_block_is_at_its_line(self) -> None:
        body = "    expr: |-\n      sum(up)\n        / sum(up{a=b})\n        > 1\n"
        text = f"groups:\n- name: g\n  rules:\n  - alert: A\n{body}"
        assert said(alert_checks.promql_parses, {"r.yaml": text}) == [("fail", "/ sum(up{a=b})")]

    def test_other_scopes_may_repeat_an_alert(self) -> None:
        head = "groups:\n- name: g\n  rules:\n"
        files = {
            "r/shop-staging.yaml": head + alert("A"),
            "r/shop-prod.yaml": head + alert("A"),
            "s/a.yaml": head + alert("A"),
        }
        assert {outcome for outcome, _ in said(alert_checks.alert_unique, files)} == {"pass"}
        files["r/more-prod.yaml"] = head + alert("A")
        assert [outcome for outcome, _ in said(alert_checks.alert_unique, files)].count("fail") == 1

    def test_runbook_links_in_three_values(self) -> None:
        head = "groups:\n- name: g\n  rules:\n"
        text = head + "".join(
            alert(name, f"    annotations: {{runbook_url: '{url}'}}\n")
            for name, url in [("A", "docs/a.md"), ("B", "docs/b.md"), ("C", "https://wiki.example/x/c")]
        )
        found = said(alert_checks.runbook_resolves, {"r.yaml": text + alert("D"), "docs/a.md": "# A\n"})
        assert [outcome for outcome, _ in found] == ["pass", "fail", "unknown"]
        alone = said(alert_checks.runbook_resolves, {"r.yaml": text}, isolated=True)
        assert [outcome for outcome, _ in alone] == ["unknown"] * 3


class TestSections:
    def test_a_guessed_procedure_is_not_judged(self) -> None:
        files = {"runbooks/a.md": "# A\ntext\n"}
        assert said(runbooks.required_sections, files) == []
        assert [v.outcome for v in runbooks.required_sections(read(files), guessed=True)] == ["fail"]

    def test_a_fence_that_is_never_closed_is_named(self) -> None:
        text = "# A\n## Meaning\nx\n## Impact\nx\n## Diagnosis\n```\nls\n\n## Mitigation\nx\n"
        verdicts = list(runbooks.required_sections(read({"runbooks/a.md": text})))
        assert "code block of line 7 is never closed" in verdicts[0].message

    def test_an_image_or_subsection_fills_a_section(self) -> None:
        text = "# A\n## Meaning\n![m](m.png)\n## Impact\n<!-- later -->\n## Diagnosis\n### x\ny\n## Mitigation\nTBD.\n"
        assert said(runbooks.sections_not_empty, {"runbooks/a.md": text}) == [
            ("pass", "Meaning"),
            ("fail", "Impact"),
            ("pass", "Diagnosis"),
            ("fail", "Mitigation"),
        ]

    def test_markers_in_comments_and_inline_code_do_not_count(self) -> None:
        text = "# A\n`TODO` <!-- TODO --> TODOs [insert](x.md)\n```sh\n# FIXME: which\n```\n[insert name here]\n"
        assert said(runbooks.no_placeholders, {"runbooks/a.md": text}) == [
            ("fail", "FIXME"),
            ("fail", "[insert name here]"),
        ]

    def test_dots_without_end_cost_little(self) -> None:
        text = "# A\n## Meaning\n" + "." * 20_000 + "!\n## Impact\nx\n## Diagnosis\nx\n## Mitigation\nx\n"
        start = time.process_time()
        assert len(said(runbooks.sections_not_empty, {"runbooks/a.md": text})) == 4
        assert time.process_time() - start < 1

    def test_only_changes_need_a_way_back(self) -> None:
        files = {
            "runbooks/KubeDeploymentStuck.md": "# Alert\n",
            "runbooks/release-shop.md": "# Release\n## Rollback\n`helm undo`\n",
        }
        assert said(runbooks.rollback_told, files) == [("pass", "Rollback")]


class TestCare:
    @pytest.mark.parametrize(
        ("front", "outcome"),
        [
            ("last_reviewed: 2025-01-02", "pass"),
            ("last_reviewed: 2024-12-31", "fail"),
            ("last_reviewed: 2026-01-02", "fail"),
            ("lastReviewed: '2025-06-01T10:00:00Z'", "pass"),
            ("last_reviewed: never", "fail"),
            ("owner: a", "fail"),
            ("last_reviewed: 2025-11-01\nreview_interval_days: 30", "fail"),
            ("last_reviewed: [", "unknown"),
        ],
    )
    def test_review_dates(self, front: str, outcome: str) -> None:
        files = {"runbooks/a.md": f"---\n{front}\n---\n# A\n"}
        assert [o for o, _ in said(runbook_care.recently_dated, files, **{"as-of": "2026-01-01"})] == [outcome]

    def test_without_a_day_nothing_is_said(self) -> None:
        assert [o for o, _ in said(runbook_care.recently_dated, {"runbooks/a.md": "# A\n"})] == ["unknown"]

    @pytest.mark.parametrize(
        "text", ["Ask the on-call engineer.", "Post in #shop-ops.", "Mail ops@example.com.", "Escalate."]
    )
    def test_a_word_of_help_is_enough(self, text: str) -> None:
        files = {"runbooks/a.md": f"---\ntype: alert\n---\n# A\n{text}\n"}
        assert [o for o, _ in said(runbook_care.escalation_named, files)] == ["pass"]

    @pytest.mark.parametrize(
        ("owners", "outcome"),
        [
            ("* @a", "pass"),
            ("/runbooks/ @a", "pass"),
            ("runbooks/*.md @a", "pass"),
            ("*.md @a\n/runbooks/a.md", "fail"),
            ("docs/ @a", "fail"),
            ("[Ops] @a\n/runbooks/", "pass"),
            ("# * @a", "fail"),
            ("/runbooks @a # why", "pass"),
            ("runbooks/*/ @a", "fail"),
            ("**/a.md @a", "pass"),
        ],
    )
    def test_codeowners(self, owners: str, outcome: str) -> None:
        files = {".github/CODEOWNERS": owners + "\n", "docs/CODEOWNERS": "* @b\n", "runbooks/a.md": "# A\n"}
        assert [o for o, _ in said(runbook_care.owner_named, files)] == [outcome]

    def test_an_owners_file_above_counts(self) -> None:
        files = {"runbooks/OWNERS": "approvers: [a]\n", "runbooks/db/a.md": "# A\n"}
        assert [o for o, _ in said(runbook_care.owner_named, files)] == ["pass"]
        assert codeowners.owners_file(read(files), "docs/a.md") is None

    def test_what_was_not_read_may_name_an_owner(self) -> None:
        assert [o for o, _ in said(runbook_care.owner_named, {"runbooks/a.md": "# A\n"}, isolated=True)] == ["unknown"]


class TestCommands:
    @pytest.mark.parametrize(
        ("before", "command", "outcomes"),
        [
            ("Run:", "rm -rf /var/lib/shop", ["fail"]),
            ("Make sure nobody writes.", "rm -r -f /var/lib/shop", ["pass"]),
            ("Run:", "rm -rf /tmp/shop", []),
            ("Run:", "kubectl delete pod shop-0", []),
            ("Run:", "kubectl --context prod delete namespace shop", ["fail"]),
            ("Run:", "terraform -chdir=x destroy -auto-approve", ["fail"]),
            ("> [!CAUTION]", "psql -c 'DROP TABLE orders'", ["pass"]),
            ("Run:", "dd if=a of=/dev/sda && mkfs.ext4 /dev/sda", ["fail"]),
        ],
    )
    def test_destruction(self, before: str, command: str, outcomes: list[str]) -> None:
        files = {"runbooks/a.md": f"# A\n## Steps\n{before}\n\n```sh\n{command}\n```\n"}
        assert [o for o, _ in said(runbook_commands.dangerous_guarded, files)] == outcomes

    def test_a_warning_of_another_section_does_not_count(self) -> None:
        text = "# A\n## One\nWarning!\n## Two\n```sh\nterraform destroy\n```\n"
        assert said(runbook_commands.dangerous_guarded, {"runbooks/a.md": text}) == [("fail", "terraform destroy")]

    @pytest.mark.parametrize(
        ("command", "outcomes"),
        [
            ("./bin/drain node-1", ["pass"]),
            ("$ sudo ./bin/drain", ["pass"]),
            ("bash tools/gone.sh", ["fail"]),
            ("./gone.sh | tee log", ["fail"]),
            ("cd /opt && ./gone.sh", []),
            ("kubectl exec -it db-0 -- sh\n./gone.sh", []),
            ("curl -O https://x.example/gone.sh\n./gone.sh", []),
            ("cat a/b.txt", []),
        ],
    )
    def test_scripts(self, command: str, outcomes: list[str]) -> None:
        files = {"runbooks/a.md": f"# A\n```console\n{command}\n```\n", "ops/bin/drain": ""}
        assert [o for o, _ in said(runbook_commands.scripts_exist, files)] == outcomes


class TestLinks:
    FILES = {
        "README.md": "# Top\n## A_b & c\n",
        "docs/a.md": "# A\n## Same\n## Same\n",
        "docs/img/my map.svg": "",
        "docs/sub/index.md": "# Sub\n",
        "src/main.py": "",
    }

    @pytest.mark.parametrize(
        ("target", "outcomes"),
        [
            ("../README.md", ["pass"]),
            ("a.md#same-1", ["pass"]),
            ("a.md#same-2", ["fail"]),
            ("#x", ["fail"]),
            ("#top", ["pass"]),
            ("../README.md#a_b--c", ["pass"]),
            ("img/", ["pass"]),
            ("img", ["pass"]),
            ("..", ["pass"]),
            ("/docs/a.md", ["pass"]),
            ("<img/my map.svg>", ["pass"]),
            ("img/my%20map.svg", ["pass"]),
            ("../src/main.py#L10", ["pass"]),
            ("A.md", ["fail"]),
            ("a", ["fail"]),
            ("/gone/", ["fail"]),
            ("../../pulls", []),
            ("../../other/x.md", ["unknown"]),
            ("mailto:a@b.c", []),
            ("//x.example/a", []),
            ("{{ site.url }}/a", []),
            ("https://x.example", []),
            ("a.md?plain=1#L3", ["pass"]),
        ],
    )
    def test_as_github_shows_files(self, target: str, outcomes: list[str]) -> None:
        files = {**self.FILES, "docs/page.md": f"# Page\n[x]({target})\n"}
        assert [o for o, _ in said(documents.relative_links_resolve, files)] == outcomes

    @pytest.mark.parametrize(
        ("target", "outcome"),
        [
            ("a", "pass"),
            ("../a/", "pass"),
            ("/sub/", "pass"),
            ("A.html", "pass"),
            ("/elsewhere/", "unknown"),
            ("gone.md", "fail"),
            ("blog", "unknown"),
            ("a.md#same_1", "pass"),
        ],
    )
    def test_as_site_generators_publish_them(self, target: str, outcome: str) -> None:
        files = {**self.FILES, "mkdocs.yml": "", "docs/page.md": f"# Page\n[x]({target})\n"}
        assert [o for o, _ in said(documents.relative_links_resolve, files)] == [outcome]

    def test_raw_html_and_references_are_links(self) -> None:
        text = "# P\n<img src='gone.png'>\n\n[a][b] ![c][d]\n\n[b]: a.md\n[d]: gone.svg\n"
        found = said(documents.relative_links_resolve, {"docs/page.md": text, **self.FILES})
        assert [outcome for outcome, _ in found] == ["fail", "pass", "fail"]

    def test_absence_is_unknown_where_others_were_not_read(self) -> None:
        found = said(documents.relative_links_resolve, {"a.md": "[x](b.md)\n"}, isolated=True)
        assert [outcome for outcome, _ in found] == ["unknown"]

    def test_many_links_into_one_page_cost_little(self) -> None:
        text = "".join(f"# H{i}\n[x](#h{i})\n" for i in range(3_000))
        start = time.process_time()
        assert {outcome for outcome, _ in said(documents.relative_links_resolve, {"a.md": text})} == {"pass"}
        assert time.process_time() - start < 5
