"""One Terragrunt file in the context it is read in: its locals, what it includes, and the whole as a mapping.

Encodes "Configuration Blocks and Attributes" of Terragrunt's documentation. A file is read as a unit's own, as one
that a unit includes (paths are then the unit's), or by read_terragrunt_config (paths are then its own).
"""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname
from typing import Any

from linter.model import Artifact, Map, Source, Unknown, Workspace, merge
from linter.parsers.terraform.bodies import Ledger, body_map
from linter.parsers.terraform.computed import step_name
from linter.parsers.terraform.evaluate import guarded
from linter.parsers.terraform.scope import Expr, Machine, Scope
from linter.parsers.terraform.values import Wrong, below
from linter.parsers.terragrunt import merging
from linter.parsers.terragrunt.paths import below as path_below
from linter.records import NamedTuple
from linter.syntax.hcl import Attribute, Block, Body

_APART = frozenset({"locals", "include", "feature"})
_NESTING = 12


class Files:
    """What configurations read: the tree's Terragrunt files and the paths that exist.

    sources: by index. folders: Terraform's files and files of variables by folder. read: what read_terragrunt_config
    gave, by path. used: the files of variables that were read.
    """

    __slots__ = ("artifacts", "folders", "paths", "read", "sources", "used", "workspace")

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.artifacts: dict[str, Artifact] = {}
        self.sources: dict[int, Source] = {}
        self.folders: dict[str, list[Artifact]] = {}
        for path, artifact in workspace.artifacts.items():
            if artifact.format == "terragrunt":
                self.artifacts[path] = artifact
                self.sources[artifact.source.index] = artifact.source
            elif artifact.format in ("terraform", "terraform-json", "tfvars"):
                self.folders.setdefault(dirname(path), []).append(artifact)
        self.paths = workspace.paths
        self.read: dict[str, Map] = {}
        self.used: set[str] = set()

    def exists(self, path: str) -> bool:
        return path in self.paths or path + "/" in self.paths

    def body(self, path: str) -> tuple[Artifact, Body] | None:
        artifact = self.artifacts.get(path)
        if artifact is None or not isinstance(artifact.tree, Body):
            return None
        return artifact, artifact.tree


class Include(NamedTuple):
    """An include block. config: None where the file cannot be known, then why says so."""

    name: str
    block: Block
    expose: bool
    strategy: str
    config: Config | None
    why: Unknown | None


