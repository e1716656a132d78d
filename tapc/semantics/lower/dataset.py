"""From a composed dataset to the IR."""

from collections.abc import Callable
from fractions import Fraction

import msgspec

from tapc.diagnostics import Fix, removal
from tapc.ir import Card, Dataset, Emit, Endpoint, Reserve, Space, Step
from tapc.semantics.compose import Composed, Item, fill_copy
from tapc.semantics.lower.asked import check_asked, check_conversations, check_sides
from tapc.semantics.lower.budget import check_prices, lower_budget
from tapc.semantics.lower.emits import accepted_by_default, lower_emits
from tapc.semantics.lower.endpoints import lower_endpoint
from tapc.semantics.lower.expectations import lower_expectations
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.offers import count_candidates, offered_by, scored_by
from tapc.semantics.lower.order import in_order_of_need
from tapc.semantics.lower.plain_names import check_plain
from tapc.semantics.lower.scores import Scores
from tapc.semantics.lower.settings import lower_card, lower_meta, lower_reserve, lower_samples
from tapc.semantics.lower.steps import LoweringContext, StepDraft
from tapc.semantics.lower.subjects import Parts
from tapc.semantics.lower.templates import Templates
from tapc.semantics.registry import Registry
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, Ref
from tapc.templates import space_kinds

SpaceMaker = Callable[[Composed, int | None], Space]
KnownModels = Callable[[str], Endpoint | None]


class Endpoints:
    """Endpoints of a dataset: its own, and those of its file that its steps name."""

    def __init__(self, names: Names, known: KnownModels, report: Report) -> None:
        self._names = names
        self._known = known
        self._report = report
        self._made: dict[str, Endpoint | None] = {}
        self._from: dict[str, object] = {}
        self.used: set[str] = set()
        for name in names.of("endpoint"):
            if name in names.items:
                self._lower(names.items[name])

    def known(self) -> dict[str, Endpoint]:
        """Endpoints understood so far."""
        return {name: endpoint for name, endpoint in self._made.items() if endpoint is not None}

    def get(self, ref: Ref) -> Endpoint | None:
        """The endpoint a reference means; None where it is missing or wrong (reported)."""
        item = self._names.local_or_declared(ref, "endpoint")
        if item is None:
            return None
        if item.name in self._made and self._from[item.name] is not item.entry:
            notes = (f"give one of them another name: `endpoint other = {ref.text}`",)
            self._report.add("TAP113", f"two endpoints are named `{item.name}`", ref.arg.place, notes=notes)
            return None
        if item.name not in self._made:
            if item.name in self._names.kinds:
                self._names.missing(Ref(item.name, (item.name,), ref.arg), [], "an endpoint")
                return None
            self._lower(item)
        self.used.add(item.name)
        return self._made[item.name]

    def _lower(self, item: Item) -> None:
        filled = fill_copy(item, {}, self._report)
        self._from[item.name] = item.entry
        self._made[item.name] = None if filled is None else lower_endpoint(filled, self._report, self._known)


def lower_dataset(
    composed: Composed, make_space: SpaceMaker, known: KnownModels, registry: Registry, report: Report
) -> Dataset | None:
    """Check a composed dataset and lower it; None after an error."""
    before = len(report.diagnostics)
    names = Names(composed, report)
    top = Fields(_as_item(composed), "dataset", report, required=False)
    rows = [item for item in names.items.values() if item.head in registry.steps and registry.steps[item.head].deals]
    samples = lower_samples(top, composed, report, inputs=rows)
    space = make_space(composed, samples)
    endpoints = Endpoints(names, known, report)
    context = _context(names, space, endpoints, registry, report)
    made = {name: registry.steps[draft.item.head].lower(draft, context) for name, draft in context.drafts.items()}
    lowered = {name: step for name, step in made.items() if step is not None}
    steps = in_order_of_need(lowered, names, report)
    for name, draft in context.drafts.items():
        for child in draft.item.children or ():
            report.origin(f"step.{name}.{child.head}", child.place)
            if child.head == "require":
                kind = next((arg.word for arg in child.args if arg.word != "not"), "")
                report.origin(f"step.{name}.require.{kind}", child.place)
    check_plain(composed.name, "a dataset", composed.place, report)
    emits = lower_emits(
        [item for item in composed.items if item.head == "emit"], top.get("split"), registry.emits, context
    )
    steps = _read(steps, emits)
    check_asked(emits, {step.name: step for step in steps}, names.per_candidate, composed.place, report)
    check_sides({step.name: step for step in steps}, names.per_candidate, composed.place, report)
    check_conversations(emits, {step.name: step for step in steps}, composed.place, report)
    accept = _accept(top, emits, context)
    used = tuple(endpoint for name, endpoint in sorted(endpoints.known().items()) if name in endpoints.used)
    ceilings = top.get("budget")
    budget = lower_budget(ceilings, names, report)
    report.origin("budget", composed.place if ceilings is None else ceilings.head_place)
    used_names = {endpoint.name for endpoint in used}
    budget = budget.model_copy(update={"endpoints": tuple(c for c in budget.endpoints if c[0] in used_names)})
    expectations = lower_expectations(top.get("expect"), Parts(space, used, steps, emits), context)
    _origins(composed, report)
    check_prices(budget, used, steps, ceilings, names, report)
    _unused(names, endpoints.used, report)
    reserve = lower_reserve(top, report)
    card, meta = lower_card(top, report), lower_meta(top)
    seed: int | None = top.read("seed")
    if any(d.severity == "error" for d in report.diagnostics[before:]):
        return None
    return Dataset.trusted(
        name=composed.name,
        samples=samples,
        seed=seed or 0,
        space=space,
        endpoints=used,
        steps=steps,
        first_input=rows[0].name if len(rows) > 1 else None,
        emits=emits,
        accept=accept,
        reserve=reserve or Reserve.trusted(share=Fraction(1)),
        budget=budget,
        card=card or Card.trusted(),
        meta=msgspec.json.encode(meta, order="sorted").decode(),
        expectations=expectations,
    )


