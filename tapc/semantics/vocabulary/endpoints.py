"""Words of endpoints and of sampling, which steps share."""

from tapc.semantics.vocabulary.model import Field, Statement

TEMPERATURE = Field(
    "temperature", "decimal", "Sampling temperature.", "temperature 0.9", default="not sent", least=0, most=100
)
MAX_TOKENS = Field(
    "max_tokens",
    "count",
    "Most output tokens of one completion, thinking not included.",
    "max_tokens 800",
    default="1024",
    unit="tokens",
    least=1,
)
EXTRA = Field(
    "extra",
    "open",
    "Sent as is in the request's body; part of the job's key.",
    "extra { top_k 20, chat_template_kwargs { enable_thinking false } }",
)
SAMPLING = (
    TEMPERATURE,
    Field("top_p", "decimal", "Nucleus sampling.", "top_p 0.95", default="not sent", least=0, most=1),
    MAX_TOKENS,
    Field("stop", "texts", "Strings that end the completion.", 'stop ["\\n\\n"]', default="not sent"),
    Field(
        "seed",
        "integer",
        "Sampling seed sent with every request.",
        "seed 7",
        default="derived from the job where the endpoint supports it",
    ),
    Field(
        "n",
        "count",
        "Completions asked in one request.",
        "n 1",
        default="1",
        least=1,
        most=1024,
    ),
    Field(
        "frequency_penalty",
        "decimal",
        "Penalty on frequent tokens.",
        "frequency_penalty 0.2",
        default="not sent",
        least=-100,
        most=100,
    ),
    Field(
        "presence_penalty",
        "decimal",
        "Penalty on tokens present.",
        "presence_penalty 0.2",
        default="not sent",
        least=-100,
        most=100,
    ),
    Field("logprobs", "flag", "Asks for log probabilities.", "logprobs true", default="not sent"),
    EXTRA,
)

_PRICE = "price"
_ABOVE = "above"

_KINDS = (
    Field("input", "price", "Input tokens.", "input $0.25/M", unit="dollars per tokens", required=True),
    Field("cached_input", "price", "Input tokens served from the provider's cache.", "cached_input $0.03/M"),
    Field(
        "cache_write",
        "price",
        "Input tokens written to the provider's cache.",
        "cache_write $0.3125/M",
        default="charged at twice the input price where a reply reports any, and refused under a cost budget",
    ),
    Field("output", "price", "Output tokens.", "output $2.00/M", required=True),
)

STATEMENTS = (
    Statement(
        "endpoint",
        'A model behind one or several URLs. `model "sim"` (or `"sim-…"`) is simulated and needs no URL.',
        "endpoint NAME [= path] { fields }",
        (
            Field("model", "text", "Name sent to the server.", 'model "qwen3-32b"', required=True),
            Field(
                "revision",
                "text",
                "Part of the identity: a new checkpoint under an old name is a new model.",
                'revision "step-1200"',
            ),
            Field(
                "identity",
                "text",
                "Says that other names or servers are the same model, so that stored replies still count.",
                'identity "qwen3-32b"',
                default="model and revision",
            ),
            Field(
                "url",
                "shape",
                "Base URL of an OpenAI-compatible server, or several as replicas.",
                'url env("WRITER_URL", "http://localhost:8000/v1")',
                shape='"URL" | env("NAME"[, "default"]) | [ … ]',
            ),
            Field(
                "key",
                "shape",
                "Where the API key comes from; a spec never contains secrets.",
                'key env("OPENAI_API_KEY")',
                shape='env("NAME")',
                default="no key is sent",
            ),
            Field(
                "price",
                "shape",
                "What tokens cost.",
                "price { input $0.25/M, output $2.00/M }",
                shape="free | { … }",
                words=("free",),
                block=_PRICE,
                default="the shipped table, by exact model name; simulated models are free",
            ),
            Field(
                "limit",
                "block",
                "Stated limits, in addition to the adaptive ones.",
                "limit { requests 600/min, tokens 400k/min, concurrency 64 }",
                block="limit",
            ),
            Field("context", "count", "Tokens the model can see.", "context 32k", unit="tokens", least=1),
            Field(
                "thinking",
                "shape",
                "Hidden reasoning: off, on, or this many tokens more in the limit sent.",
                "thinking 4k",
                shape="off | on | TOKENS",
                words=("off", "on"),
                unit="tokens",
            ),
            Field(
                "token_field",
                "word",
                "Field of the request that carries the token limit.",
                "token_field max_completion_tokens",
                words=("max_tokens", "max_completion_tokens"),
                default="max_tokens",
            ),
            Field(
                "overhead",
                "count",
                "Most tokens the chat template adds to a request.",
                "overhead 64 tokens",
                default="64",
                unit="tokens",
                words=("tokens",),
                least=0,
            ),
            *SAMPLING,
            Field(
                "transport",
                "block",
                "How requests travel; never part of a job's key.",
                'transport { timeout 60s, header "X-Team" "data" }',
                block="transport",
            ),
            Field(
                "mode",
                "word",
                "How requests are sent; `batch` comes with the second release.",
                "mode online",
                words=("online", "batch"),
                default="online",
            ),
            Field("terms", "text", "Licence of the model's outputs, for the card.", 'terms "apache-2.0"'),
        ),
        section="Endpoints",
    ),
    Statement(
        _PRICE,
        "Price of an endpoint, per tokens.",
        "price { fields }",
        (
            *_KINDS,
            Field(
                "above",
                "block",
                "Prices of a whole request whose input, cached tokens included, has more tokens than this.",
                "above 272k { input $4.00/M, output $12.00/M }",
                unit="tokens",
                shape="TOKENS { … }",
                block=_ABOVE,
                many=True,
            ),
            Field(
                "flex",
                "percent",
                "What is paid of these prices for replies served in the flex tier; one that falls back to standard "
                "is charged as such.",
                "flex 50%",
                least=0,
                most=1,
            ),
            Field("batch", "percent", "What is paid of these prices in batch mode.", "batch 50%", least=0, most=1),
            Field(
                "priority",
                "percent",
                "What is paid of these prices in tiers dearer than standard. Where it is given, requests that name no "
                "`service_tier` may be served so and are bounded by it.",
                "priority 200%",
                least=1,
                most=100,
            ),
        ),
        section="Endpoints",
    ),
    Statement(
        _ABOVE,
        "Prices of an endpoint by length of the input. What is not given keeps its proportion to `input`.",
        "above TOKENS { fields }",
        _KINDS,
        section="Endpoints",
    ),
    Statement(
        "limit",
        "Stated limits of an endpoint.",
        "limit { fields }",
        (
            Field("requests", "rate", "Requests.", "requests 600/min", unit="per minute", least=1),
            Field("tokens", "rate", "Tokens, input and output.", "tokens 400k/min", unit="per minute", least=1),
            Field("concurrency", "count", "Requests in flight.", "concurrency 64", least=1),
        ),
        section="Endpoints",
    ),
    Statement(
        "transport",
        "How requests travel.",
        "transport { fields }",
        (
            Field(
                "timeout",
                "duration",
                "Of one request. An endpoint that has answered none after two of them is given up.",
                "timeout 120s",
                default="120s",
                unit="time",
            ),
            Field(
                "header",
                "shape",
                "A header of every request; secrets through `env`.",
                'header "X-Team" "data"',
                shape='"NAME" ("value" | env("NAME"))',
                many=True,
            ),
        ),
        section="Endpoints",
    ),
)
