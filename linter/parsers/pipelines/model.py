"""The common model every pipeline format is read into: bodies of `pipeline/pipeline`, `pipeline/job`, `pipeline/step`.

A body is a Map whose entries carry the places of what was written. What is derived carries the place it derives from.
Values that the system computes at run time are Unknown (`run-time`) in the fields that rules compare (timeout,
permissions, environment, runner, continue_on_error); texts that rules read (run, with, env, condition) stay as written.
An entry that a system has no word for, or that is not written, is absent; an empty one says that it was left empty.

pipeline: platform (github, gitlab, azure, jenkins, circleci, bitbucket), name, triggers [{event, cause, branches,
    branches_ignore, tags, tags_ignore, paths, types, inputs…}], stages [{name, needs, condition}], permissions, env,
    defaults, concurrency {group, cancel}, includes [{kind, raw, ref, name}], roles, families.
    `event` is the system's own word, `cause` one of CAUSES. What an include brings in from this tree is a part of the
    pipeline; of what it brings in from elsewhere only the include is known.
job: id, name, stage, needs [id], runner [label], environment {name, tier, url, on_stop, action}, permissions, env,
    timeout (minutes), condition, continue_on_error, container {image, credentials…}, services {name: {image…}},
    secrets, credentials [{name, kind}], approvals [{kind, name}], artifacts [{name, paths, way}], caches [{key, paths}],
    uses, strategy, concurrency {group, cancel}, outputs, parts (number of steps), after (as of a step), roles, families,
    expressions.
    What holds by the order of stages alone is no `needs`: the jobs that end before are in the context `earlier`, a
    tuple of Resources. approvals kind: manual (a person starts or confirms it here), environment (who may let it pass
    is set outside the file, on the environment it names), protected (only people who may write a protected ref).
    credentials kind: secret, variable, credential, connection, token. artifacts way: up (kept for others), down.
step: id, name, index (from 1), uses {raw, owner, repo, path, ref, kind, name}, run, shell, with, env, condition,
    working_directory (below the repository's, where it is not that),
    continue_on_error, timeout, after (always, failure: run after the others whatever, or only if, they failed), roles,
    families, expressions [{text, where, contexts, flows, calls, error}]. Context `commands`: what `run` starts.
    uses.kind: sha, tag, branch, none, local, docker (actions), task (Azure Pipelines), step (a Jenkins step, or one of
    CircleCI's own), orb (a command of a CircleCI orb), pipe (Bitbucket).
action: name, using, inputs, outputs, expressions.
Jenkins besides: pipeline and job agent {kind, label, image…}; pipeline branched (it uses what only multibranch projects
    give), content (Unknown where a library's call is all there is), internals [{name}] and variables {name: literal} of
    its Groovy, names (of its own variables); credentials of jobs and steps also {variable, scope}.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any

from linter.model import Entry, Map, Seq, Source, Span, Unknown
from linter.parsers.pipelines.expressions import find, parse
from linter.parsers.pipelines.scalars import Scalar

CAUSES = ("push", "review", "release", "schedule", "manual", "upstream", "called", "other")
"""Why a pipeline runs: a push of a branch or tag, a proposed change, a published release, the clock, a person or an
API call, another pipeline that ended, a caller that includes it, anything else."""


def copy(body: Map, key: str, raw: Map, name: str) -> None:
    """Copies an entry as it was written, where it was written."""
    if name in raw:
        body[key] = raw[name]
        body.at[key] = raw.at[name]


def texts(words: Sequence[str], entry: Entry) -> Seq:
    """A list of derived words, each at the place of what it derives from."""
    source, _, _, start, end = entry
    made = Seq((source, start, end))
    if words:
        made.extend(words)
        made.at.extend([(source, start, start, start, end)] * len(words))
    return made


def mapping(value: Any) -> Map | None:
    return value if isinstance(value, Map) else None


def text(value: Any) -> str:
    """A scalar as the text GitHub makes of it; '' for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else ""


def settled(value: Any, subject: str) -> Any:
    """The value, or an Unknown where an expression decides it at run time."""
    if isinstance(value, str) and "${{" in value:
        prefix = value.partition("${{")[0]
        return Unknown("run-time", subject, "write the value out, or judge it in the workflow's run", prefix=prefix)
    return value