class Config:
    """A file being evaluated. path: its own; home: the folder that paths are relative to; original: the unit's folder
    that evaluation started from; child: the configuration that includes this one; values: those of a stack's unit."""

    __slots__ = ("body", "child", "files", "home", "included", "locals", "machine", "memo", "nesting", "original",
                 "path", "scope", "source", "values")  # fmt: skip

    def __init__(self, files: Files, machine: Machine, path: str, child: Config | None = None) -> None:
        found = files.body(path)
        if found is None:
            raise Wrong(f"there is no configuration {path}")
        artifact, self.body = found
        self.files = files
        self.machine = machine
        self.path = path
        self.source = artifact.source.index
        self.child = child
        self.home: str = child.home if child is not None else dirname(path)
        self.original: str = child.original if child is not None else self.home
        self.values: Any = child.values if child is not None else None
        self.nesting: int = child.nesting + 1 if child is not None else 0
        self.scope = Scope(machine, self, self.source, {})
        self.memo: dict[str, Any] = {}
        self.included: list[Include] | None = None
        self.locals: dict[str, Attribute] = {
            attribute.name: attribute for block in self.blocks("locals") for attribute in block.body.attributes
        }

    def blocks(self, type: str) -> list[Block]:
        return [block for block in self.body.blocks if block.type == type]

    def named(self, key: str, compute: Callable[[], Any]) -> Any:
        """A named value, computed once."""
        if key not in self.memo:
            self.memo[key] = Unknown("expression", f"{key} refers to itself", "break the cycle")
            try:
                self.memo[key] = compute()
            except BaseException:
                del self.memo[key]
                raise
        return self.memo[key]

    def lookup(self, root: str, steps: list[Expr], scope: Scope) -> tuple[Any, int]:
        """The value of a reference's root. Raises Wrong where Terragrunt knows no such name."""
        first = step_name(steps, 0)
        if root == "local" and first is not None:
            return self.local(first), 1
        if root == "include":
            return self._include(first, step_name(steps, 1), step_name(steps, 2))
        if root == "dependency" and first is not None:
            return self._dependency(first, step_name(steps, 1), step_name(steps, 2))
        if root == "feature" and first is not None:
            return self._feature(first), 1
        if root in ("values", "unit", "stack"):
            return self.values if root == "values" and self.values is not None else Unknown("missing-input", root), 0
        raise Wrong(f"there is no {root}")

    def local(self, name: str) -> Any:
        found = self.locals.get(name)
        if found is None:
            return Unknown("expression", f"there is no local.{name}", "declare it: the file has no such local")
        return self.named("local." + name, lambda: guarded(found.expr, self.scope))

    def includes(self) -> list[Include]:
        """The files this one includes, in the order of the blocks."""
        if self.included is None:
            self.included = []
            self.included = [self._read_include(block) for block in self.blocks("include")]
        return self.included

    def _read_include(self, block: Block) -> Include:
        written = {attribute.name: guarded(attribute.expr, self.scope) for attribute in block.body.attributes}
        name = block.labels[0][0] if block.labels else ""
        strategy = written.get("merge_strategy")
        expose = written.get("expose") is True
        config, why = None, None
        path = written.get("path")
        place = path_below(path, self.home) if isinstance(path, str) else None
        if place is not None and place in self.files.artifacts and self.nesting < _NESTING:
            config = Config(self.files, self.machine, place, self)
        elif isinstance(path, Unknown):
            why = path
        else:
            why = Unknown("remote-source", f"include {name!r}", "put the included file below the root")
        return Include(name, block, expose, strategy if isinstance(strategy, str) else "shallow", config, why)

    def _include(self, first: str | None, second: str | None, third: str | None) -> tuple[Any, int]:
        found = next((each for each in self.includes() if each.name == first), None)
        used = 1
        if found is None:
            found, second, third, used = next((e for e in self.includes() if not e.name), None), first, second, 0
        if found is None:
            raise Wrong(f"there is no include {first!r}")
        if not found.expose:
            return Unknown("expression", f"include {found.name!r} is not exposed", "set expose = true"), used
        if found.config is None:
            assert found.why is not None
            return found.why, used
        if second == "locals" and third is not None:
            return found.config.local(third), used + 2
        return found.config.whole(), used

    def _dependency(self, name: str, part: str | None, output: str | None) -> tuple[Any, int]:
        """Outputs exist only after apply; mocks say at most what type they have."""
        subject = f"dependency.{name}"
        if part is None:
            return merging.opened((self.source, 0, 0), Unknown("run-time", subject)), 1
        if part != "outputs" or output is None:
            return Unknown("run-time", f"{subject}.{part}"), 2
        mocked = self._mock(name, output)
        word = {str: "string", bool: "bool", int: "number", float: "number", Map: "map"}.get(type(mocked), "")
        return Unknown("run-time", f"{subject}.outputs.{output}", type=word), 3

    def _mock(self, name: str, output: str) -> Any:
        for block in self.blocks("dependency"):
            if block.labels and block.labels[0][0] == name:
                written = {attribute.name: attribute.expr for attribute in block.body.attributes}
                if "mock_outputs" in written:
                    mocks = guarded(written["mock_outputs"], self.scope)
                    return mocks.get(output) if isinstance(mocks, Map) else None
        return None

    def _feature(self, name: str) -> Any:
        for block in self.blocks("feature"):
            if block.labels and block.labels[0][0] == name:
                table = body_map(block.body, self.scope, Ledger())
                table["value"] = table.get("default")
                table.at["value"] = table.at.get(
                    "default", (self.source, block.start, block.start, block.start, block.end)
                )
                return table
        raise Wrong(f"there is no feature {name!r}")

    def own(self) -> Map:
        """What the file itself says but its locals, evaluated: attributes, and blocks as lists."""
        found: Map = self.named("own", self._own)
        return found if isinstance(found, Map) else merging.opened((self.source, 0, 0), found)

    def _own(self) -> Map:
        found = body_map(self.body, self.scope, Ledger(), skip=_APART)
        written = next((attribute.expr for attribute in self.body.attributes if attribute.name == "inputs"), None)
        if self.files.artifacts[self.path].problems:
            found.open = Unknown("expression", f"what could not be read of {self.path}", "correct its syntax")
        if isinstance(found.get("inputs"), Unknown) and written is not None and written[0] == "object":
            found["inputs"] = self._one_by_one(written)
        return found

    def _one_by_one(self, node: Expr) -> Map:
        """An object of which some values cannot be computed: each by itself."""
        result = Map((self.source, node[1], node[2]))
        for key_node, item in node[3]:
            key = guarded(key_node, self.scope)
            if isinstance(key, str):
                result[key] = guarded(item, self.scope)
                result.at[key] = (self.source, key_node[1], key_node[2], item[1], item[2])
            else:
                result.open = key if isinstance(key, Unknown) else Unknown("expression", "a key of inputs")
        return result

    def result(self) -> Map:
        """What the file says with all it includes: a later include over an earlier one, the file itself over all."""
        base = self.own()
        for include in reversed(self.includes()):
            if include.strategy == "no_merge":
                continue
            if include.config is not None:
                base = merging.merged(include.config.result(), base, include.strategy)
            elif base.open is None:
                base = merge((base,), base.span)
                base.open = include.why
        return base

    def whole(self) -> Map:
        """The configuration as `include` and read_terragrunt_config show it: also its locals, single blocks as maps."""
        found: Map = self.named("whole", self._whole)
        return found if isinstance(found, Map) else merging.opened((self.source, 0, 0), found)

    def _whole(self) -> Map:
        result = self.result()
        whole = merge((result,), result.span)
        table = Map((self.source, self.body.start, self.body.end))
        for name, attribute in self.locals.items():
            table[name] = self.local(name)
            expr = attribute.expr
            table.at[name] = (self.source, attribute.name_start, attribute.name_end, expr[1], expr[2])
        entry = (self.source, self.body.start, self.body.start, self.body.start, self.body.end)
        whole["locals"], whole.at["locals"] = table, entry
        for key in ("terraform", "remote_state", "dependencies"):
            blocks = whole.get(key)
            if isinstance(blocks, list) and blocks:
                whole[key] = blocks[-1]
        for key in ("inputs", "dependency", "generate"):
            blocks = whole.get(key)
            if key not in whole or (key != "inputs" and isinstance(blocks, list)):
                whole[key] = self._by_label(key, blocks or ())
                whole.at.setdefault(key, entry)
        return whole

    def _by_label(self, key: str, blocks: Any) -> Map:
        table = Map((self.source, self.body.start, self.body.end))
        for index, block in enumerate(blocks):
            name = block.get("type") if isinstance(block, Map) else None
            if isinstance(name, str):
                table[name], table.at[name] = block, blocks.at[index]
                if key == "dependency":
                    outputs = merging.opened(block.span, below(Unknown("run-time", f"dependency.{name}"), ".outputs"))
                    table[name] = merge((block,), block.span)
                    table[name]["outputs"], table[name].at["outputs"] = outputs, blocks.at[index]
        return table
