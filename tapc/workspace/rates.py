"""Tokens a character by language, from the table that ships with tapc."""

import csv
from functools import cache

from tapc.plan import Rates
from tapc.source import bundled_dir


@cache
def language_rates() -> Rates:
    """The higher of the two tokenizers' measured rates for each language, since a plan should rather be dear."""
    path = bundled_dir("stdlib") / "languages" / "languages.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measured = {
        row["tag"]: max(float(row["tokens_per_char_o200k"]), float(row["tokens_per_char_tekken"])) for row in rows
    }
    return Rates(measured)
