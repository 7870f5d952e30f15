"""Outside scanners: found, started beside the scan, and their findings read (DESIGN §2, `scanners/`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from linter.records import NamedTuple
from linter.scanners.foreign import Read

NAMES = ("checkov", "semgrep")


class Program(NamedTuple):
    """A scanner's program. source: 'opslint.yaml', 'opslint scanners install' or 'PATH'; path: '' where there is none."""

    name: str
    path: str
    source: str


def found(name: str, settings: Mapping[str, Any], root: str) -> Program:
    """The program of a scanner: the one the policy names, else the one opslint installed, else the one on PATH.

    One that lies in the scanned tree is none: the tree brings no programs along, and hides none that comes later on PATH.
    """
    configured = (settings.get("scanners") or {}).get(name, {}).get("program", "")
    candidates = (
        (os.path.expanduser(configured), "opslint.yaml"),
        (os.path.join(home(name), "bin", name), "opslint scanners install"),
        *((shutil.which(name, path=folder) or "", "PATH") for folder in os.get_exec_path()),
    )
    for path, source in candidates:
        if path and os.path.isfile(path) and os.access(path, os.X_OK) and not _inside(root, path):
            return Program(name, os.path.abspath(path), source)
        if path and source == "opslint.yaml":
            return Program(name, "", source)
    return Program(name, "", "")


def home(name: str) -> str:
    """The folder of the environment that `opslint scanners install` makes for a scanner."""
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(base, "opslint", "scanners", name)


def _inside(root: str, path: str) -> bool:
    """Whether the program, or the folder it is called from, lies in the scanned tree."""
    top = os.path.realpath(root)
    return any(os.path.commonpath([top, each]) == top for each in (os.path.realpath(path), os.path.abspath(path)))


def adapter(name: str) -> Any:
    """The module that knows a scanner: `job(program, root, settings)` and `read(output) -> Read`."""
    return import_module(f"linter.scanners.{name}")


Reader = Callable[[bytes], Read]
