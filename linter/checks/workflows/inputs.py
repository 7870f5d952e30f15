"""Inputs of workflows that people start or other workflows call.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax (on.workflow_call, on.workflow_dispatch)
"""

from __future__ import annotations

from typing import Any

from linter.checks.workflows.forms import Form
from linter.checks.workflows.reader import Reader, at_key, at_value
from linter.checks.workflows.scopes import Known, input_type
from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.pipelines.expression_types import Type
from linter.trees import as_map

MOST_INPUTS = 25
_NOTE = Form("text", empty=True)
_ANYTHING = Form(deep=True)
DISPATCH = Form(
    empty=True,
    keys={
        "inputs": Form(
            empty=True,
            values=Form(
                empty=True,
                keys={
                    "description": _NOTE, "type": Form("text"), "required": Form("bool"),
                    "default": _ANYTHING, "options": Form(items=Form("text")),
                },
            ),
        )
    },
)  # fmt: skip
_CALLED = Form(
    required=("type",),
    keys={
        "description": _NOTE, "type": Form("text"), "required": Form("bool"),
        "default": _ANYTHING,
    },
)  # fmt: skip
_DISPATCH_TYPES = ("boolean", "choice", "environment", "number", "string")
_CALL_TYPES = ("boolean", "number", "string")


class _Sooner(Known):
    """The inputs that stand before the one whose default is read."""

    __slots__ = ("inputs",)

    def __init__(self) -> None:
        self.inputs: dict[str, Type] = {}

    def type_of(self, context: str) -> Type:
        return ("object", self.inputs, None) if context == "inputs" else super().type_of(context)


def dispatch_inputs(reader: Reader, options: Map, entry: Entry) -> None:
    inputs = as_map(options.get("inputs"))
    if len(inputs) > MOST_INPUTS:
        message = f"`workflow_dispatch` takes {MOST_INPUTS} inputs at most, and {len(inputs)} are written"
        reader.tell("inputs", at_key(entry), message)
    for name, raw in inputs.items():
        if not isinstance(raw, Map):
            continue
        kind = _kind(reader, raw, _DISPATCH_TYPES)
        _options(reader, str(name), kind, raw, inputs.at[name])
        if "default" in raw:
            _default(reader, kind, raw)


def _kind(reader: Reader, raw: Map, known: tuple[str, ...]) -> str:
    kind = raw.get("type")
    if not isinstance(kind, str) or not kind:
        return ""
    if kind not in known:
        message = f"there is no type `{kind}` of inputs: there are {', '.join(f'`{each}`' for each in known)}"
        reader.tell("syntax", at_value(kind, raw.at["type"]), message)
        return ""
    return kind


def _options(reader: Reader, name: str, kind: str, raw: Map, entry: Entry) -> None:
    options = raw.get("options")
    if kind != "choice":
        if "options" in raw:
            reader.tell("inputs", at_key(entry), f"only a `choice` has options, and `{name}` is none")
        return
    if isinstance(options, Unknown):
        return
    if not options or not isinstance(options, Seq):
        reader.tell("inputs", at_key(entry), f"`{name}` is a `choice` without options")
        return
    seen: set[str] = set()
    for option, at in zip(options, options.at, strict=False):
        if str(option) in seen:
            reader.tell("inputs", at_value(option, at), f"the option `{option}` is written again")
        seen.add(str(option))
    default = raw.get("default")
    if isinstance(default, str) and default and default not in seen:
        reader.tell("inputs", at_value(default, raw.at["default"]), f"`{default}` is none of the options of `{name}`")


def _default(reader: Reader, kind: str, raw: Map) -> None:
    value, entry = raw["default"], raw.at["default"]
    if isinstance(value, Unknown):
        return
    if isinstance(value, (Map, Seq)):
        reader.tell("syntax", at_value(value, entry), "`default` must be a text, a number, true or false")
        return
    if kind == "boolean" and not isinstance(value, bool) and value not in ("true", "false"):
        reader.tell("inputs", at_value(value, entry), f"a boolean is true or false, not `{value}`")
    elif kind == "number" and not _numeric(value):
        reader.tell("inputs", at_value(value, entry), f"`{value}` is no number")


def _numeric(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def call_inputs(reader: Reader, options: Map) -> None:
    inputs = as_map(options.get("inputs"))
    before = _Sooner()
    outside, reader.types = reader.types, before
    for name, raw in inputs.items():
        reader.read(raw, inputs.at[name], _CALLED, str(name))
        if isinstance(raw, Map):
            kind = _kind(reader, raw, _CALL_TYPES)
            default = raw.get("default")
            if isinstance(default, str) and "${{" in default:
                wanted = {"boolean": "bool", "number": "number"}.get(kind, "string")
                form = Form("text" if wanted == "string" else wanted, "workflow", wanted)
                reader.expressions(default, raw.at["default"], form, "default")
            elif default is not None:
                _default(reader, kind, raw)
            if raw.get("required") is True and "default" in raw:
                message = f"`{name}` is required, so its default is never used"
                reader.tell("inputs", at_value(default, raw.at["default"]), message)
        before.inputs[str(name).lower()] = input_type(raw)
    reader.types = outside
