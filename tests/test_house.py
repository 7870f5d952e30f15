"""The walls of the house: who imports, opens, prints and starts what; sizes; and an audit of what really happens.

Each lint is a function from a module's name and syntax tree to complaints, and is proven by code that breaks it.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "linter"

FLOORS = {
    "model": 0, "files": 0, "linking": 0, "writing": 0, "text": 0, "redaction": 0, "secret_names": 0, "globs": 0, "scope": 0,
    "schemas": 0, "report": 0, "records": 0, "digests": 0, "decoding": 0, "dates": 0, "addresses": 0, "trees": 0, "": 0,
    "syntax": 1, "discovery": 1, "config": 1, "supervise": 1, "confined": 1,
    "parsers": 2,
    "rules": 3, "conditions": 3, "checks": 3, "estate": 3, "fixes": 3,
    "policy": 4,
    "engine": 5, "reporters": 5, "scanners": 5, "renderers": 5,
    "cli": 6, "__main__": 6,
}  # fmt: skip
"""The first word of a module's name below `linter` → its floor; '' is the package itself."""

OPENERS = {"linter.files", "linter.writing"}
FILE_LIMIT, FUNCTION_LIMIT = 300, 40
SLACK = 1.1
"""The limits are "about": what is up to a tenth longer passes, and is still the next thing to split."""

Lint = Callable[[str, ast.Module], Iterator[str]]


@cache
def modules() -> Mapping[str, ast.Module]:
    """Every module of the package by name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(), str(path))
    return found


def complaints(lint: Lint) -> list[str]:
    return [f"{name}: {text}" for name, tree in modules().items() for text in lint(name, tree)]


# Imports


def floor(module: str) -> int | None:
    return FLOORS.get(module.partition(".")[2].partition(".")[0])


def imported(name: str, tree: ast.Module, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    """(line, module of ours) of every import, at whatever depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "linter":
                    yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = "." * node.level + base
            if base.startswith("."):
                yield node.lineno, base
            elif base.split(".")[0] == "linter":
                for alias in node.names:
                    inner = f"{base}.{alias.name}"
                    yield node.lineno, inner if inner in known else base


