"""`require` checks, one file each."""

from tapc.checks.face import (
    AskingCheck,
    CandidateCheck,
    CheckRuntime,
    CheckTools,
    MemoryCheck,
    Score,
    Subject,
    TextFiles,
)
from tapc.checks.json import NoJson, parse_json, two_ways
from tapc.checks.language import expected_language, wrong_language

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
    "expected_language",
    "parse_json",
    "two_ways",
    "wrong_language",
]
