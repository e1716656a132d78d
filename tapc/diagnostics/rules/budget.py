"""TAP5xx: budgets and prices."""

from tapc.diagnostics.codes import Rule, error, warning

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
    error(
        "TAP503",
        "tier-without-price",
        "A cost budget cannot bound a service tier without a price.",
        "Tiers such as `priority` cost a multiple of the standard price, and `service_tier` in `extra` asks for one."
        " State what it costs, `price { …, priority 200% }`, or leave it out. Tiers that are cheaper need no price:"
        " without one they are charged as standard.",
    ),
    warning(
        "TAP504",
        "longer-is-cheaper",
        "A price above a length is lower than the one below.",
        "Where providers bill by length of the input, longer ones cost more per token, so two numbers have most"
        " likely changed places. The price is used as it stands.",
    ),
    error(
        "TAP505",
        "extra-moves-the-bound",
        "`extra` sets what tapc bounds the cost of a request by, or makes itself.",
        "What stands in `extra` is sent as it is and wins, so a token limit there would let a request cost more than"
        " was held for it. Limits and numbers of completions have fields of their own; `model`, `messages` and"
        " `stream` are tapc's.",
    ),
)
