"""Runs a plan: the fold over stored replies, the session that has missing replies asked for, and programs.

A dataset is a fold of its plan over stored replies (docs/decisions/fold.md). This package computes that fold, and asks
for the replies it lacks:

- `session.py`: one run. `Session.live` is the way of a reply from top to bottom: the fold tells which replies it wants,
  a `JobSender` has them asked, `Answers` brings them back, the fold goes on and tells which slots are finished, and a
  `Sink` takes those. `Session.offline` is the same without asking.
- `fold/`: `engine.py` admits slots, looks replies up, and moves the coroutines of steps (`tapc.steps.driving`);
  `slotrun.py` is one slot in the graph of steps; `decisions.py` orders what depends on other slots; `replacement.py`
  makes slots in place of those that failed. The fold never waits, sends or reads a clock.
- `ask_queue.py`: what is asked first, and how much at once; `brake.py`: when asking is in vain, by a sequential test.
- `programs/`: checks and scores that are programs of the user, answered like jobs.
- `protocol.py`: what an engine is given, tells and returns. An engine of many processes would keep to it.
- `labels.py`, `losses.py`: under which name usage is remembered, and which jobs got no reply.

Above it are the workspace and the command line. Below it are `tapc.steps`, `tapc.endpoints` (its `protocol.py` alone:
how jobs are handed over and answers come back) and `tapc.store` (its `protocol.py` alone); import-linter holds that, so
another store or another way to have jobs asked needs no change here.

Start reading in `session.py`, then `fold/engine.py`. What a step may await is in `tapc/steps/effects.py`. When you
change the fold, `tests/engine/fold` compares it, at every timing, with a sequential reading that shares no code with
it, and `bench/compare.py` says what a cached job costs: 20 to 30 microseconds, all included.
"""

from tapc.engine.brake import Brake, Braked
from tapc.engine.fold import NO_REPLY, Finished, Fold, Pipeline, Replacements, Shortage, Used, Wanted
from tapc.engine.labels import Label, labels_of
from tapc.engine.losses import Loss, Losses
from tapc.engine.protocol import (
    Engine,
    Metered,
    Observer,
    SessionResult,
    Silent,
    Sink,
    Snapshot,
    StepProgress,
    Work,
)
from tapc.engine.session import Session

__all__ = [
    "NO_REPLY",
    "Brake",
    "Braked",
    "Engine",
    "Finished",
    "Fold",
    "Label",
    "Loss",
    "Losses",
    "Metered",
    "Observer",
    "Pipeline",
    "Replacements",
    "Session",
    "SessionResult",
    "Shortage",
    "Silent",
    "Sink",
    "Snapshot",
    "StepProgress",
    "Used",
    "Wanted",
    "Work",
    "labels_of",
]
