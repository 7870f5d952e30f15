"""Compose projects: recognised, merged per environment, followed, in long forms, with their places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linter.discovery import discover
from linter.discovery.formats import by_bytes, is_compose
from linter.files import Tree
from linter.model import Environment, Estate, Map, Resource, Unknown
from linter.parsers.containers.compose_values import dotenv, interpolated, replaced
from tests.support import scanned, write


def estate(root: Path, **files: str) -> Estate:
    write(root, {name.replace("__", "-").replace("_", "."): text for name, text in files.items()})
    scan = scanned(root)
    assert scan.report.failures == ()
    return scan.estate


def services(found: Estate, name: str) -> list[Resource]:
    return [resource for resource in found.kinds.get("compose/service", ()) if resource.name == name]


def one(root: Path, text: str, **files: str) -> Map:
    (service,) = services(estate(root, compose_yaml="services:\n  web:\n    image: a/b:1\n" + text, **files), "web")
    return service.body


def text_at(found: Estate, body: Map, key: str) -> str:
    source, _, _, start, end = body.at[key]
    return found.sources[source].text[start:end]


# Recognition


@pytest.mark.parametrize(
    "name",
    ["compose.yaml", "compose.prod.yml", "docker-compose.yml", "docker-compose-dev.yaml", "docker_compose.yml",
     "docker-stack.yml", "docker-stack.prod.yml", "prod.docker-compose.yml"],
)  # fmt: skip
def test_names(name: str) -> None:
    assert is_compose(name)


@pytest.mark.parametrize("name", ["composer.yaml", "stack.yaml", "decompose.yml", "docker.yaml", "values.yaml"])
def test_other_names(name: str) -> None:
    assert not is_compose(name)


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("services:\n  web:\n    image: a\n", "compose"),
        ("version: '3'\n# x\nservices: # all\n\n  web: &web\n    build: .\n", "compose"),
        ("services:\r\n  web:\r\n    image: a\r\n", "compose"),
        ("services:\n  - name: web\n    image: a\n", None),
        ("image: ruby\nservices:\n  web:\n    image: a\n", None),
        ("services:\n  App\\Web:\n    class: a\n", None),
        ("services:\n  web:\n    type: a\n", None),
        ("jobs:\n  a: 1\nservices:\n  web:\n    image: a\n", None),
    ],
)
def test_bytes(text: str, format: str | None) -> None:
    assert by_bytes("?yaml", text.encode()) == format


def test_a_manifest_by_the_name_stays_one(tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    write(tmp_path, {"compose.yaml": pod, "docker-compose.yml": "a: 1\n", ".env": "A=b\n"})
    with Tree(str(tmp_path)) as tree:
        found = discover(tree, {})
    assert [(path, format) for path, format, _ in found.artifacts] == [("compose.yaml", "yaml")]
    assert found.unrecognised == 2


# Variables


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a$$b", "a$b"), ("$A", "1"), ("${A}x", "1x"), ("${E}", ""), ("${E:-d}", "d"), ("${E-d}", ""), ("${N-d}", "d"),
        ("${N:-${A}}", "1"), ("${N:-${M:-x}y}", "xy"), ("${A:?w}", "1"), ("${A:+z}", "z"), ("${N:+z}", ""), ("${N+z}", ""),
        ("${A+z}", "z"), ("${E:+z}", ""), ("$", "$"), ("${N:-}", ""),
    ],
)  # fmt: skip
def test_variables(text: str, value: str) -> None:
    assert replaced(text, {"A": "1", "E": ""}) == value


@pytest.mark.parametrize("text", ["x${N}y", "x$N", "x${N:?why}", "x${N", "x${N!a}", "x" + "${N:-" * 30 + "}" * 30])
def test_a_variable_without_value_is_unknown(text: str) -> None:
    found = replaced(text, {})
    assert isinstance(found, Unknown) or text.count("N") == 30
    if isinstance(found, Unknown):
        assert found.prefix == "x"


def test_dotenv() -> None:
    text = "# c\nA=1\nexport B=\"2 # no\" # c\nC='$A'\nD=${A}x # c\nbad\nE=\nF=a#b\n"
    assert dotenv(text) == {"A": "1", "B": "2 # no", "C": "$A", "D": "1x", "E": "", "F": "a#b"}


def test_switches_become_booleans() -> None:
    body = Map((0, 0, 0))
    body["privileged"], body["image"] = "${P:-true}", "${P:-true}"
    body.at = dict.fromkeys(body, (0, 0, 0, 0, 0))
    assert interpolated(body, {}) == {"privileged": True, "image": "true"}


def test_the_env_file_beside_gives_values(tmp_path: Path) -> None:
    body = one(tmp_path, "    user: ${WHO}\n    hostname: ${HOST}\n", _env="WHO=app\n")
    assert body["user"] == "app"
    assert isinstance(body["hostname"], Unknown) and "HOST" in body["hostname"].remedy


# Forms


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ('"80"', {"target": "80"}),
        ("80", {"target": "80"}),
        ('"8080:80/udp"', {"published": "8080", "target": "80", "protocol": "udp"}),
        ('"127.0.0.1:8080:80"', {"host_ip": "127.0.0.1", "published": "8080", "target": "80"}),
        ('"127.0.0.1::80"', {"host_ip": "127.0.0.1", "target": "80"}),
        ('"[::1]:8080:80"', {"host_ip": "::1", "published": "8080", "target": "80"}),
        ('"3000-3005:3000-3005"', {"published": "3000-3005", "target": "3000-3005"}),
        ("{target: 80, published: 8080}", {"target": "80", "published": "8080"}),
    ],
)
def test_ports(tmp_path: Path, short: str, long: dict[str, str]) -> None:
    expected: dict[str, str] = {"protocol": "tcp"}
    expected.update(long)
    assert one(tmp_path, f"    ports: [{short}]\n")["ports"] == [expected]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("data:/x", {"type": "volume", "source": "data", "target": "/x"}),
        ("./a:/x:ro", {"type": "bind", "source": "./a", "target": "/x", "read_only": True}),
        ("/x", {"type": "volume", "target": "/x"}),
        ("C:\\a:/x", {"type": "bind", "source": "C:\\a", "target": "/x"}),
        ("~/a:/x:rw,z", {"type": "bind", "source": "~/a", "target": "/x"}),
    ],
)
def test_volumes(tmp_path: Path, short: str, long: dict[str, Any]) -> None:
    assert one(tmp_path, f"    volumes: ['{short}']\n")["volumes"] == [long]


def test_other_forms(tmp_path: Path) -> None:
    body = one(
        tmp_path,
        "    build: ./x\n    depends_on: [db]\n    networks: [a]\n    env_file: .web.env\n    ulimits: {nofile: 9}\n"
        "    healthcheck: {test: [NONE]}\n    secrets: [s]\n    labels: [a=b]\n    mem_limit: 1g\n    tmpfs: /tmp\n"
        "    deploy: {resources: {limits: {cpus: '1'}}}\n  db: {image: a}\nnetworks: {a: }\nsecrets: {s: {file: x}}\n",
    )
    assert body["build"] == {"context": "./x"} and body["depends_on"] == {"db": {"condition": "service_started"}}
    assert body["networks"] == {"a": {}} and body["env_file"] == [{"path": ".web.env", "required": True}]
    assert body["ulimits"] == {"nofile": {"soft": 9, "hard": 9}} and body["healthcheck"]["disable"] is True
    assert body["secrets"] == [{"source": "s"}] and body["labels"] == {"a": "b"} and body["tmpfs"] == ["/tmp"]
    assert body["limits"] == {"memory": "1g", "cpus": "1"} and body["reference"]["tag"] == "1"


@pytest.mark.parametrize("written", ["- A=b c", '- "A=b c"', "- 'A=b c'"])
def test_the_place_of_a_variable_in_a_list(tmp_path: Path, written: str) -> None:
    found = estate(tmp_path, compose_yaml=f"services:\n  web:\n    image: a\n    environment:\n      {written}\n")
    environment = services(found, "web")[0].body["environment"]
    source, start, end, _, _ = environment.at["A"]
    assert found.sources[source].text[start:end] == "A" and text_at(found, environment, "A") == "b c"


@pytest.mark.parametrize(
    "body",
    ["ports: 1", "ports: {a: b}", "volumes: [[]]", "environment: x", "depends_on: 1", "build: []", "deploy: []",
     "healthcheck: []", "secrets: [1]", "networks: x", "ulimits: 1", "extends: []", "image: []", "env_file: [1]"],
)  # fmt: skip
def test_wrong_types_are_kept(tmp_path: Path, body: str) -> None:
    assert services(estate(tmp_path, compose_yaml=f"services:\n  web:\n    {body}\n    init: true\n"), "web")


# Merging


BASE = """\
services:
  web:
    image: shop/web:1
    command: [a, b]
    ports: ["80:80", "81:81"]
    volumes: ["aa:/x", "bb:/y"]
    environment: [A=1, B=2]
    dns: [1.1.1.1]
    healthcheck: {test: [CMD, a]}