def named_in_tables(tree: ast.Module, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    """(line, module of ours) of every module named in a string, as tables for import_module do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("linter."):
            target = node.value.partition(":")[0]
            if target in known:
                yield node.lineno, target


def wrong_floors(name: str, tree: ast.Module) -> Iterator[str]:
    mine = floor(name)
    if mine is None:
        yield f"stands on no floor: give {name.split('.')[1]!r} one in FLOORS"
        return
    known = frozenset(modules())
    for line, target in (*imported(name, tree, known), *named_in_tables(tree, known)):
        if target.startswith("."):
            yield f"line {line}: a relative import; write the module's whole name"
            continue
        theirs = floor(target)
        if theirs is None or theirs > mine:
            yield f"line {line}: floor {mine} imports {target} of floor {theirs}"


def cycles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one module, or of one that imports itself (Tarjan, iterative)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []
    for start in graph:
        work = [(start, iter(sorted(graph[start])))] if start not in index else []
        if work:
            index[start] = low[start] = len(index)
            stack.append(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in graph:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(sorted(graph[target]))))
                    break
                if target in stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                    if len(component) > 1 or node in graph[node]:
                        found.append(sorted(component))
    return found


def import_graph(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    known = frozenset(trees)
    return {name: {target for _, target in imported(name, tree, known)} for name, tree in trees.items()}


# Opening, printing, starting

PROCESSES = frozenset(
    {"subprocess", "multiprocessing", "pty", "concurrent.futures", "asyncio", "_posixsubprocess", "threading"}
)
NETWORK = frozenset(
    {"socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "telnetlib", "socketserver", "xmlrpc", "requests"}
)
CODE = frozenset({"pickle", "marshal", "shelve", "code", "codeop", "runpy", "ctypes", "cffi"})
OS_STARTS = ("system", "popen", "fork", "forkpty", "startfile")
OS_OPENS = frozenset({"open", "fdopen", "openpty"})
PATH_OPENS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "touch", "symlink_to"})
MAY_START = {
    "linter.cli.trusted_ref", "linter.scanners.launcher", "linter.scanners.watch", "linter.scanners.install",
    "linter.renderers.helm", "linter.confined",
}  # fmt: skip


def dotted(node: ast.AST) -> str:
    """`os.path.join` of the expression that says so, '' of others."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *names[::-1]]) if isinstance(node, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func) or (f"?.{node.func.attr}" if isinstance(node.func, ast.Attribute) else "")
            yield node.lineno, name, node


def opens(name: str, tree: ast.Module) -> Iterator[str]:
    """Files are opened by the opener and the writer only; the package's own schemas are resources, not files."""
    if name in OPENERS:
        return
    for line, called, _ in calls(tree):
        module, _, last = called.rpartition(".")
        if called == "open" or (module in ("os", "io", "codecs", "posix") and last in OS_OPENS):
            yield f"line {line}: {called}() opens a file: use linter.files"
        elif last in PATH_OPENS and name != "linter.schemas":
            yield f"line {line}: .{last}() opens a file: use linter.files"
        elif (module == "shutil" and last.startswith(("copy", "move"))) or called in ("os.rename", "os.replace"):
            yield f"line {line}: {called}() writes files: use linter.files"


def prints(name: str, tree: ast.Module) -> Iterator[str]:
    """Only reporters and the command line write to the streams; the supervisor may flush them."""
    if name.startswith(("linter.cli", "linter.reporters")):
        return
    for line, called, _ in calls(tree):
        if called in ("print", "click.echo", "click.secho", "input") or called.startswith(
            ("sys.stdout.write", "sys.stderr.write", "sys.__stdout__", "sys.__stderr__", "logging.", "warnings.warn")
        ):
            yield f"line {line}: {called}() prints"
        elif called == "os.write" and name not in OPENERS:
            yield f"line {line}: os.write() writes to a descriptor"


def starts(name: str, tree: ast.Module) -> Iterator[str]:
    """Nothing starts a process, reaches the network or makes code of data; the supervisor forks."""
    for node in ast.walk(tree):
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            named = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        for each in named:
            for banned, what in ((PROCESSES, "processes"), (NETWORK, "the network"), (CODE, "running code")):
                if any(each == word or each.startswith(word + ".") for word in banned):
                    if what == "processes" and name in MAY_START:
                        continue
                    yield f"line {node.lineno}: imports {each}, which is for {what}"
    for line, called, _ in calls(tree):
        module, _, last = called.rpartition(".")
        if called in ("eval", "exec", "compile", "__import__") and not (
            called == "__import__" and name == "linter.supervise"
        ):
            yield f"line {line}: {called}() runs code"
        elif (
            module == "os"
            and (last in OS_STARTS or last.startswith(("exec", "spawn", "posix_spawn")))
            and not (last == "fork" and name == "linter.supervise")
        ):
            yield f"line {line}: {called}() starts a process"


# State

QUIET_CALLS = frozenset(
    ("frozenset", "tuple", "set", "dict", "list", "object", "fromkeys", "maketrans", "union", "range", "sorted", "str",
     "int", "float", "bytes", "len", "max", "min", "chr", "ord", "encode", "decode", "split", "join", "items", "keys",
     "values", "lower", "upper", "title", "map", "partial", "attrgetter", "itemgetter", "dirname", "abspath", "getattr",
     "enumerate", "zip")
)  # fmt: skip
"""Calls that only make a value. So do classes, and functions of the same module (`_set("a b")`) are held to it."""

GROWERS = frozenset(
    {"append", "add", "update", "setdefault", "extend", "insert", "pop", "clear", "remove", "discard", "popitem"}
)


def side_effects(name: str, tree: ast.Module) -> Iterator[str]:
    """At import a module defines and does nothing: no bare calls, no loops over anything, no eager regular expression."""
    if name.endswith("__main__"):
        return
    own = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    for node in tree.body:
        line = node.lineno
        if isinstance(node, ast.If):
            if "TYPE_CHECKING" not in ast.dump(node.test) and "sys.platform" not in ast.unparse(node.test):
                yield f"line {line}: a decision made at import"
        elif isinstance(node, ast.Expr):
            if not isinstance(node.value, ast.Constant):
                yield f"line {line}: {ast.unparse(node)[:60]} at import"
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) or (
            isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
        ):
            for at, called, _ in calls(now(node)):
                last = called.rpartition(".")[2]
                if called == "re.compile":
                    yield f"line {at}: a regular expression compiled at import: compile it on first use"
                elif last not in QUIET_CALLS and called not in own and not last.lstrip("_")[:1].isupper():
                    yield f"line {at}: {called or 'a call'}() at import"
        elif not isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            yield f"line {line}: {type(node).__name__} at import"


