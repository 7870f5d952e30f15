"""From one artifact to another: both sides there, one wrong, one not in the tree, and what cannot be told."""

from __future__ import annotations

import pytest

from linter.checks.cross.images import _template
from linter.discovery.flags import is_flags
from linter.engine.proof import scan_files
from linter.rules import open_pack

PACK = open_pack()


def said(rule: str, files: dict[str, str]) -> list[str]:
    """`outcome text` of every judgement, the text being what its place covers."""
    done = scan_files(files, PACK, rule)
    assert done.report.failures == ()
    sources = done.estate.sources
    return [f"{each.outcome} {sources[each.span[0]].text[each.span[1] : each.span[2]]}" for each in done.judgements]


def outcomes(rule: str, files: dict[str, str]) -> list[str]:
    return [each.partition(" ")[0] for each in said(rule, files)]


def deployment(*images: str) -> str:
    containers = "".join(f"      - {{name: c{index}, image: '{image}'}}\n" for index, image in enumerate(images))
    head = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  template:\n    spec:\n"
    )
    return f"{head}      containers:\n{containers}"


def pipeline(*commands: str) -> str:
    lines = "".join(f"    - {command}\n" for command in commands)
    return f"release:\n  script:\n{lines}"


WEB = {"web/Dockerfile": "FROM scratch\n", "deploy/web.yaml": deployment("registry.example/shop/web:1")}
BUILD = "docker build -t registry.example/shop/web:1 web"


@pytest.mark.parametrize(
    ("commands", "outcome"),
    [
        ((BUILD, "docker push registry.example/shop/web:1"), ["fail"]),
        ((BUILD, "trivy image registry.example/shop/web:1", "docker push registry.example/shop/web:1"), ["pass"]),
        ((BUILD, "grype registry.example/shop/web:1"), ["pass"]),
        ((BUILD, "trivy config ."), ["fail"]),
        ((BUILD, "kubectl apply -f deploy", "trivy image registry.example/shop/web:1"), ["fail"]),
        (("echo",), []),
    ],
)
def test_images_are_scanned_before_they_are_deployed(commands: tuple[str, ...], outcome: list[str]) -> None:
    assert outcomes("deployed-image-scanned", {".gitlab-ci.yml": pipeline(*commands), **WEB}) == outcome


def test_images_of_others_are_not_ours_to_scan() -> None:
    files = {".gitlab-ci.yml": pipeline(BUILD), "web/Dockerfile": "FROM scratch\n", "a.yaml": deployment("redis:7")}
    assert outcomes("deployed-image-scanned", files) == []


def test_a_script_may_build_the_image() -> None:
    two = deployment("registry.example/shop/web:1", "registry.example/shop/cart:1")
    files = {"web/Dockerfile": "FROM scratch\n", "cart/Dockerfile": "FROM scratch\n", "a.yaml": two}
    assert outcomes("deployed-image-built", {**files, ".gitlab-ci.yml": pipeline(BUILD)}) == ["fail", "pass"]
    script = pipeline(BUILD, "./build-the-rest.sh")
    assert outcomes("deployed-image-built", {**files, ".gitlab-ci.yml": script}) == ["unknown", "pass"]
    assert outcomes("deployed-image-built", {**files, ".gitlab-ci.yml": pipeline("make images")}) == []


@pytest.mark.parametrize(
    ("folder", "context", "file", "path", "same"),
    [
        ("", "services/${{ matrix.service }}", None, "services/web/Dockerfile", True),
        ("", "services/${{ matrix.service }}", None, "services/a/b/Dockerfile", False),
        ("", "services/$NAME", None, "services/web/Dockerfile", True),
        ("web", ".", None, "web/Dockerfile", True),
        ("", ".", "docker/web.Dockerfile", "docker/web.Dockerfile", True),
        ("", "$CI_PROJECT_DIR/web", None, "web/Dockerfile", True),
    ],
)
def test_paths_of_dockerfiles(folder: str, context: str, file: str | None, path: str, same: bool) -> None:
    assert any(each.fullmatch(path) for each in _template("", folder, context, file)) is same


