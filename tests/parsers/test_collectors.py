"""Collectors and objectives: where they are found, what is read of them, what is left alone, and where findings stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.checks.monitoring.collectors import CLUSTER, LOCAL, OUTSIDE, is_credential, reach_of
from linter.checks.monitoring.slo import days_of
from linter.discovery.formats import by_bytes, by_path
from linter.engine.estate import read_estate
from linter.model import Estate, Source, Unknown
from linter.parsers.monitoring.collectors.model import by_scheme, from_outside, truth
from linter.parsers.monitoring.embedded import Held, read_held, read_other
from linter.syntax import sections, toml, yaml
from tests.support import failed, lines, scanned, write

FLUENT = "[INPUT]\n    Name tail\n    Path /var/log/*.log\n[OUTPUT]\n    Name es\n    Host logs.example.com\n"
OTEL = (
    "receivers: {otlp: {}}\nexporters: {otlp: {endpoint: 'http://traces.example.com'}}\n"
    "service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp]}}}\n"
)
VECTOR = '[sources.in]\ntype = "file"\n[sinks.out]\ntype = "http"\ninputs = ["in"]\nuri = "http://logs.example.com"\n'


def estate_of(root: Path) -> Estate:
    return read_estate(str(root), {}, lambda _: None, {}).estate


def found(root: Path) -> list[tuple[str, str]]:
    return sorted((each.address, each.body["system"]) for each in estate_of(root).of_kind("monitoring/collector"))


def held(text: str, indent: str = "    ") -> str:
    return "".join(f"{indent}{line}\n" for line in text.splitlines())


def test_configurations_are_found_wherever_they_are_written(tmp_path: Path) -> None:
    objects = "apiVersion: {}\nkind: {}\nmetadata: {{name: a, namespace: b}}\n"
    write(
        tmp_path,
        {
            "plain/fluent-bit.conf": FLUENT,
            "plain/otel.yaml": OTEL,
            "plain/vector.toml": VECTOR,
            "plain/filebeat.yml": "filebeat.inputs: [{type: log}]\noutput.logstash: {hosts: ['a.example.com']}\n",
            "plain/logstash.conf": 'input { beats { port => 5044 } }\noutput { stdout { } }\n',
            "plain/outputs.conf": "[tcpout:a]\nserver = a.example.com:9997\n",
            "plain/fluent-bit.yaml": "pipeline:\n  inputs:\n    - name: tail\n  outputs:\n    - name: stdout\n",
            "map.yaml": objects.format("v1", "ConfigMap") + "data:\n  f.conf: |\n" + held(FLUENT) + "  o.yaml: |\n" + held(OTEL),
            "cr.yaml": objects.format("opentelemetry.io/v1beta1", "OpenTelemetryCollector") + "spec:\n  config:\n" + held(OTEL),
            "old.yaml": objects.format("opentelemetry.io/v1alpha1", "OpenTelemetryCollector") + "spec:\n  config: |\n" + held(OTEL),
            "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
            "chart/values.yaml": "agent:\n  config: |\n" + held(FLUENT),
        },
    )  # fmt: skip
    assert found(tmp_path) == [
        ("ConfigMap/b/a:f.conf", "fluent-bit"),
        ("ConfigMap/b/a:o.yaml", "otel"),
        ("OpenTelemetryCollector/b/a:config", "otel"),
        ("OpenTelemetryCollector/b/a:cr.yaml", "otel"),
        ("chart/values.yaml", "fluent-bit"),
        ("plain/filebeat.yml", "filebeat"),
        ("plain/fluent-bit.conf", "fluent-bit"),
        ("plain/fluent-bit.yaml", "fluent-bit"),
        ("plain/logstash.conf", "logstash"),
        ("plain/otel.yaml", "otel"),
        ("plain/outputs.conf", "splunk"),
        ("plain/vector.toml", "vector"),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nginx.conf", "events { }\nhttp {\n  server { listen 80; }\n}\n"),
        ("my.conf", "[mysqld]\ndatadir = /var\n"),
        ("outputs.conf", "[output]\npath = a\n"),
        ("server.conf", "[server]\nport = 1\n"),
        ("filter.conf", "filter {\n  a = 1\n}\n"),
        ("app.conf", "input {\n  path = /a\n}\n"),
        ("supervisord.conf", "[program:x]\ncommand = y\n"),
        ("pyproject.toml", '[tool.uv.sources]\na = {path = "b"}\n'),
        ("Cargo.toml", '[package]\nname = "sources"\ntype = "x"\n'),
        ("netlify.toml", '[sources]\ntype = "a"\n'),
        ("pipeline.yaml", "pipeline:\n  build:\n    image: go\n"),
        ("steps.yaml", "pipeline: a\nsteps:\n  - name: x\n    outputs: [y]\nname: z\n"),
        ("chart.yaml", "exporters: [a]\nservice: {}\n"),
    ],
)
def test_foreign_files_are_left_alone(name: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, {name: text})
    assert found(tmp_path) == []
    maybe = by_path("", name, False) or ""
    assert not name.endswith((".conf", ".toml")) or (maybe.startswith("?") and by_bytes(maybe, text.encode()) is None)


def test_templates_of_foreign_files_are_nobodys() -> None:
    assert by_path("", "nginx.conf.j2", False) is None
    assert by_path("", "settings.toml.tpl", False) is None


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  f.conf: "


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (MAP + "|\n" + held(FLUENT), "f.yaml:10:14"),
        (MAP + "|-\n\n" + held(FLUENT, "      "), "f.yaml:11:16"),
        (MAP + repr(FLUENT).replace("'", '"') + "\n", "f.yaml:5:11"),
    ],
)
def test_places_of_held_texts(text: str, place: str, tmp_path: Path) -> None:
    for eol in ("\n", "\r\n"):
        write(tmp_path, {"f.yaml": text.replace("\n", eol)})
        assert lines(scanned(tmp_path, "collector-output-encrypted")) == [f"{place} collector-output-encrypted"]


LINES = st.lists(st.sampled_from(["[INPUT]", "    Name tail", "", "  ", "    Key a b ", "# x", "stray"]), max_size=8)


@settings(max_examples=60)
@given(LINES, st.sampled_from(["|", "|-", "|+", "|2"]), st.sampled_from(["\n", "\r\n"]))
def test_held_values_stand_where_their_text_does(written: list[str], style: str, eol: str) -> None:
    text = f"data:{eol}  f: {style}{eol}" + "".join(f"    {line}{eol}" for line in written) + f"  z: 1{eol}"
    loaded = yaml.load(0, text)
    if loaded.problems or not isinstance(loaded.documents[0].value["data"]["f"], str):
        return
    data = loaded.documents[0].value["data"]
    tree = read_other(Source(0, "f.yaml", text), Held("f", data["f"], data.at["f"], False), sections.fluent)
    for section in tree["sections"]:
        for key, value in section["entries"].items():
            _, key_start, key_end, start, end = section["entries"].at[key]
            if isinstance(value, str) and (start, end) != data.at["f"][3:]:
                assert text[start:end] == value
                assert text[key_start:key_end].lower() == key


def test_what_a_template_fills_is_unknown_and_the_rest_is_read() -> None:
    text = "a: |\n  exporters: {otlp: {endpoint: {{HOST}}, tls: {insecure: true}}}\n"
    value = yaml.load(0, text).documents[0].value
    source, one = Source(0, "a", text), Held("a", value["a"], value.at["a"], False)
    assert read_held(source, one) is None
    otlp = read_held(source, one, templated=True)["exporters"]["otlp"]
    assert isinstance(otlp["endpoint"], Unknown)
    assert otlp["tls"]["insecure"] is True
    entry = otlp["tls"].at["insecure"]
    assert text[entry[3] : entry[4]] == "true"


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("localhost:4317", LOCAL), ("http://127.0.0.1:9200", LOCAL), ("[::1]:1", LOCAL), ("0.0.0.0:1", LOCAL), ("", LOCAL),
        ("unix:///run/x", LOCAL), ("collector:4317", CLUSTER), ("http://loki.logs.svc:3100/x", CLUSTER), ("10.1.2.3", CLUSTER),
        ("172.20.0.1", CLUSTER), ("es.internal", CLUSTER), ("https://u:p@logs.example.com:9200/a", OUTSIDE),
        ("172.40.0.1:1", OUTSIDE), ("8.8.8.8", OUTSIDE), ("LOGS.EXAMPLE.COM.", OUTSIDE),
    ],
)  # fmt: skip
def test_reach(host: str, reach: str) -> None:
    assert reach_of(host) == reach


@given(st.text(max_size=40))
def test_reach_and_truth_never_raise(text: str) -> None:
    reach_of(text)
    truth(text)
    from_outside(text)
    is_credential(("headers", text or "x"), text)
    days_of(text)


def test_a_host_from_outside_is_unknown() -> None:
    assert isinstance(reach_of("${env:HOST}:4317"), Unknown)
    assert isinstance(by_scheme((), (0, 0, 0), Unknown("missing-input", "x")).value, Unknown)


@pytest.mark.parametrize(
    ("path", "value", "answer"),
    [
        (("http_passwd",), "hunter2hunter2", True), (("http_passwd",), "${PASSWORD}", False),
        (("headers", "x-api-key"), "3f2a9c1d4e6b8a0f", True), (("headers", "x-tenant"), "shop", False),
        (("header",), "Authorization Bearer abcdef123456", True), (("header",), "X-Scope shop", False),
        (("password",), "changeme", False), (("sslPassword",), "$7$abc", False), (("path",), "/etc/secret", False),
        (("token_file",), "/run/token", False), (("headers", "Authorization"), "Bearer ${env:TOKEN}", False),
    ],
)  # fmt: skip
def test_credentials(path: tuple[str, ...], value: str, answer: bool) -> None:
    assert is_credential(path, value) is answer


@pytest.mark.parametrize(
    ("text", "days"),
    [("30d", 30), ("4w", 28), ("1M", 30), ("Month", 30), ("1h30m", 0.0625), ("x", None), ("", None), ("10", None)],
)
def test_windows(text: str, days: float | None) -> None:
    assert days_of(text) == days


def encryption(tmp_path: Path, name: str, text: str) -> list[tuple[Any, Any]]:
    write(tmp_path, {name: text})
    outputs = estate_of(tmp_path).of_kind("monitoring/output")
    return [(each.body.get("encrypted"), each.body.get("verified")) for each in outputs]


BEAT = "filebeat.inputs: [{type: log}]\noutput"
LOGS = "input { beats { port => 1 } }\noutput { elasticsearch { "


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("f.conf", FLUENT + "    TLS on\n    tls.verify off\n", (True, False)),
        ("f.yml", BEAT + ".elasticsearch: {hosts: [a.example.com], protocol: https}\n", (True, True)),
        ("f.yml", BEAT + ":\n  elasticsearch:\n    hosts: ['http://a.example.com']\n", (False, True)),
        ("f.yml", BEAT + ".kafka.hosts: [a]\noutput.kafka.ssl.certificate_authorities: [b]\n", (True, True)),
        ("f.yml", BEAT + ".logstash:\n  hosts: [a]\n  ssl:\n    verification_mode: none\n", (True, False)),
        ("l.conf", LOGS + 'hosts => ["https://a"] ssl_certificate_verification => false } }\n', (True, False)),
        ("l.conf", LOGS + 'hosts => ["a"] ssl => true } }\n', (True, True)),
        ("l.conf", LOGS + 'cloud_id => "x" } }\n', (True, True)),
        ("v.toml", VECTOR.replace("http:", "https:") + "tls.verify_hostname = false\n", (True, False)),
        ("v.toml", VECTOR.replace('"http"', '"vector"').replace("uri", "address"), (False, True)),
        ("outputs.conf", "[tcpout]\nclientCert = /a\n[tcpout:b]\nserver = c:1\nsslVerifyServerCert = true\n", (True, True)),
        ("outputs.conf", "[tcpout:b]\nserver = c:1\nuseSSL = false\nclientCert = /a\n", (False, False)),
        ("o.yaml", OTEL, (False, True)),
        ("o.yaml", OTEL.replace("http:", "https:"), (True, True)),
        ("o.yaml", OTEL.replace("'http://traces.example.com'", "a:1, tls: {insecure_skip_verify: true}"), (True, False)),
    ],
)  # fmt: skip
def test_encryption_by_the_settings_of_each(name: str, text: str, answer: tuple[bool, bool], tmp_path: Path) -> None:
    assert encryption(tmp_path, name, text) == [answer]


def test_in_a_cluster_clear_text_weighs_less(tmp_path: Path) -> None:
    write(tmp_path, {"a.conf": FLUENT, "b/b.conf": FLUENT.replace("logs.example.com", "es.logging.svc")})
    severities = {f.place.path: f.severity.word for f in failed(scanned(tmp_path, "collector-output-encrypted"))}
    assert severities == {"a.conf": "high", "b/b.conf": "low"}


@pytest.mark.parametrize("host", ["${HOST}", "${HOST:elastic}:${PORT:9200}", "https://${HOST}/"])
def test_hosts_from_the_environment_leave_it_unknown(host: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.conf": FLUENT.replace("logs.example.com", host)})
    scan = scanned(tmp_path, "collector-output-encrypted", "collector-output-verified")
    assert scan.report.failures == ()
    assert [each.outcome for each in scan.report.findings] == ["unknown"]


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ('if "audit" in [tags] { drop { } }', True),
        ('if "audit" not in [tags] { drop { } }', False),
        ('if [type] == "audit" { mutate { } } else { drop { } }', False),
        ("if [message] !~ /audit/ { drop { } }", False),
        ("if [path] =~ /audit/ { drop { } }", True),
    ],
)
def test_conditions_about_audit_logs(text: str, fails: bool, tmp_path: Path) -> None:
    write(tmp_path, {"l.conf": f"input {{ stdin {{ }} }}\nfilter {{ {text} }}\noutput {{ stdout {{ }} }}\n"})
    assert bool(failed(scanned(tmp_path, "collector-keeps-audit-logs"))) is fails


def test_toml_in_a_config_map_is_placed(tmp_path: Path) -> None:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\ndata:\n  vector.toml: |\n"
    write(tmp_path, {"v.yaml": head + held(VECTOR)})
    assert lines(scanned(tmp_path, "collector-output-encrypted")) == ["v.yaml:11:11 collector-output-encrypted"]
    assert toml.load(0, VECTOR).problems == []


def test_an_openslo_service_is_no_kubernetes_service(tmp_path: Path) -> None:
    write(tmp_path, {"s.yaml": "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n"})
    assert estate_of(tmp_path).of_kind("kubernetes/Service") == []


def test_broken_configurations_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"f.conf": FLUENT + "[OUTPUT\n"})
    (failure,) = read_estate(str(tmp_path), {}, lambda _: None, {}).failures
    assert (failure.id, failure.place.start_line) == ("artifact-unparsed", 7)
