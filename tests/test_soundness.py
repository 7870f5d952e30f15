"""Nothing of an example, when it is unknown or of another type, makes a parser, a link, a rule or a mend crash.

Every rule's examples are changed one value at a time (tests/hostile_values.py): a sample of the changes, the same on
every run of CI and drawn anew elsewhere. `python -m tests.soundness` makes all of them.
"""

from __future__ import annotations

import gc
import os
import random
from pathlib import Path

import pytest

from tests.hostile_values import Mutation, mutated
from tests.soundness import PACK, crashes, examples, spots
from tests.support import scanned, write

SHARES = 24
CHANGES = 12
"""Of one example of each rule."""


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_unexpected_makes_anything_crash(share: int, tmp_path: Path) -> None:
    complaints = []
    for id in PACK.ids[share::SHARES]:
        chance = random.Random(id if os.environ.get("CI") else None)
        label, files = chance.choice(examples(id))
        root = write(tmp_path / id, files)
        every = spots(root)
        for first, values in chance.sample(every, min(CHANGES, len(every))):
            mutation = first._replace(value=chance.randrange(values))
            complaints += [f"{id}: {label}: {text}" for text in crashes(root, mutation)]
    gc.collect()
    assert complaints == []


def test_a_change_reaches_what_is_judged(tmp_path: Path) -> None:
    """Guards the guard: the values do stand where they were put."""
    write(tmp_path, {"main.tf": 'resource "aws_s3_bucket" "b" {\n  bucket = "a"\n}\n', "Dockerfile": "FROM scratch\n"})
    with mutated(Mutation("main.tf", 0, 3)):
        (bucket,) = scanned(tmp_path).estate.of_kind("terraform/aws_s3_bucket")
    assert bucket.body["bucket"] == 0
    with mutated(Mutation("main.tf", 0, 0)):
        (bucket,) = scanned(tmp_path).estate.of_kind("terraform/aws_s3_bucket")
    assert repr(bucket.body["bucket"]) == "<unknown var.opslint_unknown: missing-input>"
    with mutated(Mutation("Dockerfile", 1, 2)):
        assert scanned(tmp_path).estate.sources[0].text == "FROM ${X\n"
