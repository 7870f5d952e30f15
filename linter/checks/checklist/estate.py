"""Checks of a delivery checklist over infrastructure and policy: tags, ids, scaling, scope, waivers, ways by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linter.checks import Verdict
from linter.checks.checklist.common import absent, pattern, repository, text_of
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown
from linter.text import safe_line
from linter.trees import at_path, decimal, maps

_TAGS = {
    "an owner": r"owner|team|contact|maintain",
    "an environment": r"env|stage",
    "a class of data": r"class|confidential|sensitiv|data",
}
_STORES = ("terraform/aws_db_instance", "terraform/aws_rds_cluster", "terraform/aws_s3_bucket", "terraform/aws_dynamodb_table",
           "terraform/aws_efs_file_system", "terraform/google_sql_database_instance", "terraform/google_storage_bucket",
           "terraform/azurerm_storage_account", "terraform/azurerm_mssql_database")  # fmt: skip


def providers_tag(estate: Estate) -> Iterator[Verdict]:
    """The default tags (labels) of AWS and Google providers name an owner, an environment and a class of data."""
    for provider in estate.of_kind("terraform/provider"):
        if provider.name.split(".")[0] not in ("aws", "google", "google-beta"):
            continue
        blocks = provider.body.get("default_tags")
        tags = maps(blocks)[0].get("tags") if maps(blocks) else provider.body.get("default_labels")
        if isinstance(tags, Unknown) or (isinstance(tags, Map) and tags.open is not None):
            unknown = tags if isinstance(tags, Unknown) else tags.open
            assert unknown is not None
            message = f"What {provider.address} tags everything with is unknown."
            yield Verdict(provider, UNKNOWN, message, provider.anchor, unknowns=(unknown,))
            continue
        keys = [str(key) for key in tags] if isinstance(tags, Map) else []
        lacking = [words for words, keyed in _TAGS.items() if not any(pattern(keyed).search(key) for key in keys)]
        if lacking:
            message = f"The default tags of {provider.address} do not name {' or '.join(lacking)}."
            yield Verdict(provider, FAIL, message, provider.anchor)
        else:
            yield Verdict(provider, PASS, f"{provider.address} tags all it makes.", provider.anchor)


def stores_classified(estate: Estate) -> Iterator[Verdict]:
    """The stores of data say of which class their data are, in tags of their own or of their provider."""
    classed = [p for p in estate.of_kind("terraform/provider") if pattern(_TAGS["a class of data"]).search(_keys(p))]
    folders = {provider.unit.path for provider in classed}
    for store in (each for kind in _STORES for each in estate.of_kind(kind)):
        tags = store.body.get("tags", store.body.get("labels"))
        if isinstance(tags, Unknown):
            yield Verdict(store, UNKNOWN, f"The tags of {store.address} are unknown.", store.anchor, unknowns=(tags,))
        elif isinstance(tags, Map) and any(pattern(_TAGS["a class of data"]).search(str(key)) for key in tags):
            yield Verdict(store, PASS, f"{store.address} says its class of data.", store.anchor)
        elif store.unit.path in folders:
            yield Verdict(store, PASS, f"The provider tags {store.address} with its class of data.", store.anchor)
        else:
            yield Verdict(store, FAIL, f"Nothing says which class of data {store.address} holds.", store.anchor)


def _keys(provider: Resource) -> str:
    blocks = maps(provider.body.get("default_tags"))
    tags = blocks[0].get("tags") if blocks else provider.body.get("default_labels")
    return " ".join(map(str, tags)) if isinstance(tags, Map) else ""


def scaling_has_room(estate: Estate, *, pairs: Sequence[Sequence[str]]) -> Iterator[Verdict]:
    """What scales may grow: its greatest number is above its least. pairs: [kind, path of the least, of the greatest]."""
    for kind, low, high in pairs:
        for each in estate.of_kind(kind):
            if each.environment is not None and each.environment.tier not in ("production", ""):
                continue
            least, most = (_number(each.body, path) for path in (low, high))
            place = each.anchor
            if isinstance(least, Unknown) or isinstance(most, Unknown):
                unknown = least if isinstance(least, Unknown) else most
                assert isinstance(unknown, Unknown)
                yield Verdict(each, UNKNOWN, f"How far {each.address} scales is unknown.", place, unknowns=(unknown,))
            elif most is not None and (1 if least is None else least) < most:
                yield Verdict(each, PASS, f"{each.address} may grow to {most:g}.", place)
            elif most is not None:
                yield Verdict(
                    each, FAIL, f"{each.address} cannot grow: its least and greatest number are equal.", place
                )


def _number(body: Map, path: str) -> float | Unknown | None:
    value: object = at_path(body, path.split("."))
    if isinstance(value, (Unknown, int, float)) and not isinstance(value, bool):
        return value
    return decimal(text_of(value))


_NAMES_IDS = (
    r"(?:^|_)(?:vpc|subnet|security_group|route_table|gateway|network_interface|instance|source_security_group)_ids?$"
)
_WRITTEN_ID = r"^(?:vpc|subnet|sg|rtb|igw|nat|eni|i)-[0-9a-f]{8,17}$"


def ids_from_code(estate: Estate, *, percent: int = 90) -> Iterator[Verdict]:
    """Of the ids of networks and machines that AWS resources and modules are given, most are references and not
    written out. Names of accounts and images are no such ids."""
    written: list[tuple[Resource, Span]] = []
    referred: list[tuple[Resource, Span]] = []
    for kind, resources in estate.kinds.items():
        if kind.startswith(("terraform/aws_", "terraform/module")):
            for each in resources:
                for key, value, place in _ids(each.body):
                    literal = isinstance(value, str) and pattern(_WRITTEN_ID).match(value)
                    if literal:
                        written.append((each, place))
                    elif isinstance(value, Unknown) and pattern(_NAMES_IDS).search(key):
                        referred.append((each, place))
    total = len(written) + len(referred)
    if not total:
        return
    if len(referred) * 100 >= percent * total:
        each, place = referred[0]
        yield Verdict(each, PASS, f"{len(referred)} of {total} ids of networks and machines are references.", place)
        return
    for each, place in written:
        yield Verdict(each, FAIL, f"{each.address} gives an id that was made outside the code.", place)


def _ids(body: Map) -> Iterator[tuple[str, object, Span]]:
    """(key, value, place) of the values of a block's own arguments, those of lists one by one."""
    for key, value in body.items():
        source, _, _, start, end = body.at[key]
        if isinstance(value, Seq):
            for index, item in enumerate(value[:50]):
                yield str(key), item, (value.at[index][0], value.at[index][3], value.at[index][4])
        else:
            yield str(key), value, (source, start, end)


