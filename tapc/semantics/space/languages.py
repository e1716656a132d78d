"""BCP-47 tags: what is known of them, and whether they are tags at all.

Common languages are in a table that ships with tapc; the registry is only loaded for others, since it is slow to
import.
"""

import csv
import io
from functools import cache
from typing import Literal

import msgspec

from tapc.diagnostics import Edit, Fix, did_you_mean
from tapc.ir import Language
from tapc.semantics.report import Place
from tapc.semantics.space.context import Context
from tapc.source import DiskLoader, bundled_dir

_RIGHT_TO_LEFT = frozenset((
    "Adlm", "Arab", "Aran", "Armi", "Avst", "Chrs", "Cprt", "Elym", "Gara", "Hatr", "Hebr", "Hung", "Khar", "Lydi",
    "Mand", "Mani", "Mend", "Merc", "Mero", "Narb", "Nbat", "Nkoo", "Orkh", "Ougr", "Palm", "Phli", "Phlp", "Phnx",
    "Prti", "Rohg", "Samr", "Sarb", "Sogd", "Sogo", "Syrc", "Thaa", "Yezi",
))  # fmt: skip
MAX_TAG = 60


class KnownLanguage(msgspec.Struct, frozen=True):
    """A row of the shipped table.

    Attributes:
        tokens_per_char: measured tokens a character, by tokenizer (`o200k`, `tekken`).
    """

    language: Language
    tokens_per_char: dict[str, float]


@cache
def known_languages() -> dict[str, KnownLanguage]:
    """The shipped table (`stdlib/languages/languages.csv`) by tag."""
    data = DiskLoader().read(bundled_dir("stdlib") / "languages" / "languages.csv").decode()
    found: dict[str, KnownLanguage] = {}
    for row in csv.DictReader(io.StringIO(data)):
        direction: Literal["ltr", "rtl"] = "rtl" if row["direction"] == "rtl" else "ltr"
        language = Language.trusted(
            tag=row["tag"], name=row["name"], endonym=row["endonym"], script=row["script"], direction=direction
        )
        tokens = {name: float(row[f"tokens_per_char_{name}"]) for name in ("o200k", "tekken")}
        found[language.tag] = KnownLanguage(language, tokens)
    return found


def language_of(context: Context, tag: str, place: Place) -> Language | None:
    """What a tag stands for; None after a finding."""
    known = known_languages().get(tag)
    if known is not None:
        return known.language
    if len(tag) > MAX_TAG or not tag.isascii():
        _unknown(context, tag, place)
        return None
    return _registered(context, tag, place)


def _registered(context: Context, tag: str, place: Place) -> Language | None:
    import langcodes  # noqa: PLC0415 - slow, and only needed for tags outside the shipped table

    try:
        canonical = langcodes.standardize_tag(tag) if langcodes.tag_is_valid(tag) else None
    except ValueError:
        canonical = None
    if canonical is None:
        _unknown(context, tag, place)
        return None
    if canonical != tag:
        fix = Fix(f"write `{canonical}`", (Edit(place.file, place.span, canonical),), safe=False)
        message = f"`{tag}` is written `{canonical}`"
        context.report.add("TAP217", message, place, fixes=(fix,))
        return None
    found = langcodes.Language.get(tag)
    script = found.script or found.maximize().script or "Zyyy"
    name = found.display_name("en")
    if _says_nothing(found.language):
        notes = ("write the tag of a language, such as `en` or `en-x-pirate`", "or give the mix another name")
        context.report.add(
            "TAP227", f'`{tag}` does not name a language: prompts would say "{name}"', place, notes=notes
        )
    return Language.trusted(
        tag=tag,
        name=name,
        endonym=found.autonym() or name,
        script=script,
        direction="rtl" if script in _RIGHT_TO_LEFT else "ltr",
    )


def _says_nothing(code: str | None) -> bool:
    """Whether a code of ISO 639 is one for no language, or for private use."""
    if code is None or code in ("und", "mul", "mis", "zxx"):
        return True
    return code.startswith("x-") or (len(code) == 3 and "qaa" <= code <= "qtz")


def _unknown(context: Context, tag: str, place: Place) -> None:
    better = _by_name(tag) or did_you_mean(tag, known_languages())
    fixes = (Fix(f"write `{better}`", (Edit(place.file, place.span, better),), safe=False),) if better else ()
    notes = (f"did you mean `{better}`?",) if better else ("tags are such as `en`, `zh-Hans`, `pt-BR`",)
    context.report.add("TAP216", f"`{tag}` is not a language tag", place, notes=notes, fixes=fixes)


def _by_name(word: str) -> str | None:
    """The tag of a language called so in English or in itself, or by the code of its country."""
    folded = word.replace("_", " ").casefold()
    for tag, known in known_languages().items():
        names = (known.language.name.casefold(), known.language.endonym.casefold())
        if folded in names or folded == names[0].partition(" (")[0]:
            return tag
    return {"cn": "zh-Hans", "jp": "ja", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk"}.get(folded)
