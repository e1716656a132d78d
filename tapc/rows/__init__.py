"""Rows of datasets: what all kinds share, and the columns they have."""

from tapc.rows.common import Row, RowContext, job_keys, prompts_of, slot_id

__all__ = ["Row", "RowContext", "job_keys", "prompts_of", "slot_id"]
