"""Rules judge what is meant, not how it is written: every example gives the same answer in other words.

Each rewriting is applied to every example of its family that it fits, and how many those are is asserted, so that none
drops out in silence.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from linter.engine.proof import prove
from linter.rules import open_pack
from linter.rules.examples import Example, examples_of
from linter.rules.model import kinds_of, variants_of
from tests import dockerfile_variants as files
from tests import example_variants as variants
from tests.example_variants import Lost, Rewriting

PACK = open_pack()
TERRAFORM = (
    variants.through_local, variants.through_variable, variants.into_module, variants.turned_around,
    variants.reformatted, variants.escaped,
)  # fmt: skip
MANIFESTS = (variants.keys_reversed, variants.other_style, variants.through_kustomization)
WORKFLOWS = (variants.keys_reversed, variants.other_style, variants.other_triggers)
ALERTS = (variants.keys_reversed, variants.other_style)
DOCKERFILES = (
    files.in_lower_case, files.continued, files.with_comments, files.with_other_line_ends, files.through_argument,
)  # fmt: skip
FAMILIES: dict[str, tuple[Rewriting, ...]] = {
    "terraform": TERRAFORM,
    "kubernetes": MANIFESTS,
    "pipeline": WORKFLOWS,
    "monitoring": ALERTS,
    "compose": ALERTS,
    "docker": DOCKERFILES,
    "helm": ALERTS,
}
APPLIED: dict[tuple[str, str], float] = {
    ("terraform", "through_local"): 0.86,
    ("terraform", "through_variable"): 0.84,
    ("terraform", "into_module"): 0.88,
    ("terraform", "turned_around"): 0.96,
    ("terraform", "reformatted"): 1.0,
    ("terraform", "escaped"): 0.66,
    ("kubernetes", "keys_reversed"): 0.98,
    ("kubernetes", "other_style"): 0.96,
    ("kubernetes", "through_kustomization"): 0.83,
    ("pipeline", "keys_reversed"): 0.75,
    ("pipeline", "other_style"): 0.75,
    ("pipeline", "other_triggers"): 0.55,
    ("compose", "keys_reversed"): 0.8,
    ("docker", "in_lower_case"): 1.0,
    ("docker", "continued"): 0.9,
    ("docker", "with_comments"): 1.0,
    ("docker", "with_other_line_ends"): 1.0,
    ("docker", "through_argument"): 0.9,
    ("compose", "other_style"): 0.7,
    ("helm", "keys_reversed"): 0.8,
    ("helm", "other_style"): 0.6,
    ("monitoring", "keys_reversed"): 0.9,
    ("monitoring", "other_style"): 0.78,
}
"""(family, rewriting) → the least share of examples it fits."""


def families_of(id: str) -> set[str]:
    return {kind.split("/")[0] for spec in variants_of(PACK.rule(id).data) for kind in kinds_of(spec)}


def cases() -> Iterator[tuple[str, str, Rewriting]]:
    for id in PACK.ids:
        for family in sorted(families_of(id) & set(FAMILIES)):
            for rewriting in FAMILIES[family]:
                yield id, family, rewriting


def applied(rewriting: Rewriting, example: Example) -> Example | None:
    """The rewritten example, None where the rewriting does not fit it."""
    try:
        return rewriting(example)
    except Lost:
        return None


@pytest.mark.parametrize(
    ("id", "rewriting"),
    [pytest.param(id, each, id=f"{id}-{each.__name__}") for id, _, each in cases()],
)
def test_the_answer_does_not_depend_on_the_words(id: str, rewriting: Rewriting) -> None:
    assert prove(PACK, id, lambda example: applied(rewriting, example) or example) == []


@pytest.mark.parametrize(
    ("family", "rewriting"), [(family, each) for family in FAMILIES for each in FAMILIES[family]],
    ids=lambda value: getattr(value, "__name__", value),
)  # fmt: skip
def test_most_examples_are_rewritten(family: str, rewriting: Rewriting) -> None:
    fits = total = 0
    for id in PACK.ids:
        if family in families_of(id):
            bad, good = examples_of(PACK.rule(id), PACK.examples(id))
            examples = [each for each in (*bad, *good) if _is_of(family, rewriting, each)]
            total += len(examples)
            fits += sum(applied(rewriting, example) is not None for example in examples)
    assert fits / total >= APPLIED[family, rewriting.__name__], f"{fits} of {total}"


def _is_of(family: str, rewriting: Rewriting, example: Example) -> bool:
    """Whether an example has a file a rewriting of this family is for: a rule may be about several families, and its
    pipelines may be Jenkinsfiles, which are no YAML."""
    paths = list(example.files)
    if family == "terraform":
        return any(path.endswith((".tf", ".tofu")) for path in paths)
    if rewriting is variants.other_triggers:
        return any(".github/workflows/" in path for path in paths)
    if family == "compose":
        return any("compose" in path for path in paths)
    if family == "docker":
        return True
    return any(path.endswith((".yaml", ".yml")) for path in paths)
