"""What a file is: by its path, or by bytes that are there even where the file cannot be parsed.

Words of `Artifact.format`: terraform, terraform-json, tfvars, terragrunt, workflow, dependabot, pre-commit,
repository-settings, markdown, yaml, json, grafana, flags, codeowners, dockerfile, compose, helm, jenkins, circleci,
bitbucket, fluent-bit, logstash, splunk, vector; 'data' for YAML and JSON that Terragrunt reads values from, 'dotenv' for
the variables beside a Compose file; 'settings-dotenv', 'settings-config' and 'settings-ansible' for what environments are
given beside each other; and 'template' for what has to be rendered first. `MAYBE` formats are decided by their bytes:
Kubernetes' API conventions ask every object for `apiVersion` and `kind`, Prometheus' rule files have `groups` of alerts or
records, an action has `runs`, a Compose file `services` with images.
"""

from __future__ import annotations

from collections.abc import Container

from linter.discovery.azure import in_place, is_azure
from linter.discovery.collectors import MAYBE_CONF, MAYBE_SPLUNK, MAYBE_TOML, SPLUNK_NAMES, in_text, in_yaml
from linter.discovery.flags import is_flags
from linter.discovery.jenkins import CONTROLLER, has_pipeline, is_jenkinsfile
from linter.discovery.keys import has_key
from linter.discovery.loadtests import is_load_test
from linter.discovery.packages import is_manifest, manifest

TEMPLATE = "template"
MAYBE_YAML, MAYBE_JSON, MAYBE_ACTION, MAYBE_HCL = "?yaml", "?json", "?action", "?hcl"
MAYBE_COMPOSE = "?compose"
MAYBE_AZURE = "?azure"
MAYBE_GROOVY, MAYBE_PACKAGES = "?groovy", "?packages"

_SUFFIXES = {
    ".tf": "terraform",
    ".tofu": "terraform",
    ".tf.json": "terraform-json",
    ".tofu.json": "terraform-json",
    ".tfvars.json": "terraform-json",
    ".tfvars": "tfvars",
    ".hcl": MAYBE_HCL,
    ".groovy": MAYBE_GROOVY,
    ".md": "markdown",
    ".markdown": "markdown",
    ".yaml": MAYBE_YAML,
    ".yml": MAYBE_YAML,
    ".json": MAYBE_JSON,
    ".conf": MAYBE_CONF,
    ".toml": MAYBE_TOML,
}
_TEMPLATE_SUFFIXES = (".j2", ".erb", ".tpl", ".gotmpl")
_DOCKER_TEMPLATES = (".template", ".tmpl", ".mustache", ".hbs", ".jinja", ".jinja2", ".in", ".m4", ".ejs")
_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_ELSEWHERE = {
    "dependabot.yml": "dependabot",
    "dependabot.yaml": "dependabot",
    "settings.yml": "repository-settings",
    "settings.yaml": "repository-settings",
    ".pre-commit-config.yaml": "pre-commit",
    ".pre-commit-config.yml": "pre-commit",
}
"""What works because of a repository's files and is no workflow; but for hooks, below `.github` only."""
_ACTIONS = frozenset({"action.yml", "action.yaml"})
_CIRCLECI = frozenset({"config.yml", "config.yaml"})
_NO_DOCKERFILES = (
    ".dockerignore", ".md", ".rst", ".txt", ".html", ".adoc", ".svg", ".png", ".j2", ".tpl", ".erb", ".yaml", ".yml",
    ".json", ".toml", ".xml", ".lock", ".orig", ".rej", ".bak", ".swp", ".diff", ".patch", ".py", ".pyi", ".pyc", ".go",
    ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".rs", ".rb", ".java", ".kt", ".scala", ".groovy", ".cs", ".fs",
    ".php", ".c", ".h", ".cc", ".cpp", ".hs", ".ex", ".exs", ".lua", ".pl", ".sh", ".bash", ".ps1", ".bat", ".vim",
    ".snap", ".scm", ".el", ".swift", ".sum", ".sig", ".asc", ".sha256",
)  # fmt: skip
"""Ends of names that begin like a Dockerfile's and are programs that read one, pages about one, or copies of one."""
_TERRAFORM = frozenset({"terraform", "terraform-json", "tfvars"})
_TERRAGRUNT = frozenset({"terragrunt.hcl", "terragrunt.stack.hcl", "terragrunt.values.hcl"})
_BLOCKS = (b"inputs", b"include", b"locals", b"remote_state", b"dependency", b"dependencies", b"generate", b"terraform")
_IGNORED = (".", "#")
"""How names begin that Terraform leaves alone (configs.IsIgnoredFile): hidden files and an editor's."""
_PLANNED = (b"terraform_version", b"planned_values", b"resource_changes")
"""What stands beside `format_version` in the plans and states that `terraform show -json` writes, the first near the
top: other outputs of Terraform have the version alone."""
_COMPOSED = (b"services", b"include", b"volumes", b"networks", b"secrets", b"configs", b"image", b"build")
_PROVISIONED = (b"datasources", b"contactPoints", b"policies")
"""Lists in the files that provision Grafana."""
_NO_VALUES = frozenset(("templates", "crds", "charts", "files", "ci", "tests", "test", "docs", "dashboards"))


