"""What the words of the language are made of, and those that belong to no kind of step, check or emit."""

from tapc.semantics.vocabulary.model import Field, Statement, ValueType, Vocabulary

__all__ = ["Field", "Statement", "ValueType", "Vocabulary"]
