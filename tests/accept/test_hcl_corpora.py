"""Every Terraform file of the shared corpora: accepted as HashiCorp's parser accepts it, and each node's text its own."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pygohcl
import pytest

from linter.syntax import hcl

SHARED = Path(__file__).parents[3] / "shared"
FILES = sorted(path for path in SHARED.rglob("*.tf") if path.is_file())


def go_accepts(text: str) -> bool:
    try:
        pygohcl.loads(text)
    except pygohcl.HCLParseError:
        return False
    except pygohcl.HCLInternalError:  # it was parsed, and could not be put into JSON
        return True
    return True


def bodies(body: hcl.Body) -> list[hcl.Body]:
    return [body, *(inner for block in body.blocks for inner in bodies(block.body))]


def pieces(node: hcl.Expr) -> list[int]:
    """Identities of the nodes whose text is no expression: a template's literals and directives, an object's bare keys."""
    if node[0] == "object":
        return [id(key) for key, _ in node[3] if key[0] == "lit"]
    parts = {"tmpl": node[3:4], "t_if": node[4:6], "t_for": node[6:7]}.get(node[0], ())
    found = [id(part) for group in parts for part in group or () if part[0] in ("lit", "t_if", "t_for")]
    return [*found, id(node)] if node[0] in ("t_if", "t_for") else found


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    assert len(FILES) > 1500, f"no corpora below {SHARED}"
    read = {path: path.read_bytes() for path in FILES}
    decoded = {path: raw.decode("utf-8-sig") for path, raw in read.items()}
    return {path: text for path, text in decoded.items() if "\0" not in text}


def test_files_are_accepted_as_hashicorp_accepts_them(texts: dict[Path, str]) -> None:
    theirs = {path: go_accepts(text) for path, text in texts.items()}
    ours = {path: not hcl.parse(0, text).problems for path, text in texts.items()}
    counts = Counter(theirs.values())
    print(f"\n{len(texts)} of {len(FILES)} files: HashiCorp accepts {counts[True]}, rejects {counts[False]}", end="; ")
    different = [str(path) for path in texts if theirs[path] != ours[path]]
    print(f"we differ on {len(different)}")
    assert different == []


def test_every_expression_reads_to_itself(texts: dict[Path, str]) -> None:
    counts: Counter[str] = Counter()
    for path, text in texts.items():
        for body in bodies(hcl.parse(0, text)):
            counts["blocks"] += len(body.blocks)
            for block in body.blocks:
                assert text[block.type_start : block.type_end] == block.type
                assert text[block.end - 1] == "}"
            for attribute in body.attributes:
                assert text[attribute.name_start : attribute.name_end] == attribute.name
                counts["attributes"] += 1
                if attribute.expr[0] != "error":
                    check_expression(path, text, attribute.expr, counts)
    print(f"\n{dict(counts)}")
    assert counts["attributes"] > 30_000 and counts["nodes"] > 50_000


def check_expression(path: Path, text: str, expr: hcl.Expr, counts: Counter[str]) -> None:
    found = list(hcl.nodes(expr))
    apart = {identity for node in found for identity in pieces(node)}
    for node in found:
        if id(node) in apart:
            continue
        _, start, end, *_ = node
        assert hcl.parse_expression(text[start:end] + "\n", start) == node, (path, start)
        counts["nodes"] += 1


def test_speed(texts: dict[Path, str]) -> None:
    size = sum(map(len, texts.values()))
    best = min(timed(list(texts.values())) for _ in range(5))
    print(f"\n{size / best / 1e6:.1f} MB/s over {size / 1e6:.2f} MB")
    assert size / best > 5e6, "the budget is 12 MB/s on an idle machine"


def timed(texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        hcl.parse(0, text)
    return time.process_time() - start
