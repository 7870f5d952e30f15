"""From findings to fixes: what each rule's `mend` makes of the place, proven in memory before anybody sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from linter.conditions import compile_condition
from linter.fixes.changes import Change, Refused, Written, applied, overlap
from linter.fixes.mend import Site, mended
from linter.model import FAIL, Estate, Finding, Judgement, Place, Resource
from linter.records import NamedTuple
from linter.report import Edit, Fix

_PROOFS = 200
"""Times the edited text of one file is read again, so that no file is read as often as it has findings."""
_LONGEST = 2_000_000
"""Characters of the longest file that is mended."""


class Draft(NamedTuple):
    """A fix with what it means. finding: the fingerprint of what it ends."""

    finding: str
    fix: Fix
    changes: tuple[Change, ...]


class Mending(NamedTuple):
    """A file and what becomes of it. fixed: fingerprints of the findings that the new text ends."""

    path: str
    old: str
    new: str
    edits: tuple[Edit, ...]
    fixed: tuple[str, ...]


class Plan:
    """All fixes of a scan's findings. drafts: by path, in the findings' order."""

    def __init__(
        self,
        estate: Estate,
        rules: Mapping[str, Mapping[str, Any]],
        judgements: Iterable[Judgement],
        findings: Sequence[Finding],
    ) -> None:
        self._estate = estate
        self._written: dict[str, Written | None] = {}
        self.drafts: dict[str, list[Draft]] = {}
        wanted = {(f.rule, f.place, f.subject): f for f in findings if f.outcome == FAIL and f.waiver is None}
        specs = {id: _specs(data) for id, data in rules.items()}
        for judgement in judgements:
            if judgement.outcome == FAIL and specs.get(judgement.rule):
                key: tuple[str, Place, str]
                key = judgement.rule, estate.place(judgement.span), judgement.resource.address
                finding = wanted.pop(key, None)
                if finding is not None:
                    self._draft(finding, judgement, specs[judgement.rule])
        order = {finding.fingerprint: number for number, finding in enumerate(findings)}
        for path, drafts in self.drafts.items():
            drafts.sort(key=lambda draft: order[draft.finding])
            self.drafts[path] = self._proven(path, drafts)

        self._fixes = {draft.finding: draft.fix for drafts in self.drafts.values() for draft in drafts}

    def fix(self, finding: Finding) -> Fix | None:
        """What ends a finding."""
        return self._fixes.get(finding.fingerprint)

    def unsafe(self) -> int:
        """How many fixes are left out where only safe ones are wanted."""
        return sum(not fix.safe for fix in self._fixes.values())

    def mendings(self, unsafe: bool) -> list[Mending]:
        """What becomes of each file when its fixes are made: where two overlap, the first finding's wins."""
        made = []
        for path, drafts in sorted(self.drafts.items()):
            apart, _ = _apart([draft for draft in drafts if unsafe or draft.fix.safe])
            chosen = self._proven(path, apart)
            written = self._written[path]
            if chosen and written is not None:
                edits = tuple(sorted(edit for draft in chosen for edit in draft.fix.edits))
                new = applied(written.text, edits)
                made.append(Mending(path, written.text, new, edits, tuple(draft.finding for draft in chosen)))
        return made

    def _draft(self, finding: Finding, judgement: Judgement, specs: Sequence[Mapping[str, Any]]) -> None:
        resource = judgement.resource
        spec = next((each for each in specs if _fits(each["kinds"], resource.kind)), None)
        path = finding.place.path
        written = self._opened(path, judgement) if spec is not None else None
        if spec is None or written is None:
            return
        mend = spec["mend"]
        if not _holds(mend.get("where", True), resource, self._estate):
            return
        try:
            made = mended(Site(self._estate, judgement, written), mend)
            edits = written.edits(made.changes) if made is not None else None
        except Refused:
            return
        if made is not None and edits and not any(overlap([one], edits[at + 1 :]) for at, one in enumerate(edits)):
            fix = Fix(path, made.title, made.safe and _holds(mend["safe"], resource, self._estate), tuple(edits))
            self.drafts.setdefault(path, []).append(Draft(finding.fingerprint, fix, made.changes))

    def _opened(self, path: str, judgement: Judgement) -> Written | None:
        if path not in self._written:
            self._written[path] = _open(path, self._estate.sources[judgement.span[0]].text, judgement.resource.kind)
        return self._written[path]

    def _proven(self, path: str, drafts: list[Draft]) -> list[Draft]:
        """Those drafts that make the text say what was meant, and nothing else."""
        written = self._written[path]
        if written is None or not drafts:
            return []
        left = [_PROOFS]
        good: set[int] = set()
        apart, others = _apart(drafts)
        for group in (apart, *([each] for each in others)):
            good.update(id(draft) for draft in _tested(written, group, left))
        return [draft for draft in drafts if id(draft) in good]


