"""Why a difference between environments is intended: classes by the attribute's name, and by what its values look like.

An attribute that belongs to a class may differ; whether it differs the wrong way (production smaller, weaker, sharing
another environment's secret) is asked by the rules of parity, each of its own attributes.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from linter.conditions.paths import ABSENT
from linter.discovery.environments import without_environments

UNSURE = "run time"
SIZE, ADDRESS, IDENTITY, NAMING, SECRET, VERBOSITY, SCHEDULE, THRESHOLD, PROMOTION, TESTING, STRONGER = (
    "size", "address", "identity", "naming", "secret source", "verbosity", "schedule", "alert threshold",
    "promotion window", "test tools", "stronger above",
)  # fmt: skip
CLASSES = {
    SIZE: "how much of it there is, or how big it is",
    ADDRESS: "where it is reached",
    IDENTITY: "whose it is: account, project, cluster, role, key, bucket",
    NAMING: "the environment's own name",
    SECRET: "where its secrets are kept",
    VERBOSITY: "how much it logs and traces",
    SCHEDULE: "when it runs, and how long it keeps things",
    THRESHOLD: "from when on, and whom, it alerts",
    PROMOTION: "a version that is on its way up",
    TESTING: "tools for testing that only lower environments have",
    STRONGER: "a protection that is stronger in the higher environment",
    UNSURE: "known at run time only",
}
"""Class → what differs, in words."""

_WORDS: dict[str, str] = {
    SIZE: r"replicas|(min|max|desired)_?(size|count|capacity|replicas|nodes?|instances)|minreplicas|maxreplicas|"
    r"(instance|node|machine|db|cache|vm)_?(type|class|size|tier)s?|size|sku(_name)?|tier|allocated_storage|"
    r"max_allocated_storage|storage(_gb|_size)?|disk_?size(_gb)?|volume_?size|cpu|memory(_size|_mb)?|requests|limits|"
    r"(node|instance|worker|desired|initial_node)_?count|capacity(_units)?|(read|write)_(capacity|units)|throughput|"
    r"iops|concurrency|parallelism|completions|num_cache_nodes|number_of_[a-z_]+|shards?|partitions|workers|"
    r"minavailable|maxunavailable|maxsurge|quota|hard|vcpus?|single_nat_gateway|one_nat_gateway_per_az",
    ADDRESS: r"hosts?|host_?names?|domains?(_name)?|dns(_name|names)?|fqdn|urls?|uri|endpoints?|address(es)?|"
    r"cidrs?(_blocks?)?|(vpc|subnet|pod|service|cluster)_?cidrs?|ipv[46]_[a-z_]*|ips?|ip_?(address|range)(es|s)?|"
    r"subnets?|(public|private|database|intra)_subnets|azs|(availability_)?zones?|regions?|locations?|aliases|records?|"
    r"secretname|server|ports?|origin|base_?url|issuer|path",
    IDENTITY: r"accounts?(_ids?)?|project(_id)?|tenant(_id)?|subscription(_id)?|clusters?(_name|_id|_arn)?|[a-z_]*arns?|"
    r"role(_name|_arn)?|service_?account(_?name|_email)?|kms_key(_id)?|key_id|bucket(_name|_prefix)?|key|"
    r"workload_identity[a-z_]*|client_id|organization|profile|assume_role|storage_account(_name)?|"
    r"resource_group(_name)?|registry|repository|state_key|principals?|identifiers",
    NAMING: r"name|names|name_?prefix|name_?suffix|identifier|environment|env|stage|labels?|tags?|tags_all|namespace|"
    r"prefix|suffix|annotations?|description|title|release_?name",
    SECRET: r"remote_?ref|secret_?(id|arn|name|path|key_?ref|store_?ref)s?|vault_?(path|addr|role)|password_secret[a-z_]*|"
    r"external_secret[a-z_]*|parameter_path",
    VERBOSITY: r"log_?level|logging_?level|verbosity|(trace|sampling)_?(rate|ratio|level)?|trace_?sampl[a-z_]*|"
    r"debug_level|performance_insights[a-z_]*|monitoring_interval",
    SCHEDULE: r"schedule(_expression)?|cron|start_?time|stop_?time|recurrence|retention(_in_days|_days|_period)?|"
    r"backup_retention_period|backup_window|maintenance_window|preferred_[a-z_]*window|ttl|interval|"
    r"expiration(_days)?|scale_to_zero|suspend|terminationgraceperiodseconds",
    THRESHOLD: r"threshold|for|evaluation_periods|period|receivers?|severity|alarm_actions|ok_actions|expr|"
    r"datapoints_to_alarm|notification_channels?",
    PROMOTION: r"ref|module_version|source|chart_?version|version|targetrevision|revision|tag|newtag|image|digest|semver",
    TESTING: r"tests?|test|mailhog|mocks?|load_?generator",
}  # fmt: skip


_PROTECTIONS = (
    r".*(multi_?az|failover|protection|encrypt|backup|retention|versioning|redundan|high_availability|replicat|"
    r"audit|logging|mfa|tls|ssl|recovery|snapshot|lock|waf|point_in_time|rotation).*"
)


@cache
def _protections() -> re.Pattern[str]:
    return re.compile(rf"(?:{_PROTECTIONS})\Z")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(rf"(?:{words})\Z")) for name, words in _WORDS.items())


@cache
def _values() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return (
        (ADDRESS, re.compile(r"(?:https?|tcp|amqps?|postgres(?:ql)?|mysql|redis|mongodb)://\S+\Z")),
        (ADDRESS, re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?\Z|[\da-f:]*:[\da-f:]+(?:/\d{1,3})?\Z")),
        (ADDRESS, re.compile(r"(?:[a-z]{2,3}-)?[a-z]{2,12}-[a-z]{2,12}-?\d[a-z]?\Z")),
        (ADDRESS, re.compile(r"(?:[a-z0-9-]{1,63}\.){2,8}[a-z]{2,24}(?::\d{1,5})?(?:/\S*)?\Z")),
        (IDENTITY, re.compile(r"arn:[a-z-]+:|\d{12}\Z|projects/|[^@\s]{1,64}@[a-z0-9-]{1,63}\.iam\.gserviceaccount\.com\Z")),
        (IDENTITY, re.compile(r"/subscriptions/|[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\Z")),
        (SIZE, re.compile(r"\d+(?:\.\d+)?(?:m|Ki|Mi|Gi|Ti|k|M|G)\Z")),
        (SIZE, re.compile(r"(?:db\.|cache\.)?[a-z]\d[a-z]{0,3}\.(?:nano|micro|small|medium|\d{0,2}x?large|metal)\Z")),
    )  # fmt: skip


_TOOLS = frozenset(
    ("mailhog", "mailpit", "mailcatcher", "maildev", "mock", "mocks", "wiremock", "mockserver", "loadgenerator",
     "loadgen", "k6", "locust", "jmeter", "gatling", "selenium", "toxiproxy", "localstack", "adminer", "pgadmin",
     "phpmyadmin", "greenmail", "smtp4dev", "fakes3", "e2e", "smoketest", "testdata", "seeder")
)  # fmt: skip
"""Words in the names of what is there to test with, of our own gathering (November 2026)."""


def is_test_tool(name: str) -> bool:
    """Whether a component is there to test with, by a whole word of its name: only lower environments have it."""
    words = re.sub(r"[^a-z0-9]+", " ", name[:300].lower()).split()
    return not _TOOLS.isdisjoint(words) or "load generator" in " ".join(words)


def class_of(kind: str, path: str, low: Any, high: Any, environments: tuple[str, ...]) -> str:
    """The class that makes a difference an intended one, '' where none does.

    environments: the two environments' names in lower case. The innermost word of the path that has a class decides;
    within a list of named entries (`env[LOG_LEVEL].value`) the name does.
    """
    if same_but_for_names(low, high, environments):
        return NAMING
    if _rises(low, high) and _protections().match(_words_of(path)[0].lower() if _words_of(path) else ""):
        return STRONGER
    for word in _words_of(path):
        found = _class_of_word(word)
        if found:
            return found
    if isinstance(low, str) and isinstance(high, str) and "\n" in low:
        return _of_lines(kind, low, high, environments)
    texts = [each for each in (low, high) if isinstance(each, str)]
    if len(texts) == 2 and _is_secret(_words_of(path)):
        return SECRET
    if texts and len(texts) == sum(each is not ABSENT for each in (low, high)):
        for name, pattern in _values():
            if all(len(text) <= 300 and pattern.match(text) for text in texts):
                return name
    return ""


def _is_secret(words: list[str]) -> bool:
    """Whether an attribute's name says that it holds a credential, which environments must not share."""
    from linter.text import secret_name

    return bool(words) and secret_name(words[0])


