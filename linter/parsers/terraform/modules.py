"""Modules as they are called: variables, locals, outputs and references, each computed once and only when asked for.

Encodes "References to Named Values", "Modules", "Input Variables", "count" and "for_each" of the Terraform language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Span, Unknown
from linter.parsers.terraform import references, types
from linter.parsers.terraform.bodies import Ledger, item_map
from linter.parsers.terraform.computed import attribute_of, computed, open_map, step_name
from linter.parsers.terraform.evaluate import evaluate, guarded
from linter.parsers.terraform.instances import EACH, Each, Key, Multiplicity, multiplicity, suffixed
from linter.parsers.terraform.layout import Folder, Item, literal, local_source
from linter.parsers.terraform.scope import CHAIN_DEPTH, Deeper, Expr, Scope
from linter.parsers.terraform.values import Wrong
from linter.parsers.terraform.world import World

_INSTANCES = 2_000
_NESTING = 40
_TOUCHED = 300


class Module:
    """A module instance. prefix: of the addresses within (`module.vpc.`); item: the call, key: the call's instance.

    ancestors: the folders above. instanced: it, or a module above it, is one of several. trail: the calls that lead
    here, as `terraform init` names them (`vpc.`).
    """

    __slots__ = (
        "ancestors", "callers", "folder", "instanced", "item", "key", "memo", "parent", "prefix", "scopes", "trail", "uncertain",
        "world",
    )  # fmt: skip

    def __init__(self, world: World, folder: Folder, parent: Module | None, item: Item | None, key: Key = None) -> None:
        self.world = world
        self.folder = folder
        self.parent = parent
        self.item = item
        self.key = key
        self.instanced: bool = key is not None or (parent is not None and parent.instanced)
        self.prefix = self.trail = ""
        self.ancestors: tuple[str, ...] = (folder.path,)
        self.callers: tuple[Span, ...] = ()
        self.uncertain: Unknown | None = None
        self.memo: dict[str, tuple[Any, dict[str, str | Unknown]]] = {}
        self.scopes: dict[int, Scope] = {}
        if parent is not None and item is not None:
            self.prefix = f"{parent.prefix}{suffixed(item.key, key)}."
            self.trail = f"{parent.trail}{item.name}."
            self.ancestors = (*parent.ancestors, folder.path)
            label = item.block.labels[0]
            self.callers = (*parent.callers, (item.source, label[1], label[2]))
            doubt = parent.amount(item).uncertain
            self.uncertain = parent.uncertain if doubt is None else doubt

    def scope(self, source: int) -> Scope:
        """Where expressions of one of the folder's files stand."""
        found = self.scopes.get(source)
        if found is None:
            found = self.scopes[source] = Scope(self.world.machine, self, source, {})
        return found

    def item_scopes(self, item: Item, key: Key = None) -> dict[int, Scope]:
        """Where the expressions of a block stand, with `each` and `count` as far as they are known."""
        names = self.amount(item).names_of(key)
        if not names:
            return {source: self.scope(source) for source, _ in item.parts}
        return {source: self.scope(source).bind(names) for source, _ in item.parts}

    def named(self, key: str, compute: Callable[[], Any]) -> Any:
        """A named value, computed once; what computing it touched counts for everyone who uses it."""
        machine = self.world.machine
        memo = self.memo.get(key)
        if memo is None:
            if machine.depth > CHAIN_DEPTH:
                raise Deeper(lambda: self.named(key, compute))
            self.memo[key] = (Unknown("expression", f"{self.prefix}{key} refers to itself", "break the cycle"), {})
            outer, machine.touched = machine.touched, {}
            try:
                memo = self.memo[key] = (compute(), machine.touched)
            except BaseException:
                del self.memo[key]
                raise
            finally:
                machine.touched = outer
        if memo[1]:
            if len(machine.touched) + len(memo[1]) > _TOUCHED:
                machine.touched["?budget"] = Unknown("budget", f"what {self.prefix}{key} refers to")
            else:
                machine.touched.update(memo[1])
        return memo[0]

    def lookup(self, root: str, steps: list[Expr], scope: Scope) -> tuple[Any, int]:
        """The value of a reference's root. Raises Wrong where Terraform knows no such name."""
        first = step_name(steps, 0)
        if root == "local" and first is not None:
            return self.local(first), 1
        if root == "var" and first is not None:
            return self.variable(first), 1
        if root == "module" and first is not None:
            return references.module(self, first, steps, scope)
        if root == "each" and EACH in scope.names:
            each: Each = scope.names[EACH]
            each.refer(steps, self.world.machine.touched)
            return each.table, 0
        if root == "data" or root == "ephemeral":
            second = step_name(steps, 1)
            if first is None or second is None:
                raise Wrong(f"{root} needs a type and a name")
            return references.resource(self, f"{root}.{first}.{second}", 2, steps, scope)
        if root == "resource":
            if first is None or step_name(steps, 1) is None:
                raise Wrong("resource needs a type and a name")
            return references.resource(self, f"{first}.{step_name(steps, 1)}", 2, steps, scope)
        if root in ("each", "count", "self"):
            cause = "run-time" if root == "self" else "expression"
            return Unknown(cause, root), 0
        if root == "path":
            return self._path(first), 1
        if root == "terraform":
            return self._terraform(first), 1
        if first is None:
            raise Wrong(f"there is no {root}")
        return references.resource(self, f"{root}.{first}", 1, steps, scope)

    def _path(self, name: str | None) -> Any:
        if name == "root":
            return "."
        if name == "module":
            from posixpath import relpath

            return relpath(self.folder.path or ".", self.world.root or ".")
        return Unknown("run-time", f"path.{name}", type="string", not_null=True)

    def _terraform(self, name: str | None) -> Any:
        if name == "workspace":
            return self.world.workspace or Unknown("run-time", "terraform.workspace", type="string", not_null=True)
        return Unknown("run-time", f"terraform.{name}")

    def local(self, name: str) -> Any:
        found = self.folder.locals.get(name)
        if found is None:
            return self._undeclared(f"local.{name}")
        source, attribute = found
        if attribute.expr[0] == "lit":
            return attribute.expr[3]
        return self.named("local." + name, lambda: guarded(attribute.expr, self.scope(source)))

    def _undeclared(self, subject: str) -> Unknown:
        unknown = Unknown("missing-input", self.prefix + subject, references.DECLARE)
        self.world.machine.touched["?" + self.prefix + subject] = unknown
        return unknown

    def variable(self, name: str) -> Any:
        return self.named("var." + name, lambda: self._variable(name))

    def _variable(self, name: str) -> Any:
        item = self.folder.index.get("var." + name)
        if item is None:
            return self._undeclared(f"var.{name}")
        found = item.attributes.get("type")
        type_ = types.read(found[1].expr) if found is not None else types.ANY
        given, value = self._given(name)
        default = item.attributes.get("default")
        if default is not None and (not given or (value is None and literal(item, "nullable") is False)):
            given, value = True, guarded(default[1].expr, self.scope(default[0]))
        if not given:
            return self._missing(name, item, type_)
        try:
            return types.convert(value, type_, lambda node: evaluate(node, self.scope(item.source)))
        except Wrong as error:
            return Unknown("expression", f"var.{name}: {error}", "give the variable a value of its type")

    def _given(self, name: str) -> tuple[bool, Any]:
        if self.parent is not None and self.item is not None:
            argument = self.item.attributes.get(name)
            if argument is None:
                return False, None
            scope = self.parent.item_scopes(self.item, self.key)[argument[0]]
            return True, guarded(argument[1].expr, scope)
        given = self.world.inputs.get(name)
        if given is None:
            return False, None
        return True, guarded(given.expr, Scope(self.world.machine, None, given.source, {}))

    def _missing(self, name: str, item: Item, type_: types.Type) -> Unknown:
        remedy = f"pass --var-file or --var {name}=…"
        if self.parent is not None:
            remedy = f"set {name} in the call of {self.prefix[:-1]}"
        subject = f"var.{name}"
        certain = literal(item, "nullable") is False
        unknown = Unknown("missing-input", subject, remedy, type=types.word(type_), not_null=certain)
        self.world.machine.touched["?" + self.prefix + subject] = unknown
        return unknown

    def amount(self, item: Item) -> Multiplicity:
        """How often a block exists. What its count or for_each refers to is not what refers to the block."""
        if "count" not in item.attributes and "for_each" not in item.attributes:
            return Multiplicity.ONE
        memo = self.memo.get("amount." + item.key)
        if memo is not None:
            found = memo[0]
        else:
            machine = self.world.machine
            outer, machine.touched = machine.touched, {}
            try:
                found = self.named("amount." + item.key, lambda: multiplicity(item, self))
            finally:
                machine.touched = outer
        return Multiplicity({}, None, found, True) if isinstance(found, Unknown) else found

    def configured(self, item: Item, name: str, key: Key = None) -> Any:
        """An attribute of a resource: what the configuration says, else known only at run time."""
        key = None if self.world.exhausted else key
        found = item.attributes.get(name)
        if found is not None:
            source, attribute = found
            scope = self.item_scopes(item, key)[source]
            value = self.named(f"{suffixed(item.key, key)}.{name}", lambda: guarded(attribute.expr, scope))
            if key is not None:
                self.world.weigh(value)
            if value is not None:
                return value
        elif item.blocks(name):
            return attribute_of(self.whole(item, key), name)
        return computed(self.prefix + suffixed(item.key, key), item.type, name, "run-time")

    def whole(self, item: Item, key: Key = None) -> Map:
        """A resource as an object: what is configured, open for what the provider adds."""
        key = None if self.world.exhausted else key
        found: Map = self.named("whole." + suffixed(item.key, key), lambda: self._whole(item, key))
        if isinstance(found, Unknown):
            return open_map(found, item)
        return found

    def _whole(self, item: Item, key: Key) -> Map:
        machine = self.world.machine
        touched, machine.touched = machine.touched, {}
        result = item_map(item.parts, self.item_scopes(item, key), Ledger())
        machine.touched = touched
        result.open = Unknown("run-time", self.prefix + suffixed(item.key, key), not_null=True)
        if key is not None:
            self.world.weigh(result)
        return result

    def output(self, name: str) -> Any:
        item = self.folder.index.get("output." + name)
        found = item.attributes.get("value") if item is not None else None
        if found is None:
            raise Wrong(f"{self.prefix[:-1]} has no output {name!r}")
        return self.named("output." + name, lambda: guarded(found[1].expr, self.scope(found[0])))

    def child(self, item: Item, key: Key = None) -> Module | Unknown:
        """The instance of a called module, or why there is none."""
        found: Module | Unknown = self.named("call." + suffixed(item.key, key), lambda: self._instantiate(item, key))
        return found

    def target(self, item: Item) -> Folder | None:
        """The folder a module block calls, as far as it is in the tree."""
        if item.word != "module":
            return None
        path = local_source(item, self.folder.path)
        if path is None:
            path = self.world.installed.get(f"{self.trail}{item.name}")
        return self.world.folders.get(path) if path is not None else None

    def _instantiate(self, item: Item, key: Key) -> Module | Unknown:
        world = self.world
        address = self.prefix + suffixed(item.key, key)
        folder = self.target(item)
        if folder is None:
            return Unknown("remote-source", address, "check the module out below the root, or judge it where it lives")
        if folder.path in self.ancestors:
            return Unknown("expression", f"{address} calls itself", "break the cycle")
        if len(self.ancestors) > _NESTING or (world.count >= _INSTANCES and folder.path in world.seen):
            return Unknown("budget", address, "call fewer modules")
        world.count += 1
        world.seen.add(folder.path)
        return Module(world, folder, self, item, key)
