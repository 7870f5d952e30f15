"""Folders of Terraform files and what they declare, before anything is evaluated.

Encodes "Files and Directories" and "Override Files" of the Terraform language: a folder is a module; blocks of
`override.tf` and `*_override.tf` files merge into the blocks of the same name, in lexical order of the files. OpenTofu,
"Files and Directories": a `.tofu` file is loaded instead of the `.tf` file of the same name. `moved`, `import` and
`removed` blocks change the state, not what is configured; a `check` may hold a data source of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from posixpath import basename, dirname, join, normpath
from typing import Any

from linter.model import Artifact, Map, Seq, Span, Workspace
from linter.syntax.hcl import Attribute, Block, Body

_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "terraform": 0,
    "check": 1,
}  # fmt: skip
_SILENT = frozenset({"moved", "import", "removed", "locals"})
_PREFIXES = {
    "resource": "", "data": "data.", "ephemeral": "ephemeral.", "variable": "var.", "output": "output.",
    "module": "module.", "provider": "provider.", "terraform": "terraform", "check": "check.",
}  # fmt: skip

Part = tuple[int, Body]


class Item:
    """A declared block with the override blocks that merge into it.

    key: its address within the module. word: the block type; type: the first of two labels; name: the last label.
    """

    __slots__ = ("_attributes", "block", "key", "name", "parts", "source", "type", "word")

    def __init__(self, block: Block, source: int, labels: tuple[str, ...]) -> None:
        self.block = block
        self.source = source
        self.word = block.type
        self.type = labels[0] if len(labels) > 1 else ""
        self.name = labels[-1] if labels else block.type
        self.key = _PREFIXES[block.type] + ".".join(labels)
        self.parts: list[Part] = [(source, block.body)]
        self._attributes: dict[str, tuple[int, Attribute]] | None = None

    @property
    def attributes(self) -> dict[str, tuple[int, Attribute]]:
        """Its arguments by name, each with the source it is written in; overrides replace."""
        if self._attributes is None:
            self._attributes = {
                attribute.name: (source, attribute) for source, body in self.parts for attribute in body.attributes
            }
        return self._attributes

    def blocks(self, type: str) -> list[tuple[int, Block]]:
        """Its nested blocks of a type, `dynamic` ones included; those of the last file that has any."""
        for source, body in reversed(self.parts):
            found = [(source, block) for block in body.blocks if block_name(block) == type]
            if found:
                return found
        return []


def block_name(block: Block) -> str:
    """The type of a nested block: what a dynamic block makes, else its own."""
    return block.labels[0][0] if block.type == "dynamic" and block.labels else block.type


class Folder:
    """What a folder declares. index: address within the module → Item; locals: name → (source, attribute)."""

    __slots__ = ("calls", "index", "items", "locals", "locals_block", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.items: list[Item] = []
        self.index: dict[str, Item] = {}
        self.locals: dict[str, tuple[int, Attribute]] = {}
        self.locals_block: tuple[int, Block] | None = None
        self.calls: dict[str, str] = {}


Fail = Callable[[str, Span, str, str], None]


def folders(workspace: Workspace) -> dict[str, Folder]:
    """Every folder with Terraform files, by path ('' is the root of the tree)."""
    grouped: dict[str, list[Artifact]] = {}
    for artifact in workspace.artifacts.values():
        if artifact.format == "terraform" or (
            artifact.format == "terraform-json" and not artifact.path.endswith(".tfvars.json")
        ):
            grouped.setdefault(dirname(artifact.path), []).append(artifact)
    return {path: assembled(path, grouped[path], workspace) for path in sorted(grouped)}


def _is_override(path: str) -> bool:
    stem = basename(path).split(".", 1)[0]
    return stem == "override" or stem.endswith("_override")


def _bodies(artifacts: list[Artifact]) -> Iterator[Part]:
    for artifact in artifacts:
        if isinstance(artifact.tree, Body):
            yield artifact.source.index, artifact.tree
        elif artifact.tree is not None:
            from linter.parsers.terraform import json_config

            yield artifact.source.index, json_config.body(artifact.tree, artifact.source)


def _replaced(artifacts: list[Artifact]) -> set[str]:
    """Files with a `.tofu` beside them of the same name, which OpenTofu loads in their stead."""
    paths = {artifact.path for artifact in artifacts}
    return {
        path
        for path in paths
        for terraform, tofu in ((".tf", ".tofu"), (".tf.json", ".tofu.json"))
        if path.endswith(terraform) and path.removesuffix(terraform) + tofu in paths
    }


def assembled(path: str, artifacts: list[Artifact], workspace: Workspace) -> Folder:
    """The folder that Terraform files make up.

    What a `.tofu` file declares goes before the same in the `.tf` file it replaces. As Terraform still reads the latter,
    what differs there is judged all the same: a file beside another takes nothing out of sight.
    """
    folder = Folder(path)
    artifacts = sorted(artifacts, key=lambda artifact: artifact.path)
    replaced = _replaced(artifacts)
    plain = [artifact for artifact in artifacts if not _is_override(artifact.path)]
    for source, body in _bodies([artifact for artifact in plain if artifact.path not in replaced]):
        for block in body.blocks:
            _declare(folder, block, source, workspace.fail)
    if replaced:
        _declare_replaced(folder, plain, replaced, workspace.fail)
    for source, body in _bodies([artifact for artifact in artifacts if _is_override(artifact.path)]):
        for block in body.blocks:
            _override(folder, block, source, workspace.fail)
    for item in folder.items:
        if item.word == "module":
            called = local_source(item, path)
            if called is not None:
                folder.calls[item.name] = called
    return folder


def _declare_replaced(folder: Folder, artifacts: list[Artifact], replaced: set[str], fail: Fail) -> None:
    texts = {artifact.source.index: artifact.source.text for artifact in artifacts}
    written = {texts[item.source][item.block.start : item.block.end] for item in folder.items if item.source in texts}
    for source, body in _bodies([artifact for artifact in artifacts if artifact.path in replaced]):
        for block in body.blocks:
            if texts[source][block.start : block.end] not in written:
                _declare(folder, block, source, fail)


def _declare(folder: Folder, block: Block, source: int, fail: Fail) -> None:
    if block.type == "locals":
        folder.locals_block = folder.locals_block or (source, block)
        for attribute in block.body.attributes:
            folder.locals.setdefault(attribute.name, (source, attribute))
        return
    item = _item(block, source, fail)
    if item is None:
        return
    if item.word == "provider" and "alias" in item.attributes:
        alias = item.attributes["alias"][1].expr
        item.key += f".{alias[3]}" if alias[0] == "lit" else ""
    elif item.word == "terraform" and item.key in folder.index:
        item.key = f"terraform[{sum(other.word == 'terraform' for other in folder.items)}]"
    folder.items.append(item)
    folder.index.setdefault(item.key, item)
    if item.word == "check":
        for inner in block.body.blocks:
            if inner.type == "data":
                _declare(folder, inner, source, fail)


def _item(block: Block, source: int, fail: Fail) -> Item | None:
    wanted = _LABELS.get(block.type)
    if wanted is None:
        if block.type not in _SILENT:
            message = f"Terraform has no block of type {block.type!r} here"
            fail("artifact-unparsed", (source, block.type_start, block.type_end), message, "correct the block's type")
        return None
    labels = tuple(label[0] for label in block.labels)
    if len(labels) != wanted:
        message = f"a {block.type} block has {wanted} labels, not {len(labels)}"
        fail("artifact-unparsed", (source, block.type_start, block.type_end), message, "correct the block's labels")
        if len(labels) < wanted:
            return None
    return Item(block, source, labels[:wanted])


def _override(folder: Folder, block: Block, source: int, fail: Fail) -> None:
    if block.type == "locals":
        folder.locals_block = folder.locals_block or (source, block)
        for attribute in block.body.attributes:
            folder.locals[attribute.name] = (source, attribute)
        return
    item = _item(block, source, fail)
    original = folder.index.get(item.key) if item is not None else None
    if original is None:
        _declare(folder, block, source, lambda *_: None)
    else:
        original.parts.append((source, block.body))
        original._attributes = None


def literal(item: Item, name: str) -> Any:
    """An argument that is written as a literal, else None."""
    found = item.attributes.get(name)
    return found[1].expr[3] if found is not None and found[1].expr[0] == "lit" else None


def local_source(item: Item, path: str) -> str | None:
    """The folder a module block calls, None where its source is not a local path below the tree's root."""
    source = literal(item, "source")
    if not isinstance(source, str) or not source.startswith(("./", "../")):
        return None
    called = normpath(join(path, source))
    if called == ".." or called.startswith("../"):
        return None
    return "" if called == "." else called


