"""What holds a foreign program in its bounds: limits of the process, and no network where the system allows it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping


def limit(most: Mapping[int, int]) -> None:
    """Lowers this process' limits for good, and those of what it starts. most: `resource.RLIMIT_…` → value in that
    limit's own unit (bytes, seconds; see getrlimit(2)); a lower limit that already holds stays."""
    import resource

    for name, value in most.items():
        _, hard = resource.getrlimit(name)
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (wanted, wanted))


def without_network(folder: str) -> list[str]:
    """What to put before a command so that it has no network; nothing where the system does not let a user do that.

    Encodes unshare(1): a network namespace of its own has not even a loopback that is up. folder: to try it in.
    """
    program = shutil.which("unshare", path=os.defpath)
    if program is None:
        return []
    command = [program, "--map-root-user", "--net"]
    try:
        done = subprocess.run([*command, "true"], env={"PATH": os.defpath}, cwd=folder, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return command if done.returncode == 0 else []
