"""Words of modules, datasets and results."""

from collections.abc import Sequence

from tapc.semantics.vocabulary.expectations import EXPECT
from tapc.semantics.vocabulary.model import Field, Statement


def part(name: str, definition: str, example: str, *, many: bool = True) -> Field:
    """A statement inside of a dataset or file."""
    return Field(name, "block", definition, example, block=name, many=many)


def allow(definition: str) -> Field:
    """The statement that silences a warning."""
    return Field("allow", "shape", definition, 'allow TAP602: "one language on purpose"', shape='CODE: "REASON"',
                 many=True)  # fmt: skip


_TAXONOMY = part("taxonomy", "The tree of topics.", "taxonomy topic { physics 40%, biology }", many=False)
_MIX = part("mix", "A categorical axis.", "mix difficulty { easy, hard }")
_ENDPOINT = part("endpoint", "A model.", 'endpoint writer { model "sim" }')
_RUBRIC = part("rubric", "What a judge scores by.", "rubric clear { aspect clarity 1..5 }")

FILE = Statement(
    "file",
    "A file starts with its edition and declares what follows.",
    "tap 1",
    (
        Field("import", "shape", "Binds a module or one declaration.", "import std.rubrics.helpfulness as help",
              shape='PATH [as NAME] | "FILE" [as NAME]', many=True),
        Field("param", "shape", "A typed parameter, set with `--set NAME=VALUE`.", "param scale = 600",
              shape="NAME = VALUE", many=True),
        Field("taxonomy", "block", "A tree of topics to graft.", "taxonomy med { cardiology, surgery }",
              block="taxonomy", many=True),
        _MIX,
        _ENDPOINT,
        _RUBRIC,
        Field("pipeline", "shape", "Steps with parameters.", "pipeline tap(topic, writer) { … }",
              shape="NAME(PARAMETER, …) { steps }", block="pipeline", many=True),
        part("dataset", "A dataset to make.", "dataset tutor { samples 600 }"),
        allow("Silences a warning that points into this file, wherever it comes from."),
    ),
    section="Files",
)  # fmt: skip


def pipeline(steps: Sequence[Field]) -> Statement:
    """The words of a pipeline."""
    return Statement(
        "pipeline",
        "Steps with parameters: endpoints, axes, steps or values. A dataset uses it with `pipeline NAME { … }`.",
        "pipeline NAME(PARAMETER, …) { steps }",
        (*steps, _RUBRIC),
        section="Files",
    )


def dataset(steps: Sequence[Field]) -> Statement:
    """The words of a dataset."""
    return Statement(
        "dataset",
        "What to make: how many samples, of what, by which steps, written how. `extends` starts from another dataset.",
        "dataset NAME [extends PATH] { … }",
        (
            Field(
                "samples",
                "shape",
                "Accepted slots to make; `all` takes every row of the input.",
                "samples 600",
                shape="COUNT | all",
                words=("all",),
                unit="samples",
                required=True,
            ),
            Field("seed", "integer", "Enters every draw; allocation ignores it.", "seed 7", default="0"),
            _TAXONOMY,
            _MIX,
            Field(
                "when",
                "shape",
                "Replaces a mix where a condition holds.",
                "when topic in physics { mix difficulty { hard 100% } }",
                shape="CONDITION { mix … }",
                many=True,
            ),
            Field(
                "exclude",
                "shape",
                "Removes values of a mix.",
                "exclude language = sw when topic in chemistry",
                shape="AXIS = value [when CONDITION]",
                many=True,
            ),
            Field(
                "moved",
                "shape",
                "Says what something was called before, so that its samples stay.",
                "moved topic.physics.motion = topic.physics.mechanics",
                shape="OLD = NEW",
                many=True,
            ),
            _ENDPOINT,
            _RUBRIC,
            Field(
                "pipeline",
                "shape",
                "Uses a pipeline; steps of the same name merge into its steps.",
                "pipeline tap { topic topic, writer gpt }",
                shape="PATH { PARAMETER VALUE }",
                many=True,
            ),
            *steps,
            part("emit", "One config of the output.", "emit sft { from answer }"),
            Field(
                "split",
                "block",
                "Splits of every config (`rejects` apart) that has none of its own.",
                "split { train 95%, test 5% }",
                block="split",
                default="all in `train`",
            ),
            Field(
                "accept",
                "names",
                "Steps that must yield a result for a slot to be accepted.",
                "accept [choice]",
                default="every step that an emit reads; where none names a step, as with `records` alone, all steps",
            ),
            Field(
                "reserve",
                "shape",
                "Replacement slots a cell may use: a share of its count, at least a number.",
                "reserve 50% at_least 5",
                shape="PERCENT [at_least COUNT]",
                words=("at_least",),
                default="100% at_least 5",
            ),
            part("budget", "Hard ceilings.", "budget { cost $25, tokens 20M }", many=False),
            part("expect", "What must hold of the plan and of the dataset.", "expect { samples >= 40 }", many=False),
            part("card", "What the dataset card says.", 'card { licence "cc-by-4.0" }', many=False),
            Field("meta", "open", "Free words, carried into the card, never read.", 'meta { ticket "DATA-12" }'),
            allow("Silences a warning about this dataset, with the reason. One that silences nothing is reported."),
            Field(
                "drop",
                "shape",
                "Removes what the dataset it extends, or a pipeline, declares.",
                "drop judge verdict",
                shape="KIND [NAME]",
                many=True,
            ),
        ),
        section="Files",
    )


