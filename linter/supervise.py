"""The process that watches over a scan: it forks once, and again without what the scan died on.

The child works under a memory limit and writes the name of what it works on into a page both share; the parent wakes
once a second, ends a child that spends too long on one name, and otherwise only waits. It never reads a scanned byte.
Limits are of CPU time, so that a busy machine does not change what a scan finds, with a generous one of elapsed time
for work that waits. Where the system cannot fork, the work runs in this process without limits.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Progress = Callable[[str], None]
Work = Callable[[Progress, Mapping[str, str]], int]

PHASES = frozenset({"start", "discover", "link", "judge", "scanners", "report"})
"""Names that stand for a part of the scan instead of an artifact: dying in one cannot be mended by leaving it out. One
may be followed by a NUL, which no path holds, and words for whoever waits."""

KEPT_VARIABLES = (
    "PATH", "HOME", "LANG", "LANGUAGE", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE",
    "COLUMNS", "LINES", "TZ", "TMPDIR", "CI", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY",
    "GITHUB_OUTPUT", "PYTHONIOENCODING", "XDG_DATA_HOME",
)  # fmt: skip
_NAME = 16384
_MEMORY, _CRASH = 70, 71
_NOT_WRITTEN = 2


class Limits:
    """What a child may use. memory: bytes of address space. cpu, wall: seconds for one artifact; phase_cpu, phase_wall:
    for one of PHASES. deaths: after so many children the scan is given up. tick: seconds between the parent's looks."""

    __slots__ = ("cpu", "deaths", "memory", "phase_cpu", "phase_wall", "tick", "wall")

    def __init__(
        self,
        *,
        memory: int = 2 << 30,
        cpu: float = 8.0,
        wall: float = 60.0,
        phase_cpu: float = 240.0,
        phase_wall: float = 600.0,
        deaths: int = 20,
        tick: float = 0.5,
    ) -> None:
        self.memory = memory
        self.cpu = cpu
        self.wall = wall
        self.phase_cpu = phase_cpu
        self.phase_wall = phase_wall
        self.deaths = deaths
        self.tick = tick


DEFAULT = Limits()


class SupervisionError(Exception):
    """The scan could not be brought to an end; str() says why, in one sentence. The exit code for it is 2."""


def supervised(work: Work, limits: Limits = DEFAULT, tell: Callable[[str], None] | None = None) -> int:
    """Run `work(progress, condemned)` in a child and return its exit code. Raises SupervisionError.

    `work` calls `progress(name)` before each artifact or unit and at each of PHASES, leaves out every name in
    `condemned` (name → why an earlier attempt died on it), and writes nothing before progress("report"). SIGINT,
    SIGTERM and SIGHUP end the child and then, as if it had not been there, this process. tell: called about twice a
    second, until the child reports, with what is being worked on, for a person who waits.
    """
    if not hasattr(os, "fork"):
        return work(lambda name: None, {})
    condemned: dict[str, str] = {}
    for _ in range(limits.deaths):
        outcome = _attempt(work, condemned, limits, tell)
        if isinstance(outcome, int):
            return outcome
        name, reason = outcome
        if _phase(name):
            raise SupervisionError(f"the scan {reason} in its phase '{_phase(name)}'.")
        if name in condemned:
            raise SupervisionError(f"the scan {reason} again after '{name}' was left out.")
        condemned[name] = reason
    raise SupervisionError(f"the scan was given up after it died on {limits.deaths} artifacts.")


def clear_environment() -> None:
    """Take every variable but a few harmless ones out of the environment, before anything scanned is read."""
    for name in list(os.environ):
        if name not in KEPT_VARIABLES and not name.startswith("LC_"):
            del os.environ[name]


def _attempt(
    work: Work, condemned: Mapping[str, str], limits: Limits, tell: Callable[[str], None] | None
) -> int | tuple[str, str]:
    from mmap import mmap

    signal = _signals()
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    page = mmap(-1, 2 * _NAME)
    _write(page, "start")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    pid = os.fork()
    if pid == 0:
        code = _CRASH
        try:
            for number in stops:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)
            code = _work(work, dict(condemned), page, parent, limits)
        finally:
            os._exit(code)
    return _Watch(pid, page, limits, tell).outcome(stops)