def frameworks_declared(estate: Estate) -> Iterator[Verdict]:
    """The policy names the frameworks that are asked for."""
    gate = estate.settings.get("gate") or {}
    names = [text_of(each.get("id")) for each in gate.get("frameworks") or () if isinstance(each, dict)]
    whole = repository(estate)
    if names and whole is not None:
        yield Verdict(whole, PASS, f"The policy asks for {', '.join(names)}.", whole.anchor)
    else:
        yield from absent(estate, "No policy says which frameworks are asked for")


def waivers_governed(estate: Estate) -> Iterator[Verdict]:
    """Every waiver of the policy says why, who decided it and until when, and that day is not past."""
    whole = repository(estate)
    today = str(estate.settings.get("as-of", ""))
    for entry in estate.settings.get("waivers") or ():
        if whole is None or not isinstance(entry, dict):
            continue
        source = safe_line(str(entry.get("source", "opslint.yaml")), 60)
        lacking = [key for key in ("reason", "owner", "expires") if not entry.get(key)]
        span = whole.anchor
        key = " ".join(str(entry.get(part, "")) for part in ("rule", "path", "resource", "environment")).strip()
        if entry.get("problem") or lacking:
            why = str(entry.get("problem") or f"it has no {lacking[0]}")
            yield Verdict(whole, FAIL, f"The waiver at {source} decides nothing: {safe_line(why, 200)}.", span, key)
        elif today and str(entry["expires"]) < today:
            yield Verdict(whole, FAIL, f"The waiver at {source} expired on {entry['expires']}.", span, key)
        else:
            yield Verdict(whole, PASS, f"The waiver at {source} has a reason, an owner and an end.", span, key)


def no_manual_production_change(estate: Estate) -> Iterator[Verdict]:
    """No command of a runbook edits what runs in place, without saying that the code follows."""
    by_hand = pattern(r"kubectl[^\n]*\b(?:edit|set (?:image|env|resources)|patch|label|annotate)\b|console\.aws\.amazon\.com|"
                      r"portal\.azure\.com|console\.cloud\.google\.com")  # fmt: skip
    follow = pattern(
        r"pull request|merge request|commit|change the code|bring (?:it|the change) back|in the repository"
    )
    for runbook in estate.of_kind("document/runbook"):
        for section in runbook.body.get("sections", ()):
            text = section["text"]
            match = by_hand.search(text)
            if match is not None and not follow.search(text):
                source, _, _, start, end = section.at["title"]
                message = f"A step changes what runs by hand: {safe_line(match[0], 60)}."
                yield Verdict(runbook, FAIL, message, (source, start, end), section["title"])
                break
        else:
            yield Verdict(runbook, PASS, f"{runbook.address} changes nothing by hand.", runbook.anchor)


