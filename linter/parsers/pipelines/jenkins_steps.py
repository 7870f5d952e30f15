"""The steps of a Jenkins pipeline, in the order they stand: through wrappers, branches, loops and the file's own methods.

Encodes https://www.jenkins.io/doc/pipeline/steps/ as far as the common model goes. Nothing is run: both branches of an
`if` are read, a loop's body once, a block given to a call as if the call ran it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from linter.model import Map, Resource, Seq, Unknown
from linter.parsers.pipelines.jenkins_blocks import STATEMENTS, WRAPPERS
from linter.parsers.pipelines.jenkins_parts import File, Job, Scope, condition_of
from linter.parsers.pipelines.jenkins_roles import roles_of_step
from linter.parsers.pipelines.jenkins_values import argument, block_of, holes, map_of, text_of, unknown, value_of
from linter.parsers.pipelines.model import texts
from linter.parsers.pipelines.roles import roles_of_commands
from linter.parsers.pipelines.shell import Command, commands
from linter.syntax.groovy_text import Written
from linter.syntax.groovy_tree import Node, children, dotted, walk
from linter.trees import put

RUNS: Mapping[str, str] = {"sh": "sh", "bat": "cmd", "powershell": "powershell", "pwsh": "pwsh"}
_RECEIVERS = ("steps.", "this.", "script.", "pipeline.", "ctx.", "jenkins.")
_STRUCTURE = frozenset(
    """script dir ws retry timestamps ansiColor catchError warnError container podTemplate withChecks steps wrap
    withContext waitUntil throttle echo2 configFileProvider tool nodejs withMaven withGradle""".split()  # noqa: SIM905
)
"""Calls that only say how the steps in their block run."""
_OBJECTS = frozenset(
    """env params currentBuild scm it this super System Math String Integer Boolean Arrays Collections JsonOutput
    JsonSlurper LocalDate Date Pattern""".split()  # noqa: SIM905
)
_VALUES = frozenset(
    """readFile readJSON readYaml readProperties readTrusted libraryResource checkout git input load evaluate build
    httpRequest unstash stash fileExists waitForQualityGate junit parallel retry""".split()  # noqa: SIM905
)
"""Steps that give a value, wherever they stand."""
_MAX_INLINED = 4
_MAX_DEPTH = 120


class Walker:
    """Reads blocks of steps into the jobs of a file.

    place: makes the job that steps found here belong to, where they are not in a stage of their own. staged: what
    `stage`, `node`, `parallel` and `pipeline` mean here, by name; () where they only structure the steps of a job.
    """

    __slots__ = ("depth", "file", "given", "place", "staged")

    def __init__(
        self, file: File, place: Callable[[Scope, Node], Job], staged: Mapping[str, Callable[[Node, Scope], None]]
    ) -> None:
        self.file = file
        self.place = place
        self.staged = staged
        self.depth = 0
        self.given = 0

    def block(self, statements: tuple[Node, ...], scope: Scope) -> None:
        given, self.given = self.given, 0
        for node in statements:
            self.visit(node, scope)
        self.given = given

    def visit(self, node: Node, scope: Scope) -> None:
        """A statement, or an expression and what is called in it."""
        if self.depth >= _MAX_DEPTH:
            for each in walk(node):
                if each[0] == "call" and dotted(each[3]) in RUNS:
                    self.step(each, dotted(each[3]), scope)
            return
        self.depth += 1
        reader = STATEMENTS.get(node[0])
        if reader is not None:
            reader(self, node, scope)
        elif node[0] in ("def", "assign") or (node[0] in ("list", "map") and _has_blocks(node)):
            self.values(node, scope)
        elif node[0] not in ("lit", "name", "annotation", "import", "method", "class"):
            for child in children(node):
                self.visit(child, scope)
        self.depth -= 1

    def values(self, node: Node, scope: Scope) -> None:
        """Blocks that are kept as values may run later, beside each other."""
        apart = self.staged.get("apart")
        for child in children(node):
            block = child[4] if child[0] == "arg" else child
            if block[0] == "closure" and apart is not None:
                apart(("call", child[1], child[2], child, (("arg", child[1], child[2], None, block),)), scope)
            elif block[0] in ("list", "map"):
                self.values(block, scope)
            else:
                self.visit(child, scope)

    def call(self, node: Node, scope: Scope) -> None:
        name = dotted(node[3]) or _on_docker(node[3])
        for receiver in _RECEIVERS:
            name = name.removeprefix(receiver)
        if name in self.staged:
            self.staged[name](node, scope)
        elif name in RUNS:
            self.inside(node, scope, lambda: self.step(node, name, scope))
        elif name in WRAPPERS:
            WRAPPERS[name](self, node, scope)
        elif name in self.file.methods and name not in _STRUCTURE:
            self.method(node, name, scope)
        elif name in _STRUCTURE or (name in ("node", "stage", "parallel") and not self.staged):
            self.inside(node, scope)
        elif _is_step(name, self.file) and (not self.given or name in _VALUES or name.startswith("docker.")):
            self.inside(node, scope, lambda: self.step(node, name, scope))
        elif node[3][0] == "prop" and node[3][4] in _IN_CONTAINER and _image(node) is not None:
            self.inside(node, self.contained(node, scope))
        else:
            self.visit(node[3], scope)
            self.inside(node, scope)

    def inside(self, node: Node, scope: Scope, before: Callable[[], None] | None = None) -> None:
        """What a call's arguments call, then the call itself, then its block."""
        blocks = []
        for arg in node[4]:
            if arg[4][0] == "closure":
                blocks.append(arg[4])
            else:
                self.argument(arg[4], scope)
        if before is not None:
            before()
        for block in blocks:
            self.block(block[4], scope)

    def argument(self, node: Node, scope: Scope) -> None:
        """What is given to a call, or asked: most calls in it only describe something, some are steps all the same."""
        self.given += 1
        self.visit(node, scope)
        self.given -= 1

    def inside_block(self, node: Node, scope: Scope) -> None:
        block = block_of(node)
        if block is not None:
            self.block(block[4], scope)

    def method(self, node: Node, name: str, scope: Scope) -> None:
        """A call of a method of this file: its steps, here."""
        self.file.called.add(name)
        self.inside(node, scope)
        if scope.inlined < _MAX_INLINED and self.file.steps_left > 0:
            self.file.steps_left -= 1
            self.block(self.file.methods[name][5], scope._replace(inlined=scope.inlined + 1))

    def contained(self, node: Node, scope: Scope) -> Scope:
        image = _image(node)
        assert image is not None
        code = self.file.code
        made = Map((code.source, node[1], image[2]))
        put(made, "kind", "docker", code.entry(image))
        put(made, "image", value_of(code, image), code.entry(image))
        if scope.agent is not None and "label" in scope.agent:
            put(made, "label", scope.agent["label"], scope.agent.at["label"])
        return scope._replace(agent=made)

    def step(self, node: Node, name: str, scope: Scope) -> None:
        """A call as a step of the job it stands in."""
        if self.file.steps_left <= 0:
            self.file.pipeline.body.open = _BUDGET
            return
        self.file.steps_left -= 1
        job = self.place(scope, node)
        code = self.file.code
        body = Map((code.source, node[1], node[2]))
        at = (code.source, node[1], node[1], node[1], node[3][2])
        put(body, "index", len(job.steps) + 1, (code.source, node[1], node[1], node[1], node[1]))
        found: list[Command] = []
        given = map_of(code, node[4], body.span)
        if name in RUNS:
            found = self._script(node, name, body, given)
        else:
            put(body, "uses", _uses(name, at), at)
        if given:
            put(body, "with", given, at)
        self._surroundings(body, job, scope, at)
        roles, families = roles_of_commands(found)
        own, scanned = roles_of_step(name, given) if name not in RUNS else (set(), set())
        put(body, "roles", texts(sorted(roles.union(own)), at), at)
        put(body, "families", texts(sorted(families.union(scanned)), at), at)
        expressions = Seq(body.span)
        for arg in node[4]:
            if arg[4][0] != "closure":
                key = arg[3] if isinstance(arg[3], str) else "0"
                holes(code, arg[4], "run" if name in RUNS and key in ("script", "0") else f"with.{key}", expressions)
        put(body, "expressions", expressions, at)
        if name == "input":
            message = argument(node, "message", 0)
            job.approvals.append((value_of(code, message) if message is not None else "", at))
        elif name in _ARTIFACTS:
            name_of, paths = text_or(given, ("name", "0")), text_or(given, ("includes", "artifacts", "0"))
            job.artifacts.append((name_of, paths, _ARTIFACTS[name], at))
        label = given.get("label")
        context = {**job.resource.context, "commands": found, "guards": scope.guards[len(job.scope.guards) :]}
        job.steps.append(Resource(
            "pipeline/step", f"{job.resource.address}:{len(job.steps) + 1}", str(label) if isinstance(label, str) else name,
            self.file.unit, body, (code.source, node[1], node[3][2]), body.span, context=context, owner=job.resource,
        ))  # fmt: skip

    def _script(self, node: Node, name: str, body: Map, given: Map) -> list[Command]:
        code = self.file.code
        script = argument(node, "script", 0)
        at = code.entry(script if script is not None else node)
        put(body, "shell", RUNS[name], (code.source, node[1], node[1], node[1], node[3][2]))
        for key in ("script", "0"):
            given.pop(key, None)
        written = text_of(code, script) if script is not None else None
        if written is None:
            put(body, "run", unknown(code, script if script is not None else node), at)
            return []
        put(body, "run", written, at)
        return commands(written, RUNS[name]) if isinstance(written, Written) else []

    def _surroundings(self, body: Map, job: Job, scope: Scope, at: Any) -> None:
        """What the blocks around a step give it."""
        code = self.file.code
        if scope.env is not None and scope.env is not job.scope.env:
            put(body, "env", scope.env, at)
        if scope.after:
            put(body, "after", scope.after, at)
        if scope.folder is not None:
            put(body, "working_directory", *scope.folder)
        if scope.timeout is not None and scope.timeout is not job.scope.timeout:
            put(body, "timeout", *scope.timeout)
        if scope.masked:
            put(body, "continue_on_error", True, at)
        if len(scope.guards) > len(job.scope.guards):
            put(body, "condition", *condition_of(code, scope.guards[-1]))
        if scope.secrets:
            found = Seq(body.span)
            for secret in scope.secrets:
                made = Map((secret.at[0], secret.at[3], secret.at[4]))
                for key, value in (("name", secret.name), ("variable", secret.variable), ("scope", secret.scope)):
                    put(made, key, value, secret.at)
                found.append(made)
                found.at.append(secret.at)
            put(body, "credentials", found, at)
            job.secrets += [each for each in scope.secrets if each.scope == "step"]


