"""What a simulated judge says about the texts it read: it names the features its opinion follows from."""

import re
from collections.abc import Sequence

from tapc.sim.draws import Draws
from tapc.sim.quality import features

_GOOD_STEPS = ("It works through the task in {n} numbered steps.", "{n} steps lead to the result, one after the other.")
_NO_STEPS = ("It shows no worked steps.", "The reasoning is not laid out in steps.")
_WRONG = ("{n} of its sums do not come out.", "Checking the sums finds {n} that are wrong.")
_RIGHT = ("The sums are right.", "The arithmetic holds where it was checked.")
_HEDGED = ("It hedges where it should commit.", "Parts are left open with a shrug.")
_REPEATED = ("A sentence comes twice.", "It repeats itself.")
_BRIEF = ("It is brief for what was asked.", "More could have been said.")
_SOUND = ("It stays with the subject and closes the thought.", "The text is complete and readable.")
_NUMBERED = re.compile(r"\{n\}")


def rationale(draws: Draws, texts: Sequence[str]) -> str:
    """Two to four sentences for each text (at most three texts)."""
    if len(texts) == 1:
        return " ".join(_about(draws, texts[0]))
    return " ".join(f"{chr(ord('A') + at)}: {' '.join(_about(draws, text)[:2])}" for at, text in enumerate(texts[:3]))


def _about(draws: Draws, text: str) -> list[str]:
    seen = features(text)
    found = [_say(draws, _GOOD_STEPS, seen.steps) if seen.steps > 1 else _say(draws, _NO_STEPS, 0)]
    if seen.sums:
        found.append(_say(draws, _WRONG, seen.wrong) if seen.wrong else _say(draws, _RIGHT, 0))
    if seen.hedges:
        found.append(_say(draws, _HEDGED, 0))
    if seen.repeated > 0:
        found.append(_say(draws, _REPEATED, 0))
    if len(found) < 2:
        found.append(_say(draws, _SOUND if seen.size > 400 else _BRIEF, 0))
    return found[:4]


def _say(draws: Draws, forms: tuple[str, ...], number: int) -> str:
    return _NUMBERED.sub(str(number), draws.pick(forms))
