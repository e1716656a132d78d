"""What stands once in a dataset: samples, reserve, card, meta."""

from typing import Any

import msgspec

from tapc.ir import MAX_SAMPLES, Card, Reserve
from tapc.semantics.compose import Composed, Item
from tapc.semantics.report import Place, Report
from tapc.semantics.units import Problem, Quantity, parse_number, to_integer, to_percent
from tapc.semantics.values import Fields, problem, read_one, unknown_word, wrong_value
from tapc.syntax.nodes import Number


def lower_samples(top: Fields, composed: Composed, report: Report, *, inputs: list[Item]) -> int | None:
    """The number of samples; None for `all` rows of the input, or where it is wrong (reported)."""
    item = top.get("samples")
    if item is None:
        takes_all = [child for step in inputs for child in step.children or () if child.head == "samples"]
        if takes_all and len(inputs) > 1:
            _one_input(inputs, takes_all[0].place, report)
        if not takes_all and "samples" not in top:
            notes = ("for example `samples 600`",)
            report.add(
                "TAP110",
                f"the dataset `{composed.name}` does not say how many `samples` to make",
                composed.place,
                notes=notes,
            )
        return None
    if len(item.args) != 1:
        report.add("TAP104", "`samples` takes one number", item.head_place, notes=("for example `samples 600`",))
        return None
    arg = item.args[0] if item.args[0].word == "all" else item.args[0].follow()
    if arg.word == "all":
        if len(inputs) != 1:
            _one_input(inputs, arg.place, report)
        return None
    if arg.word is not None:
        known = ("all", *(name for name in arg.scope.module.params if name != arg.word))
        unknown_word("`samples` cannot be", arg.word, known, arg.place, report, code="TAP111")
        return None
    field = msgspec.structs.replace(top.field("samples"), type="count", least=1, most=MAX_SAMPLES)
    return read_one(arg, field, report)


def _one_input(inputs: list[Item], place: Place, report: Report) -> None:
    message = "`samples all` needs an `input` whose rows it can take"
    if inputs:
        names = ", ".join(f"`{item.name}`" for item in inputs)
        message = f"`samples all` takes the rows of one `input`, and this dataset has {len(inputs)}: {names}"
    notes = ("say how many: `samples 600`",) if inputs else ("add an `input` step, or say how many: `samples 600`",)
    report.add("TAP428", message, place, notes=notes)


def lower_reserve(top: Fields, report: Report) -> Reserve | None:  # noqa: PLR0911 - each refusal returns where it is found
    """How many replacements a cell may use."""
    item = top.get("reserve")
    if item is None:
        return None
    args = [item.args[0].follow(), *item.args[1:]] if item.args else []
    number = parse_number(args[0].value.text) if args and isinstance(args[0].value, Number) else None
    shape = "write `reserve 50%` or `reserve 50% at_least 5`"
    if isinstance(number, Problem):
        problem(number, args[0], report)
        return None
    share = to_percent(number) if isinstance(number, Quantity) else None
    if share is None or isinstance(share, Problem) or len(args) not in (1, 3):
        report.add("TAP104", "`reserve` takes a percentage", item.place, notes=(shape,))
        return None
    if not 0 <= share <= 100:
        report.add("TAP108", "`reserve` must be between 0% and 10000%", args[0].place)
        return None
    if len(args) == 1:
        return Reserve.trusted(share=share, floor=5 if share else 0)
    floor = _floor(args[1].word, args[2].follow().value)
    if floor is None:
        wrong_value("reserve", "`at_least` and a whole number", args[2], "reserve 50% at_least 5", report)
        return None
    return Reserve.trusted(share=share, floor=floor)


def _floor(word: str | None, value: Any) -> int | None:
    number = parse_number(value.text) if word == "at_least" and isinstance(value, Number) else None
    count = to_integer(number) if isinstance(number, Quantity) else None
    return count if isinstance(count, int) and 0 <= count <= MAX_SAMPLES else None


def lower_card(top: Fields, report: Report) -> Card | None:
    """What the card says."""
    item = top.get("card")
    if item is None:
        return None
    if item.children is None or item.args:
        report.add(
            "TAP104", "`card` takes a block", item.head_place, notes=('for example `card { licence "cc-by-4.0" }`',)
        )
        return None
    fields = Fields(item, "card", report)
    values = {name: fields.read(name) for name in fields.spec.names}
    return Card.trusted(**{name: value for name, value in values.items() if value is not None})


def lower_meta(top: Fields) -> dict[str, Any]:
    """Words of the author's own."""
    return top.read("meta") or {}
