"""`--render helm` with a stand-in for helm: what it is given, what becomes of what it prints, and where that lies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linter.engine import Scan
from linter.model import Map, Source
from linter.parsers.helm.places import placed
from linter.renderers.helm import Helm, Rendered, find
from linter.syntax import yaml
from tests.support import failed, scanned, write

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
TEMPLATE = """\
{{- $name := "web" }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-web
spec:
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: web
      image: "{{ .Values.image }}"
      securityContext:
        privileged: {{ .Values.privileged }}
"""
MANIFEST = """\
---
# Source: web/templates/pod.yaml
apiVersion: v1
kind: Pod
metadata:
  name: web-web
spec:
  securityContext:
    runAsUser: 0
  containers:
    - name: web
      image: "nginx"
      securityContext:
        privileged: true
"""
FILES = {"chart/Chart.yaml": CHART, "chart/values.yaml": "image: nginx\n", "chart/templates/pod.yaml": TEMPLATE}


def helm(folder: Path, body: str) -> str:
    """A program named helm that runs a shell script."""
    folder.mkdir(exist_ok=True)
    program = folder / "helm"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(program)


def printing(folder: Path, text: str) -> str:
    return helm(folder, f"cat <<'END'\n{text}END")


def rendered_scan(tmp_path: Path, program: str, files: dict[str, str], *rules: str) -> Scan:
    return scanned(write(tmp_path / "tree", files), *rules, renderers={"helm": Helm(program)})


def test_what_is_rendered_is_judged_on_the_templates_line(tmp_path: Path) -> None:
    scan = rendered_scan(
        tmp_path, printing(tmp_path / "bin", MANIFEST), FILES, "no-privileged-container", "no-latest-tag"
    )
    places = {(f.rule, f.place.path, f.place.start_line) for f in failed(scan)}
    assert places == {
        ("no-privileged-container", "chart/templates/pod.yaml", 15), ("no-latest-tag", "chart/templates/pod.yaml", 13),
    }  # fmt: skip
    assert scan.report.not_rendered == () and scan.report.failures == ()
    (pod,) = scan.estate.kinds["kubernetes/Pod"]
    assert (pod.unit.kind, pod.unit.path, pod.address) == ("helm", "chart", "Pod/default/web-web")


def test_without_it_templates_are_not_rendered(tmp_path: Path) -> None:
    scan = scanned(write(tmp_path, FILES))
    assert scan.report.not_rendered == ("chart/templates/pod.yaml",) and "kubernetes/Pod" not in scan.estate.kinds


def test_once_per_environment(tmp_path: Path) -> None:
    program = helm(tmp_path / "bin", f'echo "$@" >> {tmp_path}/calls\ncat <<"END"\n{MANIFEST}END')
    scan = rendered_scan(
        tmp_path, program, {**FILES, "chart/values-prod.yaml": "a: 1\n", "chart/values-dev.yaml": "a: 2\n"}
    )
    assert {pod.environment.name for pod in scan.estate.kinds["kubernetes/Pod"] if pod.environment} == {"prod", "dev"}
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call.split()[:2] for call in calls] == [["template", "web"]] * 2
    assert all(call.count("--values") == 1 and "values-" in call and "/chart/values.yaml" not in call for call in calls)


def test_what_helm_is_given(tmp_path: Path) -> None:
    script = f"env > {tmp_path}/env; pwd > {tmp_path}/pwd; cat chart/templates/pod.yaml > {tmp_path}/seen"
    script += f"; ulimit -v > {tmp_path}/limit"
    made = Helm(helm(tmp_path / "bin", script))("web", {"templates/pod.yaml": b"x", "../../escape": b"x"}, [])
    assert made == Rendered("", "")
    variables = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines() if "=" in line)
    folder = (tmp_path / "pwd").read_text().strip()
    assert (
        variables["HOME"] == folder
        and variables["HELM_PLUGINS"].startswith(folder)
        and variables["KUBECONFIG"] == os.devnull
    )
    assert not {"HTTPS_PROXY", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "VIRTUAL_ENV"} & set(variables)
    assert (tmp_path / "seen").read_text() == "x" and not os.path.exists(folder) and not (tmp_path / "escape").exists()
    assert (tmp_path / "limit").read_text().strip().isdigit()


def test_a_chart_that_fails_is_told_and_stays_not_rendered(tmp_path: Path) -> None:
    program = helm(tmp_path / "bin", 'echo "Error: found in Chart.yaml, but missing in charts/: redis" >&2; exit 1')
    scan = rendered_scan(tmp_path, program, FILES)
    (failure,) = scan.report.failures
    assert (
        failure.id == "chart-not-rendered" and failure.place.path == "chart/Chart.yaml" and "redis" in failure.message
    )
    assert scan.report.not_rendered == ("chart/templates/pod.yaml",) and scan.report.verdict.exit_code == 3


def test_a_chart_without_end_is_ended(tmp_path: Path) -> None:
    made = Helm(helm(tmp_path / "bin", "sleep 60 & sleep 60"), seconds=0.3)("web", {}, [])
    assert "longer than 0.3 seconds" in made.problem


def test_output_without_end_is_ended(tmp_path: Path) -> None:
    assert Helm(helm(tmp_path / "bin", "yes"), seconds=30)("web", {}, []).problem


def test_a_program_that_cannot_start(tmp_path: Path) -> None:
    assert Helm(str(tmp_path / "none"))("web", {}, []).problem


def test_helm_is_not_taken_from_the_scanned_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printing(tmp_path / "bin", "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find(str(tmp_path)) is None and find(str(tmp_path / "other")) is not None
    monkeypatch.setenv("PATH", "")
    assert find(str(tmp_path)) is None


def command(root: Path, path: Path | str) -> subprocess.CompletedProcess[str]:
    """The command as installed, with a PATH."""
    return subprocess.run(
        [sys.executable, "-m", "linter", "scan", str(root), "--render", "helm"], capture_output=True, text=True,
        cwd=Path(__file__).parent.parent, env={**os.environ, "PATH": str(path)},
    )  # fmt: skip


def test_the_command(tmp_path: Path) -> None:
    root = write(tmp_path / "tree", FILES)
    without = command(root, tmp_path)
    assert without.returncode == 2 and "needs a `helm` on PATH" in without.stderr
    printing(tmp_path / "bin", MANIFEST)
    done = command(root, f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert done.returncode == 1 and "chart/templates/pod.yaml:15" in done.stdout and "not rendered" not in done.stdout


def test_libraries_and_archived_subcharts(tmp_path: Path) -> None:
    text = MANIFEST.replace("web/templates/pod.yaml", "web/charts/redis/templates/pod.yaml")
    scan = rendered_scan(tmp_path, printing(tmp_path / "bin", text), FILES, "no-privileged-container")
    assert {(f.place.path, f.place.start_line) for f in failed(scan)} == {("chart/Chart.yaml", 1)}
    library = {"lib/Chart.yaml": CHART + "type: library\n", "lib/templates/a.yaml": "{{ x }}"}
    scan = rendered_scan(tmp_path / "b", printing(tmp_path / "bin", MANIFEST), library)
    assert "kubernetes/Pod" not in scan.estate.kinds and scan.report.not_rendered == ("lib/templates/a.yaml",)


# Places


def line_of(template: str, manifest: str, *path: object) -> int:
    """The line on which the value at a path of the rendered object is placed."""
    body = yaml.load(0, manifest).documents[0].value
    source = Source(0, "t.yaml", template)
    value = placed(body, source)
    for key in path[:-1]:
        value = value[key]
    entry = value.at[path[-1]]
    return source.position(entry[3])[0]


@pytest.mark.parametrize(
    ("template", "path", "line"),
    [
        ("a: 1\nb:\n  c: {{ .x }}\n", ("b", "c"), 3),
        ("a: 1\nb:\n  {{- include \"x\" . | nindent 2 }}\n", ("b", "c"), 2),
        ("{{- if .x }}\nb: {c: 1}\n{{- else }}\nb: {c: 2}\n{{- end }}\n", ("b", "c"), 1),
        ("d:\n  b: 1\n", ("b", "c"), 1),
        ("b:\n  c: 1\n---\nb:\n  c: 2\n", ("b", "c"), 1),
        ("kind: X\nb:\n  c: 1\n---\nkind: Y\nb:\n  c: 2\n", ("b", "c"), 7),
        ("b:\n  {{- if .x }}\n  c: 1\n  {{- end }}\n", ("b", "c"), 3),
        ("b: # c: 1\n  # c: 1\n  c: 1\n", ("b", "c"), 3),
        ("{{- range .x }}\nb:\n  c: {{ . }}\n{{- end }}\n", ("b", "c"), 3),
        ("", ("b", "c"), 1),
    ],
)  # fmt: skip
def test_places(template: str, path: tuple[str, ...], line: int) -> None:
    assert line_of(template, "kind: Y\nb:\n  c: 2\n", *path) == line


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("l:\n- name: a\n  v: 1\n- name: b\n  v: 2\n", 5),
        ("l:\n  - name: a\n    v: 1\n  - name: b\n    v: 2\n", 5),
        ("l:\n{{- range .x }}\n- name: {{ .n }}\n  v: 2\n{{- end }}\n", 1),
        ("l:\n{{- if .x }}\n- name: a\n  v: 1\n{{- end }}\n- name: b\n  v: 2\n", 7),
        ("l:\n- name: b\n  v: 2\n", 3),
        ("l: {{ toYaml .x | nindent 2 }}\n", 1),
    ],
)
def test_places_in_lists(template: str, line: int) -> None:
    assert line_of(template, "l:\n- {name: a, v: 1}\n- {name: b, v: 2}\n", "l", 1, "v") == line


def test_a_place_is_never_outside_the_template() -> None:
    body = yaml.load(0, MANIFEST).documents[0].value
    assert isinstance(body, Map)
    waiting = [placed(body, Source(0, "t", TEMPLATE))]
    while waiting:
        value = waiting.pop()
        entries = value.at.values() if isinstance(value, Map) else value.at
        assert all(0 <= start <= end <= len(TEMPLATE) for _, _, _, start, end in entries)
        waiting.extend(each for each in (value.values() if isinstance(value, Map) else value) if hasattr(each, "at"))
