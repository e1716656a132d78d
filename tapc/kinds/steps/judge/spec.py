"""`judge` between spec and model: how it is read, printed and seen by other steps."""

from fractions import Fraction
from typing import Any

from tapc.ir import Aspect, Template
from tapc.kinds.steps.judge.model import Judge
from tapc.semantics.compose import Arg, Item, fill_copy
from tapc.semantics.lower.checks import lower_checks
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.rubrics import RubricDraft, draft_rubric
from tapc.semantics.lower.sampling import sampling_of
from tapc.semantics.lower.scores import UNIT, Scored, ScoreRange
from tapc.semantics.lower.steps import LoweringContext, StepDraft
from tapc.semantics.page import Page
from tapc.semantics.registry import StepKind
from tapc.semantics.report import Report
from tapc.semantics.show.endpoints import sampling
from tapc.semantics.values import Ref, unknown_word
from tapc.semantics.vocabulary.endpoints import EXTRA, MAX_TOKENS, TEMPERATURE
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.semantics.vocabulary.steps import ATTEMPTS, OF, REQUIRE, SYSTEM
from tapc.syntax import write_name

JUDGE = Statement(
    "judge",
    "Scores candidates by a rubric. Its results are `NAME.ASPECT`, `NAME.overall`, `NAME.rationale` and"
    " `NAME.agreement`.",
    "judge NAME { fields }",
    (
        OF,
        Field("using", "names", "The judge, or a panel of them.", "using [referee, second]", required=True),
        Field(
            "panel",
            "word",
            "How a panel's scores become one.",
            "panel median",
            words=("mean", "median", "majority"),
            default="mean",
        ),
        Field("rubric", "path", "What it scores by.", "rubric helpfulness", required=True),
        Field(
            "mode",
            "word",
            "One candidate at a time, all in one list, or each pair in both orders.",
            "mode pairwise",
            words=("pointwise", "listwise", "pairwise"),
            default="pointwise",
        ),
        Field("prompt", "name", "The step shown as the prompt.", "prompt question", default="the candidate's messages"),
        Field("given", "paths", "Further results and axes the judge sees.", "given [reference]"),
        SYSTEM,
        ATTEMPTS,
        REQUIRE,
        MAX_TOKENS,
        TEMPERATURE,
        EXTRA,
    ),
    section="Steps",
)


def lower(draft: StepDraft, context: LoweringContext) -> Judge | None:
    """Lower a judge; None where it cannot be understood (reported)."""
    fields, name = draft.fields, draft.item.name
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    item = fields.get("using")
    using = context.endpoints(item.args[0]) if item is not None and len(item.args) == 1 else None
    if item is not None and len(item.args) != 1:
        context.report.add("TAP104", "`using` takes an endpoint or a list", item.head_place)
    panel = fields.get("panel")
    if panel is not None and using is not None and len(using) == 1:
        context.report.add("TAP423", "`panel` needs several endpoints in `using`", panel.head_place)
    mode = fields.read("mode")
    if mode == "pairwise" and draft.rubric is not None:
        _pairwise(draft, context)
    prompt_of = context.step_of(fields, "prompt", *context.makers, what="a step with texts")
    system = fields.read("system")
    values: dict[str, Any] = {
        "panel": fields.read("panel"),
        "mode": mode,
        "prompt_of": prompt_of,
        "given": _given(draft, context),
        "attempts": fields.read("attempts"),
        "system": None if system is None else context.templates.check(system, name),
        "sampling": sampling_of(fields, context.report),
    }
    checks = lower_checks(fields.all("require"), context.of_checks(draft))

    def check(arg: Arg) -> Template | None:
        return context.templates.check(arg, name)

    rubric = None if draft.rubric is None else draft.rubric.finish(check)
    if of is None or using is None or rubric is None:
        return None
    given = {key: value for key, value in values.items() if value is not None}
    return Judge.trusted(name=name, of=of, using=using, rubric=rubric, require=checks, **given)


def _pairwise(draft: StepDraft, context: LoweringContext) -> None:
    for aspect in draft.rubric.aspects if draft.rubric else ():
        if aspect.scale == "category":
            mode = draft.fields.get("mode")
            place = mode.place if mode else draft.item.name_place
            message = f"two answers cannot be compared by `{aspect.name}`: categories have no order"
            context.report.add("TAP424", message, place)


