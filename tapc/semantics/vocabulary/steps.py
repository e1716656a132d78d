"""Words of steps and rubrics."""

from tapc.semantics.vocabulary.endpoints import EXTRA, MAX_TOKENS, SAMPLING, TEMPERATURE
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

_ATTEMPTS = Field("attempts", "count", "Total tries a candidate.", "attempts 3", default="3", least=1, most=1000)
_OF = Field("of", "name", "The step whose candidates it reads.", "of answer", required=True)
_SYSTEM = Field("system", "template", "The system message.", 'system "You write exam questions."')

INPUT = Statement(
    "input",
    "Existing rows, dealt in hash order to slots in rank order, without replacement.",
    "input NAME { fields }",
    (
        Field("file", "template", "A JSONL, CSV, TSV or Parquet file.", 'file "prompts/{{ source }}.jsonl"'),
        Field(
            "hub",
            "shape",
            "A dataset read through `datasets`.",
            'hub "org/set" { revision "main", split train }',
            shape='"ORG/SET" [{ revision "…", split NAME }]',
            block="hub",
        ),
        Field(
            "field", "path", "The column that is the step's text; `a.b` is a field in a column.", "field instruction"
        ),
        Field(
            "columns",
            "open",
            "Further columns, as NAME COLUMN; `optional` behind one that some of several files lack.",
            "columns { answer gold, hint hint optional }",
        ),
        Field("match", "open", "Puts rows into cells by column: AXIS COLUMN.", "match { language lang }"),
    ),
    section="Steps",
)
GENERATE = Statement(
    "generate",
    "One text, or one structure, a candidate.",
    "generate NAME { fields }",
    (
        Field(
            "using",
            "shape",
            "The endpoints that answer; `N of [ … ]` draws N of them for each slot.",
            "using [writer, llama]",
            shape="NAME | [ … ] | N of [ … ]",
            words=("of",),
            required=True,
        ),
        Field("each", "count", "Candidates from each endpoint.", "each 2", default="1", least=1, most=1000),
        _SYSTEM,
        Field("prompt", "template", "The user message.", 'prompt "{{ question }}"'),
        Field(
            "messages",
            "block",
            "Several messages instead of `prompt`.",
            'messages { user "Hello", assistant "Yes?", user "{{ question }}" }',
            block="messages",
        ),
        Field(
            "returns",
            "block",
            "Structured output.",
            "returns { title text, level integer 1..5 }",
            block="returns",
        ),
        Field("for", "name", "Makes one job for each candidate of this step.", "for answer"),
        Field(
            "per",
            "names",
            "Made once per value of these axes, shared by their slots; reads what is the same for all of them.",
            "per topic",
        ),
        Field("need", "count", "Candidates the slot needs to go on.", "need 2", default="all", least=1, most=1_000_000),
        _ATTEMPTS,
        REQUIRE,
        Field(
            "expect_tokens",
            "count",
            "Output tokens expected, for the estimate.",
            "expect_tokens 250",
            unit="tokens",
            least=0,
        ),
        *SAMPLING,
    ),
    section="Steps",
)
JUDGE = Statement(
    "judge",
    "Scores candidates by a rubric. Its results are `NAME.ASPECT`, `NAME.overall`, `NAME.rationale` and"
    " `NAME.agreement`.",
    "judge NAME { fields }",
    (
        _OF,
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
        _SYSTEM,
        _ATTEMPTS,
        REQUIRE,
        MAX_TOKENS,
        TEMPERATURE,
        EXTRA,
    ),
    section="Steps",
)
SCORE = Statement(
    "score",
    "Scores by a reward model, or by a program (only with `--allow-run`). Its result is `NAME.overall`.",
    "score NAME { fields }",
    (
        _OF,
        Field("using", "name", "The endpoint of the reward model.", "using reward_model"),
        Field("kind", "word", "What the endpoint is.", "kind reward", words=("reward",)),
        Field(
            "run",
            "command",
            "A program fed JSONL on standard input, answering JSONL.",
            'run ["python", "checks/math.py"]',
        ),
        REQUIRE,
    ),
    section="Steps",
)
VOTE = Statement(
    "vote",
    "Majority over candidates. Its results are `NAME.majority` and `NAME.agreement`.",
    "vote NAME { fields }",
    (
        _OF,
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
PAIR = Statement(
    "pair",
    "Chosen and rejected. Ties and equal texts are dropped.",
    "pair NAME { fields }",
    (
        _OF,
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
HUB = Statement(
    "hub",
    "Which part of a dataset to read.",
    'hub "ORG/SET" { fields }',
    (
        Field("revision", "text", "Commit, tag or branch.", 'revision "main"'),
        Field("split", "name", "Split.", "split train", default="train"),
    ),
    section="Steps",
)
MESSAGES = Statement(
    "messages",
    "Messages in order.",
    "messages { messages }",
    (
        Field("system", "template", "A system message; it comes first.", 'system "Be brief."'),
        Field("user", "template", "A user message.", 'user "{{ question }}"', many=True),
        Field("assistant", "template", "An assistant message.", 'assistant "Yes."', many=True),
    ),
    section="Steps",
)
RETURNS = Statement(
    "returns",
    'Fields of a structured answer: `NAME TYPE [: "definition"]`, with `text`, `integer A..B`, `number A..B`,'
    " `boolean`, `one_of [ … ]`, `list TYPE` or a nested block.",
    "returns { NAME TYPE, … }",
    free="fields",
    section="Steps",
)
CLEAN_OF = Statement(
    "clean_of",
    "Benchmark contamination.",
    'require clean_of "GLOB" { fields }',
    (Field("ngram", "count", "Words in a row that count as a copy.", "ngram 8", default="8", least=1, most=100),),
    section="Steps",
)
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
