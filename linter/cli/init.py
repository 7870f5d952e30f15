"""`opslint init`: a commented policy to begin with, made from what the repository shows."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import click

from linter.model import Environment, Estate
from linter.records import NamedTuple
from linter.text import safe_text

_LISTED = 10
_TIERS = ("production", "pre-production", "development")


class Seen(NamedTuple):
    """What a tree shows of its policy. prefixes: address prefix of runbook links → folder of the pages, or ''."""

    environments: tuple[Environment, ...]
    prefixes: Mapping[str, str]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--force", is_flag=True, help="Write over an opslint.yaml that is there.")
def init(folder: str, force: bool) -> None:
    """Write a commented opslint.yaml into FOLDER (default: here), from the environments and runbook links in it."""
    from linter.cli.running import run_supervised
    from linter.config import NAME

    target = os.path.join(folder, NAME)
    if os.path.lexists(target) and not force:
        raise click.UsageError(f"{target!r} is already there; --force writes over it")

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        return _work(folder, target, progress, condemned)

    sys.exit(run_supervised(work))


def _work(folder: str, target: str, progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
    from linter.engine.estate import read_estate
    from linter.files import Unreadable, WriteError, write_atomic

    try:
        seen = look(read_estate(folder, {}, progress, condemned).estate)
        write_atomic(os.path.abspath(target), policy(seen))
    except (Unreadable, WriteError) as error:
        click.echo(f"opslint: {safe_text(str(error))}", err=True)
        return 2
    found = f"{len(seen.environments)} environments and {len(seen.prefixes)} places of runbooks"
    click.echo(f"{safe_text(target)} is written, with {found}. Read it, then run `opslint scan`.")
    return 0


def look(estate: Estate) -> Seen:
    """The environments of an estate and where its alerts' runbook links lead."""
    from linter.discovery import environments_in

    found = {resource.environment for resource in estate.resources if resource.environment}
    environments = {each for each in (*found, *environments_in(estate.paths, {})) if each.tier in _TIERS}
    ordered = sorted(environments, key=lambda each: (_TIERS.index(each.tier), each.name))
    return Seen(tuple(ordered[:_LISTED]), _prefixes(estate))


def _prefixes(estate: Estate) -> dict[str, str]:
    """The commonest address prefixes of runbook links, each with the folder of a page that a link names."""
    pages = {
        path.rpartition("/")[2].rpartition(".")[0].lower(): path for path in sorted(estate.paths) if _is_page(path)
    }
    counted: Counter[str] = Counter()
    folders: dict[str, str] = {}
    for alert in estate.of_kind("monitoring/alert"):
        url = _runbook_url(alert.body)
        prefix, slash, last = url.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")
        if prefix.count("/") < 2 or not slash:
            continue
        counted[prefix + "/"] += 1
        page = pages.get(last.removesuffix(".md").removesuffix(".html").lower())
        if page and prefix + "/" not in folders:
            folders[prefix + "/"] = page.rpartition("/")[0]
    return {prefix: folders.get(prefix, "") for prefix, _ in sorted(counted.items(), key=_commonest)[:_LISTED]}


def _commonest(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _is_page(path: str) -> bool:
    """Whether a path is a page that the policy can name."""
    return "/" in path and path.lower().endswith((".md", ".markdown")) and path.isprintable() and "\\" not in path


def _runbook_url(body: Mapping[str, object]) -> str:
    """An alert's link to its runbook where it is written out as a web address, else ''."""
    for holder in (body.get("annotations"), body.get("labels"), body):
        url = holder.get("runbook_url") if isinstance(holder, dict) else None
        if isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) < 400:
            return url if url.isascii() and url.isprintable() and not set(url) & set(" \"'{}$<>\\") else ""
    return ""


def policy(seen: Seen) -> str:
    """The text of an opslint.yaml that fits the schema; everything found is quoted."""
    return "\n".join([*_head(), *_environments(seen), *_runbooks(seen), *_TAIL]) + "\n"


def _head() -> Iterator[str]:
    yield "# The policy of opslint. Every key: linter/schemas/config.schema.json, or `opslint scan --help`."
    yield "# On pull requests it is read from the base, so that a change of it counts once it is merged."
    yield "version: 1"
    yield ""
    yield "gate:"
    yield "  fail-on: high        # critical, high, medium, low or info: this and worse fail the gate"
    yield "  unknown: report      # or fail: what cannot be judged counts like a failure"
    yield "  # frameworks:        # controls that have to be met"
    yield "  #   - id: soc2"
    yield "  #     controls: [CC6.6, CC6.7]"
    yield ""


def _environments(seen: Seen) -> Iterator[str]:
    if seen.environments:
        yield "# Found in the layout. Correct what is wrong: a declaration wins over everything found."
        yield "environments:"
        for environment in seen.environments:
            yield f"  - {{name: {_quoted(environment.name)}, tier: {environment.tier}}}"
    else:
        yield "# No environments were found. Declare them where there are any:"
        yield "# environments:"
        yield '#   - {name: production, tier: production, aliases: [prod], paths: ["envs/prod/**"]}'
    yield ""


def _runbooks(seen: Seen) -> Iterator[str]:
    known = {prefix: folder for prefix, folder in seen.prefixes.items() if folder}
    unknown = [prefix for prefix, folder in seen.prefixes.items() if not folder]
    if known:
        yield "# Where alerts say their runbooks are, and the folder whose pages those addresses show."
        yield "runbooks:"
        yield "  base-urls:"
        for prefix, folder in known.items():
            yield f"    {_quoted(prefix)}: {_quoted(folder)}"
    elif not unknown:
        yield "# No alert links to a runbook on the web. Where one does, say which folder its address shows:"
    if not known:
        yield "# runbooks:"
        yield "#   base-urls:"
        yield from () if unknown else ('#     "https://runbooks.example.com/": docs/runbooks',)
    for prefix in unknown:
        mark = "    # " if known else "#     "
        yield f"{mark}{_quoted(prefix)}: docs/runbooks    # alerts link here; which folder is it?"
    yield ""


_TAIL = (
    "# rules:",
    "#   disable: [no-host-port]",
    "#   severity: {image-digest: low}",
    "",
    "# Which comments waive findings. Those of other tools count only where they are switched on.",
    "inline-waivers:",
    "  opslint: true",
    "  # checkov: true",
    "  # trivy: true",
    "  # zizmor: true",
    "  # kube-linter: true",
    "  # hadolint: true",
    "",
    "# Rules that nobody may waive.",
    "# non-waivable: [sg-no-world-admin-port]",
    "",
    "# waivers:",
    "#   - rule: image-digest",
    '#     path: "legacy/**"',
    "#     reason: replaced in autumn, see OPS-12",
    "#     owner: team-shop",
    "#     expires: 2027-01-31",
)


def _quoted(text: str) -> str:
    """A text as a YAML flow scalar: JSON's strings are a part of YAML."""
    return json.dumps(text)
