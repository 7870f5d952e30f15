"""Inline waivers: which lines a comment covers, what it says, and that reading it stays linear."""

from __future__ import annotations

import time

import pytest
from policy_makers import source

from linter.policy import suppressions
from linter.policy.suppressions import COUNT_LIMIT, LINE_LIMIT, Suppression

OWN = 'opslint:ignore=no-open-port reason="bastion"'


def read(path: str, text: str) -> list[Suppression]:
    return suppressions.read(source(path, text))


def covered(path: str, text: str) -> list[tuple[int, int]]:
    return [(found.first, found.last) for found in read(path, text)]


def test_a_comment_on_the_line_covers_the_line() -> None:
    assert covered("a.yaml", f"a: 1\nb: 2 # {OWN}\nc: 3\n") == [(2, 2)]


def test_a_comment_above_covers_the_line_below_its_comments() -> None:
    assert covered("a.yaml", f"a: 1\n# {OWN}\n# more\nb: 2\nc: 3\n") == [(4, 4)]


def test_a_blank_line_ends_it() -> None:
    assert covered("a.yaml", f"a: 1\n# {OWN}\n\nb: 2\n") == [(3, 3)]


HCL = """\
resource "a" "one" {
  x = 1
  nested {
    y = 2
  }
}

resource "a" "two" {
  x = 1
}
"""


def put(text: str, line: int, comment: str) -> str:
    lines = text.splitlines()
    lines.insert(line, comment)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("mark", ["#", "//"])
def test_terraform_blocks(mark: str) -> None:
    assert covered("a.tf", put(HCL, 0, f"{mark} {OWN}")) == [(2, 7)]
    assert covered("a.tf", put(HCL, 1, f"  {mark} {OWN}")) == [(1, 7)]
    assert covered("a.tf", put(HCL, 3, f"    {mark} {OWN}")) == [(3, 6)]
    assert covered("a.tf", put(HCL, 8, f"  {mark} {OWN}")) == [(8, 11)]
    assert covered("a.tf", HCL.replace('"one" {', f'"one" {{ {mark} {OWN}')) == [(1, 6)]
    assert covered("a.tf", HCL.replace("y = 2", f"y = 2 {mark} {OWN}")) == [(4, 4)]


def test_a_comment_between_attributes_covers_only_the_next_one() -> None:
    assert covered("a.tf", put(HCL, 2, f"  # {OWN}")) == [(4, 7 - 1)]
    assert covered("a.tf", 'resource "a" "b" {\n  x = 1\n' + f"  # {OWN}\n  y = 2\n}}\n") == [(4, 4)]


def test_an_unformatted_block_never_reaches_into_the_next_one() -> None:
    text = f'resource "a" "b" {{\n# {OWN}\n  x = 1\n    resource "a" "c" {{\n    x = 2\n  }}\n'
    assert covered("a.tf", text) == [(1, 3)]
    assert covered("a.tf", f'resource "a" "b" {{\n# {OWN}\nx = 1\n}}\n') == [(1, 1)]


MANIFESTS = """\
apiVersion: v1
kind: Pod
metadata:
  name: one
---
apiVersion: v1
kind: Pod
metadata:
  name: two
"""


def test_the_top_of_a_kubernetes_document_covers_the_document() -> None:
    assert covered("a.yaml", put(MANIFESTS, 0, f"# {OWN}")) == [(1, 5)]
    assert covered("a.yaml", put(MANIFESTS, 5, f"# {OWN}")) == [(6, 11)]
    assert covered("a.yaml", put(MANIFESTS, 1, f"# {OWN}")) == [(3, 3)]


def test_the_top_of_a_workflow_covers_only_the_next_line() -> None:
    assert covered(".github/workflows/a.yml", f"# {OWN}\non: push\njobs: {{}}\n") == [(2, 2)]