def by_path(folder: str, name: str, in_chart: bool) -> str | None:
    """The format of a file by its place, None where it is nobody's.

    folder: '' or a path below the root. in_chart: below `templates/` of a folder with a Chart.yaml (helm.sh/docs,
    "The Chart File Structure"), or a values file beside one, which is only read when the chart is rendered.
    """
    suffix = _suffix(name)
    found = "jenkins" if suffix == ".groovy" and name.startswith("Jenkinsfile") else _SUFFIXES.get(suffix)
    if name.endswith(_TEMPLATE_SUFFIXES):
        return _template(name, in_chart)
    if is_manifest(name):
        return MAYBE_PACKAGES
    if found is None:
        return _by_name(name)
    if found == MAYBE_CONF and name in SPLUNK_NAMES:
        return None if in_chart else MAYBE_SPLUNK
    if found == MAYBE_HCL:
        return "terragrunt" if name in _TERRAGRUNT else None if name.startswith(_IGNORED) else found
    if found in _TERRAFORM:
        return None if found != "tfvars" and name.startswith(_IGNORED) else found
    if in_chart:
        return TEMPLATE if found in (MAYBE_YAML, MAYBE_JSON) else None
    if found == MAYBE_YAML:
        if folder == ".github/workflows" or folder.endswith("/.github/workflows"):
            return "workflow"
        if name in _ELSEWHERE and (name[0] == "." or folder == ".github" or folder.endswith("/.github")):
            return _ELSEWHERE[name]
        if name in _KUSTOMIZATIONS:
            return "yaml"
        if name == ".gitlab-ci.yml":
            return "gitlab"
        if name == "bitbucket-pipelines.yml":
            return "bitbucket"
        if name in _CIRCLECI and (folder == ".circleci" or folder.endswith("/.circleci")):
            return "circleci"
        azure = in_place(folder, name)
        if azure is not False:
            return "azure" if azure else MAYBE_AZURE
        if name in _ACTIONS:
            return MAYBE_ACTION
        if is_compose(name):
            return MAYBE_COMPOSE
    return found


def is_chart_file(folder: str, name: str, charts: Container[str]) -> bool:
    """Whether a file describes a chart or gives it values: those beside it, and those of environments in folders below.

    charts: the folders with a Chart.yaml. What lies in `templates`, `crds`, `charts`, `files` and the tests of
    chart-testing (`ci`) are no values of a deployment.
    """
    low = name.lower()
    if not low.endswith((".yaml", ".yml")):
        return False
    if folder in charts:
        return name in ("Chart.yaml", "requirements.yaml") or "values" in _words(low)
    parts = folder.split("/")
    for at in range(len(parts) - 1, max(len(parts) - 4, -1), -1):
        if parts[at] in _NO_VALUES:
            return False
        if "/".join(parts[:at]) in charts:
            return "values" in _words(low) or parts[at] in ("values", "environments", "envs", "env")
    return False


def _words(name: str) -> list[str]:
    """The words of a file's name, its suffix the last."""
    return name.replace("-", ".").replace("_", ".").split(".")


def is_compose(name: str) -> bool:
    """Whether `docker compose` or `docker stack deploy` would be pointed at a YAML file of this name."""
    low = name.lower()
    stem = low.rpartition(".")[0]
    words = stem.replace("_", "-").replace(".", "-").split("-")
    return words[0] == "compose" or words[-1] == "compose" or words[:2] in (["docker", "compose"], ["docker", "stack"])


def by_bytes(maybe: str, data: bytes) -> str | None:
    """The format of a file whose path leaves it open, from its bytes (any encoding YAML allows)."""
    if maybe == MAYBE_HCL:
        return "terragrunt" if has_terragrunt_blocks(data) else None
    if maybe == MAYBE_PACKAGES:
        return manifest(data)
    if maybe == MAYBE_GROOVY:
        return "jenkins" if has_pipeline(data) else None
    if maybe in (MAYBE_CONF, MAYBE_TOML, MAYBE_SPLUNK):
        return in_text(maybe, data)
    if maybe == MAYBE_JSON:
        if has_key(data, b"format_version") and any(has_key(data, word) for word in _PLANNED):
            return "plan"
        if is_dashboard(data):
            return "grafana"
        if is_monitor(data):
            return "datadog"
        if is_flags(data):
            return "flags"
        return "json" if has_key(data, b"apiVersion") and has_key(data, b"kind") else None
    data = _narrow(data)
    if maybe == MAYBE_COMPOSE and not is_object(data):
        return "compose" if any(has_key(data, word) for word in _COMPOSED) else None
    if maybe == MAYBE_ACTION and has_key(data, b"runs"):
        return "workflow"
    if maybe in (MAYBE_YAML, MAYBE_AZURE) and is_azure(data, maybe == MAYBE_AZURE):
        return "azure"
    if is_object(data):
        return "yaml"
    if has_key(data, b"jenkins") and any(has_key(data, key) for key in CONTROLLER):
        return "jenkins-casc"
    if has_key(data, b"groups") and (has_key(data, b"alert") or has_key(data, b"record") or has_key(data, b"expr")):
        return "yaml"
    if is_monitoring(data):
        return "yaml"
    if is_flags(data):
        return "flags"
    return "compose" if b"services:" in data and has_services(data) else None