_BUDGET = Unknown("budget", "steps", "the file calls its own methods too often")
_ARTIFACTS = {
    "archiveArtifacts": "up", "archive": "up", "stash": "up", "unstash": "down", "copyArtifacts": "down",
    "unarchive": "down",
}  # fmt: skip


def text_or(given: Map, keys: tuple[str, ...]) -> Any:
    return next((given[key] for key in keys if key in given), "")


def _uses(name: str, at: Any) -> Map:
    source, _, _, start, end = at
    made = Map((source, start, end))
    for key, value in (
        ("raw", name),
        ("owner", ""),
        ("repo", ""),
        ("path", ""),
        ("ref", ""),
        ("kind", "step"),
        ("name", name),
    ):
        put(made, key, value, at)
    return made


def _image(node: Node) -> Node | None:
    """The image of `docker.image('x').inside { … }`."""
    inner = node[3][3]
    return argument(inner, "", 0) if inner[0] == "call" and dotted(inner[3]) == "docker.image" else None


def _has_blocks(node: Node) -> bool:
    return any(arg[4][0] in ("closure", "list", "map") for arg in node[3])


def _is_step(name: str, file: File) -> bool:
    """Whether a call by this name is a step of a plugin or a library: not of a value that the file made itself."""
    root = name.partition(".")[0]
    return bool(root) and root not in _OBJECTS and (root not in file.variables or file.variables[root] == "docker")


def _on_docker(callee: Node) -> str:
    """`docker.image('x').push` as `docker.image.push`."""
    if callee[0] != "prop" or not isinstance(callee[4], str) or callee[3][0] != "call" or callee[4] in _IN_CONTAINER:
        return ""
    inner = dotted(callee[3][3])
    return f"{inner}.{callee[4]}" if inner.startswith("docker.") else ""


_IN_CONTAINER = ("inside", "withRun")
