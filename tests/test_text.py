"""Decoding, making scanned text safe to show, and taking secrets out of it."""

from __future__ import annotations

import itertools
import random
import re
import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from linter.redaction import mask, redacted_slice
from linter.text import (
    credential_in,
    decode,
    find_secrets,
    looks_secret,
    markdown_code,
    redact,
    safe_line,
    safe_text,
    secret_name,
)

# Made of parts, so that this file itself trips no scanner.
AWS_ID = "AKIA" + "Q3EGT7HXLZPRWUV5"
AWS_KEY = "wJalrXUtnFEMI7K9MDENG" + "bPxRfiCYzR4qTpL8vN2"
GITHUB = "gh" + "p_" + "Zk3mQ9vR7tXy2LwB8nHs5JcD4fGa6PeU1oKi"
ANY_TEXT = st.text(st.characters(), max_size=60)


# Decoding


@pytest.mark.parametrize(
    ("data", "wide", "text", "problem"),
    [
        (b"", False, "", None),
        (b"caf\xc3\xa9", False, "café", None),
        (b"\xef\xbb\xbfx", False, "x", None),
        ("é\ud83d\ude00".encode("utf-16", "surrogatepass"), True, "é😀", None),
        (b"\xfe\xff\0x", True, "x", None),
        ("x".encode("utf-32"), True, "x", None),
        (b"\0\0\xfe\xff\0\0\0x", True, "x", None),
        (b"\xff\xfex\0", False, "x", ("UTF-16 text where UTF-8 is required", 0)),
        ("é# caf".encode() + b"\xe9\n", False, "é# caf\ufffd\n", ("bytes that are not UTF-8", 6)),
        (b"\xef\xbb\xbfab\xff", False, "ab\ufffd", ("bytes that are not UTF-8", 2)),
        (b"# " + "€".encode()[:2], False, "# \ufffd", ("bytes that are not UTF-8", 2)),
        (b"\xff\xfea\0b", True, "a\ufffd", ("bytes that are not UTF-16", 1)),
        (b"a\0b", False, "a\0b", ("a NUL character, which no text has", 1)),
        (b"\xed\xa0\x80", False, "\ufffd\ufffd\ufffd", ("bytes that are not UTF-8", 0)),
    ],
)
def test_decode(data: bytes, wide: bool, text: str, problem: tuple[str, int] | None) -> None:
    read, found = decode(data, wide=wide)
    assert read == text
    assert (found and (found.message, found.start)) == problem
    if found:
        assert found.remedy and found.start <= found.end <= len(read)


@given(st.binary(max_size=50), st.booleans())
def test_decode_takes_anything_and_says_when_something_was_lost(data: bytes, wide: bool) -> None:
    text, problem = decode(data, wide=wide)
    text.encode()
    assert problem is not None or "\0" not in text
    if problem is None and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        assert data.removeprefix(b"\xef\xbb\xbf").decode() == text


# Making text safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain text, 100 % of it", "plain text, 100 % of it"),
        ("größer 漢字 naïve 😀", "größer 漢字 naïve 😀"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2Jx\x07\x9b\x7f\0", "\\x1b[2Jx\\x07\\x9b\\x7f\\x00"),
        ("a\u202eb\u2066c\u200bd\ufeff\u2028", "a\\u202eb\\u2066c\\u200bd\\ufeff\\u2028"),
        ("\U000e0041\U0001f600", "\\U000e0041😀"),
        ("\u3164x\u2800", "\\u3164x\\u2800"),
        ("no\u00a0break\u3000space", "no\u00a0break\u3000space"),
        (b"caf\xe9.tf".decode("utf-8", "surrogateescape"), "caf\\xe9.tf"),
        ("\ud800", "\\ud800"),
        ("::error::x", ":\\:error::x"),
        ("  ::error file=x::y", "  :\\:error file=x::y"),
        ("\u3000::error::y", "\u3000:\\:error::y"),
        ("a::b ::/0", "a::b ::/0"),
        ("x ##[error]y", "x ##\\[error]y"),
        ("##vso[task.setvariable]", "##vso\\[task.setvariable]"),
        ("####[group]", "####\\[group]"),
        ("## Heading [1]", "## Heading [1]"),
        ("\\n stays", "\\n stays"),
    ],
)
def test_safe_text(text: str, safe: str) -> None:
    assert safe_text(text) == safe


def runner_command(line: str) -> bool:
    """What a CI runner takes for a command: the reading of actions/runner's ActionCommand, and Azure's agent."""
    trimmed = line.lstrip()
    if trimmed.startswith("::") and trimmed.find("::", 2) > 0:
        return True
    return bool(re.search(r"##(?:\[|vso\[)", line))


