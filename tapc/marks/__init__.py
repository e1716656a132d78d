"""Markers that models and chat templates leave in texts: thoughts, and delimiters of turns.

`split_thoughts` separates the reasoning at the start of a completion from the answer. `template_mark` and `family_mark`
find delimiters of chat templates, such as `<|im_end|>`, which must not be in a dataset or an input row.

The markers are data: `reasoning.toml` and `chat.toml` have one entry per marker, each with its source. To add a model,
add an entry there; the code in `reasoning.py` and `chat.py` compiles the tables into regular expressions on first use.

Imports nothing else of tapc.
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
