"""Moves the wall clock of a Python process that has this folder on its path.

The file named by TORTURE_CLOCK holds seconds to add. It is read at each look, so that a test can let the time jump
while the process runs, as an operator, a suspended laptop or a wrong time server does. The monotonic clock stays.
"""

import os
import time

_FILE = os.environ.get("TORTURE_CLOCK", "")
_true_time = time.time
_true_time_ns = time.time_ns


def _shift() -> float:
    try:
        with open(_FILE, encoding="ascii") as file:  # noqa: PTH123 - pathlib need not be loaded for this
            return float(file.read() or 0)
    except (OSError, ValueError):
        return 0.0


if _FILE:
    time.time = lambda: _true_time() + _shift()
    time.time_ns = lambda: _true_time_ns() + int(_shift() * 10**9)
