"""`pair` between spec and model: how it is read, printed and seen by other steps."""

from fractions import Fraction
from typing import Any

from tapc.kinds.steps.pair.model import Pair
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import comparison
from tapc.semantics.lower.returns import range_of
from tapc.semantics.lower.steps import LoweringContext, StepDraft, ref_of
from tapc.semantics.lower.thresholds import check_bound, check_difference
from tapc.semantics.page import Page, number
from tapc.semantics.registry import StepKind
from tapc.semantics.units import Problem, Quantity, parse_number, to_decimal, to_percent
from tapc.semantics.values import Fields, Ref, unknown_word, wrong_value
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.semantics.vocabulary.steps import OF
from tapc.syntax import write_name
from tapc.syntax.nodes import Comparison, Number

PAIR = Statement(
    "pair",
    "Chosen and rejected. Ties and equal texts are dropped.",
    "pair NAME { fields }",
    (
        OF,
        Field(
            "by",
            "paths",
            "The score to compare, or several, the first deciding.",
            "by [safety.safe, verdict.overall]",
            required=True,
        ),
        Field(
            "chosen",
            "shape",
            "Which candidate is chosen.",
            "chosen best",
            shape="best | from ENDPOINT",
            words=("best", "from"),
            default="best",
        ),
        Field(
            "rejected",
            "shape",
            "Which candidate is rejected.",
            "rejected worst",
            shape="worst | random | quantile Q | from ENDPOINT",
            words=("worst", "random", "quantile", "from"),
            default="worst",
        ),
        Field(
            "chosen_at_least",
            "decimal",
            "Least first score of the chosen one.",
            "chosen_at_least 4",
        ),
        Field(
            "margin",
            "shape",
            "Difference on the first score: at least, or within a range.",
            "margin >= 1",
            shape=">= N | A..B",
        ),
        Field(
            "within",
            "shape",
            "Pairs only candidates of one endpoint, or with the same drawn values of mixes `per candidate`.",
            "within [endpoint, principle]",
            shape="endpoint | MIX | [ … ]",
            words=("endpoint",),
        ),
        Field("all", "flag", "Every admissible pair instead of one.", "all", default="one pair"),
    ),
    section="Steps",
)


def lower(draft: StepDraft, context: LoweringContext) -> Pair | None:
    """Lower a pair; None where it cannot be understood (reported)."""
    fields, report, item = draft.fields, context.report, draft.item
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    refs: tuple[Ref, ...] = fields.read("by") or ()
    by = [context.scores.named(ref.arg, of=of or "") for ref in refs]
    if of is not None and context.drafts[of].candidates == 1:
        notes = ("give the step several endpoints in `using`, or `each 2`",)
        report.add("TAP426", f"`{of}` has one candidate per slot; a pair needs two", fields_of(fields), notes=notes)
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
    for arg in (one for given in item.args for one in given.spread()):
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


def show(given: Pair, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    page.listed("by", map(page.path, given.by), f"{path}.by")
    _show_side("chosen", given.chosen, given.chosen_of, path, page)
    _show_side("rejected", given.rejected, given.rejected_of, path, page)
    if given.chosen_at_least is not None:
        page.put(f"chosen_at_least {number(given.chosen_at_least)}", f"{path}.chosen_at_least")
    if given.margin is not None:
        most = given.margin_at_most
        bounds = f">= {number(given.margin)}" if most is None else f"{number(given.margin)}..{number(most)}"
        page.put(f"margin {bounds}", f"{path}.margin")
    within = [*([] if given.within is None else [given.within]), *map(write_name, given.within_drawn or ())]
    if within:
        page.put(f"within {within[0]}" if len(within) == 1 else f"within [{', '.join(within)}]", f"{path}.within")
    if given.all:
        page.put("all", f"{path}.all")


def _show_side(head: str, word: str, argument: str | None, path: str, page: Page) -> None:
    if word in ("best", "worst"):
        return
    if word == "endpoint":
        page.put(f"{head} from {write_name(argument or '')}", f"{path}.{head}")
    elif word == "quantile":
        page.put(f"{head} quantile {number(Fraction(argument or 0))}", f"{path}.{head}")
    else:
        page.put(f"{head} {word}", f"{path}.{head}")


KIND = StepKind(
    PAIR,
    part("pair", "Chosen and rejected.", "pair choice { of answer, by verdict.overall }"),
    Pair,
    lower,
    show,
    hidden="a pair is for `emit`, not for prompts",
)
