"""Words of `score`: scores by a reward model or a program."""

from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.steps import OF, REQUIRE

SCORE = Statement(
    "score",
    "Scores by a reward model, or by a program (only with `--allow-run`). Its result is `NAME.overall`.",
    "score NAME { fields }",
    (
        OF,
        Field("using", "name", "The endpoint of the reward model.", "using reward_model", rival="run"),
        Field("kind", "word", "What the endpoint is.", "kind reward", words=("reward",)),
        Field(
            "run",
            "command",
            "A program fed JSONL on standard input, answering JSONL.",
            'run ["python", "checks/math.py"]',
            rival="using",
        ),
        REQUIRE,
    ),
    section="Steps",
)
