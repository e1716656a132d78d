"""`tapc plan --what-if`: what other thresholds, margins, shares and numbers of samples come to, with stored replies.

Each value is a plan of its own, from a changed dataset and not from a changed text, and is folded over the store under
its rules by the estimator of `tapc plan`. Nothing is asked.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tapc.diagnostics import Diagnostic, did_you_mean, rule
from tapc.plan import Interval, Planned, describe, plan_again, plan_dataset
from tapc.plan.varying import Target, Unit, WrongValueError, example, find_targets, read_values
from tapc.quota import Lock
from tapc.workspace.estimate import estimate_plan
from tapc.workspace.refused import Refused

_SHOWN = 40
"""Names of targets that a refusal lists."""


class WhatIfPart(BaseModel):
    """Base of the parts of the document."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class WhatIfRow(WhatIfPart):
    """What one value comes to."""

    value: str = Field(description="exact, such as `7/2`")
    shown: str = Field(description="as the spec writes it")
    now: bool = Field(description="whether the spec has this value")
    problem: str | None = Field(default=None, description="why the value cannot be planned; then nothing else is known")
    samples: int = Field(default=0, description="planned")
    accepted: int | None = Field(default=None, description="samples expected to be accepted in the end")
    accepted_interval: Interval | None = None
    stored: int | None = Field(
        default=None, description="samples that stored replies accept; null if only a part of the samples was folded"
    )
    rejected: int | None = Field(default=None, description="samples that stored replies reject")
    requests: int = Field(default=0, description="expected requests, replacements included")
    requests_interval: Interval | None = None
    cost_usd: float = 0.0
    cost_interval: Interval | None = None
    sampled: bool = Field(default=False, description="whether stored replies of a part of the samples stand for all")


class WhatIfDocument(WhatIfPart):
    """What the values of one target come to."""

    schema_: Literal["tapc.what-if/1"] = Field(default="tapc.what-if/1", alias="schema")
    dataset: str
    target: str
    unit: Unit
    stored: bool = Field(description="whether there is a store; without one, nothing is known of what is rejected")
    rows: list[WhatIfRow]


def what_if_document(planned: Planned, wanted: str, store: Path, lock: Lock | None) -> WhatIfDocument:
    """Plan each value of a target, and fold it over the store.

    Args:
        planned: the plan of the spec as it is.
        wanted: `TARGET=VALUES`.
        store: folder of the store; it need not exist, and is not made.
        lock: the lock that the plan was made with.

    Raises:
        Refused: there is no such target, or it cannot have such values.
        StoreError: there is a store that cannot be read.
    """
    target, values = _read(planned, wanted)
    plans = [(value, _plan(planned, target, value, lock)) for value in sorted({*values, target.current})]
    rows = [_row(target, value, plan, store) for value, plan in plans]
    stored = any(row.accepted is not None for row in rows)
    return WhatIfDocument(dataset=planned.dataset.name, target=target.name, unit=target.unit, stored=stored, rows=rows)


def _read(planned: Planned, wanted: str) -> tuple[Target, Sequence[Fraction]]:
    targets = {target.name: target for target in find_targets(planned.dataset)}
    name, _, text = (part.strip() for part in wanted.partition("="))
    target = targets.get(name)
    if target is None:
        close = did_you_mean(name, targets)
        advice = [] if close is None else [f"did you mean `{close}`?"]
        raise _refused(f"`{name}` is nothing that can be varied", *advice, _known(targets))
    if not text:
        now = target.shown(target.current)
        raise _refused(f"`{name}` has no values", f"it is {now} now; {example(target)}")
    try:
        return target, read_values(target, text)
    except WrongValueError as error:
        raise _refused(f"`{name}` cannot be varied like this", str(error)) from None


def _known(targets: dict[str, Target]) -> str:
    if not targets:
        return "this spec has no threshold, margin or share, and no number of samples"
    shown = [f"{name} ({target.shown(target.current)})" for name, target in targets.items()]
    more = f", and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"what can be varied, with its value now: {', '.join(shown[:_SHOWN])}{more}"


def _refused(message: str, *notes: str) -> Refused:
    return Refused([Diagnostic("TAP883", rule("TAP883").severity, message, (), notes)], "usage")


def _plan(planned: Planned, target: Target, value: Fraction, lock: Lock | None) -> Planned | str:
    """The plan of one value, or why there is none."""
    if value == target.current:
        return planned
    dataset = target.change(value)
    if not target.recounts:
        return plan_again(planned, dataset)
    found = plan_dataset(dataset, lock, planned.resources, planned.kinds)
    return found if isinstance(found, Planned) else found[0].message


def _row(target: Target, value: Fraction, plan: Planned | str, store: Path) -> WhatIfRow:
    row = WhatIfRow(value=str(value), shown=target.shown(value), now=value == target.current)
    if isinstance(plan, str):
        return row.model_copy(update={"problem": plan})
    made = estimate_plan(plan, store)
    document = describe(plan, made.costs, spec="", kept=made.kept, expected=made.forecast, spent=made.spent, by=())
    total, found = document.total, document.forecast
    figures = {
        "samples": document.samples,
        "requests": total.requests.expected,
        "cost_usd": total.cost_usd.expected,
    }
    if found is not None:
        figures |= {
            "accepted": found.accepted,
            "accepted_interval": found.accepted_interval,
            "stored": total.accepted,
            "rejected": found.rejected,
            "requests_interval": found.requests,
            "cost_interval": found.cost_usd,
            "sampled": found.sampled,
        }
    return row.model_copy(update=figures)
