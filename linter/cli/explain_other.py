"""What is known here of another tool's check that no rule of ours claims: for `opslint explain`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.policy.ids import rule_id, words
from linter.rules.pack import Pack
from linter.scanners import NAMES


def known(pack: Pack, name: str) -> str:
    """A check as text for people, '' where neither a mapping file nor the bundled Semgrep rules name it.

    name: the tool's own id (CKV_AWS_226) or the one of its findings here (`checkov.ckv-aws-226`).
    """
    for tool in NAMES:
        prefix, dot, rest = name.partition(".")
        id = words(rest if dot and prefix.lower() == tool else name)
        mapping = pack.scanner(tool)
        for like, checks in mapping.get("like", {}).items():
            for check in checks:
                if words(check) == id:
                    return "\n".join(_like(pack, tool, check, like)) + "\n"
        for entry in mapping.get("none", ()):
            for check in entry["checks"]:
                if words(check) == id:
                    return "\n".join(_none(tool, check, entry["reason"])) + "\n"
    return ""


def _head(tool: str, check: str) -> str:
    return f"{rule_id(tool, check)}  ({tool} {check}; no rule of opslint makes the same check)"


def _like(pack: Pack, tool: str, check: str, like: str) -> Iterator[str]:
    rule = pack.rule(like)
    yield _head(tool, check)
    yield from _bundled(pack, check) if tool == "semgrep" else ()
    yield f"Bears on the controls of {like}, which asks for the same class of thing: {rule.title}."
    if tool != "semgrep":
        yield f"Its findings have that rule's severity, {rule.severity.word}, where {tool} names none."
    yield from _waiver(tool, check)


def _none(tool: str, check: str, reason: str) -> Iterator[str]:
    yield _head(tool, check)
    yield f"It bears on no control: {reason}"
    yield from _waiver(tool, check)


def _bundled(pack: Pack, check: str) -> Iterator[str]:
    import yaml

    text = pack.texts(f"semgrep/{check}.yaml").get(f"semgrep/{check}.yaml")
    loaded: Any = yaml.safe_load(text) if text else {"rules": []}
    for rule in loaded["rules"]:
        yield f"{rule['metadata']['title']}."
        yield ""
        yield f"Why  {rule['metadata']['why']}"
        yield f"Fix  {rule['metadata']['fix']}"
        yield ""


def _waiver(tool: str, check: str) -> Iterator[str]:
    yield f"Found with `opslint scan --with {tool}`; waived, as any rule, by `rule: {rule_id(tool, check)}` in opslint.yaml."
