"""Whether a span of a file is one thing a person could point at, by parsers that are not ours.

Terraform is read by python-hcl2 (a Lark grammar), YAML by PyYAML's own parser, Markdown by markdown-it-py, Dockerfiles by
their blanks. Each answer is a set of spans that are right, or a test of a span against what the parser found; offsets are
code points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import hcl2
import yaml
from markdown_it import MarkdownIt

from tests.accept.places_words import groovy_checker, words_checker

Accepts = Callable[[int, int], bool]
"""Whether the text from start to end is exactly one node, or whole words of one."""

_EXPRESSIONS = frozenset(
    ("expr_term", "identifier", "string", "interpolation", "get_attr_expr_term", "index_expr_term", "function_call",
     "tuple", "object", "heredoc_template", "heredoc_template_trim", "unary_op", "binary_op", "conditional", "splat",
     "for_tuple_expr", "for_object_expr", "attr_splat_expr_term", "full_splat_expr_term", "int_lit", "float_lit")
)  # fmt: skip
_WORD = re.compile(r"\w")


def checker(path: str, text: str) -> Accepts:
    """How spans of a file are judged, by its suffix. Raises what the reference parser raises."""
    if path.endswith((".tf", ".tfvars", ".hcl")):
        return exactly(terraform_spans(text))
    if path.endswith((".yaml", ".yml")):
        return yaml_checker(text)
    if path.endswith(".md"):
        return markdown_checker(text)
    if "Dockerfile" in path:
        return dockerfile_checker(text)
    if path.endswith("Jenkinsfile"):
        return groovy_checker(text)
    if path.endswith(".json"):
        return exactly(_yaml_spans(text))
    if path.endswith(("CODEOWNERS", ".txt")):
        return words_checker(text)
    raise AssertionError(f"no reference parser for {path}")


def exactly(spans: set[tuple[int, int]]) -> Accepts:
    return lambda start, end: (start, end) in spans


def terraform_spans(text: str) -> set[tuple[int, int]]:
    """Expressions, names of attributes and blocks, labels, and the scalars of JSON in heredocs."""
    found: set[tuple[int, int]] = set()
    for tree in hcl2.parses_to_tree(text if text.endswith("\n") else text + "\n").iter_subtrees():
        name = str(tree.data)
        if name not in _EXPRESSIONS or tree.meta.empty:
            continue
        start, end = tree.meta.start_pos, tree.meta.end_pos
        found.add((start, start + len(text[start:end].rstrip())))
        if name.startswith("heredoc"):
            found |= {(start + a, start + b) for a, b in _json_spans(text[start:end])}
            found |= {
                (start + match.start(), start + match.end()) for match in re.finditer(r'"[\w.-]+"', text[start:end])
            }
    return found


def _json_spans(heredoc: str) -> Iterator[tuple[int, int]]:
    """Scalars of a JSON document between the first and the last line of a heredoc, read as YAML."""
    begin = heredoc.find("\n") + 1
    body = heredoc[begin : heredoc.rstrip().rfind("\n") + 1]
    if not body.lstrip().startswith(("{", "[")):
        return
    try:
        root = yaml.compose(body, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return
    for node in _scalars(root):
        yield begin + node.start_mark.index, begin + node.end_mark.index


def _scalars(node: Any) -> Iterator[Any]:
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]


def dockerfile_checker(text: str) -> Accepts:
    """Whole words of one instruction, from the first to the last: a line with those that a backslash adds to it."""
    lines = [(match.start(), match.end()) for match in re.finditer(r"(?:[^\n]*\\[ \t\r]*\n)*[^\n]*\n?", text)]
    words = [match.span() for match in re.finditer(r"[^\s\"'=,;&|()\[\]\\]+|\"[^\"\n]*\"|'[^'\n]*'|[\"\]]", text)]
    words += [match.span() for match in re.finditer(r"\[[^\]\n]*\]", text)]
    starts, ends = {start for start, _ in words}, {end for _, end in words}

    def accepts(start: int, end: int) -> bool:
        return start in starts and end in ends and any(first <= start < end <= last for first, last in lines)

    return accepts


def yaml_checker(text: str) -> Accepts:
    """Keys and values exactly; inside a scalar `${{ … }}` exactly, or whole words of a line of a script."""
    spans = _yaml_spans(text)
    spans |= {match.span(1) for match in re.finditer(r"(?m)(?<=[ \t])(#.*?)[ \t\r]*$", text)}
    embedded = {match.span() for match in re.finditer(r"\$\{\{.*?\}\}", text, re.DOTALL)}

    def accepts(start: int, end: int) -> bool:
        if (start, end) in spans:
            return True
        around = [(a, b) for a, b in spans if a <= start and end <= b]
        if any(a < start and end < b for a, b in embedded):
            return _context(text, start, end)
        if not around or any(a < start < b or a < end < b for a, b in embedded):
            return False
        first, last = min(around, key=lambda span: span[1] - span[0])
        script = "\n" in text[first:last] or (text[first] not in "\"'" and " " in text[first:last])
        return (start, end) in embedded or (script and whole_words(text, start, end))

    return accepts


def _context(text: str, start: int, end: int) -> bool:
    """Whether a piece of an expression is a whole name with all its parts, as `steps.build.outputs.tag`."""
    name = re.compile(r"(?<![\w.-])[\w.-]+(?![\w.-])").match(text, start)
    return name is not None and name.end() == end


def _yaml_spans(text: str, offset: int = 0) -> set[tuple[int, int]]:
    spans = set()
    for root in yaml.compose_all(text, Loader=yaml.SafeLoader):
        for node in _scalars(root):
            start = node.start_mark.index
            spans.add((offset + start, offset + start + len(text[start : node.end_mark.index].rstrip())))
            if node.style in ("'", '"'):  # a condition without `${{ }}` is all that its quotes hold
                spans.add((offset + start + 1, offset + node.end_mark.index - 1))
    return spans


def whole_words(text: str, start: int, end: int) -> bool:
    """A piece of one line that neither begins nor ends in a word, in blanks or behind a sign that belongs to it."""
    piece = text[start:end]
    if not piece or piece != piece.strip() or "\n" in piece:
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    cuts = [(before, piece[0]), (piece[-1], after)]
    if any(_WORD.fullmatch(left) and _WORD.fullmatch(right) for left, right in cuts):
        return False
    return before in _BEFORE and (after in _AFTER or piece[-1] in _AFTER)


_BEFORE = frozenset(("", " ", "\t", "\n", '"', "'", "`", "(", "[", "{", "=", ";", "|", "&", ":", ",", ">", "*", "<"))
_AFTER = frozenset(
    ("", " ", "\t", "\n", '"', "'", "`", ")", "]", "}", ";", "|", "&", ":", ",", ".", "?", "!", "*", "<")
)


_MARKS = re.compile(r"^[ >]*(?:[-*+] |\d+[.)] )*#{1,6}[ \t]+|[ \t]+#*[ \t]*$")
_FRONT = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)


def markdown_checker(text: str) -> Accepts:
    """Headings, targets of links and blocks of code exactly; elsewhere whole words of a line."""
    front = _FRONT.match(text)
    exact = {(0, 3)} | _front_spans(front[1]) if front else set()
    begin = front.end() if front else 0
    starts = [begin]
    for line in text[begin:].splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    targets: set[str] = set()
    for token in MarkdownIt("commonmark").parse(text[begin:]):
        targets |= set(_targets(token))
        if token.map and token.type == "heading_open":
            line = text[starts[token.map[0]] : starts[token.map[0] + 1]].rstrip("\r\n")
            inner = _MARKS.sub("", line)
            at = starts[token.map[0]] + line.find(inner)
            exact.add((at, at + len(inner)))
        if token.map and token.type == "fence":
            closed = text[starts[token.map[1] - 1] :].lstrip(" >").startswith(token.markup)
            exact.add((starts[token.map[0] + 1], starts[token.map[1] - closed]))
    for target in filter(None, targets):
        exact |= {match.span(1) for match in re.finditer(f"[(<\"'\\[ ]({re.escape(target)})[)>\"'\\] \\n]", text)}
    whole = sorted(exact)

    def accepts(start: int, end: int) -> bool:
        if (start, end) in exact:
            return True
        if any(a < end and start < b and not _apart(text, a, b, start, end) for a, b in whole):
            return False
        return start >= begin and whole_words(text, start, end)

    return accepts


def _front_spans(text: str) -> set[tuple[int, int]]:
    try:
        return _yaml_spans(text, len("---\n"))
    except yaml.YAMLError:  # a template of front matter
        return set()


def _apart(text: str, first: int, last: int, start: int, end: int) -> bool:
    """Whether a piece holds all of what is exact, or lies in a block of code, which alone of that has lines."""
    return (start <= first and last <= end) or ("\n" in text[first:last] and first <= start and end <= last)


def _targets(token: Any) -> Iterator[str]:
    for each in [token, *(token.children or ())]:
        for name in ("href", "src"):
            value = each.attrGet(name) if each.attrs else None
            if isinstance(value, str):
                yield value
        if each.type in ("html_block", "html_inline"):
            yield from re.findall(r"""(?:href|src)\s*=\s*["']([^"']*)["']""", each.content)
