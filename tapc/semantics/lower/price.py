"""`price { … }`: what an endpoint's tokens cost, by kind, by length of the input and by service tier."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec

from tapc.ir import LongPrice, Price
from tapc.semantics.compose import Item
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, read_number

_KINDS = ("input", "cached_input", "cache_write", "output")
_SHARES = ("flex", "batch", "priority")


def lower_price(item: Item, report: Report) -> Price | None:
    """The block of a price; None where it cannot be understood (reported)."""
    fields = Fields(item, "price", report)
    values: dict[str, Any] = {name: fields.read(name) for name in (*_KINDS, *_SHARES)}
    found = [(one, child) for child in fields.all("above") if (one := _above(child, fields, report)) is not None]
    if values["input"] is None or values["output"] is None or len(found) != len(fields.all("above")):
        return None
    found.sort(key=lambda pair: pair[0].above)
    for (below, first), (above, second) in pairwise(found):
        if below.above == above.above:
            places = (second.head_place.label("again here"), first.head_place.label("first here"))
            report.add("TAP109", f"`above {above.above}` is given twice", *places)
    price = Price.trusted(
        **{name: value for name, value in values.items() if value is not None},
        **({"long": tuple(long for long, _ in found)} if found else {}),
    )
    _warn_of_cheaper(price, [child for _, child in found], report)
    return price


def _above(item: Item, owner: Fields, report: Report) -> LongPrice | None:
    field = owner.field("above")
    if len(item.args) != 1 or item.children is None:
        notes = (f"for example `{field.example}`",)
        report.add("TAP104", "`above` takes a number of tokens and a block", item.head_place, notes=notes)
        return None
    tokens = read_number(item.args[0], msgspec.structs.replace(field, type="count", least=1), report)
    inner = Fields(item, "above", report)
    values: dict[str, Any] = {name: inner.read(name) for name in _KINDS}
    if tokens is None or values["input"] is None or values["output"] is None:
        return None
    return LongPrice.trusted(above=tokens, **{name: value for name, value in values.items() if value is not None})


def _warn_of_cheaper(price: Price, items: list[Item], report: Report) -> None:
    """Longer inputs that cost less: no provider bills so, and two numbers are probably swapped."""
    read: Callable[[Price | LongPrice, str], int | None] = getattr
    lengths = price.long or ()
    for below, above, item in zip((price, *lengths), lengths, items, strict=False):
        cheaper = [
            name
            for name in _KINDS
            if (less := read(above, name)) is not None and (more := read(below, name)) is not None and less < more
        ]
        if cheaper:
            names = " and ".join(f"`{name}`" for name in cheaper)
            verb = "is" if len(cheaper) == 1 else "are"
            report.add(
                "TAP504",
                f"{names} {verb} cheaper above {above.above:,} tokens than below",
                item.head_place,
                notes=("prices of longer inputs are dearer wherever there are any; are two numbers swapped?",),
            )