def test_markdown_comments_and_no_others() -> None:
    assert covered("a.md", f"# A\n\n<!-- {OWN} -->\n## B\n") == [(4, 4)]
    assert covered("a.md", f"# A\n\n<!-- {OWN} -->\n\n## B\n") == [(5, 5)]
    assert covered("a.md", f"# {OWN}\n") == []


def test_no_comment_no_waiver() -> None:
    assert read("a.yaml", f"a: '{OWN}'\n") == []
    assert read("a.json", "{}\n") == []


def directive(text: str, path: str = "a.yaml") -> tuple[str, ...]:
    (found,) = read(path, f"a: 1 # {text}\n")
    return tuple(found.directive)  # type: ignore[arg-type]


def test_all_its_parts() -> None:
    text = 'opslint:ignore=a-b,c-d reason="it\'s fine = ok" owner=net expires=2027-01-31'
    assert directive(text) == ("opslint", ("a-b", "c-d"), "it's fine = ok", "net", "2027-01-31", "")
    assert directive("opslint:ignore=a-b reason='x' owner='the team'")[2:4] == ("x", "the team")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("opslint:ignore=a-b", "no reason"),
        ('opslint:ignore=a-b reason=""', "no reason"),
        ('opslint:ignore=a-b reason="  "', "no reason"),
        ('opslint:ignore=* reason="x"', "no wildcard"),
        ('opslint:ignore=all reason="x"', "no wildcard"),
        ('opslint:ignore=ALL reason="x"', "no wildcard"),
        ('opslint:ignore=a-* reason="x"', "no wildcard"),
        ('opslint:ignore= reason="x"', "no rule"),
        ('opslint:ignore=a-b reason="x', "closing quote"),
        ('opslint:ignore=a-b because="x"', "reason, owner and expires"),
        ("opslint:ignore=a-b just so", "reason, owner and expires"),
        ('opslint:ignore=a-b reason="x" expires=tomorrow', "calendar"),
        ('opslint:ignore=a-b reason="x" expires=2026-02-30', "calendar"),
        ('opslint:ignore=a-b reason="x" expires=20270131', "calendar"),
        ("opslint: ignore[ALL]", "write opslint:ignore="),
        ("opslint:disable=a-b", "write opslint:ignore="),
    ],
)
def test_malformed(text: str, problem: str) -> None:
    assert problem in directive(text)[5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkov:skip=CKV_AWS_20:public site", ("checkov", ("CKV_AWS_20",), "public site", "", "", "")),
        ("checkov:skip=CKV_AWS_20,CKV_AWS_21", ("checkov", ("CKV_AWS_20", "CKV_AWS_21"), "", "", "", "")),
        ("trivy:ignore:AVD-AWS-0086", ("trivy", ("AVD-AWS-0086",), "", "", "", "")),
        ("trivy:ignore:AWS-0086:exp:2027-01-31", ("trivy", ("AWS-0086",), "", "", "2027-01-31", "")),
        ("tfsec:ignore:AWS017:ws:dev:exp:2027-01-31", ("tfsec", ("AWS017",), "", "", "2027-01-31", "")),
        ("zizmor: ignore[unpinned-uses] local", ("zizmor", ("unpinned-uses",), "local", "", "", "")),
        ("zizmor: ignore[a, b]", ("zizmor", ("a", "b"), "", "", "", "")),
    ],
)
def test_other_tools(text: str, expected: tuple[str, ...]) -> None:
    assert directive(text) == expected


@pytest.mark.parametrize("text", ["trivy:ignore:*", "tfsec:ignore:", "checkov:skip=", "zizmor: ignore[]"])
def test_other_tools_without_an_id_cover_nothing(text: str) -> None:
    assert "covers nothing" in directive(text)[5]


def test_checkov_covers_its_whole_block_wherever_it_stands() -> None:
    text = put(HCL, 4, "  #checkov:skip=CKV_AWS_1:x")
    assert covered("a.tf", text) == [(1, 7)]
    assert covered("a.tf", put(HCL, 5, "  #checkov:skip=CKV_AWS_1:x")) == [(1, 7)]
    assert covered("a.tf", put(HCL, 9, "  #checkov:skip=CKV_AWS_1:x")) == [(8, 11)]


