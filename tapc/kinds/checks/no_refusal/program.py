"""`require no_refusal`: the answer is none of the ways models decline, which are listed in `refusals.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import regex

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.ir import Check
from tapc.kinds.checks.no_refusal.spec import KIND

Pattern = regex.Pattern[str]

HEAD = 400
"""Characters at the beginning in which a refusal is looked for; later, people in a story may decline things."""

_BREATH = 90
"""Letters from an apology to what it is for; no more than one sentence may end between."""


class Phrase(NamedTuple):
    """A way to decline; see `refusals.toml` for the fields."""

    languages: str
    part: str
    pattern: str
    source: str


class Apology(NamedTuple):
    """A way to say sorry, and one to say that the speaker cannot; see `refusals.toml` for the fields."""

    languages: str
    sorry: str
    cannot: str
    source: str


class Refusals(msgspec.Struct, frozen=True):
    """The tables of `refusals.toml`."""

    phrase: tuple[Phrase, ...]
    apology: tuple[Apology, ...]


def read_refusals() -> Refusals:
    """The tables, checked for missing and unknown fields."""
    tables = tomllib.loads(Path(__file__).with_name("refusals.toml").read_text("utf-8"))
    return Refusals(
        tuple(Phrase(**entry) for entry in tables["phrase"]), tuple(Apology(**entry) for entry in tables["apology"])
    )


class RefusalCheck:
    """Looks for a refusal at the head of an answer. Endpoints that say `refusal` themselves are not asked here."""

    reason = "refusal"

    def __init__(self, check: Check, tools: CheckTools) -> None:  # noqa: ARG002 - what every check is given
        self._field = check.field
        self._phrases, self._apology, self._refusals = _compiled()

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        head = " ".join(subject.text(self._field)[:HEAD].split()).replace("’", "'").casefold()
        found = next((m for part, pattern in self._phrases if part in head and (m := pattern.search(head))), None)
        if found is None and self._apology.search(head):
            found = next((m for pattern in self._refusals if (m := pattern.search(head))), None)
        return None if found is None else f"declines: {found[0][:80]!r}"


@cache
def _compiled() -> "tuple[tuple[tuple[str, Pattern], ...], Pattern, tuple[Pattern, ...]]":
    tables = read_refusals()
    phrases = tuple((one.part, regex.compile(one.pattern)) for one in tables.phrase)
    apology = regex.compile(rf"\b(?:{'|'.join(one.sorry for one in tables.apology)})")
    breath = rf"[^.!?。！？।]{{0,{_BREATH}}}?(?:[.!?。！？।][^.!?。！？।]{{0,{_BREATH}}}?)?"
    refusals = tuple(regex.compile(rf"\b(?:{one.sorry}){breath}(?:{one.cannot})") for one in tables.apology)
    return phrases, apology, refusals


RUNTIME = CheckRuntime(KIND.name, RefusalCheck)
