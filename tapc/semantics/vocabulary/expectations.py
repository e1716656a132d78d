"""Words of `expect`: what a spec asserts of its plan and of the dataset."""

from tapc.semantics.vocabulary.model import Field, Statement


def _measure(name: str, shape: str, definition: str, example: str) -> Field:
    """A figure to compare; `BOUND` is `>= N`, `<= N`, `> N`, `< N` or `A..B`."""
    return Field(name, "shape", definition, example, shape=shape, many=True)


EXPECT = Statement(
    "expect",
    "What must hold. A `BOUND` is `>= 2`, `<= 15%`, `> $1`, `< 0.7` or a range such as `45%..55%`. What the plan knows "
    "(`samples`, `every`, `share`, `cost`, `tokens`, `requests`) fails `tapc plan` with exit code 1; everything is "
    "compared with what a run has written, and fails `tapc run` with exit code 5. It changes nothing that is asked.",
    "expect { … }",
    (
        _measure("samples", "BOUND", "Samples: planned, then accepted.", "samples >= 40"),
        _measure(
            "every",
            "AXIS BOUND",
            "Samples of each leaf of the taxonomy or each value of a mix, as a number or as a share of all.",
            "every topic >= 2",
        ),
        _measure("share", "AXIS.VALUE BOUND", "Share of the samples with a value, or below a node.",
                 "share language.en 30%..60%"),
        _measure("cost", "BOUND", "Cost of all replies: expected by the plan without a store, then as charged.",
                 "cost <= $20"),
        _measure("tokens", "BOUND", "Input and output tokens of all replies: expected, then as reported.",
                 "tokens <= 20M"),
        _measure("requests", "BOUND", "Replies that it takes, rejected ones included: expected, then used.",
                 "requests <= 50k"),
        _measure("rows", "CONFIG[.SPLIT] BOUND", "Rows of a config, or of one of its splits.", "rows preference >= 50"),
        _measure("short", "BOUND", "Planned samples that are missing, as a share or a number. A run within this bound "
                 "is not short.", "short <= 1%"),
        _measure("rejected", "STEP BOUND", "Share of the results of a step that were rejected.",
                 "rejected answer <= 20%"),
        _measure("length_gap", "BOUND [of CONFIG]", "By how much chosen answers are longer than rejected ones, in mean "
                 "characters; negative if they are shorter. Of each config of pairs, unless one is named.",
                 "length_gap <= 15%"),
        _measure("chosen_longer", "BOUND [of CONFIG]", "Share of the pairs whose chosen answer is the longer one.",
                 "chosen_longer <= 60%"),
        _measure("chosen_from", "ENDPOINT BOUND [of CONFIG]", "Share of the chosen answers that an endpoint wrote.",
                 "chosen_from writer <= 65%"),
        _measure("mean", "STEP.SCORE BOUND [per AXIS]", "Mean of a score over the candidates of accepted samples, or "
                 "over those of each value.", "mean verdict.agreement >= 0.7 per language"),
        _measure("min", "STEP.SCORE BOUND [per AXIS]", "Lowest score of a candidate.", "min verdict.overall >= 2"),
        _measure("max", "STEP.SCORE BOUND [per AXIS]", "Highest score of a candidate.", "max verdict.overall >= 4"),
    ),
    section="Results",
)  # fmt: skip
