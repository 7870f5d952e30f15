"""The variables of a `.env` file as a mapping with places, what stands for other variables put in."""

from __future__ import annotations

from linter.model import Map, Source, Unknown
from linter.parsers.containers.compose_values import replaced
from linter.syntax import dotenv
from linter.trees import put


def variables(source: Source) -> Map:
    """Name → value; Unknown for what the process gives. A later entry of a name wins."""
    body = Map((source.index, 0, len(source.text)))
    for each in dotenv.parse(source.text).variables:
        value: str | Unknown
        if each.value is None:
            value = Unknown("missing-input", each.name, f"Give {each.name} a value in {source.path}.", type="string")
        else:
            value = replaced(each.value, body) if each.expands else each.value
        put(body, each.name, value, (source.index, each.name_start, each.name_end, each.value_start, each.value_end))
    return body
