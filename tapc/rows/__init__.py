"""Rows of datasets: what all kinds of emits share, and the columns they have.

The rows of one kind are made in its own package (`tapc.kinds.emits`), from a finished slot and a `RowContext`. Here are
the pieces they put together: `common.py` has messages, completions, scores and provenance of a row, `pairs.py` the
chosen and the rejected side, `columns.py` the names and types of columns, which the card and other encodings read.

Rows are plain dictionaries and depend on the slot alone, so that two runs over the same replies write the same bytes.
Start reading in `common.py`. Imports `tapc.steps`, `tapc.ir` and what is below them.
"""

from tapc.rows.common import Row, RowContext, job_keys, prompts_of, slot_id

__all__ = ["Row", "RowContext", "job_keys", "prompts_of", "slot_id"]
