"""What `opslint baseline` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from linter.config import Settings
from linter.model import FAIL, UNKNOWN, Severity
from linter.policy.baseline import joined, total
from linter.report import Baseline, Recorded, Report, waived
from linter.text import safe_text

_LISTED = 10


def count(number: int, word: str) -> str:
    """'1 file', '2 files'."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def head(name: str, entries: Iterable[Recorded]) -> str:
    """The file and how much stands in it."""
    everything = list(entries)
    found = [entry for entry in everything if entry.outcome == FAIL]
    undecided = total(entry for entry in everything if entry.outcome == UNKNOWN)
    line = f"{safe_text(name)}: {count(total(found), 'known finding')}"
    if found:
        rules, files = len({entry.rule for entry in found}), len({entry.path for entry in found})
        line += f" of {count(rules, 'rule')} in {count(files, 'file')}"
    return f"{line}, and {undecided} that nobody can judge" if undecided else line


def changed(
    report: Report, known: Baseline | None, after: tuple[Recorded, ...], name: str, default: bool, check: bool
) -> Iterator[str]:
    """What became of the file. known: what stood in it; None where it is new. check: nothing was written."""
    yield head(name, after if not check or known is None else known.entries)
    if known is None:
        yield from _created(report, name, default)
        return
    before, now = _counted(known.entries), _counted(after)
    again = {finding.fingerprint for finding in report.findings if finding.known}
    come = now - before
    renamed = Counter({entry: number for entry, number in come.items() if entry.fingerprint in again})
    gone = _counted(report.baseline.gone) if report.baseline is not None else Counter[Recorded]()
    added = come - renamed
    others = (before - now).total() - renamed.total() - gone.total()
    words = [f"{added.total()} added"] if added else []
    words += [f"{gone.total()} no longer found"] if gone else []
    words += [f"{others} waived since, or of rules that are never waived"] if others > 0 else []
    words += [f"{renamed.total()} renamed with their file or rule"] if renamed else []
    yield f"{'would change' if check else 'changed'}: {', '.join(words)}" if words else "nothing to change"
    for sign, entries in (("+", added), ("-", gone), ("~", renamed)):
        yield from _listed(sign, entries)


def _counted(entries: Iterable[Recorded]) -> Counter[Recorded]:
    counted: Counter[Recorded] = Counter()
    for entry in entries:
        counted[entry._replace(number=1)] += entry.number
    return counted


def _listed(sign: str, entries: Mapping[Recorded, int]) -> Iterator[str]:
    everything = list(joined(entries))
    for entry in everything[:_LISTED]:
        times = f" x {entries[entry]}" if entries[entry] > 1 else ""
        yield f"  {sign} {safe_text(entry.path)}: {safe_text(entry.rule)}: {safe_text(entry.subject)}{times}"
    if len(everything) > _LISTED:
        yield f"  {sign} and {len(everything) - _LISTED} more, which the file's difference shows"


def _created(report: Report, name: str, default: bool) -> Iterator[str]:
    counted = Counter(finding.severity for finding in report.findings if finding.outcome == FAIL and not finding.waiver)
    if counted:
        yield f"  {', '.join(f'{counted[severity]} {severity.word}' for severity in sorted(counted, reverse=True))}"
    away = len(waived(report))
    if away:
        yield f"  left out: {away} waived"
    yield "Commit it. From now on `opslint scan` tells, and fails on, what is new;"
    yield "`opslint baseline prune` takes out what was mended."
    if not default:
        yield f"Scan with --baseline {safe_text(name)}, or write `baseline: {safe_text(name)}` into opslint.yaml."


def incomplete(report: Report) -> Iterator[str]:
    """Why the answer is not whole: what was not read may hold more, and nothing of it is taken out."""
    if report.verdict.execution == "complete":
        return
    for reason in report.verdict.reasons:
        if reason.startswith("Incomplete"):
            yield safe_text(reason)
    yield "What was not read may hold more faults: they are new once it is read. Nothing recorded was taken out for it."


def by_rule(known: Baseline, settings: Settings, folder: str, rule: str | None, everything: bool) -> Iterator[str]:
    """The entries by rule, the worst and most frequent first."""
    from linter.rules import open_pack, team_rules
    from linter.rules.model import RuleError

    try:
        names = settings.data.get("rules", {}).get("folders", ())
        pack = open_pack(tuple(team_rules(folder, name) for name in names))
    except RuleError:
        pack = open_pack()
    found: dict[str, list[Recorded]] = {}
    for entry in known.entries:
        if rule in (None, entry.rule, pack.present(entry.rule)):
            found.setdefault(entry.rule, []).append(entry)
    ids = frozenset(pack.ids)
    infos = {id: pack.rule(id) for id in found if pack.present(id) in ids}
    severities = {id: infos[id].severity if id in infos else Severity.INFO for id in found}
    yield head(known.source, [entry for entries in found.values() for entry in entries])
    width = max(map(len, found), default=0)
    for id in sorted(found, key=lambda id: (-severities[id], -total(found[id]), id)):
        word, title = (severities[id].word, infos[id].title) if id in infos else ("", "")
        yield f"{total(found[id]):>6}  {word:<8}  {safe_text(id):<{width}}  {safe_text(title)}".rstrip()
        for entry in found[id] if everything else ():
            times = f" x {entry.number}" if entry.number > 1 else ""
            yield f"          {safe_text(entry.path)}: {safe_text(entry.subject)}{times}"
