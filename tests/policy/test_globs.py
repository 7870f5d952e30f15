"""Globs: what they name, and that they cannot be made slow."""

from __future__ import annotations

import time

import pytest

from linter.globs import path_matches, text_matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("main.tf", "main.tf", True),
        ("main.tf", "infra/main.tf", False),
        ("**/main.tf", "main.tf", True),
        ("**/main.tf", "a/b/main.tf", True),
        ("infra/*.tf", "infra/main.tf", True),
        ("infra/*.tf", "infra/a/main.tf", False),
        ("infra/**", "infra/a/main.tf", True),
        ("infra/**", "infra2/main.tf", False),
        ("infra", "infra/a/main.tf", True),
        ("infra/", "infra/a/main.tf", True),
        ("./infra", "infra/a/main.tf", True),
        ("in*", "infra/a/main.tf", False),
        ("in*/", "infra/a/main.tf", True),
        ("infra/**/prod/*.tf", "infra/prod/x.tf", True),
        ("infra/**/prod/*.tf", "infra/a/b/prod/x.tf", True),
        ("infra/**/prod/*.tf", "infra/a/b/prodx/x.tf", False),
        ("infra/?.tf", "infra/a.tf", True),
        ("infra/?.tf", "infra/ab.tf", False),
        ("a.tf", "aXtf", False),
        ("[ab].tf", "a.tf", False),
        ("", "a.tf", False),
        ("/", "a.tf", False),
    ],
)
def test_paths(pattern: str, path: str, expected: bool) -> None:
    assert path_matches(pattern, path) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("aws_s3_bucket.*", 'aws_s3_bucket.logs["a"]', True),
        ('module.*.aws_subnet.public["a"]', 'module.vpc.aws_subnet.public["a"]', True),
        ("Deployment/shop/*", "Deployment/shop/web:containers.web", True),
        ("Deployment/shop/*", "Deployment/shopping/web", False),
        ("*", "", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-b-b-d", False),
        ("[x]", "[x]", True),
        ("[x]", "x", False),
    ],
)
def test_texts(pattern: str, text: str, expected: bool) -> None:
    assert text_matches(pattern, text) is expected


def test_hostile_patterns_stay_fast() -> None:
    started = time.process_time()
    assert not text_matches("*a" * 200 + "b", "a" * 2_000)
    assert not path_matches("/".join(["**", "a"] * 100) + "/b", "/".join(["a"] * 1_000))
    assert time.process_time() - started < 5
