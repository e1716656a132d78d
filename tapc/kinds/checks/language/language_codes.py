"""Languages as CLD2 knows them, and their close relatives."""

from tapc.kinds.checks.language.cld2 import known_codes

_CODES = {"he": "iw", "jv": "jw", "nb": "no", "nn": "nn", "fil": "tl", "yue": "zh-Hant", "arb": "ar", "cmn": "zh"}
"""CLD2's codes where they are not the ISO ones."""

_UNKNOWN = frozenset({"ast", "ckb", "dgo", "ff", "kok", "mai", "nah", "new", "sat", "shn", "szl", "tcy", "nqo"})
"""Languages people ask for that CLD2 would call another's name."""

_KIN: tuple[frozenset[str], ...] = (
    frozenset({"hr", "bs", "sr"}),
    frozenset({"no", "nn"}),
    frozenset({"rw", "rn"}),
    frozenset({"fa", "tg"}),
    frozenset({"zh", "zh-Hant"}),
    frozenset({"bo", "dz"}),
)
"""Standards so close that CLD2 cannot be asked to tell them apart; the standard is a matter of the prompt."""

_MIXED_UP: tuple[frozenset[str], ...] = (frozenset({"cs", "sk", "sl", "hr", "bs", "sr"}),)
"""Languages of which CLD2 takes four words of one for another and is sure of it."""

_TWINS: tuple[frozenset[str], ...] = (frozenset({"id", "ms"}),)
"""Languages of the same words, of which CLD2 often finds the wrong one even in long texts."""

_GROUPS = (_KIN, _MIXED_UP, _TWINS)

_ALONE = frozenset(
    {"th", "ta", "te", "kn", "ml", "gu", "pa-Guru", "or", "si", "km", "lo", "my", "ka", "hy", "el", "ko", "ja", "zh"}
    | {"dv", "chr", "yi", "he"}
)
"""Languages whose script no other language uses that CLD2 knows (Yiddish apart, which needs its own letters)."""


def base_of(language: str) -> str:
    """The language subtag by which the tables list a language."""
    return {"tl": "fil", "iw": "he", "no": "nb", "in": "id", "cmn": "zh", "arb": "ar", "swh": "sw"}.get(
        language, language
    )


def code_of(base: str, script: str | None) -> str | None:
    """CLD2's code, None where it does not know the language."""
    if base == "zh":
        return "zh-Hant" if script == "Hant" else "zh"
    code = _CODES.get(base, base)
    return None if base in _UNKNOWN or code not in known_codes() else code


def relatives(code: str | None) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Codes that count as a language, those it is confused with in very short texts, and those of similar languages."""
    if code is None:
        return frozenset(), frozenset(), frozenset()
    same, mixed, twins = (frozenset[str]().union(*(g for g in groups if code in g)) for groups in _GROUPS)
    return same | {code}, mixed, twins


def distinct_script(base: str, script: str) -> bool:
    """Whether script alone decides."""
    return base in _ALONE or f"{base}-{script}" in _ALONE
