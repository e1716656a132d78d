"""Words of `pair`: chosen and rejected."""

from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.steps import OF

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
