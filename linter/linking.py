"""Where a link of the scanned tree leads, by real path, as far as that lies in the tree."""

from __future__ import annotations

import errno
import stat

from linter.files import Target, Tree, special_words

_HOPS = 40


def resolve(tree: Tree, path: str) -> Target:
    """Where `path` leads. What lies outside the root is followed by name only and not even looked at.

    At most 40 links are followed, as Linux does (path_resolution(7)). Never raises.
    """
    root = [part for part in tree.root.split("/") if part]
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
                mode, text = tree.status("/".join(done[len(root) :]), name)
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
        return _target(tree, done, root)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
            return Target("unreadable", "", "a link into a folder that cannot be read")
        return _BROKEN


_BROKEN = Target("broken", "", "a link to what does not exist")


def _target(tree: Tree, done: list[str], root: list[str]) -> Target:
    if done[: len(root)] != root:
        return Target("outside", "", "a link that leads out of the scanned tree")
    if len(done) == len(root):
        return Target("folder", "")
    mode, _ = tree.status("/".join(done[len(root) : -1]), done[-1])
    path = "/".join(done[len(root) :])
    if stat.S_ISREG(mode):
        return Target("file", path)
    if stat.S_ISDIR(mode):
        return Target("folder", path)
    return Target("special", "", f"a link to {special_words(mode)}")
