"""Credentials in scanned text: finding them in linear time, and cutting them out of what is shown.

Every pattern starts at a word boundary and repeats single character classes a bounded number of times, so that no input
makes it backtrack. Known forms are those their issuers publish (AWS IAM identifiers, GitHub token prefixes, Slack,
Stripe, Google, npm, PyPI, RFC 7468 private keys, RFC 7519 web tokens). What has no form of its own is judged by its
name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from math import log2

from linter.secret_names import is_path, names_one, names_secret

KEPT = 4
_B = r"(?<![A-Za-z0-9_])"
_ENDS = r"(?![A-Za-z0-9])"
_KNOWN = (
    ("AWS access key", "AKIA ASIA ABIA ACCA", 0, r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}" + _ENDS),
    ("GitHub token", "ghp_ gho_ ghs_ ghu_ ghr_", 0, r"(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{30,255}"),
    ("GitHub token", "github_pat_", 0, _B + r"github_pat_[A-Za-z0-9_]{22,255}"),
    ("GitLab token", "glpat- gldt- glrt- glptt-", 0, _B + r"gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_.-]{20,64}"),
    ("Slack token", "xox xapp-", 0, _B + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,255}"),
    ("Slack webhook", "hooks.slack.com", 0, r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_+-]{20,200}"),
    ("Stripe key", "k_live_ k_test_", 1, _B + r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    ("Stripe key", "whsec_", 0, _B + r"whsec_[A-Za-z0-9]{16,255}"),
    ("Google API key", "AIza", 0, _B + r"AIza[A-Za-z0-9_-]{35}"),
    ("Google OAuth token", "ya29. GOCSPX-", 0, _B + r"(?:ya29\.|GOCSPX-)[A-Za-z0-9_-]{20,1000}"),
    ("npm token", "npm_", 0, _B + r"npm_[A-Za-z0-9]{36}"),
    ("PyPI token", "pypi-", 0, _B + r"pypi-[A-Za-z0-9_-]{50,1000}"),
    ("Docker token", "dckr_pat_", 0, _B + r"dckr_pat_[A-Za-z0-9_-]{20,64}"),
    ("Vault token", "hvs. hvb.", 0, _B + r"hv[sb]\.[A-Za-z0-9_-]{20,500}"),
    ("Terraform token", ".atlasv1.", 14, _B + r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}"),
    ("SendGrid key", "SG.", 0, _B + r"SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"),
    ("API key", "sk-", 0, _B + r"sk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{32,255}"),
    ("age key", "AGE-SECRET-KEY-", 0, r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("Azure storage key", "AccountKey= AccessKey=", None, r"[A-Za-z0-9+/]{40,100}={0,2}"),
    (
        "web token",
        "eyJ",
        0,
        r"(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{0,2048}",
    ),
    ("password in a URL", "://", None, r"[^\s:/@\"'<>{}$%]{0,128}:[^\s:/@\"'<>{}$%]{3,256}(?=@)"),
    ("HTTP credential", "asic earer", 1, r"(?<![A-Za-z])(?:[Bb]asic|[Bb]earer) [A-Za-z0-9+/._~-]{16,2048}={0,2}"),
)
"""type, words of which one stands in every match, how far before such a word the match begins (None: just after it),
pattern."""
_HINTS = tuple((hint, index) for index, (_, hints, _, _) in enumerate(_KNOWN) for hint in hints.split())
_LOOSE = ("://", "asic", "earer")
_SIGNS = ("://", "asic ", "earer ", "-----begin ")
_STRETCH = 15
"""The words that may stand apart from what they announce; all others stand in an unbroken stretch of so many characters."""

_NAMES = ("passw", "passphrase", "pwd", "secret", "token", "key", "credential")
_RUN = (32, 128)
"""How long a random string is."""
_SEPARATOR = (
    r"\\?[\"']?[ \t]{0,40}(?:=>|:=|=|:)"
    r"|\\?[\"']?[ \t]{0,9},?[ \t]{0,9}(?:\r?\n[ \t]{0,80})?\\?[\"']?value\\?[\"']?[ \t]{0,9}[:=]"
)
_VALUE = (
    r"[ \t]{0,40}(?:[|>][-+0-9]{0,2}[ \t]{0,9}\r?\n[ \t]{1,80})?"
    r"(?:\\\"((?:[^\"\\\n]|\\[^\"\n]){1,600})|\"((?:[^\"\\\n]|\\[^\n]){1,600})|'([^'\n]{1,600})|([^\s\"',;(){}\[\]]{1,600}))"
)
_BEGIN, _END = "-----BEGIN ", "-----END "
_PEM_SPAN = 16384

_PASSWORDS = ("passw", "pwd", "passphrase")
_PLACEHOLDER = (
    r"change[-_ ]?(?:me|this|it)|replace|example|dummy|placeholder|redacted|\btodo\b|fixme|\byour\b|your[-_]|\bfake"
    r"|insert[-_ ]"
    r"|\bnot[-_ ]?set\b|\bunset\b|x{4}|\*{3}|\.{3}|…|\$\{|\$\(|\{\{|<%|%\(|%\{"
)
_REFERENCE = (
    r"(?:arn:|[a-z][a-z0-9+.-]{1,20}:(?://|[a-z/])|\$|%[A-Za-z_]+%\Z|<[^>]*>\Z|\[[^\]]*\]\Z|/|\./|~/"
    r"|(?:var|local|data|module|each|env|process|os|secrets|inputs|github|vault|ssm|self|params)\.)"
)
_WORDS = frozenset(
    ("true", "false", "yes", "no", "on", "off", "null", "none", "nil", "undefined", "~", "string", "str", "any",
     "bytes", "number", "bool", "required")
)  # fmt: skip


@lru_cache(maxsize=2048)
def redacted(text: str) -> str:
    """`text` with every credential cut to at most 4 characters, a quarter of a short one, and `…`."""
    spans = find(text)
    if not spans:
        return text
    pieces, done = [], 0
    for start, end, _ in spans:
        pieces += [text[done:start], mask(text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def redacted_slice(text: str, start: int, end: int) -> str:
    """text[start:end] redacted as a part of its surroundings: a password is known by the name before it."""
    low, high = max(0, start - _PEM_SPAN), end + 1024
    window, pieces, done = text[low:high], [], start - low
    for first, last, _ in find(window):
        if last <= done or first >= end - low:
            continue
        first, last = max(first, done), min(last, end - low)
        pieces += [window[done:first], mask(window[first:last])]
        done = last
    return "".join([*pieces, window[done : end - low]])


def mask(value: str) -> str:
    """What may be shown of a credential."""
    return value[: min(KEPT, len(value) // 4)] + "…"


def find(text: str) -> list[tuple[int, int, str]]:
    """(start, end, type) of every credential, in order, not overlapping; where two overlap, their union."""
    stretches, low = _stretches(text), _lowered(text)
    named, signed = [name for name in _NAMES if name in low], [sign for sign in _SIGNS if sign in low]
    formed = _known(text, stretches) if stretches or signed else ()
    drawn, keys = _random(text, stretches) if stretches else (), _keys(text) if signed else ()
    ranked = enumerate((formed, keys, _assigned(text) if named else (), drawn))
    found = sorted([(start, end, rank, kind) for rank, each in ranked for start, end, kind in each])
    joined: list[tuple[int, int, int, str]] = []
    for start, end, rank, kind in found:
        if joined and start < joined[-1][1]:
            first, last, known_rank, known = joined.pop()
            start, end = first, max(last, end)
            rank, kind = min((rank, kind), (known_rank, known))
        joined.append((start, end, rank, kind))
    return [(start, end, kind) for start, end, _, kind in joined]


def credential(value: str) -> str | None:
    """The type of a credential recognisable in a value without a name."""
    stretches = _stretches(value)
    for found in (_known(value, stretches), _keys(value), _aws_secret_keys(value, stretches)):
        for _, _, kind in found:
            return kind
    return None


def is_named_secret(name: str, value: str) -> bool:
    """Whether `name = value` writes out what the name says is a credential, whatever the form of the value."""
    return names_secret(name) and _literal(name, value)


def _stretches(text: str) -> list[bytes]:
    """What is long and unbroken in a text, in order: a credential with a form of its own is, and little else."""
    if len(text) < _STRETCH:
        return []
    data = text.encode("ascii", "replace").translate(_unbroken())
    return [stretch for stretch in data.split() if len(stretch) >= _STRETCH]


def _known(text: str, stretches: list[bytes]) -> Iterator[tuple[int, int, str]]:
    seen = b" ".join(stretches).decode("ascii")
    hints = [each for each in _HINTS if each[0] in seen] if seen else []
    if any(sign in text for sign in _SIGNS):
        hints += [each for each in _HINTS if each[0] in _LOOSE and each[0] in text]
    for hint, index in hints:
        kind, _, before, _ = _KNOWN[index]
        pattern, shift = _pattern(index), len(hint) if before is None else -before
        at = text.find(hint)
        while at >= 0:
            match = pattern.match(text, at + shift) if at + shift >= 0 else None
            if match:
                yield match.start(), match.end(), kind
            at = text.find(hint, max(match.end(), at + 1) if match else at + 1)


def _keys(text: str) -> Iterator[tuple[int, int, str]]:
    """The bodies of private keys (RFC 7468 §10, OpenSSH, PuTTY-free), also where the end or line breaks are missing."""
    at = text.find(_BEGIN)
    while at >= 0:
        header = text.find("-----", at + len(_BEGIN), at + 100)
        if header < 0 or "PRIVATE KEY" not in text[at:header]:
            at = text.find(_BEGIN, at + 1)
            continue
        start = header + 5
        end = text.find(_END, start, start + _PEM_SPAN)
        end = end if end >= 0 else min(len(text), start + _PEM_SPAN)
        while start < end and text[start].isspace():
            start += 1
        if end > start:
            yield start, end, "private key"
        at = text.find(_BEGIN, end)


def _aws_secret_keys(text: str, stretches: list[bytes]) -> Iterator[tuple[int, int, str]]:
    for start, end, kind in _random(text, stretches):
        if end - start == 40:
            yield start, end, kind


def _random(text: str, stretches: list[bytes]) -> Iterator[tuple[int, int, str]]:
    """Long strings that look drawn at random; of 40 characters, they are what AWS issues."""
    least, most = _RUN
    long = [each for each in stretches if len(each) >= least]
    at = 0
    for run in [run for each in long for run in each.translate(_undotted()).split() if len(run) >= least]:
        start = text.find(run.decode("ascii"), at)
        at = end = start + len(run)
        while text.startswith("=", end):
            end += 1
        value = text[start:end]
        if len(run) > most or end - at > 2 or not _mixed(value):
            continue
        plain = value.count("/") <= 3 and value.count("-") + value.count("_") <= 3
        drawn = plain and sum(map(str.isdigit, value)) > 2 and _entropy(value) > 4.2
        if drawn or value.endswith("EXAMPLEKEY"):
            yield start, end, "AWS secret access key" if len(value) == 40 else "random string"


def _assigned(text: str) -> Iterator[tuple[int, int, str]]:
    """Literals assigned to telling names: `name = "x"`, `name: x`, `name: N, value: x`, a variable's default."""
    low = _lowered(text)
    after = 0
    for start, end in sorted([hit for name in _NAMES if name in low for hit in _occurrences(low, name)]):
        if start < after:
            continue
        word, separator, value = _assignment()
        ahead = word.match(text, end)
        after = ahead.end() if ahead else end
        sign = separator.match(text, after)
        if not sign and not text[after : after + 12].lstrip("\"' \t").startswith("{"):
            continue
        first = word.match(text[max(0, start - 64) : start][::-1])
        begin, found = start - (first.end() if first else 0), None
        full = text[begin:after]
        if after - begin <= 160 and names_secret(full):
            if sign and text[max(0, begin - 1) : begin] + sign[0] != "::":
                found = value.match(text, sign.end())
            elif text[after : after + 12].lstrip("\"' \t").startswith("{"):
                found = _default().search(text, after, after + 800)
        if found:
            group = found.lastindex or 1
            bare = group == 4 and (len(found[4]) > 256 or _is_expression(found[4], text[found.end() : found.end() + 1]))
            if not bare and _literal(full, found[group]):
                yield found.start(group), found.end(group), "password" if _is_password(full) else "secret"
                after = max(after, found.end(group))