def now(node: ast.stmt) -> ast.AST:
    """A statement without the bodies of its lambdas, which do not run with it."""

    class Skip(ast.NodeTransformer):
        def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
            return ast.Constant(None)

    return Skip().visit(deepcopy(node))  # type: ignore[no-any-return]


def mutable_globals(name: str, tree: ast.Module) -> Iterator[str]:
    """No function changes a name of the module: what looks like a registry is a table."""
    names = {
        target.id
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        local = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)} | {
            node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield f"line {node.lineno}: global {', '.join(node.names)}"
            changed = ""
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
                changed = dotted(node.value)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GROWERS:
                changed = dotted(node.func.value)
            if changed in names - local:
                yield f"line {node.lineno}: {changed} of the module is changed"


# Values

VALUES = ("linter.parsers", "linter.estate", "linter.conditions", "linter.checks")
PLAIN = ("set", "frozenset", "dict[", "AbstractSet", "Counter", "Collection")
"""How annotations of collections begin that have no places: plain sets and tables of our own making."""


def copied_values(name: str, tree: ast.Module) -> Iterator[str]:
    """Where values with places are handled, nothing is merged by {**a}, `|` or dict(a): model.merge and model.replace do.

    What the module shows to be a set, a number or a table of its own is let pass.
    """
    if not name.startswith(VALUES):
        return
    known = plain_names(tree)
    for node in ast.walk(without_types(tree)):
        text = f"line {getattr(node, 'lineno', 0)}: {ast.unparse(node)[:60]} may lose places"
        if isinstance(node, ast.Dict):
            spread = [value for key, value in zip(node.keys, node.values, strict=True) if key is None]
            if not all(plain(each, known) for each in spread):
                yield text
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            if not (plain(node.left, known) or plain(node.right, known)):
                yield text
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr):
            if not (plain(node.target, known) or plain(node.value, known)):
                yield text
        elif isinstance(node, ast.Call) and dotted(node.func) == "dict" and len(node.args) == 1:
            made = isinstance(node.args[0], ast.Call) and dotted(node.args[0].func) in (
                "zip",
                "enumerate",
                "sorted",
                "map",
            )
            if not made and not plain(node.args[0], known):
                yield text


@cache
def plain_functions() -> frozenset[str]:
    """Functions of the package that say they return plain sets or tables; none of the same name returns anything else."""
    kinds: dict[str, set[bool]] = {}
    for tree in modules().values():
        for name, plainly in own_functions(tree).items():
            kinds.setdefault(name, set()).add(plainly)
    return frozenset(name for name, plainly in kinds.items() if plainly == {True})


