"""`budget`: hard ceilings."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tapc.ir import Budget, Ceiling, Endpoint, Step
from tapc.jobs import is_known, sent_tier, service_tier
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.names import Names
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, Ref, read_one
from tapc.semantics.vocabulary import Field

_TYPES = {"cost": "money", "tokens": "count", "requests": "count"}


def lower_budget(item: Item | None, names: Names, report: Report) -> Budget:
    """The ceilings; what is wrong is reported and left out."""
    if item is None:
        return Budget.trusted()
    if item.children is None or item.args:
        report.add("TAP104", "`budget` takes a block", item.head_place, notes=("for example `budget { cost $25 }`",))
        return Budget.trusted()
    fields = Fields(item, "budget", report)
    total: dict[str, int] = {}
    per_run: dict[str, int] = {}
    places: dict[tuple[str, bool], Item] = {}
    for name in _TYPES:
        for one in fields.all(name):
            _ceiling(one, fields.field(name), (total, per_run), places, report)
    endpoints = _named(fields.all("endpoint"), ("endpoint",), "an endpoint", names, report)
    steps = _named(fields.all("step"), report.vocabulary.steps, "a step", names, report)
    return Budget.trusted(
        total=Ceiling.trusted(**total), per_run=Ceiling.trusted(**per_run), endpoints=endpoints, steps=steps
    )


def _ceiling(
    item: Item,
    field: Field,
    into: tuple[dict[str, int], dict[str, int]],
    places: dict[tuple[str, bool], Item],
    report: Report,
) -> None:
    args = item.args
    per_run = [arg.word for arg in args[1:]] == ["per", "run"]
    if len(args) != 1 and not per_run:
        notes = (f"for example `{field.example}`", f"`{field.name} … per run` bounds each run")
        report.add("TAP104", f"`{field.name}` takes one amount", item.place, notes=notes)
        return
    first = places.setdefault((item.head, per_run), item)
    if first is not item:
        report.add(
            "TAP109",
            f"`{item.head}` is given twice",
            item.head_place.label("again here"),
            first.head_place.label("first here"),
        )
        return
    typed = msgspec.structs.replace(field, type="money" if field.name == "cost" else "count")
    value = read_one(args[0], typed, report)
    if value is not None:
        into[per_run][field.name] = value


def _named(
    items: list[Item], kinds: tuple[str, ...], what: str, names: Names, report: Report
) -> tuple[tuple[str, Ceiling], ...]:
    found: dict[str, Ceiling] = {}
    for item in items:
        if len(item.args) != 1 or not item.name:
            report.add("TAP104", f"`{item.head}` names {what} and takes a block", item.head_place)
            continue
        fields = Fields(item, "ceiling", report)
        values: dict[str, Any] = {name: fields.read(name) for name in _TYPES}
        ref = Ref(item.name, tuple(item.name.split(".")), Arg(item.entry.values[0], item.scope).follow())
        name = names.find(ref, *kinds, what=what)
        if name is not None and name in found:
            report.add("TAP109", f"`{name}` has two ceilings", item.name_place)
        elif name is not None:
            found[name] = Ceiling.trusted(**{key: value for key, value in values.items() if value is not None})
    return tuple(sorted(found.items()))


def check_prices(
    budget: Budget,
    endpoints: tuple[Endpoint, ...],
    steps: Iterable[Step],
    item: Item | None,
    names: Names,
    report: Report,
) -> None:
    """Under a cost ceiling every endpoint needs a price, a bound on what it thinks, and no tier without a price."""
    capped = {name for name, ceiling in budget.endpoints if ceiling.cost is not None}
    everywhere = any(c.cost is not None for c in (budget.total, budget.per_run, *(c for _, c in budget.steps)))
    asking = list(steps)
    for endpoint in endpoints:
        if not everywhere and endpoint.name not in capped:
            continue
        place = names.items[endpoint.name].name_place if endpoint.name in names.items else None
        places = [p for p in (place, item.head_place.label("this budget bounds the cost") if item else None) if p]
        if endpoint.price is None:
            notes = (
                "add `price { input $…/M, output $…/M }`, or `price free` for a machine of your own",
                f"the shipped price table does not know the model {endpoint.model!r}",
            )
            report.add(
                "TAP501",
                f"endpoint `{endpoint.name}` has no price, so its cost cannot be bounded",
                *places,
                notes=notes,
            )
            continue
        if not endpoint.price.output and not endpoint.price.input:
            continue
        if endpoint.thinking == "on":
            notes = ("say how many tokens it may think, for example `thinking 4k`",)
            report.add(
                "TAP502",
                f"endpoint `{endpoint.name}` thinks without a bound, so its cost cannot be bounded",
                *places,
                notes=notes,
            )
        dear = _dear_tier(endpoint, asking)
        if dear:
            known = "" if is_known(dear) else ", a tier that tapc does not know,"
            notes = (
                "say what it costs, for example `price { …, priority 200% }`",
                "or leave `service_tier` out of `extra`, or ask for `default` or `flex`",
            )
            report.add(
                "TAP503",
                f"endpoint `{endpoint.name}` is asked for the service tier {dear!r}{known} which has no price",
                *places,
                notes=notes,
            )


def _dear_tier(endpoint: Endpoint, steps: list[Step]) -> str:
    """A tier dearer than standard that requests ask an endpoint for and its price does not cover; empty for none."""
    if endpoint.price is None or endpoint.price.priority is not None:
        return ""
    for step in steps:
        if endpoint.name not in step.endpoints():
            continue
        tier = sent_tier(step.chat_sampling(), endpoint.sampling)
        if service_tier(tier).price == "priority":
            return tier
    return ""
