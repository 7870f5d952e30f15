"""`opslint scan --fix`: scan, mend, and scan again until nothing more can be mended.

Only what leaves everything that works as it is is mended, unless `--unsafe-fixes` asks for more. A file is written only
if it still is what was read; of fixes that touch the same text the first finding's is made, and the next scan shows what
remains. With `--diff` nothing is written. The exit code is that of the tree as it is in the end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from linter.engine import Scan
from linter.files import Tree, Unreadable, WriteError, rewrite
from linter.fixes.diff import unified
from linter.fixes.plan import Mending
from linter.records import NamedTuple
from linter.report import standing
from linter.text import redact, safe_text

_ROUNDS = 10
_MARK = b"\xef\xbb\xbf"


class Done(NamedTuple):
    """What `--fix` came to. refused: files that were not written, with why. diff: what would be changed, with --diff."""

    scanned: Scan
    refused: tuple[str, ...]
    diff: str | None


def fix(scan: Callable[[], Scan], options: Mapping[str, Any], progress: Callable[[str], None]) -> Done:
    """Mend the tree, or show how; what was done goes to standard error."""
    from linter.cli.root import find_root

    root, _ = find_root(options["paths"], options["root"])
    unsafe = bool(options["unsafe_fixes"])
    scanned = scan()
    progress("report")
    mendings = scanned.plan().mendings(unsafe)
    if options["diff"]:
        fixed = sum(len(each.fixed) for each in mendings)
        _tell(f"would fix {_count(fixed, 'finding')} in {_count(len(mendings), 'file')}{_hidden(scanned, unsafe)}")
        return Done(scanned, (), "".join(_shown(unified(each.path, each.old, each.edits)) for each in mendings))
    refused: dict[str, str] = {}
    made: set[str] = set()
    first = scanned
    for _ in range(_ROUNDS):
        written = [each.path for each in mendings if each.path not in refused and _written(root, each, refused)]
        if not written:
            break
        made.update(written)
        scanned = scan()
        progress("report")
        mendings = scanned.plan().mendings(unsafe)
    _report(first, scanned, made, unsafe)
    for reason in refused.values():
        _tell(f"not written: {reason}")
    return Done(scanned, tuple(refused.values()), None)


def _written(root: str, mending: Mending, refused: dict[str, str]) -> bool:
    """Whether the mended text is in the file now; where not, `refused` says why."""
    try:
        with Tree(root) as tree:
            data = tree.read(mending.path)
        mark = _MARK if data.startswith(_MARK) else b""
        if data != mark + mending.old.encode():
            raise WriteError(f"{mending.path}: it has changed since it was read, or is not UTF-8")
        rewrite(root, mending.path, data, mark + mending.new.encode())
    except Unreadable as error:
        refused[mending.path] = f"{mending.path}: {error.reason}"
    except (WriteError, UnicodeEncodeError) as error:
        refused[mending.path] = str(error)
    return mending.path not in refused


def _report(first: Scan, last: Scan, made: set[str], unsafe: bool) -> None:
    """How many findings of the files that were mended are gone, and what remains of all."""
    before, after = standing(first.report), standing(last.report)
    fixed = sum(each.place.path in made for each in before) - sum(each.place.path in made for each in after)
    text = f"fixed {_count(fixed, 'finding')} in {_count(len(made), 'file')}, {len(after)} remaining"
    _tell(text + _hidden(last, unsafe))


def _hidden(scanned: Scan, unsafe: bool) -> str:
    number = 0 if unsafe else scanned.plan().unsafe()
    return f" ({_count(number, 'more fix', 'more fixes')} with --unsafe-fixes)" if number else ""


def _count(number: int, word: str, words: str = "") -> str:
    return f"{number} {word}" if number == 1 else f"{number} {words or word + 's'}"


def _tell(text: str) -> None:
    sys.stderr.write(f"opslint: {safe_text(text)}\n")


def _shown(text: str) -> str:
    """A diff as a terminal or a log may show it: line by line, tabs kept."""
    return "".join("\t".join(map(safe_text, line.split("\t"))) + "\n" for line in redact(text).split("\n")[:-1])