def _rises(low: Any, high: Any) -> bool:
    """Whether a switch is on, or a number bigger, only in the higher environment."""
    if isinstance(low, bool) or isinstance(high, bool):
        return high is True
    return isinstance(low, (int, float)) and isinstance(high, (int, float)) and high > low


def _of_lines(kind: str, low: str, high: str, environments: tuple[str, ...]) -> str:
    """The one class all differing lines of two texts belong to, each line read as `key: value`."""
    mine, theirs = low.split("\n"), high.split("\n")
    if len(mine) != len(theirs) or len(mine) > 500:
        return ""
    found = set()
    for one, other in zip(mine, theirs, strict=True):
        if one != other:
            key, _, value = one.partition(":")
            _, _, written = other.partition(":")
            found.add(class_of(kind, key.strip(" -\"'"), value.strip(" \"'"), written.strip(" \"'"), environments))
    return found.pop() if len(found) == 1 else ""


def same_but_for_names(low: Any, high: Any, environments: tuple[str, ...]) -> bool:
    """Whether two texts are the same once each has lost the environments' names."""
    if not (isinstance(low, str) and isinstance(high, str)) or max(len(low), len(high)) > 4000:
        return False
    if _without(low, environments) == _without(high, environments):
        return True
    return max(len(low), len(high)) <= 200 and without_environments(low) == without_environments(high)


def _without(text: str, environments: tuple[str, ...]) -> list[str]:
    words = re.split(r"[^A-Za-z0-9]+", text)
    return ["*" if word.lower() in environments else word for word in words]


def _words_of(path: str) -> list[str]:
    """The words of a path from the innermost out, names in brackets before the list they are in."""
    words = re.findall(r"\[([^\]]*)\]|([^.\[\]]+)", path[-400:])
    found = [bracket or plain for bracket, plain in reversed(words)]
    return [word for word in found if word and not word.isdigit() and word not in ("value", "default")][:4]


@lru_cache(maxsize=4096)
def _class_of_word(word: str) -> str:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word[:80]).lower().replace("-", "_")
    squeezed = plain.replace("_", "")
    for name, pattern in _patterns():
        if pattern.match(plain) or pattern.match(squeezed):
            return name
    last = plain.rpartition("_")[2]
    if last != plain:
        for name, pattern in _patterns():
            if name in (SIZE, ADDRESS, IDENTITY, VERBOSITY) and pattern.match(last):
                return name
    return ""
