"""HCL2's native syntax (`.tf`, `.tofu`, `.tfvars`): text → a body whose every node knows its place.

Specification: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. What HashiCorp's parser rejects is a
Problem here; the rest of the text is read all the same. `linter.syntax.hcl_tree` describes what comes out.
"""

from __future__ import annotations

from linter.syntax.hcl_body import file
from linter.syntax.hcl_expressions import expression
from linter.syntax.hcl_lexer import Bad, Reader, unexpected
from linter.syntax.hcl_template import whole_template
from linter.syntax.hcl_tree import Attribute, Block, Body, Expr, nodes

__all__ = ["Attribute", "Block", "Body", "Expr", "nodes", "parse", "parse_expression", "parse_template"]


def parse(source_index: int, text: str) -> Body:
    """The body of a file; bad input raises nothing. Offsets are code points of `text`, which has no byte order mark."""
    reader = Reader(text, expression)
    body = file(reader, source_index)
    if reader.unclosed:
        # Every later block became a child of the unclosed one; what the author meant shows in the indentation.
        reader = Reader(text, expression, layout=True)
        body = file(reader, source_index)
    body.problems = reader.problems
    return body


def parse_template(text: str) -> Expr:
    """A whole text as a template, as templatefile() reads a file; offsets are those of the text.

    A text that is no template gives ("error", start, end, message).
    """
    marker = "END"
    while marker in text:
        marker += "_"
    reader = Reader(f"{text}\n{marker}\n", expression)
    try:
        return whole_template(reader, len(text), marker)
    except Bad as bad:
        return ("error", 0, len(text), bad.problem.message)
    except RecursionError:
        return ("error", 0, len(text), "This is nested too deeply to be read")


def parse_expression(text: str, offset: int = 0) -> Expr:
    """A whole text as one expression, its offsets moved by `offset`; newlines are blanks, as within parentheses.

    A text that is no expression gives ("error", start, end, message).
    """
    reader = Reader(" " * offset + text, expression)
    reader.multi = True
    try:
        found = expression(reader, offset)
        if reader.start < len(reader.text):
            raise unexpected(reader, "The expression does not end here", "Write one expression.")
    except Bad as bad:
        return ("error", offset, offset + len(text), bad.problem.message)
    except RecursionError:
        return ("error", offset, offset + len(text), "This is nested too deeply to be read")
    return found