def own_functions(tree: ast.Module) -> dict[str, bool]:
    """A module's functions and whether each says it returns a plain set or table."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {node.name: node.returns is not None and ast.unparse(node.returns).startswith(PLAIN) for node in functions}


def plain_names(tree: ast.Module) -> frozenset[str]:
    """Variables, parameters and attributes of a module (by their last word) that are annotated or made as plain ones."""
    own = own_functions(tree)
    found = {"context", *(f"{name}()" for name, plainly in own.items() if plainly)}
    found.update(f"{name}()" for name in plain_functions() if name not in own)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation and ast.unparse(node.annotation).startswith(PLAIN):
            found.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).startswith(PLAIN):
            found.add(dotted(node.target).rpartition(".")[2])
    for _ in range(2):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and plain(node.value, frozenset(found)):
                found.update(dotted(target).rpartition(".")[2] for target in node.targets)
    return frozenset(found - {""})


def plain(node: ast.expr, known: frozenset[str]) -> bool:
    """Whether an operand shows that it is a set, a number, a flag or a table made on the spot."""
    if isinstance(node, (ast.Set, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.List, ast.Tuple)):
        return True
    if isinstance(node, ast.Dict):
        return None not in node.keys
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    if isinstance(node, ast.Call):
        last = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        return (
            last in ("set", "frozenset", "union", "keys", "difference", "intersection", "fromkeys")
            or f"{last}()" in known
        )
    if isinstance(node, ast.BinOp):
        bits = isinstance(node.op, (ast.LShift, ast.RShift, ast.BitAnd, ast.Sub))
        return bits or plain(node.left, known) or plain(node.right, known)
    return dotted(node).startswith(("re.", "os.O_", "stat.")) or dotted(node).rpartition(".")[2] in known


class _Untyped(ast.NodeTransformer):
    """Leaves out what only types say: annotations, aliases, the types of isinstance and cast."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        target = dotted(node.targets[0])
        return None if target[:1].isupper() and not target.isupper() else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return (
            ast.Constant(None)
            if dotted(node.func) in ("isinstance", "cast", "issubclass", "TypeVar")
            else self.generic_visit(node)
        )


def without_types(tree: ast.Module) -> ast.Module:
    stripped = _Untyped().visit(deepcopy(tree))
    assert isinstance(stripped, ast.Module)
    return stripped


# Sizes


