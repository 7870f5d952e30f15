"""The one atomic writer, of reports, mended files and scanners' environments; a plain scan does not load it.

A report is written to a temporary file in the same folder (O_EXCL, O_NOFOLLOW), flushed to disk and renamed over the
target, so that a reader sees the old report or the new one and never a part. A target that is a link, a folder or a
device is refused, and so is a folder below the current one that is a link: the scanned tree may have placed it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_COMMON = os.O_CLOEXEC | os.O_NOFOLLOW
_ATTEMPTS = 16
_PREFIX, _SUFFIX = ".opslint-", ".tmp"


class Refused(Exception):
    """A target that is not written to; str() says why."""


def write(path: str, data: str | bytes, durable: bool) -> None:
    """Write `data` to `path`: see linter.files.write_atomic. Raises Refused, OSError and ValueError; the target is
    then as it was."""
    if isinstance(data, str):
        data = data.encode("utf-8", "backslashreplace")
    folder, name = os.path.split(path)
    if name in ("", ".", ".."):
        raise Refused("it names a folder")
    fd = _open_folder(folder)
    try:
        mode = _replaceable(fd, name)
        _sweep(fd)
        _replace(fd, name, data, mode, durable)
    finally:
        os.close(fd)


def rewrite(root: str, path: str, old: bytes, new: bytes) -> None:
    """Put `new` in place of what a scanned file holds, if that is still `old`. path: below root, `/`-separated; no part
    of it may be a link. Raises Refused, OSError and ValueError; the file is then as it was."""
    folder, _, name = path.rpartition("/")
    fd = _open_folder(os.path.join(root, folder), root)
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _COMMON, dir_fd=fd)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or file.read(len(old) + 1) != old:
                raise Refused("it has changed since it was read")
        mode = _replaceable(fd, name)
        _sweep(fd)
        _replace(fd, name, new, mode, True)
    finally:
        os.close(fd)


def _open_folder(folder: str, below: str | None = None) -> int:
    """The target's folder; no component below the current folder, or the one given, may be a link."""
    here = (below or os.getcwd()).rstrip("/") + "/"
    absolute = os.path.join(here, folder)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    if not (absolute + "/").startswith(here):
        return os.open(absolute, flags)
    fd = os.open(below or ".", flags)
    for name in absolute[len(here) :].split("/"):
        if name in ("", "."):
            continue
        try:
            inner = os.open(name, flags | (0 if name == ".." else os.O_NOFOLLOW), dir_fd=fd)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise Refused(f"{name} is a link or no folder") from None
            raise
        finally:
            os.close(fd)
        fd = inner
    return fd


def _replaceable(fd: int, name: str) -> int | None:
    """The permissions of the report that is there, None where there is none."""
    try:
        mode = os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise Refused("it is a link, a folder or a device")
    if not mode & 0o222:
        raise Refused("it is read-only")
    return stat.S_IMODE(mode) & 0o777


def _replace(fd: int, name: str, data: bytes, mode: int | None, durable: bool) -> None:
    temporary, handle = _temporary(fd)
    try:
        try:
            if mode is not None:
                os.fchmod(handle, mode)
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            if durable:
                os.fsync(handle)
            _replaceable(fd, name)
            os.replace(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)
        finally:
            os.close(handle)
    except BaseException:
        _remove(fd, temporary)
        raise
    try:
        if durable:
            os.fsync(fd)
    except OSError:
        pass


def _temporary(fd: int) -> tuple[str, int]:
    """A new file that holds a lock while its writer lives, so that others can tell it from a left-over."""
    for _ in range(_ATTEMPTS):
        name = f"{_PREFIX}{os.urandom(8).hex()}{_SUFFIX}"
        try:
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _COMMON, 0o666, dir_fd=fd)
        except FileExistsError:
            continue
        ours = False
        try:
            ours = _locked(handle) and os.fstat(handle).st_nlink > 0
        finally:
            if not ours:
                os.close(handle)
                _remove(fd, name)
        if ours:
            return name, handle
    raise Refused("no temporary file could be made beside it")


def _sweep(fd: int) -> None:
    """Remove what a killed writer left: temporary files of ours that nobody holds a lock on."""
    try:
        with os.scandir(fd) as entries:
            names = [e.name for e in entries if e.name.startswith(_PREFIX) and e.name.endswith(_SUFFIX)]
    except OSError:
        return
    for name in names:
        try:
            handle = os.open(name, os.O_WRONLY | os.O_NONBLOCK | _COMMON, dir_fd=fd)
        except OSError:
            continue
        try:
            if stat.S_ISREG(os.fstat(handle).st_mode) and _locked(handle):
                _remove(fd, name)
        except OSError:
            pass
        finally:
            os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _remove(fd: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=fd)
    except OSError:
        pass


def point(link: str, folder: str) -> None:
    """Makes `link` a link to a folder beside it, in one step: whoever looks sees the old or the new one. Raises OSError."""
    new = f"{folder}.link"
    os.symlink(os.path.basename(folder), new)
    os.replace(new, link)


@contextmanager
def alone(folder: str, wait: Callable[[], None]) -> Iterator[None]:
    """One process at a time in a folder, which is made where it is not there. wait: called once if another is in it.

    The lock (flock(2)) goes with the process, however it ends. Raises OSError.
    """
    os.makedirs(folder, exist_ok=True)
    fd = os.open(os.path.join(folder, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