def expression(
    found: Seq, scalar: Scalar, where: str, start: int, end: int, inner: tuple[int, int], closed: bool
) -> None:
    written = scalar.value[inner[0] : inner[1]].strip()
    parsed = parse(written)
    source, first, last = scalar.span(start, end)
    record = Map((source, first, last))
    entry = (source, first, first, first, last)
    record.update(
        text=written,
        where=where,
        contexts=texts(parsed.contexts, entry),
        flows=texts(parsed.flows, entry),
        calls=texts(parsed.calls, entry),
        error=parsed.error if closed else "`}}` is missing",
    )
    record.at.update(dict.fromkeys(record, entry))
    found.append(record)
    found.at.append(entry)


def expressions(found: Seq, source: Source, value: Any, entry: Entry, where: str, bare: bool = False) -> None:
    """Appends every expression of a scalar, or of the scalars below a mapping or list, with its exact place.

    bare: the whole scalar is an expression even without `${{ }}` (`if:`).
    """
    stack: list[tuple[Any, Entry, str]] = [(value, entry, where)]
    while stack:
        value, entry, where = stack.pop()
        if isinstance(value, str):
            if "${{" in value:
                scalar = Scalar(source, entry, value)
                for each in find(value):
                    expression(found, scalar, where, each.start, each.end, each.inner, each.closed)
            elif bare and value.strip():
                length = len(value.rstrip())
                expression(found, Scalar(source, entry, value), where, 0, length, (0, length), True)
        elif isinstance(value, Map):
            stack.extend(
                (item, value.at[key], f"{where}.{key}" if where else str(key))
                for key, item in reversed(value.items())
                if key in value.at
            )
        elif isinstance(value, Seq):
            stack.extend((item, at, where) for item, at in zip(reversed(value), reversed(value.at), strict=False))


def uses(raw: str, entry: Entry) -> Map:
    """`uses:` taken apart. kind: sha, tag, branch, none (no ref), local, docker.

    tag or branch is told by form only: `v1`, `1.2.3`, `release/v1`… read as tags if they look like a version.
    name: `owner/repo[/path]` in lower case, as tables know it.
    """
    source, _, _, start, end = entry
    made = Map((source, start, end))
    written = raw.strip()
    parts = {"raw": written, "owner": "", "repo": "", "path": "", "ref": "", "kind": "none", "name": ""}
    if written.startswith(("./", "../", "$/")):
        parts["path"], parts["kind"] = written, "local"
        parts["name"] = written
    elif written.startswith("docker://"):
        parts["kind"] = "docker"
        parts["name"] = written[len("docker://") :]
    else:
        location, _, parts["ref"] = written.partition("@")
        if "/." in location or "//" in location or location.endswith("/"):
            location = posixpath.normpath(location)
        pieces = location.split("/", 2)
        parts["owner"] = pieces[0]
        parts["repo"] = pieces[1] if len(pieces) > 1 else ""
        parts["path"] = pieces[2] if len(pieces) > 2 else ""
        parts["name"] = location.lower()
        parts["kind"] = _ref_kind(parts["ref"])
    made.update(parts)
    made.at.update(dict.fromkeys(parts, (source, start, start, start, end)))
    return made


def _ref_kind(ref: str) -> str:
    if not ref:
        return "none"
    lowered = ref.lower()
    if len(ref) in (40, 64) and all(char in "0123456789abcdef" for char in lowered):
        return "sha"
    last = lowered.rsplit("/", 1)[-1]
    return "tag" if last[:1].isdigit() or (last[:1] == "v" and last[1:2].isdigit()) else "branch"


def point(raw: Map, fallback: Span) -> Span:
    """The smallest place that names a step: its name, id, action or the `run` key."""
    for key in ("name", "id", "uses"):
        if isinstance(raw.get(key), str) and key in raw.at:
            source, _, _, start, end = raw.at[key]
            return source, start, end
    if raw.at:
        entry = raw.at.get("run") or next(iter(raw.at.values()))
        return entry[0], entry[1], entry[2]
    return fallback
