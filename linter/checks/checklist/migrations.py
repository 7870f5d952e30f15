"""Whether the migrations that are kept in the tree are run by something that can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.checklist.common import Found, file_of, found_or_absent, pattern, repository
from linter.model import Estate, Resource
from linter.parsers.pipelines.roles import roles_of_words
from linter.text import safe_line

_FILES = (
    r"(?:^|/)V\d+(?:[._]\d+)*__[^/]+\.sql$"  # Flyway
    r"|(?:^|/)migrations?/\d{3,}[^/]*\.sql$|(?:^|/)migrations?/\d{8,}[^/]*/(?:migration|up)\.sql$"  # goose, migrate, dbmate, Prisma
    r"|(?:^|/)db/migrate/\d{14}_[^/]+\.rb$|(?:^|/)migrations/\d{4}_[^/]+\.py$|(?:^|/)versions/[0-9a-f]{6,}_[^/]+\.py$"
    r"|(?:^|/)migrations/\d{8,}[-_][^/]+\.(?:[cm]?js|ts|php|exs|cs)$|(?:^|/)db/changelog/[^/]+\.(?:xml|ya?ml|sql|json)$"
)
"""Names that tools of migrations give to theirs or ask for: Flyway, golang-migrate, goose, dbmate, Prisma, Rails, Django,
Alembic, Knex, Sequelize, TypeORM, Laravel, Ecto, Entity Framework and Liquibase; from their documentation, November
2026."""

_ASIDE = r"(?:^|/)(?:tests?|testdata|fixtures?|examples?|samples?|docs?|node_modules|vendor|third_party)/"
_IMAGES = r"(?:^|/)(?:flyway|liquibase|migrate|goose|dbmate|atlas)(?:[:@]|$)"


def migrations_run(estate: Estate) -> Iterator[Verdict]:
    """Where migrations are kept, a step of a pipeline runs them, or a container whose command does."""
    whole = repository(estate)
    kept = sorted(
        path for path in estate.paths if pattern(_FILES).search(path) and not pattern(_ASIDE).search(path)
    )  # fmt: skip
    if whole is None or not kept:
        return
    steps = [each for each in estate.of_kind("pipeline/step") if "migrate" in each.body.get("roles", ())]
    holders = [
        each for kind in ("kubernetes/container", "compose/service") for each in estate.of_kind(kind) if _migrates(each)
    ]
    found: list[Found] = [(each, each.anchor, f"{each.address} runs migrations.") for each in (*steps, *holders)]
    _, place = file_of(estate, whole, kept[0])
    shown = safe_line(kept[0], 80)
    message = f"No step and no container runs the migrations that are kept here, such as {shown}"
    for verdict in found_or_absent(estate, found, message):
        yield verdict if found else verdict._replace(span=place)


def _migrates(container: Resource) -> bool:
    image, words = container.body.get("image"), []
    for part in ("command", "args", "entrypoint"):
        value = container.body.get(part)
        words += [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
        words += value.split() if isinstance(value, str) else []
    if isinstance(image, str) and pattern(_IMAGES).search(image):
        return True
    return any("migrate" in roles_of_words(tuple(words[start:]))[0] for start in range(min(len(words), 8)))
