"""TAP5xx: budgets and prices."""

from tapc.diagnostics.codes import Rule, error

RULES: tuple[Rule, ...] = (
    error(
        "TAP501",
        "no-price",
        "A cost budget cannot bound an endpoint without a price.",
        "A ceiling on money holds because every request's worst case is known before it is sent. State the"
        " price, or `price free` for a machine of your own; models in the shipped table need none.",
    ),
    error(
        "TAP502",
        "unbounded-thinking",
        "A cost budget cannot bound `thinking on`.",
        "Hidden reasoning is billed as output. `thinking 4k` says how many tokens it may use; they are added to"
        " the limit that is sent.",
    ),
)
