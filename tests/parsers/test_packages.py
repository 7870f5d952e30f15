"""Manifests of packages: what comes from elsewhere than the registry, and where that stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linter.discovery.formats import by_bytes, by_path
from linter.model import Resource
from tests.support import scanned, write


def resources(tmp_path: Path, name: str, text: str) -> list[Resource]:
    estate = scanned(write(tmp_path, {name: text})).estate
    return [*estate.of_kind("pipeline/dependency"), *estate.of_kind("pipeline/index")]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("git+https://h/x#main", ("git", "git+https", False)),
        ("git+ssh://git@h/x.git#9f3c1e7ab04d52c86ee19f3c1e7ab04d52c86ee1", ("git", "git+ssh", True)),
        ("git+http://h/x#semver:^1.1", ("git", "git+http", False)),
        ("owner/repo#v1", ("git", "https", False)),
        ("http://h/x.tgz", ("url", "http", True)),
        ("https://h/x.git", ("git", "https", False)),
    ],
)
def test_package_json(tmp_path: Path, spec: str, expected: tuple[Any, ...]) -> None:
    text = f'{{"dependencies": {{"x": "{spec}", "y": "^1.0", "z": "file:../z", "w": "@a/b"}}}}'
    [found] = resources(tmp_path, "package.json", text)
    assert (found.body["source"], found.body["scheme"], found.body["pinned"]) == expected
    assert text[slice(*found.anchor[1:])].strip('"') == spec


def test_requirements(tmp_path: Path) -> None:
    text = (
        "# https://comment\r\n--index-url=https://u:p@h/simple  --trusted-host h\r\n"
        "a==1 # http://no\nb @ git+https://h/b@main\n-e git+http://h/c@9f3c1e7ab04d52c86ee19f3c1e7ab04d52c86ee1#egg=c\n"
        "--extra-index-url https://${U}:${P}@h/simple\nhttps://h/d.whl\n"
    )
    found = resources(tmp_path, "requirements-dev.txt", text)
    said = {
        each.name: (
            each.body.get("option") or each.body["pinned"],
            each.body.get("login"),
            text[slice(*each.anchor[1:])],
        )
        for each in found
    }
    assert said == {
        "b": (False, None, "git+https://h/b@main"),
        "c": (True, None, "git+http://h/c@9f3c1e7ab04d52c86ee19f3c1e7ab04d52c86ee1#egg=c"),
        "d.whl": (True, None, "https://h/d.whl"),
        "--index-url": ("--index-url", "u:p", "https://u:p@h/simple"),
        "--trusted-host": ("--trusted-host", None, "h"),
        "--extra-index-url": ("--extra-index-url", None, "https://${U}:${P}@h/simple"),
    }


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("package.json", '{"dependencies": {"a": "^1.0"}}', None),
        ("package.json", '{"dependencies": {"a": "git+https://x"}}', "npm"),
        ("requirements.txt", "flask==3.0\n", None),
        ("requirements.txt", "-i https://x/simple\n", "requirements"),
        ("jenkins.yaml", "jenkins:\n  numExecutors: 0\n", "jenkins-casc"),
        ("values.yml", "jenkins:\n  image: x\n", None),
        ("ci.groovy", "// x\npipeline {\n}", "jenkins"),
        ("ci.groovy", "def call(Map c) {\n  pipeline {\n", "jenkins"),
        ("ci.groovy", "class A { def pipeline() {} }", None),
    ],
)
def test_recognition(name: str, text: str, format: str | None) -> None:
    maybe = by_path("", name, False)
    assert maybe is not None
    assert (by_bytes(maybe, text.encode()) if maybe.startswith("?") else maybe) == format


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("Jenkinsfile", "jenkins"), ("Jenkinsfile.release", "jenkins"), ("Jenkinsfile-nightly", "jenkins"),
        ("ci.jenkinsfile", "jenkins"), ("Jenkinsfile.groovy", "jenkins"), ("Jenkinsfile.md", "markdown"),
        ("Jenkinsfile.bak", None), ("Jenkinsfiles", None), ("jenkinsfile_test.py", None),
    ],
)  # fmt: skip
def test_names_of_jenkinsfiles(name: str, format: str | None) -> None:
    assert by_path("", name, False) == format


@pytest.mark.parametrize("text", ["[]", "{}", '{"dependencies": 3}', '{"dependencies": {"a": 1, "b": "git+x"}}', "{"])
def test_malformed_manifests(tmp_path: Path, text: str) -> None:
    resources(tmp_path, "package.json", text)


CASC = """\
credentials:
  system:
    domainCredentials:
      - credentials: [{string: {id: a, scope: GLOBAL, secret: "${A}"}}, 3, {x: 1}]
jenkins:
  numExecutors: 2
  securityRealm: {local: {users: [{id: admin, password: hunter2}]}}
  authorizationStrategy: {roleBased: {roles: {global: [{name: r, permissions: [Agent/Create]}], items: 3}}}
  nodes: [{permanent: {name: n}}, {dumb: 1}]
"""


def test_the_controllers_configuration(tmp_path: Path) -> None:
    estate = scanned(write(tmp_path, {"jenkins.yaml": CASC})).estate
    found = {kind: [each.name for each in estate.of_kind(kind)] for kind in estate.kinds if "controller" in kind}
    assert found == {
        "pipeline/controller": ["jenkins"], "pipeline/controller-credential": ["a"], "pipeline/controller-user": ["admin"],
        "pipeline/controller-role": ["r"], "pipeline/controller-agent": ["n"],
    }  # fmt: skip
