"""Where a link of the scanned tree leads, by real path, as far as that lies in the tree."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable

from linter.records import NamedTuple

Status = Callable[[str, str], tuple[int, str | None]]
"""(folder, name) → an entry's mode and, for a link, its text; raises OSError and ValueError."""
_HOPS = 40


class Target(NamedTuple):
    """Where a link leads. kind: 'file', 'folder', 'outside', 'broken', 'loop', 'special' or 'unreadable'.

    path: the real path below the root for 'file' and 'folder' ('' for the root itself). reason: words for the others.
    """

    kind: str
    path: str
    reason: str = ""


def resolve(at: str, status: Status, path: str) -> Target:
    """Where `path` leads, below the root at the absolute path `at`.

    What lies outside the root is followed by name only and not even looked at. At most 40 links are followed, as Linux
    does (path_resolution(7)). Never raises.
    """
    root = [part for part in at.split("/") if part]
    done, todo, hops = list(root), path.split("/")[::-1], 0
    try:
        while todo:
            name = todo.pop()
            if name in ("", "."):
                continue
            if name == "..":
                done[-1:] = []
                continue
            if done[: len(root)] == root:
                mode, text = status("/".join(done[len(root) :]), name)
                if text is not None:
                    hops += 1
                    if hops > _HOPS:
                        return Target("loop", "", "a link that leads to itself or through too many others")
                    done = [] if text.startswith("/") else done
                    todo.extend(text.split("/")[::-1])
                    continue
                if todo and not stat.S_ISDIR(mode):
                    return _BROKEN
            done.append(name)
        return _target(status, done, root)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
            return Target("unreadable", "", "a link into a folder that cannot be read")
        return _BROKEN


_BROKEN = Target("broken", "", "a link to what does not exist")


def _target(status: Status, done: list[str], root: list[str]) -> Target:
    if done[: len(root)] != root:
        return Target("outside", "", "a link that leads out of the scanned tree")
    if len(done) == len(root):
        return Target("folder", "")
    mode, _ = status("/".join(done[len(root) : -1]), done[-1])
    path = "/".join(done[len(root) :])
    if stat.S_ISREG(mode):
        return Target("file", path)
    if stat.S_ISDIR(mode):
        return Target("folder", path)
    return Target("special", "", f"a link to {mode_words(mode)}")


def mode_words(mode: int) -> str:
    """What an entry is, in words."""
    for test, words in (
        (stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a link"), (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
    ):  # fmt: skip
        if test(mode):
            return words
    return "not a regular file"
