"""TAP4xx: steps, endpoints, checks, outputs."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP401",
        "secret-in-clear",
        "A secret stands in the spec.",
        "Specs are shared, versioned and hashed into manifests; a key in them is a leaked key. Write `key"
        ' env("NAME")` and set the variable where tapc runs; it is read when a run starts and never stored.'
        " Revoke a key that was committed.",
    ),
    error(
        "TAP402",
        "misplaced-env",
        "`env` stands where a value must be known at compile time.",
        "A spec compiles to the same plan on every machine, so the environment may only decide where requests"
        " go and with which credential: in `url`, `key` and `header`. Use a `param` for values that change from"
        " run to run.",
    ),
    error(
        "TAP403",
        "batch-mode",
        "`mode batch` is not available yet.",
        "Sending jobs through a provider's batch API comes with the second release. Until then leave `mode`"
        " out; replies are stored under the same keys, so nothing is lost by starting online.",
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
        "A header cannot be set, or holds what no header can.",
        "`Host`, `Content-Length`, `Transfer-Encoding`, `Connection` and other headers that say where a request ends, how"
        " it is written or what may come back are tapc's own: two that disagree would let one request be read as two."
        " Values are printable ASCII on one line, and a name is given once, in whatever case.",
    ),
    error(
        "TAP410",
        "step-cycle",
        "Steps read each other in a loop.",
        "Each step is made from what was made before it. The labels show who reads whom; cut one of the links.",
    ),
    error(
        "TAP413",
        "several-candidates",
        "A step with several candidates is read as if it had one.",
        "Which candidate would be meant? Write `for STEP` in a generate step to make one job for each"
        " candidate, or read a step with one candidate.",
    ),
    error(
        "TAP414",
        "pool-too-small",
        "`N of [ … ]` draws more endpoints than the list has.",
        "Lower N or list more endpoints; without `N of` all of them are used.",
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
        "Candidates of one step are compared by scores of another's.",
        "A pair compares candidates of the step in `of`, so each score in `by` must come from a step with the"
        " same `of`.",
    ),
    error(
        "TAP418",
        "per-conflict",
        "`per` cannot be used here.",
        "A step with `per` is made once for each combination of values of its axes and shared by their slots."
        " So it cannot follow candidates of a slot (`for`) nor axes drawn for each candidate, its prompts read no other"
        " axes and no steps that may differ between those slots, and its checks look at none. Name what they need in"
        " `per` as well, or leave it to a step that is made for each slot.",
    ),
    error(
        "TAP419",
        "messages",
        "The messages of a prompt are not a conversation.",
        "Give either `prompt` or `messages`; a system message comes first and once, and the last message is the"
        " user's, so that the endpoint has something to answer.",
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
        "An aspect says things that do not go together.",
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
        "A pair is made of a step with one candidate.",
        "A pair needs a chosen and a rejected candidate. Let the step make several, by `using [a, b]` or `each 2`.",
    ),
    error(
        "TAP427",
        "input-source",
        "An input reads no rows, or from two places.",
        "Give either `file` (JSONL, CSV, Parquet) or `hub`.",
    ),
    error(
        "TAP428",
        "samples-all",
        "`samples all` is given without an input, or with several.",
        "`all` takes every row of the one `input` step; without one, or with several, nothing says how many samples"
        " there are. Say how many.",
    ),
    error(
        "TAP430",
        "wrong-check",
        "A `require` is not one of the checks, or is written in another way.",
        "The checks and how they are written stand in the reference; `of FIELD` behind a check names a field of"
        " the step's `returns`.",
    ),
    error(
        "TAP431",
        "wrong-pattern",
        "A regular expression does not compile.",
        'Patterns follow the `regex` module. Strings have escapes, so a backslash is written twice: `"\\\\d+"`.',
    ),
    error(
        "TAP440",
        "unknown-emit",
        "An `emit` names no known kind.",
        "Kinds are preference, sft, reward, kto, rl, prompts, records and rejects; a name of your own may"
        " follow: `emit sft german { … }`.",
    ),
    error(
        "TAP441",
        "emit-fields",
        "An `emit` has fields that its kind has no use for, or lacks one.",
        "`good` and `bad` label rows of `kto`; `truth` and `source` belong to `rl`; `best_by` picks one"
        " candidate for `sft`.",
    ),
    error(
        "TAP442",
        "emit-source",
        "An `emit` reads a step of the wrong kind, or none.",
        "preference reads a pair; sft, rl and prompts a generate step or input; reward a pair or scores; kto"
        " scores. Say which with `from`.",
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
        "The name of a dataset, config or split cannot be the name of a file everywhere.",
        "These names become folders and files: letters (of any script, in Unicode's normal form C), digits and `_`, "
        "inside them `.` and `-`, at most 100 bytes. Separators, a dot at the start or end, and names that Windows keeps "
        "for devices (CON, NUL, COM1) are refused. Splits have no `-` and are not called `all`, which `datasets` keeps.",
    ),
    error(
        "TAP445",
        "names-alike",
        "Two datasets, configs or splits have names that some file systems take for one.",
        "On macOS and Windows, `Train` and `train` are one file, and so are two spellings of `é`. One would overwrite "
        "the other there.",
    ),
    error(
        "TAP446",
        "prompt-of-one-side",
        "Rows of pairs would show a prompt that only one of the two answers was asked.",
        "With `system keep`, a row shows the system message of the chosen answer. Where a mix drawn `per candidate` "
        "stands in it, the rejected answer was asked something else. Pair only answers with the same value (`within "
        "MIX` in the pair), drop the system message, or name the step whose text is the prompt (`prompt STEP`).",
    ),
    error(
        "TAP447",
        "score-range",
        "A bound lies outside the range of the score it is about.",
        "The range of a score follows from its rubric: the scale of an aspect, 0 to 1 for booleans, shares of "
        "comparisons, agreement, and a mean over different scales. A bound outside keeps everything or nothing, and "
        "`good` and `bad` of `kto` leave room between them.",
    ),
    error(
        "TAP448",
        "splits-disagree",
        "Two configs divide the samples differently.",
        "A sample has one place in all configs, so that no prompt of one config's `test` is in another's `train`. That "
        "needs the same splits in all of them. `split { … }` in the dataset holds for every config.",
    ),
)
