"""What a Jenkinsfile takes in from elsewhere: shared libraries, and Groovy files that it loads.

Encodes https://www.jenkins.io/doc/book/pipeline/shared-libraries/#using-libraries.
"""

from __future__ import annotations

from linter.model import Map
from linter.parsers.pipelines.jenkins_forms import calls_in
from linter.parsers.pipelines.jenkins_parts import File
from linter.parsers.pipelines.jenkins_values import argument, block_of, text_of, value_of
from linter.syntax.groovy_tree import Node, called, walk
from linter.trees import put


def libraries(file: File, statements: tuple[Node, ...]) -> None:
    """Adds what `@Library`, `library`, `libraries { lib(…) }` and `load` name to the file's includes."""
    for statement in statements:
        for node in walk(statement):
            if node[0] == "annotation" and node[3].rpartition(".")[2] == "Library":
                for arg in node[4]:
                    listed = [each[4] for each in arg[4][3]] if arg[4][0] == "list" else [arg[4]]
                    for each in listed if arg[3] in (None, "value") else ():
                        _include(file, "library", each)
            elif node[0] == "call" and called(node) in ("library", "load", "evaluate"):
                named = argument(node, "identifier", 0)
                if named is not None:
                    _include(file, called(node), named)
            elif node[0] == "call" and called(node) == "libraries":
                for call in calls_in(block_of(node)):
                    named = argument(call, "", 0)
                    if named is not None:
                        _include(file, "library", named)


def _include(file: File, kind: str, node: Node) -> None:
    code = file.code
    made = Map((code.source, node[1], node[2]))
    at = code.entry(node)
    put(made, "kind", kind, at)
    put(made, "raw", value_of(code, node), at)
    written = text_of(code, node)
    if written is not None and kind == "library":
        name, _, ref = written.partition("@")
        put(made, "name", name, at)
        put(made, "ref", ref, at)
    file.includes.append(made)
    file.includes.at.append(at)
