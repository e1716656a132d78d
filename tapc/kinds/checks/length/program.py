"""`require length A..B [chars|words|tokens]`."""

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.checks.words import count_words
from tapc.ir import Check
from tapc.kinds.checks.length.spec import KIND


class LengthCheck:
    """Bounds the length of a text.

    Characters are code points. Words are maximal runs without white space; in writing systems that do not space words
    (Han, kana, Thai, Lao, Khmer, Burmese, Tibetan) every letter counts as half a word, which is close to what
    segmenters find. Tokens are bounded by words from below and by UTF-8 bytes from above, since the tokenizer is not
    known: a text fails only where none could bring it inside.
    """

    reason = "length-bounds"

    def __init__(self, check: Check, tools: CheckTools) -> None:  # noqa: ARG002 - what every check is given
        self._field = check.field
        self._unit = check.unit
        self._low = check.minimum
        self._high = check.maximum
        self._low_strict = "minimum" in check.exclusive
        self._high_strict = "maximum" in check.exclusive

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        text = subject.text(self._field)
        least, most = self._measure(text)
        size = str(least) if least == most else f"{least} to {most}"
        low, high = self._low, self._high
        if low is not None and (most < low or (self._low_strict and most == low)):
            return f"{size} {self._unit}, under {low}"
        if high is not None and (least > high or (self._high_strict and least == high)):
            return f"{size} {self._unit}, over {high}"
        return None

    def _measure(self, text: str) -> tuple[int, int]:
        if self._unit == "chars":
            return len(text), len(text)
        words = count_words(text)
        if self._unit == "words":
            return words, words
        # a tokenizer that merges well still makes about one token of a word; one at byte level makes one of a byte
        return words, max(words, len(text.encode("utf-8", "surrogatepass")))


RUNTIME = CheckRuntime(KIND.name, LengthCheck)