def _lowered(text: str) -> str:
    """In lower case, every character where it was."""
    low = text.replace("\u0130", "I").lower()
    return low if len(low) == len(text) else text


def _occurrences(text: str, word: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + len(word))


def _literal(name: str, value: str) -> bool:
    """Whether a value is written out and not a placeholder, a reference or the name of a secret elsewhere."""
    value = value.strip()
    low = value.lower()
    placeholder, reference = _refusals()
    if len(value) < 4 or low in _WORDS or len(set(low)) == 1 or len(value) > 8192:
        return False
    if placeholder.search(low[:600]) or reference.match(value) or is_path(value):
        return False
    if len(value.split()) > 2 or (len(value) < 80 and value.replace("-", "_").isidentifier() and names_one(value)):
        return False
    if _is_password(name):
        return True
    return len(value) >= 8 and (_mixed(value) or any(c.isdigit() for c in value) or _entropy(value) > 3.7)


def _is_expression(value: str, after: str) -> bool:
    """Whether a bare word is an expression of a language instead of a value: `var.x`, `file(…)`, `a.b[0]`."""
    return after in ("(", "[") or bool(_dotted().fullmatch(value))


def _is_password(name: str) -> bool:
    low = name.lower()
    return any(part in low for part in _PASSWORDS)


def _mixed(value: str) -> bool:
    return value.upper() != value and value.lower() != value and any(map(str.isdigit, value))


def _entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in Counter(value).values())


@cache
def _pattern(index: int) -> re.Pattern[str]:
    return re.compile(_KNOWN[index][3])


@cache
def _unbroken() -> bytes:
    """A table that turns every character into a blank but those of credentials with a form of their own."""
    return bytes(byte if (byte < 128 and chr(byte).isalnum()) or byte in b"/+_-.=" else 32 for byte in range(256))


@cache
def _undotted() -> bytes:
    return bytes.maketrans(b".=", b"  ")


@cache
def _assignment() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(p) for p in (r"[A-Za-z0-9_.-]+", _SEPARATOR, _VALUE))


@cache
def _default() -> re.Pattern[str]:
    return re.compile(r"\bdefault[ \t]{0,40}=" + _VALUE)


@cache
def _refusals() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_PLACEHOLDER), re.compile(_REFERENCE)


@cache
def _dotted() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_*-]+)+")
