"""Rows of each output kind."""

from collections.abc import Callable

from tapc.outputs.rows import preference, prompts, rl, sft
from tapc.outputs.rows.common import Row, RowContext, job_keys, prompts_of, slot_id
from tapc.outputs.rows.records import record_rows, reject_rows
from tapc.outputs.rows.scored import kto_rows, reward_rows
from tapc.steps import SlotState

RowMaker = Callable[[SlotState, RowContext], list[Row]]

ROWS: dict[str, RowMaker] = {
    "preference": preference.rows,
    "sft": sft.rows,
    "reward": reward_rows,
    "kto": kto_rows,
    "rl": rl.rows,
    "prompts": prompts.rows,
    "records": record_rows,
    "rejects": reject_rows,
}
"""Makes the rows of one slot, by kind of output."""

__all__ = ["ROWS", "Row", "RowContext", "RowMaker", "job_keys", "prompts_of", "slot_id"]