def _given(draft: StepDraft, context: LoweringContext) -> tuple[str, ...]:
    refs: tuple[Ref, ...] = draft.fields.read("given") or ()
    scope = context.templates.scope(draft.item.name)
    found: list[str] = []
    for ref in refs:
        head = ref.parts[0]
        if head in scope.names:
            kind = scope.names[head]
            for part in ref.parts[1:]:
                attribute = kind.attributes.get(part)
                if attribute is None:
                    unknown_word(
                        f"{kind.what} offers no", part, kind.attributes, ref.arg.place, context.report, code="TAP111"
                    )
                    break
                kind = attribute.kind
            else:
                found.append(ref.text)
        elif head in scope.hidden:
            context.report.add("TAP413", f"`{head}` cannot be given here: {scope.hidden[head]}", ref.arg.place)
        else:
            context.names.missing(ref, list(scope.names), "a step or axis")
    return tuple(sorted(set(found)))


def read_rubric(draft: StepDraft, names: Names, report: Report) -> None:
    """Read the rubric that a step names."""
    ref: Ref | None = draft.fields.read("rubric")
    rubric = None if ref is None else names.rubric(ref)
    draft.rubric = None if rubric is None else _rubric(rubric, report)


def _rubric(item: Item, report: Report) -> RubricDraft | None:
    filled = fill_copy(item, {}, report)
    if filled is None:
        return None
    aspects = (child for child in filled.children or () if child.head == "aspect")
    report.origins_of(f"rubric.{item.name}", item.place, ((aspect.name, aspect.place) for aspect in aspects))
    return draft_rubric(filled, report)


def scores(draft: StepDraft) -> Scored:
    """Scores of a judge."""
    of, rates = draft.word("of"), draft.word("mode") != "pairwise"
    return Scored(of, (), broken=True) if draft.rubric is None else judged(of, draft.rubric.aspects, rates=rates)


def judged(of: str, aspects: tuple[Aspect, ...], *, rates: bool) -> Scored:
    """What a judge gives; in pairs (`rates` false) all of its numbers are win rates."""
    numbers = [a.name for a in aspects if a.scale != "category"]
    overall = ["overall"] if numbers and "overall" not in numbers else []
    others = [a.name for a in aspects if a.scale == "category"]
    booleans = {a.name for a in aspects if a.scale == "boolean"} if rates else set[str]()
    lower = {a.name for a in aspects if a.lower} if rates else set[str]()
    # the computed mean has the direction of its aspects where they share it and their scale
    scales = {(a.scale, a.minimum, a.maximum) for a in aspects if a.scale != "category"}
    if overall and lower.issuperset(numbers) and len(scales) == 1:
        lower.update(overall)
    named = (*numbers, *overall, "agreement")
    ranges = _ranges(aspects) if rates else dict.fromkeys(named, UNIT)
    return Scored(of, named, (*others, "rationale"), frozenset(booleans), frozenset(lower), ranges)


def _ranges(aspects: tuple[Aspect, ...]) -> dict[str, ScoreRange]:
    """Range of each number a judge gives: of its scale; the computed mean is on its aspects' where they share it."""
    found: dict[str, ScoreRange] = {}
    kinds: set[tuple[ScoreRange, bool]] = set()
    for aspect in aspects:
        if aspect.scale == "category":
            continue
        ends = (Fraction(aspect.minimum), Fraction(aspect.maximum)) if aspect.scale == "range" else UNIT
        found[aspect.name] = ends
        kinds.add((ends, aspect.lower))
    if found and "overall" not in found:
        found["overall"] = next(iter(kinds))[0] if len(kinds) == 1 else UNIT
    return {**found, "agreement": UNIT}


def show(given: Judge, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    page.names("using", given.using, f"{path}.using")
    if given.panel != "mean":
        page.put(f"panel {given.panel}", f"{path}.panel")
    page.put(f"rubric {write_name(given.rubric.name)}", f"{path}.rubric")
    if given.mode != "pointwise":
        page.put(f"mode {given.mode}", f"{path}.mode")
    if given.prompt_of is not None:
        page.put(f"prompt {write_name(given.prompt_of)}", f"{path}.prompt")
    if given.given:
        page.listed("given", map(page.path, given.given), f"{path}.given")
    if given.system is not None:
        page.text("system", given.system.text, f"{path}.system")
    page.numbers(given, path, attempts=3)
    sampling(given.sampling, path, page)


KIND = StepKind(
    JUDGE,
    part("judge", "Scores by a rubric.", "judge verdict { of answer, using referee, rubric clear }"),
    Judge,
    lower,
    show,
    read=read_rubric,
    scores=scores,
)