PIECES = st.lists(
    st.sampled_from(["::", ":", "##", "#", "[", "vso[", "error", "\n", " ", "\r", "\x1b", "::set-output x::", "x"])
)


@given(st.one_of(ANY_TEXT, PIECES.map("".join)))
def test_nothing_a_terminal_or_runner_acts_on_is_left(text: str) -> None:
    safe = safe_text(text)
    assert not [char for char in safe if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")]
    assert len(safe.splitlines()) <= 1
    assert not runner_command(safe)
    assert safe_text(safe) == safe
    safe.encode()


@given(st.one_of(ANY_TEXT, PIECES.map("".join)), st.integers(1, 30))
def test_a_limit_is_kept_and_safe(text: str, limit: int) -> None:
    for make in (safe_text, safe_line):
        assert len(make(text, limit)) <= limit
        assert not runner_command(make(text, limit))


def test_safe_line_joins_lines() -> None:
    assert safe_line("  first\n\n   second\tthird \n") == "first second third"
    assert safe_line("a\n::stop-commands::x") == "a ::stop-commands::x"
    assert safe_line("\n::stop-commands::x") == ":\\:stop-commands::x"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x", "`x`"), ("a`b", "``a`b``"), ("``", "``` `` ```"), ("`x", "`` `x ``"), ("", "`   `"), (" x ", "`  x  `"),
        ("a\nb", "`a\\nb`"),
    ],
)  # fmt: skip
def test_markdown_code(text: str, code: str) -> None:
    assert markdown_code(text) == code


@given(st.text("`|<>[]()!*_\\&a \n", max_size=30))
def test_markdown_code_stays_code(text: str) -> None:
    """An independent CommonMark reader sees one code span and nothing else, in a paragraph and in a table's cell."""
    inline = MarkdownIt("commonmark").parse("x " + markdown_code(text))[1].children or []
    assert [each.type for each in inline] == ["text", "code_inline"]
    assert inline[1].content.strip() == safe_text(text).strip()
    table = MarkdownIt("gfm-like", {"linkify": False}).parse(f"| h |\n|---|\n| {markdown_code(text, table=True)} |\n")
    cells = [each for each in table if each.type == "inline"]
    assert len(cells) == 2
    assert [each.type for each in cells[1].children or []] == ["code_inline"]


# Finding secrets

