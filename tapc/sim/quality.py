"""How good a simulated model is, and how good a text looks.

Quality shows in a text the way it does in real ones: worked steps, sums that are right, a check at the end, no hedging,
no repetition, enough to read. `estimate` reads these features again, in any language, without knowing who wrote.
"""

import re

import msgspec

from tapc.sim.draws import Draws, digest

SIZES = {
    "nano": 0.1,
    "tiny": 0.15,
    "small": 0.3,
    "mini": 0.35,
    "base": 0.5,
    "medium": 0.5,
    "large": 0.75,
    "xl": 0.85,
    "huge": 0.9,
    "judge": 0.85,
    "reward": 0.85,
}
DEFAULT = 0.6
MAX_STEPS = 5


def model_quality(model: str) -> float:
    """Quality of a model from 0 to 1: by a part of its name (`sim-large`, `sim-q70`), else drawn from the name."""
    for part in reversed(model.lower().split("-")):
        if part in SIZES:
            return SIZES[part]
        if re.fullmatch(r"q\d{1,2}|q100", part):
            return int(part[1:]) / 100
    if model == "sim":
        return DEFAULT
    return 0.3 + 0.5 * Draws(digest(model), b"quality").unit()


def judge_noise(model: str) -> float:
    """Standard deviation of a model's opinion of quality: the better it is, the surer."""
    return 0.03 + 0.12 * (1.0 - model_quality(model))


_STEP = re.compile(r"^\s*\d+[.)] ", re.MULTILINE)
_SUM = re.compile(r"(\d+) ([×+]) (\d+) = (\d+)")
_SENTENCE = re.compile(r"[^.!?。！？।။။።؟۔…\n]{12,}")


class Features(msgspec.Struct, frozen=True):
    """What can be seen of a text's quality: steps, sums and wrong sums, share of repeated sentences, hedges, bytes."""

    steps: int
    sums: int
    wrong: int
    repeated: float
    hedges: int
    size: int


def features(text: str) -> Features:
    """Read the features of a text."""
    sums = [_right(*found) for found in _SUM.findall(text)]
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(text)]
    repeated = 1.0 - len(set(sentences)) / len(sentences) if sentences else 1.0
    size = len(text.encode("utf-8", "replace"))
    return Features(len(_STEP.findall(text)), len(sums), sums.count(False), repeated, text.count("…"), size)


def estimate(text: str) -> float:
    """Quality of a text from 0 to 1, read from its features."""
    seen = features(text)
    right = 1.0 - seen.wrong / seen.sums if seen.sums else 0.4
    value = 0.10 + 0.30 * min(MAX_STEPS, seen.steps) / MAX_STEPS + 0.30 * right
    value += 0.15 * min(1.0, seen.size / 700) + 0.15 * (1.0 - min(3, seen.hedges) / 3) - 0.6 * seen.repeated
    return max(0.0, min(1.0, value))


def _right(left: str, sign: str, right: str, result: str) -> bool:
    if max(len(left), len(right), len(result)) > 9:
        return False
    found = int(left) * int(right) if sign == "×" else int(left) + int(right)
    return found == int(result)
