"""Runs `tapc` with the arguments given and prints, as JSON, when each of its functions was first called.

A process of its own, since caches of one that ran before would hide calls.
"""

import json
import sys
import threading
from types import FrameType

from tapc.cli import main

first: dict[str, int] = {}


def note(frame: FrameType, event: str, _: object) -> None:
    """Keep the first call of a function: `tapc/file.py name`."""
    code = frame.f_code
    if event == "call" and (at := code.co_filename.rfind("/tapc/")) >= 0:
        first.setdefault(f"{code.co_filename[at + 1 :]} {code.co_qualname}", len(first))


threading.setprofile(note)
sys.setprofile(note)
try:
    main()
finally:
    sys.setprofile(None)
    print(json.dumps(first))
