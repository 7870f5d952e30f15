"""What a scan did, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from linter.engine.estate import Accounts
from linter.model import FAIL, PASS, UNKNOWN, Estate, Judgement
from linter.report import Counts, UnknownCount


def counted(judgements: Sequence[Judgement], estate: Estate, accounts: Accounts, rules: int) -> Counts:
    """Judgements by outcome, unknowns by what would decide them (most judgements first), and the accounts."""
    outcomes = Counter(judgement.outcome for judgement in judgements)
    waiting: Counter[tuple[str, str, str]] = Counter()
    for judgement in judgements:
        for unknown in {(u.cause, u.subject, u.remedy): None for u in judgement.unknowns}:
            waiting[unknown] += 1
    ordered = sorted(waiting.items(), key=lambda item: (-item[1], item[0]))
    return Counts(
        passed=outcomes[PASS],
        failed=outcomes[FAIL],
        unknown=outcomes[UNKNOWN],
        unknowns=tuple(UnknownCount(*subject, count) for subject, count in ordered),
        artifacts_found=accounts.found,
        artifacts_analysed=accounts.analysed,
        artifacts_skipped=len(accounts.skipped),
        artifacts_failed=len(accounts.failed),
        resources=len(estate.resources),
        rules=rules,
    )
