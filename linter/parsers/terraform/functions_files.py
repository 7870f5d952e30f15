"""Functions that read files of the scanned tree: file(), templatefile(), fileset(), their hashes; and templatestring().

Paths are relative to the root module's folder, where terraform runs. What lies outside of the tree, or is not there
(an archive that a build makes), is unknown by name. Encodes "Filesystem Functions" of the Terraform language.
"""

from __future__ import annotations

from collections.abc import Callable
from posixpath import join, normpath
from typing import Any

from linter.model import Map, Source, Span, Unknown, Workspace
from linter.parsers.terraform.arguments import table, text
from linter.parsers.terraform.compare import as_set
from linter.parsers.terraform.json_text import FileText, Rendered, RenderedUnknown
from linter.parsers.terraform.scope import Expr, Scope
from linter.parsers.terraform.values import STRING, Set, Stop, Wrong, below, derived, listed
from linter.text import composed

_PATTERN_LIMIT = 200


class Files:
    """The tree as one root sees it. texts: by source index, what is read is added. trees: parsed templates by path."""

    __slots__ = ("root", "texts", "trees", "workspace")

    def __init__(self, workspace: Workspace, root: str, texts: dict[int, str]) -> None:
        self.workspace = workspace
        self.root = root
        self.texts = texts
        self.trees: dict[str, Expr] = {}

    def path(self, name: str, written: str) -> str:
        """The path below the tree's root. Raises Stop where it leads outside."""
        path = normpath(join(self.root, written)) if written and "\0" not in written else ""
        if not path or path.startswith(("/", "../")) or path == ".." or written.startswith("~"):
            remedy = "keep the file below the scanned folder"
            raise Stop(Unknown("missing-input", f'{name}("{written[:100]}")', remedy, not_null=True))
        return "" if path == "." else path

    def data(self, name: str, written: str) -> tuple[str, bytes]:
        """The path and the bytes of a file. Raises Stop where there are none."""
        path = self.path(name, written)
        data = self.workspace.read(path)
        if data is None:
            remedy = "build or fetch it before the scan, if it is made by other means"
            raise Stop(Unknown("missing-input", f'{name}("{written[:100]}")', remedy, type="string", not_null=True))
        return path, data

    def source(self, name: str, written: str) -> Source:
        """A file as text. Raises Wrong where it is not UTF-8, Stop where there is none."""
        path, data = self.data(name, written)
        try:
            decoded = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Wrong(f"{written[:100]} is not UTF-8") from None
        source = self.workspace.register(path, decoded)
        if source is None:
            raise Stop(Unknown("function", f"{name}()", type="string", not_null=True))
        self.texts[source.index] = source.text
        return source


class Variables:
    """The names a template may use."""

    __slots__ = ("values",)

    def __init__(self, values: Map) -> None:
        self.values = values

    def lookup(self, root: str, steps: list[Expr], scope: Scope) -> tuple[Any, int]:
        if root in self.values:
            return self.values[root], 0
        if self.values.open is not None:
            return below(self.values.open, "." + root), 0
        raise Wrong(f"the template is given no {root}")


def call(name: str, values: list[Any], scope: Scope, span: Span) -> Any:
    """The value of one of FUNCTIONS. Raises Wrong, Stop."""
    least, body = FUNCTIONS[name]
    if len(values) != least:
        raise Wrong(f"{name} does not take {len(values)} arguments")
    files = scope.machine.files
    for value in values:
        if isinstance(value, Unknown):
            word = "list" if name == "fileset" else "bool" if name == "fileexists" else "string"
            return derived(value, word, not_null=True)
    try:
        return body(name, values, files, scope, span)
    except Stop as stop:
        if stop.unknown.cause == "missing-input":
            return stop.unknown
        raise


def _file(name: str, values: list[Any], files: Files, scope: Scope, span: Span) -> Any:
    source = files.source(name, text(values[0]))
    content = FileText(composed(source.text))
    content.source = source.index
    return content


def _exists(name: str, values: list[Any], files: Files, scope: Scope, span: Span) -> Any:
    written = text(values[0])
    if files.path(name, written) in files.workspace.paths:
        return True
    return Unknown("missing-input", f'{name}("{written[:100]}")', type="bool", not_null=True)


