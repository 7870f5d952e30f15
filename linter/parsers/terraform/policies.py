"""IAM policy statements."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Resource
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.modules import Module


def statements(resource: Resource, module: Module, item: Item) -> Iterator[Resource]:
    return iter(())
