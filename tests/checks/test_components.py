"""Flags of cluster components as containers start them: by themselves, wrapped, from a script, from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from linter.checks import Verdict
from linter.checks.kubernetes.components import _seconds, component_flag, etcd_own_authority
from linter.model import Estate, Resource, Unit, Unknown
from linter.syntax import yaml

UNIT = Unit("kubernetes", "")


def estate_of(*containers: str) -> Estate:
    estate = Estate()
    for number, text in enumerate(containers):
        body = yaml.load(0, text).documents[0].value
        estate.add(Resource("kubernetes/container", f"Pod/c{number}", "c", UNIT, body, (0, 0, 1), body.span))
    return estate


def judged(container: str, flag: Any = "profiling", component: str = "kube-apiserver", **asked: Any) -> list[Verdict]:
    return list(component_flag(estate_of(container), component=component, flag=flag, **asked))


def outcomes(container: str, **asked: Any) -> list[str]:
    return [verdict.outcome for verdict in judged(container, **asked)]


@pytest.mark.parametrize(
    "container",
    [
        "command: [kube-apiserver, --profiling=false]",
        "command: [/usr/local/bin/kube-apiserver]\nargs: [--profiling=false]",
        "args: [kube-apiserver, -profiling=false]",
        "command: [/go-runner, --log-file=/var/log/a.log, kube-apiserver, --profiling=false]",
        'command: [/bin/sh, -c, "mkdir -p /x && exec /usr/bin/kube-apiserver \\\\\\n --profiling=false 2>&1 | tee /log"]',
        "command: [kube-apiserver, --v=2 --profiling=false]",
        'command: [kube-apiserver, "--v=2 --profiling=false"]',
    ],
)
def test_a_flag_is_read_wherever_it_may_stand(container: str) -> None:
    assert outcomes(container, equals="false") == ["pass"]
    assert outcomes(container, equals="true") == ["fail"]


@pytest.mark.parametrize(
    "container",
    [
        "command: [kube-apiserver-proxy, --profiling=true]",
        "command: [calico, --store, kube-apiserver]",
        "image: kube-apiserver",
        "args: [--service=kube-system/kube-apiserver, --profiling=true]",
        "command: [env, --unset=/kube-apiserver, other]",
        "command: [sh, -c, 'echo kube-apiserver --profiling=true']",
        "command: [sh, /run.sh]",
        "command: []",
    ],
)
def test_what_starts_something_else_is_not_judged(container: str) -> None:
    assert outcomes(container, equals="false") == []


def test_the_end_of_a_command_in_a_script_ends_its_flags() -> None:
    assert outcomes('command: [sh, -c, "kube-apiserver --v=2; other --profiling=false"]', equals="false") == ["fail"]


def test_a_switch_stands_alone_and_other_flags_take_the_next_word() -> None:
    assert outcomes("command: [kube-apiserver, --profiling, 'false']", equals="false") == ["fail"]
    assert outcomes("command: [kube-apiserver, --port, '0']", flag="port", equals="0") == ["pass"]
    assert outcomes("command: [kube-apiserver, --port, --v=2]", flag="port", equals="0") == ["fail"]


def test_flags_written_twice_are_one_list_or_each_judged() -> None:
    twice = "command: [kube-apiserver, '--plugins=A,B', --plugins=C]"
    assert outcomes(twice, flag="plugins", includes="C") == ["pass"]
    assert outcomes(twice, flag="plugins", includes="D") == ["fail"]
    assert outcomes(twice, flag="plugins", excludes="B") == ["fail"]
    assert outcomes("command: [kube-apiserver, --port=0, --port=6443]", flag="port", differs="0") == ["fail"]


def test_absence_passes_fails_or_is_nothing_to_judge() -> None:
    for absent, expected in (("pass", ["pass"]), ("fail", ["fail"]), ("skip", [])):
        assert outcomes("command: [kube-apiserver]", equals="false", absent=absent) == expected
    assert outcomes("command: [kube-apiserver]", written=False) == ["pass"]
    assert outcomes("command: [kube-apiserver, --profiling]", written=False) == ["fail"]


def test_flags_that_belong_together_are_missed_at_once() -> None:
    (verdict,) = judged("command: [kube-apiserver]", flag=["cert", "key"])
    assert verdict.message == "kube-apiserver runs without --cert and --key."
    assert [v.outcome for v in judged("command: [kube-apiserver, --cert=a]", flag=["cert", "key"])] == ["pass", "fail"]
    assert outcomes("command: [kube-apiserver, --cert=, --key]", flag=["cert", "key"]) == ["fail", "fail"]


def test_what_a_file_or_the_environment_may_say_is_unknown() -> None:
    assert outcomes("command: [kube-apiserver, --config=/x]", equals="false", elsewhere=["config"]) == ["unknown"]
    assert outcomes("command: [kube-apiserver, --profiling=$(ON)]", equals="false") == ["unknown"]
    estate = estate_of("command: [kube-apiserver, x]")
    body = estate.resources[0].body
    body["command"][1] = Unknown("template", "args")
    assert [v.outcome for v in component_flag(estate, component="kube-apiserver", flag="x")] == ["unknown"]


def test_etcd_reads_its_environment() -> None:
    asked = {"component": "etcd", "flag": "client-cert-auth", "equals": "true"}
    assert outcomes("command: [etcd]\nenv: [{name: ETCD_CLIENT_CERT_AUTH, value: 'true'}]", **asked) == ["pass"]
    assert outcomes("command: [etcd]\nenv: [{name: ETCD_CLIENT_CERT_AUTH, valueFrom: {}}]", **asked) == ["unknown"]
    assert outcomes("command: [etcd]\nenv: [{name: ETCD_OTHER, value: 'true'}]", **asked) == ["fail"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("1m30s", 90), ("3h", 10800), ("0", 0), ("1s1m", 61), ("2", None), ("", None), ("1..s", None)]
)
def test_durations_are_read_as_go_reads_them(text: str, seconds: float | None) -> None:
    assert _seconds(text) == seconds


def test_values_are_held_against_what_is_asked() -> None:
    asked = "command: [kube-apiserver, --a={}]"
    assert outcomes(asked.format("30"), flag="a", at_least=30) == ["pass"]
    assert outcomes(asked.format("-1"), flag="a", at_least=30) == ["fail"]
    assert outcomes(asked.format("5m"), flag="a", longest="5m") == ["pass"]
    assert outcomes(asked.format("301s"), flag="a", longest="5m") == ["fail"]
    assert outcomes(asked.format("X"), flag="a", one_of=["X", "Y"]) == ["pass"]
    assert outcomes(asked.format("X"), flag="a", subset_of=["Y"]) == ["fail"]
    assert outcomes(asked.format("/x"), flag="a", matches="^/") == ["pass"]


def test_etcd_must_not_share_the_authority_of_the_api_server() -> None:
    server, store = "command: [kube-apiserver, --client-ca-file={}]", "command: [etcd, --trusted-ca-file={}]"
    for one, other, expected in (("a", "a", ["fail", "fail"]), ("a", "b", ["pass", "pass"])):
        estate = estate_of(server.format(one), store.format(other))
        assert [verdict.outcome for verdict in etcd_own_authority(estate)] == expected
    assert list(etcd_own_authority(estate_of(store.format("a")))) == []
