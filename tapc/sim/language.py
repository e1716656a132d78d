"""Which language a prompt wants its answer in."""

import re
from functools import cache
from typing import Any

from tapc.sim.banks import languages

DEFAULT = "en"
_WORD = re.compile(r"[^\W\d_]+(?:-[A-Za-z0-9]{2,8})*")
_TAG = re.compile(
    r"\b(?:language|lang|locale|bcp-?47|sprache|langue|idioma)\b[\s:=\"'`(]*([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\b"
    r"|[(\[`\"']([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)[)\]`\"']"
    r"|\b([a-z]{2,3}-[A-Z][A-Za-z]{1,3})\b"
    r"|\bin ([a-z]{2,3})(?=[.,;:)\n]|$)"
)
_BEFORE = frozenset({"in", "into", "using", "language", "auf", "en", "em", "på", "to", "simplified", "traditional"})
_AFTER = frozenset(
    {
        "answer",
        "answers",
        "article",
        "dialogue",
        "essay",
        "exam",
        "exercise",
        "exercises",
        "language",
        "letter",
        "only",
        "paragraph",
        "poem",
        "problem",
        "problems",
        "prompt",
        "prompts",
        "question",
        "questions",
        "sentence",
        "sentences",
        "speaker",
        "speakers",
        "story",
        "text",
        "translation",
        "version",
    }
)
_ENGLISH = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "explain",
        "for",
        "give",
        "how",
        "in",
        "is",
        "of",
        "that",
        "the",
        "this",
        "to",
        "what",
        "which",
        "why",
        "with",
        "write",
        "you",
    }
)
_SIMILAR = {"hr": "hr", "bs": "hr", "nn": "nb", "ms": "id", "sh": "hr", "gl": "pt"}


class _Names:
    """Look-up tables made once from the languages."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.script: list[tuple[str, str]] = []
        self.cld = {language.cld: tag for tag, language in languages().items()}
        for tag, language in languages().items():
            for name in language.names:
                if ord(name[0]) > 0x24F:
                    self.script.append((name, tag))
                elif " " not in name:
                    self.words[name] = tag


@cache
def _names() -> _Names:
    return _Names()


def answer_language(system: str, user: str) -> str:
    """The tag of the language to answer in.

    A language asked for by name, own name or tag wins (the last mention in the user's message, else in the system
    message); else the answer is in the language of the user's message; else English.
    """
    return _asked(user) or (_asked(system) if system else None) or _written(user)


def match_tag(tag: str) -> str | None:
    """The language written for a BCP-47 tag: the tag itself, or its primary language; None where there is none."""
    known = languages()
    if tag in known:
        return tag
    primary, _, rest = tag.partition("-")
    primary = primary.lower()
    if primary in ("zh", "cmn"):
        wanted = "zh-Hant" if any(part in rest.lower() for part in ("hant", "tw", "hk", "mo")) else "zh-Hans"
        return wanted if wanted in known else None
    primary = {"no": "nb", "iw": "he", "fil": "tl", "in": "id"}.get(primary, primary)
    return primary if primary in known else None


def _asked(text: str) -> str | None:
    names = _names()
    if not text.isascii():
        for name, tag in names.script:
            if name in text and _mostly_latin(text):
                return tag
    found: str | None = None
    words = names.words
    lowered = text.lower()
    pieces = _WORD.findall(lowered)
    for at, word in enumerate(pieces):
        tag = words.get(word)
        if tag is not None and _meant(pieces, at):
            found = _variant(tag, pieces, at)
    return found or _tagged(text)


def _meant(pieces: list[str], at: int) -> bool:
    """Whether a language's name asks for the language, rather than naming a revolution or a dish."""
    if len(pieces) == 1 or (at > 0 and pieces[at - 1] in _BEFORE):
        return True
    return any(word in _AFTER for word in pieces[at + 1 : at + 3])


def _variant(tag: str, pieces: list[str], at: int) -> str:
    if tag == "zh-Hans" and "traditional" in pieces[max(0, at - 1) : at + 2]:
        return "zh-Hant" if "zh-Hant" in languages() else DEFAULT
    return tag


def _tagged(text: str) -> str | None:
    found: str | None = None
    for match in _TAG.finditer(text):
        asked = str(next(filter(None, match.groups())))
        found = match_tag(asked) or (DEFAULT if asked.lower().startswith("zh") else found)
    return found


def _mostly_latin(text: str) -> bool:
    latin = sum(char.isascii() for char in text)
    return latin * 2 > len(text)


def _written(text: str) -> str:
    if text.isascii() and len(_ENGLISH.intersection(text.lower().split())) >= 2:
        return DEFAULT
    import pycld2  # noqa: PLC0415 - a C extension of several MB, not needed for English prompts

    identify: Any = pycld2  # it ships no types

    clean = "".join(char if char.isprintable() else " " for char in text)
    try:
        reliable, _, details = identify.detect(clean.encode("utf-8", "ignore"), bestEffort=True)
    except identify.error:
        return DEFAULT
    code: str = details[0][1]
    if code == "un" or (not reliable and text.isascii()):
        return DEFAULT
    return _names().cld.get(code) or match_tag(_SIMILAR.get(code, code)) or DEFAULT
