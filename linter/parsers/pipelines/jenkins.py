"""Jenkinsfiles as the common model: declarative in full, scripted as far as its steps can be read without running it.

Encodes https://www.jenkins.io/doc/book/pipeline/syntax/. Each stage with steps is a job; what encloses it is its stage.
Steps of a scripted pipeline outside of every stage make a job of their own, and so does a method that nothing calls.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Artifact, Map, Resource, Seq, Unknown, Workspace
from linter.parsers.pipelines.github_forms import gather
from linter.parsers.pipelines.jenkins_declarative import Declarative
from linter.parsers.pipelines.jenkins_facts import facts
from linter.parsers.pipelines.jenkins_forms import trigger
from linter.parsers.pipelines.jenkins_libraries import libraries
from linter.parsers.pipelines.jenkins_parts import File
from linter.parsers.pipelines.jenkins_scripted import Scripted
from linter.parsers.pipelines.jenkins_values import MAX_ITEMS, Code
from linter.parsers.pipelines.model import texts
from linter.syntax.groovy import Parsed
from linter.syntax.groovy_tree import Node, called, dotted, walk
from linter.trees import put

_MOST_TOLD = 20


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every Jenkinsfile of the tree."""
    for artifact in workspace.of_format("jenkins"):
        workspace.progress(artifact.path)
        parsed = artifact.tree
        if isinstance(parsed, Parsed) and (parsed.statements or parsed.problems):
            yield from _read(workspace, artifact, parsed)


def _read(workspace: Workspace, artifact: Artifact, parsed: Parsed) -> Iterator[Resource]:
    code = Code(artifact.source.index, parsed.text)
    body = Map((code.source, 0, len(parsed.text)))
    first = _first(parsed.statements)
    span = (code.source, first[1], _end_of_name(first)) if first is not None else (code.source, 0, 0)
    at = (span[0], span[1], span[1], span[1], span[2])
    put(body, "platform", "jenkins", at)
    file = File(workspace, artifact.path, code, body, span)
    _names(file, parsed.statements)
    scripted = Scripted(file)
    scripted.declarative = Declarative(file).pipeline
    scripted.read(parsed.statements)
    libraries(file, parsed.statements)
    facts(file, parsed.statements)
    put(body, "names", texts(sorted(file.variables)[:MAX_ITEMS], at), at)
    if file.includes:
        put(body, "includes", file.includes, file.includes.at[0])
    _triggers(file, parsed)
    _content(file, at)
    file.finish()
    gather(body, [job.resource.body for job in file.jobs], at)
    put(body, "expressions", Seq((code.source, span[1], span[1])), at)
    yield file.pipeline
    for job in file.jobs:
        yield job.resource
        yield from job.steps


def _first(statements: tuple[Node, ...]) -> Node | None:
    """What a person would point at: the `pipeline` block, else the first statement that does something."""
    for node in statements:
        if node[0] == "call" and called(node) == "pipeline":
            return node
    doing = (node for node in statements if node[0] not in ("annotation", "import", "def", "method", "name"))
    return next(doing, statements[0] if statements else None)


def _end_of_name(node: Node) -> int:
    end: int = node[3][2] if node[0] == "call" else node[2]
    return end


def _names(file: File, statements: tuple[Node, ...]) -> None:
    """The names that are the file's own: its methods, variables and parameters."""
    for statement in statements:
        for node in walk(statement):
            if node[0] == "method":
                file.methods.setdefault(node[3], node)
                file.variables.update(dict.fromkeys(node[4], ""))
            elif node[0] == "closure":
                file.variables.update(dict.fromkeys(node[3], ""))
            elif node[0] == "def":
                file.variables.update(dict.fromkeys(node[3], _origin(node[4])))
            elif node[0] == "assign" and node[4][0] == "name":
                file.variables[node[4][3]] = _origin(node[5])


def _origin(value: Node | None) -> str:
    """`docker` for what docker.build and docker.image give."""
    return "docker" if value is not None and called(value) in ("docker.build", "docker.image") else ""


_BRANCHES = frozenset(("BRANCH_NAME", "CHANGE_ID", "CHANGE_TARGET", "CHANGE_BRANCH", "TAG_NAME", "BRANCH_IS_PRIMARY"))
_CONDITIONS = frozenset(("branch", "changeRequest", "buildingTag", "tag"))


def _triggers(file: File, parsed: Parsed) -> None:
    """What starts the pipeline: what it says, and the changes of the branch that holds it.

    Put into a multibranch project, a Jenkinsfile runs for every branch and every proposed change. Whether it is, only its
    use of what such projects alone give tells (`branched`).
    """
    body = file.pipeline.body
    found = body.get("triggers")
    if not isinstance(found, Seq):
        found = Seq(file.pipeline.anchor)
        put(body, "triggers", found, (*file.pipeline.anchor[:2], *file.pipeline.anchor[1:2], *file.pipeline.anchor[1:]))
    causes = {each["cause"] for each in found}
    for cause, event in (("push", "branch"), ("review", "change_request"), ("manual", "build")):
        if cause not in causes:
            trigger(found, event, cause, file.pipeline.anchor, implied=True)
    put(body, "branched", _branched(parsed), body.at["platform"])


def _branched(parsed: Parsed) -> bool:
    if not any(word in parsed.text for word in _BRANCHES | _CONDITIONS):
        return False
    return any(_tells(node) for statement in parsed.statements for node in walk(statement))


def _tells(node: Node) -> bool:
    """Whether a node uses what only a multibranch project gives."""
    if node[0] == "call":
        block = node[4][-1][4] if called(node) == "when" and node[4] else None
        return block is not None and any(each[0] == "call" and called(each) in _CONDITIONS for each in walk(block))
    if node[0] in ("name", "prop"):
        return dotted(node).removeprefix("env.") in _BRANCHES
    return node[0] == "lit" and isinstance(node[3], str) and any(f"${name}" in node[3] for name in _BRANCHES)


def _content(file: File, at: tuple[int, int, int, int, int]) -> None:
    """A file whose jobs all are one call of a library says nothing of what runs."""
    steps = [step for job in file.jobs for step in job.steps]
    if len(steps) == 1 and "uses" in steps[0].body and not any(job.resource.body.get("stage") for job in file.jobs):
        name = str(steps[0].body["uses"]["name"])
        if name not in _KNOWN and _own_stage(file):
            unknown = Unknown("remote-source", name, "scan the shared library that defines it")
            put(file.pipeline.body, "content", unknown, at)
            file.jobs = []


_KNOWN = frozenset(
    ("checkout", "git", "echo", "build", "input", "load", "evaluate", "error", "library", "sleep", "stash")
)


def _own_stage(file: File) -> bool:
    body = file.jobs[0].resource.body
    return len(file.jobs) == 1 and body["name"] == "node" and "agent" not in body
