"""Which baseline a scan is compared with: that of the policy, never one that only the scanned tree has (DESIGN §7)."""

from __future__ import annotations

import os

from linter.cli.refusals import usage
from linter.config import BASELINE, ConfigError, Settings
from linter.files import Tree, Unreadable, read_trusted
from linter.policy.baseline_file import CAP, read
from linter.records import NamedTuple
from linter.report import Baseline

_MAKE = "make one with `opslint baseline create`"


class InForce(NamedTuple):
    """baseline: what is compared with, if anything. changes: what the scanned tree has instead, which does not count."""

    baseline: Baseline | None
    changes: tuple[str, ...] = ()


def in_force(named: str | None, root: str, folder: str, settings: Settings) -> InForce:
    """The baseline of a scan. named: `--baseline`; root, folder: real paths of the scanned tree and of the policy.

    A name below the root stands for the file of that name in the policy folder, where that is another one. Raises
    ConfigError and UsageError for a file that is not there, or is no baseline.
    """
    path = settings.baseline or BASELINE
    if named:
        inside = below(named, root)
        if inside is None or folder.startswith(root + os.sep):
            inside = below(named, folder) or inside
        if inside is None:
            return InForce(_named(named))
        path = inside
    found = load(folder, path, settings)
    if folder == root:
        if found is None and named:
            raise usage(f"--baseline: there is no file {named!r}; {_MAKE}")
        if found is None and settings.baseline:
            raise _missing(settings)
        return InForce(found)
    return _beside_another(found, named, root, path, settings)


def _beside_another(found: Baseline | None, named: str | None, root: str, path: str, settings: Settings) -> InForce:
    """With a policy from elsewhere: what the tree itself says is compared, and never counts."""
    theirs = _digest(root, path)
    if found is None and theirs is None:
        if named:
            raise usage(f"--baseline: neither the policy nor the scanned tree has a file {path!r}; {_MAKE}")
        if settings.baseline:
            raise _missing(settings)
    if theirs == (found.sha256 if found is not None else None):
        return InForce(found)
    return InForce(found, (f"{path} differs from the baseline in force: the change counts once it is merged.",))


def _missing(settings: Settings) -> ConfigError:
    """The policy names a file that is not there."""
    line = 1
    if settings.sources:
        from linter.syntax import yaml
        from linter.syntax.written import offset_of

        source = settings.sources[0]
        documents = yaml.load(0, source.text, "1.2").documents
        line = source.position(offset_of(documents[0].value, ["baseline"]))[0] if documents else 1
    return ConfigError([f"{settings.path}:{line}: baseline: there is no file {settings.baseline!r}; {_MAKE}"])


def below(path: str, folder: str) -> str | None:
    """A path as one below a folder, or None. It counts as what it is called, not as what a link in the tree leads to."""
    whole = os.path.abspath(path)
    above = whole
    while above != os.path.dirname(above):
        above = os.path.dirname(above)
        if os.path.realpath(above) == folder:
            return os.path.relpath(whole, above).replace(os.sep, "/")
    return None


def load(folder: str, path: str, settings: Settings) -> Baseline | None:
    """The baseline in a policy folder; None where there is no such file. Raises ConfigError."""
    if not os.path.lexists(os.path.join(folder, path)):
        return None
    try:
        with Tree(folder) as tree:
            target = tree.resolve(path)
            if target.kind != "file":
                raise Unreadable(target.reason or "not a regular file")
            data = tree.read(target.path, CAP)
    except Unreadable as error:
        raise _unreadable(path, error) from None
    return read(path, data)


def _named(path: str) -> Baseline:
    """A file outside of the tree and of the policy folder, which nobody but the caller named."""
    name = os.path.basename(path) or path
    if not os.path.lexists(path):
        raise usage(f"--baseline: there is no file {path!r}; {_MAKE}")
    try:
        data = read_trusted(path, CAP)
    except Unreadable as error:
        raise _unreadable(name, error) from None
    return read(name, data)


def _unreadable(name: str, error: Unreadable) -> ConfigError:
    remedy = error.remedy or "put a regular file in its place"
    return ConfigError([f"{name}:1: the baseline cannot be read ({error.reason}); {remedy}"])


def _digest(root: str, path: str) -> str | None:
    """SHA-256 of the scanned tree's own file; None where there is none, '' where it cannot be read."""
    from linter.digests import sha256

    if not os.path.lexists(os.path.join(root, path)):
        return None
    try:
        with Tree(root) as tree:
            target = tree.resolve(path)
            return sha256(tree.read(target.path, CAP)).hexdigest() if target.kind == "file" else ""
    except Unreadable:
        return ""
