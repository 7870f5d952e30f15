"""Stores of data across Terraform and Kubernetes, and what says that they are backed up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from linter.checks.cross.common import interval, namespace_of, pattern, place_of, same_place, step_into
from linter.checks.terraform.backups import SELECTION, covers
from linter.model import Estate, Map, Resource, Seq, Span, Unknown
from linter.records import NamedTuple
from linter.trees import at_path, decimal, maps, says


class Kind(NamedTuple):
    """A kind of store. path: the setting that backs it up; default: what it is where nothing is written, None for none.

    continuous: whether that setting keeps a log of changes, so that nearly every moment can be restored. arn: what ARNs
    begin with. copy: a path that says it is a replica of another, whose backups count. words: how pages call it.
    """

    path: str
    default: object
    continuous: bool
    arn: str
    copy: str
    words: tuple[str, ...]


_SQL = ("database", "databases", "rds", "postgres", "postgresql", "mysql", "mariadb", "sql")
KINDS: dict[str, Kind] = {
    "terraform/aws_db_instance": Kind("backup_retention_period", 0, True, "rds:", "replicate_source_db", _SQL),
    "terraform/aws_rds_cluster": Kind("backup_retention_period", 1, True, "rds:", "", (*_SQL, "aurora")),
    "terraform/aws_docdb_cluster": Kind(
        "backup_retention_period", 1, True, "rds:", "", ("database", "documentdb", "docdb", "mongodb")
    ),
    "terraform/aws_neptune_cluster": Kind(
        "backup_retention_period", 1, True, "rds:", "", ("database", "neptune", "graph")
    ),
    "terraform/aws_redshift_cluster": Kind(
        "automated_snapshot_retention_period", 1, False, "redshift:", "", ("warehouse", "redshift", "database")
    ),
    "terraform/aws_memorydb_cluster": Kind("snapshot_retention_limit", 0, False, "", "", ("memorydb", "redis", "valkey")),
    "terraform/aws_dynamodb_table": Kind(
        "point_in_time_recovery.enabled", False, True, "dynamodb:", "", ("dynamodb", "table", "tables", "database")
    ),
    "terraform/aws_efs_file_system": Kind("", None, False, "elasticfilesystem:", "", ("efs", "nfs", "filesystem", "files")),
    "terraform/google_sql_database_instance": Kind(
        "settings.backup_configuration.enabled", False, False, "", "master_instance_name", (*_SQL, "cloudsql")
    ),
    "terraform/azurerm_postgresql_flexible_server": Kind("backup_retention_days", 7, True, "", "source_server_id", _SQL),
    "terraform/azurerm_mysql_flexible_server": Kind("backup_retention_days", 7, True, "", "source_server_id", _SQL),
    "terraform/azurerm_mssql_database": Kind("", 7, True, "", "", _SQL),
    "terraform/azurerm_cosmosdb_account": Kind("", 8, False, "", "", ("cosmos", "cosmosdb", "database")),
}  # fmt: skip
STATEFUL = ("kubernetes/StatefulSet", "kubernetes/Cluster")


class Backup(NamedTuple):
    """How a store is backed up. every: minutes between backups, 0 for continuously, None for unknown. days: how long
    they are kept, None where that is not said. span: what says so. by: in words."""

    every: float | None
    days: float | None
    span: Span
    by: str


def stores(estate: Estate) -> Iterator[Resource]:
    """The stores of data; replicas and lock tables of Terraform hold nothing of their own."""
    for name, kind in KINDS.items():
        for each in estate.of_kind(name):
            if kind.copy and step_into(each.body, kind.copy) is not None:
                continue
            if name.endswith("dynamodb_table") and says(each.body.get("hash_key"), "LockID"):
                continue
            yield each
    for each in estate.of_kind("kubernetes/StatefulSet"):
        if maps(at_path(each.body, ("spec", "volumeClaimTemplates"))):
            yield each
    for each in estate.of_kind("kubernetes/Cluster"):
        if str(each.body.get("apiVersion", "")).startswith("postgresql.cnpg.io/"):
            yield each


def backup_of(estate: Estate, store: Resource) -> Backup | Unknown | None:
    """What backs a store up: a setting of its own, a plan that selects it, or a job of its cluster."""
    kind = KINDS.get(store.kind)
    if kind is None:
        return _in_cluster(estate, store)
    own = _own(store, kind)
    if isinstance(own, Backup):
        return own
    planned = _planned(estate, store, kind.arn) if kind.arn else None
    return planned if isinstance(planned, Backup) or own is None else own


def _own(store: Resource, kind: Kind) -> Backup | Unknown | None:
    """What a store's own setting says; a read replica or restored copy has it as well."""
    value = step_into(store.body, kind.path) if kind.path else kind.default
    written = kind.default if value is None else value
    if isinstance(written, Unknown):
        return written
    span = place_of(store.body, kind.path, store.anchor) if kind.path else store.anchor
    days = _days(written)
    if days is None or days == 0:
        return None
    logged = [step_into(store.body, f"settings.backup_configuration.{key}")
              for key in ("point_in_time_recovery_enabled", "binary_log_enabled")]  # fmt: skip
    continuous = kind.continuous or any(isinstance(each, bool) and each for each in logged)
    counted = kind.default is not None and not isinstance(kind.default, bool) and value is not None
    return Backup(0 if continuous else 1440.0, days if counted else None, span, "its own backups")