"""


def test_overrides(tmp_path: Path) -> None:
    over = """\
services:
  web:
    command: [c]
    ports: ["80:80", "82:82"]
    volumes: ["cc:/x"]
    environment: {A: "3", C: "4"}
    dns: 8.8.8.8
    healthcheck: {test: [CMD, b], interval: 5s}
  extra: {image: a}
"""
    found = estate(tmp_path, compose_yaml=BASE, compose_prod_yaml=over)
    (web,) = services(found, "web")
    body = web.body
    assert web.environment == Environment("prod", "production") and web.address == "compose.yaml#web"
    assert body["command"] == ["c"] and [port["target"] for port in body["ports"]] == ["80", "81", "82"]
    assert [volume["source"] for volume in body["volumes"]] == ["cc", "bb"]
    assert body["environment"] == {"A": "3", "B": "2", "C": "4"} and body["dns"] == ["1.1.1.1", "8.8.8.8"]
    assert body["healthcheck"] == {"test": ["CMD", "b"], "interval": "5s"}
    assert found.place((body["environment"].at["A"][0], *body["environment"].at["A"][3:])).path == "compose.prod.yaml"
    assert found.place((body["environment"].at["B"][0], *body["environment"].at["B"][3:])).path == "compose.yaml"
    assert found.place(web.anchor).path == "compose.yaml" and services(found, "extra")


def test_reset_and_override(tmp_path: Path) -> None:
    over = "services:\n  web:\n    ports: !override ['443:443']\n    volumes: !reset []\n    environment: {A: !reset null}\n"
    body = services(estate(tmp_path, compose_yaml=BASE, compose_prod_yaml=over), "web")[0].body
    assert [port["target"] for port in body["ports"]] == ["443"] and "volumes" not in body
    assert body["environment"] == {"B": "2"}


def test_one_evaluation_per_environment(tmp_path: Path) -> None:
    part = "services:\n  web: {restart: always}\n"
    found = estate(
        tmp_path, docker__compose_yml=BASE, docker__compose_override_yml=part, docker__compose_staging_yml=part,
        docker__compose_prod_yml=part,
    )  # fmt: skip
    names = [(web.environment.name, web.body["restart"]) for web in services(found, "web") if web.environment]
    assert sorted(names) == [("local", "always"), ("prod", "always"), ("staging", "always")]


def test_the_base_alone_where_no_environment_has_a_file(tmp_path: Path) -> None:
    part = "services:\n  web: {restart: always}\n"
    found = estate(tmp_path, compose_yaml=BASE, compose_override_yaml=part, compose_gpu_yaml=part)
    units = [(web.unit.path, web.environment.name if web.environment else "") for web in services(found, "web")]
    assert sorted(units) == [("compose.gpu.yaml", ""), ("compose.yaml", ""), ("compose.yaml", "local")]


def test_a_file_that_needs_no_base_stands_alone(tmp_path: Path) -> None:
    found = estate(tmp_path, compose_yaml=BASE, compose_prod_yaml="services:\n  web: {image: x}\n  db: {image: y}\n")
    assert {web.unit.path for web in services(found, "web")} == {"compose.yaml", "compose.prod.yaml"}


# extends, include, fragments


def test_extends(tmp_path: Path) -> None:
    common = "services:\n  base:\n    environment: {A: '1', B: '2'}\n    restart: always\n"
    text = """\
