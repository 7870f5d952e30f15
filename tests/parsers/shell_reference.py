"""The simple commands that a reference parser of shells finds, recorded for the tests.

The reference is shfmt, the parser of https://github.com/mvdan/sh:

    SHFMT=/path/to/shfmt python -m tests.parsers.shell_reference    records all answers anew

`shell_scripts.txt` was written by hand, the scripts of `shell_generated.jsonl` were put together at random.

A word is compared with its quotes removed and what the shell computes as written; `[[` and `((` are left out, as the
reference has no words for them. `${{ … }}` is replaced by a plain word of its length before shfmt sees it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent / "shell_scripts.txt"
RECORDED = Path(__file__).parent / "shell_recorded.jsonl"
GENERATED = Path(__file__).parent / "shell_generated.jsonl"
SEPARATOR = "\n----\n"
_EXPRESSION = re.compile(r"\$\{\{(?:'[^']*'|[^'}]|\}(?!\}))*\}\}")


def masked(text: str) -> tuple[str, dict[str, str]]:
    kept: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        name = f"Q{len(kept)}x".ljust(len(match.group().encode()), "q")
        kept[name] = match.group()
        return name

    return _EXPRESSION.sub(plain, text), kept


class Tree:
    """What shfmt made of a script, and the script's bytes, which its offsets count."""

    def __init__(self, text: str, shfmt: str) -> None:
        written, self.kept = masked(text)
        self.raw = written.encode()
        run = subprocess.run([shfmt, "--to-json", "-ln", "bash"], input=self.raw, capture_output=True, check=False)
        self.accepted = run.returncode == 0
        self.found: list[tuple[int, list[str]]] = []
        if self.accepted:
            self.walk(json.loads(run.stdout))
        self.found.sort(key=lambda each: each[0])

    def written(self, node: dict[str, Any]) -> str:
        return self.raw[node["Pos"]["Offset"] : node["End"]["Offset"]].decode()

    def word(self, word: dict[str, Any]) -> str:
        value = ""
        for part in word["Parts"]:
            if part["Type"] == "Lit":
                value += re.sub(r"\\(\n|.)", lambda match: match[1].strip("\n"), part.get("Value", ""), flags=re.DOTALL)
            elif part["Type"] == "SglQuoted" and part.get("Dollar"):
                value += self.written(part)[2:-1].encode().decode("unicode_escape")
            elif part["Type"] == "SglQuoted":
                value += self.written(part)[1:-1]
            elif part["Type"] == "DblQuoted":
                value += "".join(self.quoted(each) for each in part.get("Parts", ()))
            else:
                value += self.written(part)
        return self.unmasked(value)

    def quoted(self, part: dict[str, Any]) -> str:
        if part["Type"] != "Lit":
            return self.written(part)
        return re.sub(r'\\(?:(["\\$`])|\n)', lambda match: match[1] or "", part.get("Value", ""))

    def unmasked(self, value: str) -> str:
        for name, expression in self.kept.items():
            value = value.replace(name, expression)
        return value

    def assigned(self, node: dict[str, Any]) -> str:
        if node.get("Naked"):
            return self.word(node["Value"]) if "Value" in node else str(node["Name"]["Value"])
        if "Array" in node:
            return self.unmasked(self.written(node))
        value = self.word(node["Value"]) if "Value" in node else ""
        return f"{node['Name']['Value']}{'+=' if node.get('Append') else '='}{value}"

    def walk(self, node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                self.walk(each)
        elif isinstance(node, dict):
            command = node.get("Cmd")
            if isinstance(command, dict) and command["Type"] == "CallExpr":
                parts = [command, *node.get("Redirs", ())]
                command["Pos"] = {"Offset": min(part["Pos"]["Offset"] for part in parts)}
            if node.get("Type") == "CallExpr" and node.get("Args"):
                self.found.append((node["Pos"]["Offset"], [self.word(word) for word in node["Args"]]))
            elif node.get("Type") == "DeclClause":
                words = [str(node["Variant"]["Value"]), *(self.assigned(each) for each in node.get("Args", ()))]
                self.found.append((node["Pos"]["Offset"], words))
            for each in node.values():
                self.walk(each)


def record(path: Path, scripts: list[str], shfmt: str) -> None:
    with path.open("w", encoding="utf-8") as out:
        for script in scripts:
            tree = Tree(script, shfmt)
            row = {"script": script, "commands": [words for _, words in tree.found] if tree.accepted else None}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    shfmt = os.environ["SHFMT"]
    record(RECORDED, SCRIPTS.read_text("utf-8").split(SEPARATOR), shfmt)
    generated = [str(json.loads(line)["script"]) for line in GENERATED.read_text("utf-8").splitlines()]
    record(GENERATED, generated, shfmt)


if __name__ == "__main__":
    main()
