"""`require language`: is a text in the language its slot asks for?

Two questions, asked of the text without code, formulas and links. *Script*: at least half of the letters, weighed by
how much a letter says, must be of the language's script. *Language*: where several languages share the script, CLD2 has
to find the language, or a close relative it cannot tell apart on so little text.

Thresholds (all on prose, in letters weighed as above):

- under 12: only the script is judged; nobody can tell the language of "Oxygen";
- under 60: CLD2 is told which language is wanted, and a text fails only if it is sure nevertheless that all of it is in
  another one, and no near relative;
- from 60: the wanted language (with relatives) must be what CLD2 finds for at least 60% of the text it recognises.
"""

from functools import lru_cache

import msgspec

from tapc.checks.cld2 import detect
from tapc.checks.face import CheckTools, Subject
from tapc.checks.prose import prose_of
from tapc.checks.scripts import Script, script_of
from tapc.checks.tongues import accepted_codes, base_of, code_of, distinct_script
from tapc.ir import Check

SCRIPT_SHARE = 0.5
SCRIPT_ONLY = 12
SHORT = 60
LANGUAGE_SHARE = 60


class Expectation(msgspec.Struct, frozen=True):
    """What a language tag asks for.

    Attributes:
        tag: BCP-47.
        script: how it is written.
        code: CLD2's, None where CLD2 does not know the language.
        accepted: CLD2 codes that count as the language.
        lenient: those that also count on short texts.
        alone: whether no other language CLD2 knows is written so, and the script decides.
    """

    tag: str
    script: Script
    code: str | None
    accepted: frozenset[str]
    lenient: frozenset[str]
    alone: bool


@lru_cache(maxsize=1024)
def expected_language(tag: str) -> Expectation:
    """Look a tag up; unknown subtags are judged by script alone."""
    from langcodes import Language  # noqa: PLC0415 - reads its tables when first used

    full = Language.get(tag).maximize()
    script = script_of(full.script or "Latn")
    base = base_of(full.language or tag)
    code = code_of(base, full.script)
    strict, lenient = accepted_codes(code) if code else (frozenset[str](), frozenset[str]())
    return Expectation(tag, script, code, strict, lenient, distinct_script(base, full.script or "Latn"))


class LanguageCheck:
    """Judges the language of a text; see the module."""

    reason = "language"

    def __init__(self, check: Check, tools: CheckTools) -> None:
        self._field = check.field
        self._axis = tools.language_axis

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`. A slot without the axis asks for nothing."""
        tag = subject.axes.get(self._axis)
        return None if tag is None else wrong_language(subject.text(self._field), tag)


def wrong_language(text: str, tag: str) -> str | None:
    """Why a text is not in a language, None where it is (or nothing speaks against it)."""
    wanted = expected_language(tag)
    prose = prose_of(text)
    own, total = wanted.script.weigh(prose)
    if total == 0:
        return None
    if own < SCRIPT_SHARE * total:
        return f"{100 * own / total:.0f}% of the letters are {wanted.script.name}, as {tag} is written"
    odd = wanted.script.contradiction(prose)
    if odd is not None:
        return odd
    if wanted.alone or wanted.code is None or total < SCRIPT_ONLY:
        return None
    return _by_statistics(prose, wanted, short=total < SHORT)


def _by_statistics(prose: str, wanted: Expectation, *, short: bool) -> str | None:
    found = detect(prose, wanted.code if short else None)
    if not found.shares:
        return None
    accepted = wanted.lenient if short else wanted.accepted
    share = sum(percent for code, percent in found.shares if code in accepted)
    recognised = sum(percent for _, percent in found.shares)
    if 100 * share >= LANGUAGE_SHARE * recognised or (short and (share > 0 or not found.sure)):
        return None
    best, percent = max(found.shares, key=lambda one: one[1])
    return f"looks like {best} ({percent}%), not {wanted.tag}"