@pytest.mark.parametrize(
    ("line", "kind", "id"),
    [
        ("ignore-check.kube-linter.io/run-as-non-root: 'needs root'", "kube-linter", "run-as-non-root"),
        ('"ignore-check.kube-linter.io/run-as-non-root": "needs root"', "kube-linter", "run-as-non-root"),
        ("kube-linter.io/ignore-all: 'needs root'", "kube-linter", "*"),
        ("checkov.io/skip1: CKV_K8S_20=needs root", "checkov", "CKV_K8S_20"),
        ("polaris.fairwinds.com/cpuRequestsMissing-exempt: 'true'", "polaris", "cpuRequestsMissing"),
    ],
)
def test_annotations_cover_their_document(line: str, kind: str, id: str) -> None:
    text = MANIFESTS.replace("name: two", f"name: two\n  annotations:\n    {line}")
    (found,) = read("a.yaml", text)
    assert (found.directive.kind, found.directive.ids, found.first, found.last) == (kind, (id,), 6, 12)


def test_a_polaris_exemption_is_switched_on() -> None:
    line = "polaris.fairwinds.com/cpuRequestsMissing-exempt: 'false'"
    assert read("a.yaml", f"metadata:\n  annotations:\n    {line}\n") == []


def keys(path: str, text: str) -> frozenset[str]:
    return suppressions.keys(source(path, text))


def test_a_key_survives_what_is_written_elsewhere() -> None:
    before = put(HCL, 8, f"  # {OWN}")
    assert keys("a.tf", before)
    assert keys("a.tf", before) == keys("a.tf", '# a\nresource "a" "zero" {}\n' + before.replace("x = 1", "x = 9", 1))
    assert keys("a.tf", before) == keys("a.tf", before.replace("bastion", "another reason"))
    assert keys("a.tf", before) == keys("a.tf", before.replace("\n", "\r\n"))


def test_a_key_changes_with_what_it_was_granted_for() -> None:
    before = keys("a.tf", HCL.replace("y = 2", f"y = 2 # {OWN}"))
    assert len(before) == 1
    assert not before & keys("a.tf", HCL.replace("y = 2", f"y = 3 # {OWN}"))
    assert not before & keys("b.tf", HCL.replace("y = 2", f"y = 2 # {OWN}"))
    assert not before & keys("a.tf", HCL.replace("y = 2", f"y = 2 # {OWN}").replace('"one"', '"other"'))
    assert not before & keys("a.tf", HCL.replace("x = 1", f"x = 1 # {OWN}", 1))
    assert not before & keys("a.tf", HCL.replace("y = 2", "y = 2 # " + OWN.replace("no-open-port", "other-rule")))


def test_a_second_equal_comment_has_a_key_of_its_own() -> None:
    line = f"- uses: a/b@v1 # {OWN}\n"
    assert keys("a.yaml", line) < keys("a.yaml", line * 2)


def test_annotations_are_told_apart_by_their_object() -> None:
    line = "\n  annotations:\n    ignore-check.kube-linter.io/x: y"
    one = keys("a.yaml", MANIFESTS.replace("name: one", "name: one" + line))
    two = keys("a.yaml", MANIFESTS.replace("name: two", "name: two" + line))
    assert one and two and not one & two


