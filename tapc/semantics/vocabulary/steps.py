"""Words of steps and rubrics."""

from tapc.semantics.vocabulary.model import Field, Statement

REQUIRE = Field(
    "require",
    "shape",
    "A check that a result must pass; what fails is tried again up to `attempts`.",
    "require length 20..600 words",
    words=("not",),
    many=True,
)
"""Checks of a step; how they are written follows from the kinds of checks, see `tapc.semantics.registry`."""

ATTEMPTS = Field("attempts", "count", "Total tries per candidate.", "attempts 3", default="3", least=1, most=1000)
OF = Field("of", "name", "The step whose candidates it reads.", "of answer", required=True)
SYSTEM = Field("system", "template", "The system message.", 'system "You write exam questions."')

RUBRIC = Statement(
    "rubric",
    "What a judge scores by. `overall` is the weighted mean unless it is `asked`.",
    'rubric NAME [= path] [: "definition"] { aspects }',
    (
        Field("definition", "template", "Introduces the whole to the judge.", 'definition "Judge the answer."'),
        Field(
            "aspect",
            "shape",
            "One aspect, with weight, scale, direction and anchors.",
            'aspect clarity 2 1..5: "Is it clear?" { 1 "muddled", 5 "crystal clear" }',
            shape='NAME [WEIGHT] (A..B | boolean | any of [ … ]) [lower] [or na] [asked] [: "…"] [{ SCORE "…" }]',
            words=("boolean", "any", "of", "lower", "or", "na", "asked"),
            many=True,
            required=True,
        ),
    ),
    section="Rubrics",
)