def sizes(name: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(lines, function) without decorators and docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            docstring = (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            )
            length = (node.end_lineno or 0) - node.lineno + 1
            yield length - ((first.end_lineno or 0) - first.lineno + 1 if docstring else 0), f"{name}.{node.name}"


def long_functions(name: str, tree: ast.Module) -> Iterator[str]:
    for length, function in sizes(name, tree):
        if length > FUNCTION_LIMIT * SLACK:
            yield f"{function.rpartition('.')[2]}() has {length} lines"


# The house as it stands


@pytest.mark.parametrize(
    "lint",
    [wrong_floors, opens, prints, starts, side_effects, mutable_globals, copied_values, long_functions],
    ids=lambda lint: lint.__name__,
)
def test_the_house(lint: Lint) -> None:
    assert len(modules()) > 20
    assert complaints(lint) == []


def test_no_import_leads_back() -> None:
    assert cycles(import_graph(modules())) == []


def test_files_are_short() -> None:
    lengths = sorted(
        ((len(path.read_text().splitlines()), str(path.relative_to(ROOT))) for path in PACKAGE.rglob("*.py")),
        reverse=True,
    )
    tables = {"linter/model.py", "linter/checks/__init__.py"}
    assert [each for each in lengths if each[0] > FILE_LIMIT * SLACK and each[1] not in tables] == []


# Each lint sees what it is for


def code(text: str) -> ast.Module:
    return ast.parse(textwrap.dedent(text))


BROKEN = [
    (wrong_floors, "linter.parsers.x", "from linter.rules import Pack"),
    (wrong_floors, "linter.parsers.x", "def f():\n    import linter.engine.scan"),
    (wrong_floors, "linter.model", "from linter import discovery"),
    (wrong_floors, "linter.syntax.x", "TABLE = {'a': 'linter.cli.main:cli'}"),
    (wrong_floors, "linter.syntax.x", "if TYPE_CHECKING:\n    from linter.parsers import READERS"),
    (wrong_floors, "linter.syntax.x", "from . import yaml"),
    (wrong_floors, "linter.attic", ""),
    (opens, "linter.rules.load", "def f(p):\n    return open(p)"),
    (opens, "linter.cli.scan", "import os\nfd = os.open('x', 0)"),
    (opens, "linter.cli.scan", "def f(p):\n    return p.parent.read_text()"),
    (opens, "linter.cli.scan", "def f(p):\n    return Path(p).write_bytes(b'')"),
    (opens, "linter.cli.scan", "import io\nio.open('x')"),
    (opens, "linter.cli.scan", "os.replace(a, b)"),
    (prints, "linter.engine.scan", "def f():\n    print(1)"),
    (prints, "linter.parsers.x", "sys.stdout.write('x')"),
    (prints, "linter.parsers.x", "click.echo('x')"),
    (prints, "linter.parsers.x", "logging.warning('x')"),
    (prints, "linter.parsers.x", "os.write(1, b'x')"),
    (starts, "linter.engine.x", "import subprocess"),
    (starts, "linter.cli.scan", "from subprocess import run"),
    (starts, "linter.parsers.x", "import urllib.request"),
    (starts, "linter.parsers.x", "from urllib import request"),
    (starts, "linter.parsers.x", "def f():\n    import http.client"),
    (starts, "linter.cli.trusted_ref", "import socket"),
    (starts, "linter.renderers.helm", "import urllib.request"),
    (starts, "linter.renderers.other", "import subprocess"),
    (starts, "linter.parsers.helm.render", "import subprocess"),
    (starts, "linter.rules.x", "import pickle"),
    (starts, "linter.rules.x", "eval('1')"),
    (starts, "linter.engine.x", "os.fork()"),
    (starts, "linter.engine.x", "os.execv('x', [])"),
    (starts, "linter.engine.x", "os.system('x')"),
    (starts, "linter.engine.x", "os.posix_spawn('x', [], {})"),
    (starts, "linter.engine.x", "__import__('x')"),
    (side_effects, "linter.x", "register('x')"),
    (side_effects, "linter.x", "X = load()"),
    (side_effects, "linter.x", "import re\nX = re.compile('x')"),
    (side_effects, "linter.x", "X: dict = {'a': re.compile('x')}"),
    (side_effects, "linter.x", "for x in (1, 2):\n    pass"),
    (side_effects, "linter.x", "if DEBUG:\n    X = 1"),
    (side_effects, "linter.x", "try:\n    import x\nexcept ImportError:\n    pass"),
    (side_effects, "linter.x", "X['a'] += 1"),
    (mutable_globals, "linter.x", "X = {}\ndef f(a):\n    X[a] = 1"),
    (mutable_globals, "linter.x", "X: list = []\ndef f(a):\n    X.append(a)"),
    (mutable_globals, "linter.x", "X = set()\ndef f(a):\n    def g():\n        X.add(a)"),
    (mutable_globals, "linter.x", "X = 1\ndef f():\n    global X\n    X = 2"),
    (mutable_globals, "linter.x", "X = {}\ndef f(a):\n    del X[a]"),
    (copied_values, "linter.parsers.x", "def f(a, b):\n    return {**a, 'x': 1}"),
    (copied_values, "linter.estate.x", "def f(a, b):\n    return a | b"),
    (copied_values, "linter.checks.x", "def f(a, b):\n    a |= b"),
    (copied_values, "linter.conditions.x", "def f(a):\n    return dict(a)"),
    (copied_values, "linter.parsers.x", "def f(a):\n    return dict(a.body)"),
    (long_functions, "linter.x", "def f():\n" + "    x = 1\n" * 50),
    (long_functions, "linter.x", "class A:\n    def f(self):\n" + "        x = 1\n" * 50),
]  # fmt: skip
SOUND = [
    (wrong_floors, "linter.engine.x", "import os\nfrom linter.model import Place\nfrom linter.rules import Pack"),
    (opens, "linter.files", "os.open('x', 0)"),
    (opens, "linter.x", "tree.read('x')\nre.compile('x')\nopener()"),
    (prints, "linter.cli.x", "print(1)"),
    (prints, "linter.supervise", "sys.stdout.flush()"),
    (starts, "linter.cli.trusted_ref", "import subprocess"),
    (starts, "linter.supervise", "os.fork()"),
    (starts, "linter.x", "from urllib.parse import quote\nre.compile('x')"),
    (side_effects, "linter.x", "'''doc'''\nimport os\nX = frozenset({'a'})\nclass A: pass\ndef f(): g()\nX: int = 1"),
    (side_effects, "linter.x", "def _set(x): return x\nX = _set('a')\nif TYPE_CHECKING:\n    import y"),
    (mutable_globals, "linter.x", "X = {}\ndef f():\n    X = {}\n    X[1] = 2\n    return X"),
    (mutable_globals, "linter.x", "X = {}\ndef f(a):\n    a[1] = X\n    return X.get(1)"),
    (copied_values, "linter.parsers.x", "def f(a: int | None) -> str | None:\n    b: dict | None = None\n    return {1} | a"),
    (copied_values, "linter.parsers.x", "Value = int | str\ndef f(a):\n    return dict((x, 1) for x in a), re.A | re.M"),
    (copied_values, "linter.reporters.x", "def f(a, b):\n    return {**a, **b}"),
    (long_functions, "linter.x", "def f():\n    '''" + "doc\n" * 60 + "'''\n    return 1"),
]  # fmt: skip


@pytest.mark.parametrize(("lint", "name", "text"), BROKEN)
def test_each_lint_sees_what_is_broken(lint: Lint, name: str, text: str) -> None:
    assert list(lint(name, code(text)))


@pytest.mark.parametrize(("lint", "name", "text"), SOUND)
def test_each_lint_lets_sound_code_pass(lint: Lint, name: str, text: str) -> None:
    assert list(lint(name, code(text))) == []


def test_cycles_are_found_at_any_depth() -> None:
    trees = {
        "linter.a": code("from linter import b"), "linter.b": code("def f():\n    from linter.c import x"),
        "linter.c": code("import linter.a"), "linter.d": code("from linter.a import x"), "linter": code(""),
        "linter.e": code("import linter.e"),
    }  # fmt: skip
    assert cycles(import_graph(trees)) == [["linter.a", "linter.b", "linter.c"], ["linter.e"]]


# What really happens: an audit hook in the process and its children

HOOK = """
import os, sys
_log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_busy = []
def _hook(event, args):
    if _busy or not event.startswith({events!r}):
        return
    _busy.append(1)
    try:
        os.write(_log, (repr((event, os.getpid(), *[repr(each)[:5000] for each in args])) + "\\n").encode())
    finally:
        _busy.pop()
sys.addaudithook(_hook)
"""
EVENTS = (
    "open", "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "socket.", "urllib.", "http.",
    "ftplib.", "smtplib.", "exec", "ctypes.", "shutil.", "os.remove", "os.rename", "os.symlink", "os.link", "os.mkdir",
)  # fmt: skip


class Audited(NamedTuple):
    """A run and what its audit hook saw: (event, process, arguments as repr)."""

    done: subprocess.CompletedProcess[str]
    events: list[tuple[str, ...]]

    def named(self, *prefixes: str) -> list[tuple[str, ...]]:
        return [event for event in self.events if event[0].startswith(prefixes)]

    def opened_by_name(self) -> set[str]:
        """Paths opened otherwise than below a folder's descriptor by a bare name; Python's own files left out."""
        own = tuple(os.path.realpath(each) for each in {sys.prefix, sys.base_prefix, str(PACKAGE)})
        paths = {ast.literal_eval(event[2]) for event in self.named("open") if event[2][:1] in "'\"b"}
        texts = {os.fsdecode(path) for path in paths}
        return {
            text
            for text in texts
            if ("/" in text or text in (".", "..")) and not os.path.realpath(text).startswith(own)
        }


def audited(program: str, arguments: list[str], cwd: Path, log: Path) -> Audited:
    """Run Python code (`from linter.cli.start import main; main()`) as the installed command would, under an audit hook.

    The hook is inherited by forked children. Opening by a bare name below a descriptor shows as that name.
    """
    text = HOOK.format(log=str(log), events=EVENTS) + f"sys.path.insert(0, {str(ROOT)!r})\n" + program
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", text, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120
    )
    return Audited(done, [ast.literal_eval(line) for line in log.read_text().splitlines()])


