"""What steps offer to those that read them: candidates, fields, scores."""

from collections.abc import Mapping

from tapc.ir import Endpoint
from tapc.semantics.lower.scores import Scored
from tapc.semantics.lower.steps import StepDraft
from tapc.semantics.lower.templates import Offer
from tapc.semantics.registry import StepKind
from tapc.templates import Kind, number_kind, record_kind, text_kind


def count_candidates(
    drafts: Mapping[str, StepDraft], kinds: Mapping[str, StepKind], endpoints: Mapping[str, Endpoint]
) -> None:
    """Fill in the most candidates a slot has of each step, through chains of `for`."""
    for name in drafts:
        _candidates(name, drafts, kinds, endpoints, ())


def _candidates(
    name: str,
    drafts: Mapping[str, StepDraft],
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
        parent = draft.word("for")
        parents = _candidates(parent, drafts, kinds, endpoints, (*chain, name)) if parent in drafts else 1
        draft.candidates = None if own is None or parents is None else own * parents
    return draft.candidates


def scored_by(drafts: Mapping[str, StepDraft], kinds: Mapping[str, StepKind]) -> dict[str, Scored]:
    """Scores of the steps that give any."""
    return {
        name: scores(draft) for name, draft in drafts.items() if (scores := kinds[draft.item.head].scores) is not None
    }


def offered_by(
    drafts: Mapping[str, StepDraft], scored: Mapping[str, Scored], kinds: Mapping[str, StepKind]
) -> dict[str, Offer]:
    """What every step offers to templates."""
    return {name: _offer(name, draft, drafts, scored, kinds[draft.item.head]) for name, draft in drafts.items()}


def _offer(
    name: str, draft: StepDraft, drafts: Mapping[str, StepDraft], scored: Mapping[str, Scored], kind: StepKind
) -> Offer:
    if kind.hidden:
        return Offer(text_kind(), several=False, hidden=kind.hidden)
    scores = scored.get(name)
    if scores is None:
        several = draft.candidates is not None and draft.candidates > 1
        made = record_kind(f"the {kind.made} of `{name}`", kind.fields(draft))
        return Offer(made, several, per=draft.words("per"), draws=kind.draws)
    kinds: dict[str, Kind] = {score: number_kind(f"the score `{name}.{score}`") for score in scores.numbers}
    kinds |= {score: text_kind(f"`{name}.{score}`") for score in scores.others}
    judged = drafts.get(scores.of)
    several = not scores.single and judged is not None and judged.candidates is not None and judged.candidates > 1
    if several:
        return Offer(
            record_kind(f"`{name}`", kinds), several=False, hidden="it has a score for each of several candidates"
        )
    return Offer(record_kind(f"the result of `{name}`", kinds), several=False, of=scores.of)
