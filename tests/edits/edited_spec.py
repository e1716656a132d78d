"""A spec as a value, the text of it, and the edits that a user makes, chosen at random."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

Shares = tuple[tuple[str, int], ...]
"""Names with their weights, in the order of the spec."""

LANGUAGES = ("en", "sw", "zh", "fr")
TOPICS = ("optics", "heat", "waves", "cells")


@dataclass(frozen=True)
class Spec:
    """What edits change.

    Attributes:
        samples: samples of the dataset.
        topics: leaves of the taxonomy.
        languages: values of a mix that only the answer reads.
        levels: values of a mix that the question reads.
        question, answer: versions of the prompts.
    """

    samples: int = 12
    topics: Shares = (("optics", 1), ("heat", 1))
    languages: Shares = (("en", 1), ("sw", 1))
    levels: Shares = (("easy", 2), ("hard", 1))
    question: int = 0
    answer: int = 0

    def text(self) -> str:
        """The spec as a user writes it."""
        return "\n".join(
            (
                "tap 1",
                "dataset d {",
                f"  samples {self.samples}",
                f"  taxonomy topic {{ {_weighted(self.topics)} }}",
                f"  mix language {{ {_weighted(self.languages)} }}",
                f"  mix level {{ {_weighted(self.levels)} }}",
                '  endpoint w { model "sim-w", price { input $1/M, output $4/M } }',
                f'  generate question {{ using w, prompt "Ask {self.question} about {{{{ topic }}}}, {{{{ level }}}}." }}',
                f'  generate answer {{ using w, prompt "Say {self.answer} in {{{{ language }}}}: {{{{ question }}}}" }}',
                "  emit sft { from answer }",
                "}",
                "",
            )
        )


def _weighted(shares: Shares) -> str:
    return ", ".join(f"{name} {weight}" for name, weight in shares)


Edit = Callable[[Spec, random.Random], Spec]


def samples_up(spec: Spec, r: random.Random) -> Spec:
    """More samples, as after a look at the first ones."""
    return replace(spec, samples=min(30, spec.samples + r.randint(1, 8)))


def samples_down(spec: Spec, r: random.Random) -> Spec:
    """Fewer samples."""
    return replace(spec, samples=max(4, spec.samples - r.randint(1, 8)))


def language(spec: Spec, r: random.Random) -> Spec:
    """One language more, one less, or other shares."""
    return replace(spec, languages=_changed(spec.languages, LANGUAGES, r))


def topic(spec: Spec, r: random.Random) -> Spec:
    """One leaf more, one less, or other shares."""
    return replace(spec, topics=_changed(spec.topics, TOPICS, r))


def level_shares(spec: Spec, r: random.Random) -> Spec:
    """Other shares of a mix that the questions read."""
    return replace(spec, levels=_reweighted(spec.levels, r))


def question(spec: Spec, r: random.Random) -> Spec:
    """Another prompt of the first step, or an earlier one."""
    return replace(spec, question=r.randint(0, 2))


def answer(spec: Spec, r: random.Random) -> Spec:
    """Another prompt of the last step, or an earlier one."""
    return replace(spec, answer=r.randint(0, 2))


def _changed(shares: Shares, known: tuple[str, ...], r: random.Random) -> Shares:
    absent = [name for name in known if name not in dict(shares)]
    way = r.randrange(3)
    if way == 0 and absent:
        at = r.randint(0, len(shares))
        return (*shares[:at], (r.choice(absent), r.randint(1, 3)), *shares[at:])
    if way == 1 and len(shares) > 1:
        gone = r.choice(shares)
        return tuple(one for one in shares if one != gone)
    return _reweighted(shares, r)


def _reweighted(shares: Shares, r: random.Random) -> Shares:
    chosen = r.randrange(len(shares))
    return tuple((name, r.randint(1, 4) if n == chosen else weight) for n, (name, weight) in enumerate(shares))


EDITS: tuple[Edit, ...] = (samples_up, samples_down, language, topic, level_shares, question, answer)


def first_spec(r: random.Random) -> Spec:
    """Where a sequence of edits begins."""
    return replace(Spec(), samples=r.randint(6, 16))


def edited(spec: Spec, r: random.Random) -> Spec:
    """A spec after one edit, which may change nothing."""
    return r.choice(EDITS)(spec, r)
