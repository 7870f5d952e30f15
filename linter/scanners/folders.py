"""Logs written in a folder of the tree: their paths are relative to it, and no word of the log says which it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from linter.scanners.foreign import Read

MOST = 2000
"""Paths of one log, and folders of a tree, that are looked at."""
_SHOWN = 3


def rooted(read: Read, paths: Sequence[str], exists: Callable[[str], bool]) -> Read:
    """A log with its paths below the one folder in which there is every file it names, if none of them is at the root.

    paths: of files that are known to be in the tree. exists: whether another path is a file of the tree. Where no folder
    has them all, or several do, nothing is changed and the note says what to do.
    """
    named = sorted({found.path for found in read.findings if found.path})
    if not named or len(named) > MOST:
        return read
    known = frozenset(paths)

    def there(path: str) -> bool:
        return path in known or exists(path)

    if any(map(there, named)):
        return read
    folders = sorted({path[: at + 1] for path in known for at, char in enumerate(path) if char == "/"})[:MOST]
    fitting = [folder for folder in folders if all(there(folder + path) for path in named)]
    if len(fitting) != 1:
        return read._replace(note=_note(len(named), fitting))
    moved = tuple(found._replace(path=fitting[0] + found.path) if found.path else found for found in read.findings)
    unread = tuple((fitting[0] + path, why) for path, why in read.unread)
    return read._replace(findings=moved, unread=unread, note=f"its paths are read as relative to {fitting[0]}")


def _note(count: int, fitting: Iterable[str]) -> str:
    folders = list(fitting)
    which = "none of the files it names is in this tree"
    if folders:
        shown = ", ".join(folders[:_SHOWN]) + (", …" if len(folders) > _SHOWN else "")
        which = (
            f"the files it names are below each of {shown}"
            if count > 1
            else f"the file it names is below each of {shown}"
        )
    return f"{which}; write the log from the root of the tree"
