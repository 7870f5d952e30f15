"""Messages as SARIF wants them: plain sentences that stand alone, and the templates with arguments they come from.

Encodes SARIF 2.1.0 §3.11: `{0}` for arguments, doubled braces for literal ones in templates, `[text](1)` for links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from linter.model import Severity
from linter.records import NamedTuple
from linter.report import RuleInfo
from linter.reporters.excerpts import visible

_SPECIAL = {ord(char): f"\\{char}" for char in "\\`*_[]#~>|{}$"}
_SPECIAL |= {ord("<"): "&lt;", ord("&"): "&amp;", ord("@"): "@\u200b"}
HOME = "https://github.com/opslint/opslint"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_LONGEST = 900
_TEMPLATES = 50
_LINKS = 20
FALLBACK = "The rule is not met: '{0}'."


def level(severity: Severity) -> str:
    """SARIF's level for a severity: error from high up, warning for medium, note below."""
    return _LEVELS.get(severity, "note")


def help_uri(rule: str, info: RuleInfo | None = None) -> str:
    """Where a rule is explained on the web: one of another tool on that tool's page, or on what is said of other tools."""
    if "." in rule:
        return info.help_uri if info is not None and info.help_uri else f"{HOME}#other-scanners"
    return f"{HOME}/blob/main/docs/rules.md#{rule}"


def uri(path: str) -> str:
    """A path below the root as a relative URI reference, its bytes percent-encoded (RFC 3986)."""
    from urllib.parse import quote_from_bytes

    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = path.encode("utf-8", "surrogatepass")
    return quote_from_bytes(data, safe="/")


class Worded(NamedTuple):
    """A message: its template and arguments, both put together, and the same as Markdown, its links alive."""

    template: str
    arguments: tuple[str, ...]
    text: str
    markdown: str


class Templates:
    """The message templates of one rule, by the ids results refer to them with; at most so many."""

    __slots__ = ("ids",)

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def name(self, worded: Worded) -> tuple[str, tuple[str, ...]]:
        """The id of a message's template and the arguments to go with it."""
        if worded.template not in self.ids and len(self.ids) >= _TEMPLATES:
            self.ids.setdefault(FALLBACK, "other")
            return "other", (worded.text.rstrip("."),)
        return self.ids.setdefault(worded.template, f"message-{len(self.ids) + 1}"), worded.arguments


@cache
def _quoted() -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:'([^']+)'|`([^`']+)`)(?!\w)")


def one_line(text: str) -> str:
    """Scanned text as part of a sentence: no line breaks, no brackets that would read as a link, not too long."""
    shown = " ".join(visible(text).split()).replace("](", "] (")
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."


def literal(shown: str) -> str:
    """One redacted, safe line as Markdown that shows exactly it.

    A zero-width space after `@` keeps it from calling people, an escaped colon an address from becoming a link.
    """
    shown = shown.translate(_SPECIAL).replace("://", "\\://").replace("www.", "www\\.")
    return f"\\{shown}" if shown[:1] in ("-", "+", "=") else shown


def sentence(text: str) -> str:
    """A text that ends with a full stop."""
    shown = one_line(text).rstrip(" .")
    return f"{shown}." if shown else ""


def worded(message: str, subject: str, links: Iterable[str] = ()) -> Worded:
    """A finding's message with what varies in 'single quotes', and a link to each related place by number from 1.

    What is quoted already, by quotes or backticks, is an argument; where nothing is, the subject becomes one.
    """
    text, named = sentence(message) or "The rule is not met.", one_line(subject)
    if not _quoted().search(text) and named:
        said = text.removesuffix(".")
        text = said.replace(named, f"'{named}'", 1) + "." if named in said else f"'{named}': {text}"
    text = _quoted().sub(lambda match: f"'{match[1] or match[2]}'", text)
    template: list[str] = []
    arguments: list[str] = []
    position = 0
    for match in _quoted().finditer(text):
        template += (_braced(text[position : match.start()]), f"'{{{len(arguments)}}}'")
        arguments.append(match[1] or match[2])
        position = match.end()
    template.append(_braced(text[position:]))
    markdown = literal(text)
    for number, link in enumerate(list(links)[:_LINKS], 1):
        label = one_line(link).replace("[", "(").replace("]", ")").replace("'", "").rstrip(" .")
        template.append(f" See ['{{{len(arguments)}}}']({number}).")
        text += f" See ['{label}']({number})."
        markdown += f" See [{literal(label)}]({number})."
        arguments.append(label)
    return Worded("".join(template), tuple(arguments), text, markdown)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
