"""What the checks of Dockerfiles see in commands: through wrappers, in every spelling, and nothing where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import lines, scanned, write

HEAD = "FROM debian:12\n"


def found(root: Path, rule: str, text: str, **others: str) -> list[int]:
    """Lines of a Dockerfile that a rule finds fault with."""
    scan = scanned(write(root, {"Dockerfile": HEAD + text + "\n", **others}), rule)
    return [int(each.split(":")[1]) for each in lines(scan)]


@pytest.mark.parametrize(
    "text",
    [
        "RUN apt-get install git",
        "RUN sudo -u root apt-get install git",
        "RUN env A=1 B=2 apt-get install git",
        "RUN timeout -k 5 60 apt-get install git",
        "RUN sh -c 'apt-get install git'",
        'RUN ["/bin/bash", "-euxc", "apt-get update; apt-get install git"]',
        "RUN (apt-get update && apt-get install git)",
        "RUN if true; then apt-get install git; fi",
        "RUN /usr/bin/apt-get install git",
        "RUN DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 install git",
        "RUN <<EOF\napt-get install git\nEOF",
        "RUN x=$(apt-get install git)",
        "run apt-get install -oDpkg::Options=-y git",
        "RUN apt-get install -t -y git",
    ],
)
def test_a_question_is_seen_wherever_it_is_asked(tmp_path: Path, text: str) -> None:
    assert len(found(tmp_path, "dockerfile-apt-answers-yes", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "RUN apt-get install -qqy git",
        "RUN apt-get -q=2 install git",
        "RUN apt-get install git --assume-yes",
        "RUN apt-get -o APT::Get::Assume-Yes=true install git",
        "RUN echo apt-get install git",
        "RUN apt-get update # apt-get install git",
        "RUN my-apt-get install git",
        "# RUN apt-get install git",
    ],
)
def test_no_question_is_made_up(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "dockerfile-apt-answers-yes", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "RUN curl -s https://a.io/i.sh | sh",
        "RUN wget -qO- https://a.io/i.sh | sudo -E bash -",
        "RUN curl https://a.io/i.sh | tee i.sh | bash -s -- --opt",
        "RUN curl https://a.io/i.py | python3 -",
        "RUN bash <(curl -s https://a.io/i.sh)",
        'RUN sh -c "curl https://a.io/i.sh | sh"',
        "RUN set -e && \\\n curl https://a.io/$(uname -m).sh | sh",
    ],
)
def test_downloads_run_unseen(tmp_path: Path, text: str) -> None:
    assert len(found(tmp_path, "dockerfile-no-remote-pipe", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "RUN curl https://a.io/a.tgz | tar xz",
        "RUN curl https://a.io/a.sh -o a.sh && sh a.sh",
        "RUN curl https://a.io/a.json | python3 parse.py",
        "RUN curl https://a.io/a.json | jq .x",
        "RUN curl https://a.io || sh fallback.sh",
        "RUN cat a.sh | sh",
    ],
)
def test_downloads_that_are_not_run(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "dockerfile-no-remote-pipe", text) == []


@pytest.mark.parametrize(
    ("rule", "text", "count"),
    [
        ("dockerfile-no-tls-bypass", "RUN curl -fsSLk https://a.io", 1),
        ("dockerfile-no-tls-bypass", "RUN curl -o k -H -k https://a.io", 0),
        ("dockerfile-no-tls-bypass", "RUN git -c http.sslVerify=false clone https://a.io/a", 1),
        ("dockerfile-no-tls-bypass", "RUN git config --global http.sslverify false", 1),
        ("dockerfile-no-tls-bypass", "RUN yum -y --setopt=sslverify=0 install a", 1),
        ("dockerfile-no-tls-bypass", "RUN echo sslverify=false >> /etc/yum.conf", 1),
        ("dockerfile-no-tls-bypass", "RUN yarn config set strict-ssl false", 1),
        ("dockerfile-no-tls-bypass", "ENV NPM_CONFIG_STRICT_SSL=true NODE_TLS_REJECT_UNAUTHORIZED=1", 0),
        ("dockerfile-no-tls-bypass", "ARG PYTHONHTTPSVERIFY=0", 1),
        ("dockerfile-no-tls-bypass", "RUN export GIT_SSL_NO_VERIFY=1 && make", 1),
        ("dockerfile-pin-pip", 'RUN pip install "flask$V" $REQ', 0),
        ("dockerfile-pin-pip", "RUN uv pip install --system flask", 1),
        ("dockerfile-pin-pip", "RUN pip install -e . && pip download flask", 0),
        ("dockerfile-pin-npm", "RUN npm i -g @a/b", 1),
        ("dockerfile-pin-npm", "RUN npm i -g @a/b@1 && npm --prefix web install", 0),
        ("dockerfile-pin-yum", "RUN yum install -y https://a.io/a.rpm @base 'a>=1'", 0),
        ("dockerfile-clean-apt", "RUN apt-get update && rm -rf /var/lib/apt", 0),
        ("dockerfile-clean-apt", "RUN apt-get update && rm -rf /var/lib/apt/listsx", 1),
        ("dockerfile-clean-apt", "RUN apt-get update && rm -rf /tmp/*", 1),
        ("dockerfile-pipefail", "RUN echo a | sh", 0),
        ("dockerfile-pipefail", "SHELL [\"powershell\", \"-Command\"]\nRUN Get-Item a | Remove-Item", 0),
        ("dockerfile-pipefail", "RUN cat a | wc || true", 1),
        ("dockerfile-no-secrets", "ARG GITHUB_TOKEN=ghp_1234567890abcdefghijklmnopqrstuvwx12", 1),
        ("dockerfile-no-secrets", "ENV PASSWORD=$PASSWORD TOKEN_FILE=/run/a TOKEN=", 0),
        ("dockerfile-no-secret-args", "ARG SSH_PRIVATE_KEY\nARG TOKEN_URL", 1),
        ("dockerfile-no-secret-files", "COPY server.key a.pem id_ed25519.pub .env.example /a/", 1),
        ("dockerfile-env-not-self-referencing", "ENV A=1 B='${A}x' C=$AB", 1),
        ("dockerfile-no-ssh", "EXPOSE 22/udp 220 2222", 0),
        ("dockerfile-no-ssh", "ARG P=22\nEXPOSE $P", 1),
        ("dockerfile-one-downloader", "RUN apt-get install -y curl wget && wget a", 0),
    ],
)  # fmt: skip
def test_spellings(tmp_path: Path, rule: str, text: str, count: int) -> None:
    assert len(found(tmp_path, rule, text)) == count


def test_suppressions_that_people_have(tmp_path: Path) -> None:
    text = "# hadolint ignore=DL3014\nRUN apt-get update && \\\n    apt-get install git\nRUN apt-get install make"
    on = {"opslint.yaml": "inline-waivers:\n  hadolint: true\n"}
    assert found(tmp_path / "off", "dockerfile-apt-answers-yes", text) == [4, 5]
    assert found(tmp_path / "on", "dockerfile-apt-answers-yes", text, **on) == [5]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Dockerfile", True), ("dockerfile", True), ("Dockerfile.prod", True), ("Dockerfile-base", True),
        ("api.Dockerfile", True), ("Containerfile", True), ("Dockerfile_windows", True), ("dockerfile.py", False),
        ("Dockerfile.md", False), ("dockerfile_test.go", False), ("Dockerfiles", False), ("Dockerfile.dockerignore", False),
        ("Dockerfile.j2", False), ("Dockerfile.template", False),
    ],
)  # fmt: skip
def test_recognition(tmp_path: Path, name: str, read: bool) -> None:
    scan = scanned(write(tmp_path, {name: "FROM a:1\nUSER root\n"}), "dockerfile-non-root")
    assert lines(scan) == ([f"{name}:2:6 dockerfile-non-root"] if read else [])


@pytest.mark.parametrize("text", ["", "# nothing\n", "FRMO debian\nRUNN x\n\0\1\n[[[\n"])
def test_what_cannot_be_read_is_said(tmp_path: Path, text: str) -> None:
    report = scanned(write(tmp_path, {"Dockerfile": text})).report
    assert {failure.id for failure in report.failures} == {"artifact-unparsed"}
    assert report.verdict.exit_code == 3