def roots(found: Mapping[str, Folder], files: Mapping[str, list[Artifact]]) -> list[Folder]:
    """Folders that no other folder calls, and those that are roots all the same.

    A call must not take a root's own values out of sight: what has a backend, a provider or variables of its own, or
    is called only from below itself (`examples/` of a module), is judged by itself as well.
    """
    called: dict[str, set[str]] = {}
    for path, folder in found.items():
        for target in folder.calls.values():
            if target != path:
                called.setdefault(target, set()).add(path)
    return [
        folder
        for path, folder in found.items()
        if not is_installed(path)
        and (all(_below(path, caller) for caller in called.get(path, ())) or _configured(folder, files.get(path, [])))
    ]


def is_installed(path: str) -> bool:
    """Whether `terraform init` has put a folder there."""
    return path.startswith(".terraform/") or "/.terraform/" in path


def _below(path: str, other: str) -> bool:
    return not path or other.startswith(path + "/")


def _configured(folder: Folder, files: list[Artifact]) -> bool:
    if any(dirname(artifact.path) == folder.path for artifact in files):
        return True
    return any(
        (item.word == "provider" and item.attributes)
        or (item.word == "terraform" and (item.blocks("backend") or item.blocks("cloud")))
        for item in folder.items
    )


def installed(path: str, workspace: Workspace) -> dict[str, str]:
    """Folders of modules that `terraform init` has put below the root: dotted call path → folder."""
    name = ".terraform/modules/modules.json"
    artifact = workspace.artifacts.get(f"{path}/{name}" if path else name)
    found: dict[str, str] = {}
    for document in artifact.tree.documents[:1] if artifact is not None and artifact.tree is not None else ():
        modules = document.value.get("Modules") if isinstance(document.value, Map) else None
        for entry in modules if isinstance(modules, Seq) else ():
            if isinstance(entry, Map) and isinstance(entry.get("Dir"), str) and isinstance(entry.get("Key"), str):
                folder = normpath(join(path, entry["Dir"]))
                if folder != ".." and not folder.startswith(("../", "/")):
                    found[entry["Key"]] = folder
    return found
