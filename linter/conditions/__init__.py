"""The condition language of rule files (DESIGN §5): paths, operators, three-valued logic."""

from linter.conditions.answers import Condition
from linter.conditions.compiler import ConditionError, compile_condition
from linter.conditions.paths import ABSENT, Leaf, leaves, segments

__all__ = ["ABSENT", "Condition", "ConditionError", "Leaf", "compile_condition", "leaves", "segments"]