def test_a_context_that_is_a_variable_is_no_folder() -> None:
    assert list(_template("", "", "$CONTEXT", None)) == []


def flagd(facts: str) -> dict[str, str]:
    return {"f.json": '{"flags":{"a":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"' + facts + "}}}"}


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ("", "fail"),
        (',"metadata":{"owner":"shop"}', "fail"),
        (',"metadata":{"owner":"","expires":"2026-02-01"}', "fail"),
        (',"metadata":{"owner":"shop","expires":"2026-02-01"}', "pass"),
        (',"metadata":{"team":"shop","type":"kill-switch"}', "pass"),
        (',"metadata":{"team":"shop","permanent":true}', "pass"),
        (',"metadata":{"team":"shop","permanent":false}', "fail"),
    ],
)
def test_flags_say_whose_they_are(facts: str, outcome: str) -> None:
    assert outcomes("flag-owned-and-ending", flagd(facts)) == [outcome]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [("2026-01-15", "pass"), ("2026-01-14", "fail"), ("2026-03-01T00:00:00Z", "pass"), ("Q3", "fail")],
)
def test_flags_end_on_their_day(end: str, outcome: str) -> None:
    assert outcomes("flag-not-expired", flagd(f',"metadata":{{"removal_date":"{end}"}}')) == [outcome]


def test_a_permanent_flag_of_launchdarkly_needs_no_end() -> None:
    text = 'variable "t" {}\nresource "launchdarkly_feature_flag" "a" {\n  maintainer_id = "x"\n  temporary = T\n}\n'
    for temporary, outcome in (("false", "pass"), ("true", "fail"), ("var.t", "unknown")):
        assert outcomes("flag-owned-and-ending", {"a.tf": text.replace("= T", f"= {temporary}")}) == [outcome]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"flags":{"a":{"variants":{},"defaultVariant":"on"}}}', True),
        (b"flags:\n  a:\n    variants: {}\n    defaultVariant: on\n", True),
        (b"a:\n  variations: {}\n  defaultRule: {variation: x}\n", True),
        (b"apiVersion: v1\nflags:\n  a:\n    variants: {}\n    defaultVariant: on\n", False),
        (b'{"flags": ["-x"], "note": "defaultVariant"}', False),
    ],
)
def test_what_a_file_of_flags_is(text: bytes, found: bool) -> None:
    assert is_flags(text) is found


SECRET = 'resource "github_actions_secret" "a" {\n  repository = "shop"\n  secret_name = NAME\n}\nvariable "n" {}\n'


def workflow(*secrets: str, called: str = "") -> dict[str, str]:
    used = "".join(f"          S{index}: ${{{{ secrets.{name} }}}}\n" for index, name in enumerate(secrets))
    on = f"on:\n  workflow_call:\n    secrets:\n      {called}: {{required: true}}\n" if called else "on: push\n"
    job = "jobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n        env:\n"
    return {".github/workflows/a.yml": f"name: a\n{on}{job}{used}"}


def test_secrets_of_workflows_are_declared() -> None:
    rule, two = "pipeline-secret-defined", workflow("A", "B")
    assert outcomes(rule, {**two, "a.tf": SECRET.replace("NAME", '"A"')}) == ["pass", "fail"]
    assert outcomes(rule, {**two, "a.tf": SECRET.replace("NAME", '"C"')}) == []
    assert outcomes(rule, two) == []
    twice = SECRET.replace("NAME", '"A"') + SECRET.replace("NAME", "var.n").replace('"a"', '"b"').replace('"n"', '"m"')
    assert outcomes(rule, {**two, "a.tf": twice}) == ["pass", "unknown"]
    given = workflow("A", "B", called="B")
    assert outcomes(rule, {**given, "a.tf": SECRET.replace("NAME", '"A"')}) == ["pass"]


def node_port(port: str) -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{type: NodePort, ports: [{{port: 80{port}}}]}}\n"


