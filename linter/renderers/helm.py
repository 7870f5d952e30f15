"""`--render helm`: a chart rendered by the `helm` on PATH, in a folder of its own. The only place that starts helm.

Charts are not trusted. Helm gets a copy of the chart, empty folders for its configuration, cache, data and plugins, no
cluster, no repository, limits of time, memory and output, and no network where the system lets a user take it away
(`unshare`). Encodes https://helm.sh/docs/helm/helm_template/ and https://helm.sh/docs/helm/helm/ (environment).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory, TemporaryFile

from linter.confined import limit, without_network
from linter.files import write_atomic
from linter.records import NamedTuple

SECONDS = 40
MEMORY = 4 << 30
OUTPUT = 32 << 20


class Rendered(NamedTuple):
    """What helm printed; problem: why there is nothing, in helm's words, else ''."""

    text: str
    problem: str


def find(root: str) -> str | None:
    """The `helm` on PATH, None where there is none; one that the scanned tree brings along is none."""
    found = shutil.which("helm")
    path = os.path.realpath(found) if found else ""
    inside = os.path.commonpath([os.path.realpath(root), path]) == os.path.realpath(root) if path else True
    return None if inside else path


class Helm:
    """Renders charts with one program. seconds: for one chart in one environment."""

    __slots__ = ("_isolated", "program", "seconds")

    def __init__(self, program: str, seconds: float = SECONDS) -> None:
        self.program = program
        self.seconds = seconds
        self._isolated: list[str] | None = None

    def __call__(self, name: str, files: Mapping[str, bytes], values: Sequence[str]) -> Rendered:
        """The manifests of a chart. files: its files by path below its folder; values: those of values, in order."""
        with TemporaryDirectory(prefix="opslint-helm-") as folder:
            chart = os.path.join(folder, "chart")
            for path, data in files.items():
                target = os.path.normpath(os.path.join(chart, path))
                if os.path.commonpath([chart, target]) == chart:
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    write_atomic(target, data)
            given = [word for path in values for word in ("--values", os.path.join(chart, path))]
            return self._run([self.program, "template", name, chart, "--skip-tests", *given], folder)

    def _run(self, command: list[str], folder: str) -> Rendered:
        if self._isolated is None:
            self._isolated = without_network(folder)
        with TemporaryFile() as out, TemporaryFile() as told:
            try:
                process = subprocess.Popen(
                    [*self._isolated, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=told, cwd=folder,
                    env=_environment(folder), start_new_session=True, preexec_fn=_limited,
                )  # fmt: skip
            except OSError as error:
                return Rendered("", f"helm could not be started: {error}")
            try:
                code = process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return Rendered("", f"helm took longer than {self.seconds:g} seconds")
            out.seek(0)
            told.seek(0)
            if code:
                said = told.read(10_000).decode("utf-8", "replace").strip().splitlines()
                return Rendered("", next(iter(reversed(said)), "") or f"helm ended with {code}")
            return Rendered(out.read(OUTPUT).decode("utf-8", "replace"), "")


def _environment(folder: str) -> dict[str, str]:
    """Folders of their own for all that helm would read of its user; no proxy, no cluster, no registry."""
    own = {
        name: os.path.join(folder, name.lower()) for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")
    }
    return {
        **own,
        "HELM_PLUGINS": os.path.join(folder, "plugins"),
        "HELM_REPOSITORY_CONFIG": os.path.join(folder, "repositories.yaml"),
        "HELM_REPOSITORY_CACHE": os.path.join(folder, "repository"),
        "HELM_REGISTRY_CONFIG": os.path.join(folder, "registry.json"),
        "HOME": folder, "TMPDIR": folder, "KUBECONFIG": os.devnull, "PATH": os.defpath, "LC_ALL": "C",
        "KUBERNETES_MASTER": "http://127.0.0.1:1",
    }  # fmt: skip


def _limited() -> None:
    import resource

    limit({
        resource.RLIMIT_CPU: SECONDS, resource.RLIMIT_AS: MEMORY, resource.RLIMIT_FSIZE: OUTPUT,
        resource.RLIMIT_CORE: 0,
    })  # fmt: skip
