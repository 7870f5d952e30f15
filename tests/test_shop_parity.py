# ruff: noqa: E501
"""The bundled shop, edited: every planted drift between environments is found, and no intended difference is."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

import pytest

from linter.cli.work import run_scan
from linter.engine import Scan
from linter.rules import open_pack
from scripts.shop import AS_OF, build

INFRA, OVERLAYS = "infra/environments", "deploy/overlays"
Edit = tuple[str, str, str, str]
"""(path, old text or '' to append, new text, the rule that tells the drift or 'intended: class')."""


def policy(*, name: str = "web", ingress: str = "") -> str:
    head = f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\n"
    return f"{head}spec: {{podSelector: {{}}, policyTypes: [Ingress], ingress: [{ingress}]}}\n"


def rows(kind: str, name: str, rest: str, api: str = "v1") -> str:
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}\n"


def role(verbs: str) -> str:
    rules = f'rules: [{{apiGroups: [""], resources: [configmaps], verbs: [{verbs}]}}]'
    return rows("Role", "reader", rules, "rbac.authorization.k8s.io/v1")


def external(keys: str) -> str:
    data = ", ".join(f"{{secretKey: {key}, remoteRef: {{key: shop/{key}}}}}" for key in keys.split())
    return rows("ExternalSecret", "mail", f"spec: {{data: [{data}]}}", "external-secrets.io/v1")


def release(version: str) -> str:
    spec = f"spec: {{chart: {{spec: {{chart: search, version: {version}}}}}}}"
    return rows("HelmRelease", "search", spec, "helm.toolkit.fluxcd.io/v2")


def pod(name: str, spec: str) -> str:
    return rows("Deployment", name, f"spec: {{template: {{spec: {{{spec}}}}}}}", "apps/v1")


def block(type: str, name: str, *arguments: str) -> str:
    return f'\nresource "{type}" "{name}" {{\n' + "".join(f"  {each}\n" for each in arguments) + "}\n"


def module(source: str) -> str:
    return f'\nmodule "dns" {{\n  source = "git::https://git.shop.example/dns.git?ref={source}"\n}}\n'


def beside(file: str, low: str, high: str, expected: str) -> tuple[Edit, Edit]:
    """Two texts appended to the same file of staging (which dev gets too) and of production."""
    return (file.format("staging"), "", low, expected), (file.format("production"), "", high, expected)


TF, K8S = f"{INFRA}/{{}}/main.tf", f"{OVERLAYS}/{{}}/more.yaml"
BOX, WEB = "image: shop/x:1.2.0", "containers: [{name: x, image: shop/x:1.2.0"
KEY = "arn:aws:secretsmanager:eu-central-1:{}:secret:shop/mail"


def named(folder: str, low: str, high: str, expected: str, form: str) -> tuple[Edit, ...]:
    """A new file for staging and one for production; form: its path with {} for the environment."""
    return (
        (f"{folder}/{form.format('staging')}", "", low, expected),
        (f"{folder}/{form.format('production')}", "", high, expected),
    )


def chart(low: str, high: str, expected: str) -> tuple[Edit, ...]:
    about = ("charts/z/Chart.yaml", "", "apiVersion: v2\nname: z\nversion: 1.0.0\n", expected)
    base = ("charts/z/values.yaml", "", "replicas: 1\nenv: {A: b}\n", expected)
    return about, base, *named("charts/z", low, high, expected, "values-{}.yaml")


def tfvars(folder: str, low: str, high: str, expected: str) -> tuple[Edit, ...]:
    main = 'variable "cidr" {}\nvariable "days" {}\nvariable "size" {\n  default = 1\n}\n'
    return (f"{folder}/main.tf", "", main, expected), *named(folder, low, high, expected, "{}.tfvars")


def deployed(low: str, high: str) -> str:
    """A workflow with a deployment to staging and one to production, each given an `env` mapping in flow style."""
    job = "  {0}:\n    runs-on: ubuntu-24.04\n    environment: {0}\n    steps:\n      - run: ./deploy.sh\n        env: {{{1}}}\n"
    return "on: push\njobs:\n" + job.format("staging", low) + job.format("production", high)


def alerts(*rules: str) -> str:
    listed = "".join(f"      - {{{rule}}}\n" for rule in rules)
    return f"groups:\n  - name: z\n    rules:\n{listed}"


def service(rest: str) -> str:
    return f"services:\n  z:\n    image: shop/z:1.2.0\n{rest}"


DOWN, SLOW = "alert: ZDown, expr: up == 0", "alert: ZSlow, expr: latency > 1, labels: {severity: critical}"
SETTINGS_DRIFTS: list[tuple[Edit, ...]] = [
    named("apps/a", "CURRENCY=EUR\nRETURNS=30\n", "CURRENCY=EUR\n", "env-missing-variable", ".env.{}"),
    named("apps/b", "HOST=x\nDB_PASSWORD=kestrel-lantern-42\n", "HOST=y\nDB_PASSWORD=kestrel-lantern-42\n", "env-shared-secret-value", ".env.{}"),
    named("apps/c", "DEBUG=true\n", "DEBUG=true\n", "env-debug-in-prod", "{}.env"),
    named("apps/d/config", '{"mail": {"from": "a", "to": "b"}}', '{"mail": {"from": "a"}}', "env-missing-variable", "{}.json"),
    named("apps/e/config", "[mail]\nfrom = 1\nto = 2\n", "[mail]\nfrom = 1\n", "env-missing-variable", "{}.toml"),
    named("apps/f", service("    environment: {A: b, C: d}\n"), service("    environment: {A: b}\n"), "env-missing-variable", "compose.{}.yaml"),
    named("apps/g", service("  queue:\n    image: shop/queue:1.2.0\n"), service(""), "env-missing-workload", "compose.{}.yaml"),
    named("apps/h", service(""), service("").replace("1.2.0", "latest"), "env-image-scheme", "compose.{}.yaml"),
    named("apps/i", service(""), service("").replace("1.2.0", "1.3.0"), "env-prod-ahead", "compose.{}.yaml"),
    chart("env: {RETURNS: '30'}\n", "env: {A: c}\n", "env-missing-variable"),
    named("ansible/inventories", "[web]\nw1\n[search]\ns1\n", "[web]\nw1\n", "env-missing-resource", "{}/hosts"),
    named("ansible/inventories", "a: 1\nb: 2\n", "a: 1\n", "env-missing-variable", "{}/group_vars/web.yml"),
    tfvars("roots/a", 'cidr = "10.0.0.0/16"\ndays = 1\n', 'cidr = "10.1.0.0/16"\n', "env-missing-variable"),
    ((".github/workflows/z.yml", "", deployed("A: '${{ secrets.DB }}', B: '${{ secrets.MAIL }}'", "A: '${{ secrets.DB }}', B: x"), "env-missing-secret-key"),),
    ((".github/workflows/y.yml", "", deployed("A: b, RETURNS: '30'", "A: b"), "env-missing-variable"),),
    named("watch", alerts(DOWN, SLOW), alerts(DOWN), "env-missing-alert", "{}/rules.yaml"),
]  # fmt: skip
INTENDED_HERE = "intended: by its class"
SETTINGS_INTENDED: list[tuple[Edit, ...]] = [
    named("apps/a", "API_URL=https://a.b.org\nLOG_LEVEL=debug\n", "API_URL=https://c.b.org\n", INTENDED_HERE, ".env.{}"),
    named("apps/b", "DB_PASSWORD=kestrel-lantern-42\n", "DB_PASSWORD=walnut-orbit-77\n", INTENDED_HERE, ".env.{}"),
    named("apps/c", "STAGING_HOST=x\nE2E_TEST=1\n", "PRODUCTION_HOST=y\nWORKERS=8\n", INTENDED_HERE, "{}.env"),
    named("apps/d/config", '{"workers": 1, "log_level": "debug"}', '{"workers": 9, "cache": {"size": 2}}', INTENDED_HERE, "{}.json"),
    named("apps/f", service("    environment: {HOST: a}\n"), service("    environment: {HOST: b}\n    deploy: {replicas: 3}\n"), INTENDED_HERE, "compose.{}.yaml"),
    named("apps/g", service("  mailhog:\n    image: mailhog/mailhog:v1.0.1\n"), service(""), INTENDED_HERE, "compose.{}.yaml"),
    named("apps/i", service("").replace("1.2.0", "1.3.0"), service(""), INTENDED_HERE, "compose.{}.yaml"),
    chart("env: {A: c}\nresources: {limits: {cpu: 1}}\n", "replicas: 4\n", INTENDED_HERE),
    named("ansible/inventories", "[web]\nw1 ansible_host=10.0.0.1\n", "[web]\nw7 ansible_host=10.0.1.7\nw8\n", INTENDED_HERE, "{}/hosts"),
    tfvars("roots/a", 'cidr = "10.0.0.0/16"\ndays = 1\nsize = 1\n', 'cidr = "10.1.0.0/16"\ndays = 9\n', INTENDED_HERE),
    ((".github/workflows/z.yml", "", deployed("A: '${{ secrets.STAGING_DB }}', DEBUG_LEVEL: x", "A: '${{ secrets.PRODUCTION_DB }}'"), INTENDED_HERE),),
    named("watch", alerts(DOWN), alerts(DOWN.replace("0", "1") + ", for: 5m", SLOW), INTENDED_HERE, "{}/rules.yaml"),
]  # fmt: skip
DRIFTS: list[tuple[Edit, Edit]] = [
    beside(TF, block("aws_kms_key", "a", "enable_key_rotation = true"), block("aws_kms_key", "a"), "env-weaker-control"),
    beside(TF, block("aws_ebs_volume", "b", "encrypted = true"), block("aws_ebs_volume", "b", "encrypted = false"), "env-weaker-control"),
    beside(TF, block("aws_ecr_repository", "c", 'image_tag_mutability = "IMMUTABLE"'), block("aws_ecr_repository", "c", 'image_tag_mutability = "MUTABLE"'), "env-weaker-control"),
    beside(TF, block("aws_lb_listener", "d", 'protocol = "HTTPS"'), block("aws_lb_listener", "d", 'protocol = "HTTP"'), "env-weaker-control"),
    beside(TF, block("aws_db_instance", "e", "publicly_accessible = false"), block("aws_db_instance", "e", "publicly_accessible = true"), "env-weaker-control"),
    beside(TF, block("aws_db_instance", "f", "backup_retention_period = 14"), block("aws_db_instance", "f", "backup_retention_period = 7"), "env-weaker-database"),
    beside(TF, block("aws_db_instance", "g", 'engine_version = "16.6"'), block("aws_db_instance", "g", 'engine_version = "15.8"'), "env-version-skew"),
    beside(TF, block("aws_sqs_queue", "h"), "\n", "env-missing-resource"),
    beside(TF, block("aws_security_group", "i", 'ingress {', '  from_port = 22', '  to_port = 22', '  protocol = "tcp"', '  cidr_blocks = ["10.0.0.0/8"]', "}"), block("aws_security_group", "i", 'ingress {', '  from_port = 22', '  to_port = 22', '  protocol = "tcp"', '  cidr_blocks = ["0.0.0.0/0"]', "}"), "env-wider-access"),
    beside(TF, module("v1.6.0"), module("v1.4.0"), "env-module-skew"),
    beside(TF, '\nprovider "google" {\n  project = "shop-services"\n}\n', '\nprovider "google" {\n  project = "shop-services"\n}\n', "env-account-isolated"),
    beside(TF, "\n", block("aws_ssm_parameter", "j", 'value = "https://staging.shop.example/feed"'), "env-cross-reference"),
    beside(K8S, pod("l", WEB + "}]"), "", "env-missing-workload"),
    beside(K8S, "", pod("m", WEB + "}]"), "env-untested-workload"),
    beside(K8S, "---\n" + policy(name="n"), "", "env-missing-policy"),
    beside(K8S, rows("ConfigMap", "o", "data: {CURRENCY: EUR, VAT: '19'}"), rows("ConfigMap", "o", "data: {CURRENCY: EUR}"), "env-missing-variable"),
    beside(K8S, external("url token"), external("url"), "env-missing-secret-key"),
    beside(K8S, rows("Secret", "p", "type: Opaque"), "", "env-missing-secret-key"),
    beside(K8S, role("get"), role("get, delete"), "env-wider-access"),
    beside(K8S, rows("ConfigMap", "q", f"data: {{MAIL: '{KEY.format('555555555555')}'}}"), rows("ConfigMap", "q", f"data: {{MAIL: '{KEY.format('555555555555')}'}}"), "env-shared-secret-value"),
    beside(K8S, release("3.4.0"), release("3.2.0"), "env-module-skew"),
    beside(K8S, pod("r", "hostNetwork: false, " + WEB + "}]"), pod("r", "hostNetwork: true, " + WEB + "}]"), "env-weaker-control"),
    beside(K8S, pod("s", "automountServiceAccountToken: false, " + WEB + "}]"), pod("s", WEB + "}]"), "env-weaker-control"),
    beside(K8S, pod("t", WEB + ", securityContext: {readOnlyRootFilesystem: true}}]"), pod("t", WEB + "}]"), "env-weaker-container"),
    beside(K8S, pod("u", WEB + "}]"), pod("u", WEB.replace("1.2.0", "1.3.0") + "}]"), "env-prod-ahead"),
    beside(K8S, pod("v", WEB + "}]"), pod("v", WEB.replace("1.2.0", "latest") + "}]"), "env-image-scheme"),
    beside(K8S, pod("w", WEB + "}]"), pod("w", WEB + ", env: [{name: LOG_LEVEL, value: debug}]}]"), "env-debug-in-prod"),
]  # fmt: skip


def pair(kind: str, key: str, low: str, high: str, reason: str) -> tuple[Edit, Edit]:
    """A resource of Terraform with one argument that differs."""
    name = "z" + "".join(filter(str.isalnum, key + low))[:30]
    return beside(TF, block(kind, name, f"{key} = {low}"), block(kind, name, f"{key} = {high}"), f"intended: {reason}")


def data(name: str, key: str, low: str, high: str, reason: str) -> tuple[Edit, Edit]:
    """A ConfigMap with one entry that differs."""
    low, high = (rows("ConfigMap", name, f"data: {{{key}: '{value}'}}") for value in (low, high))
    return beside(K8S, low, high, f"intended: {reason}")


INTENDED: list[tuple[Edit, Edit]] = [
    pair("aws_instance", "instance_type", '"t3.micro"', '"m7i.large"', "size"),
    pair("aws_db_instance", "allocated_storage", "20", "200", "size"),
    pair("aws_autoscaling_group", "max_size", "2", "9", "size"),
    pair("aws_lambda_function", "memory_size", "128", "1024", "size"),
    pair("aws_ebs_volume", "iops", "3000", "9000", "size"),
    pair("aws_vpc", "cidr_block", '"10.77.0.0/16"', '"10.78.0.0/16"', "address"),
    pair("aws_ssm_parameter", "value", '"https://a.shop-staging.example"', '"https://a.shop.example"', "address"),
    pair("aws_subnet", "availability_zone", '"eu-central-1a"', '"eu-central-1b"', "address"),
    pair("aws_iam_instance_profile", "role", '"stage-runner"', '"runner"', "identity"),
    pair("aws_cloudtrail", "kms_key_id", '"arn:aws:kms:eu-central-1:999999999999:key/1"', '"arn:aws:kms:eu-central-1:333333333333:key/2"', "identity"),
    pair("aws_sns_topic", "name", '"shop-staging-a"', '"shop-production-a"', "naming"),
    pair("aws_sqs_queue", "tags", '{ Team = "lab" }', '{ Team = "shop" }', "naming"),
    pair("aws_db_instance", "multi_az", "false", "true", "stronger above"),
    pair("aws_rds_cluster", "backup_retention_period", "7", "35", "stronger above"),
    pair("aws_kms_key", "enable_key_rotation", "false", "true", "stronger above"),
    pair("aws_lb", "enable_deletion_protection", "false", "true", "stronger above"),
    pair("aws_cloudwatch_event_rule", "schedule_expression", '"rate(5 minutes)"', '"rate(1 minute)"', "schedule"),
    pair("aws_cloudwatch_metric_alarm", "threshold", "10", "5", "alert threshold"),
    pair("aws_cloudwatch_metric_alarm", "evaluation_periods", "5", "2", "alert threshold"),
    beside(TF, module("v1.5.0").replace("dns", "cdn"), module("v1.4.0").replace("dns", "cdn"), "intended: promotion window"),
    beside(K8S, pod("za", WEB.replace("1.2.0", "1.3.0") + "}]"), pod("za", WEB + "}]"), "intended: promotion window"),
    beside(K8S, rows("ResourceQuota", "zb", "spec: {hard: {pods: 10}}"), rows("ResourceQuota", "zb", "spec: {hard: {pods: 50}}"), "intended: size"),
    data("zc", "LOG_LEVEL", "debug", "info", "verbosity"),
    data("zd", "TRACE_SAMPLING_RATE", "1.0", "0.01", "verbosity"),
    data("ze", "VAULT_PATH", "kv/shop-a", "kv/shop-b", "secret source"),
    data("zf", "API_URL", "https://api.lab.example", "https://api.shop.example", "address"),
    data("zg", "BUCKET", "lab-pictures", "pictures", "identity"),
    data("zh", "CRON", "0 1 * * *", "0 3 * * *", "schedule"),
]  # fmt: skip


def edited(root: Path, edits: Sequence[tuple[Edit, ...]]) -> Path:
    """A copy of the shop with the edits made; what staging gets, dev gets too, so that only production differs."""
    build(root)
    for name in ("dev", "staging", "production"):
        overlay = root / OVERLAYS / name / "kustomization.yaml"
        text = overlay.read_text(encoding="utf-8").replace("  - ../../base\n", "  - ../../base\n  - more.yaml\n", 1)
        overlay.write_text(text, encoding="utf-8")
        (overlay.parent / "more.yaml").write_text(rows("ConfigMap", "more", "data: {A: b}"), encoding="utf-8")
    for path, old, new, _ in (edit for both in edits for edit in both):
        own = path.startswith(("infra/", "deploy/", "watch/"))
        for place in (path, path.replace("/staging/", "/dev/")) if own and "/staging/" in path else (path,):
            text = (root / place).read_text(encoding="utf-8") if (root / place).exists() else ""
            assert old in text
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    return root


def scanned(root: Path) -> Scan:
    pack = open_pack()
    options = {
        "paths": (str(root),), "root": str(root), "policy": None, "fail_on": None, "var_files": (), "variables": (),
        "rules": tuple(id for id in pack.ids if pack.source(id).startswith("parity/")), "frameworks": (),
        "isolated": False, "allow_empty": False, "as_of": AS_OF,
    }  # fmt: skip
    try:
        return run_scan(options, lambda name: None, {}, full=True)
    finally:
        gc.enable()


def told(found: Scan) -> list[str]:
    return sorted({f"{f.rule} {f.message} {f.place.path}" for f in found.report.findings if f.outcome == "fail"})


def test_every_planted_drift_is_found(tmp_path: Path) -> None:
    assert len(DRIFTS) >= 25
    drifts = [*DRIFTS, *SETTINGS_DRIFTS]
    found = told(scanned(edited(tmp_path / "shop", drifts)))
    wanted = [each[-1][3] for each in drifts]
    assert sorted(line.split()[0] for line in found) == sorted(wanted), "\n".join(found)


def test_no_intended_difference_is_reported(tmp_path: Path) -> None:
    assert len(INTENDED) >= 25
    assert {high[3].partition(": ")[0] for _, high in INTENDED} == {"intended"}
    assert told(scanned(edited(tmp_path / "shop", [*INTENDED, *SETTINGS_INTENDED]))) == []


@pytest.mark.parametrize("number", [0, 7, 13])
def test_a_drift_alone_is_told_alone(tmp_path: Path, number: int) -> None:
    found = told(scanned(edited(tmp_path / "shop", [DRIFTS[number]])))
    assert [line.split()[0] for line in found] == [DRIFTS[number][1][3]]