_TIER = r"^(?:[\w.-]+/)?(?:service-)?(?:tier|criticality)$"
_FIRST = r"^(?:tier-?)?[1]$|^(?:business-|mission-)?critical$"
_BY_STEPS = ("BLUE_GREEN", "CANARY", "LINEAR")
"""Strategies of Amazon ECS that keep the version before until the new one has proven itself:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html , read in November 2026."""


def tier_one_progressive(estate: Estate) -> Iterator[Verdict]:
    """Workloads that a label, an annotation or a tag puts into tier 1 are rolled out by steps: a Rollout with steps or two
    colours, a Canary of Flagger, a service of ECS with such a strategy."""
    guards = {text_of(at_path(c.body, ("spec", "targetRef", "name"))): c for c in estate.of_kind("kubernetes/Canary")}
    for rollout in estate.of_kind("kubernetes/Rollout"):
        if _has_steps(rollout):
            guards.setdefault(text_of(at_path(rollout.body, ("spec", "workloadRef", "name"))), rollout)
    for kind in ("kubernetes/Deployment", "kubernetes/Rollout", "terraform/aws_ecs_service"):
        for each in estate.of_kind(kind):
            tags = (at_path(each.body, ("metadata", "labels")), at_path(each.body, ("metadata", "annotations")),
                    each.body.get("tags"))  # fmt: skip
            if not any(_is_first(part) for part in tags):
                continue
            guard = each if _has_steps(each) else guards.get(each.name) if kind != "terraform/aws_ecs_service" else None
            if guard is not None:
                words = f"{each.address} is rolled out by steps{'' if guard is each else f', by {guard.address}'}."
                yield Verdict(each, PASS, words, guard.anchor)
            else:
                yield Verdict(each, FAIL, f"{each.address} is of tier 1 and replaced at once.", each.anchor)


def _is_first(tags: object) -> bool:
    return isinstance(tags, Map) and any(
        pattern(_TIER).match(str(key))
        and pattern(_FIRST).match(str(value) if isinstance(value, int) else text_of(value))
        for key, value in tags.items()
    )


def _has_steps(each: Resource) -> bool:
    """Whether a workload says itself that it is replaced by steps. A canary of Argo without steps is a rolling update:
    https://argo-rollouts.readthedocs.io/en/stable/features/canary/ , read in November 2026."""
    strategy = at_path(each.body, ("spec", "strategy"))
    if each.kind == "kubernetes/Rollout":
        steps = at_path(strategy, ("canary", "steps"))
        return isinstance(strategy, Map) and ("blueGreen" in strategy or (isinstance(steps, Seq) and bool(steps)))
    configured = [text_of(part.get("strategy")) for part in maps(each.body.get("deployment_configuration"))]
    controllers = [text_of(part.get("type")) for part in maps(each.body.get("deployment_controller"))]
    return any(word in _BY_STEPS for word in configured) or "CODE_DEPLOY" in controllers


def roots_backed(estate: Estate) -> Iterator[Verdict]:
    """Every Terraform root that says which provider it uses keeps its state in a backend of its own choice, and not in
    a file beside it, which is what happens where nothing is said."""
    roots: dict[str, list[Resource]] = {}
    for each in estate.of_kind("terraform/terraform"):
        if each.address.partition("[")[0] == "terraform":
            roots.setdefault(each.unit.path, []).append(each)
    applied = {
        each.unit.path for each in estate.of_kind("terraform/provider") if not each.address.startswith("module.")
    }
    for path, blocks in sorted(roots.items()):
        backed = next((each for each in blocks if "backend" in each.body or "cloud" in each.body), None)
        if path not in applied:
            continue
        if backed is not None:
            key = "backend" if "backend" in backed.body else "cloud"
            source, start, end, _, _ = backed.body.at[key]
            yield Verdict(
                backed, PASS, f"The state of {path or 'the root'} is kept in a backend.", (source, start, end)
            )
        else:
            message = f"The root {safe_line(path or '.', 80)} names no backend, so its state is a file on some machine."
            yield Verdict(blocks[0], FAIL, message, blocks[0].anchor)
