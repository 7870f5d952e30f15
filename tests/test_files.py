"""The opener and the atomic writer, on trees made to lead them astray."""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from linter import files, writing
from linter.files import Tree, Unreadable, WriteError, read_trusted, write_atomic

ROOT = Path(__file__).resolve().parent.parent


def make(root: Path, *paths: str) -> None:
    for path in paths:
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(f"of {path}")


def walked(tree: Tree) -> dict[str, tuple[list[str], list[str], list[str], list[str]]]:
    return {each.path: (each.files, each.folders, each.links, each.others) for each in tree.walk()}


def as_nobody(work: Callable[[], None]) -> None:
    """Run `work` where file modes count: in a child without root's rights, if this is root."""
    if os.getuid() != 0:
        work()
        return
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setgid(65534)
            os.setuid(65534)
            work()
            code = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def open_to_all(path: Path) -> None:
    """Let another user reach a temporary folder."""
    for folder in (path, *path.parents):
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o755)


# Walking


def test_walk_names_every_kind_in_byte_order(tmp_path: Path) -> None:
    make(tmp_path, "b/x.tf", "a.tf", "B.tf", "ä.tf")
    os.mkfifo(tmp_path / "pipe.tf")
    (tmp_path / "link.tf").symlink_to("a.tf")
    (tmp_path / "folder").symlink_to("b")
    with Tree(str(tmp_path)) as tree:
        assert walked(tree) == {
            "": (["B.tf", "a.tf", "ä.tf"], ["b"], ["folder", "link.tf"], ["pipe.tf"]),
            "b": (["x.tf"], [], [], []),
        }
        assert tree.special("pipe.tf") == "a named pipe"


def test_walk_descends_only_where_it_is_let(tmp_path: Path) -> None:
    make(tmp_path, "a/x", "b/y", "a/c/z")
    with Tree(str(tmp_path)) as tree:
        assert [each.path for each in tree.walk(lambda path: path != "a")] == ["", "b"]


def test_a_thousand_folders_deep(tmp_path: Path) -> None:
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            os.mkdir("d")
            os.mkdir("e")
            os.chdir("d")
        Path("main.tf").write_text("deep")
    finally:
        os.chdir(here)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
    try:
        with Tree(str(tmp_path)) as tree:
            started = time.process_time()
            listings = list(tree.walk())
            assert len(listings) == 2401
            assert not [each for each in listings if each.problem]
            assert tree.read("d/" * 1200 + "main.tf") == b"deep"
            assert time.process_time() - started < 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        subprocess.run(["rm", "-rf", str(tmp_path)], check=True)


def test_a_path_longer_than_the_system_takes(tmp_path: Path) -> None:
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(24):
            os.mkdir("n" * 200)
            os.chdir("n" * 200)
        Path("main.tf").write_text("far")
    finally:
        os.chdir(here)
    path = ("n" * 200 + "/") * 24 + "main.tf"
    with pytest.raises(OSError, match="too long"):
        (tmp_path / path).read_text()
    with Tree(str(tmp_path)) as tree:
        assert [each.files for each in tree.walk()][-1] == ["main.tf"]
        assert tree.read(path) == b"far"
    subprocess.run(["rm", "-rf", str(tmp_path)], check=True)


@pytest.mark.parametrize("name", [b"caf\xe9\xff.tf", b"a\n::error::x\n.tf", b"x" * 252 + b".tf", "e\u0301.tf".encode()])
def test_odd_names_come_back_as_they_are(tmp_path: Path, name: bytes) -> None:
    with open(os.path.join(os.fsencode(tmp_path), name), "w") as handle:
        handle.write("here")
    with Tree(str(tmp_path)) as tree:
        (listing,) = tree.walk()
        assert [files.path_bytes(each) for each in listing.files] == [name]
        assert tree.read(listing.files[0]) == b"here"


def test_names_do_not_depend_on_the_locale(tmp_path: Path) -> None:
    (tmp_path / "\u00fc").mkdir()
    (tmp_path / "\u00fc" / "\u00e4.tf").write_text("x")
    code = (
        "import sys; from linter.files import Tree; t = Tree(sys.argv[1]);"
        "print([(ascii(each.path), ascii(each.files)) for each in t.walk()], t.read('\\u00fc/\\u00e4.tf'))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-X", f"utf8={mode}", "-c", code, str(tmp_path)],
            env={**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for mode in (0, 1)
    }
    assert len(seen) == 1 and "xe4" in seen.pop()