KNOWN = [
    ("AWS access key", AWS_ID),
    ("AWS access key", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("AWS secret access key", AWS_KEY),
    ("GitHub token", GITHUB),
    ("GitHub token", GITHUB.replace("ghp", "ghs")),
    ("GitHub token", "github_" + "pat_11ABCDEFG0aBcDeFgHiJkL_" + "0123456789abcdefghijABCDEFGHIJ"),
    ("GitLab token", "glp" + "at-aB3dE6gH9jK2mN5pQ8sT"),
    ("Slack token", "xox" + "b-123456789012-123456789012-abcDEFghiJKLmnoPQRstu"),
    ("Slack webhook", "https://hooks.slack" + ".com/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx"),
    ("Stripe key", "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc"),
    ("Google API key", "AIza" + "SyA1234567890abcdefghijklmnopqrstuvw"),
    ("npm token", "npm_" + "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("PyPI token", "pypi-" + "AgEIcHlwaS5vcmcCJ" + "a1B2c3D4e5" * 6),
    ("Vault token", "hvs." + "CAESIJ1234567890abcdefghij"),
    ("SendGrid key", "SG." + "abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    (
        "web token",
        "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    ),
    ("private key", "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEpAIBAAKCAQEAx1\nabc\n-----END RSA PRIVATE KEY-----"),
    ("private key", "-----BEGIN OPENSSH PRIVATE " + "KEY-----\\nb3BlbnNzaC1rZXktdjEAAAAA"),
    ("password in a URL", "postgres://app:" + "s3cr3tp4ss@db.internal/app"),
    ("HTTP credential", "Authorization: Bea" + "rer abcdefghijklmnop1234"),
    ("Azure storage key", "AccountKey=" + "Ab1" * 28 + "=="),
    ("Terraform token", "aB3dE6gH9jK2mN.atlas" + "v1." + "x" * 64),
]


@pytest.mark.parametrize(("kind", "text"), KNOWN)
def test_known_forms(kind: str, text: str) -> None:
    assert credential_in(text) == kind
    assert credential_in("before " + text) == kind
    for context in (f'x = "{text}"', f"a: {text}\n", f"{{name: T, value: '{text}'}}", f"line\n{text}\nline"):
        assert [each[2] for each in find_secrets(context)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "", "password", "AKIA", "arn:aws:iam::123456789012:role/AmazonEKSNodeRole", "https://example.com/a:b@c",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
        "123e4567-e89b-12d3-a456-426614174000", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIID\n-----END PUBLIC KEY-----", "github_pattern", "sk-learn",
        "npm_config_registry",
        "modules/networking/vpc/subnets/private/main", "AmazonEKSWorkerNodePolicyAndRegistryReadOnly", "xoxo",
        "git@github.com:org/repo.git", "postgres://app:${var.password}@db/app", "https://user:pass",
        "eyJhbGciOiJIUzI1NiJ9",
        "https://pages.site/Team-Coding-Methodology-02fdcd6e4b004e818553684760bf691e",
        "ThisIsAVeryLongCamelCaseIdentifierName01", "bearer token",
        "/subscriptions/0000/resourceGroups/rg1/providers/Micro",
    ],
)  # fmt: skip
def test_what_is_no_credential(text: str) -> None:
    assert credential_in(text) is None


@pytest.mark.parametrize(
    "name",
    [
        "password", "DB_PASSWORD", "dbPassword", "master_password", "secret", "client_secret", "clientSecret",
        "GITHUB_TOKEN",
        "api_key", "apiKey", "apikey", "AWS_SECRET_ACCESS_KEY", "access_key", "private_key", "token", "auth-token",
        "spring.datasource.password", "POSTGRES_PWD", "password2", "credentials", "secret_string", "encryption_key",
        "passphrase",
        "admin_password_value",
    ],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "name", "password_policy", "secret_name", "secretName", "token_url", "max_tokens", "password_length",
        "secret_arn",
        "secretKeyRef", "key", "kms_key_id", "public_key", "tokenTTL", "passwordless", "secretkeeper", "keyboard",
        "monkey",
        "automountServiceAccountToken", "imagePullSecrets", "access_key_id", "token_type", "secretStore",
        "use_password",
        "password_file", "key_name", "ssh_key", "primary_key", "partition_key", "hash_key", "sort_key", "num_tokens",
    ],
)  # fmt: skip
def test_names_that_only_mention_secrets(name: str) -> None:
    assert not secret_name(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "hunter2"), ("db_password", "Sup3r S3cret"), ("password", "password"), ("api_key", "abcd1234efgh"),
        ("token", "0123456789abcdef0123456789abcdef"), ("secret", "dGhpcyBpcyBhIHNlY3JldA=="), ("anything", GITHUB),
        ("client_secret", "123e4567-e89b-12d3-a456-426614174000"), ("AWS_SECRET_ACCESS_KEY", AWS_KEY + "x"),
        ("secret_key", "wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCYEXAMPLEKEY"), ("note", AWS_ID),
    ],
)  # fmt: skip
def test_literal_secrets(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "changeme"), ("password", "<password>"), ("password", "${var.password}"),
        ("password", "{{ .Values.x }}"),
        ("password", "$(DB_PASSWORD)"), ("password", "xxxx"), ("password", "xxxxxxxx"),
        ("password", "example-password"),
        ("password", ""), ("password", "null"), ("token", "true"), ("password", "********"), ("password", "$PASSWORD"),
        ("password", "%DB_PASSWORD%"), ("password", "your-password-here"), ("password", "REPLACE_ME"),
        ("password", "TODO"),
        ("secret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"), ("secret", "vault://kv/data/db"),
        ("secret", "vault:secret/data/db#password"), ("token", "https://idp.internal/oauth"),
        ("secret", "/run/secrets/db"),
        ("secret", "db-credentials"), ("secret", "my-app-tls"), ("password", "var.db_password"),
        ("token", "github_token"),
        ("password", "[REDACTED]"), ("password", "..."), ("password", "The password of the administrator"),
        ("name", "hunter2"),
    ],
)  # fmt: skip
def test_placeholders_and_references(name: str, value: str) -> None:
    assert not looks_secret(name, value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('password = "hunter2horse"', 'password = "hun…"'),
        ("password: hunter2horse # why", "password: hun… # why"),
        ("DB_PASSWORD=hunter2horse\nNEXT=1", "DB_PASSWORD=hun…\nNEXT=1"),
        ('{"password": "hunter2horse"}', '{"password": "hun…"}'),
        ('"{\\"password\\":\\"hunter2horse\\"}"', '"{\\"password\\":\\"hun…\\"}"'),
        ("{name: DB_PASSWORD, value: hunter2horse}", "{name: DB_PASSWORD, value: hun…}"),
        ("- name: DB_PASSWORD\n  value: 'hunter2horse'", "- name: DB_PASSWORD\n  value: 'hun…'"),
        ("password: |\n  hunter2horse\nnext: x", "password: |\n  hun…\nnext: x"),
        ('variable "password" {\n  type = string\n  default = "hunter2horse"\n}', None),
        ('password = "a\\"b1234567"', 'password = "a\\…"'),
        ("password = var.db_password", "password = var.db_password"),
        ("password = random_password.x.result", "password = random_password.x.result"),
        ('password = file("x.txt")', 'password = file("x.txt")'),
        ("secretKeyRef: {name: a, key: b}", "secretKeyRef: {name: a, key: b}"),
        (f"{AWS_ID} and {GITHUB}", "AKIA… and ghp_…"),
        ("İ password: hunter2horse", "İ password: hun…"),
        ("run: echo hunter2", "run: echo hunter2"),
        ("config:password=hunter2horse", "config:password=hun…"),
        (
            "arn:aws:secretsmanager:eu-west-1:1:secret:db/prod-1aB2c3",
            "arn:aws:secretsmanager:eu-west-1:1:secret:db/prod-1aB2c3",
        ),
    ],
)
def test_redact(text: str, shown: str | None) -> None:
    assert redact(text) == (shown or text.replace("hunter2horse", "hun…"))
    assert redact(redact(text)) == redact(text)


