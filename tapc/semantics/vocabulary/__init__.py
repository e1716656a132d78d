"""The vocabulary: one table that the checker, suggestions, editors and the reference read."""

from tapc.semantics.vocabulary.model import Field, Statement, ValueType
from tapc.semantics.vocabulary.results import EMITS
from tapc.semantics.vocabulary.steps import CHECKS, KINDS
from tapc.semantics.vocabulary.table import statement, statements

__all__ = ["CHECKS", "EMITS", "KINDS", "Field", "Statement", "ValueType", "statement", "statements"]
