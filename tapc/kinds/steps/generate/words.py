"""Words of `generate`: texts or structures written by chat models."""

from tapc.semantics.vocabulary.endpoints import SAMPLING
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.steps import ATTEMPTS, REQUIRE, SYSTEM

GENERATE = Statement(
    "generate",
    "One text, or one structure, per candidate.",
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
        SYSTEM,
        Field("prompt", "template", "The user message.", 'prompt "{{ question }}"', rival="messages"),
        Field(
            "messages",
            "block",
            "Several messages instead of `prompt`.",
            'messages { user "Hello", assistant "Yes?", user "{{ question }}" }',
            block="messages",
            rival="prompt",
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
        ATTEMPTS,
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
