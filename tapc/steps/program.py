"""What a compiled step is to those who plan and run it."""

from fractions import Fraction
from math import ceil
from typing import Any, Protocol

import msgspec

from tapc.jobs import JobFactory
from tapc.steps.effects import Steps
from tapc.steps.results import Rejection, Short, StepResult


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What is drawn as one thing: the part of a draw that names a slot, or the combination of `per` values it shares.

    Attributes:
        cell: 16 bytes.
        ordinal: number among those with the same `cell`.
    """

    cell: bytes
    ordinal: int


class SlotKey(msgspec.Struct, frozen=True, gc=False):
    """Identity and place of one slot.

    A slot is *counted* in a cell: the plan says how many the cell has, and a slot that fails is replaced there. It is
    *drawn as* something that may be more lasting: keys of jobs, random choices, splits and names of rows follow from
    that alone, so an edit that moves a slot to another cell asks again only for what reads the difference.

    Attributes:
        cell: 16-byte content hash of the cell in which it is counted.
        ordinal: number within that cell, from 0.
        rank: position in the canonical order, from 0.
        leaf: index of the taxonomy leaf in canonical order (0 without a taxonomy).
        values: index of the value of each mix, mixes in order of name.
        drawn: what it is drawn as.
        place: its base cell and its ordinal there (see `base`), if it is drawn as something else.
    """

    cell: bytes
    ordinal: int
    rank: int
    leaf: int
    values: tuple[int, ...]
    drawn: Origin
    place: Origin | None = None

    @property
    def base(self) -> Origin:
        """Its base cell, which is its cell without mixes that were added later, and its ordinal there."""
        return self.place or self.drawn


class SlotState:
    """What steps of one slot share.

    Attributes:
        key: the slot.
        names: what templates see: axis views first, then the view of every finished step.
        axes: axis name to value name (dotted path for the taxonomy).
        results: finished steps.
        rejections: everything rejected so far, in the order of decisions.
    """

    __slots__ = ("axes", "key", "names", "rejections", "results")

    def __init__(self, key: SlotKey, names: dict[str, Any], axes: dict[str, str]) -> None:
        self.key = key
        self.names = names
        self.axes = axes
        self.results: dict[str, StepResult] = {}
        self.rejections: list[Rejection] = []


class JobClass(msgspec.Struct, frozen=True):
    """Jobs a step makes, in closed form.

    Attributes:
        factory: makes them; its recipe names step and endpoint.
        per_slot: jobs a slot at the first attempt (0 where `per` is set); a fraction where a pool is drawn from.
        per: axes; one job set for each combination of their values in use, `per_combination` jobs each.
        attempts: most tries of each.
        most: jobs a slot, or combination, at the first attempt at most: more than its share where a pool is drawn from.
            It is the same for all members of a pool.
    """

    factory: JobFactory
    per_slot: Fraction
    attempts: int
    per: tuple[str, ...] = ()
    per_combination: Fraction = Fraction(0)
    most: int = 0

    @classmethod
    def of(
        cls, factory: JobFactory, jobs: Fraction, attempts: int, per: tuple[str, ...], most: int | None = None
    ) -> "JobClass":
        """So many jobs per combination of values of some axes, or per slot where there are no axes."""
        most = ceil(jobs) if most is None else most
        return cls(factory, Fraction(0) if per else jobs, attempts, per, jobs if per else Fraction(0), most)

    @property
    def each(self) -> Fraction:
        """Jobs per combination or slot: `per_combination` or `per_slot`."""
        return self.per_combination if self.per else self.per_slot

    @property
    def pooled(self) -> bool:
        """Whether slots draw from a pool, so that some make more of these jobs than others."""
        return self.most != self.each


class MixDraws(msgspec.Struct, frozen=True):
    """How candidates of a step draw values of `per candidate` mixes.

    Attributes:
        mixes: those that its prompts read, sorted.
        most: most candidates for a slot.
        even: whether every slot with all its parents has `most` candidates.
        parent: the step whose candidates it answers, and so what it takes over; empty where there is none.
    """

    mixes: tuple[str, ...]
    most: int
    even: bool
    parent: str


class StepProgram(Protocol):
    """A step, compiled once, run for every slot."""

    @property
    def name(self) -> str:
        """The step's name."""
        ...

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of steps it depends on."""
        ...

    @property
    def job_classes(self) -> tuple[JobClass, ...]:
        """The jobs it makes, for counting and costing."""
        ...

    @property
    def most_candidates(self) -> int:
        """Candidates of a slot at most; for steps that score, of the step they score; 0 where there are none."""
        ...

    @property
    def decided_candidates(self) -> int:
        """How many candidates of a slot ask for ranked decisions (0 for most steps).

        Where it is more than one, the step gathers exactly that many coroutines once, one per candidate, so that the
        driver can tell when a candidate will ask no more. Ranked checks come last among a candidate's checks.
        """
        ...

    @property
    def draws(self) -> "MixDraws | None":
        """How it draws values of `per candidate` mixes; None where it makes no candidates."""
        ...

    def run(self, slot: SlotState) -> Steps[StepResult | Short]:
        """The step's coroutine for one slot.

        It reads `slot.results` and `slot.names`, appends to `slot.rejections`, and returns its result; the driver
        stores the result and its view. It lets `Missing` pass.
        """
        ...

    def view(self, result: StepResult) -> Any:
        """What templates of later steps see under the step's name."""
        ...
