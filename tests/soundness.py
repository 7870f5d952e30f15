"""One value of an example changed: what then crashes, what was guessed, what went missing.

`python -m tests.soundness [RULE-GLOB…]` makes every change of every example of the rules and prints the complaints:
with --guesses only the changes to unknown, judged by the rule of the example (three minutes for all rules); without it
every change, judged by all rules (hours for all rules, so name some).
"""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from linter.config import load
from linter.discovery import discover
from linter.engine import Scan
from linter.files import Tree
from linter.model import Source
from linter.rules.examples import examples_of
from linter.text import decode
from tests.hostile_values import Mutation, choices, mutated, places, undetermines
from tests.support import PACK, scanned, write

Outcomes = dict[tuple[str, str, str], set[str]]
"""(rule, kind, address) → outcomes."""


def examples(rule: str) -> list[tuple[str, Mapping[str, str]]]:
    """(`bad 1`, files) of every example of a rule."""
    bad, good = examples_of(PACK.rule(rule), PACK.examples(rule))
    return [
        (f"{kind} {number}", example.files)
        for kind, found in (("bad", bad), ("good", good))
        for number, example in enumerate(found, 1)
    ]


def spots(root: Path) -> list[tuple[Mutation, int]]:
    """(first change of a place, how many changes there are) for every place of every artifact."""
    with Tree(str(root)) as tree:
        artifacts = discover(tree, load(str(root)).data).artifacts
    return [
        (Mutation(path, number, 0), choices(format))
        for path, format, data in artifacts
        for number in range(places(format, Source(0, path, decode(data)[0])))
    ]


def unknowns(root: Path) -> list[Mutation]:
    """The changes that leave a value undetermined."""
    with Tree(str(root)) as tree:
        formats = {path: format for path, format, _ in discover(tree, load(str(root)).data).artifacts}
    return [mutation for mutation, _ in spots(root) if undetermines(formats[mutation.path])]


def crashes(root: Path, mutation: Mutation) -> Iterator[str]:
    """What goes wrong in a scan of a changed folder by all rules, and in the mends of what it finds."""
    with mutated(mutation):
        try:
            scan = scanned(root)
            for finding in scan.report.findings:
                if finding.outcome == "fail":
                    scan.report.fixes(finding)
        except Exception as error:
            yield f"{mutation}: {error!r}"
            return
    yield from (f"{mutation}: {f.message}" for f in scan.report.failures if f.id in ("rule-crashed", "parser-crashed"))
    strange = {judgement.outcome for judgement in scan.judgements} - {"pass", "fail", "unknown"}
    if strange:
        yield f"{mutation}: outcomes {strange}"


def outcomes(scan: Scan) -> Outcomes:
    found: Outcomes = {}
    for each in scan.judgements:
        found.setdefault((each.rule, each.resource.kind, each.resource.address), set()).add(each.outcome)
    return found


def guesses(root: Path, before: Outcomes, mutation: Mutation, *rules: str) -> Iterator[str]:
    """Judgements that are as certain as before, and others, although a value is not determined any more."""
    with mutated(mutation):
        after = outcomes(scanned(root, *rules))
    for (rule, kind, address), then in before.items():
        now = after.get((rule, kind, address), set())
        if "fail" in now and then == {"pass"}:
            yield f"{mutation}: {rule} fails on {kind} {address}, which passed"
        if now == {"pass"} and "fail" in then:
            yield f"{mutation}: {rule} passes on {kind} {address}, which failed"


def _every(rule: str, only_guesses: bool) -> Iterator[str]:
    for label, files in examples(rule):
        with tempfile.TemporaryDirectory() as folder:
            root = write(Path(folder), files)
            if only_guesses:
                before = outcomes(scanned(root, rule))
                found = (text for each in unknowns(root) for text in guesses(root, before, each, rule))
            else:
                every = ((first, value) for first, values in spots(root) for value in range(values))
                found = (text for first, value in every for text in crashes(root, first._replace(value=value)))
            yield from (f"{rule}: {label}: {text}" for text in found)
    gc.collect()


def main(arguments: list[str]) -> int:
    globs = [each for each in arguments if each != "--guesses"] or ["*"]
    count = 0
    for rule in PACK.ids:
        if any(fnmatch(rule, glob) for glob in globs):
            for complaint in _every(rule, "--guesses" in arguments):
                count += 1
                sys.stdout.write(f"{complaint}\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
