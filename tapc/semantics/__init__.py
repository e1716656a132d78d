"""What a syntax tree means: vocabulary, names, composition, checks, lowering to the IR, and writing it as a spec again.

Kinds of steps, checks and emits are given to it in a `Registry`; `tapc.frontend` puts all of it together. In the order
in which a spec passes through them:

- `modules`: files, what they import and declare, and how a dotted name is resolved.
- `compose`: from declarations in several files to one list of statements (`extends`, pipelines, `drop`, params).
- `vocabulary`: the words of the language as data: statements and fields, each with a sentence and an example.
- `values` and `units`: from written values to typed ones; quantities are exact.
- `space`: the taxonomy, the mixes and their rules, checked and made canonical.
- `lower`: everything else of a dataset, checked and turned into the IR.
- `show`: parts of a dataset as the statements they are read from.
- `tables`: rows of CSV and JSON-lines files, with the line each comes from.

A phase returns what it could read and adds what is wrong to a `Report`, with the place of each finding; nothing here
raises for a wrong spec. Start reading in `lower/dataset.py`, then `space/lower.py`. Imports `tapc.templates`,
`tapc.ir`, `tapc.syntax`, `tapc.diagnostics` and what is below them; files come through the loader it is given.
"""

from tapc.semantics.report import Place, Placed, Report, placed

__all__ = ["Place", "Placed", "Report", "placed"]
