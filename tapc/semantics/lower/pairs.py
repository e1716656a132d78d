"""`pair` and `input` steps."""

import os.path
import posixpath
from fractions import Fraction
from typing import Any, cast

from tapc.ir import Input, Pair, Template
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.arguments import comparison
from tapc.semantics.lower.returns import range_of
from tapc.semantics.lower.steps import Draft, LoweringContext, ref_of
from tapc.semantics.lower.thresholds import check_bound, check_difference
from tapc.semantics.units import Problem, Quantity, parse_number, to_decimal, to_percent
from tapc.semantics.values import Fields, Ref, unknown_word, wrong_value
from tapc.syntax.nodes import Comparison, Number, Quoted

_OPTIONAL = "optional"


def lower_pair(draft: Draft, context: LoweringContext) -> Pair | None:
    """Lower a pair; None where it cannot be understood (reported)."""
    fields, report, item = draft.fields, context.report, draft.item
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    refs: tuple[Ref, ...] = fields.read("by") or ()
    by = [context.scores.named(ref.arg, of=of or "") for ref in refs]
    if of is not None and context.drafts[of].candidates == 1:
        notes = ("give the step several endpoints in `using`, or `each 2`",)
        report.add("TAP426", f"`{of}` has one candidate a slot; a pair needs two", fields_of(fields), notes=notes)
    values: dict[str, Any] = {
        "chosen_at_least": fields.read("chosen_at_least"),
        "all": fields.read("all"),
        **_within(fields, context),
        **_margin(fields, context),
    }
    _check_bounds(by[0] if by else None, values, fields, context)
    chosen = _side("chosen", fields, context)
    rejected = _side("rejected", fields, context)
    if of is None or not by or None in by or chosen is None or rejected is None:
        return None
    given = {name: value for name, value in values.items() if value is not None}
    return Pair.trusted(name=item.name, of=of, by=tuple(score for score in by if score), **chosen, **rejected, **given)


def _check_bounds(first: str | None, values: dict[str, Any], fields: Fields, context: LoweringContext) -> None:
    """Bounds on the first score lie in its range."""
    least = fields.get("chosen_at_least")
    if first is None:
        return
    if least is not None and values["chosen_at_least"] is not None:
        check_bound(first, values["chosen_at_least"], least.args[0].place, context.scores, context.report)
    margin = fields.get("margin")
    for bound in (values.get("margin"), values.get("margin_at_most")):
        if (
            margin is not None
            and bound is not None
            and not check_difference(first, bound, margin.args[0].place, context.scores, context.report)
        ):
            return


def _within(fields: Fields, context: LoweringContext) -> dict[str, Any]:
    """What both sides of a pair have in common: the endpoint, drawn values."""
    item = fields.get("within")
    if item is None:
        return {}
    found: dict[str, Any] = {}
    drawn: set[str] = set()
    for arg in (part for given in item.args for part in given.spread()):
        if arg.word == "endpoint":
            found["within"] = "endpoint"
        elif arg.word in context.names.per_candidate:
            drawn.add(arg.word or "")
        elif context.names.kinds.get(arg.word or "") in ("mix", "taxonomy"):
            notes = ("pairs are within one sample anyway, whose candidates share its axes",)
            context.report.add("TAP104", f"`{arg.word}` is not drawn `per candidate`", arg.place, notes=notes)
        elif arg.word is None:
            wrong_value("within", "`endpoint` or a mix", arg, "within [endpoint, principle]", context.report)
        else:
            known = ("endpoint", *sorted(context.names.per_candidate))
            unknown_word("`within` cannot be", arg.word, known, arg.place, context.report)
    if not item.args:
        notes = ("for example `within endpoint`",)
        context.report.add("TAP104", "`within` says what both sides have in common", item.place, notes=notes)
    return found | ({"within_drawn": tuple(sorted(drawn))} if drawn else {})


def fields_of(fields: Fields) -> "Any":
    """Where `of` stands."""
    item = fields.get("of")
    return fields.item.name_place if item is None else item.place


def _side(side: str, fields: Fields, context: LoweringContext) -> dict[str, Any] | None:  # noqa: PLR0911 - each refusal returns where it is found
    item = fields.get(side)
    if item is None:
        return {}
    field, args, report = fields.field(side), item.args, context.report
    word = args[0].word if args else None
    notes = (f"write `{side} {field.shape}`",)
    if word not in field.words:
        if word is None:
            report.add("TAP104", f"`{side}` says which candidate", item.place, notes=notes)
        else:
            unknown_word(f"`{side}` cannot be", word, field.words, args[0].place, report)
        return None
    if word in ("from", "quantile"):
        if len(args) != 2:
            report.add("TAP104", f"`{side} {word}` is not complete", item.place, notes=notes)
            return None
        if word == "from":
            return _from(side, args[1].follow(), context)
        quantile = _quantile(args[1].follow(), context)
        return None if quantile is None else {side: "quantile", f"{side}_of": str(quantile)}
    if len(args) > 1:
        report.add("TAP104", f"`{side} {word}` takes nothing more", args[1].place, notes=notes)
        return None
    return {side: word}


