"""Whether packages are published with the workflow's own identity instead of a stored token.

Registries: https://repos.openssf.org/trusted-publishers-for-all-package-repositories.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import action_of, as_map, failed, input_of, only_called, passed, scalar_place, trees
from linter.checks.pipelines.flow import flow_of
from linter.model import Estate, Map, Resource
from linter.parsers.pipelines.model import text
from linter.parsers.pipelines.roles import program_of, unwrap
from linter.parsers.pipelines.scalars import Scalar
from linter.trees import says

# Program → the words that publish to its public registry.
PUBLISHERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "twine": (("upload",),), "uv": (("publish",),), "hatch": (("publish",),), "pdm": (("publish",),),
    "npm": (("publish",), ("run", "publish")), "pnpm": (("publish",), ("run", "publish")),
    "yarn": (("publish",), ("npm", "publish"), ("run", "publish")), "bun": (("publish",), ("run", "publish")),
    "cargo": (("publish",),), "gem": (("push",),), "nuget": (("push",),), "dotnet": (("nuget", "push"),),
}  # fmt: skip
# Options that name another registry, which may know no trusted publishing.
_ELSEWHERE = (
    "--registry", "--repository-url", "--repository", "-r", "--publish-url", "--index", "--host", "--source", "-s",
    "--index-url",
)  # fmt: skip
_PUBLIC = ("pypi", "npmjs", "nuget", "rubygems", "crates")
"""Words in the addresses of the public registries that know trusted publishing; a private mirror has a host of its own."""


def trusted_publishing(estate: Estate) -> Iterator[Verdict]:
    """Publishing to PyPI, npm, Cargo's crates, RubyGems or NuGet in jobs without `id-token: write`, or with a password."""
    for tree in trees(estate, platform="github"):
        for step in tree.all_steps():
            action = action_of(step)
            if action in _ACTIONS:
                yield _action(step, *_ACTIONS[action])
            elif tree.top.kind == "pipeline/pipeline" and isinstance(step.body.get("run"), str):
                yield from _commands(estate, step)


# Action → (input whose presence means a stored token, input that names another registry).
_ACTIONS = {
    "pypa/gh-action-pypi-publish": ("password", "repository-url"),
    "rubygems/configure-rubygems-credentials": ("api-token", "gem-server"),
}


def _action(step: Resource, token: str, registry: str) -> Verdict:
    other = text(input_of(step, registry))
    if input_of(step, token) is None or (other and not _is_public(other)):
        return passed(step)
    inputs = as_map(step.body.get("with")) or Map(step.anchor)
    message = "The package is published with a stored token where the registry takes the workflow's identity"
    return failed(step, message, scalar_place(inputs, token, step.anchor))


def _is_public(address: str) -> bool:
    """Whether an address, or a registry's short name, is a public one: its host's last words, not a path on a mirror."""
    host = address.rpartition("://")[2].partition("/")[0]
    return any(label.removeprefix("test") in _PUBLIC for label in host.split(".")[-2:])


def _commands(estate: Estate, step: Resource) -> Iterator[Verdict]:
    publishing = [command for command in step.context["commands"] if _publishes(unwrap(command.words))]
    if not publishing:
        return
    if _identified(estate, step):
        yield passed(step)
        return
    scalar = Scalar(estate.sources[step.anchor[0]], step.body.at["run"], step.body["run"])
    for command in publishing:
        message = (
            f"`{program_of(unwrap(command.words))}` publishes with a stored token; let the registry trust the workflow"
        )
        yield failed(step, message, scalar.span(command.start, command.end), " ".join(command.words[:3]))


def _publishes(words: tuple[str, ...]) -> bool:
    ways = PUBLISHERS.get(program_of(words), ())
    plain = tuple(word for word in words[1:] if not word.startswith("-"))
    if not any(plain[: len(way)] == way for way in ways) or "--dry-run" in words:
        return False
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in _ELSEWHERE:
            value = value if equals else words[index + 1] if index + 1 < len(words) else ""
            if not _is_public(value):
                return False
    return True


def _identified(estate: Estate, step: Resource) -> bool:
    """Whether the job may ask for an identity token; left unset, the repository's default never includes it.

    A called workflow that sets nothing has what each of its callers hands on.
    """
    job = step.owner
    if job is None or "permissions" in job.body or not only_called(job.outermost):
        return job is not None and _may_identify(job)
    callers = flow_of(estate).callers.get(id(job.outermost), ())
    return bool(callers) and all(_may_identify(caller) for caller in callers)


def _may_identify(job: Resource) -> bool:
    permissions = job.body.get("permissions")
    scopes = as_map(permissions)
    return says(permissions, "write-all") or (scopes is not None and says(scopes.get("id-token"), "write"))
