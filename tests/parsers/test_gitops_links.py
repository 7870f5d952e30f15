"""What Argo CD and Flux deploy: links, paths that are missing, and environments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from linter.engine.estate import read_estate
from linter.estate.gitops_delivery import repository_key
from linter.estate.gitops_generators import Folders, filled, parameter_sets
from linter.model import Estate, Resource, Unknown
from linter.syntax.yaml import load
from tests.support import write

URL = "https://github.com/acme/shop.git"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: NAME}\n"
    "spec: {template: {spec: {containers: [{name: c, image: a}]}}}\n"
)


def estate(root: Path, files: Mapping[str, str]) -> Estate:
    reading = read_estate(str(write(root, files)), {}, lambda _: None, {})
    assert reading.failures == []
    return reading.estate


def workload(name: str) -> str:
    return DEPLOYMENT.replace("NAME", name)


def application(name: str, source: str, destination: str = "{namespace: shop}") -> str:
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\n"
        f"spec:\n  project: shop\n  destination: {destination}\n  source: {source}\n---\n"
    )


def kustomization(name: str, path: str, kind: str = "GitRepository", source: str = "flux-system") -> str:
    return (
        f"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec: {{interval: 1h, path: {path}, prune: true, sourceRef: {{kind: {kind}, name: {source}}}}}\n---\n"
    )


def deploys(found: Estate) -> set[tuple[str, str]]:
    return {
        (resource.name, link.target.address)
        for resource in found.resources
        for link in found.outgoing.get(id(resource), ())
        if link.name == "deploys"
    }


def said(found: Estate, name: str) -> list[tuple[str, str]]:
    """(relation, path or why it is unknown) of what the delivery objects of a name use."""
    return [
        (each.name, f"unknown {each.target.subject}" if isinstance(each.target, Unknown) else each.target)
        for resource in found.resources
        if resource.name == name
        for each in resource.references
    ]


def environment(found: Estate, address: str) -> list[str]:
    return [each.environment.name if each.environment else "" for each in found.resources if each.address == address]


def one(found: Estate, name: str) -> Resource:
    (resource,) = [each for each in found.resources if each.name == name and each.owner is None]
    return resource


def test_an_application_deploys_a_folder_or_what_is_below_it(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        {
            "argocd/apps.yaml": application("flat", f"{{repoURL: {URL}, path: k8s}}")
            + application("deep", f"{{repoURL: {URL}, path: ./k8s/, directory: {{recurse: true}}}}"),
            "k8s/web.yaml": workload("web"),
            "k8s/more/cart.yaml": workload("cart"),
        },
    )
    assert deploys(found) == {
        ("flat", "Deployment/default/web"), ("deep", "Deployment/default/web"), ("deep", "Deployment/default/cart"),
    }  # fmt: skip
    link = found.outgoing[id(one(found, "flat"))][0]
    assert link.span is not None
    assert link.path == "spec.source.path"
    assert found.sources[link.span[0]].text[link.span[1] : link.span[2]] == "k8s"


def test_paths_count_as_missing_only_in_this_repository(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        {
            "argocd/apps.yaml": application("here", f"{{repoURL: {URL}, path: k8s}}")
            + application("gone", "{repoURL: 'git@github.com:acme/shop', path: k9s}")
            + application("other", "{repoURL: 'https://github.com/acme/other', path: deploy}")
            + application("chart", "{repoURL: 'https://charts.example.com', chart: redis, targetRevision: 1.2.3}"),
            "k8s/web.yaml": workload("web"),
        },
    )
    assert said(found, "here") == [("deploys", "k8s")]
    assert said(found, "gone") == [("deploys", "")]
    assert said(found, "other") == [("deploys", "unknown deploy of github.com/acme/other")]
    assert said(found, "chart") == [("deploys", "unknown chart redis of https://charts.example.com")]
    assert deploys(found) == {("here", "Deployment/default/web")}


def test_value_files_lie_beside_the_chart_or_in_another_source(tmp_path: Path) -> None:
    sources = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\nspec:\n"
        "  destination: {namespace: shop}\n  sources:\n"
        f"    - {{repoURL: {URL}, path: charts/web, helm: {{valueFiles: [values-prod.yaml, ../../envs/gone.yaml]}}}}\n"
        "    - {repoURL: 'https://charts.example.com', chart: redis, helm: {valueFiles: [$mine/envs/prod.yaml, own.yaml]}}\n"
        f"    - {{repoURL: {URL}, ref: mine}}\n"
    )
    files = {"app.yaml": sources, "charts/web/Chart.yaml": "name: web\n", "charts/web/values-prod.yaml": "a: 1\n"}
    found = estate(tmp_path, {**files, "envs/prod.yaml": "a: 1\n"})
    assert said(found, "web") == [
        ("deploys", "charts/web"), ("reads", "charts/web/values-prod.yaml"), ("reads", ""),
        ("deploys", "unknown chart redis of https://charts.example.com"), ("reads", "envs/prod.yaml"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("destination", "name", "expected"),
    [
        ("{name: eu-prod, namespace: shop}", "web", "prod"),
        ("{server: 'https://staging.k8s.example.com', namespace: shop}", "web", "staging"),
        ("{server: 'https://kubernetes.default.svc', namespace: shop-qa}", "web-prod", "qa"),
        ("{namespace: shop}", "web-dev", "dev"),
        ("{namespace: test}", "web", ""),
    ],
)
def test_the_destination_says_the_environment(tmp_path: Path, destination: str, name: str, expected: str) -> None:
    files = {"apps/web.yaml": application(name, f"{{repoURL: {URL}, path: k8s}}", destination)}
    found = estate(tmp_path, {**files, "k8s/web.yaml": workload("cart")})
    assert environment(found, "Deployment/default/cart") == [expected]
    assert environment(found, "Deployment/default/cart:containers.c") == [expected]
    assert environment(found, f"Application/argocd/{name}") == [expected]


def test_what_two_environments_deploy_belongs_to_neither(tmp_path: Path) -> None:
    apps = [application(name, f"{{repoURL: {URL}, path: k8s}}") for name in ("web-prod", "web-staging")]
    found = estate(tmp_path, {"apps/all.yaml": "".join(apps), "k8s/web.yaml": workload("web")})
    assert environment(found, "Deployment/default/web") == [""]


def test_a_unit_deployed_in_part_keeps_together(tmp_path: Path) -> None:
    files = {"apps/web.yaml": application("web-prod", f"{{repoURL: {URL}, path: k8s/web}}")}
    shared = {
        "k8s/web/web.yaml": workload("web"),
        "k8s/shared/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n",
    }
    assert environment(estate(tmp_path, {**files, **shared}), "Deployment/default/web") == [""]


def test_an_app_of_apps_hands_its_environment_on(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        {
            "root.yaml": application("root", f"{{repoURL: {URL}, path: apps}}", "{name: production}"),
            "apps/web.yaml": application("web", f"{{repoURL: {URL}, path: k8s}}"),
            "k8s/kustomization.yaml": "resources: [web.yaml]\n",
            "k8s/web.yaml": workload("web"),
        },
    )
    assert deploys(found) == {("root", "Application/argocd/web"), ("web", "Deployment/default/web")}
    assert environment(found, "Deployment/default/web") == ["production"]


def test_an_overlay_is_what_its_kustomization_builds(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        {
            "clusters/production/apps.yaml": kustomization("apps", "./apps/production"),
            "clusters/staging/apps.yaml": kustomization("apps", "./apps/staging") + kustomization("gone", "./apps/qa"),
            "apps/base/kustomization.yaml": "resources: [web.yaml]\n",
            "apps/base/web.yaml": workload("web"),
            "apps/production/kustomization.yaml": "namespace: p\nresources: [../base]\n",
            "apps/staging/kustomization.yaml": "namespace: s\nresources: [../base]\n",
        },
    )
    assert deploys(found) == {("apps", "Deployment/p/web"), ("apps", "Deployment/s/web")}
    assert said(found, "gone") == [("deploys", "")]


def test_artifacts_of_generators_lead_to_what_they_copy(tmp_path: Path) -> None:
    generator = (
        "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\n"
        "metadata: {name: all, namespace: flux-system}\nspec:\n"
        "  sources: [{alias: mono, kind: GitRepository, name: flux-system}]\n  artifacts:\n"
        '    - {name: apps, copy: [{from: "@mono/apps/prod/**", to: "@artifact/here/"}]}\n'
    )
    apps = kustomization("web", "./here/web", "ExternalArtifact", "apps")
    lost = kustomization("lost", "./there", "ExternalArtifact", "apps")
    files = {"clusters/all.yaml": apps + lost + generator, "apps/prod/web/web.yaml": workload("web")}
    found = estate(tmp_path, files)
    assert deploys(found) == {("web", "Deployment/default/web")}
    assert said(found, "lost") == [("deploys", "unknown ExternalArtifact/flux-system/apps")]


def test_releases_name_where_their_chart_is(tmp_path: Path) -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: NAME, namespace: shop}\nspec:\n"
        "  chart: {spec: {chart: CHART, sourceRef: {kind: KIND, name: repo}, valuesFiles: [./charts/web/v.yaml]}}\n---\n"
    )
    repository = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: repo, namespace: shop}\n"
        "spec: {url: https://charts.example.com}\n"
    )
    ours = release.replace("NAME", "ours").replace("CHART", "./charts/web").replace("KIND", "GitRepository")
    theirs = release.replace("NAME", "theirs").replace("CHART", "redis").replace("KIND", "HelmRepository")
    found = estate(
        tmp_path,
        {"r.yaml": ours + theirs + repository, "charts/web/Chart.yaml": "name: web\n", "charts/web/v.yaml": "a: 1\n"},
    )
    assert said(found, "ours") == [("deploys", "charts/web"), ("reads", "charts/web/v.yaml")]
    assert said(found, "theirs") == [("deploys", "unknown chart redis of https://charts.example.com")]
    links = [link for link in found.outgoing[id(one(found, "theirs"))] if link.name == "references"]
    assert [(link.path, link.target.address) for link in links] == [
        ("spec.chart.spec.sourceRef", "HelmRepository/shop/repo")
    ]


def test_each_set_of_parameters_is_an_application(tmp_path: Path) -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\nspec:\n"
        "  generators:\n    - list: {elements: [{env: staging}, {env: prod}, {env: gone}]}\n  template:\n"
        "    metadata: {name: 'web-{{env}}'}\n    spec:\n      destination: {namespace: 'shop-{{ .env }}'}\n"
        f"      source: {{repoURL: {URL}, path: 'k8s/{{{{.env}}}}'}}\n"
    )
    files = {"set.yaml": text, "k8s/staging/a.yaml": workload("web"), "k8s/prod/a.yaml": workload("web")}
    found = estate(tmp_path, files)
    assert sorted(said(found, "all")) == [("deploys", ""), ("deploys", "k8s/prod"), ("deploys", "k8s/staging")]
    assert sorted(environment(found, "Deployment/default/web")) == ["prod", "staging"]


SETS = {
    "list: {elements: [{a: 1, values: {b: x}}]}": [{"a": "1", "values.b": "x"}],
    "clusters: {values: {r: main}}": [{"values.r": "main"}],
    "clusters: {}": [{}],
    "pullRequest: {github: {owner: acme}}": [{}],
    "matrix: {generators: [{list: {elements: [{a: x}, {a: y}]}}, {list: {elements: [{b: z}]}}]}": [
        {"a": "x", "b": "z"}, {"a": "y", "b": "z"},
    ],
    "merge: {mergeKeys: [a], generators: [{list: {elements: [{a: x, b: p}, {a: y}]}}, {list: {elements: [{a: x, b: q}]}}]}": [
        {"a": "x", "b": "q"}, {"a": "y"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("generator", SETS)
def test_parameters(generator: str) -> None:
    spec = load(0, f"generators: [{{{generator}}}]").documents[0].value
    assert parameter_sets(spec, Folders(frozenset())) == SETS[generator]


def test_folders_and_files_of_git_generators() -> None:
    paths = frozenset(
        ("apps/", "apps/web/", "apps/web/x.yaml", "apps/web/in/", "apps/cart/", "apps/cart/config.json", "b/")
    )
    text = "generators: [{git: {repoURL: u, KEY}}]"
    spec = (
        load(0, text.replace("KEY", "directories: [{path: apps/*}, {path: apps/cart, exclude: true}]"))
        .documents[0]
        .value
    )
    (found,) = parameter_sets(spec, Folders(paths))
    assert {key: found[key] for key in ("path", "path.path", "path.basename", "path[0]", "index .path.segments 1")} == {
        "path": "apps/web", "path.path": "apps/web", "path.basename": "web", "path[0]": "apps", "index .path.segments 1": "web",
    }  # fmt: skip
    spec = load(0, text.replace("KEY", "files: [{path: '**/config.json'}], pathParamPrefix: my")).documents[0].value
    (found,) = parameter_sets(spec, Folders(paths))
    assert found["my.path.basename"] == "cart"
    assert "path" not in found


def test_parameters_are_filled_in_or_unknown() -> None:
    assert filled("a-{{ x }}/{{.y}}", {"x": "1", "y": "2"}) == "a-1/2"
    assert filled("a-{{ z }}", {"x": "1"}) is None
    assert filled("a-{{ x", {"x": "1"}) is None
    assert filled("a-{{ z }}", None) == "a-{{ z }}"
    assert filled(3, {}) == 3


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop",
        "ssh://git@github.com/acme/shop.git",
        "git@github.com:Acme/shop.git",
        "https://u:p@github.com/acme/shop/",
    ],
)
def test_one_repository_has_many_urls(url: str) -> None:
    assert repository_key(url) == "github.com/acme/shop"
