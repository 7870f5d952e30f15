"""Menders of Dockerfiles."""

from __future__ import annotations

from linter.fixes.changes import Change
from linter.fixes.dockerfile_text import DockerfileText
from linter.fixes.mend import Mended, Site

_PLAIN = (".txt", ".md", ".json", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".env", ".sh", ".py", ".js", ".ts",
          ".rb", ".go", ".rs", ".java", ".php", ".html", ".css", ".xml", ".sql", ".properties", ".lock", ".mod", ".sum",
          ".crt", ".pem", ".service")  # fmt: skip
"""Ends of names of files that are no archives: ADD looks at what is in a file, not at its name."""
_FLAGS = frozenset(("chown", "chmod", "link", "exclude"))


def copy_for_add(site: Site) -> Mended | None:
    """`ADD` becomes `COPY`; safe where no source can be an archive, which ADD would unpack."""
    if not isinstance(site.written, DockerfileText):
        return None
    found = site.written.instruction_at(site.place[0])
    arguments = found.get("arguments", ())
    if found["instruction"] != "ADD" or set(found.get("flags", ())) - _FLAGS or len(arguments) < 2:
        return None
    _, _, _, start, end = found.at["instruction"]
    word = "COPY" if site.written.text[start:end].isupper() else "copy"
    sources = [str(source) for source in list(arguments)[:-1]]
    safe = all(source in (".", "./") or source.endswith(("/", *_PLAIN)) for source in sources)
    return Mended((Change("rewrite", (start, end), (), word),), "Write COPY", safe)
