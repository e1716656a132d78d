"""Compares two plans by meaning: what changed, which slots and replies are kept, and what the change costs.

`compare` (`comparison.py`) takes two `Side`s and returns a `DiffDocument` (`document.py`). `differences.py` finds the
statements that differ, in the words in which `tapc show` writes them, and `changes.py` says how severe each is; whether
a change causes new requests is decided by the keys of jobs, which `jobs.py` compares by rendering both plans, and
`proof.py` says of each step how many are kept and, with `reasons.py`, why the others are not; `drawing.py` notes why
samples are drawn again where mixes came or went.

Start reading in `comparison.py`. A new field of the language is compared without further code; to give it another
severity, add it to the tables in `changes.py`.
"""

from tapc.plan.diff.comparison import Side, compare
from tapc.plan.diff.differences import Difference, find_differences
from tapc.plan.diff.document import (
    EFFECTS,
    AxisValue,
    Change,
    DiffDocument,
    DiffExpectation,
    DiffMoved,
    DiffProof,
    DiffStep,
    Severity,
)
from tapc.plan.diff.drawing import late_note
from tapc.plan.diff.reasons import SlotAsked, reasons_between
from tapc.plan.diff.wording import Piece, marked, name_of, plain, word_diff, worded

__all__ = [
    "EFFECTS",
    "AxisValue",
    "Change",
    "DiffDocument",
    "DiffExpectation",
    "DiffMoved",
    "DiffProof",
    "DiffStep",
    "Difference",
    "Piece",
    "Severity",
    "Side",
    "SlotAsked",
    "compare",
    "find_differences",
    "late_note",
    "marked",
    "name_of",
    "plain",
    "reasons_between",
    "word_diff",
    "worded",
]