def emit(kinds: Sequence[str], own: Sequence[Field]) -> Statement:
    """The words of an emit; `own` are the fields that not every kind takes."""
    return Statement(
        "emit",
        "One config of the output: " + ", ".join(f"`{kind}`" for kind in kinds) + ". `rejects` is written by default.",
        "emit KIND [NAME] { fields }",
        (
            Field("from", "path", "The step it reads; `kto` and `reward` may read JUDGE.ASPECT.", "from choice"),
            Field(
                "format",
                "words",
                "File formats.",
                "format [jsonl, parquet]",
                words=("jsonl", "parquet"),
                default="jsonl",
            ),
            Field(
                "split",
                "block",
                "Splits by slot hash, leaf by leaf where they are large enough; a prompt never crosses them. Configs "
                "divide samples alike, so all of them have the same splits.",
                "split { train 95%, test 5% }",
                block="split",
                default="those of the dataset, else all in `train`",
            ),
            *own,
            Field(
                "reasoning",
                "word",
                "Hidden reasoning in the rows.",
                "reasoning inline",
                words=("keep", "drop", "inline"),
                default="drop",
            ),
            Field(
                "system", "word", "System messages in the rows.", "system keep", words=("keep", "drop"), default="drop"
            ),
            Field(
                "family",
                "text",
                "Models that will be trained on it; no mark of their chat templates may occur.",
                'family "qwen"',
            ),
            Field("optional", "flag", "It may end without a row; otherwise that is exit code 5.", "optional"),
        ),
        section="Results",
    )


SPLIT = Statement(
    "split",
    "Splits and their shares, which sum to 100%.",
    "split { NAME PERCENT, … }",
    free="splits",
    section="Results",
)
_PART_OF_BUDGET = (
    Field("cost", "money", "Money.", "cost $10", unit="dollars", least=0),
    Field("tokens", "count", "Tokens, input and output.", "tokens 20M", unit="tokens", least=0),
    Field("requests", "count", "Requests.", "requests 50k", least=0),
)
CEILING = Statement(
    "ceiling",
    "Ceilings of one endpoint or step.",
    "endpoint NAME { fields } | step NAME { fields }",
    _PART_OF_BUDGET,
    section="Results",
)
BUDGET = Statement(
    "budget",
    "Hard ceilings over all runs of the dataset, or `per run`.",
    "budget { fields }",
    (
        Field("cost", "shape", "Money.", "cost $10 per run", unit="dollars", shape="MONEY [per run]",
              words=("per", "run"), many=True, least=0),
        Field("tokens", "shape", "Tokens, input and output.", "tokens 20M", unit="tokens", shape="COUNT [per run]",
              words=("per", "run"), many=True, least=0),
        Field("requests", "shape", "Requests.", "requests 50k", shape="COUNT [per run]", words=("per", "run"),
              many=True, least=0),
        Field("endpoint", "block", "Ceilings of one endpoint.", "endpoint referee { cost $10 }", block="ceiling",
              many=True),
        Field("step", "block", "Ceilings of one step.", "step verdict { requests 10k }", block="ceiling", many=True),
    ),
    section="Results",
)  # fmt: skip
CARD = Statement(
    "card",
    "What the dataset card says.",
    "card { fields }",
    (
        Field("title", "text", "Title.", 'title "Science tutoring preferences"'),
        Field("licence", "text", "SPDX identifier of the licence.", 'licence "cc-by-4.0"'),
        Field("summary", "text", "A paragraph.", 'summary "Bilingual tutoring."'),
        Field("authors", "texts", "Who made it.", 'authors ["A. Author"]'),
        Field("tags", "texts", "Tags.", 'tags ["education"]'),
        Field("homepage", "text", "Where to read more.", 'homepage "https://example.org"'),
    ),
    section="Results",
)
AFTER_EMIT = (SPLIT, BUDGET, CEILING, EXPECT, CARD)
