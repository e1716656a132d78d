"""What steps offer to those that read them: candidates, fields, scores."""

from collections.abc import Mapping
from fractions import Fraction

from tapc.ir import Aspect, Endpoint, FieldType
from tapc.semantics.compose import Item, fill_copy
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.returns import lower_returns
from tapc.semantics.lower.rubrics import RubricDraft, draft_rubric
from tapc.semantics.lower.scores import Scored, ScoreRange
from tapc.semantics.lower.steps import Draft
from tapc.semantics.lower.templates import Offer
from tapc.semantics.registry import StepKind
from tapc.semantics.report import Report
from tapc.semantics.units import Quantity, parse_number
from tapc.semantics.values import Fields, Ref
from tapc.syntax.nodes import Number
from tapc.templates import Kind, list_kind, number_kind, record_kind, text_kind


def read_returns(draft: Draft, names: Names, report: Report) -> None:  # noqa: ARG001 - what every kind is given
    """Read the structure that a step returns."""
    returns = draft.fields.get("returns")
    if returns is not None:
        draft.returns = lower_returns(returns, report)


def read_rubric(draft: Draft, names: Names, report: Report) -> None:
    """Read the rubric that a step names."""
    ref: Ref | None = draft.fields.read("rubric")
    rubric = None if ref is None else names.rubric(ref)
    draft.rubric = None if rubric is None else _rubric(rubric, report)


def read_columns(draft: Draft, names: Names, report: Report) -> None:  # noqa: ARG001 - what every kind is given
    """Read the names of the columns that rows offer."""
    columns = draft.fields.get("columns")
    if columns is not None:
        draft.columns = tuple(child.head for child in columns.children or ())


def _rubric(item: Item, report: Report) -> RubricDraft | None:
    filled = fill_copy(item, {}, report)
    if filled is None:
        return None
    aspects = (child for child in filled.children or () if child.head == "aspect")
    report.origins_of(f"rubric.{item.name}", item.place, ((aspect.name, aspect.place) for aspect in aspects))
    return draft_rubric(filled, report)


def count_candidates(
    drafts: Mapping[str, Draft], kinds: Mapping[str, StepKind], endpoints: Mapping[str, Endpoint]
) -> None:
    """Fill in the most candidates a slot has of each step, through chains of `for`."""
    for name in drafts:
        _candidates(name, drafts, kinds, endpoints, ())


def _candidates(
    name: str,
    drafts: Mapping[str, Draft],
    kinds: Mapping[str, StepKind],
    endpoints: Mapping[str, Endpoint],
    chain: tuple[str, ...],
) -> int | None:
    draft = drafts[name]
    if draft.candidates is not None or name in chain or len(chain) > 100:
        return draft.candidates
    count = kinds[draft.item.head].candidates
    if count is not None:
        own = count(draft, endpoints)
        parent = _word(draft.fields, "for")
        parents = _candidates(parent, drafts, kinds, endpoints, (*chain, name)) if parent in drafts else 1
        draft.candidates = None if own is None or parents is None else own * parents
    return draft.candidates


def candidates_of_endpoints(draft: Draft, endpoints: Mapping[str, Endpoint]) -> int | None:
    """Candidates that the endpoints of `using` make; None while unknown."""
    item = draft.fields.get("using")
    if item is None or not item.args:
        return None
    listed = [arg.value for arg in item.args[-1].spread()]
    each, n = _number(draft.fields, "each"), _number(draft.fields, "n")
    sizes: list[int] = []
    for value in listed:
        text = getattr(value, "text", "")
        endpoint = endpoints.get(text) or endpoints.get(str(text).rpartition(".")[2])
        sizes.append((each or 1) * (n or (endpoint.sampling.n if endpoint else None) or 1))
    first = item.args[0].value
    pick = (
        int(first.text) if len(item.args) == 3 and isinstance(first, Number) and first.text.isdecimal() else len(sizes)
    )
    return sum(sorted(sizes, reverse=True)[:pick]) or None


def _number(fields: Fields, name: str) -> int | None:
    item = fields.get(name)
    arg = item.args[0].follow() if item is not None and len(item.args) == 1 else None
    number = parse_number(arg.value.text) if arg is not None and isinstance(arg.value, Number) else None
    return int(number.value) if isinstance(number, Quantity) and number.value >= 1 else None


