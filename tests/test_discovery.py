"""What is found in a tree, as what, and what is said of the rest."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from linter.discovery import Discovery, discover
from linter.discovery.formats import MAYBE_ACTION, MAYBE_JSON, MAYBE_YAML, TEMPLATE, by_bytes, by_path
from linter.files import CAP, Tree

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n"
ALERTS = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n"


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for path, data in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(data if isinstance(data, bytes) else data.encode())


def found_in(root: Path) -> Discovery:
    with Tree(str(root)) as tree:
        return discover(tree, {})


def formats(found: Discovery) -> dict[str, str]:
    return {path: format for path, format, _ in found.artifacts}


# Formats


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("main.tf", "terraform"), ("a/main.tofu", "terraform"), ("x.tf.json", "terraform-json"),
        ("x.tofu.json", "terraform-json"), ("prod.tfvars.json", "terraform-json"), ("prod.auto.tfvars", "tfvars"),
        ("MAIN.TF", None), ("main.tf.bak", None), ("tf", None), (".tf", None), (".#main.tf", None), (".auto.tfvars", "tfvars"),
        (".github/workflows/ci.yml", "workflow"), ("sub/.github/workflows/ci.yaml", "workflow"),
        (".github/workflows/deep/ci.yml", MAYBE_YAML), ("github/workflows/ci.yml", MAYBE_YAML),
        (".github/workflows/readme.md", "markdown"), ("action.yml", MAYBE_ACTION), ("a/action.yaml", MAYBE_ACTION),
        ("README.md", "markdown"), ("README.MD", "markdown"), ("a.markdown", "markdown"), ("a.mdx", None),
        ("kustomization.yaml", "yaml"), ("a/kustomization.yml", "yaml"), ("Kustomization", "yaml"),
        ("pod.yaml", MAYBE_YAML), ("pod.YML", MAYBE_YAML), ("x.json", MAYBE_JSON), ("CODEOWNERS", "codeowners"),
        (".github/CODEOWNERS", "codeowners"), ("Makefile", None), ("", None),
        ("pod.yaml.j2", TEMPLATE), ("pod.yaml.tpl", TEMPLATE), ("main.tf.erb", TEMPLATE), ("deploy.j2", TEMPLATE),
        ("x.yaml.gotmpl", TEMPLATE), ("nginx.conf.j2", None), ("init.sh.tpl", None), ("x.yaml.tpl.j2", TEMPLATE),
    ],
)  # fmt: skip
def test_by_path(path: str, format: str | None) -> None:
    folder, _, name = path.rpartition("/")
    assert by_path(folder, name, False) == format


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("x.yaml", TEMPLATE),
        ("x.json", TEMPLATE),
        ("_helpers.tpl", TEMPLATE),
        ("NOTES.txt", None),
        ("x.tf", "terraform"),
    ],
)
def test_in_a_chart(name: str, format: str | None) -> None:
    assert by_path("chart/templates", name, True) == format


KUBERNETES = [
    POD, "\ufeff" + POD, "# c\n---\n" + POD, POD.replace("\n", "\r\n"), POD.replace("\n", "\r"),
    "  apiVersion: v1\n  kind: Pod\n", "{apiVersion: v1, kind: Pod}", '{"apiVersion":"v1","kind":"Pod"}',
    "'apiVersion': v1\n'kind': Pod", '"apiVersion" : v1\n"kind" : Pod', "? apiVersion\n: v1\n? kind\n: Pod\n",
    "!!str apiVersion: v1\n&k kind: Pod\n",
    '"\\x61piVersion": v1\nkind: Pod', '"api\\u0056ersion": v1\n"\\U0000006bind": Pod',
    "a: &x {apiVersion: v1, kind: Pod}\n<<: *x\n", POD + "broken: {[\n", "\t" + POD, POD + "\0", "apiVersion:\nkind:\n",
    "-- # x\n# apiVersion: v1\napiVersion: v1\nkind: Pod", "a#apiVersion:\napiVersion: v1\nkind: x",
]  # fmt: skip
NOBODYS = [
    "", "   \n", "# apiVersion: v1\n# kind: Pod\n", "apiVersion: v1\n", "kind: Pod\n", "myapiVersion: v1\nkind: Pod\n",
    "apiVersion\nkind\n", "services:\n  web: {image: x}\n", "groups:\n- name: admins\n", "- hosts: all\n", "a: [1\n",
    "  # x apiVersion: v1\n  #kind: y", "apiVersionX: v1\nkindly: x\n", "alert: x\nexpr: y\n", "stages: [build]\n",
]  # fmt: skip


@pytest.mark.parametrize("text", KUBERNETES)
def test_kubernetes_objects_are_recognised_however_they_are_laid_out(text: str) -> None:
    for codec in ("utf-8", "utf-16", "utf-32"):
        assert by_bytes(MAYBE_YAML, text.encode(codec)) == "yaml", codec
    assert by_bytes(MAYBE_YAML, b"\xfe\xff" + text.removeprefix("\ufeff").encode("utf-16-be")) == "yaml"


@pytest.mark.parametrize("text", NOBODYS)
def test_other_yaml_is_nobodys(text: str) -> None:
    for codec in ("utf-8", "utf-16"):
        assert by_bytes(MAYBE_YAML, text.encode(codec)) is None, codec


def test_what_else_is_told_by_its_bytes() -> None:
    assert by_bytes(MAYBE_YAML, ALERTS.encode()) == "yaml"
    assert by_bytes(MAYBE_YAML, b"groups: [{name: g, rules: [{record: r, expr: e}]}]") == "yaml"
    assert by_bytes(MAYBE_ACTION, b"name: x\nruns:\n  using: composite\n") == "workflow"
    assert by_bytes(MAYBE_ACTION, b"- name: a playbook's tasks\n") is None
    assert by_bytes(MAYBE_ACTION, POD.encode()) == "yaml"
    assert by_bytes(MAYBE_JSON, b'{"apiVersion": "v1", "kind": "Pod"}') == "json"
    assert by_bytes(MAYBE_JSON, b'{"version": 1}') is None


@pytest.mark.parametrize(
    "piece", [b"apiVersion", b"#apiVersion:", b'"\\x61', b"xapiVersion:", b"kind", b"groups: ", b'"', b'"\\', b"\0"]
)
def test_recognition_takes_linear_time(piece: bytes) -> None:
    data = piece * (8_000_000 // len(piece))
    started = time.process_time()
    by_bytes(MAYBE_YAML, data)
    by_bytes(MAYBE_YAML, b"\xff\xfe" + data)
    assert time.process_time() - started < 2


# Trees


def test_a_tree_in_good_order(tmp_path: Path) -> None:
    write(tmp_path, {
        "main.tf": "", "k8s/pod.yaml": POD, "conf/other.yaml": "a: 1", "README.md": "# x", "rules/a.yml": ALERTS,
        ".github/workflows/ci.yml": "on: push", "empty.yaml": "", "app.py": "", "opslint.yaml": "rules: {}",
        "docker-compose.yml": "services: {}", ".gitlab-ci.yml": "stages: []",
    })  # fmt: skip
    found = found_in(tmp_path)
    assert formats(found) == {
        ".github/workflows/ci.yml": "workflow", "README.md": "markdown", "k8s/pod.yaml": "yaml", "main.tf": "terraform",
        "rules/a.yml": "yaml", "docker-compose.yml": "compose", ".gitlab-ci.yml": "gitlab",
    }  # fmt: skip
    assert {path: data for path, _, data in found.artifacts}["k8s/pod.yaml"] == POD.encode()
    assert found.failures == [] and found.skipped == [] and found.not_rendered == []
    assert found.unrecognised == 4
    assert {"k8s/", "k8s/pod.yaml", ".github/", ".github/workflows/", "app.py"} <= found.paths
    assert len(found.paths) == 11 + 5


def test_the_order_is_of_path_bytes_whatever_the_folder_says(tmp_path: Path) -> None:
    names = ["b.tf", "a/x.tf", "a.tf", "a-b/x.tf", "B.tf", "ä.tf", "😀.tf"]
    random.Random(3).shuffle(names)
    write(tmp_path, dict.fromkeys(names, ""))
    with open(os.path.join(os.fsencode(tmp_path), b"\xff.tf"), "w"):
        pass
    paths = [path for path, _, _ in found_in(tmp_path).artifacts]
    assert [os.fsencode(path) for path in paths] == sorted(map(os.fsencode, paths))
    assert len(paths) == 8


def test_charts_are_not_rendered_and_shown(tmp_path: Path) -> None:
    write(tmp_path, {
        "chart/Chart.yaml": "apiVersion: v2\nname: x\nkind: y", "chart/values.yaml": "apiVersion: 1\nkind: 2",
        "chart/values-prod.yaml": "apiVersion: 1\nkind: 2", "chart/templates/deploy.yaml": POD + "{{ if",
        "chart/templates/sub/_helpers.tpl": "", "chart/templates/NOTES.txt": "", "chart/crds/crd.yaml": POD,
        "chart/README.md": "", "plain/templates/pod.yaml": POD + "{{ x }}", "values.yaml": POD,
        "jinja/pod.yaml.j2": "{{ x }}", "jinja/nginx.conf.j2": "",
    })  # fmt: skip
    found = found_in(tmp_path)
    assert found.not_rendered == [
        "chart/templates/deploy.yaml",
        "chart/templates/sub/_helpers.tpl",
        "jinja/pod.yaml.j2",
    ]
    assert formats(found) == {
        "chart/README.md": "markdown", "chart/crds/crd.yaml": "yaml", "plain/templates/pod.yaml": "yaml",
        "values.yaml": "yaml", "chart/Chart.yaml": "helm",
        "chart/values.yaml": "helm", "chart/values-prod.yaml": "helm",
    }  # fmt: skip
    assert found.failures == [] and found.skipped == []


def test_no_habit_and_no_ignore_file_hides_what_is_applied(tmp_path: Path) -> None:
    write(tmp_path, {
        "node_modules/a/main.tf": "", "node_modules/a/README.md": "",
        "node_modules/a/pod.yaml": POD, ".hidden/b/main.tf": "",
        "vendor/c/main.tf": "", "test/main.tf": "", "examples/x/main.tf": "", ".terraform/modules/m/main.tf": "",
        ".terraform/providers/x/y.tf": "", ".git/x.tf": "", "sub/.git/y.tf": "", "evil.tf": "",
        ".gitignore": "*.tf\n", ".ignore": "*\n", ".opslintignore": "*\n",
        "venv/pod.yaml": POD, ".venv/lib/pod.yaml": POD,
    })  # fmt: skip
    found = found_in(tmp_path)
    assert set(formats(found)) == {
        "node_modules/a/main.tf", ".hidden/b/main.tf", "vendor/c/main.tf", "test/main.tf", "examples/x/main.tf",
        ".terraform/modules/m/main.tf", "evil.tf", "venv/pod.yaml",
    }  # fmt: skip
    assert [path for path, _ in found.skipped] == [".venv/lib/", "node_modules/a/"]
    assert "2 files" in dict(found.skipped)["node_modules/a/"]


def test_yaml_beside_kubernetes_objects_is_in_scope(tmp_path: Path) -> None:
    write(tmp_path, {
        "k8s/pod.yaml": POD, "k8s/broken.yaml": "a: [[[", "k8s/.hidden.yaml": "a: [", "k8s/compose.yaml": "services: {}",
        "overlay/kustomization.yaml": "resources: []", "overlay/patch.yaml": "- op: add\n  path: /x\n", "other/broken.yaml": "a: [",
        "rules/a.yaml": ALERTS, "rules/b.yaml": "a: 1", "pod.yaml": POD, "opslint.yaml": "rules: {}",
    })  # fmt: skip
    found = found_in(tmp_path)
    assert set(formats(found).items()) == {
        ("k8s/pod.yaml", "yaml"), ("k8s/broken.yaml", "yaml"), ("overlay/kustomization.yaml", "yaml"),
        ("overlay/patch.yaml", "yaml"), ("rules/a.yaml", "yaml"), ("pod.yaml", "yaml"),
        ("k8s/compose.yaml", "compose"),
    }  # fmt: skip
    assert found.unrecognised == 4


def test_folders_named_like_files(tmp_path: Path) -> None:
    names = (
        "main.tf",
        "pod.yaml",
        ".github/workflows/ci.yml",
        "README.md",
        "CODEOWNERS",
        "Chart.yaml",
        "kustomization.yaml",
    )
    write(
        tmp_path, {"main.tf/real.tf": "x", "templates/pod.yaml": POD, **dict.fromkeys((f"{n}/keep" for n in names), "")}
    )
    found = found_in(tmp_path)
    assert set(formats(found)) == {"main.tf/real.tf", "templates/pod.yaml"}
    assert found.failures == []


def test_links(tmp_path: Path) -> None:
    write(
        tmp_path, {"outside/x.tf": "secret", "root/a/main.tf": "a", "root/a/pod.yaml": POD, "root/store/blob": "stored"}
    )
    root = tmp_path / "root"
    for name, target in {
        "dev.tf": "a/main.tf", "pod.yaml": "a/pod.yaml", "blob.tf": "store/blob", "odd.tfvars": "a/main.tf",
        "text.txt": "a/main.tf", "again": "a", "a/parent": "..", "out.tf": "../outside/x.tf", "modules": "../outside",
        "gone.tf": "nowhere", "gone.txt": "nowhere", "self.tf": "self.tf", "zero.tf": "/dev/zero", ".github": "/dev",
        "fifo.tf": "fifo",
    }.items():  # fmt: skip
        (root / name).symlink_to(target)
    os.mkfifo(root / "fifo")
    os.mkfifo(root / "direct.tf")
    found = found_in(root)
    data = {path: bytes(each) for path, _, each in found.artifacts}
    assert data == {"a/main.tf": b"a", "a/pod.yaml": POD.encode(), "blob.tf": b"stored", "odd.tfvars": b"a"}
    assert found.links == {"again/": "a/", "a/parent/": "/", "dev.tf": "a/main.tf", "pod.yaml": "a/pod.yaml"}
    assert dict(found.skipped) == {
        ".github": "a link that leads out of the scanned tree",
        "dev.tf": "a link to a/main.tf, which is read",
        "direct.tf": "a named pipe",
        "fifo.tf": "a link to a named pipe",
        "modules": "a link that leads out of the scanned tree",
        "out.tf": "a link that leads out of the scanned tree",
        "pod.yaml": "a link to a/pod.yaml, which is read",
        "zero.tf": "a link that leads out of the scanned tree",
    }
    assert dict(found.failures) == {
        "gone.tf": "a link to what does not exist",
        "self.tf": "a link that leads to itself or through too many others",
    }


def test_sockets_are_skipped_with_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock.tf")
    assert found_in(tmp_path).skipped == [("sock.tf", "a socket")]


def test_a_link_into_a_folder_that_is_not_walked_is_still_read(tmp_path: Path) -> None:
    write(tmp_path, {".git/hidden.tf": "x"})
    (tmp_path / "evil.tf").symlink_to(".git/hidden.tf")
    assert formats(found_in(tmp_path)) == {"evil.tf": "terraform"}


def test_size_and_recognition(tmp_path: Path) -> None:
    for name, start in {"big.tf": b"x", "big.yaml": POD.encode(), "other.yaml": b"a: 1\n", "big.json": b"[1,"}.items():
        with open(tmp_path / name, "wb") as handle:
            handle.write(start)
            handle.truncate(1 << 30)
    with open(tmp_path / "full.tf", "wb") as handle:
        handle.truncate(CAP)
    started = time.process_time()
    found = found_in(tmp_path)
    assert time.process_time() - started < 2
    assert found.failures == [("big.tf", "larger than 10 MB"), ("big.yaml", "larger than 10 MB")]
    assert found.unrecognised == 2
    assert formats(found) == {"full.tf": "terraform"}


def as_nobody(work: Callable[[], None]) -> None:
    if os.getuid() != 0:
        work()
        return
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setgid(65534)
            os.setuid(65534)
            work()
            code = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_what_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    write(
        tmp_path, {"main.tf": "x", "maybe.yaml": "a: 1", "app.py": "", "infra/x.tf": "", "ok.tf": "", "locked/y.tf": ""}
    )
    (tmp_path / "link.tf").symlink_to("locked/y.tf")
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o755)
    tmp_path.chmod(0o755)
    for name, mode in {"main.tf": 0, "maybe.yaml": 0, "app.py": 0, "infra": 0, "locked": 0o444}.items():
        (tmp_path / name).chmod(mode)

    def work() -> None:
        found = found_in(tmp_path)
        assert dict(found.failures) == {
            "infra/": "folder not listed: permission denied",
            "link.tf": "a link into a folder that cannot be read",
            "locked/y.tf": "permission denied",
            "main.tf": "permission denied",
            "maybe.yaml": "permission denied",
        }, found.failures
        assert formats(found) == {"ok.tf": "terraform"}

    try:
        as_nobody(work)
    finally:
        for name in ("infra", "locked"):
            (tmp_path / name).chmod(0o755)


def test_every_file_is_accounted_for(tmp_path: Path) -> None:
    """found = read + skipped + failed + templates + nobody's, over trees drawn at random."""
    drawn = random.Random(11)
    for number in range(20):
        root = tmp_path / str(number)
        root.mkdir()
        endings = ["x.tf", "x.yaml", "x.md", "x.py", "x.yaml.j2", "x.json", "Chart.yaml", "CODEOWNERS"]
        files = {
            "/".join(
                drawn.choices(["a", "templates", "b", ".github", "workflows"], k=drawn.randint(0, 3)) + [ending]
            ): drawn.choice(["", POD, "x: 1", ALERTS])
            for ending in drawn.choices(endings, k=12)
        }
        write(root, dict(files))
        found = found_in(root)
        assert len(files) == len(found.artifacts) + len(found.not_rendered) + found.unrecognised
        assert not found.skipped and not found.failures


def test_the_cost_grows_with_the_tree_only(tmp_path: Path) -> None:
    """Ten times the files take about ten times the CPU time."""
    spent = {}
    for count in (50, 500):
        root = tmp_path / str(count)
        write(root, {f"d{number % 50}/f{number}.yaml": POD * 5 for number in range(count)})
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            assert len(found_in(root).artifacts) == count
            best = min(best, time.process_time() - started)
        spent[count] = best
    assert spent[500] < 15 * spent[50] + 0.05