services:
  web:
    extends: {file: ./common.yml, service: base}
    image: a
    environment: [B=3]
  worker:
    extends: web
    command: work
  other:
    extends: {service: worker}
    restart: "no"
"""
    found = estate(tmp_path, compose_yaml=text, common_yml=common)
    assert services(found, "web")[0].body["environment"] == {"A": "1", "B": "3"}
    assert services(found, "other")[0].body["command"] == "work" and services(found, "other")[0].body["restart"] == "no"
    assert services(found, "base") == []


def test_extending_what_is_not_there_leaves_all_open(tmp_path: Path) -> None:
    web = services(estate(tmp_path, compose_yaml="services:\n  web:\n    extends: {file: x.yml, service: y}\n"), "web")[
        0
    ]
    assert web.body.open is not None and web.body.open.cause == "missing-input"


def test_a_ring_of_extends_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": "services:\n  a: {image: x, extends: b}\n  b: {image: y, extends: a}\n"})
    scan = scanned(tmp_path)
    assert {failure.message for failure in scan.report.failures} == {"a service extends itself"}
    assert len(scan.estate.kinds["compose/service"]) == 2


def test_include(tmp_path: Path) -> None:
    write(tmp_path, {
        "compose.yaml": "include:\n  - db/compose.yaml\n  - path: [cache.yaml]\nservices:\n  web: {image: a, depends_on: [db]}\n",
        "db/compose.yaml": "services:\n  db: {image: 'postgres:${V}', volumes: ['data:/x']}\nvolumes: {data: }\n",
        "db/.env": "V=16\n", "cache.yaml": "services:\n  cache:\n    command: x\n",
    })  # fmt: skip
    found = scanned(tmp_path).estate
    (db,) = services(found, "db")
    assert db.body["image"] == "postgres:16" and db.unit.path == "compose.yaml" and services(found, "cache")
    (web,) = services(found, "web")
    assert [link.target for link in found.outgoing[id(web)]] == [db]


def test_includes_in_a_ring_and_from_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, {
        "compose.yaml": "include: [b/compose.yaml, 'oci://example.com/x:1']\nservices: {web: {image: a}}\n",
        "b/compose.yaml": "include: [../compose.yaml]\nservices: {db: {image: a}}\n",
    })  # fmt: skip
    found = scanned(tmp_path).estate
    assert not found.kinds.get("compose/service") or found.kinds["compose/project"][0].body.open is not None


def test_fragments(tmp_path: Path) -> None:
    found = estate(tmp_path, compose_yaml="x-a: &a {restart: always}\nservices:\n  web:\n    <<: *a\n    image: a\n")
    assert services(found, "web")[0].body["restart"] == "always"


# Links


def test_links(tmp_path: Path) -> None:
    write(tmp_path, {
        "compose.yaml": "services:\n  web:\n    build: {context: ./web, dockerfile: Dockerfile.prod}\n    image: a\n"
        "    depends_on: [db]\n    networks: [n]\n    secrets: [s]\n    configs: [{source: c, target: /c}]\n"
        "    volumes: ['vol:/v', './x:/x']\n"
        "  db: {image: x}\nnetworks: {n: }\nsecrets: {s: {file: s}}\nconfigs: {c: {file: c}}\nvolumes: {vol: }\n",
        "web/Dockerfile.prod": "FROM alpine\n",
    })  # fmt: skip
    found = scanned(tmp_path).estate
    (web,) = services(found, "web")
    assert {(link.name, link.target.kind, link.target.address) for link in found.outgoing[id(web)]} == {
        ("builds", "docker/dockerfile", "web/Dockerfile.prod"),
        ("depends_on", "compose/service", "compose.yaml#db"),
        ("attaches", "compose/network", "compose.yaml#network.n"),
        ("uses", "compose/secret", "compose.yaml#secret.s"),
        ("uses", "compose/config", "compose.yaml#config.c"),
        ("uses", "compose/volume", "compose.yaml#volume.vol"),
    }


def test_a_swarm_stack_is_one(tmp_path: Path) -> None:
    found = estate(tmp_path, compose_yaml="services:\n  web: {image: a, deploy: {mode: global}}\n")
    assert found.kinds["compose/project"][0].body["swarm"] is True


def test_version_one_files(tmp_path: Path) -> None:
    found = estate(tmp_path, compose_yaml="web:\n  image: a\n  privileged: true\n")
    assert services(found, "web")[0].body["privileged"] is True