class _Watch:
    """The parent's side of one child."""

    __slots__ = ("cpu", "killed", "limits", "page", "pid", "seen", "signal", "tell", "wall")

    def __init__(self, pid: int, page: Any, limits: Limits, tell: Callable[[str], None] | None) -> None:
        self.tell = tell
        self.pid = pid
        self.page = page
        self.limits = limits
        self.seen = b""
        self.cpu = self.wall = 0.0
        self.killed = ""
        self.signal = 0

    def outcome(self, stops: Sequence[int]) -> int | tuple[str, str]:
        signal = _signals()
        before: dict[int, Any] = {number: signal.signal(number, self._stop) for number in stops}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, self.limits.tick, self.limits.tick)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)
        try:
            _, status = os.waitpid(self.pid, 0)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)
        if self.signal:
            signal.signal(self.signal, signal.SIG_DFL)
            os.kill(os.getpid(), self.signal)
        code = os.waitstatus_to_exitcode(status)
        name = _read(self.page, 0)
        if self.page[_NAME] and code >= 0:
            return name, _read(self.page, _NAME)
        if code >= 0:
            return code
        return (name, self.killed or f"was ended by {_signal_name(-code)}")

    def _stop(self, number: int, _: object) -> None:
        self.signal = number
        self._kill()

    def _kill(self) -> None:
        """Ends the child, which may have ended by itself in the very moment a signal came."""
        try:
            os.kill(self.pid, 9)
        except ProcessLookupError:
            pass

    def _look(self, *_: object) -> None:
        """Once a tick: is the child still at the same name, and for how long."""
        if self.tell is not None:
            name = _read(self.page, 0)
            if name != "report":
                self.tell(name.replace("\0", ": "))
        head = bytes(self.page[:8])
        cpu = _cpu_seconds(self.pid)
        if head != self.seen:
            self.seen, self.cpu, self.wall = head, cpu, 0.0
            return
        self.wall += self.limits.tick
        phase = _phase(_read(self.page, 0))
        cpu_limit = self.limits.phase_cpu if phase else self.limits.cpu
        wall_limit = self.limits.phase_wall if phase else self.limits.wall
        if cpu - self.cpu >= cpu_limit or self.wall >= wall_limit:
            seconds = cpu_limit if cpu - self.cpu >= cpu_limit else wall_limit
            self.killed = f"took longer than {seconds:g} seconds"
            self._kill()


def _phase(name: str) -> str:
    """The phase a name stands for, '' where it is an artifact's."""
    phase = name.partition("\0")[0]
    return phase if phase in PHASES else ""


def _work(work: Work, condemned: dict[str, str], page: Any, parent: int, limits: Limits) -> int:
    """The child: limits, a clean environment, the work, and its code; what stopped it goes into the page."""
    _restrict(limits)
    clear_environment()
    count = 1

    def progress(name: str) -> None:
        nonlocal count
        if os.getppid() != parent:
            os._exit(_CRASH)
        count += 1
        _write(page, name, count)

    try:
        code = work(progress, condemned)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except MemoryError:
        _note(page, f"needed more than {limits.memory >> 20} MB of memory")
        return _MEMORY
    except BaseException as error:
        _note(page, _crash(error))
        return _CRASH
    return code if _flushed() else _NOT_WRITTEN


def _restrict(limits: Limits) -> None:
    import resource

    for limit, most in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(limit)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(limit, (wanted, wanted))
        except (OSError, ValueError):
            pass


def _crash(error: BaseException) -> str:
    """An exception in words: its type and where in this program, never its text, which may quote what was scanned."""
    if isinstance(error, BrokenPipeError):
        return "had its output closed"
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    words = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    return f"stopped with {type(error).__name__}{words} at {place}"


def _flushed() -> bool:
    """Whether everything printed has reached its reader."""
    done = True
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            done = False
    return done


def _write(page: Any, name: str, count: int = 1) -> None:
    data = name.encode("utf-8", "surrogatepass")[: _NAME - 16]
    page[: 12 + len(data)] = count.to_bytes(8, "little") + len(data).to_bytes(4, "little") + data


def _read(page: Any, at: int) -> str:
    size = min(int.from_bytes(page[at + 8 : at + 12], "little"), _NAME - 16)
    data = bytes(page[at + 12 : at + 12 + size])
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _note(page: Any, reason: str) -> None:
    data = reason.encode("utf-8", "replace")[:1000]
    page[_NAME : _NAME + 12 + len(data)] = b"\1" + bytes(7) + len(data).to_bytes(4, "little") + data


def _cpu_seconds(pid: int) -> float:
    """CPU time of another process: Linux numbers its clock `~pid << 3 | 2` (clock_getcpuclockid(3)); else elapsed."""
    try:
        return time.clock_gettime((~pid << 3) | 2) if sys.platform == "linux" else time.monotonic()
    except (OSError, OverflowError):
        return time.monotonic()


def _signal_name(number: int) -> str:
    names = {
        4: "SIGILL",
        6: "SIGABRT",
        7: "SIGBUS",
        8: "SIGFPE",
        9: "SIGKILL, perhaps for want of memory",
        11: "SIGSEGV",
    }
    return names.get(number) or f"signal {number}"


def _signals() -> Any:
    """The signal module without its enumerations, which cost a small scan more than the fork does."""
    return __import__("_signal")
