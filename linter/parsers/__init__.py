"""Formats read to trees, and trees expanded to resources: two explicit tables, imported only as a scan meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from linter.model import Problem, Resource, Source, Workspace

Read = Callable[[Source], tuple[Any, list[Problem]]]
Expand = Callable[[Workspace], Iterator[Resource]]


def _terraform(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import hcl

    body = hcl.parse(source.index, source.text)
    return body, body.problems


def _yaml(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import yaml

    loaded = yaml.load(source.index, source.text, "1.1", skip_schemas=True)
    return loaded, loaded.problems


def _workflow(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import yaml

    loaded = yaml.load(source.index, source.text, "1.2")
    return loaded, loaded.problems


def _gitlab(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import yaml

    loaded = yaml.load(source.index, source.text, "1.1")
    return loaded, loaded.problems


def _groovy(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import groovy

    parsed = groovy.parse(source.text)
    return parsed, parsed.problems


def _json(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import json

    loaded = json.load(source.index, source.text)
    return loaded, loaded.problems


def _grafana(source: Source) -> tuple[Any, list[Problem]]:
    from linter.parsers.monitoring.dashboards import load

    loaded = load(source.index, source.text)
    return loaded, loaded.problems


def _flags(source: Source) -> tuple[Any, list[Problem]]:
    return _json(source) if source.path.lower().endswith(".json") else _workflow(source)


def _markdown(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import markdown

    return markdown.load(source.index, source.text), []


def _text(source: Source) -> tuple[Any, list[Problem]]:
    return source.text, []


def _dockerfile(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import dockerfile

    read = dockerfile.load(source.index, source.text)
    return read, read.problems


def _azure(source: Source) -> tuple[Any, list[Problem]]:
    from linter.parsers.pipelines.azure_files import read

    return read(source)


def _fluent_bit(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import sections

    loaded = sections.fluent(source.index, source.text)
    return loaded, loaded.problems


def _splunk(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import sections

    loaded = sections.splunk(source.index, source.text)
    return loaded, loaded.problems


def _logstash(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import logstash

    loaded = logstash.load(source.index, source.text)
    return loaded, loaded.problems


def _toml(source: Source) -> tuple[Any, list[Problem]]:
    from linter.syntax import toml

    loaded = toml.load(source.index, source.text)
    return loaded, loaded.problems


READERS: dict[str, Read] = {
    "terraform": _terraform,
    "tfvars": _terraform,
    "terraform-json": _json,
    "plan": _json,
    "terragrunt": _terraform,
    "yaml": _yaml,
    "workflow": _workflow,
    "dependabot": _workflow,
    "pre-commit": _workflow,
    "repository-settings": _workflow,
    "json": _json,
    "grafana": _grafana,
    "datadog": _json,
    "flags": _flags,
    "markdown": _markdown,
    "codeowners": _text,
    "loadtest": _text,
    "data": _text,
    "binary": _text,
    "dockerfile": _dockerfile,
    "compose": _workflow,
    "dotenv": _text,
    "settings-dotenv": _text,
    "settings-config": _text,
    "settings-ansible": _text,
    "helm": _yaml,
    "gitlab": _gitlab,
    "azure": _azure,
    "jenkins": _groovy,
    "jenkins-casc": _gitlab,
    "npm": _json,
    "requirements": _text,
    "circleci": _workflow,
    "bitbucket": _workflow,
    "fluent-bit": _fluent_bit,
    "splunk": _splunk,
    "logstash": _logstash,
    "vector": _toml,
}
"""Artifact format → reader: text to a tree and the problems met; never raises for bad input."""

PARSERS: dict[str, tuple[str, ...]] = {
    "linter.parsers.terraform": ("terraform", "terraform-json", "terragrunt", "plan"),
    "linter.parsers.kubernetes": ("yaml", "json"),
    "linter.parsers.monitoring": (
        "yaml",
        "helm",
        "grafana",
        "datadog",
        "json",
        "fluent-bit",
        "splunk",
        "logstash",
        "vector",
    ),
    "linter.parsers.pipelines": (
        "workflow",
        "gitlab",
        "azure",
        "jenkins",
        "jenkins-casc",
        "circleci",
        "bitbucket",
        "dependabot",
        "pre-commit",
        "repository-settings",
    ),
    "linter.parsers.documents": ("markdown",),
    "linter.parsers.helm": ("helm",),
    "linter.parsers.packages": ("npm", "requirements"),
    "linter.parsers.flags": ("flags",),
    "linter.parsers.containers": ("dockerfile", "compose"),
    "linter.parsers.settings": ("settings-dotenv", "settings-config", "settings-ansible", "dotenv"),
}
"""Module with an `expand` → the formats that call for it."""


def expanders(formats: set[str]) -> list[tuple[str, Expand]]:
    """(module name, expand) of every parser that one of the formats calls for, in the table's order."""
    return [(name, import_module(name).expand) for name, wanted in PARSERS.items() if not formats.isdisjoint(wanted)]
