"""Marks that models and chat templates leave in texts: thoughts, and delimiters of turns. Data with its sources.

`reasoning.toml` and `chat.toml` are meant to be extended: one entry per mark.
"""

from tapc.marks.chat import Family, families, family_mark, template_mark
from tapc.marks.reasoning import Split, Thought, left_thought, quoted, split_thoughts, thoughts

__all__ = [
    "Family",
    "Split",
    "Thought",
    "families",
    "family_mark",
    "left_thought",
    "quoted",
    "split_thoughts",
    "template_mark",
    "thoughts",
]
