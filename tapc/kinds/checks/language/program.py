"""`require language`: is a text in the language its slot asks for?

Two questions, asked of the text without code, formulas and links. *Script*: at least half of the letters, weighed by
how much a letter says, must be of the language's script. *Language*: where several languages share the script, CLD2 has
to find the language, or a standard of it that it cannot tell apart.

Thresholds (all on prose, in letters weighed as above):

- under 12: only the script is judged, since the language of "Oxygen" is undecidable;
- under 25: what CLD2 takes for a Slavic neighbor of a Slavic language in Latin letters passes;
- from 12: the wanted language must be what CLD2 finds for at least 60% of the text it recognizes;
- under 60, where it finds another one, each side is heard with CLD2 told to expect it: the text passes if it fits the
  wanted language at least `1 / FAVOR` times as well as the other. Languages of the same words, such as Indonesian and
  Malay, get that hearing at any length;
- of languages that CLD2 takes for each other (Macedonian and Serbian, Danish and Norwegian, …), letters and words that
  only one of them has decide first: they let a text pass that has its own and clearly fewer of the other's, and turn
  one down that has the other's alone.

`bench/langid.py` shows what passes for what: of 1,574 short sentences in 79 languages and more, 3 are rejected in
their own language, and 189 of 46,679 pass for another one of their script, a quarter of what passes without a hearing.
`bench/langid_udhr.py` measures an independent text, the Universal Declaration of Human Rights: of 4,507 paragraphs
in 77 languages 7 are rejected in their own language, and 77 of 96,141 pass for another one of their script.
A second detector (lingua, 96 MB, without Galician, Nepali and Javanese) would have helped no more.
"""

from functools import lru_cache

import msgspec
import regex

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.ir import Check
from tapc.kinds.checks.language.cld2 import detect
from tapc.kinds.checks.language.language_codes import base_of, code_of, distinct_script, relatives
from tapc.kinds.checks.language.scripts import Script, script_of
from tapc.kinds.checks.language.siblings import siblings_of
from tapc.kinds.checks.language.spec import KIND

MOST = 2000
"""Characters looked at: half from the head and half from the tail of a longer text."""

_NOT_PROSE = regex.compile(
    r"```.*?(?:```|\Z)"  # fenced code
    r"|`[^`\n]*`"
    r"|\$\$.*?\$\$|\$[^$\n]{1,200}\$|\\\[.*?\\\]|\\\(.*?\\\)"  # formulas
    r"|https?://\S+|www\.\S+|\S+@\S+\.\S+"
    r"|</?[A-Za-z][^<>]{0,200}>"  # tags
    r"|\\[A-Za-z]+",  # commands outside of formulas
    regex.DOTALL,
)

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\p{Cn}\p{Co}]+")


def prose_of(text: str) -> str:
    """Leave out what says nothing about the language; if nothing remains, the text as it is."""
    if len(text) > MOST:
        text = text[: MOST // 2] + "\n" + text[-MOST // 2 :]
    rest = text
    if any(mark in text for mark in ("`", "$", "\\", "http", "www.", "@", "<")):
        rest = _NOT_PROSE.sub(" ", text)
        if not rest.strip():
            rest = text
    return _CONTROL.sub(" ", rest)


SCRIPT_SHARE = 0.5
SCRIPT_ONLY = 12
VERY_SHORT = 25
SHORT = 60
LANGUAGE_SHARE = 60
FAVOR = 1.4
_CLEARLY = 3
"""Times as many of the language's own as of the sibling it was taken for, that let a text pass."""


class Expectation(msgspec.Struct, frozen=True):
    """What a language tag asks for.

    Attributes:
        tag: BCP-47.
        script: how it is written.
        code: CLD2's, None where CLD2 does not know the language.
        accepted: CLD2 codes that count as the language.
        mixed_up: codes that CLD2 gives very short texts in it.
        twins: codes of languages that only a hearing tells apart from it.
        alone: whether no other language CLD2 knows is written so, and the script decides.
    """

    tag: str
    script: Script
    code: str | None
    accepted: frozenset[str]
    mixed_up: frozenset[str]
    twins: frozenset[str]
    alone: bool


@lru_cache(maxsize=1024)
def expected_language(tag: str) -> Expectation:
    """Look a tag up; unknown subtags are judged by script alone."""
    from langcodes import Language  # noqa: PLC0415 - reads its tables when first used

    full = Language.get(tag).maximize()
    script = script_of(full.script or "Latn")
    base = base_of(full.language or tag)
    code = code_of(base, full.script)
    return Expectation(tag, script, code, *relatives(code), distinct_script(base, full.script or "Latn"))


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
    return _by_statistics(prose, wanted, total)


def _by_statistics(prose: str, wanted: Expectation, letters: int) -> str | None:
    found = detect(prose)
    others = [one for one in found.shares if one[0] not in wanted.accepted]
    told = _told_apart(prose, wanted, {code for code, _ in others})
    if told is not None:
        return told or None
    recognized = sum(percent for _, percent in found.shares)
    other = sum(percent for _, percent in others)
    if not others or 100 * (recognized - other) >= LANGUAGE_SHARE * recognized:
        return None
    rival, percent = others[0]
    if letters < VERY_SHORT and rival in wanted.mixed_up:
        return None
    if (letters < SHORT or rival in wanted.twins) and _heard(prose, wanted, rival):
        return None
    return f"looks like {rival} ({percent}%), not {wanted.tag}"


def _told_apart(prose: str, wanted: Expectation, found: set[str]) -> str | None:
    """What letters and words say where CLD2 mixes two languages up: a reason, empty where the text is as wanted.

    None where they say nothing, or what is mixed up is something else.
    """
    for code, sibling in siblings_of(wanted.code).items():
        if found - {code}:
            continue
        own, other = sibling.marks(prose)
        if other and not own:
            return f"looks like {code} ({other} letters or words of it), not {wanted.tag}"
        if found and own > _CLEARLY * other:
            return ""
    return None


def _heard(prose: str, wanted: Expectation, rival: str) -> bool:
    """Whether a text fits the wanted language as well as its rival, each heard with the detector on its side."""
    own = detect(prose, wanted.code).scores
    best = max((score for code, score in own.items() if code in wanted.accepted), default=0.0)
    return FAVOR * best >= detect(prose, rival).scores.get(rival, 0.0)


RUNTIME = CheckRuntime(KIND.name, LanguageCheck)
