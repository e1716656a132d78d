"""The simulated judge: finds the judged texts in a prompt and has an opinion of each."""

import re

import msgspec

from tapc.sim.draws import Draws, digest
from tapc.sim.quality import estimate, judge_noise

_TAGGED = re.compile(r"<([a-z][a-z0-9]*(?:[-_][A-Za-z0-9]+)*)>\n?(.*?)\n?</\1>", re.DOTALL)
_FENCED = re.compile(r"^(`{3,}|~{3,}|={4,}|-{4,})[^\n]*\n(.*?)\n\1", re.DOTALL | re.MULTILINE)
_LABELED = re.compile(
    r"^[#*\[( ]*(?:answer|response|completion|candidate|assistant|output|text)[ _-]*([A-Z]|\d+)?[\])*]*\s*:?[*]*\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_JUDGING = re.compile(
    r"\b(?:judge|rate|rating|score|evaluate|assess|grade|rank|compare|rubric|better)\b", re.IGNORECASE
)
_WHOLE = re.compile(r"\b(?:judge|rate|evaluate|assess|grade|rubric)\b", re.IGNORECASE)
_ANSWER = re.compile(r"^(?:answer|response|completion|candidate|output|assistant|text|option)", re.IGNORECASE)
_LOWER = re.compile(r"lower is better|lower better|false is better", re.IGNORECASE)
_BAD_NAMES = re.compile(
    r"severity|harm|toxic|unsafe|hallucinat|error|mistake|refus|violat|bias|risk|verbos|repetit", re.IGNORECASE
)
HALO = 0.6
"""Share of a judge's noise that all aspects of one text have in common."""


class Court(msgspec.Struct, frozen=True):
    """Texts to be judged, and the rubric around them.

    Attributes:
        texts: in the order of the prompt.
        rubric: the prompt without them.
        case: what the texts answer, the same whichever of them is judged.
        even: whether the judge finds all answers in the case equally good.
    """

    texts: tuple[str, ...]
    rubric: str
    case: str = ""
    even: bool = False

    def opinion(self, candidate: int, aspect: str, model: str, key: bytes) -> float:
        """What the judge thinks of a text in an aspect, from 0 to 1, higher better."""
        if self.even:
            return 0.5
        text = self.texts[min(candidate, len(self.texts) - 1)]
        noise = judge_noise(model)
        common = Draws(digest(key, text), b"halo").normal()
        own = Draws(digest(key, text, aspect), b"aspect").normal()
        value = estimate(text) + noise * (HALO * common + (1 - HALO) * own)
        return max(0.0, min(1.0, value))

    def lower(self, aspect: str, description: str) -> bool:
        """Whether a smaller value is the better one: the rubric says so next to the name, else the name tells."""
        if description and _LOWER.search(description):
            return True
        at = self.rubric.find(aspect)
        line = self.rubric[at : at + 240].split("\n", 1)[0] if at >= 0 else ""
        if _LOWER.search(line):
            return True
        return "is better" not in line and _BAD_NAMES.search(aspect) is not None


def court(system: str, user: str) -> Court | None:
    """The judged texts of a prompt, or None where nothing is to be judged.

    Texts are in tags (`<answer-1-mark>`), in code fences, or below labels (`Response A:`); where a prompt asks for a
    judgement and has none of these, all of it is judged.
    """
    if not _JUDGING.search(user) and not _JUDGING.search(system):
        return None
    tagged = [(match[1], match[2]) for match in _TAGGED.finditer(user)]
    answers = [text for tag, text in tagged if _ANSWER.match(tag)]
    if tagged:
        case = "\n".join(text for tag, text in tagged if not _ANSWER.match(tag))
        return Court(tuple(answers or [tagged[-1][1]]), _TAGGED.sub("", f"{system}\n{user}"), case)
    fenced = [match[2] for match in _FENCED.finditer(user)]
    if fenced:
        return Court(tuple(fenced), _FENCED.sub("", f"{system}\n{user}"))
    labels = list(_LABELED.finditer(user))
    if labels:
        ends = [label.start() for label in labels[1:]] + [len(user)]
        texts = [user[label.end() : end].strip() for label, end in zip(labels, ends, strict=True)]
        return Court(tuple(texts), f"{system}\n{user[: labels[0].start()]}")
    return Court((user,), f"{system}\n{user}") if _WHOLE.search(f"{system}\n{user}") else None
