"""What certainly needs neither the token that a checkout leaves behind nor any right to write to the repository.

Both tables are short on purpose: what is not in them may do anything, and a fix that rests on it is not called safe.
"""

from __future__ import annotations

from linter.model import Map, Resource
from linter.trees import as_map, says

_ACTIONS = frozenset(
    """actions/checkout actions/cache actions/cache/restore actions/cache/save actions/upload-artifact
    actions/download-artifact actions/setup-node actions/setup-python actions/setup-go actions/setup-java
    actions/setup-dotnet actions/setup-ruby ruby/setup-ruby dtolnay/rust-toolchain swatinem/rust-cache
    pnpm/action-setup oven-sh/setup-bun denoland/setup-deno astral-sh/setup-uv gradle/actions/setup-gradle
    docker/setup-buildx-action docker/setup-qemu-action docker/login-action hashicorp/setup-terraform
    azure/setup-helm azure/setup-kubectl aws-actions/configure-aws-credentials google-github-actions/auth azure/login
    sigstore/cosign-installer codecov/codecov-action""".split()  # noqa: SIM905
)
"""Actions that set up tools, log in elsewhere, or move files between jobs."""
_PROGRAMS = frozenset(
    """echo printf true false : test [ [[ ]] cd pwd ls cat mkdir rm cp mv ln touch chmod export set unset read shift
    head tail grep cut sort uniq wc tr tee date sleep exit env which type command sha256sum md5sum tar unzip zip gzip
    find diff cmp basename dirname pip pip3 pytest ruff mypy flake8 black isort pylint coverage tox go gofmt
    golangci-lint staticcheck cargo rustc rustup javac java node tsc eslint prettier jest mocha vitest shellcheck
    hadolint yamllint actionlint tflint trivy checkov semgrep kubectl helm kustomize docker curl wget jq
    yq apt-get apt apk sudo brew""".split()  # noqa: SIM905
)
"""Programs that build, test, read and move files, of which nobody expects that they write to the repository."""
_WRAPPERS = frozenset(("sudo", "env", "command", "find", "docker", "node", "java", "go", "cargo", "tox"))
"""Of those, the ones that start what their arguments name."""
_MODULES = frozenset(("pytest", "pip", "mypy", "ruff", "venv", "unittest", "coverage", "black", "flake8", "compileall"))
_SCRIPTS = {"npm": ("ci", "install", "i"), "yarn": ("install",), "pnpm": ("install", "i"), "cargo": ("build", "test",
    "check", "clippy", "fmt"), "go": ("build", "test", "vet", "mod", "install"), "docker": ("build", "login", "pull",
    "push", "tag"), "terraform": ("fmt", "validate")}  # fmt: skip
"""Subcommands of programs that can do more."""
_GIT_LOCAL = frozenset(
    ("config", "diff", "log", "status", "rev-parse", "describe", "show", "ls-files", "add", "commit")
)


def harmless_action(step: Resource) -> bool:
    """Whether the step's action is one of those that leave the repository alone; true of steps without one."""
    uses = step.body.get("uses")
    return not isinstance(uses, Map) or str(uses["name"]) in _ACTIONS


def harmless_commands(step: Resource) -> bool:
    """Whether every command of the step's script leaves the repository alone."""
    if not isinstance(step.body.get("run"), str):
        return True
    return all(_harmless(command.words) for command in step.context["commands"])


def _harmless(words: tuple[str, ...]) -> bool:
    if not words:
        return True
    if "$" in words[0] or "/" in words[0]:
        return False
    program, rest = words[0], words[1:]
    if program == "git":
        return bool(rest) and rest[0] in _GIT_LOCAL
    if program in ("python", "python3"):
        return len(rest) > 1 and rest[0] == "-m" and rest[1] in _MODULES
    if program in _SCRIPTS:
        return bool(rest) and rest[0] in _SCRIPTS[program]
    if program in ("sudo", "env", "command"):
        return _harmless(rest)
    return program in _PROGRAMS and program not in _WRAPPERS


def reaches_remote(step: Resource) -> bool:
    """Whether a command of the step visibly speaks with the repository's remote."""
    run = step.body.get("run")
    if not isinstance(run, str):
        return False
    words = ("git push", "git fetch", "git pull", "git submodule", "git lfs", "git ls-remote", "git remote", "gh ")
    return any(each in run for each in words)


def may_write(job: Resource) -> bool:
    """Whether the job's token may write to the repository as far as the workflow says."""
    permissions = job.body.get("permissions")
    if isinstance(permissions, Map):
        contents = permissions.get("contents")
        return contents is not None and not says(contents, "read", "none")
    return not says(permissions, "read-all")


def names_token(step: Resource) -> bool:
    """Whether anything of the step reads the job's token or a secret."""
    return any(
        context in ("github.token", "secrets", "github") or context.startswith("secrets.") or "[]" in context
        for found in step.body.get("expressions", ())
        for context in found["contexts"]
    )


def keeps_credentials(step: Resource) -> bool:
    """Whether the step is a checkout that leaves the token behind."""
    uses = step.body.get("uses")
    if not isinstance(uses, Map) or uses["name"] != "actions/checkout":
        return False
    return str(as_map(step.body.get("with")).get("persist-credentials", True)).lower() != "false"