def _days(value: object) -> float | None:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        lowered = value.strip().lower()
        number = decimal(lowered)
        return float(lowered == "true") if number is None else number
    return None


def _planned(estate: Estate, store: Resource, arn: str) -> Backup | Unknown | None:
    unsure: Unknown | None = None
    for selection in _selections(estate).get((store.unit, store.environment), ()):
        answer = covers(estate, selection, store, arn)
        if answer is True:
            plans = [link.target for link in estate.outgoing.get(id(selection), ()) if link.path == "plan_id"]
            rule = step_into(plans[0].body, "rule") if plans else None
            schedule = step_into(rule, "schedule")
            days = step_into(rule, "lifecycle.delete_after")
            every = interval(schedule) if isinstance(schedule, str) else None
            return Backup(every, _days(days), selection.anchor, selection.address)
        unsure = answer if isinstance(answer, Unknown) else unsure
    for link in estate.incoming.get(id(store), ()):
        if link.source.kind == "terraform/aws_efs_backup_policy":
            status = step_into(link.source.body, "backup_policy.status")
            if isinstance(status, Unknown):
                unsure = status
            elif status == "ENABLED":
                return Backup(1440.0, 35.0, link.source.anchor, link.source.address)
    return unsure


@lru_cache(maxsize=4)
def _selections(estate: Estate) -> dict[object, list[Resource]]:
    grouped: dict[object, list[Resource]] = {}
    for selection in estate.of_kind(SELECTION):
        grouped.setdefault((selection.unit, selection.environment), []).append(selection)
    return grouped


def _in_cluster(estate: Estate, store: Resource) -> Backup | Unknown | None:
    own = at_path(store.body, ("spec", "backup"))
    if store.kind == "kubernetes/Cluster" and isinstance(own, Map):
        return Backup(0, None, store.anchor, "its own backups")
    for each in (*estate.of_kind("kubernetes/ScheduledBackup"), *estate.of_kind("kubernetes/Schedule")):
        if same_place(each, store) and _selects(each, store):
            return _scheduled(each, step_into(each.body, "spec.schedule"))
    for job in estate.of_kind("kubernetes/CronJob"):
        if same_place(job, store) and _dumps(job, store):
            return _scheduled(job, step_into(job.body, "spec.schedule"))
    return None


def _scheduled(job: Resource, schedule: object) -> Backup:
    every = interval(schedule) if isinstance(schedule, str) else None
    return Backup(every, None, place_of(job.body, "spec.schedule", job.anchor), job.address)


def _selects(schedule: Resource, store: Resource) -> bool:
    """velero.io: spec.template.includedNamespaces, all where empty; k8up.io and CloudNativePG: the own namespace."""
    group = str(schedule.body.get("apiVersion", "")).partition("/")[0]
    if group == "velero.io":
        listed = at_path(schedule.body, ("spec", "template", "includedNamespaces"))
        named = [name for name in listed if isinstance(name, str)] if isinstance(listed, Seq) else []
        return not named or "*" in named or namespace_of(store) in named
    if group == "postgresql.cnpg.io":
        return bool(at_path(schedule.body, ("spec", "cluster", "name")) == store.name)
    return namespace_of(schedule) == namespace_of(store)


def _dumps(job: Resource, store: Resource) -> bool:
    """A CronJob whose name or commands speak of a backup or dump, in the store's namespace and of it."""
    if namespace_of(job) not in ("", namespace_of(store)):
        return False
    spec = at_path(job.body, ("spec", "jobTemplate", "spec", "template", "spec"))
    said = [job.name]
    for container in maps(at_path(spec, ("containers",))):
        for key in ("image", "command", "args"):
            value = container.get(key)
            said += [each for each in (value if isinstance(value, Seq) else [value]) if isinstance(each, str)]
        said += [each["value"] for each in maps(container.get("env")) if isinstance(each.get("value"), str)]
    text = " ".join(said)[:20_000]
    return bool(pattern(r"backup|pg_?dump|mysqldump|mongodump|snapshot|restic|wal-g").search(text)) and (
        store.name in text
    )