@pytest.mark.parametrize(
    ("target", "services", "outcome"),
    [
        ("30080", [", nodePort: 30080"], ["pass"]),
        ("30080", [", nodePort: 30081"], ["fail"]),
        ("30080", [", nodePort: 30081", ""], ["unknown"]),
        ("30080", [""], []),
        ("443", [", nodePort: 30081"], []),
        ("30080", [], []),
    ],
)
def test_target_groups_lead_to_node_ports(target: str, services: list[str], outcome: list[str]) -> None:
    group = {"a.tf": f'resource "aws_lb_target_group" "a" {{\n  port = {target}\n}}\n'}
    files = {f"{index}.yaml": node_port(port) for index, port in enumerate(services)}
    assert outcomes("lb-to-target-port", {**group, **files}) == outcome


def scaled(most: str, quota: str, namespace: str = "shop") -> dict[str, str]:
    pods = "resources: {requests: {cpu: 500m}, limits: {memory: 1Gi}}"
    return {
        "a.yaml": "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n"
        f"spec: {{maxReplicas: {most}, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}}}\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
        f"spec: {{template: {{spec: {{containers: [{{name: web, {pods}}}]}}}}}}\n---\n"
        f"apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: q, namespace: {namespace}}}\nspec: {{{quota}}}\n"
    }


@pytest.mark.parametrize(
    ("most", "quota", "outcome"),
    [
        ("8", 'hard: {requests.cpu: "4"}', ["pass"]),
        ("9", 'hard: {requests.cpu: "4"}', ["fail"]),
        ("9", "hard: {cpu: 4500m}", ["pass"]),
        ("5", "hard: {memory: 4Gi}", ["fail"]),
        ("5", 'hard: {pods: "4"}', ["fail"]),
        ("5", 'hard: {limits.cpu: "1"}', []),
        ("5", 'hard: {pods: "4"}, scopes: [BestEffort]', []),
    ],
)
def test_autoscalers_fit_quotas(most: str, quota: str, outcome: list[str]) -> None:
    assert outcomes("autoscaler-fits-quota", scaled(most, quota)) == outcome


def test_a_quota_of_another_namespace_is_not_asked() -> None:
    assert outcomes("autoscaler-fits-quota", scaled("5", 'hard: {pods: "4"}', "other")) == []


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("", ["fail"]),
        ("count = 1", ["fail"]),
        ("count = 2", ["pass"]),
        ("count = var.n", ["unknown"]),
        ('for_each = toset(["a", "b"])', ["pass"]),
    ],
)
def test_instances_of_a_cluster(how: str, outcome: list[str]) -> None:
    text = (
        'variable "n" {}\nresource "aws_docdb_cluster" "a" {}\n'
        f'resource "aws_docdb_cluster_instance" "a" {{\n  {how}\n  cluster_identifier = aws_docdb_cluster.a.id\n}}\n'
    )
    assert outcomes("database-cluster-has-standby", {"a.tf": text}) == outcome


def test_a_cluster_without_instances_here_is_not_judged() -> None:
    assert outcomes("database-cluster-has-standby", {"a.tf": 'resource "aws_rds_cluster" "a" {}\n'}) == []


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("https://grafana.example/d/shop/x", ["pass"]),
        ("https://grafana.example/grafana/d/shop", ["pass"]),
        ("https://grafana.example/d/gone", ["unknown"]),
        ("https://docs.example/document/d/gone", []),
        ("https://grafana.example/d/shop) [b](https://grafana.example/d/gone?x=1", ["pass", "fail"]),
    ],
)
def test_dashboards_that_pages_lead_to(address: str, outcome: list[str]) -> None:
    board = '{"title": "Shop", "uid": "shop", "schemaVersion": 39, "panels": []}'
    assert outcomes("runbook-dashboard-exists", {"d/a.json": board, "a.md": f"# A\n[a]({address})\n"}) == outcome
    assert outcomes("runbook-dashboard-exists", {"a.md": f"# A\n[a]({address})\n"}) == []


