"""What `terraform console` says of expressions: the reference, asked where the program is, and its answers on record."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

ERROR = "error"
"""The answer where Terraform refuses; every other answer is the JSON of a list with the value."""

_BATCH = 400


def recorded(path: Path) -> dict[str, str]:
    """Expression → answer, from lines of JSON `[expression, answer]`."""
    return dict(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def record(path: Path, answers: dict[str, str]) -> None:
    lines = (json.dumps(pair, ensure_ascii=False, separators=(",", ":")) for pair in answers.items())
    path.write_text("".join(line.replace("\x7f", "\\u007f") + "\n" for line in lines), encoding="utf-8")


def ask(binary: str, folder: Path, expressions: list[str]) -> dict[str, str]:
    """Expression → answer. A batch that Terraform cannot read as a configuration is halved until the culprit is found."""
    found: dict[str, str] = {}
    pending = [expressions[start : start + _BATCH] for start in range(0, len(expressions), _BATCH)]
    while pending:
        batch = pending.pop()
        answers = _asked(binary, folder, batch)
        if answers is not None:
            found.update(zip(batch, answers, strict=True))
        elif len(batch) == 1:
            found[batch[0]] = ERROR
        else:
            middle = len(batch) // 2
            pending += [batch[:middle], batch[middle:]]
    return {each: found[each] for each in expressions}


def _asked(binary: str, folder: Path, batch: list[str]) -> list[str] | None:
    """Expressions stand in local values, where they may span lines; without a terminal the console answers once."""
    (folder / "none.rc").write_text("")
    lines = [
        f'e{number} = try(nonsensitive(jsonencode([\n{each}\n])), "{ERROR}")\n' for number, each in enumerate(batch)
    ]
    (folder / "main.tf").write_text("locals {\n" + "".join(lines) + "}\n", encoding="utf-8")
    asked = f"base64encode(jsonencode([{', '.join(f'local.e{number}' for number in range(len(batch)))}]))"
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "none.rc"), "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [binary, "console"], input=asked, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode or not done.stdout.startswith('"'):
        return None
    return list(json.loads(base64.b64decode(done.stdout.strip().strip('"'))))
