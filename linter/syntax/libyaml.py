"""PyYAML's C parser, without the price of `import yaml`.

The extension needs little of its package: the exceptions it raises and the classes of its events, tokens and nodes.
Importing only those takes a third of the time of the package with its pure-Python reader, constructors and emitters,
and a scan of one small file is mostly start-up.
"""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType
from typing import Any

from linter.records import NamedTuple


class Library(NamedTuple):
    """parser: text → object with get_event() and raw_parse(); events: the module of its event classes.

    error: what it raises. fast: whether it is the C parser.
    """

    parser: Any
    events: Any
    error: type[Exception]
    fast: bool


@cache
def library() -> Library:
    """The parser to use: the C one, else PyYAML's own in Python (some ten times slower, same events)."""
    if "yaml" in sys.modules:
        return _whole()
    try:
        return _bare()
    except (ImportError, AttributeError):
        return _whole()


def _whole() -> Library:
    import yaml
    import yaml.events

    parser = getattr(yaml, "CParser", None) or getattr(yaml, "CLoader", None)
    return Library(parser or yaml.Loader, yaml.events, yaml.YAMLError, parser is not None)


_NEEDED = ("error", "events", "nodes", "tokens")

# The exceptions the extension looks up when it is loaded, by the module that defines them at a price, with their base.
_ERRORS = {
    "reader": ("ReaderError", "YAMLError"),
    "scanner": ("ScannerError", "MarkedYAMLError"),
    "parser": ("ParserError", "MarkedYAMLError"),
    "composer": ("ComposerError", "MarkedYAMLError"),
    "constructor": ("ConstructorError", "MarkedYAMLError"),
    "emitter": ("EmitterError", "YAMLError"),
    "serializer": ("SerializerError", "YAMLError"),
    "representer": ("RepresenterError", "YAMLError"),
}


def _bare() -> Library:
    """Load `yaml._yaml` below a package object that has the folder of the true one and none of its body.

    The object leaves sys.modules again, so that a later `import yaml` finds and runs the true package.
    """
    from importlib import import_module
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("yaml")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("yaml")
    package: Any = ModuleType("yaml")
    package.__path__ = spec.submodule_search_locations
    package.__spec__ = spec
    sys.modules["yaml"] = package
    try:
        for name in _NEEDED:
            import_module("yaml." + name)
        for name, (error, base) in _ERRORS.items():
            module = ModuleType("yaml." + name)
            setattr(module, error, type(error, (getattr(package.error, base),), {}))
            setattr(package, name, module)
        from yaml._yaml import CParser

        return Library(CParser, package.events, package.error.YAMLError, True)
    finally:
        del sys.modules["yaml"]