def is_dashboard(data: bytes) -> bool:
    """Whether JSON is a dashboard of Grafana's: its own keys, in a file that is no Kubernetes object."""
    if not (has_key(data, b"panels") or has_key(data, b"rows")) or not has_key(data, b"title"):
        return False
    if not has_key(data, b"schemaVersion") and not (has_key(data, b"uid") and has_key(data, b"targets")):
        return False
    return not (has_key(data, b"apiVersion") and has_key(data, b"kind"))


def is_monitor(data: bytes) -> bool:
    """Whether JSON is a monitor that Datadog's API gives out, by its keys and the words for its types."""
    if not any(word in data for word in (b' alert"', b'"service check"', b'"composite"', b'"event-v2 alert"')):
        return False
    return all(has_key(data, word) for word in (b"query", b"message", b"type", b"options"))


def is_monitoring(data: bytes) -> bool:
    """Whether YAML is the configuration of a monitoring system: Alertmanager's routes to receivers, what Grafana is given,
    a collector's pipelines, objectives."""
    if b"receivers" in data and has_key(data, b"route") and has_key(data, b"receivers"):
        return True
    if has_key(data, b"apiVersion") and any(has_key(data, word) for word in _PROVISIONED):
        return True
    return in_yaml(data)


def has_services(data: bytes) -> bool:
    """Whether YAML of any name has Compose's services: a mapping of names at its top, one with `image` or `build`.

    Conservative, since CI systems and frameworks have `services` too: theirs are lists or stand beside keys of their own.
    """
    import re

    name = rb"[ ]{1,8}[\w.-]{1,80}:[ \t]*(?:[&#][^\n]*)?\r?\n"
    services = re.search(rb"(?m)^services:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n){0,50}" + name, data)
    if services is None or re.search(rb"(?m)^[ ]{2,16}(?:image|build):", data[services.start() :]) is None:
        return False
    return re.search(rb"(?m)^(?:apiVersion|kind|stages|pipelines|jobs|steps|script|image|on|language):", data) is None


def has_terragrunt_blocks(data: bytes) -> bool:
    """Whether HCL has a block or attribute at its top that Terragrunt's configurations have."""
    return data.startswith(_BLOCKS) or any(b"\n" + word in data for word in _BLOCKS)


def is_object(data: bytes) -> bool:
    """Whether YAML shows a Kubernetes object."""
    data = _narrow(data)
    return has_key(data, b"apiVersion") and has_key(data, b"kind")


def _narrow(data: bytes) -> bytes:
    """UTF-16 and UTF-32 with their zeros taken out, in which ASCII words stand as in UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] == b"\0\0\xfe\xff":
        return data.replace(b"\0", b"")
    return data


def is_terraform(format: str | None) -> bool:
    return format in _TERRAFORM


def _suffix(name: str) -> str:
    """The suffix that decides, the double ones of Terraform's JSON included; Terraform's are case-sensitive."""
    stem, dot, last = name.rpartition(".")
    if not dot:
        return ""
    if last == "json":
        inner = stem.rpartition(".")[2]
        return f".{inner}.json" if inner in ("tf", "tofu", "tfvars") else ".json"
    low = "." + last.lower()
    return low if low in (".md", ".markdown", ".yaml", ".yml", ".json") else "." + last


def _by_name(name: str) -> str | None:
    if name in _KUSTOMIZATIONS:
        return "yaml"
    if is_jenkinsfile(name, _NO_DOCKERFILES):
        return "jenkins"
    if is_dockerfile(name):
        return TEMPLATE if name.lower().endswith(_DOCKER_TEMPLATES) else "dockerfile"
    return "codeowners" if name == "CODEOWNERS" else "loadtest" if is_load_test(name) else None


def is_dockerfile(name: str) -> bool:
    """Whether a builder would be pointed at a file of this name: `Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`."""
    low = name.lower()
    if low.endswith(_NO_DOCKERFILES):
        return False
    stem = low.removeprefix("dockerfile").removeprefix("containerfile")
    return (stem != low and not stem[:1].isalnum()) or low.endswith((".dockerfile", ".containerfile"))


def _template(name: str, in_chart: bool) -> str | None:
    """A template counts where what it renders to may be ours; `nginx.conf.j2` is nobody's."""
    inner = name.rpartition(".")[0]
    if in_chart or "." not in inner.strip("."):
        return TEMPLATE
    return TEMPLATE if by_path("", inner, False) not in (None, MAYBE_CONF, MAYBE_TOML) else None