def test_a_folder_that_cannot_be_listed_is_said_so(tmp_path: Path) -> None:
    make(tmp_path, "infra/main.tf", "ok.tf")
    (tmp_path / "infra").chmod(0)
    open_to_all(tmp_path)

    def work() -> None:
        with Tree(str(tmp_path)) as tree:
            problems = {each.path: each.problem for each in tree.walk() if each.problem}
        assert list(problems) == ["infra"]
        assert problems["infra"].reason == "permission denied"
        assert problems["infra"].remedy

    as_nobody(work)
    (tmp_path / "infra").chmod(0o755)


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    for bad in (tmp_path / "gone", "a\0b"):
        with pytest.raises(Unreadable):
            Tree(str(bad))
    make(tmp_path, "file")
    with pytest.raises(Unreadable, match="not a directory"):
        Tree(str(tmp_path / "file"))


def test_a_root_may_itself_be_a_link(tmp_path: Path) -> None:
    make(tmp_path, "real/a.tf")
    (tmp_path / "named").symlink_to("real")
    with Tree(str(tmp_path / "named")) as tree:
        assert tree.read("a.tf") == b"of real/a.tf"
        assert tree.root == str((tmp_path / "real").resolve())


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    make(tmp_path, *(f"f{index}/a.tf" for index in range(100)))
    before = len(os.listdir("/dev/fd"))
    with Tree(str(tmp_path)) as tree:
        for listing in tree.walk():
            for name in listing.files:
                tree.read(f"{listing.path}/{name}")
        assert len(os.listdir("/dev/fd")) <= before + 50
    assert len(os.listdir("/dev/fd")) == before


# Reading


@pytest.mark.parametrize(
    "path", ["../secret", "a/../../secret", "a/./x", "/etc/passwd", "", "a", "a/", ".", "..", "a//x", "a\0b", "gone/x"]
)
def test_what_is_not_a_path_of_the_tree_is_refused(tmp_path: Path, path: str) -> None:
    make(tmp_path, "secret", "root/a/x")
    with Tree(str(tmp_path / "root")) as tree, pytest.raises(Unreadable):
        tree.read(path)


def test_no_link_is_followed_anywhere_in_a_path(tmp_path: Path) -> None:
    make(tmp_path, "outside/x", "root/a/x")
    (tmp_path / "root" / "out").symlink_to("../outside")
    (tmp_path / "root" / "in").symlink_to("a")
    (tmp_path / "root" / "file").symlink_to("a/x")
    with Tree(str(tmp_path / "root")) as tree:
        for path in ("out/x", "in/x", "file"):
            with pytest.raises(Unreadable):
                tree.read(path)


def test_a_folder_swapped_for_a_link_during_the_scan(tmp_path: Path) -> None:
    make(tmp_path, "outside/x", "root/a/b/x")
    with Tree(str(tmp_path / "root")) as tree:
        next(tree.walk())
        os.rename(tmp_path / "root" / "a", tmp_path / "moved")
        (tmp_path / "root" / "a").symlink_to("../outside")
        with pytest.raises(Unreadable):
            tree.read("a/x")
        with pytest.raises(Unreadable):
            tree.read("a/b/x")


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_what_is_no_regular_file_is_neither_read_nor_waited_for(tmp_path: Path, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(tmp_path / "x.tf")
    elif kind == "device":
        try:
            os.mknod(tmp_path / "x.tf", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except PermissionError:
            os.mkfifo(tmp_path / "x.tf")
    else:
        here = os.getcwd()
        with socket.socket(socket.AF_UNIX) as server:
            try:
                os.chdir(tmp_path)
                server.bind("x.tf")
            finally:
                os.chdir(here)
    with Tree(str(tmp_path)) as tree:
        assert [each.others for each in tree.walk()] == [["x.tf"]]
        with pytest.raises(Unreadable):
            tree.read("x.tf")


def test_the_cap_on_size(tmp_path: Path) -> None:
    with open(tmp_path / "big.tf", "wb") as handle:
        handle.write(b"begins")
        handle.truncate(1 << 30)
    (tmp_path / "full.tf").write_bytes(b"x" * files.CAP)
    (tmp_path / "over.tf").write_bytes(b"x" * (files.CAP + 1))
    with Tree(str(tmp_path)) as tree:
        for name in ("big.tf", "over.tf"):
            with pytest.raises(Unreadable, match="larger than 10 MB") as caught:
                tree.read(name)
            assert caught.value.too_large
        assert len(tree.read("full.tf")) == files.CAP
        assert tree.peek("big.tf", 6) == b"begins"
        assert len(tree.peek("big.tf")) == 65536
        assert tree.read("full.tf", files.CAP + 5) == b"x" * files.CAP


@pytest.mark.parametrize("said", [0, 10, 200_000])
def test_a_file_whose_size_is_not_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: int) -> None:
    """As files that grow or shrink while they are read, and those a kernel makes up."""
    (tmp_path / "x").write_bytes(b"x" * 100_000)
    monkeypatch.setattr(os, "fstat", lambda fd: os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, said, 0, 0, 0)))
    assert read_trusted(str(tmp_path / "x"), 1_000_000) == b"x" * 100_000
    with pytest.raises(Unreadable, match="larger"):
        read_trusted(str(tmp_path / "x"), 99_999)


