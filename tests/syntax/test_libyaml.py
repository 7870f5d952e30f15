"""The bare extension gives what the whole package gives: the same values at the same places, the same problems."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml as whole_package

from linter.model import Map, Seq
from linter.syntax import yaml
from linter.syntax.libyaml import CLASSES, FIELDS, library

ROOT = Path(__file__).resolve().parent.parent.parent
TEXTS = (
    "a: 1\nb: [x, 'y', \"z\", ~]\nc: {d: e}\n",
    "- &one text\n- *one\n- !Ref local\n- !!int '3'\n- |\n  block\n  of text\n- >-\n  folded\n",
    "%YAML 1.1\n---\nfirst: 1\n...\n---\nsecond: {<<: {a: 1}, b: 2}\n",
    "a: &m {x: 1}\nb:\n  <<: *m\n  y: 2\n? [complex]\n: value\n",
    "broken: [1, 2\n---\nfine: true\n", "a: b: c\n", "\tx", "key: \x07\n", "", "*nowhere\n", "a: 1\na: 2\n",
)  # fmt: skip


def dumped() -> str:
    return repr([_plain(yaml.load(0, text)) for text in TEXTS])


def _plain(value: Any) -> Any:
    if isinstance(value, Map):
        return "map", value.span, [(key, _plain(value[key]), value.at[key]) for key in value]
    if isinstance(value, Seq):
        return "seq", value.span, [_plain(item) for item in value], value.at
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return repr(value)


def test_bare_and_whole_read_alike() -> None:
    program = (
        "import sys\n"
        f"sys.path[:0] = {[str(ROOT)]!r}\n"
        f"source = open({__file__!r}).read().replace('import yaml as whole_package', '')\n"
        f"names = {{'__name__': 'bare', '__file__': {__file__!r}}}\n"
        "exec(compile(source, 'bare', 'exec'), names)\n"
        "print(names['dumped']())\n"
        "assert 'yaml.constructor' not in sys.modules and 'yaml.scanner' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    library.cache_clear()
    assert library().events.__qualname__.startswith("_whole"), "this process has the whole package"
    assert done.stdout == dumped() + "\n"


def test_every_event_of_the_package_has_its_class() -> None:
    for name, made in CLASSES.items():
        event = getattr(whole_package.events, name)
        taken = event.__init__.__code__.co_varnames[1 : event.__init__.__code__.co_argcount]
        assert set(FIELDS[made]) <= set(taken), name