def test_a_slice_is_redacted_as_a_part_of_its_surroundings() -> None:
    text = "- name: DB_PASSWORD\n  value: hunter2horse\n- name: B\n  value: fine\n"
    start, end = text.index("hunter"), text.index("\n- name: B")
    assert redact(text[start:end]) == "hunter2horse"
    assert redacted_slice(text, start, end) == "hun…"
    assert redacted_slice(text, start + 3, end + 4) == "te…\n- n"
    assert redacted_slice(text, 0, len(text)) == redact(text)
    assert redacted_slice(text, text.index("fine"), len(text)) == "fine\n"
    key = "x" * 200 + "\n-----BEGIN PRIVATE " + "KEY-----\n" + ("MIIEvQIBADANBg\n" * 30) + "-----END PRIVATE KEY-----\n"
    middle = key.index("MIIE") + 150
    assert "MIIEvQ" not in redacted_slice(key, middle, middle + 60)


def test_two_hundred_planted_secrets_leave_no_trace() -> None:
    """Whole or more than six characters of any of them, in any surroundings."""
    drawn = random.Random(7)
    alphabet = string.ascii_letters + string.digits
    for number in range(200):
        body = "".join(drawn.choice(alphabet) for _ in range(36)) + "aB3"
        secret = drawn.choice(
            ["gh" + "p_" + body, "npm_" + body[:36], "sk_" + "live_" + body, "hvs." + body, body[1:] + "Zz", body]
        )
        wrap = drawn.choice(
            [
                'token = "{}"',
                "token: {}",
                "{}",
                "x {} y",
                "export TOKEN={}",
                "{{name: API_TOKEN, value: '{}'}}",
                "a={};b",
                "({})",
            ]
        )
        shown = redact(f"line {number}\n" + wrap.format(secret) + "\nend")
        assert not [at for at in range(len(secret) - 6) if secret[at : at + 7] in shown], (secret, shown)
        assert shown.endswith("\nend")


@given(ANY_TEXT)
def test_redaction_only_takes_away(text: str) -> None:
    shown = redact(text)
    assert len(shown) <= len(text) + 1
    spans = find_secrets(text)
    assert all(0 <= start < end <= len(text) for start, end, _ in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_a_mask_keeps_little() -> None:
    assert [mask(x) for x in ("", "abc", "hunter2", "x" * 16, "y" * 100)] == ["…", "…", "h…", "xxxx…", "yyyy…"]


HOSTILE = [
    "eyJ", "eyJ" + "A" * 9 + ".", "AKIA", "password", "password=", "password = \\'", "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "://", "a:", "://a:", "ghp_", "xoxb-", "key", "token:", "A", "\\", "\"", "'", "##", "::", "value:", "a.", "_",
    "SG.a", "é",
    "password \t", "secret\n", "İtoken=", "-", " ", "####vso", "name: password, ", 'token" {', "aB3/", "default=",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear_in_the_input(piece: str) -> None:
    """Half a megabyte of anything, in one line, takes well under what backtracking would."""
    text = piece * (500_000 // len(piece))
    started = time.process_time()
    redact(text)
    safe_text(text)
    credential_in(text)
    assert time.process_time() - started < 4