def _from(side: str, arg: Arg, context: LoweringContext) -> dict[str, Any] | None:
    ref = ref_of(arg)
    endpoint = None if ref is None else context.endpoint(ref)
    if ref is None:
        wrong_value(f"{side} from", "an endpoint", arg, f"{side} from writer", context.report)
    if endpoint is None:
        return None
    return {side: "endpoint", f"{side}_of": endpoint.name}


def _quantile(arg: Arg, context: LoweringContext) -> Fraction | None:
    number = parse_number(arg.value.text) if isinstance(arg.value, Number) else None
    value: Fraction | Problem | None = None
    if isinstance(number, Quantity):
        value = to_percent(number) if number.unit == "%" else to_decimal(number)
    if value is None or isinstance(value, Problem) or not 0 <= value <= 1:
        wrong_value("quantile", "a number between 0 and 1", arg, "rejected quantile 0.1", context.report)
        return None
    return value


def _margin(fields: Fields, context: LoweringContext) -> dict[str, Any]:
    item = fields.get("margin")
    if item is None:
        return {}
    if len(item.args) != 1:
        context.report.add("TAP104", "`margin` takes `>= N` or a range", item.place)
        return {}
    arg = item.args[0].follow()
    if isinstance(arg.value, Comparison):
        bounds = comparison(arg, context.report) or {}
        if "maximum" in bounds or "exclusive" in bounds:
            notes = ("for example `margin >= 1` or `margin 1..3`",)
            context.report.add("TAP104", "`margin` takes `>= N` or a range", arg.place, notes=notes)
            return {}
        return {"margin": bounds.get("minimum")}
    ends = range_of(arg, context.report, whole=False)
    return {} if ends is None else {"margin": ends[0], "margin_at_most": ends[1]}


def lower_input(draft: Draft, context: LoweringContext) -> Input | None:
    """Lower an input; None where it cannot be understood (reported)."""
    fields, report, item = draft.fields, context.report, draft.item
    file_item, hub = fields.get("file"), fields.get("hub")
    if (file_item is None) == (hub is None):
        notes = ('for example `file "rows.jsonl"` or `hub "org/set"`',)
        report.add(
            "TAP427", f"input `{item.name}` reads either a `file` or a `hub` dataset", item.name_place, notes=notes
        )
    values: dict[str, Any] = {}
    arg = fields.read("file")
    if arg is not None:
        values["file"] = _file(arg, draft, context)
    if hub is not None:
        values |= _hub(hub, context)
    ref: Ref | None = fields.read("field")
    values["field"] = None if ref is None else ref.text
    values["columns"], optional = _pairs(fields, "columns", context, word=_OPTIONAL)
    values["optional"] = optional or None
    values["match"] = _match(fields, context)
    if values.get("file") is None and values.get("hub") is None:
        return None
    return Input.trusted(name=item.name, **{name: value for name, value in values.items() if value is not None})


def _file(arg: Arg, draft: Draft, context: LoweringContext) -> Template | None:
    template = context.templates.check(arg, draft.item.name)
    if template is None:
        return None
    own, root = (scope.module.path.parent.as_posix() for scope in (arg.scope, context.names.composed.scope))
    if own == root or posixpath.isabs(template.text):
        return template
    return template.model_copy(update={"text": posixpath.join(os.path.relpath(own, root), template.text)})


def _hub(item: Item, context: LoweringContext) -> dict[str, Any]:
    args = [arg.follow() for arg in item.args]
    if len(args) != 1 or not isinstance(args[0].value, Quoted):
        context.report.add(
            "TAP104", "`hub` takes the name of a dataset", item.place, notes=('for example `hub "org/set"`',)
        )
        return {}
    inner = Fields(item, "hub", context.report)
    split: Ref | None = inner.read("split")
    return {"hub": args[0].value.text, "revision": inner.read("revision"), "split": split.text if split else "train"}


def _pairs(
    fields: Fields, name: str, context: LoweringContext, word: str | None = None
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """NAME COLUMN, sorted; and the names with a word behind them, where the field takes one."""
    found: dict[str, Any] = fields.read(name) or {}
    item = fields.get(name)
    columns: dict[str, str] = {}
    marked: list[str] = []
    for key, value in found.items():
        column = value
        if word is not None and isinstance(value, list) and len(values := cast("list[Any]", value)) == 2:
            column = values[0] if values[1] == word else None
            marked += [key] * (values[1] == word)
        if isinstance(column, str):
            columns[key] = column
            continue
        place = next((c.place for c in (item.children if item else None) or () if c.head == key), fields.item.place)
        notes = (f"for example `{fields.field(name).example}`",)
        context.report.add("TAP104", f"`{key}` needs the name of a column", place, notes=notes)
    return tuple(sorted(columns.items())), tuple(sorted(marked))


def _match(fields: Fields, context: LoweringContext) -> tuple[tuple[str, str], ...]:
    item = fields.get("match")
    pairs, _ = _pairs(fields, "match", context)
    axes = context.names.axes()
    for child in (item.children if item else None) or ():
        if child.head not in axes:
            unknown_word("there is no axis", child.head, axes, child.head_place, context.report, code="TAP111")
    return tuple(pair for pair in pairs if pair[0] in axes)
