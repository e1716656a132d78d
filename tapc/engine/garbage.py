"""Python's cycle collector while a run lasts."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

_THRESHOLDS = (20_000, 20, 50)


@contextmanager
def calm_collector() -> Generator[None]:
    """Within it, what exists already is not looked at again, and young objects are looked at less often.

    A run makes and drops many small objects and almost no cycles; with the usual thresholds every full collection walks
    all modules, which takes a tenth of a run's CPU and stops the event loop for many milliseconds.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