def hostile_tree(folder: Path) -> Path:
    """A checkout with links out, devices, programs and modules it would like to see run; returns its root."""
    root, outside = folder / "checkout", folder / "outside"
    outside.mkdir()
    (outside / "secret.tf").write_text('locals { marker = "OUTSIDE" }\n')
    (root / ".github/workflows").mkdir(parents=True)
    (root / "main.tf").write_text(
        'module "m" {\n  source = "../outside"\n}\nlocals { x = file("../outside/secret.tf") }\n'
    )
    (root / ".github/workflows/ci.yml").write_text("on: push\njobs:\n  a:\n    uses: ../../../outside/secret.tf\n")
    (root / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}\n")
    (root / "kustomization.yaml").write_text("resources: [../outside, https://127.0.0.1:9/x, pod.yaml]\n")
    (root / "README.md").write_text("[x](../outside/secret.tf) [y](/etc/passwd)\n")
    for name in ("yaml", "json", "click", "sitecustomize", "conftest", "re"):
        (root / f"{name}.py").write_text(f"open('EXECUTED_{name}', 'w')\n")
    (root / "out.tf").symlink_to("../outside/secret.tf")
    (root / "modules").symlink_to("../outside")
    (root / "zero.tf").symlink_to("/dev/zero")
    os.mkfifo(root / "fifo.tf")
    return root


