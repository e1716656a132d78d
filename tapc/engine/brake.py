"""The brake: stops asking once it is certain that the plan's quota cannot be filled.

A wrong extractor, a prompt that a model never follows or a threshold that nothing reaches rejects sample after sample,
and each is replaced and paid for until every reserve is used up. The brake sees it after a few.

**What is tested.** A cell with n planned samples and r replacements cannot be filled if fewer than n of n + r samples
pass, so it needs an acceptance of n/(n+r) at least, reserve and its `at_least` included. Attempts are in it: a sample
passes if one of its attempts does. A sample passes only if it passes each check of each step, so what a test per step
and check could find, one test on samples finds, and needs no correction for their number: an acceptance of a step below
n/(n+r) is one of the sample. Which step and check is to blame follows from the reasons of what was rejected.

**How.** The null hypothesis is that every sample, given those before it, passes with the acceptance that its cell
needs, or a larger one. The evidence against it is a mixture of likelihood ratios, each a bet that the acceptance is a
share s of the needed one p: a rejected sample multiplies it by (1 - s p)/(1 - p), an accepted one by s. Under the null
hypothesis that is a supermartingale which begins at 1, so the chance that it *ever* reaches 1/a is at most a (Ville
1939), however often it is looked at. Mixtures of such bets are due to Robbins (1970); Waudby-Smith and Ramdas,
"Estimating means of bounded random variables by betting" (JRSS B, 2024), show that betting loses little in any case.
Samples are counted and not single attempts or candidates, since those of one sample share its cell and its prompt, and
fail together. A factor is linear in the chance to pass, so cells may differ: where all need the same and pass with
enough on average, the product of their factors is at most 1 on average, too.

**Why it is quiet.** The needed acceptance is taken as a half at most, so that a plan without a reserve is not
stopped for a rejected sample, and a plan that will end somewhat short is finished. Only the bet that nothing passes
at all goes up to `_SURE` where a sample has many tries, so that it is decided after some `TRIES` of them; and where
no candidate of a sample passed, its p is what each of them needs to pass with, so that as many pass as the sample
needs. A sample counts as passing if a reply is missing or was given up, which are the endpoint's faults and have
circuits of their own. Of texts that samples share, each is counted once. In a round of replacements the samples
that are accepted count as passing once more, before the new ones, which come from the cells that reject most.

Samples are read in order of rank and without gaps, so that what the brake does depends on replies and not on when they
came. It only stops asking; the fold goes on, and makes what `--offline` would make of the same store.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from math import comb, exp, log
from typing import Literal

import msgspec

from tapc.engine.fold import Finished, Pipeline, SpareSlots
from tapc.ir import Reserve
from tapc.steps import Rejection, Short, SlotKey

CHANCE = 1 / 2000
"""Chance at most that a plan is stopped whose samples pass often enough."""

TRIES = 190
"""Tries after which a plan is stopped that accepts nothing, where single tries need 5% or more."""

_HALF = 0.5
_SURE = 0.9

_NOTHING = 0.5
"""Weight of the bet that nothing passes."""

_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4)
"""Shares of the needed acceptance on which the other half of the evidence bets."""

_EXAMPLES = 3

_GAVE_UP = "gave-up"
"""Reason of texts that were never had: `tapc run --give-up` recorded that their requests fail."""


class Braked(msgspec.Struct, frozen=True):
    """Why the brake stopped a run.

    Attributes:
        step, reason: what rejected most of the samples.
        tried: samples that were counted, in order of rank.
        rejected: those of them that were rejected, for any reason.
        blamed: those of them that `step` rejected for `reason`.
        needed: the acceptance that the plan's reserve suffices for, 0..1.
        examples: the first texts that `step` rejected for `reason`.
    """

    step: str
    reason: str
    tried: int
    rejected: int
    blamed: int
    needed: float
    examples: tuple[Rejection, ...]


class Evidence:
    """Evidence that samples pass less often than they need to; see the module.

    Attributes:
        passed: samples that passed, to be kept by the caller.
    """

    def __init__(self) -> None:
        self.passed = self._failed = 0
        self._nothing = log(_NOTHING)
        self._shares = [log((1 - _NOTHING) / len(_SHARES))] * len(_SHARES)

    def failed(self, needed: float, needed_if_nothing: float) -> None:
        """A sample failed.

        Args:
            needed: acceptance that its cell needs, a half at most.
            needed_if_nothing: the same for the bet that nothing passes, below 1.
        """
        self._failed += 1
        self._nothing -= log(1 - needed_if_nothing)
        self._shares = [held + won for held, won in zip(self._shares, _won(needed), strict=True)]

    @property
    def enough(self) -> bool:
        """Whether the evidence is so strong that chance explains it in fewer than `CHANCE` of all plans."""
        if self.passed >= self._failed:  # then half or more pass, every bet lost, and there is nothing to add up
            return False
        held = [one + self.passed * log(share) for share, one in zip(_SHARES, self._shares, strict=True)]
        if not self.passed:
            held.append(self._nothing)
        most = max(held)
        return most + log(sum(exp(one - most) for one in held)) >= -log(CHANCE)


@lru_cache(maxsize=256)
def _won(needed: float) -> tuple[float, ...]:
    """What the bets on each share win by a rejected sample, as logarithms."""
    return tuple(log((1 - share * needed) / (1 - needed)) for share in _SHARES)


@lru_cache(maxsize=256)
def _of_each(needed: float, need: int, candidates: int) -> float:
    """Acceptance that each of some candidates needs, so that `need` of them pass with the chance `needed`."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        enough = sum(
            comb(candidates, n) * middle**n * (1 - middle) ** (candidates - n) for n in range(need, candidates + 1)
        )
        low, high = (low, middle) if enough >= needed else (middle, high)
    return low


