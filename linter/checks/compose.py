"""Checks of Compose services."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Entry, Estate, Map, Resource
from linter.text import looks_secret


def compose_secrets_absent(estate: Estate) -> Iterator[Verdict]:
    """No environment variable or build argument of a service is a credential that the file spells out.

    A value that a variable gives is none, its default is.
    """
    for service in estate.of_kind("compose/service"):
        sound, places = True, 0
        for path, name, value, entry in _variables(service):
            places += 1
            if isinstance(value, str) and _written(estate, entry) and looks_secret(name, value):
                sound = False
                message = f"`{path}` holds a secret, for everyone who can read the repository."
                yield Verdict(service, FAIL, message, (entry[0], entry[3], entry[4]), path)
        if sound and places:
            yield Verdict(service, PASS, "No variable holds a secret.", service.anchor)


def _variables(service: Resource) -> Iterator[tuple[str, str, object, Entry]]:
    build = service.body.get("build")
    holders = (("environment", service.body), ("args", build if isinstance(build, Map) else Map(service.extent)))
    for key, holder in holders:
        values = holder.get(key)
        if isinstance(values, Map):
            for name, value in values.items():
                yield f"{key}.{name}", str(name), value, values.at[name]


def _written(estate: Estate, entry: Entry) -> bool:
    """Whether the file itself spells a value out: it has no variable, or one with a default."""
    text = estate.sources[entry[0]].text[entry[3] : entry[4]].replace("$$", "")
    return "$" not in text or ("${" in text and "-" in text)


def compose_references_resolve(estate: Estate) -> Iterator[Verdict]:
    """What a service depends on, attaches to or uses is declared in its project."""
    for service in estate.of_kind("compose/service"):
        project = service.owner
        reached = {(link.path, link.span) for link in estate.outgoing.get(id(service), ())}
        for reference in service.references:
            name = str(reference.target).rpartition("#")[2]
            if reference.name == "builds" or name == "network.default" or reference.span is None or project is None:
                continue
            word = name.rpartition(".")[2]
            if (reference.path, reference.span) in reached:
                yield Verdict(service, PASS, f"{word} is declared.", reference.span, name)
            elif project.body.open is not None:
                message = f"Whether {word} is declared is not known."
                yield Verdict(service, UNKNOWN, message, reference.span, name, (), (project.body.open,))
            else:
                message = f"The project declares no {_KINDS.get(name.partition('.')[0], 'service')} {word}."
                yield Verdict(service, FAIL, message, reference.span, name)


_KINDS = {"network": "network", "volume": "volume", "secret": "secret", "config": "config"}
