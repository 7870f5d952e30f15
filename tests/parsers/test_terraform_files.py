"""Functions that read files of the scanned tree: what they give, what they may not reach, and the places in files."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from linter.engine import estate as engine
from linter.model import Estate, Resource, Unknown

POLICY = '{\n  "Statement": [\n    {"Effect": "Allow", "Action": "*", "Resource": "*"}\n  ]\n}\n'


def read(folder: Path, files: dict[str, str | bytes]) -> Estate:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = engine.read_estate(str(folder), {}, lambda _: None, {})
    assert reading.failures == []
    return reading.estate


def body(estate: Estate, address: str) -> Any:
    return next(resource for resource in estate.resources if resource.address == address).body


def values(folder: Path, expressions: dict[str, str], files: dict[str, str | bytes]) -> dict[str, Any]:
    text = "".join(f"  {name} = {each}\n" for name, each in expressions.items())
    estate = read(folder, {"main.tf": f'resource "x_y" "z" {{\n{text}}}\n', **files})
    found: dict[str, Any] = body(estate, "x_y.z")
    return found


def test_contents_and_hashes(tmp_path: Path) -> None:
    data = "h\u00e9\n".encode()
    names = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}
    found = values(
        tmp_path,
        {
            "text": 'file("a/b.txt")', "module": 'file("${path.module}/a/b.txt")', "root": 'file("${path.root}/a/../a/b.txt")',
            "b64": 'filebase64("raw.bin")', "there": 'fileexists("a/b.txt")', "decoded": 'jsondecode(file("c.json")).k[1]',
            **{name: f'file{name}("raw.bin")' for name in names}, "b256": 'filebase64sha256("raw.bin")',
        },
        {"a/b.txt": data, "raw.bin": b"\xff\x00", "c.json": '{"k": [1, "two"]}'},
    )  # fmt: skip
    assert found["text"] == found["module"] == found["root"] == "h\u00e9\n"
    assert found["b64"] == base64.b64encode(b"\xff\x00").decode()
    assert found["there"] is True and found["decoded"] == "two"
    assert [found[name] for name in names] == [hashlib.new(name, b"\xff\x00").hexdigest() for name in names]
    assert found["b256"] == base64.b64encode(hashlib.sha256(b"\xff\x00").digest()).decode()


@pytest.mark.parametrize(
    "expression",
    ['file("build/lambda.zip")', 'filebase64sha256("lambda.zip")', 'templatefile("x.tpl", {})', 'fileexists("x")'],
)
def test_what_is_not_there_is_a_missing_input(tmp_path: Path, expression: str) -> None:
    found = values(tmp_path, {"v": expression}, {})["v"]
    assert isinstance(found, Unknown) and found.cause == "missing-input"
    assert expression.partition(",")[0].rstrip(")") in found.subject


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "~/.ssh/id", "a/../../secret", "link", "a\\u0000b", ""])
def test_nothing_outside_of_the_root_is_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "secret")
    expressions = {
        "f": f'file("{path}")',
        "t": f'templatefile("{path}", {{}})',
        "h": f'filemd5("{path}")',
        "c": f'can(file("{path}"))',
    }
    for value in values(tmp_path / "root", expressions, {}).values():
        assert isinstance(value, Unknown)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    found = values(tmp_path, {"f": 'try(file("raw"), "no")', "g": 'file("raw")'}, {"raw": b"\xff\xfe"})
    assert found["f"] == "no"
    assert isinstance(found["g"], Unknown) and found["g"].cause == "expression"


def test_large_files_are_not_read(tmp_path: Path) -> None:
    found = values(tmp_path, {"f": 'file("big")'}, {"big": b"x" * (engine.FILE_CAP + 1)})
    assert isinstance(found["f"], Unknown)


def test_templates(tmp_path: Path) -> None:
    template = "%{ for name, port in ports ~}\n${name}:${port}\n%{ endfor ~}\nend ${upper(who)}"
    found = values(
        tmp_path,
        {
            "t": 'templatefile("t.tpl", { ports = { b = 2, a = 1 }, who = "x" })',
            "missing": 'try(templatefile("t.tpl", { ports = {} }), "refused")',
            "unknown": 'templatefile("t.tpl", { ports = { a = 1 }, who = var.who })',
            "bad": 'try(templatefile("bad.tpl", {}), "refused")',
            "string": 'templatestring("a ${"$"}{x} b", { x = 1 })',
            "itself": 'templatefile("self.tpl", {})',
        },
        {"t.tpl": template, "bad.tpl": "${", "self.tpl": '${templatefile("self.tpl", {})}'},
    )
    assert found["t"] == "a:1\nb:2\nend X"
    assert found["missing"] == found["bad"] == "refused"
    assert found["unknown"].prefix == "a:1\nend " and found["unknown"].subject == "var.who"
    assert found["string"] == "a 1 b"
    assert isinstance(found["itself"], Unknown) and found["itself"].cause == "budget"


def test_sets_of_files(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"d/b.txt": "", "d/a.txt": "", "d/e/c.txt": "", "d/e/x.md": "", "other.txt": ""}
    expressions = {
        "flat": 'fileset("d", "*.txt")', "deep": 'fileset("d", "**/*.txt")', "here": 'fileset(path.module, "d/*")',
        "two": 'fileset("d", "**/*.{md,txt}")', "one": 'fileset("d", "a.txt")', "none": 'fileset("d", "*.zip")',
        "class": 'fileset("d", "[ab].txt")',
    }  # fmt: skip
    found = values(tmp_path, expressions, files)
    assert found["flat"] == ["a.txt", "b.txt"]
    assert found["deep"] == ["a.txt", "b.txt", "e/c.txt"]
    assert found["here"] == ["d/a.txt", "d/b.txt"]
    assert found["two"] == ["a.txt", "b.txt", "e/c.txt", "e/x.md"]
    assert found["one"] == ["a.txt"] and found["none"] == []
    assert isinstance(found["class"], Unknown)


def test_paths_are_the_root_modules(tmp_path: Path) -> None:
    estate = read(
        tmp_path,
        {
            "live/main.tf": 'module "m" {\n  source = "../mod"\n}\n',
            "mod/main.tf": 'resource "x_y" "z" {\n  a = file("${path.module}/f")\n  b = file("f")\n  c = path.module\n}\n',
            "mod/f": "module's",
            "live/f": "root's",
        },
    )
    assert list(body(estate, "module.m.x_y.z").values()) == ["module's", "root's", "../mod"]


def statement(estate: Estate) -> Resource:
    return next(resource for resource in estate.resources if resource.kind == "terraform/policy_statement")


def test_policies_in_files_are_statements_with_places(tmp_path: Path) -> None:
    text = 'resource "aws_iam_policy" "p" {\n  policy = file("${path.module}/p.json")\n}\n'
    estate = read(tmp_path, {"main.tf": text, "p.json": POLICY})
    found = statement(estate)
    assert found.body["actions"] == ["*"]
    place = estate.place((found.body.at["actions"][0], *found.body.at["actions"][3:]))
    assert (place.path, place.start_line) == ("p.json", 3)
    assert POLICY.splitlines()[2][place.start_column - 1 : place.end_column - 1] == '"*"'


def test_policies_in_templates_are_statements_with_places(tmp_path: Path) -> None:
    text = 'resource "aws_iam_policy" "p" {\n  policy = templatefile("p.tpl", { arn = aws_s3_bucket.b.arn })\n}\n'
    estate = read(tmp_path, {"main.tf": text, "p.tpl": POLICY.replace('"Resource": "*"', '"Resource": "${arn}/*"')})
    found = statement(estate)
    assert found.body["actions"] == ["*"] and isinstance(found.body["resources"][0], Unknown)
    place = estate.place((found.body.at["actions"][0], *found.body.at["actions"][3:]))
    assert (place.path, place.start_line) == ("p.tpl", 3)