DISCOVER = """
from linter.discovery import discover
from linter.files import Tree
with Tree(sys.argv[1]) as tree:
    found = discover(tree, {})
    [tree.read(path) for path, _, _ in found.artifacts]
    print(len(found.artifacts))
"""


def test_discovery_opens_nothing_outside_and_starts_nothing(tmp_path: Path) -> None:
    root = hostile_tree(tmp_path)
    seen = audited(DISCOVER, [str(root)], root, tmp_path / "log")
    assert seen.done.stderr == "" and seen.done.stdout == "5\n"
    assert seen.opened_by_name() == {str(root)}
    assert "'secret.tf'" not in {event[2] for event in seen.named("open")}
    assert {"'main.tf'", "'pod.yaml'"} <= {event[2] for event in seen.named("open")}
    assert not seen.named("subprocess.", "os.", "socket.", "urllib.", "http.", "ctypes.", "shutil.")
    assert not list(root.glob("EXECUTED*"))


SCAN = "from linter.cli.start import main\nmain()\n"


@pytest.mark.parametrize(
    "verb", [["scan"], ["scan", "--output", "sarif=../report.sarif", "--format", "json"], ["checklist"]]
)
def test_the_command_opens_nothing_outside_and_starts_nothing(tmp_path: Path, verb: list[str]) -> None:
    root = hostile_tree(tmp_path)
    seen = audited(SCAN, [*verb, "."], root, tmp_path / "log")
    assert seen.done.returncode in (0, 1, 3), seen.done.stderr
    assert "Traceback" not in seen.done.stderr and "OUTSIDE" not in seen.done.stdout
    allowed = {str(root), str(tmp_path), "."}
    rules = os.path.join(ROOT, "rules")
    assert [path for path in seen.opened_by_name() - allowed if not path.startswith(rules)] == []
    assert {"'main.tf'", "'pod.yaml'", "'ci.yml'"} <= {event[2] for event in seen.named("open")}
    assert len(seen.named("os.fork")) == 1
    assert not seen.named(
        "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "socket.", "urllib.", "http."
    )
    assert not seen.named("ftplib.", "smtplib.", "ctypes.", "os.symlink", "os.link")
    written = {"checkout", "outside", "log", *(["report.sarif"] if "--output" in verb else [])}
    assert set(os.listdir(tmp_path)) == written
    assert not list(root.glob("EXECUTED*")) and not list(root.glob(".opslint*"))


def test_the_audit_sees_what_it_is_for(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    program = f"""
open({str(outside)!r}).close()
fd = os.open({str(tmp_path)!r}, os.O_RDONLY)
os.close(os.open("outside", os.O_RDONLY, dir_fd=fd))
if os.fork() == 0:
    import subprocess, socket
    subprocess.run(["true"])
    socket.socket().close()
    os._exit(0)
os.wait()
"""
    seen = audited(program, [], tmp_path, tmp_path / "log")
    assert seen.done.returncode == 0, seen.done.stderr
    assert {str(outside), str(tmp_path)} <= seen.opened_by_name()
    assert seen.named("subprocess.Popen") and seen.named("socket.") and seen.named("os.fork")
    assert ("open", "'outside'") in {(event[0], event[2]) for event in seen.named("open")}
    assert len({event[1] for event in seen.events}) == 2
