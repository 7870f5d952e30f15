"""The written forms of a GitLab job's entries (`image`, `services`, `needs`, `timeout`…) brought to one form each.

Encodes https://docs.gitlab.com/ci/yaml/; what GitLab computes at run time is Unknown where rules compare it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.pipelines.gitlab_files import listed
from linter.parsers.pipelines.model import copy, mapping, text
from linter.trees import put

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "mo": 2592000, "y": 31557600}
_WORDS = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "week": "w", "weeks": "w", "wk": "w",
    "wks": "w", "mos": "mo", "month": "mo", "months": "mo", "yr": "y", "yrs": "y", "year": "y", "years": "y",
}  # fmt: skip


@cache
def _amount() -> re.Pattern[str]:
    return re.compile(r"(\d{1,9}(?:\.\d{1,6})?)[ \t]*([a-z]*)")


def minutes(value: Any, subject: str = "timeout") -> Any:
    """A duration as GitLab writes them (`1h 30m`, `3 hours`, `90 minutes`, a bare number of seconds) in minutes."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value
    written = str(value).strip().lower().replace(",", " ")
    if "$" in written:
        return Unknown("run-time", subject, "write the duration out")
    rest = _amount().sub("", written).replace("and", "").strip()
    found = _amount().findall(written)
    units = [_UNITS.get(_WORDS.get(unit, unit or "s")) for _, unit in found]
    if rest or not found or None in units:
        return Unknown("expression", subject, "write it as GitLab reads durations, such as `1h 30m`")
    seconds = sum(float(number) * unit for (number, _), unit in zip(found, units, strict=True) if unit is not None)
    return int(seconds / 60) if seconds % 60 == 0 else seconds / 60


def image(value: Any, entry: Entry) -> Map | None:
    """`image` and an element of `services`: {image, …} whichever way it is written."""
    made = Map((entry[0], entry[3], entry[4]))
    if isinstance(value, str):
        put(made, "image", value, (entry[0], entry[3], entry[3], entry[3], entry[4]))
        return made
    if not isinstance(value, Map):
        return None
    copy(made, "image", value, "name")
    for key in ("entrypoint", "command", "alias", "variables", "docker", "pull_policy"):
        copy(made, key, value, key)
    return made


def services(value: Any, entry: Entry) -> Map:
    """Services by the name other containers call them: the alias, else the image's own name."""
    made = Map((entry[0], entry[3], entry[4]))
    for each, at in listed(value, entry)[:1000]:
        service = image(each, at)
        if service is None:
            continue
        name = text(service.get("alias")) or text(service.get("image")).partition("@")[0].rpartition("/")[2]
        name = name.partition(":")[0] or "service"
        number = len(made)
        put(made, name if name not in made else f"{name}#{number}", service, at)
    return made


def variables(value: Any, env: Map) -> None:
    """Adds `variables` to an environment; of the long form (value, description, options) the value."""
    if not isinstance(value, Map):
        return
    if env.open is None:
        env.open = value.open
    for key, item in value.items():
        at = value.at[key]
        if isinstance(item, Map):
            if "value" not in item:
                continue
            item, at = item["value"], item.at["value"]
        if isinstance(item, (str, int, float)):
            put(env, str(key), text(item), at)
        elif isinstance(item, Unknown):
            put(env, str(key), item, at)


def needs(value: Any, entry: Entry) -> tuple[Seq, Seq]:
    """(names of jobs of the same pipeline, artifacts that are fetched)."""
    names = Seq((entry[0], entry[3], entry[4]))
    down = Seq((entry[0], entry[3], entry[4]))
    for each, at in listed(value, entry):
        if isinstance(each, (str, int)):
            _add(names, text(each), at)
            _add(down, _artifact(text(each), at, "down", None), at)
        elif isinstance(each, Map) and isinstance(each.get("job"), (str, int)):
            place = each.at["job"]
            if "pipeline" not in each and "project" not in each:
                _add(names, text(each["job"]), place)
            if each.get("artifacts") is not False:
                _add(down, _artifact(text(each["job"]), place, "down", None), place)
    return names, down


def _add(made: Seq, value: Any, at: Entry) -> None:
    made.append(value)
    made.at.append((at[0], at[3], at[3], at[3], at[4]))


def _artifact(name: str, at: Entry, way: str, paths: Any) -> Map:
    made = Map((at[0], at[3], at[4]))
    put(made, "name", name, at)
    put(made, "way", way, at)
    if paths is not None:
        put(made, "paths", paths, at)
    return made


def uploaded(job: str, value: Map, entry: Entry) -> Map:
    """`artifacts` as what is kept for later jobs and for people: {name, way, paths, access, expires, reports…}."""
    made = _artifact(text(value.get("name")) or job, entry, "up", None)
    for key in ("paths", "exclude", "access", "public", "untracked", "expire_in", "when", "reports"):
        copy(made, key, value, key)
    return made


def caches(value: Any, entry: Entry) -> Seq:
    """`cache`, one or several: {key, paths, policy, unprotect, fallback_keys}."""
    made = Seq((entry[0], entry[3], entry[4]))
    for each, at in listed(value, entry):
        if isinstance(each, Map) and each:
            cache_of = Map(each.span)
            for key in ("key", "paths", "policy", "unprotect", "fallback_keys", "when"):
                copy(cache_of, key, each, key)
            _add(made, cache_of, at)
    return made


_TIERS = {
    "production": "production",
    "staging": "pre-production",
    "testing": "development",
    "development": "development",
}
_REVIEW = ("review", "review-apps", "review_apps", "reviews")


