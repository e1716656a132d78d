"""The vocabulary: one table that the checker, suggestions, editors and the reference read."""

from tapc.semantics.vocabulary.checks import CHECKS, CheckWord, reads_files
from tapc.semantics.vocabulary.model import Field, Statement, ValueType
from tapc.semantics.vocabulary.results import EMITS
from tapc.semantics.vocabulary.steps import KINDS
from tapc.semantics.vocabulary.table import statement, statements

__all__ = [
    "CHECKS",
    "EMITS",
    "KINDS",
    "CheckWord",
    "Field",
    "Statement",
    "ValueType",
    "reads_files",
    "statement",
    "statements",
]
