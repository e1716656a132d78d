"""TAP5xx: budgets and prices."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP501",
        "no-price",
        "A cost budget cannot bound an endpoint without a price.",
        "A ceiling on money holds because the worst case of every request is known before it is sent. State the"
        " price, or `price free` for a machine of your own; models in the shipped table need no `price`.",
    ),
    error(
        "TAP502",
        "unbounded-thinking",
        "A cost budget cannot bound `thinking on`.",
        "Hidden reasoning is billed as output. `thinking 4k` says how many tokens it may use; they are added to"
        " the limit that is sent.",
    ),
    error(
        "TAP503",
        "tier-without-price",
        "A cost budget cannot bound a service tier without a price.",
        "Tiers such as `priority` cost a multiple of the standard price, and `service_tier` in `extra` asks for one."
        " State what it costs, `price { …, priority 200% }`, or remove it. Cheaper tiers need no price: without one"
        " they are charged as standard.",
    ),
    warning(
        "TAP504",
        "longer-is-cheaper",
        "A price for longer inputs is lower than the one for shorter inputs.",
        "Providers that bill by input length charge more per token for longer inputs, so two numbers are probably"
        " swapped. The price is used as it is written.",
    ),
    error(
        "TAP505",
        "extra-moves-the-bound",
        "`extra` sets a parameter that bounds the cost of a request, or that tapc sets itself.",
        "The fields of `extra` are sent unchanged and override others, so a token limit there would let a request cost"
        " more than the budget reserved for it. Limits and the number of completions have fields of their own;"
        " `model`, `messages` and `stream` are set by tapc.",
    ),
)