def test_an_unreadable_file(tmp_path: Path) -> None:
    make(tmp_path, "main.tf")
    (tmp_path / "main.tf").chmod(0)
    open_to_all(tmp_path)

    def work() -> None:
        with Tree(str(tmp_path)) as tree, pytest.raises(Unreadable, match="permission denied"):
            tree.read("main.tf")

    as_nobody(work)


def test_every_failing_call_becomes_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/x.tf")
    tree = Tree(str(tmp_path))
    for call in ("open", "read", "fstat"):
        for number in (errno.EIO, errno.EMFILE, errno.EINTR, errno.ENOMEM):

            def fail(*_: object, number: int = number, **__: object) -> None:
                raise OSError(number, "no")

            with monkeypatch.context() as patch:
                patch.setattr(os, call, fail)
                with pytest.raises(Unreadable) as caught:
                    tree.read("a/x.tf")
            assert caught.value.reason[:1].islower()
    assert tree.read("a/x.tf") == b"of a/x.tf"
    tree.close()


# Links


def test_where_links_lead(tmp_path: Path) -> None:
    make(tmp_path, "outside/x", "root/a/b/x", "root/top")
    root = tmp_path / "root"
    for name, target in {
        "file": "a/b/x", "folder": "a/b", "up": "a/../top", "absolute": str(root / "top"), "chain": "file",
        "out": "../outside/x", "etc": "/etc/passwd", "back": "../root/top", "gone": "nowhere", "self": "self",
        "a/parent": "..", "one": "two", "two": "one", "null": "/dev/null", "through": "top/x", "dots": "a/./b//x",
        "whole": ".", "pipe": "fifo",
    }.items():  # fmt: skip
        (root / name).symlink_to(target)
    os.mkfifo(root / "fifo")
    with Tree(str(root)) as tree:
        found = {name: tree.resolve(name)[:2] for name in os.listdir(root)}
        assert tree.resolve("a/parent")[:2] == ("folder", "")
        assert tree.resolve("folder/x")[:2] == ("file", "a/b/x")
        assert tree.resolve("a\0b").kind == "broken"
    expected = {
        "file": ("file", "a/b/x"), "folder": ("folder", "a/b"), "up": ("file", "top"), "absolute": ("file", "top"),
        "chain": ("file", "a/b/x"), "out": ("outside", ""), "etc": ("outside", ""), "back": ("file", "top"),
        "gone": ("broken", ""), "self": ("loop", ""), "one": ("loop", ""), "two": ("loop", ""), "null": ("outside", ""),
        "through": ("broken", ""), "dots": ("file", "a/b/x"), "whole": ("folder", ""), "pipe": ("special", ""),
        "a": ("folder", "a"), "top": ("file", "top"), "fifo": ("special", ""),
    }  # fmt: skip
    assert found == expected


def test_a_swarm_of_links_is_cut_short(tmp_path: Path) -> None:
    for index in range(300):
        (tmp_path / f"l{index}").symlink_to(f"l{index + 1}")
    doubled = tmp_path / "doubled"
    doubled.mkdir()
    for index in range(30):
        (doubled / f"d{index}").symlink_to(f"d{index + 1}/../d{index + 1}")
    started = time.process_time()
    with Tree(str(tmp_path)) as tree:
        assert tree.resolve("l0").kind == "loop"
        assert tree.resolve("l299").kind == "broken"
        assert tree.resolve("doubled/d0").kind in ("loop", "broken")
    assert time.process_time() - started < 1


# Trusted files


def test_a_trusted_file_may_be_a_link_but_must_be_a_file(tmp_path: Path) -> None:
    make(tmp_path, "real")
    (tmp_path / "link").symlink_to("real")
    os.mkfifo(tmp_path / "fifo")
    assert read_trusted(str(tmp_path / "link")) == b"of real"
    for bad in ("fifo", "gone", "."):
        with pytest.raises(Unreadable):
            read_trusted(str(tmp_path / bad))


# Writing


def test_a_report_is_written_and_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.sarif"
    write_atomic(str(target), "first\n")
    target.chmod(0o640)
    write_atomic(str(target), b"second\n")
    assert target.read_bytes() == b"second\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["report.sarif"]


