"""What outside scanners found, in one form, before it is placed in the estate."""

from __future__ import annotations

from collections.abc import Mapping

from linter.records import NamedTuple


class Foreign(NamedTuple):
    """One finding of another tool.

    id: the tool's own id of the check. path: below the root, '' where it names no file there. lines and columns count from
    1; a column of 0 is not known.
    address: what the tool calls the resource, '' where it names none. severity: one of ours, '' where it has none.
    suppressed: the reason a comment for that tool gives, None where there is none; '' is a comment without one.
    fingerprint: what tells it from others of its check in its file, else ''.
    """

    tool: str
    id: str
    title: str
    message: str
    path: str
    start_line: int
    end_line: int
    start_column: int = 0
    end_column: int = 0
    address: str = ""
    severity: str = ""
    suppressed: str | None = None
    fingerprint: str = ""


class Check(NamedTuple):
    """What a tool says of one of its checks. security_severity: 0.1 to 10.0, None where it says none. fix: what to do."""

    title: str
    help: str = ""
    help_uri: str = ""
    severity: str = ""
    security_severity: float | None = None
    tags: tuple[str, ...] = ()
    fix: str = ""


class Read(NamedTuple):
    """A tool's answer. tool: its name in lower case; version: '' where it does not say. unread: (path, why) of files it
    could not read. problem: why the answer cannot be used, else ''. note: a remark, such as why it was not started."""

    tool: str
    version: str
    findings: tuple[Foreign, ...] = ()
    checks: Mapping[str, Check] = {}
    unread: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    note: str = ""