def environment(value: Any, entry: Entry, known: Mapping[str, Any], tier_of: Any) -> Map:
    """`environment` as {name, tier, url, on_stop, action}.

    known: variables the configuration gives a value. tier_of: name → tier, '' where the name does not say.
    """
    made = Map((entry[0], entry[3], entry[4]))
    if isinstance(value, (str, int)):
        _name(made, text(value), (entry[0], entry[3], entry[3], entry[3], entry[4]), known, tier_of)
        return made
    raw = mapping(value)
    if raw is None:
        return made
    if isinstance(raw.get("name"), (str, int)):
        _name(made, text(raw["name"]), raw.at["name"], known, tier_of)
    for key in ("url", "on_stop", "action", "auto_stop_in", "kubernetes"):
        copy(made, key, raw, key)
    declared = raw.get("deployment_tier")
    if isinstance(declared, str):
        if declared in _TIERS:
            put(made, "tier", _TIERS[declared], raw.at["deployment_tier"])
        else:
            made.pop("tier", None)
    return made


def _name(made: Map, written: str, entry: Entry, known: Mapping[str, Any], tier_of: Any) -> None:
    name = substitute(written, known)
    if "$" not in name:
        put(made, "name", name, entry)
        found = tier_of(name) or ("development" if name.partition("/")[0].lower() in _REVIEW else "")
    else:
        prefix = name.partition("$")[0]
        unknown = Unknown("run-time", written, "write the environment's name out", prefix=prefix, type="string")
        put(made, "name", unknown, entry)
        folder = prefix.rpartition("/")[0]
        found = "development" if prefix.partition("/")[0].lower() in _REVIEW else tier_of(folder) if folder else ""
    if found:
        put(made, "tier", found, entry)


def substitute(written: str, known: Mapping[str, Any]) -> str:
    """A text with the variables whose value the configuration fixes put in; twice, for variables in variables."""
    for _ in range(2):
        if "$" not in written or len(written) > 2000:
            break
        written = _variable().sub(lambda match: _known(match, known), written)
    return written


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def _known(match: re.Match[str], known: Mapping[str, Any]) -> str:
    value = known.get(match[1] or match[2])
    return value if isinstance(value, str) and len(value) < 500 else match[0]


_REPORTS = {
    "sast": "scan code", "secret_detection": "scan secrets", "dependency_scanning": "scan dependencies",
    "container_scanning": "scan image", "dast": "scan", "api_fuzzing": "scan", "coverage_fuzzing": "scan",
    "codequality": "lint", "terraform": "plan", "cyclonedx": "sbom", "junit": "", "license_scanning": "scan dependencies",
}  # fmt: skip


def roles_of_reports(artifacts: Any) -> tuple[set[str], set[str]]:
    """What a job is for by the reports it hands to GitLab: (roles, scan families)."""
    reports = artifacts.get("reports") if isinstance(artifacts, Map) else None
    found, families = set[str](), set[str]()
    for name in reports if isinstance(reports, Map) else ():
        words = _REPORTS.get(str(name), "").split()
        found.update(words[:1])
        families.update(words[1:])
    return found, families


_TEMPLATES = (
    ("secret-detection", "secrets"), ("dependency-scanning", "dependencies"), ("container-scanning", "image"),
    ("sast-iac", "iac"), ("iac-sast", "iac"), ("sast", "code"), ("auto-devops", "code secrets dependencies image"),
)  # fmt: skip


def families_of_include(record: Map) -> set[str]:
    """The scans that one of GitLab's own templates or components is known to add."""
    name = str(record.get("name", "")).lower().replace("_", "-")
    own = record.get("kind") == "template" or (record.get("kind") == "component" and "/components/" in name)
    if own:
        for part, families in _TEMPLATES:
            if part in name.rpartition("/")[2] or (own and f"/{part}/" in name):
                return set(families.split())
    return set()


def labels(value: Any, entry: Entry) -> Seq:
    """`tags`: the runner's labels, one decided by a variable Unknown."""
    made = Seq((entry[0], entry[3], entry[4]))
    for each, at in listed(value, entry):
        if isinstance(each, (str, int, float)):
            label = text(each)
            _add(made, Unknown("run-time", label, "write the tag out") if "$" in label else label, at)
    return made


def stages(value: Any, entry: Entry) -> list[tuple[str, Entry]]:
    """The stages in order with `.pre` and `.post` around them; GitLab's default ones where none are written."""
    named = [(text(each), at) for each, at in listed(value, entry) if isinstance(each, (str, int))]
    if not named:
        named = [(name, entry) for name in ("build", "test", "deploy")]
    names = {name for name, _ in named}
    before = [(".pre", entry)] if ".pre" not in names else []
    return [*before, *named, *([(".post", entry)] if ".post" not in names else [])]


def stage_records(found: list[tuple[str, Entry]], entry: Entry) -> Seq:
    made = Seq((entry[0], entry[3], entry[4]))
    for name, at in found:
        record = Map((at[0], at[3], at[4]))
        put(record, "name", name, at)
        _add(made, record, at)
    return made


def credentials(found: list[tuple[str, str, Entry]], entry: Entry) -> Seq:
    """[{name, kind}] of (name, kind, where), each name once."""
    made = Seq((entry[0], entry[3], entry[4]))
    seen: set[str] = set()
    for name, kind, at in found:
        if name not in seen:
            seen.add(name)
            record = Map((at[0], at[3], at[4]))
            put(record, "name", name, at)
            put(record, "kind", kind, at)
            _add(made, record, at)
    return made


def approval(kind: str, name: str, at: Entry) -> Map:
    made = Map((at[0], at[3], at[4]))
    put(made, "kind", kind, at)
    put(made, "name", name, at)
    return made