def _specs(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The ways to mend that a rule file names, each with the kinds it is for."""
    found = []
    for spec in data.get("variants", [data]):
        mend = spec.get("mend", data.get("mend"))
        kinds = spec.get("kind", ())
        if mend:
            found.append({"mend": mend, "kinds": [kinds] if isinstance(kinds, str) else list(kinds)})
    return found


def _fits(kinds: Sequence[str], kind: str) -> bool:
    return not kinds or any(kind.startswith(each[:-1]) if each.endswith("*") else each == kind for each in kinds)


def _open(path: str, text: str, kind: str) -> Written | None:
    """A file in its language; None where it has none that is edited here, or has errors."""
    family, name = kind.split("/")[0], path.rpartition("/")[2]
    if len(text) > _LONGEST:
        return None
    try:
        if family == "docker":
            from linter.fixes.dockerfile_text import DockerfileText

            return DockerfileText(text)
        if name.endswith((".tf", ".tofu", ".hcl")):
            from linter.fixes.hcl_text import HclText

            return HclText(text)
        if name.endswith((".yml", ".yaml")) and not (family != "pipeline" and "{{" in text):
            from linter.fixes.yaml_text import YamlText

            return YamlText(text)
    except Refused:
        pass
    return None


def _holds(condition: Any, resource: Resource, estate: Estate) -> bool:
    """Whether true, or a condition that holds for certain."""
    if isinstance(condition, Mapping):
        return compile_condition(condition).holds(resource.body, resource, estate) is True
    return bool(condition)


def _apart(drafts: Sequence[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Drafts that touch none before them, and the rest."""
    apart: list[Draft] = []
    others: list[Draft] = []
    taken: dict[int, list[Edit]] = {}
    for draft in drafts:
        near = [edit for mine in draft.fix.edits for part in _parts(mine) for edit in taken.get(part, ())]
        if overlap(draft.fix.edits, near):
            others.append(draft)
            continue
        apart.append(draft)
        for edit in draft.fix.edits:
            for part in _parts(edit):
                taken.setdefault(part, []).append(edit)
    return apart, others


def _parts(edit: Edit) -> range:
    """Numbers of the stretches of 256 characters that an edit lies in: only edits of the same can touch."""
    return range(edit.start >> 8, (edit.end >> 8) + 1)


def _tested(written: Written, drafts: list[Draft], left: list[int]) -> list[Draft]:
    """The good drafts of a group: all at once, and where that fails, each half by itself."""
    if not drafts or left[0] <= 0:
        return []
    left[0] -= 1
    edits = [edit for draft in drafts for edit in draft.fix.edits]
    changes = [change for draft in drafts for change in draft.changes]
    try:
        if written.proven(applied(written.text, edits), changes):
            return drafts
    except (Refused, RecursionError, LookupError, TypeError, ValueError):
        pass
    if len(drafts) == 1:
        return []
    middle = len(drafts) // 2
    return _tested(written, drafts[:middle], left) + _tested(written, drafts[middle:], left)
