"""Words of `judge`: scores by a rubric."""

from tapc.semantics.vocabulary.endpoints import EXTRA, MAX_TOKENS, TEMPERATURE
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.steps import ATTEMPTS, OF, REQUIRE, SYSTEM

JUDGE = Statement(
    "judge",
    "Scores candidates by a rubric. Its results are `NAME.ASPECT`, `NAME.overall`, `NAME.rationale` and"
    " `NAME.agreement`.",
    "judge NAME { fields }",
    (
        OF,
        Field("using", "names", "The judge, or a panel of them.", "using [referee, second]", required=True),
        Field(
            "panel",
            "word",
            "How a panel's scores become one.",
            "panel median",
            words=("mean", "median", "majority"),
            default="mean",
        ),
        Field("rubric", "path", "What it scores by.", "rubric helpfulness", required=True),
        Field(
            "mode",
            "word",
            "One candidate at a time, all in one list, or each pair in both orders.",
            "mode pairwise",
            words=("pointwise", "listwise", "pairwise"),
            default="pointwise",
        ),
        Field("prompt", "name", "The step shown as the prompt.", "prompt question", default="the candidate's messages"),
        Field("given", "paths", "Further results and axes the judge sees.", "given [reference]"),
        SYSTEM,
        ATTEMPTS,
        REQUIRE,
        MAX_TOKENS,
        TEMPERATURE,
        EXTRA,
    ),
    section="Steps",
)