def test_a_report_in_the_current_folder_and_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    for path in ("r.txt", "out/r.txt", "./out/../out/s.txt", str(tmp_path / "out" / "t.txt")):
        write_atomic(path, "x" + "\ud800")
        assert Path(path).read_text() == "x\\ud800"


def test_targets_that_are_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "link").symlink_to("victim")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "fixed").write_text("fixed")
    (tmp_path / "fixed").chmod(0o444)
    before = sorted(os.listdir(tmp_path))
    for name in ("link", "dangling", "folder", "folder/", "fifo", "fixed", "gone/x", "victim/x", "", "..", "a\0b"):
        with pytest.raises(WriteError) as caught:
            write_atomic(os.path.join(tmp_path, name), "theirs")
        assert str(tmp_path) in str(caught.value)
    with pytest.raises(WriteError, match="link"):
        write_atomic("/dev/stdout", "theirs")
    assert victim.read_text() == "mine"
    assert (tmp_path / "fixed").read_text() == "fixed"
    assert sorted(os.listdir(tmp_path)) == before


def test_a_linked_folder_of_the_checkout_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "elsewhere/x", "checkout/y")
    (tmp_path / "checkout" / "out").symlink_to("../elsewhere")
    monkeypatch.chdir(tmp_path / "checkout")
    for path in ("out/r.sarif", str(tmp_path / "checkout" / "out" / "r.sarif")):
        with pytest.raises(WriteError, match="link"):
            write_atomic(path, "x")
    write_atomic(str(tmp_path / "elsewhere" / "r.sarif"), "x")
    assert sorted(os.listdir(tmp_path / "elsewhere")) == ["r.sarif", "x"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace", "fstat", "stat", "fchmod"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EMFILE, errno.EDQUOT])
def test_no_failing_call_tears_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    target = tmp_path / "report"
    target.write_text("old")
    real, done = getattr(os, call), 0
    for failing in range(8):
        done = 0

        def fail(*args: object, failing: int = failing, **options: object) -> object:
            nonlocal done
            done += 1
            if done - 1 == failing:
                raise OSError(number, "no")
            return real(*args, **options)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail)
            try:
                write_atomic(str(target), "new")
                outcome = "new"
            except WriteError:
                outcome = "old"
        assert target.read_text() == outcome
        folder_only = call == "fsync" and failing == 1
        assert outcome == ("new" if done <= failing or folder_only else "old")
        assert os.listdir(tmp_path) == ["report"]
        target.write_text("old")


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    write_atomic(str(tmp_path / "r"), "0123456789")
    assert (tmp_path / "r").read_text() == "0123456789"


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        writing.os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
        write_atomic(str(tmp_path / "report"), "never")
        os._exit(0)
    os.waitpid(pid, 0)
    assert [name[:9] for name in os.listdir(tmp_path)] == [".opslint-"]
    (tmp_path / ".opslint-mine").write_text("kept")
    (tmp_path / ".opslint-x.tmp").symlink_to(".opslint-mine")
    write_atomic(str(tmp_path / "report"), "whole")
    assert sorted(os.listdir(tmp_path)) == [".opslint-mine", ".opslint-x.tmp", "report"]
    assert (tmp_path / "report").read_text() == "whole"
    assert (tmp_path / ".opslint-mine").read_text() == "kept"


def test_many_writers_and_a_reader_see_whole_reports_only(tmp_path: Path) -> None:
    target, children = tmp_path / "report", []
    target.write_text("0" * 5000)
    for writer in range(1, 5):
        pid = os.fork()
        if pid == 0:
            try:
                for _ in range(25):
                    write_atomic(str(target), str(writer) * 5000)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(pid)
    for _ in range(300):
        text = target.read_text()
        assert len(text) == 5000 and len(set(text)) == 1
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 4
    assert os.listdir(tmp_path) == ["report"]


# Cost


def test_walking_and_reading_stay_linear_and_cheap(tmp_path: Path) -> None:
    for folder in range(200):
        (tmp_path / f"f{folder:03}").mkdir()
        for name in range(20):
            (tmp_path / f"f{folder:03}" / f"{name}.tf").write_text("x" * 500)
    with Tree(str(tmp_path)) as tree:
        started = time.process_time()
        total = 0
        for listing in tree.walk():
            for name in listing.files:
                total += len(tree.read(f"{listing.path}/{name}"))
        spent = time.process_time() - started
    assert total == 200 * 20 * 500
    assert spent < 1.2, f"{spent:.2f} s for 4,000 files"