def _hashed(algorithm: str, encoded: bool) -> Callable[..., Any]:
    def apply(name: str, values: list[Any], files: Files, scope: Scope, span: Span) -> str:
        import base64
        import hashlib

        found = hashlib.new(algorithm, files.data(name, text(values[0]))[1], usedforsecurity=False)
        return base64.b64encode(found.digest()).decode() if encoded else found.hexdigest()

    return apply


def _base64(name: str, values: list[Any], files: Files, scope: Scope, span: Span) -> str:
    import base64

    return base64.b64encode(files.data(name, text(values[0]))[1]).decode()


def _fileset(name: str, values: list[Any], files: Files, scope: Scope, span: Span) -> Any:
    """Files only, below a folder, by a pattern of `*`, `**`, `?` and `{a,b}`."""
    folder = files.path(name, text(values[0]))
    accepts = _glob(text(values[1]))
    base = folder + "/" if folder else ""
    inside = (path[len(base) :] for path in files.workspace.paths if path.startswith(base) and not path.endswith("/"))
    result: Set = as_set(listed([path for path in inside if accepts(path)], STRING, span))
    result.of = STRING
    return result


def _glob(pattern: str) -> Callable[[str], bool]:
    from linter.globs import path_matches

    if len(pattern) > _PATTERN_LIMIT or any(char in pattern for char in "[]\\"):
        raise Stop(Unknown("function", f"fileset with the pattern {pattern[:40]!r}", "use a simpler pattern"))
    patterns = _alternatives(pattern)
    return lambda path: any(_named(each, path) and path_matches(each, path) for each in patterns)


def _named(pattern: str, path: str) -> bool:
    """A pattern without a wildcard in its last name names that file, not what is below it."""
    last = pattern.rpartition("/")[2]
    return (
        "*" in last or "?" in last or path.count("/") == pattern.count("/") or ("**" in pattern and path.endswith(last))
    )


def _alternatives(pattern: str) -> list[str]:
    found = [pattern]
    while len(found) < 100 and any("{" in each for each in found):
        widened: list[str] = []
        for each in found:
            start, end = each.rfind("{"), each.find("}", each.rfind("{"))
            if start < 0 or end < 0:
                widened.append(each)
                continue
            widened += [each[:start] + choice + each[end + 1 :] for choice in each[start + 1 : end].split(",")]
        if widened == found:
            break
        found = widened
    return found


def _templatefile(name: str, values: list[Any], files: Files, scope: Scope, span: Span) -> Any:
    source = files.source(name, text(values[0]))
    tree = files.trees.get(source.path)
    if tree is None:
        from linter.syntax.hcl import parse_template

        tree = files.trees[source.path] = parse_template(source.text)
    inner = Scope(scope.machine, Variables(table(values[1])), source.index, {})
    return _rendered(tree, inner)


def _rendered(tree: Expr, scope: Scope) -> Any:
    """A template's text that remembers its template, so that JSON in it has its places there."""
    if tree[0] == "error":
        raise Wrong(tree[3])
    value = scope.machine.evaluate(tree, scope)
    if isinstance(value, str) and type(value) is str:
        made = Rendered(value)
        made.template = (tree, scope)
        return made
    if type(value) is Unknown:
        unknown = RenderedUnknown(
            value.cause, value.subject, value.remedy, type=value.type, prefix=value.prefix, not_null=value.not_null
        )
        unknown.template = (tree, scope)
        return unknown
    return value


def _templatestring(name: str, values: list[Any], files: Files | None, scope: Scope, span: Span) -> Any:
    from linter.syntax.hcl import parse_template

    tree = parse_template(text(values[0]))
    if tree[0] == "error":
        raise Wrong(tree[3])
    value = scope.machine.evaluate(tree, Scope(scope.machine, Variables(table(values[1])), span[0], {}))
    return str(value) if isinstance(value, str) else value


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "file": (1, _file),
    "filebase64": (1, _base64),
    "filebase64sha256": (1, _hashed("sha256", True)),
    "filebase64sha512": (1, _hashed("sha512", True)),
    "fileexists": (1, _exists),
    "filemd5": (1, _hashed("md5", False)),
    "fileset": (2, _fileset),
    "filesha1": (1, _hashed("sha1", False)),
    "filesha256": (1, _hashed("sha256", False)),
    "filesha512": (1, _hashed("sha512", False)),
    "templatefile": (2, _templatefile),
    "templatestring": (2, _templatestring),
}
