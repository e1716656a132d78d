"""TAP4xx: steps, endpoints, checks, outputs."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP401",
        "secret-in-clear",
        "The spec contains a secret.",
        "Specs are shared, versioned and hashed into manifests; a key in a spec is a leaked key. Write `key"
        ' env("NAME")` and set the variable where tapc runs; it is read when a run starts and never stored.'
        " Revoke a key that was committed.",
    ),
    error(
        "TAP402",
        "misplaced-env",
        "`env` is used for a value that must be known at compile time.",
        "A spec compiles to the same plan on every machine, so the environment may only decide where requests"
        " go and which credential they carry: in `url`, `key` and `header`. Use a `param` for values that change from"
        " run to run.",
    ),
    error(
        "TAP403",
        "batch-mode",
        "`mode batch` is not available yet.",
        "Sending jobs through the batch API of a provider is planned for the second release. Until then remove `mode`;"
        " replies are stored under the same keys, so nothing is lost by starting online.",
    ),
    error(
        "TAP404",
        "endpoint-url",
        "An endpoint has no usable URL.",
        "An endpoint needs the base URL of an OpenAI-compatible server, http or https, such as"
        " `http://localhost:8000/v1`. Only simulated models (`sim`, `sim-…`) need none.",
    ),
    warning(
        "TAP405",
        "unused-endpoint",
        "An endpoint is declared but no step uses it.",
        "It has no effect. Remove it, or name it in a step's `using`.",
    ),
    error(
        "TAP406",
        "header-of-tapc",
        "A header cannot be set, or its value is not valid.",
        "tapc sets `Host`, `Content-Length`, `Transfer-Encoding`, `Connection` and other headers that say where a request"
        " ends, how it is encoded or what may be returned: a second, different value could make a server read one request"
        " as two. Values are printable ASCII on one line, and a name is given once, regardless of case.",
    ),
    error(
        "TAP410",
        "step-cycle",
        "Steps read each other in a loop.",
        "Each step is made from the results of earlier steps. The labels show which step reads which; remove one of the"
        " references.",
    ),
    error(
        "TAP413",
        "several-candidates",
        "A step with several candidates is read as if it had one.",
        "It is not clear which candidate is meant. Write `for STEP` in a generate step to make one job per candidate, or"
        " read a step with one candidate.",
    ),
    error(
        "TAP414",
        "pool-too-small",
        "`N of [ … ]` draws more endpoints than the list has.",
        "Lower N or list more endpoints; without `N of`, all of them are used.",
    ),
    error(
        "TAP415",
        "need-too-many",
        "`need` asks for more candidates than the step makes.",
        "A step makes `each` candidates from every endpoint it uses. Lower `need` or raise `each`.",
    ),
    error(
        "TAP416",
        "unknown-score",
        "A step gives no score of this name, or one that cannot be compared.",
        "A judge gives a score for each aspect of its rubric, `overall` and `agreement`; a score step gives"
        " `overall`, a vote `agreement`. Categories and texts cannot be compared.",
    ),
    error(
        "TAP417",
        "foreign-score",
        "Candidates of one step are compared by scores of another step's candidates.",
        "A pair compares candidates of the step in `of`, so each score in `by` must come from a step with the"
        " same `of`.",
    ),
    error(
        "TAP418",
        "per-conflict",
        "`per` cannot be used here.",
        "A step with `per` is made once for each combination of values of its axes, and the slots with these values share"
        " it. So it cannot use candidates of a slot (`for`) or axes drawn for each candidate, and its prompts and checks"
        " cannot read other axes or steps that may differ between those slots. Name the axes they need in `per` as well,"
        " or read them in a step that is made for each slot.",
    ),
    error(
        "TAP419",
        "messages",
        "The messages of a prompt are not a conversation.",
        "Give either `prompt` or `messages`; there is at most one system message, which comes first, and the last message"
        " has the role user, so that the endpoint has something to answer.",
    ),
    error(
        "TAP420",
        "aspect-scale",
        "An aspect has no scale, or not a usable one.",
        "A scale is a range of whole numbers such as `1..5`, `boolean`, or `any of [a, b]`.",
    ),
    error(
        "TAP421",
        "aspect-conflict",
        "The fields of an aspect contradict each other.",
        "`overall` is computed as the weighted mean unless it is `asked`; every other aspect is always asked;"
        " categories have no direction.",
    ),
    error(
        "TAP422",
        "anchor",
        "An anchor does not fit its aspect.",
        "Anchors tell the judge what a score means: a score on the aspect's scale and a text, such as `1"
        ' "ignores it"`.',
    ),
    error(
        "TAP423",
        "panel-of-one",
        "`panel` is given for a single judge.",
        "A panel joins the scores of several endpoints. List them in `using`, or remove `panel`.",
    ),
    error(
        "TAP424",
        "pairwise-categories",
        "Categories cannot be judged in pairs.",
        "A pairwise judge says which of two answers is better; categories have no order. Use `mode pointwise`"
        " for such a rubric.",
    ),
    error(
        "TAP425",
        "score-source",
        "A score step does not say what scores.",
        "Either `using ENDPOINT` with `kind reward`, or `run [ … ]` for a program (which needs `--allow-run`).",
    ),
    error(
        "TAP426",
        "nothing-to-pair",
        "A pair is made from a step with one candidate.",
        "A pair needs a chosen and a rejected candidate. Make several in the step with `using [a, b]` or `each 2`.",
    ),
    error(
        "TAP427",
        "input-source",
        "An input has no source of rows, or two.",
        "Give either `file` (JSONL, CSV, Parquet) or `hub`.",
    ),
    error(
        "TAP428",
        "samples-all",
        "`samples all` is given without an input, or with several.",
        "`all` takes every row of the one `input` step; without an input, or with several, the number of samples is not"
        " defined. Write a number.",
    ),
    error(
        "TAP430",
        "wrong-check",
        "A `require` is not one of the checks, or its arguments are wrong.",
        "The reference lists the checks and their arguments; `of FIELD` after a check names a field of the `returns` of"
        " the step.",
    ),
    error(
        "TAP431",
        "wrong-pattern",
        "A regular expression does not compile.",
        'Patterns follow the `regex` module. Strings have escapes, so a backslash is written twice: `"\\\\d+"`.',
    ),
    error(
        "TAP432",
        "sides-asked-apart",
        "The two sides of a pair would be asked different things.",
        "A pair holds two answers to one prompt. A mix `per candidate` in the prompt of the user gives every candidate "
        "another one, so that only candidates with the same value can be paired. Say so (`within MIX` in the pair), or read "
        "the mix in the system message.",
    ),
    error(
        "TAP440",
        "unknown-emit",
        "An `emit` has an unknown kind.",
        "Kinds are preference, sft, reward, kto, rl, prompts, records and rejects; a name of your own may"
        " follow: `emit sft german { … }`.",
    ),
    error(
        "TAP441",
        "emit-fields",
        "An `emit` has fields that its kind does not use, or lacks one that it needs.",
        "`good` and `bad` label rows of `kto`; `truth` and `source` belong to `rl`; `best_by` picks one"
        " candidate for `sft`.",
    ),
    error(
        "TAP442",
        "emit-source",
        "An `emit` reads a step of the wrong kind, or none.",
        "preference reads a pair; sft a generate step or input; reward a pair or scores; kto"
        " scores. Say which with `from`. The prompt of rl and prompts is the text of a step: `prompt question`.",
    ),
    error(
        "TAP443",
        "split-sum",
        "Splits do not sum to 100%.",
        "Every row goes into exactly one split, so their shares sum to 100%.",
    ),
    error(
        "TAP444",
        "plain-name",
        "The name of a dataset, config or split is not a valid file name on every system.",
        "These names become folders and files: letters (of any script, in Unicode's normal form C), digits and `_`, "
        "inside them `.` and `-`, at most 100 bytes. Separators, a dot at the start or end, and names that Windows keeps "
        "for devices (CON, NUL, COM1) are rejected. Splits contain no `-` and are not called `all`, which `datasets` "
        "reserves.",
    ),
    error(
        "TAP445",
        "names-alike",
        "Two datasets, configs or splits have names that some file systems treat as the same.",
        "On macOS and Windows, `Train` and `train` are one file, and so are two encodings of `é`. One would overwrite "
        "the other there. Rename one of them.",
    ),
    error(
        "TAP446",
        "prompt-of-one-side",
        "Rows of pairs would show a prompt that belongs to only one of the two answers.",
        "With `system keep`, a row shows the system message of the chosen answer. If that message reads a mix drawn "
        "`per candidate`, the rejected answer had another system message. Pair only answers with the same value "
        "(`within MIX` in the pair), drop the system message, or name the step whose text is the prompt (`prompt STEP`).",
    ),
    error(
        "TAP447",
        "score-range",
        "A bound lies outside the range of its score.",
        "The range of a score follows from its rubric: the scale of an aspect, or 0 to 1 for booleans, shares of "
        "comparisons, agreement, and a mean over different scales. A bound outside that range keeps everything or "
        "nothing. `good` and `bad` of `kto` must not overlap.",
    ),
    error(
        "TAP448",
        "splits-disagree",
        "Two configs divide the samples differently.",
        "A sample is in the same split in all configs, so that no prompt in the `test` of one config is in the `train` of "
        "another. That requires the same splits in all of them. `split { … }` in the dataset applies to every config.",
    ),
    error(
        "TAP449",
        "conversation-of-others",
        "Rows would show a prompt that holds other answers.",
        "A revision is asked with the first answer and a critique of it, but is to be learnt as the answer to the question. "
        "Name the text that is the prompt of the rows, `prompt question`. If the conversation that was sent is what is to "
        "be learnt, write `prompt asked`.",
    ),
    error(
        "TAP450",
        "expectation-misshapen",
        "An expectation is not written as its figure needs it.",
        "Each figure in `expect { … }` has its own words and units: `every topic >= 2`, `cost <= $20`, `short <= 1%`. "
        "Bounds are comparisons or ranges such as `45%..55%`. docs/reference.md lists all figures.",
    ),
    error(
        "TAP451",
        "nothing-to-measure",
        "An expectation is about something that the dataset does not have.",
        "`length_gap`, `chosen_longer` and `chosen_from` compare the two sides of pairs, so a config must be made from a "
        "`pair` step, and the endpoint must write answers that are paired. Samples have no value of a mix that is drawn "
        "`per candidate`. Remove the expectation, or name something that is measured.",
    ),
    error(
        "TAP452",
        "expectation-decides-nothing",
        "An expectation holds always or never.",
        "Shares go from 0% to 100%, counts and money start at 0, and scores have the range of their rubric. A bound at or "
        "beyond the end of the range can tell nothing. Write one inside the range.",
    ),
    error(
        "TAP453",
        "expectation-failed",
        "An expectation does not hold.",
        "`expect { … }` says what must hold. What the plan knows is compared before anything is sent, and fails "
        "`tapc plan`; everything is compared with the samples that a run has written. The dataset of such a run is "
        "complete and stays; manifest.json lists every expectation with its figure. Change the spec, or the expectation.",
    ),
)
