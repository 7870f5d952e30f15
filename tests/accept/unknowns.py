"""How much of what Terraform configurations say is not known, and why: `python -m tests.accept.unknowns [--subjects]`.

An attribute value is a scalar, or an unknown, anywhere in the body of a managed resource, data source, module call,
output or provider. Collections count by their elements; what an open collection may hold besides counts as one unknown.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linter.engine.estate import read_estate
from linter.model import Map, Resource, Seq, Unknown

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
NAMES = ("terragoat", "eks-blueprints", "terragrunt-live-example")
_ELSEWHERE = frozenset({"terraform/variable", "terraform/locals", "terraform/terraform"})


def resources(corpus: Path) -> list[Resource]:
    """What Terraform configurations declare in a tree, parts of other resources left out."""
    estate = read_estate(str(corpus), {}, lambda _: None, {}).estate
    return [
        resource
        for resource in estate.resources
        if resource.unit.kind in ("terraform", "terragrunt") and resource.owner is None and resource.kind not in _ELSEWHERE
    ]  # fmt: skip


def values(body: Map) -> Iterator[Any]:
    """The scalars and unknowns of a body; None, which sets nothing, is left out."""
    waiting: list[Any] = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (Map, Seq)):
            if value.open is not None:
                yield value.open
            waiting.extend(value.values() if isinstance(value, Map) else value)
        elif isinstance(value, Unknown) or value is not None:
            yield value


def counted(corpus: Path) -> tuple[int, int, Counter[str], Counter[tuple[str, str]]]:
    """Resources, values, unknown values by cause, and by cause and subject."""
    found = resources(corpus)
    total = 0
    causes: Counter[str] = Counter()
    subjects: Counter[tuple[str, str]] = Counter()
    for resource in found:
        for value in values(resource.body):
            total += 1
            if isinstance(value, Unknown):
                causes[value.cause] += 1
                subjects[value.cause, value.subject] += 1
    return len(found), total, causes, subjects


def main(arguments: list[str]) -> None:
    for name in NAMES:
        number, total, causes, subjects = counted(CORPORA / name)
        unknown = sum(causes.values())
        print(
            f"{name}: {number} resources, {total} attribute values, {unknown} unknown ({unknown / max(total, 1):.1%})"
        )
        for cause, count in causes.most_common():
            print(f"  {count:6} {count / total:6.1%}  {cause}")
        if "--subjects" in arguments:
            for (cause, subject), count in subjects.most_common(40):
                print(f"          {count:5}  {cause}: {subject}")


if __name__ == "__main__":
    main(sys.argv[1:])
