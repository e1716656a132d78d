"""`require` checks, one file each."""

from tapc.checks.compile import compile_check
from tapc.checks.face import CandidateCheck, CheckTools, MemoryCheck, Score, Subject, TextFiles
from tapc.checks.json import NoJson, parse_json, two_ways
from tapc.checks.language import expected_language, wrong_language

__all__ = [
    "CandidateCheck",
    "CheckTools",
    "MemoryCheck",
    "NoJson",
    "Score",
    "Subject",
    "TextFiles",
    "compile_check",
    "expected_language",
    "parse_json",
    "two_ways",
    "wrong_language",
]