class _Rejected(msgspec.Struct, frozen=True):
    """What is kept of a rejected sample until those before it are finished."""

    key: SlotKey
    step: str
    reason: str
    texts: tuple[Rejection, ...]
    keys: tuple[bytes, ...]
    nothing: bool
    """Whether no candidate of the step passed at any attempt."""


_Note = _Rejected | Literal["passed", "silent"]
"""What a finished sample says; a silent one is not counted."""


class Brake:
    """Watches finished samples.

    Args:
        pipeline: steps of the plan.
        spare: tells how many samples a cell has.
        reserve: replacements that a cell may use.
        needed: acceptance that the reserve of the whole plan suffices for; for messages.
        need: candidates that a sample needs of a step, by its name; 1 by default.
        exempt: steps whose rejections are meant, and not counted.

    Attributes:
        rank: the first sample that is not finished, or whose turn has not come.
        accepted: whether any sample is accepted, of any rank.
        braked: why to stop; None as long as there is no reason.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        spare: SpareSlots,
        reserve: Reserve,
        needed: float,
        *,
        need: Mapping[str, int] | None = None,
        exempt: frozenset[str] = frozenset(),
    ) -> None:
        self._spare = spare
        self._reserve = reserve
        self._needed = needed
        self._exempt = exempt
        self._tries = {
            program.name: sum(
                jobs.most * jobs.attempts * jobs.factory.recipe.n for jobs in program.job_classes if not jobs.per
            )
            for program in pipeline.programs
        }
        self._quorum = {
            program.name: (min((need or {}).get(program.name, 1), program.most_candidates), program.most_candidates)
            for program in pipeline.programs
            if program.most_candidates > 1
        }
        tries = max(self._tries.values(), default=0)
        # so many rejected samples decide it, at `tries` each: 1/(1 - p) of the bet to the power of them is enough
        self._sure = min(_SURE, max(_HALF, 1 - (_NOTHING * CHANCE) ** (tries / TRIES)))
        self._seen: set[bytes] | None = (
            set() if any(jobs.per for program in pipeline.programs for jobs in program.job_classes) else None
        )
        self._evidence = Evidence()
        self._ahead: dict[int, _Note] = {}
        self._tried = self._rejected = 0
        self._reasons: Counter[tuple[str, str]] = Counter()
        self._texts: dict[tuple[str, str], list[Rejection]] = {}
        self.rank = 0
        self.accepted = False
        self.braked: Braked | None = None

    def add(self, finished: Finished) -> None:
        """A sample is finished; samples may come in any order."""
        rank = finished.state.key.rank
        if finished.short is None:
            found = "passed"
            self.accepted = self.accepted or finished.status == "accepted"
        else:
            found = self._read(finished, finished.short)
        if rank != self.rank:
            self._ahead[rank] = found
            return
        self._take(found)
        while (next_one := self._ahead.pop(self.rank, None)) is not None:
            self._take(next_one)

    def next_round(self, accepted: int) -> None:
        """All samples so far are finished, and replacements follow.

        Args:
            accepted: samples that are accepted.
        """
        self._evidence.passed += accepted

    def _read(self, finished: Finished, short: Short) -> _Note:
        """What a sample says in which a step fell short."""
        texts = finished.state.rejections
        if any(text.reason == _GAVE_UP for text in texts):
            return "passed"
        if not texts or short.step in self._exempt:  # without a text, an input has no row left
            return "silent"
        own = [text for text in texts if text.step == short.step]
        told = tuple(text for text in own if text.reason == short.reason) or tuple(own)
        keys = () if self._seen is None else tuple(text.key for text in own)
        nothing = 0 < self._tries.get(short.step, 0) <= len(own)
        return _Rejected(finished.state.key, short.step, short.reason, told[:_EXAMPLES], keys, nothing=nothing)

    def _take(self, found: _Note) -> None:
        """The next sample by rank."""
        self.rank += 1
        if self.braked is not None or found == "silent":
            return
        if found == "passed":
            self._tried += 1
            self._evidence.passed += 1
        elif not self._known(found.keys):
            self._count(found)

    def _known(self, keys: tuple[bytes, ...]) -> bool:
        """Whether all texts of a rejected sample were counted for another one, which shares them."""
        if self._seen is None or not keys:
            return False
        known = b"" not in keys and self._seen.issuperset(keys)
        self._seen.update(keys)
        return known

    def _count(self, rejected: _Rejected) -> None:
        place = rejected.step, rejected.reason
        self._tried += 1
        self._rejected += 1
        self._reasons[place] += 1
        texts = self._texts.setdefault(place, [])
        texts += rejected.texts[: _EXAMPLES - len(texts)]
        planned = self._spare.planned(rejected.key)
        needed = planned / (planned + self._reserve.most(planned)) if planned else 0.0
        single = _of_each(needed, *self._quorum.get(rejected.step, (1, 1))) if rejected.nothing else 0.0
        self._evidence.failed(min(needed, _HALF), min(max(needed, single), self._sure))
        if self._evidence.enough:
            (step, reason), blamed = min(self._reasons.items(), key=lambda item: (-item[1], item[0]))
            self.braked = Braked(
                step,
                reason,
                tried=self._tried,
                rejected=self._rejected,
                blamed=blamed,
                needed=self._needed,
                examples=tuple(self._texts[step, reason]),
            )
