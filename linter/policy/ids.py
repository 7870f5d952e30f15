"""Ids of other tools' checks as they are here: in findings, in the policy, in comments."""

from __future__ import annotations

_LONGEST = 90


def rule_id(tool: str, id: str) -> str:
    """The id a tool's check has here: `checkov.ckv-aws-20`."""
    return f"{tool}.{words(id)[:_LONGEST] or 'check'}"


def own_id(tool: str, id: str) -> str:
    """A check as its tool's own pages call it. Logs of zizmor prefix it (`zizmor/unpinned-uses`), and those of Trivy have
    three spellings: `AVD-KSV-0020`, `KSV-0020` and, of a check written in Rego, `KSV020`."""
    plain = id.removeprefix(f"{tool}/")
    if tool != "trivy":
        return plain
    short = plain.upper().removeprefix("AVD-")
    letters = short.rstrip("0123456789")
    digits = short[len(letters) :]
    if letters.isalpha() and len(digits) == 3:
        return f"{letters}-0{digits}"
    return short if letters.endswith("-") and letters[:-1].isalpha() and len(digits) == 4 else plain


def words(text: str) -> str:
    """A name in lower case, all but ASCII letters and digits as single hyphens."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in text.lower())
    return "-".join(word for word in plain.split("-") if word)


def meant(id: str) -> str:
    """The id somebody means who writes `checkov.CKV_AWS_20`; ids of ours, which have no dot, are what they are."""
    tool, dot, check = id.partition(".")
    return rule_id(words(tool), own_id(words(tool), check)) if dot and check and "*" not in id else id


def tool_of(id: str) -> str:
    """The tool whose check an id is of, '' for rules of ours."""
    tool, dot, _ = id.partition(".")
    return tool if dot else ""
