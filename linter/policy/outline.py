"""Which lines of a text belong together, from indentation alone: enough to say what a comment is about.

One pass, linear, without a parser: the text may be broken. Where indentation misleads (unformatted code, a heredoc at
the left margin) a block ends early, so that a comment covers less than it could, never more than its top-level block.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from linter.digests import sha256
from linter.discovery.formats import is_dockerfile
from linter.model import Source

_TERRAFORM = (".tf", ".tofu", ".tfvars", ".hcl")
_MARKDOWN = (".md", ".markdown")
_TOP = tuple(
    f"{word} "
    for word in ("check", "data", "import", "locals", "module", "moved", "output", "provider", "removed", "resource",
                 "terraform", "variable")
)  # fmt: skip


class Outline:
    """Lines are numbered from 1; 0 stands for none. texts: without line breaks. marks: what begins a comment.

    dockerfile: whether the text is one.
    """

    __slots__ = (
        "_above", "_below", "_chains", "_documents", "_ends", "_identities", "_instructions", "_markdown", "_parents",
        "_source", "_terraform", "dockerfile", "marks", "texts",
    )  # fmt: skip

    def __init__(self, source: Source) -> None:
        self.texts = [source.line(number) for number in range(1, len(source.starts) + 1)]
        self._terraform = source.path.endswith(_TERRAFORM)
        self.dockerfile = is_dockerfile(source.path.rpartition("/")[2])
        self._source = source
        self._instructions: dict[int, int] | None = None
        self._markdown = source.path.endswith(_MARKDOWN)
        self.marks = ("<!--",) if self._markdown else ("#", "//") if self._terraform else ("#",)
        self._parents = [0] * (len(self.texts) + 1)
        self._ends = list(range(len(self.texts) + 1))
        self._above = [0] * (len(self.texts) + 1)
        self._below = [0] * (len(self.texts) + 2)
        self._chains: dict[int, bytes] = {0: b""}
        self._documents: list[tuple[int, int]] = []
        self._identities: dict[int, bytes] = {}
        self._nest()
        self._neighbours()

    def _nest(self) -> None:
        """Each line's enclosing line and the last line nested in it."""
        levels: list[int] = []
        stack: list[int] = []
        latest = 0
        for line, text in enumerate(self.texts, 1):
            code = text.lstrip()
            if not code:
                continue
            indent = len(text) - len(code)
            if code.startswith(self.marks):
                around = bisect_left(levels, indent)
                self._parents[line] = stack[around - 1] if around else 0
                continue
            top = self._terraform and code.startswith(_TOP) and self.opens(line)
            closes = self._terraform and code[0] == "}"
            while stack and (top or levels[-1] >= indent):
                level, opened = levels.pop(), stack.pop()
                self._ends[opened] = line if closes and level == indent and self.opens(opened) else latest
            if stack:
                self._parents[line] = stack[-1]
            levels.append(indent)
            stack.append(line)
            latest = line
        for opened in stack:
            self._ends[opened] = latest

    def _neighbours(self) -> None:
        """The nearest line of code above each line, and the line below each that is no comment."""
        code = 0
        for line, text in enumerate(self.texts, 1):
            self._above[line] = code
            if text.strip() and not self.comment(line):
                code = line
        following = len(self.texts)
        for line in range(len(self.texts), 0, -1):
            self._below[line] = following
            if not self.comment(line) and not (self._markdown and not self.texts[line - 1].strip()):
                following = line

    def comment(self, line: int) -> bool:
        """Whether a line holds nothing but a comment."""
        return self.texts[line - 1].lstrip().startswith(self.marks)

    def opens(self, line: int) -> bool:
        """Whether a line opens a Terraform block or object."""
        return self._terraform and self._code(line).endswith("{")

    def target(self, line: int) -> int:
        """The line a comment is about: its own, the opening line of the block it begins, or the line below it."""
        if not self.comment(line):
            return line
        above = self._above[line]
        return above if above and self.opens(above) else self._below[line]

    def extent(self, line: int, target: int) -> tuple[int, int]:
        """The lines that a comment on `line` about `target` covers: a block, a Kubernetes document or a line."""
        if self.opens(target):
            return target, self._ends[target]
        if self.comment(line) and not self._terraform and not self._markdown:
            first, last = self.document(line)
            if self._above[line] < first and self.identity(first, last):
                return first, last
        return target, target

    def block(self, line: int, target: int) -> tuple[int, int]:
        """The top-level Terraform block a comment is in or above; elsewhere as `extent`."""
        if not self._terraform:
            return self.extent(line, target)
        top = self._parents[line] or target
        while self._parents[top]:
            top = self._parents[top]
        return top, self._ends[top]

    def instruction(self, line: int, target: int) -> tuple[int, int]:
        """The lines of the Dockerfile's instruction that a comment on `line` stands above; inside one, the line."""
        if self._instructions is None:
            from linter.syntax import dockerfile

            position = self._source.position
            self._instructions = {
                position(found.span[1])[0]: position(max(found.span[1], found.span[2] - 1))[0]
                for found in dockerfile.load(0, self._source.text).instructions
            }
        return target, self._instructions.get(target, target) if line < target else target

    def document(self, line: int) -> tuple[int, int]:
        """The first and last line of the YAML document a line is in, without its `---`."""
        if not self._documents:
            marks = [number for number, text in enumerate(self.texts, 1) if text == "---" or text.startswith("--- ")]
            firsts, lasts = [1, *(mark + 1 for mark in marks)], [*(mark - 1 for mark in marks), len(self.texts)]
            self._documents = list(zip(firsts, lasts, strict=True))
        return self._documents[max(bisect_right(self._documents, (line, len(self.texts))) - 1, 0)]

    def anchor(self, line: int) -> bytes:
        """A digest of a line's code and of the lines it is nested in; blanks and comments do not matter."""
        climbed = []
        while line not in self._chains:
            climbed.append(line)
            line = self._parents[line]
        for each in reversed(climbed):
            code = " ".join(self._code(each).split()).encode("utf-8", "surrogatepass")
            self._chains[each] = sha256(self._chains[self._parents[each]] + b"\0" + code).digest()
        return self._chains[climbed[0] if climbed else line]

    def identity(self, first: int, last: int) -> bytes:
        """What a Kubernetes document calls itself: its version, kind, name and namespace; b'' for other documents."""
        if first not in self._identities:
            self._identities[first] = self._identify(first, last)
        return self._identities[first]

    def _identify(self, first: int, last: int) -> bytes:
        found, metadata = [], False
        for text in self.texts[first - 1 : last]:
            if text[:1] not in ("", " ", "#"):
                metadata = text.startswith("metadata:")
            named = metadata and text.strip().startswith(("name:", "namespace:"))
            if named or text.startswith(("apiVersion:", "kind:")):
                found.append(text.strip())
        kubernetes = any(text.startswith("apiVersion:") for text in found)
        return "\0".join(found).encode("utf-8", "surrogatepass") if kubernetes else b""

    def _code(self, line: int) -> str:
        """A line up to what looks like a comment."""
        text = self.texts[line - 1]
        for mark in self.marks:
            for blank in (" ", "\t"):
                at = text.find(blank + mark)
                text = text[:at] if at >= 0 else text
        text = text.strip()
        return "" if text.startswith(self.marks) else text
