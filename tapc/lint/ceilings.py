"""TAP608 and TAP613: ceilings below what one request may take, and ceilings that never act."""

from collections.abc import Iterator

from tapc.ir import Ceiling, Dataset, Endpoint, Step, dollars
from tapc.jobs import sent_tier, tariff_of
from tapc.lint.remark import Remark
from tapc.lint.sizes import completions, output_limit, thinking_limit, written_bytes

_BUDGET = ("budget",)


def budget_too_small(dataset: Dataset) -> Iterator[Remark]:
    """Compare each ceiling with the least that the worst case of one request can be, by step and endpoint."""
    for step in dataset.steps:
        for name in step.chats_with():
            endpoint = dataset.endpoint(name)
            tokens, cost = _least_worst_case(step, endpoint)
            for what, ceiling in _over(dataset, step.name, name):
                short = _short(ceiling, tokens, cost)
                if short:
                    yield Remark(
                        "TAP608",
                        f"{what} is too small for a single request of `{step.name}` to `{name}`: {short}",
                        (_BUDGET, (f"step.{step.name}",)),
                        ("raise the ceiling, or lower `max_tokens`",),
                    )
                    break


def _least_worst_case(step: Step, endpoint: Endpoint) -> tuple[int, int]:
    """Tokens and picodollars that the worst case of any request of a step has at least."""
    into = endpoint.overhead + written_bytes(step)
    out = (output_limit(step, endpoint) + thinking_limit(endpoint)) * completions(step, endpoint)
    if endpoint.price is None:
        return into + out, 0
    most = tariff_of(endpoint.price).most(into, sent_tier(step.chat_sampling(), endpoint.sampling))
    return into + out, into * most.input + out * most.output


def _over(dataset: Dataset, step: str, endpoint: str) -> Iterator[tuple[str, Ceiling]]:
    budget = dataset.budget
    yield "the budget", budget.total
    yield "the budget of a run", budget.per_run
    for name, ceiling in budget.endpoints:
        if name == endpoint:
            yield f"the ceiling of endpoint `{name}`", ceiling
    for name, ceiling in budget.steps:
        if name == step:
            yield f"the ceiling of step `{name}`", ceiling


def _short(ceiling: Ceiling, tokens: int, cost: int) -> str:
    if ceiling.cost is not None and cost > ceiling.cost:
        return f"it may cost {dollars(cost)}, and {dollars(ceiling.cost)} is allowed"
    if ceiling.tokens is not None and tokens > ceiling.tokens:
        return f"it may take {tokens:,} tokens, and {ceiling.tokens:,} are allowed"
    return "no request is allowed" if ceiling.requests == 0 else ""


def ceiling_never_reached(dataset: Dataset) -> Iterator[Remark]:
    """Ceilings of parts that lie above the ceiling of the whole."""
    budget = dataset.budget
    parts = [("a run", budget.per_run)]
    parts += [(f"endpoint `{name}`", ceiling) for name, ceiling in budget.endpoints]
    parts += [(f"step `{name}`", ceiling) for name, ceiling in budget.steps]
    for what, ceiling in parts:
        for field in ("cost", "tokens", "requests"):
            part, whole = getattr(ceiling, field), getattr(budget.total, field)
            if part is not None and whole is not None and part > whole:
                yield Remark(
                    "TAP613",
                    f"the ceiling on {field} of {what} is never reached: the whole dataset may use less",
                    (_BUDGET,),
                )
