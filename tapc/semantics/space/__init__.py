"""The sample space: taxonomy, mixes, rules between them, checked and made canonical."""

from tapc.semantics.space.entries import axis_name
from tapc.semantics.space.languages import KnownLanguage, known_languages
from tapc.semantics.space.lower import lower_space

__all__ = ["KnownLanguage", "axis_name", "known_languages", "lower_space"]
