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
returned to exactly: its hash is that of the space and the samples (`mark_of` in `tapc/quota/locked.py`).

`identity` lists the mixes that samples are drawn by: those that the dataset had when it was first locked, and those on
which they depend since plan N (`persona:N`). Other mixes are late (`tapc/quota/late.py`): they divide the samples of a
cell, and their lines are after those of its leaf:

    late persona
    plan 2 77ab… 2f6b…
    leaf physics.mechanics 20 easy/en:12 easy/zh:8
    late physics.mechanics easy/en:2=kid*5,adult*7;3+kid*2 easy/zh:2=adult*7,kid

At plan 2 five of the twelve samples became `kid`, and plan 3 added two. Sizes of 1 are left out; `|` is between samples
that were divided at different times, and a version that begins with `=` replaces those before. The second hash of a
plan is that of its space without late mixes.

All is sorted, so that a diff shows which leaves changed. In names, white space and every character that the format uses
is written as %XX of its UTF-8 bytes. Without a taxonomy, the root is `.` and `taxonomy` is left out. A mix that the
spec did not have when a cell was planned has the value `~`. Locks of the earlier format `tapc.lock/1`, which has
neither `identity` nor plans, are read as one plan.

`making` makes the lock of a plan, `writing` and `reading` are the text, `late` that of its lines about late mixes.
"""

from tapc.plan.lock.making import changed, lock_of
from tapc.plan.lock.reading import read_lock
from tapc.plan.lock.writing import write_lock

__all__ = ["changed", "lock_of", "read_lock", "write_lock"]
