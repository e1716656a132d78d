"""What a forecast knows of each step: which steps it reads, its requests per slot, and when a slot passes it."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from math import comb
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from tapc.ir import Dataset, Step
from tapc.steps import StepProgram

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

StepEndpoint = tuple[str, str]
"""Step and endpoint."""

Growth = Literal["constant", "linear", "quadratic"]
"""How the requests of a step grow with the candidates of the step that it reads."""


class Stage(msgspec.Struct, frozen=True):
    """One step.

    Attributes:
        name: of the step.
        parents: positions of the steps that it reads, without those that another parent reads.
        places: (step, endpoint) of each of its job classes.
        shares: part of its first requests that goes to each of `places`.
        chains: first requests per slot, or per combination of `per`; each is repeated until it succeeds.
        attempts: most tries of each.
        writes: whether its candidates succeed one by one (`need`); else a slot passes it or not as a whole.
        need: candidates that a slot needs; only where it writes.
        per: axes whose values share its results; empty if each slot has its own.
        source: position of the step whose candidates it reads one by one; None if there is none.
        growth: how its requests grow with those candidates.
        decides: whether a slot without a result of it is rejected.
        remembers: reasons by which it rejects what is too much like other samples.
        simulated: whether any of its models is simulated.
        checked: whether checks can reject what it makes; else only a broken reply fails.
        form: digest of what it asks, and of what the steps ask that it reads; checks are left out.
    """

    name: str
    parents: tuple[int, ...]
    places: tuple[StepEndpoint, ...]
    shares: tuple[float, ...]
    chains: float
    attempts: int
    writes: bool
    need: int
    per: tuple[str, ...]
    source: int | None
    growth: Growth
    decides: bool
    remembers: tuple[str, ...] = ()
    simulated: bool = False
    checked: bool = True
    form: str = ""

    def grown(self, candidates: "float | Floats", most: float) -> "float | Floats":
        """Its first requests for a slot with so many candidates of `source`, of at most `most`."""
        if self.growth == "constant" or not most:
            return self.chains
        if self.growth == "linear":
            return self.chains * candidates / most
        return self.chains * candidates * (candidates - 1) / max(1.0, most * (most - 1))

    def passes(self, success: Floats, chains: "Ints | int") -> tuple[Floats, Floats]:
        """The probability that enough candidates succeed, and the share of candidates that a slot then has on average.

        Args:
            success: probability that one does, by row.
            chains: candidates still to be made, by row; the others are made.
        """
        wanted = max(1, round(self.chains))
        made = wanted - np.asarray(chains)
        shape = np.broadcast(success, chains).shape
        found, mean = np.zeros(shape), np.zeros(shape)
        width = int(np.max(chains, initial=0))
        for k in range(width + 1):
            # P(exactly k of n succeed), where n differs by row
            ways = np.array([comb(n, k) for n in range(width + 1)], np.float64)[np.asarray(chains)]
            left = np.maximum(np.asarray(chains) - k, 0)
            exactly = np.where(made + k >= self.need, ways * success**k * (1 - success) ** left, 0.0)
            found += exactly
            mean += exactly * (made + k) / wanted
        share = np.divide(mean, found, out=np.ones(shape), where=found > 0)
        return np.clip(found, 0.0, 1.0), np.clip(share, 0.0, 1.0)


def find_stages(dataset: Dataset, programs: Sequence[StepProgram], reasons: Mapping[str, str]) -> tuple[Stage, ...]:
    """The stages of a dataset, in order of its steps.

    Args:
        dataset: the IR.
        programs: its compiled steps, in order.
        reasons: reason for which a check rejects, by its name.
    """
    places = {program.name: i for i, program in enumerate(programs)}
    reads = [sorted({places[name] for name in program.reads if name in places}) for program in programs]
    above = [set[int]() for _ in programs]
    for i, direct in enumerate(reads):
        above[i] = set(direct).union(*(above[parent] for parent in direct))
    wanted = {places[name] for name in dataset.accept if name in places}
    decides = wanted.union(*(above[i] for i in wanted))
    steps = {step.name: step for step in dataset.steps}
    found: list[Stage] = []
    for i, program in enumerate(programs):
        parents = tuple(p for p in reads[i] if not any(p in above[other] for other in reads[i]))
        step = steps[program.name]
        stage = _stage(step, program, parents, places, decides=i in decides)
        remembers = {reasons[check.check] for check in step.checks() if check.remembers()}
        simulated = any(dataset.endpoint(name).simulated for name in step.endpoints())
        asked = [step.unchecked().model_dump_json(exclude={"name"}), *(found[j].form for j in sorted(above[i]))]
        asked += [f"{made.factory.recipe.realm}/{made.factory.recipe.identity}" for made in program.job_classes]
        form = blake2b("\0".join(asked).encode(), digest_size=8).hexdigest()
        found.append(replace(stage, remembers=tuple(sorted(remembers)), simulated=simulated, form=form))
    return tuple(found)


def _stage(
    step: Step, program: StepProgram, parents: tuple[int, ...], places: dict[str, int], *, decides: bool
) -> Stage:
    classes = program.job_classes
    each = [float(made.each) for made in classes]
    whole = sum(each)
    writing, judging = step.writing(), step.judging()
    source = step.parent() or step.scored()
    growth: Growth = "linear"
    if judging is not None:
        growth = {None: "constant", 2: "quadratic"}.get(judging.at_once, "linear")  # type: ignore[assignment]
    wanted = round(whole)
    return Stage(
        name=program.name,
        parents=parents,
        places=tuple((made.factory.recipe.step, made.factory.recipe.endpoint) for made in classes),
        shares=tuple(part / whole for part in each) if whole else (),
        chains=whole,
        attempts=max((made.attempts for made in classes), default=1),
        writes=writing is not None,
        need=wanted if writing is None or writing.need is None else min(writing.need, wanted),
        per=next((made.per for made in classes), ()),
        source=places.get(source) if source is not None else None,
        growth=growth,
        decides=decides,
        checked=writing is None or bool(step.checks()),
    )
