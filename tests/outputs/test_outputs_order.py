"""Orders and numbers of rows that no run shows by itself."""

import random
from fractions import Fraction

from tapc.ir import Dataset, Emit, Reserve, Space, Template
from tapc.kinds.programs import PROGRAMS
from tapc.kinds.steps.generate.model import Generate, Message
from tapc.rows import RowContext
from tapc.rows.common import number
from tapc.steps import Origin, Rejection, SlotKey, SlotState


def test_rejections_stand_by_step_candidate_attempt_and_reason_however_they_came():
    steps = tuple(
        Generate(name=name, using=("w",), messages=(Message(role="user", content=Template(text="x")),))
        for name in ("question", "answer")
    )
    dataset = Dataset(name="d", samples=1, space=Space(), steps=steps, reserve=Reserve(share=Fraction(1)))
    context = RowContext.of(dataset, Emit(kind="rejects", name="rejects"))
    right = [
        ("question", 0, 0, "cut"),
        ("question", 0, 1, "language"),
        ("question", 1, 0, "cut"),
        ("answer", 0, 0, "length"),
        ("answer", 0, 0, "matches"),
        ("answer", 2, 0, "cut"),
    ]
    for turn in range(5):
        slot = SlotState(SlotKey(b"c" * 16, 0, 0, 0, (), Origin(b"c" * 16, 0)), {}, {})
        came = random.Random(turn).sample(right, len(right))
        slot.rejections = [Rejection(*one, "", "", "w", b"") for one in came]
        rows = PROGRAMS.emits["rejects"].rows(slot, context)
        assert [(r["step"], r["candidate"], r["attempt"], r["reason"]) for r in rows] == right


def test_true_is_one_false_is_zero_and_what_is_no_number_is_null():
    assert [number(value) for value in (True, False, Fraction(7, 2), "calm", ("law",), None)] == [
        1,
        0,
        3.5,
        None,
        None,
        None,
    ]