def _read(steps: tuple[Step, ...], emits: tuple[Emit, ...]) -> tuple[Step, ...]:
    """Steps that know what others read of them; a config that may stay empty needs nothing."""
    paths = {path for emit in emits if not emit.optional for path in emit.reads()}
    for step in steps:
        paths.update(step.named(), *(check.named() for check in step.checks()))
        paths.update(name for template in step.templates() for name in template.reads)
    return tuple(
        step.read_by_others(frozenset(path for path in paths if path.partition(".")[0] == step.name)) for step in steps
    )


def _origins(composed: Composed, report: Report) -> None:
    """Remember where settings stand; endpoints, steps and emits are remembered where they are read."""
    report.origin("dataset", composed.place)
    for item in composed.items:
        if item.head in ("samples", "seed", "accept", "reserve", "meta", "card"):
            report.origins_of(item.head, item.place, ((child.head, child.place) for child in item.children or ()))
        elif item.head == "budget":
            _ceilings("budget", item, report)


def _ceilings(path: str, item: Item, report: Report) -> None:
    for child in item.children or ():
        if child.head in ("endpoint", "step"):
            report.origin(f"{path}.{child.head}.{child.name}", child.place)
            _ceilings(f"{path}.{child.head}.{child.name}", child, report)
        else:
            per_run = " per run" if len(child.args) > 1 else ""
            report.origin(f"{path}.{child.head}{per_run}", child.place)


def _as_item(composed: Composed) -> Item:
    """The dataset as one statement, so that its settings are read as any block's."""
    entry = next(e for n, e in composed.scope.module.declarations.items() if n == composed.name)
    return Item(entry, composed.scope, composed.items, None)


def _context(names: Names, space: Space, endpoints: Endpoints, registry: Registry, report: Report) -> LoweringContext:
    kinds_of_steps = registry.steps
    drafts: dict[str, StepDraft] = {}
    for name, item in names.items.items():
        if item.head in kinds_of_steps:
            drafts[name] = StepDraft(item, Fields(item, item.head, report))
            kinds_of_steps[item.head].read(drafts[name], names, report)
    count_candidates(drafts, kinds_of_steps, endpoints.known())
    scored = scored_by(drafts, kinds_of_steps)
    kinds = space_kinds(space)
    missing = [*(axis for axis in names.axes() if axis not in kinds), *(names.composed.broken - {""})]
    templates = Templates(names, kinds, offered_by(drafts, scored, kinds_of_steps), missing)
    makers = tuple(name for name, kind in kinds_of_steps.items() if kind.candidates is not None)
    scorers = tuple(name for name, kind in kinds_of_steps.items() if kind.scores is not None)
    scores = Scores(names, scored)
    return LoweringContext(names, report, templates, scores, endpoints.get, drafts, registry.checks, makers, scorers)


def _accept(top: Fields, emits: tuple[Emit, ...], context: LoweringContext) -> tuple[str, ...]:
    refs: tuple[Ref, ...] | None = top.read("accept")
    if refs is None:
        return accepted_by_default(emits, set(context.drafts))
    found = [context.names.find(ref, *context.report.vocabulary.steps, what="a step") for ref in refs]
    return tuple(sorted({name for name in found if name is not None}))


def _unused(names: Names, used: set[str], report: Report) -> None:
    if any(d.severity == "error" for d in report.diagnostics):
        return  # what names it may be among the wrong
    for name in names.of("endpoint"):
        item = names.items.get(name)
        if item is not None and name not in used and name not in names.composed.copied:
            fix = Fix("remove it", (removal(item.scope.file, item.entry.span),), safe=False)
            report.add("TAP405", f"the endpoint `{name}` is not used", item.name_place, fixes=(fix,))
