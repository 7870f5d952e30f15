"""What a container starts a cluster component with: the words of its command and the flags among them.

`command` replaces the image's entrypoint and `args` follow it (Kubernetes API, Container). Flags are read as Go
programs read them: `--name=value`, `--name value`, one dash or two, and bare where the flag is a switch.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Resource, Seq, Span, Unknown
from linter.records import NamedTuple

SHELLS = frozenset(("sh", "bash", "ash", "dash"))
WRAPPERS = frozenset(
    ("go-runner", "hyperkube", "tini", "dumb-init", "su-exec", "gosu", "nice", "env", "nohup", "taskset", "stdbuf")
)
STARTERS = frozenset(("exec", "nohup", "then", "do", "&&", "||", "|", ";", "{", "("))
"""Words of a shell script after which a command begins."""
ENDS = frozenset((";", "&&", "||", "|", "&", ">", ">>", "2>&1"))


class Word(NamedTuple):
    text: str
    span: Span


class Flag(NamedTuple):
    """One writing of a flag; value is None where nothing follows its name."""

    value: str | None
    span: Span


class Program(NamedTuple):
    """A component as a container starts it. unknown: a word that is unknown, so that a flag may be missed."""

    name: Word
    words: list[Word]
    unknown: Unknown | None


def program(container: Resource, component: str) -> Program | None:
    """The component's words if this container starts it, by itself, through a wrapper or from a shell script."""
    body = container.body
    first = body.get("command")
    if first is None or (isinstance(first, Seq) and not first):
        first = body.get("args")
    if not isinstance(first, Seq) or not first or not isinstance(first[0], str):
        return None
    head = _binary(first[0])
    if head != component and head not in WRAPPERS and head not in SHELLS:
        return None
    if head != component and not _mentioned(body, component):
        return None
    words, unknown = _words(body)
    if head in SHELLS:
        script = next((at for at, word in enumerate(words) if at and not word.text.startswith("-")), None)
        words = _script(words[script], component) if script is not None else []
        return Program(words[0], words[1:], unknown) if words else None
    for at, word in enumerate(words):
        if _binary(word.text) == component:
            return Program(word, words[at + 1 :], unknown)
    return None


def _mentioned(body: Map, component: str) -> bool:
    """Whether the component's name stands anywhere in the command: most scripts start something else."""
    for key in ("command", "args"):
        values = body.get(key)
        if isinstance(values, Seq) and any(isinstance(value, str) and component in value for value in values):
            return True
    return False


def _binary(word: str) -> str:
    """The program a word names; nothing where it is a flag, whose value may end in a program's name."""
    return "" if word.startswith("-") or "=" in word else word.rpartition("/")[2]


def _words(body: Map) -> tuple[list[Word], Unknown | None]:
    words: list[Word] = []
    unknown: Unknown | None = None
    for key in ("command", "args"):
        values = body.get(key)
        if isinstance(values, Unknown):
            unknown = values
        if not isinstance(values, Seq):
            continue
        unknown = unknown if values.open is None else values.open
        for value, entry in zip(values, values.at, strict=False):
            if isinstance(value, Unknown):
                unknown = value
            elif isinstance(value, str):
                words += (Word(part, (entry[0], entry[3], entry[4])) for part in _parts(value))
    return words, unknown


def _parts(text: str) -> list[str]:
    """A word, or the several flags that somebody wrote into one item of the list."""
    if not text.startswith("--") or " --" not in text:
        return [text]
    first, *others = text.split(" --")
    return [first.strip(), *("--" + other.strip() for other in others)]


def _script(script: Word, component: str) -> list[Word]:
    """The component's words in a shell script, from its name to the end of that command."""
    texts = script.text.replace("\\\n", " ").replace("\n", " ; ").split()
    for at, text in enumerate(texts):
        before = texts[at - 1] if at else ";"
        if _binary(text) == component and (before in STARTERS or before.endswith(";")):
            break
    else:
        return []
    found = []
    for text in texts[at:]:
        if text in ENDS:
            break
        found.append(Word(text.rstrip(";").strip("'\""), script.span))
        if text.endswith(";"):
            break
    return found


def flags(words: list[Word], name: str, *, switch: bool) -> Iterator[Flag]:
    """Every writing of one flag. switch: it is true where it stands alone, and takes no word after it."""
    for at, (text, span) in enumerate(words):
        if not text.startswith("-"):
            continue
        written, equals, value = text.removeprefix("-").removeprefix("-").partition("=")
        if written != name:
            continue
        following = words[at + 1] if at + 1 < len(words) else None
        if equals:
            yield Flag(value.strip("'\""), span)
        elif switch:
            yield Flag("true", span)
        elif following is not None and not following.text.startswith("-"):
            yield Flag(following.text, following.span)
        else:
            yield Flag(None, span)


def environment(container: Resource, prefix: str, name: str) -> Iterator[Flag | Unknown]:
    """A flag set through the environment, as etcd reads `ETCD_CERT_FILE` for `--cert-file`."""
    values = container.body.get("env")
    wanted = prefix + name.upper().replace("-", "_")
    for entry in values if isinstance(values, Seq) else ():
        if not isinstance(entry, Map) or not isinstance(entry.get("name"), str) or entry["name"] != wanted:
            continue
        value = entry.get("value")
        if isinstance(value, str):
            source, _, _, start, end = entry.at["value"]
            yield Flag(value, (source, start, end))
        else:
            remedy = "Write the value where the container's environment is."
            yield value if isinstance(value, Unknown) else Unknown("run-time", wanted, remedy)
