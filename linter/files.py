"""The one opener of scanned files and the one atomic writer of reports.

Reading goes component by component from a descriptor of the root with O_NOFOLLOW (POSIX.1-2017 `openat`), so that
neither a link, nor `..`, nor a folder that is swapped for a link during the scan leads out of the root, and so that
paths longer than PATH_MAX and folders nested deeper than the descriptor limit stay readable. Only regular files are
read, without blocking on what pretends to be one. Paths are `str`, `/`-separated, relative to the root; bytes that are
not UTF-8 are kept as lone surrogates (PEP 383) whatever the locale.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from linter.records import NamedTuple
from linter.text import decode as decode

if TYPE_CHECKING:
    from mmap import mmap

    from linter.linking import Target

CAP = 10 * 1024 * 1024
_HELD = 48
_COMMON = getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_FOLDER = os.O_RDONLY | _DIRECTORY | _NOFOLLOW | _COMMON
_FILE = os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | _COMMON


class Unreadable(Exception):
    """A file or folder that cannot be read. reason: words without full stop. remedy: one sentence, or ''.

    too_large: it is over the size cap, not damaged.
    """

    def __init__(self, reason: str, remedy: str = "", *, too_large: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.too_large = too_large


class WriteError(Exception):
    """A report that could not be written; str() says why, naming the path."""


class Listing(NamedTuple):
    """One folder: names, sorted by their bytes. path: '' for the root. problem: set where it could not be listed."""

    path: str
    files: list[str]
    folders: list[str]
    links: list[str]
    others: list[str]
    problem: Unreadable | None = None


class Tree:
    """The scanned tree below one root folder. Raises Unreadable where the root cannot be opened.

    Holds at most 48 folder descriptors; close() or a `with` block gives them back.
    """

    __slots__ = ("_fd", "_folders", "_utf8", "root")

    def __init__(self, root: str | bytes) -> None:
        self._utf8 = sys.getfilesystemencoding() == "utf-8"
        self._folders: dict[str, int] = {}
        try:
            self._fd = os.open(root, os.O_RDONLY | _DIRECTORY | _COMMON)
            self.root = self._decoded(os.fsdecode(os.path.realpath(root)))
        except (OSError, ValueError) as error:
            raise _unreadable(error) from None

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for fd in (*self._folders.values(), self._fd):
            if fd >= 0:
                os.close(fd)
        self._folders = {}
        self._fd = -1

    def walk(self, enter: Callable[[str], bool] = lambda path: True) -> Iterator[Listing]:
        """Every folder, each before what is in it, in the order of path bytes; `enter(path)` decides on descending.

        Links are listed, never followed. A folder that cannot be listed is yielded with its problem.
        """
        stack = [""]
        while stack:
            path = stack.pop()
            listing = self._list(path)
            yield listing
            base = path + "/" if path else ""
            for name in reversed(listing.folders):
                if enter(base + name):
                    stack.append(base + name)

    def read(self, path: str, cap: int = CAP) -> bytes:
        """The bytes of a regular file of at most `cap` bytes. Raises Unreadable; follows no link anywhere."""
        return self._read(path, cap, False)

    def peek(self, path: str, count: int = 65536) -> bytes:
        """The first bytes of a regular file, however large. Raises Unreadable."""
        return self._read(path, count, True)

    def resolve(self, path: str) -> Target:
        """Where a path leads, links followed by real path as far as that lies in the tree. Never raises."""
        from linter.linking import resolve

        return resolve(self.root, self.status, path)

    def special(self, path: str) -> str:
        """What a path that is neither file, folder nor link is, in words."""
        from linter.linking import mode_words

        folder, _, name = path.rpartition("/")
        try:
            return mode_words(self.status(folder, name)[0])
        except OSError:
            return "not a regular file"

    def status(self, folder: str, name: str) -> tuple[int, str | None]:
        """The mode of an entry of a folder and, for a link, its text. Raises OSError and ValueError."""
        fd, native = self._folder(folder), self._native(name)
        mode = os.stat(native, dir_fd=fd, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            return mode, os.readlink(path_bytes(name), dir_fd=fd).decode("utf-8", "surrogateescape")
        return mode, None

    def _list(self, path: str) -> Listing:
        files: list[str] = []
        folders: list[str] = []
        links: list[str] = []
        others: list[str] = []
        problem = None
        try:
            with os.scandir(self._folder(path)) as entries:
                for entry in entries:
                    name = entry.name if self._utf8 else self._decoded(entry.name)
                    if entry.is_symlink():
                        links.append(name)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(name)
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(name)
                    else:
                        others.append(name)
        except OSError as error:
            problem = _unreadable(error)
        for names in (files, folders, links, others):
            names.sort(key=path_bytes)
        return Listing(path, files, folders, links, others, problem)

    def _read(self, path: str, cap: int, cut: bool) -> bytes:
        folder, _, name = path.rpartition("/")
        try:
            if name in ("", ".", ".."):
                raise OSError(errno.EINVAL, "")
            fd = os.open(self._native(name), _FILE, dir_fd=self._folder(folder))
            try:
                return _read_regular(fd, cap, cut)
            finally:
                os.close(fd)
        except (OSError, ValueError) as error:
            raise _unreadable(error) from None

    def _folder(self, path: str) -> int:
        """A descriptor of a folder, opened component by component below the nearest one that is still held."""
        folders = self._folders
        held = folders.get(path)
        if held is not None:
            return held
        missing: list[str] = []
        while path and path not in folders:
            path, _, name = path.rpartition("/")
            missing.append(name)
        fd = folders[path] if path else self._fd
        for name in reversed(missing):
            if name in ("", ".", ".."):
                raise OSError(errno.EINVAL, "")
            fd = os.open(self._native(name), _FOLDER, dir_fd=fd)
            path = f"{path}/{name}" if path else name
            folders[path] = fd
            if len(folders) > _HELD:
                os.close(folders.pop(next(iter(folders))))
        return fd

    def _native(self, name: str) -> str | bytes:
        return name if self._utf8 else path_bytes(name)

    def _decoded(self, name: str) -> str:
        return name if self._utf8 else os.fsencode(name).decode("utf-8", "surrogateescape")


def path_bytes(path: str) -> bytes:
    """A path as the file system has it: the key to sort by."""
    return path.encode("utf-8", "surrogateescape")


def read_trusted(path: str, cap: int = CAP) -> bytes:
    """A file the user named (configuration, policy, baseline, the packed rules). Links are followed; regular only.

    Raises Unreadable.
    """
    try:
        fd = os.open(path, _FILE & ~_NOFOLLOW)
        try:
            return _read_regular(fd, cap, False)
        finally:
            os.close(fd)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None


def map_trusted(path: str) -> mmap:
    """A file of this program as memory, so that only the parts that are looked at are read. Raises Unreadable."""
    from mmap import ACCESS_READ, mmap

    try:
        fd = os.open(path, _FILE & ~_NOFOLLOW)
        try:
            return mmap(fd, 0, access=ACCESS_READ)
        finally:
            os.close(fd)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None


def write_atomic(path: str, data: str | bytes, *, durable: bool = True) -> None:
    """Put a whole report in place of what `path` held, or leave that untouched. Raises WriteError.

    Text is written as UTF-8. Refused: links, folders, devices, read-only files, and folders below the current one that
    are links. durable: wait until the disk has it.
    """
    from linter.writing import Refused, write

    try:
        write(path, data, durable)
    except Refused as error:
        raise WriteError(f"{path}: {error}") from None
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise WriteError(f"{path}: {reason[:1].lower()}{reason[1:]}") from None


def rewrite(root: str, path: str, old: bytes, new: bytes) -> None:
    """Put a mended text in place of a scanned file, if that is still what was read. Raises WriteError.

    path: below root, `/`-separated. Refused: links anywhere on the way, read-only files, and what is no file.
    """
    from linter.writing import Refused
    from linter.writing import rewrite as put

    try:
        put(root, path, old, new)
    except Refused as error:
        raise WriteError(f"{path}: {error}") from None
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise WriteError(f"{path}: {reason[:1].lower()}{reason[1:]}") from None


def _read_regular(fd: int, cap: int, cut: bool) -> bytes:
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        from linter.linking import mode_words

        raise Unreadable(mode_words(status.st_mode))
    if status.st_size > cap and not cut:
        raise _too_large(cap)
    data = os.read(fd, min(status.st_size, cap) + 1)
    if len(data) == status.st_size < cap:
        return data
    chunks, total = [data], len(data)
    while data and total <= cap:
        data = os.read(fd, 1 << 16)
        chunks.append(data)
        total += len(data)
    if total > cap and not cut:
        raise _too_large(cap)
    return b"".join(chunks)[:cap]


def _too_large(cap: int) -> Unreadable:
    return Unreadable(f"larger than {cap / 1048576:g} MB", "Split the file or keep it out of the tree.", too_large=True)


def _unreadable(error: OSError | ValueError) -> Unreadable:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EACCES, errno.EPERM):
        return Unreadable("permission denied", "Give the user who scans permission to read it.")
    if number in (errno.ELOOP, errno.EMLINK):
        return Unreadable("a link where a file was expected", "Put the file itself in its place.")
    if number == errno.ENXIO:
        return Unreadable("a socket")
    if number is None or number == errno.EINVAL:
        return Unreadable("not a path below the root")
    return Unreadable(os.strerror(number)[:1].lower() + os.strerror(number)[1:])
