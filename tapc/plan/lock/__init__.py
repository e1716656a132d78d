"""`SPEC.lock`: the counts of the plans of a dataset as text, one line per leaf.

    tapc.lock/2
    samples 603
    taxonomy topic
    mixes difficulty language
    identity difficulty language
    plan 1 2f6b…
    plan 2 90aa…
    import std.languages 5f0c…
    price openai 81aa…
    leaf physics.mechanics 23 easy/en:12+3 easy/zh:8

`easy/en:12+3` had 12 samples at plan 1, and plan 2 added 3. `8` is all of plan 1. Where a plan is skipped, its number
is written: `12+3@4`, `7@2`. A plan that takes samples away writes `12-5`. So every plan with a `plan` line can be
returned to exactly: its hash is `tapc.quota.mark_of` the space and the samples. `identity` lists the mixes that the
dataset had when it was first locked, by the names that samples are drawn by.

All is sorted, so that a diff shows which leaves changed. In names, white space and every character that the format uses
is written as %XX of its UTF-8 bytes. Without a taxonomy, the root is `.` and `taxonomy` is left out. A mix that the
spec did not have when a cell was planned has the value `~`. Locks of the earlier format `tapc.lock/1`, which has
neither `identity` nor plans, are read as one plan.

`making` makes the lock of a plan, `writing` and `reading` are the text.
"""

from tapc.plan.lock.making import changed, lock_of
from tapc.plan.lock.reading import read_lock
from tapc.plan.lock.writing import write_lock

__all__ = ["changed", "lock_of", "read_lock", "write_lock"]
