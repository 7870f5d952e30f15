"""What a Jenkinsfile's Groovy does beside its steps: the controller's own objects it reaches for, literals it keeps."""

from __future__ import annotations

from linter.model import Map, Seq
from linter.parsers.pipelines.jenkins_parts import File
from linter.parsers.pipelines.jenkins_values import MAX_ITEMS, value_of
from linter.syntax.groovy_text import Written
from linter.syntax.groovy_tree import Node, called, dotted, walk
from linter.trees import put

_INSTANCES = frozenset(
    ("Jenkins.instance", "Jenkins.instanceOrNull", "Hudson.instance", "Jenkins.getInstance", "Jenkins.get", "Hudson.getInstance",
     "Jenkins.getActiveInstance", "Jenkins.getInstanceOrNull", "Runtime.getRuntime", "Runtime.runtime", "System.exit",
     "CredentialsProvider.lookupCredentials", "SystemCredentialsProvider.getInstance", "GroovyShell", "ProcessBuilder")
)  # fmt: skip
_IMPORTS = ("jenkins.model.", "hudson.model.Hudson", "hudson.security.", "com.cloudbees.plugins.credentials.",
            "hudson.util.Secret", "java.lang.Runtime", "java.lang.ProcessBuilder")  # fmt: skip


def facts(file: File, statements: tuple[Node, ...]) -> None:
    """Fills the pipeline's `internals` [{name}] and `variables` {name: literal text}, one walk over the file."""
    code, body = file.code, file.pipeline.body
    internals = Seq(body.span)
    variables = Map(body.span)
    for statement in statements:
        for node in walk(statement):
            name = _internal(node)
            if name:
                end = node[3][2] if node[0] == "call" else node[2]
                made = Map((code.source, node[1], end))
                at = (code.source, node[1], node[1], node[1], end)
                put(made, "name", name, at)
                internals.append(made)
                internals.at.append(at)
            elif node[0] in ("def", "assign"):
                _literal(file, variables, node)
            elif called(node) == "password":
                _default(file, variables, node)
            if len(internals) + len(variables) > MAX_ITEMS:
                break
    for key, value in (("internals", internals), ("variables", variables)):
        if value:
            put(body, key, value, body.at["platform"])


def _internal(node: Node) -> str:
    op = node[0]
    if op == "import":
        name = node[3].removeprefix("static ")
        return name if name.startswith(_IMPORTS) else ""
    if op == "annotation":
        return f"@{node[3]}" if node[3] in ("Grab", "GrabResolver", "groovy.lang.Grab") else ""
    if op == "new":
        return f"new {node[3]}" if node[3].rpartition(".")[2] in _INSTANCES else ""
    if op == "prop" and isinstance(node[4], str):
        name = ".".join(dotted(node).split(".")[-2:])
        return name if name in _INSTANCES and not name.endswith(("get", "getInstance")) else ""
    if op == "call" and node[3][0] == "prop":
        if node[3][4] == "execute" and not node[4] and node[3][3][0] in ("lit", "gstring", "list"):
            return "execute"
        name = ".".join(called(node).split(".")[-2:])
        return name if name in _INSTANCES else ""
    return ""


def _literal(file: File, variables: Map, node: Node) -> None:
    """`def TOKEN = 'x'`, `TOKEN = 'x'`, `env.TOKEN = 'x'`; those of an `environment` block are variables of its own."""
    code = file.code
    if node[0] == "def":
        names, value, start, end = node[3], node[4], node[1], node[1]
    else:
        target, value, start, end = node[4], node[5], node[4][1], node[4][2]
        names = (dotted(target).removeprefix("env."),)
    if value is None or value[0] != "lit" or not isinstance(value[3], Written) or len(names) != 1 or not names[0]:
        return
    variables[names[0]] = value_of(code, value)
    variables.at[names[0]] = (code.source, start, end, value[1], value[2])


def _default(file: File, variables: Map, node: Node) -> None:
    """The default of a `password` parameter."""
    for _, start, end, key, value in node[4]:
        if key == "defaultValue" and value[0] == "lit" and isinstance(value[3], Written) and value[3]:
            variables["password"] = value[3]
            variables.at["password"] = (file.code.source, start, end, value[1], value[2])
