"""`require clean_of "bench/*.jsonl" { ngram 8 }`: no run of words in common with benchmark files."""

import hashlib
from collections.abc import Iterator

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.checks.words import is_unspaced, tokens_of
from tapc.kinds.checks.clean_of.spec import KIND, CleanOf

DEFAULT_NGRAM = 8

LEAST = 3
"""Shortest text, in words, that can be found as a whole."""


class CleanCheck:
    """Rejects texts that share `ngram` words in a row with a benchmark.

    Case and punctuation do not count. In writing systems without spaces two letters stand for a word. A benchmark text
    that is shorter than `ngram` words counts where the whole text is equal.
    """

    reason = "contaminated"

    def __init__(self, check: CleanOf, tools: CheckTools) -> None:
        texts = tools.texts
        if texts is None:
            raise TypeError(f"there are no texts of {check.pattern}")
        self._field = check.field
        self._ngram = check.ngram or DEFAULT_NGRAM
        self._files: list[str] = []
        self._seen: dict[bytes, int] = {}
        for name, contents in texts.texts(check.pattern or ""):
            self._files.append(name)
            for content in contents:
                for mark, _ in self._runs(content):
                    self._seen.setdefault(mark, len(self._files) - 1)

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        for mark, words in self._runs(subject.text(self._field)):
            file = self._seen.get(mark)
            if file is not None:
                return f"{self._files[file]} has {words!r}, too"
        return None

    def _runs(self, text: str) -> Iterator[tuple[bytes, str]]:
        """Every run of `ngram` words with its hash; the whole text where it is shorter."""
        words = tokens_of(text)
        unspaced = is_unspaced(words)
        size, least = (2 * self._ngram, 2 * LEAST) if unspaced else (self._ngram, LEAST)
        if len(words) < least:
            return
        joint = "" if unspaced else " "
        for start in range(max(1, len(words) - size + 1)):
            run = joint.join(words[start : start + size])
            yield hashlib.blake2b(run.encode(), digest_size=8).digest(), run


RUNTIME = CheckRuntime(KIND.name, CleanCheck)
