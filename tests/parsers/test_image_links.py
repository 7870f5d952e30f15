"""Containers and the Dockerfiles of the repository that build their images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from linter.engine.estate import read_estate
from linter.model import Estate
from tests.support import write

FROM = "FROM alpine:3.20\n"
WORKFLOW = "on: push\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n"


def estate(root: Path, files: Mapping[str, str]) -> Estate:
    reading = read_estate(str(write(root, files)), {}, lambda _: None, {})
    assert reading.failures == []
    return reading.estate


def pods(*images: str) -> str:
    return "---\n".join(
        f'apiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}}}\nspec: {{containers: [{{name: c, image: "{image}"}}]}}\n'
        for n, image in enumerate(images)
    )


def built(found: Estate) -> dict[str, str]:
    """image → path of its Dockerfile."""
    return {
        container.body["image"]: link.target.address
        for container in found.kinds["kubernetes/container"]
        for link in found.outgoing.get(id(container), ())
        if link.name == "built_by"
    }


def skaffold(*artifacts: str) -> str:
    lines = "".join(f"  - {artifact}\n" for artifact in artifacts)
    return f"apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts:\n{lines}"


def test_skaffold_says_what_is_built_where(tmp_path: Path) -> None:
    files = {
        "skaffold.yaml": skaffold(
            "{image: web, context: src/web}", "{image: cart, context: src/cart, docker: {dockerfile: deploy/Dockerfile.x}}",
            "{image: gone, context: nowhere}", "{image: packed, context: src/web, buildpacks: {builder: x}}",
        ),
        "src/web/Dockerfile": FROM, "src/cart/deploy/Dockerfile.x": FROM,
        "k8s/pods.yaml": pods("web", "registry.example/shop/web:1", "cart@sha256:00", "gone", "packed", "library/web"),
    }  # fmt: skip
    found = estate(tmp_path, files)
    assert built(found) == {
        "web": "src/web/Dockerfile", "registry.example/shop/web:1": "src/web/Dockerfile",
        "cart@sha256:00": "src/cart/deploy/Dockerfile.x",
    }  # fmt: skip
    link = found.outgoing[id(found.kinds["kubernetes/container"][0])][0]
    assert link.span is not None
    source, start, end = link.span
    assert found.sources[source].text[start:end] == '"web"'


@pytest.mark.parametrize(
    "step",
    [
        "      - run: docker build -t $REGISTRY/shop/web:$TAG src/web\n",
        "      - run: |\n          cd src\n          docker buildx build --tag=registry.example/shop/web --push web\n",
        "      - {run: podman build -f Dockerfile -t shop/web:1 ., working-directory: src/web}\n",
        "      - uses: docker/build-push-action@v6\n        with: {context: src/web, tags: 'r.io/x,registry.example/shop/web:2'}\n",
        "      - uses: docker/build-push-action@v6\n        with: {file: src/web/Dockerfile, tags: '${{ env.R }}/shop/web'}\n",
    ],
)
def test_workflows_say_what_is_built_where(tmp_path: Path, step: str) -> None:
    image = "registry.example/shop/web:7"
    found = estate(
        tmp_path,
        {".github/workflows/b.yml": WORKFLOW + step, "src/web/Dockerfile": FROM, "k8s/pods.yaml": pods(image, "nginx")},
    )
    assert built(found) == {image: "src/web/Dockerfile"}


COMPOSE = """\
services:
  web: {build: ./web, image: "r.io/shop/front:${TAG}"}
  cart: {build: {context: cart, dockerfile: Dockerfile.x}, image: r.io/shop/basket}
  cache: {image: redis}
  mail: {build: ./mail}
"""


def test_compose_says_what_is_built_where(tmp_path: Path) -> None:
    files = {"compose.yaml": COMPOSE, "web/Dockerfile": FROM, "cart/Dockerfile.x": FROM, "mail/Dockerfile": FROM}
    images = ("r.io/shop/front:1", "r.io/shop/basket:2", "redis")
    assert built(estate(tmp_path, {**files, "k8s/pods.yaml": pods(*images)})) == {
        "r.io/shop/front:1": "web/Dockerfile", "r.io/shop/basket:2": "cart/Dockerfile.x",
    }  # fmt: skip


def test_two_builds_of_one_name_say_nothing(tmp_path: Path) -> None:
    artifacts = skaffold("{image: web, context: a}", "{image: web, context: b}")
    found = estate(
        tmp_path,
        {"skaffold.yaml": artifacts, "a/Dockerfile": FROM, "b/Dockerfile": FROM, "k8s/pods.yaml": pods("web")},
    )
    assert built(found) == {}


def test_folders_name_images_only_among_their_like(tmp_path: Path) -> None:
    """One prefix holds two images whose names are folders of this repository: it is ours."""
    ours = ("r.io/shop/web:1", "r.io/shop/cart:1", "r.io/shop/twice:1")
    others = ("redis", "bitnami/redis", "quay.io/x/web")
    files = {f"src/{name}/Dockerfile": FROM for name in ("web", "cart", "redis", "a/twice", "b/twice")}
    found = estate(tmp_path, {**files, "k8s/pods.yaml": pods(*ours, *others)})
    assert built(found) == {"r.io/shop/web:1": "src/web/Dockerfile", "r.io/shop/cart:1": "src/cart/Dockerfile"}


def test_folders_below_a_plain_one_and_files_that_are_named(tmp_path: Path) -> None:
    files = {
        "web/src/Dockerfile": FROM,
        "build/cart.Dockerfile": FROM,
        "build/Dockerfile.mail": FROM,
        "Dockerfile": FROM,
    }
    images = ("r.io/shop/web", "r.io/shop/cart", "r.io/shop/mail")
    assert built(estate(tmp_path, {**files, "k8s/pods.yaml": pods(*images)})) == {
        "r.io/shop/web": "web/src/Dockerfile", "r.io/shop/cart": "build/cart.Dockerfile",
        "r.io/shop/mail": "build/Dockerfile.mail",
    }  # fmt: skip


@pytest.mark.parametrize(
    "artifact", ["3", "{image: 3}", "{image: x, context: [1]}", "{image: x, docker: {dockerfile: 1}}"]
)
def test_artifacts_of_wrong_types(tmp_path: Path, artifact: str) -> None:
    found = estate(tmp_path, {"skaffold.yaml": skaffold(artifact), "web/Dockerfile": FROM, "k8s/pods.yaml": pods("x")})
    assert built(found) == {}


def test_skaffold_writes_the_tags_of_the_names_it_builds(tmp_path: Path) -> None:
    files = {
        "skaffold.yaml": skaffold("{image: web, context: src/web}", "{image: cart, context: src/cart}"),
        "k8s/pods.yaml": pods("web", "web:latest", "registry.example/web", "other"),
    }
    found = estate(tmp_path, files)
    tagged = [
        (container.body["image"], link.target.name)
        for container in found.kinds["kubernetes/container"]
        for link in found.outgoing.get(id(container), ())
        if link.name == "tagged_by"
    ]
    assert tagged == [("web", "web"), ("web:latest", "web")]
