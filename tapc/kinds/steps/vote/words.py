"""Words of `vote`: the majority of answers."""

from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.steps import OF

VOTE = Statement(
    "vote",
    "Majority over candidates. Its results are `NAME.majority` and `NAME.agreement`.",
    "vote NAME { fields }",
    (
        OF,
        Field(
            "extract",
            "shape",
            "How the answer is found in the text.",
            "extract boxed",
            shape='boxed | regex "…" | field NAME',
            words=("boxed", "regex", "field"),
            required=True,
        ),
    ),
    section="Steps",
)