UNKNOWNS = {
    "a.tf": """variable "v" {}
resource "aws_rds_cluster" "a" {
  engine_mode = var.v
}
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([{ name = var.v, portMappings = [{ containerPort = var.v }] }])
}
resource "aws_ecs_service" "s" {
  task_definition = aws_ecs_task_definition.t.arn
  load_balancer {
    container_name = var.v
    container_port = var.v
  }
}
resource "aws_lb_target_group" "g" {
  port = var.v
}
resource "launchdarkly_feature_flag" "f" {
  maintainer_id = var.v
  temporary     = var.v
}
module "vpc" {
  source             = "terraform-aws-modules/vpc/aws"
  enable_nat_gateway = var.v
  single_nat_gateway = var.v
}
resource "aws_route53_zone" "z" {
  name = var.v
}
resource "github_actions_secret" "s" {
  secret_name = var.v
}
resource "kubernetes_service_v1" "s" {
  metadata {
    name      = var.v
    namespace = var.v
  }
  spec {
    type     = var.v
    selector = var.v
  }
}
resource "kubernetes_resource_quota" "q" {
  metadata {
    name      = var.v
    namespace = var.v
  }
  spec {
    hard   = var.v
    scopes = var.v
  }
}
""",
    "runbooks/a.md": "# A\n```sh\ncurl http://web.shop.svc https://a.example.com\n```\n",
}


@pytest.mark.parametrize("rule", sorted(id for id in PACK.ids if PACK.source(id).startswith(("cross/", "documents/"))))
def test_what_is_unknown_breaks_no_check(rule: str) -> None:
    assert "fail" not in outcomes(rule, {**UNKNOWNS, **WEB}) or rule in ASKING


ASKING = {
    "branch-protection-as-code", "runbook-escalation", "runbook-last-reviewed", "runbook-owner",
    "runbook-verification-step", "datastore-has-restore-runbook", "restore-test-scheduled",
}  # fmt: skip
"""Rules of which the documents of the example lack something, whatever the rest is."""


WORKFLOW = {".github/workflows/ci.yml": "on: push\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: make test}]}}\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".github/settings.yml": "repository: {name: shop}\n"}, "fail"),
        ({".github/settings.yml": "branches: [{name: main, protection: null}]\n"}, "fail"),
        ({"docs/settings.yml": "branches: [{name: main}]\n"}, "fail"),
        ({".github/rulesets/main.json": "{}\n"}, "unknown"),
        ({"main.tf": 'variable "n" {}\nresource "github_branch_protection" "main" {\n  pattern = "main"\n'
          "  required_pull_request_reviews {\n    required_approving_review_count = var.n\n  }\n"
          '  required_status_checks {\n    contexts = ["test"]\n  }\n}\n'}, "unknown"),
        ({"main.tf": 'resource "github_branch_protection" "main" {\n  pattern = "main"\n'
          '  required_status_checks {\n    contexts = ["test"]\n  }\n}\n',
          "more.tf": 'resource "github_repository_ruleset" "main" {\n  target = "branch"\n  enforcement = "active"\n'
          "  rules {\n    pull_request {\n      required_approving_review_count = 2\n    }\n  }\n}\n"}, "pass"),
        ({"main.tf": 'resource "gitlab_branch_protection" "main" {\n  branch = "main"\n}\n'
          'resource "gitlab_project_approval_rule" "all" {\n  approvals_required = 1\n}\n'
          'resource "gitlab_project" "shop" {\n  only_allow_merge_if_pipeline_succeeds = true\n}\n'}, "pass"),
        ({"main.tf": 'resource "bitbucket_branch_restriction" "one" {\n  kind = "require_approvals_to_merge"\n  value = 1\n}\n'
          'resource "bitbucket_branch_restriction" "two" {\n  kind = "push"\n}\n'}, "fail"),
    ],
)  # fmt: skip
def test_protection_asks_for_an_approval_and_checks(files: dict[str, str], expected: str) -> None:
    assert set(outcomes("branch-protection-as-code", {**WORKFLOW, **files})) == {expected}
