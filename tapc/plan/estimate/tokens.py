"""Tokens of a text without a tokenizer: always as floor, expectation and ceiling."""

from collections.abc import Mapping

from tapc.jobs import Job, worst_case
from tapc.plan.estimate.standin import FILLER, HEAVY, WEIGHT

TYPICAL_TEMPLATE_TOKENS = 8
"""Tokens that a chat template adds to a request on average; the bound is the endpoint's `overhead`."""

MAX_BYTES_PER_TOKEN = 128
"""Longest token of the large vocabularies in use (runs of spaces); bounds the text that a token limit allows."""

DENSEST_CHARACTERS_PER_TOKEN = 8
"""Most characters per token over a whole prompt of ordinary text, for all tokenizers in use; gives the floor."""

_ASCII = 0.2
"""Tokens per character of English and of markup (0.191 measured on legal text, 0.214 on everyday text)."""

_UNKNOWN = 0.55
"""Tokens per character of other scripts if the language is not known."""

_CHARACTERS = {"zh": 0.32, "yue": 0.32, "ja": 0.36, "ko": 0.49}
"""Characters a text takes for each one in English, as in the parallel texts of bench/langid_texts.toml; where it is not
given, languages are taken to need as many."""


class Rates:
    """Tokens per character by language tag.

    Args:
        measured: tokens per character by tag; a missing tag falls back to its primary language.
    """

    def __init__(self, measured: Mapping[str, float]) -> None:
        self._measured = dict(measured)
        for tag, rate in measured.items():
            self._measured.setdefault(tag.split("-")[0], rate)

    def of(self, tag: str) -> float:
        """Tokens per character of texts in a language; of English if no language is known."""
        if not tag:
            return _ASCII
        return self._measured.get(tag) or self._measured.get(tag.split("-", maxsplit=1)[0]) or _UNKNOWN

    def same_content(self, tag: str) -> float:
        """Tokens that a content takes in a language for each token in English; 1 if no language is known."""
        characters = _CHARACTERS.get(tag.split("-", maxsplit=1)[0], 1.0)
        return max(1.0, self.of(tag) * characters / self.of("en")) if tag else 1.0


def expected_input(job: Job, language: str, rates: Rates) -> int:
    """Expected input tokens of a rendered job with stand-ins of expected length.

    Args:
        job: rendered job.
        language: language of its slot; empty if the dataset has none.
        rates: tokens per character.
    """
    narrow = foreign = filler = 0
    for message in job.messages:
        content = message.content
        unwritten = content.count(FILLER)
        ascii_here = len(content) if content.isascii() else len(content.encode("ascii", "ignore"))
        filler += unwritten
        narrow += ascii_here
        foreign += len(content) - unwritten - ascii_here
    rate = rates.of(language)
    schema = len(job.recipe.schema) if job.recipe.schema else 0
    foreign_rate = rate if rate > _ASCII else _UNKNOWN
    return round((narrow + schema) * _ASCII + foreign * foreign_rate + filler * rate) + TYPICAL_TEMPLATE_TOKENS


def least_input(job: Job) -> int:
    """A lower bound of input tokens for all tokenizers in use, without stand-ins."""
    written = sum(len(m.content) - m.content.count(FILLER) for m in job.messages)
    return written // DENSEST_CHARACTERS_PER_TOKEN


def most_input(job: Job) -> int:
    """An upper bound of input tokens, for a job whose stand-ins have one character for each possible byte."""
    unwritten = sum(m.content.count(FILLER) for m in job.messages)
    packed = sum(m.content.count(HEAVY) for m in job.messages)
    # a stand-in character has three bytes in UTF-8
    return worst_case(job).input - 2 * unwritten + (WEIGHT - 3) * packed
