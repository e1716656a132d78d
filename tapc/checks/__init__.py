"""What a check is to the steps that use it, and what several checks need; the checks are in `tapc.kinds.checks`."""

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
