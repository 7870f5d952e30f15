"""The commands that a runbook's code blocks and inline code show, as words with places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks.documents.runbook_commands import SHELLS
from linter.model import Estate, Resource, Span
from linter.records import NamedTuple

MAX_WORDS = 20_000
"""Words read of one runbook; what is beyond is not judged."""
CLUSTER_PROGRAMS = frozenset({"kubectl", "oc", "k", "helm"})
_WITH_VALUE = frozenset(
    """-n --namespace -l --selector -o --output -c --container -f --filename --context --cluster --kubeconfig --user
    --since --tail --replicas --to-revision --timeout -p --patch --type --field-selector --image --current-replicas
    --revision --as --as-group --token -s --server --request-timeout --for --version --set --values""".split()  # noqa: SIM905
)
"""Options of kubectl and helm that take the next word (kubectl reference, `kubectl options`)."""


class Word(NamedTuple):
    """text: without quotes around it. span: with them."""

    text: str
    span: Span


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        {
            "token": r"\\\r?\n|\n|\"[^\"\n]{0,2000}\"|'[^'\n]{0,2000}'|(?:[^\s;|&()\"'\\]|\\.)+|&&|\|\||[;|&()]",
            "inline": r"(?<![\w`])`([^`\n]{1,500})`(?!`)",
            "assignment": r"[A-Za-z_]\w*=",
        }[name]
    )


def commands_of(estate: Estate, runbook: Resource) -> Iterator[list[Word]]:
    """Every simple command, its program first; prompts, `sudo` and assignments before it are left out."""
    source = runbook.extent[0]
    text = estate.sources[source].text
    budget = MAX_WORDS
    for start, end in _regions(runbook, text):
        for words in _split(source, text, start, end):
            budget -= len(words)
            if budget < 0:
                return
            plain = _without_prefix(words)
            if plain:
                yield plain


def _regions(runbook: Resource, text: str) -> Iterator[tuple[int, int]]:
    blocks = runbook.body["code"]
    for block in blocks:
        if block["language"] in SHELLS:
            _, _, _, start, end = block.at["text"]
            yield start, end
    taken = [(block.span[1], block.span[2]) for block in blocks]
    at = 0
    for found in _pattern("inline").finditer(text, runbook.body.span[1]):
        while at < len(taken) and taken[at][1] <= found.start():
            at += 1
        if at == len(taken) or found.start() < taken[at][0]:
            yield found.span(1)


def _split(source: int, text: str, start: int, end: int) -> Iterator[list[Word]]:
    words: list[Word] = []
    for found in _pattern("token").finditer(text, start, end):
        token = found[0]
        if token.startswith("\\") and token[1:2] in ("\n", "\r"):
            continue
        if token in ("\n", "&&", "||", ";", "|", "&", "(", ")"):
            if words:
                yield words
            words = []
        else:
            plain = token[1:-1] if token[0] in "\"'" else token
            words.append(Word(plain, (source, *found.span())))
    if words:
        yield words


def _without_prefix(words: list[Word]) -> list[Word]:
    at = 0
    while at < len(words) and (
        words[at].text in ("$", "#", ">", "%", "sudo", "$>", "time", "watch")
        or _pattern("assignment").match(words[at].text)
    ):
        at += 1
    return words[at:]


def option(words: list[Word], *names: str) -> Word | None:
    """The value of an option: `-n shop`, `--namespace shop`, `--namespace=shop`; only what stands before `--`."""
    for index, word in enumerate(words):
        if word.text == "--":
            return None
        if word.text in names:
            return words[index + 1] if index + 1 < len(words) else None
        for name in names:
            if name.startswith("--") and word.text.startswith(name + "="):
                value = word.text[len(name) + 1 :].strip("\"'")
                source, start, _ = word.span
                begin = start + len(name) + 1
                return Word(value, (source, begin, begin + len(value)))
    return None


def positional(words: list[Word]) -> list[Word]:
    """The words after the program that are no options nor their values, up to `--`."""
    found: list[Word] = []
    skip = False
    for word in words[1:]:
        if word.text == "--":
            break
        if skip:
            skip = False
        elif word.text.startswith("-"):
            skip = word.text in _WITH_VALUE
        else:
            found.append(word)
    return found