def test_too_many_and_too_long() -> None:
    many = read("a.yaml", f"a: 1 # {OWN}\n" * (COUNT_LIMIT + 5))
    assert len(many) == COUNT_LIMIT + 1
    assert "at most" in many[-1].directive.problem
    assert read("a.yaml", f"a: 1 # {OWN}{' ' * LINE_LIMIT}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "# opslint:ignore=" + "a," * 4_000,
        "# opslint:ignore=a " + 'reason="' * 1_000,
        "# " + "opslint:ignore=a reason=" * 400,
        "# checkov:skip=" + "A" * 9_000,
        "# checkov:skip=CKV_AWS_1:" + " " * 9_000,
        "# " + "tfsec:ignore:a:" * 600,
        "# trivy:ignore:" + "a[" * 4_000,
        "# zizmor: ignore[" + "a," * 4_000,
        "    ignore-check.kube-linter.io/" + "a" * 9_000,
        "{",
        " " * 5_000 + "# opslint:ignore=a",
    ],
)
def test_hostile_lines_stay_fast(line: str) -> None:
    text = "# opslint:ignore=a-b reason=x\n" + f"{line}\n" * min(2_000_000 // (len(line) + 1), 300_000)
    for path in ("a.tf", "a.yaml"):
        started = time.process_time()
        read(path, text)
        assert time.process_time() - started < 6


def test_deep_nesting_stays_fast() -> None:
    text = "".join(" " * depth + "a {\n" for depth in range(1_500)) + f"# {OWN}\n" * 200_000
    started = time.process_time()
    read("a.tf", text)
    assert time.process_time() - started < 6


@pytest.mark.parametrize(
    "text",
    [
        "see opslint: it reads everything", "opslint:explained", "zizmor: a linter", "zizmor: ignore[a", "zizmor: ignore",
        "checkov:skipped", "trivy:ignored", "https://kube-linter.io/x",
    ],
)  # fmt: skip
def test_talk_about_tools_is_no_directive(text: str) -> None:
    assert read("a.yaml", f"a: 1 # {text}\n") == []


def test_keys_of_some_kinds() -> None:
    text = source("a.yaml", f"a: 1 # {OWN}\nb: 2 # trivy:ignore:AWS-1\n")
    assert len(suppressions.keys(text)) == 2
    assert len(suppressions.keys(text, ("trivy",))) == 1


DOCKERFILE = """\
FROM debian:12
{0}
# more
RUN apt-get update && \\
{1}
    apt-get install -y git
RUN <<EOF
make
EOF
"""


def in_dockerfile(above: str = "# -", inside: str = "# -") -> list[Suppression]:
    return read("app/Dockerfile.dev", DOCKERFILE.format(above, inside))


@pytest.mark.parametrize(
    ("comment", "ids", "lines"),
    [
        (f"# {OWN}", ("no-open-port",), (4, 6)),
        ("# hadolint ignore=DL3008,SC2086", ("DL3008", "SC2086"), (4, 6)),
        ("#hadolint ignore = DL3008, DL3009", ("DL3008", "DL3009"), (4, 6)),
        ("# hadolint global ignore=DL3008", ("DL3008",), (1, 10)),
        ("# checkov:skip=CKV_DOCKER_3:reviewed", ("CKV_DOCKER_3",), (1, 10)),
        ("# trivy:ignore:DS-0002", ("DS-0002",), (4, 6)),
    ],
)
def test_a_comment_above_an_instruction_covers_all_of_it(comment: str, ids: tuple[str, ...], lines: object) -> None:
    (found,) = in_dockerfile(comment)
    assert (found.directive.ids, (found.first, found.last), found.directive.problem) == (ids, lines, "")


def test_a_comment_inside_an_instruction_covers_the_line_below_it() -> None:
    assert [(found.first, found.last) for found in in_dockerfile(inside=f"# {OWN}")] == [(6, 6)]


def test_a_heredoc_belongs_to_its_instruction() -> None:
    text = DOCKERFILE.format("#", "#").replace("RUN <<", "# hadolint ignore=DL3059\nRUN <<")
    assert [(found.first, found.last) for found in read("Dockerfile", text)] == [(8, 10)]


@pytest.mark.parametrize(
    "comment", ["# hadolint ignores nothing", "# see hadolint ignore=DL3008", "# hadolint shell=bash"]
)
def test_other_words_of_hadolint_say_nothing(comment: str) -> None:
    assert in_dockerfile(comment) == []
