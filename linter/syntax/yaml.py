"""YAML text → values that know their places, from the events of PyYAML's C parser.

Values are those of PyYAML's SafeLoader (schema "1.1", what Kubernetes tools read) or of the YAML 1.2 core schema
("1.2", what GitHub reads), but for timestamps, which stay text. Depth, nodes, aliases and numbers are bounded while
events arrive, before anything large is built. https://yaml.org/spec/1.1/ and https://yaml.org/spec/1.2.2/
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from linter.model import Problem
from linter.syntax.yaml_reader import ALIAS_LIMIT as ALIAS_LIMIT
from linter.syntax.yaml_reader import DEPTH_LIMIT as DEPTH_LIMIT
from linter.syntax.yaml_reader import NODE_LIMIT as NODE_LIMIT
from linter.syntax.yaml_reader import PROBLEM_LIMIT as PROBLEM_LIMIT
from linter.syntax.yaml_reader import Document as Document
from linter.syntax.yaml_reader import Loaded as Loaded
from linter.syntax.yaml_reader import Reader
from linter.syntax.yaml_scalars import NUMBER_LIMIT
from linter.syntax.yaml_text import boundaries

SCHEMA_OWNER = "CustomResourceDefinition"


def load(
    source_index: int,
    text: str,
    schema: str | Callable[[str], Any] = "1.1",
    start: int = 0,
    end: int | None = None,
    *,
    skip_schemas: bool = False,
) -> Loaded:
    """Read every document of a text, or of a part between two offsets. Raises nothing.

    schema: "1.1", "1.2" or a function from a plain scalar's text to its value.
    skip_schemas: leave the schemas of CustomResourceDefinitions empty mappings; they are most
    of the text of many repositories, and still have to be YAML.
    """
    if skip_schemas and SCHEMA_OWNER in text and end is None and start == 0:
        from linter.syntax.yaml_schemas import load_without

        loaded = load_without(source_index, text, schema)
        if loaded is not None:
            return loaded
    return _load(source_index, text, schema, start, len(text) if end is None else end)


def _load(source_index: int, text: str, schema: str | Callable[[str], Any], start: int, end: int) -> Loaded:
    reader = Reader(source_index, text, schema)
    stopped = reader.read(start, end)
    if stopped is not None:
        _recover(reader, start, stopped, end)
    for number in reader.values.endless:
        at = max(text.find(number, start), 0)
        message = f"a number of more than {NUMBER_LIMIT:,} characters was left as text"
        reader.loaded.problems.append(Problem(message, at, at + len(number)))
    return reader.loaded


def _recover(reader: Reader, first: int, stopped: int, last: int) -> None:
    """Read what stands after a failed document, each by itself: a `---` line begins a document wherever it stands."""
    starts = list(boundaries(reader.text, stopped, last))
    if stopped == first:
        starts[:0] = [first] if not starts or starts[0] > first else []
    for start, end in pairwise([*starts, last]):
        if len(reader.loaded.problems) >= PROBLEM_LIMIT or reader.total > NODE_LIMIT:
            message = "too many problems or values: the documents from here on were not read"
            reader.loaded.problems.append(Problem(message, start, start))
            return
        reader.read(start, end)
