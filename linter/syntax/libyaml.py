"""PyYAML's C parser, without the price of `import yaml` and of its events.

The extension needs little of its package: the exceptions it raises and the classes of its events, tokens and nodes. It
is given classes of our own: the constructor of an exception, alone of those built in, keeps whatever positional
arguments it gets without running Python, and making the seven of a scalar's event is much of what reading YAML costs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

from linter.records import NamedTuple


class Event(Exception):
    """What the parser has read, never raised. args: what FIELDS names; a mark's `index` is its offset."""

    __slots__ = ()


class StreamEnd(Event):
    __slots__ = ()


class DocumentStart(Event):
    __slots__ = ()


class Alias(Event):
    __slots__ = ()


class Scalar(Event):
    __slots__ = ()


class MappingStart(Event):
    __slots__ = ()


class SequenceStart(Event):
    __slots__ = ()


class CollectionEnd(Event):
    __slots__ = ()


CLASSES: dict[str, type[Event]] = {
    "StreamStartEvent": Event,
    "StreamEndEvent": StreamEnd,
    "DocumentStartEvent": DocumentStart,
    "DocumentEndEvent": Event,
    "AliasEvent": Alias,
    "ScalarEvent": Scalar,
    "MappingStartEvent": MappingStart,
    "MappingEndEvent": CollectionEnd,
    "SequenceStartEvent": SequenceStart,
    "SequenceEndEvent": CollectionEnd,
}
_COLLECTION = ("anchor", "tag", "implicit", "start_mark", "end_mark", "flow_style")
FIELDS: dict[type[Event], tuple[str, ...]] = {
    Event: (),
    StreamEnd: ("start_mark", "end_mark"),
    DocumentStart: ("start_mark", "end_mark"),
    Alias: ("anchor", "start_mark", "end_mark"),
    Scalar: ("anchor", "tag", "implicit", "value", "start_mark", "end_mark", "style"),
    MappingStart: _COLLECTION,
    SequenceStart: _COLLECTION,
    CollectionEnd: ("start_mark", "end_mark"),
}
"""The arguments the extension gives, in its order; where it gives more, the first of them."""


class Library(NamedTuple):
    """events: text → a function that gives the next Event. error: what both may raise.

    check: reads a text and forgets it, raising `error`; None where that is not done in C.
    """

    events: Callable[[str], Callable[[], Any]]
    error: type[Exception]
    check: Callable[[str], Any] | None


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
    """The package as it is, for where something else has imported it already or the extension is missing."""
    import yaml

    parser = getattr(yaml, "CParser", None) or getattr(yaml, "CLoader", None)

    def events(text: str) -> Callable[[], Any]:
        get = (parser or yaml.Loader)(text).get_event
        return lambda: _ours(get())

    return Library(events, yaml.YAMLError, None if parser is None else lambda text: parser(text).raw_parse())


def _ours(event: Any) -> Event | None:
    """PyYAML's own event as ours; past the end of the stream there is none."""
    if event is None:
        return None
    made = CLASSES[type(event).__name__]
    return made(*[getattr(event, name) for name in FIELDS[made]])


_STUBS = {
    "reader": "YAMLError",
    "scanner": "MarkedYAMLError",
    "parser": "MarkedYAMLError",
    "composer": "MarkedYAMLError",
    "constructor": "MarkedYAMLError",
    "emitter": "YAMLError",
    "serializer": "YAMLError",
    "representer": "YAMLError",
    "tokens": "YAMLError",
}
"""The modules of which the extension takes classes when it is loaded, with the base of their exceptions."""


def _bare() -> Library:
    """Load `yaml._yaml` below a package object that has the folder of the true one and none of its body.

    The object leaves sys.modules again, so that a later `import yaml` finds and runs the true package, which loads
    documents as ever; only the events of its C parser stay ours.
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
        import_module("yaml.error")
        import_module("yaml.nodes")
        for name, base in _STUBS.items():
            setattr(package, name, _stub(name, getattr(package.error, base)))
        package.events = ModuleType("yaml.events")
        vars(package.events).update(CLASSES)
        from yaml._yaml import CParser

        return Library(
            lambda text: CParser(text).get_event, package.error.YAMLError, lambda text: CParser(text).raw_parse()
        )
    finally:
        del sys.modules["yaml"]


def _stub(name: str, error: type[Exception]) -> ModuleType:
    """A module that has every class it is asked for."""
    module: Any = ModuleType(f"yaml.{name}")
    module.__getattr__ = lambda wanted: type(wanted, (error if wanted.endswith("Error") else object,), {})
    return module  # type: ignore[no-any-return]
