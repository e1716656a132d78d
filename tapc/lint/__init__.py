"""Warnings about specs that are legal and probably not meant, one file per subject of the rules.

A rule is a function from a dataset of the IR to `Remark`s: a code, a message, the parts of the IR it is about, and what
to do. `all_rules.py` lists the rules and gives each remark its place in the spec; `sizes.py` holds what several rules
ask. Rules ask traits of steps, checks and emits, never for a kind, so that they hold for new kinds too.

To add a rule: write the function in the file of its subject, or in one of its own, add it to `RULES`, register its code
in `tapc/diagnostics/catalog/lint.py`, and add a bad and a good example to `grammar/examples`. Start reading in
`judges.py`, two short rules, and `all_rules.py`. Imports `tapc.frontend`, `tapc.jobs` and what is below them; it
sends and reads nothing.
"""

from tapc.lint.all_rules import lint_dataset

__all__ = ["lint_dataset"]
