"""What a check is to the steps that use it, and what several checks need; the checks are in `tapc.kinds.checks`.

`protocol.py` has the three forms of a check: one that looks at a text alone (`CandidateCheck`), one that also remembers
what was accepted before, in order of rank (`MemoryCheck`), and one that asks a program (`AskingCheck`). A `Subject` is
the text with its structure and the slot's axes; a `CheckRuntime` registers what runs a kind. `json.py` reads JSON of
models strictly, `words.py` counts words of any script.

A check returns what is wrong with a text, or None; it reads no clock, draws nothing at random, and sees one text at a
time. Start reading in `protocol.py`. Imports `tapc.ir` and what is below it.
"""

from tapc.checks.json import NoJson, parse_json, two_ways
from tapc.checks.protocol import (
    AskingCheck,
    CandidateCheck,
    CheckRuntime,
    CheckTools,
    MemoryCheck,
    Score,
    Subject,
    TextFiles,
)

__all__ = [
    "AskingCheck",
    "CandidateCheck",
    "CheckRuntime",
    "CheckTools",
    "MemoryCheck",
    "NoJson",
    "Score",
    "Subject",
    "TextFiles",
    "parse_json",
    "two_ways",
]