def _word(fields: Fields, name: str) -> str:
    item = fields.get(name)
    return item.args[0].follow().word or "" if item is not None and len(item.args) == 1 else ""


def _words(fields: Fields, name: str) -> tuple[str, ...]:
    """Names that a field lists, sorted."""
    item = fields.get(name)
    listed = [arg.follow().word for given in (item.args if item is not None else ()) for arg in given.spread()]
    return tuple(sorted({word for word in listed if word}))


def scored_by(drafts: Mapping[str, Draft], kinds: Mapping[str, StepKind]) -> dict[str, Scored]:
    """Scores of the steps that give any."""
    return {
        name: scores(draft) for name, draft in drafts.items() if (scores := kinds[draft.item.head].scores) is not None
    }


def judge_scores(draft: Draft) -> Scored:
    """Scores of a judge."""
    of, rates = _word(draft.fields, "of"), _word(draft.fields, "mode") != "pairwise"
    return Scored(of, (), broken=True) if draft.rubric is None else judged(of, draft.rubric.aspects, rates=rates)


def score_scores(draft: Draft) -> Scored:
    """Scores of a score step."""
    return Scored(_word(draft.fields, "of"), ("overall",), ("rationale",))


def vote_scores(draft: Draft) -> Scored:
    """Scores of a vote."""
    numbers, ranges = ("agreement", "overall"), {"agreement": UNIT, "overall": UNIT}
    booleans = frozenset({"overall"})
    of = _word(draft.fields, "of")
    return Scored(of, numbers, ("majority", "answer"), booleans, ranges=ranges, single=True)


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


UNIT = (Fraction(0), Fraction(1))
"""Range of shares and of booleans."""


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


def offered_by(
    drafts: Mapping[str, Draft], scored: Mapping[str, Scored], kinds: Mapping[str, StepKind]
) -> dict[str, Offer]:
    """What every step offers to templates."""
    return {name: _offer(name, draft, drafts, scored, kinds[draft.item.head]) for name, draft in drafts.items()}


def _offer(name: str, draft: Draft, drafts: Mapping[str, Draft], scored: Mapping[str, Scored], kind: StepKind) -> Offer:
    if kind.hidden:
        return Offer(text_kind(), several=False, hidden=kind.hidden)
    scores = scored.get(name)
    if scores is None:
        several = draft.candidates is not None and draft.candidates > 1
        made = record_kind(f"the {kind.made} of `{name}`", kind.fields(draft))
        return Offer(made, several, per=_words(draft.fields, "per"))
    kinds: dict[str, Kind] = {score: number_kind(f"the score `{name}.{score}`") for score in scores.numbers}
    kinds |= {score: text_kind(f"`{name}.{score}`") for score in scores.others}
    judged = drafts.get(scores.of)
    several = not scores.single and judged is not None and judged.candidates is not None and judged.candidates > 1
    if several:
        return Offer(
            record_kind(f"`{name}`", kinds), several=False, hidden="it has a score for each of several candidates"
        )
    return Offer(record_kind(f"the result of `{name}`", kinds), several=False, of=scores.of)


def row_fields(draft: Draft) -> dict[str, Kind]:
    """What templates may read of a row."""
    return {name: text_kind() for name in draft.columns}


def text_fields(draft: Draft) -> dict[str, Kind]:
    """What templates may read of a text or structure."""
    found = {} if draft.returns is None else {name: _kind(name, kind) for name, kind in draft.returns.fields}
    return {"reasoning": text_kind("the reasoning"), **found}


def _kind(name: str, kind: FieldType) -> Kind:
    if kind.kind == "object":
        return record_kind(f"the field `{name}`", {key: _kind(key, inner) for key, inner in kind.fields})
    if kind.kind == "list" and kind.item is not None:
        return list_kind(_kind(f"an item of {name}", kind.item), f"the list `{name}`")
    if kind.kind in ("integer", "number"):
        return number_kind(f"the field `{name}`")
    return Kind(f"the field `{name}`", values=kind.options or None)
