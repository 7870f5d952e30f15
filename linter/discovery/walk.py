"""One pass over the tree: every path noted, every recognised file read, everything else counted or named with why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.discovery.composed import read_composed
from linter.discovery.formats import (
    MAYBE_HCL,
    MAYBE_YAML,
    TEMPLATE,
    by_bytes,
    by_path,
    is_chart_file,
    is_object,
    is_terraform,
)
from linter.discovery.kustomized import read_named
from linter.discovery.settings_files import read_settings
from linter.files import Listing, Tree, Unreadable, path_bytes
from linter.linking import Target
from linter.records import NamedTuple

_DEPENDENCIES = frozenset({"node_modules", ".venv", "site-packages", ".terraform"})

_APART = (".", "docker-compose", "compose")
_CONFIGURATION = frozenset({"opslint.yaml", "waivers.yaml"})


class Discovery(NamedTuple):
    """A tree's artifacts and an account of the rest; every list is in the order of path bytes.

    artifacts: (path, format, bytes). skipped: (path, why) of what was left out by policy: links out of the tree,
    special files, dependencies' own files. failures: (path, why) of what is ours, or may be, and could not be
    read; folders end in '/'. not_rendered: templates. paths: every path, folders with a final '/'. links: path of a
    link → real path of the recognised file, or folder (final '/'), of this tree that it stands for. unrecognised: how
    many files are nobody's.
    """

    artifacts: list[tuple[str, str, bytes]]
    skipped: list[tuple[str, str]]
    failures: list[tuple[str, str]]
    not_rendered: list[str]
    paths: frozenset[str]
    links: dict[str, str]
    unrecognised: int


def discover(tree: Tree, settings: Mapping[str, Any]) -> Discovery:
    """Everything below the tree's root that opslint knows how to read. Never raises for what the tree holds.

    No ignore file and no habit hides what a platform executes: all folders are walked but `.git` and Terraform's and
    Terragrunt's own working folders; in folders of dependencies only Terraform files count, since modules are called from there.
    """
    search = _Search(tree, settings)
    for listing in tree.walk(search.enter):
        search.folder(listing)
    search.follow()
    return search.result()


class _Search:
    """One pass. charts: folders with a Chart.yaml; pending: links to look at when all files are known.

    Of the folder at hand, applied: it has Kubernetes objects or a kustomization; loose: its other YAML. hcl: files that
    are Terragrunt's if the tree has any of its own.
    """

    __slots__ = (
        "applied", "artifacts", "charts", "failures", "hcl", "links", "loose", "not_rendered", "paths", "pending", "settings",
        "skipped", "tree", "unrecognised",
    )  # fmt: skip

    def __init__(self, tree: Tree, settings: Mapping[str, Any]) -> None:
        self.tree = tree
        self.settings = settings
        self.artifacts: dict[str, tuple[str, bytes]] = {}
        self.skipped: list[tuple[str, str]] = []
        self.failures: list[tuple[str, str]] = []
        self.not_rendered: list[str] = []
        self.paths: set[str] = set()
        self.links: dict[str, str] = {}
        self.charts: set[str] = set()
        self.pending: list[tuple[str, str, str]] = []
        self.loose: list[tuple[str, bytes]] = []
        self.hcl: list[tuple[str, bytes]] = []
        self.applied = False
        self.unrecognised = 0

    def enter(self, path: str) -> bool:
        parent, _, name = path.rpartition("/")
        if name in (".git", ".terragrunt-cache"):
            return False
        return parent.rpartition("/")[2] != ".terraform" or name == "modules"

    def folder(self, listing: Listing) -> None:
        base = listing.path + "/" if listing.path else ""
        if listing.problem is not None:
            self.failures.append((base, f"folder not listed: {listing.problem.reason}"))
        add = self.paths.add
        for name in listing.folders:
            add(f"{base}{name}/")
        if "Chart.yaml" in listing.files:
            self.charts.add(listing.path)
        in_chart = bool(self.charts) and self._in_templates(listing.path)
        dependency = _is_dependency(listing.path)
        left_out = 0
        for name in listing.files:
            path = base + name
            add(path)
            format = self._format(listing.path, name, in_chart)
            if dependency and format and not is_terraform(format):
                left_out += 1
            elif format is None:
                self.unrecognised += 1
            else:
                self._take(path, format)
        self._companions()
        if left_out:
            self.skipped.append((base, f"{left_out} files of a dependency, of which only Terraform files are read"))
        for name in listing.links:
            add(base + name)
            self.pending.append((listing.path, name, self._format(listing.path, name, in_chart) or ""))
        for name in listing.others:
            add(base + name)
            if self._format(listing.path, name, in_chart):
                self.skipped.append((base + name, self.tree.special(base + name)))

    def follow(self) -> None:
        """Links, once all files are known: an alias of a file that is read, a name for one that is not, or out."""
        for folder, name, format in self.pending:
            path = f"{folder}/{name}" if folder else name
            target = self.tree.resolve(path)
            if target.kind == "folder":
                self.links[path + "/"] = target.path + "/"
            elif target.kind != "file":
                self._leads_nowhere(path, format, target)
            elif format and not _is_dependency(folder):
                self._alias(path, format, target.path)

    def result(self) -> Discovery:
        self._terragrunt()
        self._joined(read_composed(self.tree, self.artifacts, self.paths, self._known()))
        self._joined(
            read_named(self.tree, self.artifacts, self.paths, {path for path, _ in (*self.failures, *self.skipped)})
        )
        self._joined(read_settings(self.tree, self.paths, {*self._known(), *self.artifacts}, self.settings))
        artifacts = [(path, format, data) for path, (format, data) in self.artifacts.items()]
        artifacts.sort(key=lambda each: path_bytes(each[0]))
        for pairs in (self.skipped, self.failures):
            pairs.sort(key=lambda each: path_bytes(each[0]))
        self.not_rendered.sort(key=path_bytes)
        return Discovery(
            artifacts,
            self.skipped,
            self.failures,
            self.not_rendered,
            frozenset(self.paths),
            self.links,
            self.unrecognised,
        )

    def _format(self, folder: str, name: str, in_chart: bool) -> str | None:
        if self.charts and not in_chart and is_chart_file(folder, name, self.charts):
            return "helm"
        return by_path(folder, name, in_chart)

    def _in_templates(self, folder: str) -> bool:
        """Whether a folder is `templates/` of a chart, or below it."""
        parts = folder.split("/")
        return any(p == "templates" and "/".join(parts[:at]) in self.charts for at, p in enumerate(parts))

    def _take(self, path: str, format: str, real: str = "") -> None:
        """Read a file that is ours or may be, and keep it if it is."""
        if format == TEMPLATE:
            self.not_rendered.append(path)
            return
        try:
            data = self.tree.read(real or path)
        except Unreadable as error:
            if format.startswith("?") and error.too_large and not self._begins_as(real or path, format):
                self.unrecognised += 1
            else:
                self.failures.append((path, error.reason))
            return
        if format == MAYBE_HCL:
            self.hcl.append((path, data))
            return
        found = by_bytes(format, data) if format.startswith("?") else format
        if found is None:
            self.unrecognised += 1
            if format == MAYBE_YAML:
                self.loose.append((path, data))
        else:
            self.artifacts[path] = (found, data)
            self.applied = self.applied or format == "yaml" or (found == "yaml" and is_object(data))

    def _companions(self) -> None:
        """YAML beside Kubernetes objects is in scope with them: `kubectl apply -f` and kustomize read whole folders."""
        if self.applied:
            for path, data in self.loose:
                if not path.rpartition("/")[2].startswith(_APART) and path not in _CONFIGURATION:
                    self.artifacts[path] = ("yaml", data)
                    self.unrecognised -= 1
        self.applied = False
        self.loose = []

    def _terragrunt(self) -> None:
        """HCL of any name is Terragrunt's where a tree has units and one of its files names it, or it looks like it."""
        said = b"".join(data for format, data in self.artifacts.values() if format == "terragrunt")
        for path, data in self.hcl:
            name = path.rpartition("/")[2]
            if said and not name.endswith(".pkr.hcl") and (name.encode() in said or by_bytes(MAYBE_HCL, data)):
                self.artifacts[path] = ("terragrunt", data)
            else:
                self.unrecognised += 1
        if said:
            self._data(b"".join(data for format, data in self.artifacts.values() if format == "terragrunt"))

    def _data(self, said: bytes) -> None:
        """Values kept beside Terragrunt's files, `yamldecode(file(find_in_parent_folders("env.yaml")))`."""
        import re

        names = {
            name.decode() for name in re.findall(rb"[A-Za-z0-9_.-]{1,200}\.(?:ya?ml|json)(?![A-Za-z0-9_.-])", said)
        }
        known = {*self.artifacts, *self._known()}
        for path in sorted(self.paths - known) if names else ():
            if path.rpartition("/")[2] in names and not _is_dependency(path):
                try:
                    self.artifacts[path] = ("data", self.tree.read(path))
                    self.unrecognised -= 1
                except Unreadable:
                    continue

    def _known(self) -> set[str]:
        """Paths that are accounted for and are no artifacts."""
        return {*self.links, *self.not_rendered, *(path for path, _ in (*self.failures, *self.skipped))}

    def _joined(self, taken: Mapping[str, tuple[str, bytes]]) -> None:
        """Files that others name, or that count only beside others of the tree."""
        self.artifacts.update(taken)
        self.unrecognised -= len(taken)

    def _begins_as(self, path: str, format: str) -> bool:
        try:
            return by_bytes(format, self.tree.peek(path)) is not None
        except Unreadable:
            return True

    def _alias(self, path: str, format: str, real: str) -> None:
        known = self.artifacts.get(real)
        if known is not None and (format == known[0] or format.startswith("?")):
            self.links[path] = real
            self.skipped.append((path, f"a link to {real}, which is read"))
        else:
            self._take(path, format, real)

    def _leads_nowhere(self, path: str, format: str, target: Target) -> None:
        certain = format and not format.startswith("?")
        if format and (target.kind == "unreadable" or (certain and target.kind in ("broken", "loop"))):
            self.failures.append((path, target.reason))
        elif format or target.kind == "outside":
            self.skipped.append((path, target.reason))
        else:
            self.unrecognised += 1


def _is_dependency(folder: str) -> bool:
    return not _DEPENDENCIES.isdisjoint(folder.split("/"))
