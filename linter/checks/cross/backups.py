"""From a store of data to its backups, the recovery point its plan declares, the page that restores it and the last test."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.cross.common import (
    found,
    front_of,
    is_recovery,
    lacking,
    minutes,
    page_text,
    pages,
    pattern,
    place_of,
    spoken,
    step_into,
    unsure,
    words_of,
)
from linter.checks.cross.stores import KINDS, Backup, backup_of, stores
from linter.dates import days_between
from linter.model import FAIL, Estate, Origin, Resource, Span, Unknown
from linter.records import NamedTuple
from linter.text import safe_line

_TIME = r"(\d{1,5}(?:\.\d{1,2})?)\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)\b"
_GENERIC = frozenset(
    ("main", "this", "default", "primary", "db", "database", "data", "store", "prod", "production", "app")
)
_PLAIN_NAMES = ("identifier", "cluster_identifier", "name", "table_name")


def stores_backed_up(estate: Estate) -> Iterator[Verdict]:
    """A store of data is backed up: by a setting of its own, a plan that selects it, or a job of its cluster."""
    for store in stores(estate):
        backup = backup_of(estate, store)
        if isinstance(backup, Unknown):
            message = f"Whether {store.address} is backed up is unknown: {backup.subject}."
            yield unsure(store, message, backup, _setting(store))
        elif backup is None:
            yield lacking(estate, store, f"Nothing here backs {store.address} up", _setting(store))
        else:
            yield found(store, f"{store.address} is backed up by {backup.by}.", backup.span)


def _setting(store: Resource) -> Span:
    """The place of the setting that backs a store up, where it is written."""
    kind = KINDS.get(store.kind)
    return place_of(store.body, kind.path, store.anchor) if kind is not None and kind.path else store.anchor


def stores_restorable(estate: Estate) -> Iterator[Verdict]:
    """A page on recovery names every store of data, or what kind of store it is."""
    recovery = [(page, words_of(page_text(estate, page))) for page in pages(estate) if is_recovery(page)]
    for store in stores(estate):
        page = next((page for page, words in recovery if words & _called(store)), None)
        if page is None:
            yield lacking(estate, store, f"No runbook tells how to restore {store.address}")
        else:
            yield found(store, f"{safe_line(page.address, 80)} restores {store.address}.", page.anchor)


def _called(store: Resource) -> set[str]:
    """Words by which a page may call a store: its name, its kind, the engine it runs."""
    names = [store.name, *(store.body.get(key) for key in _PLAIN_NAMES)]
    called = {name.lower() for name in names if isinstance(name, str)} - _GENERIC
    kind = KINDS.get(store.kind)
    if kind is not None:
        return called | set(kind.words)
    if store.kind == "kubernetes/Cluster":
        return called | {"postgres", "postgresql", "database"}
    image = step_into(store.body, "spec.template.spec.containers.image")
    base = image.rpartition("/")[2].partition(":")[0].partition("@")[0].lower() if isinstance(image, str) else ""
    called |= {base} if base else set()
    return called | ({"database"} if pattern(r"postgres|mysql|maria|mongo|cassandra|sql").search(base) else set())


class Target(NamedTuple):
    """What a recovery plan declares. rpo: minutes of data that may be lost; days: for how long backups are kept."""

    page: Resource
    rpo: float | None
    days: float | None
    span: Span
    words: frozenset[str]


def backups_fit_targets(estate: Estate) -> Iterator[Verdict]:
    """Backups are taken at least as often as the declared recovery point says, and kept as long as the plan says.

    Declared: `rpo` (and `backup_retention`) in the front matter of a page on recovery, or a line that names the recovery
    point and a time. A page that names none of the stores speaks of them all. Continuous backups restore to some five
    minutes ago (RDS user guide, "Restoring to a specified time"): what is declared below that is not judged by them.
    """
    targets = [target for page in pages(estate) if is_recovery(page) and (target := _target(estate, page)) is not None]
    if not targets:
        return
    held = [(store, _called(store)) for store in stores(estate)]
    general = [target for target in targets if not any(target.words & called for _, called in held)]
    for store, called in held:
        named = [target for target in targets if target.words & called]
        for target in (named or general)[:5]:
            yield from _judged(store, backup_of(estate, store), target)


def _judged(store: Resource, backup: Backup | Unknown | None, target: Target) -> Iterator[Verdict]:
    page = target.page.address
    declared = (Origin("declared here", target.span),)
    if isinstance(backup, Unknown):
        yield unsure(
            store, f"Whether {store.address} fits {page} is unknown: {backup.subject}.", backup, _setting(store), page
        )
        return
    lowered = int(store.environment is not None and store.environment.tier != "production")
    if backup is None:
        message = (
            f"{page} promises to lose at most {spoken(target.rpo or 0)} of data; nothing backs {store.address} up."
        )
        yield Verdict(store, FAIL, message, store.anchor, page, declared, (), lowered)
        return
    if target.rpo is not None and backup.every is not None and backup.every > target.rpo:
        message = (f"{store.address} is backed up every {spoken(backup.every)}, and {page} promises to lose at most "
                   f"{spoken(target.rpo)}.")  # fmt: skip
        yield Verdict(store, FAIL, message, backup.span, page, declared, (), lowered)
    elif target.days is not None and backup.days is not None and backup.days < target.days:
        message = f"Backups of {store.address} are kept {backup.days:g} days, and {page} promises {target.days:g}."
        yield Verdict(store, FAIL, message, backup.span, page, declared, (), lowered)
    elif (backup.every == 0 and (target.rpo or 5) >= 5) or (backup.every or 0) > 0:
        yield Verdict(store, "pass", f"The backups of {store.address} fit {page}.", backup.span, page, declared)


def _target(estate: Estate, page: Resource) -> Target | None:
    source, first, _ = page.extent
    text = page_text(estate, page)[:200_000]
    point = pattern(r"\b(?:rpo|recovery[ _-]point)\b[^0-9\n]{0,80}" + _TIME).search(text)
    kept = pattern(
        r"\b(?:backup|snapshot)s?\b[^0-9\n]{0,60}\b(?:retention|retain(?:ed)?|kept|keep)\b[^0-9\n]{0,40}(\d{1,5})\s*"
        r"(d(?:ays?)?|w(?:eeks?)?|mo(?:nths?)?|y(?:ears?)?)\b"
    ).search(text)
    kept = kept or pattern(r"\bbackup[_-]retention\s*:\s*[\"']?(\d{1,5})\s*(d(?:ays?)?|w(?:eeks?)?)\b").search(text)
    if point is None and kept is None:
        return None
    match = point or kept
    assert match is not None
    span = (source, first + match.start(), first + match.end())
    rpo = minutes(point[1], point[2]) if point else None
    return Target(page, rpo, minutes(kept[1], kept[2]) / 1440 if kept else None, span, words_of(text))


def restores_tested(estate: Estate, *, days: int = 365) -> Iterator[Verdict]:
    """Where something is backed up, a restore is tried: by a job on a schedule, or as a dated record that is not older
    than `days` on the day of the scan."""
    held = [store for store in stores(estate) if isinstance(backup_of(estate, store), Backup)]
    if not held:
        return
    jobs = [*_scheduled(estate)]
    if jobs:
        for job in jobs:
            yield found(job, f"{job.address} tries a restore on a schedule.")
        return
    records = [(page, *record) for page in pages(estate) if is_recovery(page) and (record := _tested(page))]
    today = estate.settings.get("as-of")
    ages = []
    for page, written, span in records:
        try:
            ages.append((days_between(written[:10], str(today)), page, span))
        except ValueError:
            continue
    good = [each for each in ages if 0 <= each[0] <= days]
    if records and today is None:
        unknown = Unknown("missing-input", "the day of the scan", "pass --as-of")
        yield unsure(records[0][0], "How long ago a restore was tried is unknown.", unknown)
    elif good:
        for age, page, span in good:
            yield found(page, f"A restore was tried {age} days ago.", span)
    elif ages:
        age, page, span = min(ages, key=lambda each: (each[0] < 0, each[0]))
        yield lacking(estate, page, f"The last restore was tried {age} days ago; {days} are allowed", span)
    else:
        yield lacking(estate, held[0], f"Nothing tries to restore backups, such as those of {held[0].address}")


def _scheduled(estate: Estate) -> Iterator[Resource]:
    """CronJobs, pipelines that the clock starts, and AWS Backup's own plans of restore tests."""
    tries = pattern(r"restor(?:e|ing)[\w /:-]{0,40}(?:test|drill|verif|check|rehears)|(?:test|drill|verif\w*|check|rehears\w*)"
                    r"[\w /:-]{0,40}restor(?:e|ing)|dr-?drill")  # fmt: skip
    for job in estate.of_kind("kubernetes/CronJob"):
        if tries.search(job.name):
            yield job
    yield from estate.of_kind("terraform/aws_backup_restore_testing_plan")
    timed = {
        id(each)
        for each in estate.of_kind("pipeline/pipeline")
        if any(trigger.get("cause") == "schedule" for trigger in each.body.get("triggers", ()))
    }
    for each in (*estate.of_kind("pipeline/pipeline"), *estate.of_kind("pipeline/job")):
        said = f"{each.address} {each.body.get('name') or ''}" if not isinstance(each.body.get("name"), Unknown) else ""
        if id(each.outermost) in timed and tries.search(said):
            yield each


def _tested(page: Resource) -> tuple[str, Span] | None:
    front = front_of(page)
    for key in ("last_tested", "last-tested", "lastTested", "tested", "last_drill", "last-drill", "drill"):
        value = front.get(key)
        if value is not None and not isinstance(value, Unknown):
            entry = front.at[key]
            return str(value), (entry[0], entry[3], entry[4])
    return None
