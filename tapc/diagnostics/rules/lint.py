"""TAP6xx: legal but probably not meant."""

from tapc.diagnostics.codes import Rule, warning

RULES: tuple[Rule, ...] = (
    warning(
        "TAP601",
        "self-judging",
        "A judge scores texts of its own model.",
        "Models prefer what they wrote themselves, so such scores are biased towards one of the authors. Judge with"
        " another model, or with a panel that has none of the authors. Two endpoints are one model where `identity`,"
        " or `model` and `revision`, are the same.",
    ),
    warning(
        "TAP602",
        "language-not-asked",
        "A dataset has several languages, and a step's prompts name none.",
        "Samples are counted by language, but nothing tells the model which one to write, so it will follow its habit"
        " or the language of the prompt. Put `{{ language.name }}` into the prompt, or into a prompt it builds upon.",
    ),
    warning(
        "TAP603",
        "prompt-over-context",
        "A request may not fit into the model's stated `context`.",
        "The written part of the prompt, the longest texts that earlier steps may put into it, the output limit and"
        " the thinking together pass what the endpoint can see; servers refuse such requests, or cut them. Lower"
        " `max_tokens` here or upstream, add `require length` upstream, or use a model that sees more. A token is"
        " taken as four characters, which is too few for many scripts.",
    ),
    warning(
        "TAP604",
        "unused-step",
        "Nothing reads what a step makes.",
        "Its requests are sent and paid for, and their results are dropped. Name it in an `emit`, in `accept` or in a"
        " later step, or remove it. A judge or score step with a `require` is used: it rejects candidates.",
    ),
    warning(
        "TAP605",
        "unused-mix",
        "A mix splits the samples, and nothing depends on its value.",
        "No prompt, check or rule reads it, so samples of all its values are made alike. Read it in a prompt"
        " (`{{ difficulty }}`), or remove it.",
    ),
    warning(
        "TAP606",
        "unused-rubric",
        "A rubric of a dataset is used by no judge.",
        "It has no effect. Remove it, or name it in a judge's `rubric`.",
    ),
    warning(
        "TAP607",
        "unused-declaration",
        "A declaration at the top of a spec is named nowhere.",
        "Declarations outside a dataset have no effect until a dataset names them: a taxonomy or mix by `taxonomy"
        " topic = NAME`, a param by its name as a value, a pipeline by `pipeline NAME { … }`. Remove it, or use it."
        " Files without a dataset are libraries, and are not told.",
    ),
    warning(
        "TAP608",
        "budget-too-small",
        "A ceiling is below the worst case of a single request.",
        "A request is sent only if its worst case (every byte of the prompt a token, output up to its limit) fits"
        " under every ceiling, so this step would never send one. Raise the ceiling, or lower `max_tokens`.",
    ),
    warning(
        "TAP609",
        "same-again",
        "A step asks again at temperature 0, and will hear the same.",
        "At temperature 0 a model answers a prompt in one way. A candidate refused as a near-duplicate would come"
        " back as it was until `attempts` are used up, and `each 2` would be twice the same text. Raise the"
        " temperature, or let something in the prompt differ: a mix drawn `per candidate`.",
    ),
    warning(
        "TAP610",
        "more-leaves-than-samples",
        "The taxonomy has more leaves than there are samples.",
        "Some leaves get no sample, and only shares of larger branches can be kept. Make more samples, or shorten the"
        " tree with `only` and `except`.",
    ),
    warning(
        "TAP611",
        "nothing-emitted",
        "A dataset writes nothing.",
        "Without an `emit` nothing but what was turned down is written, and no step decides whether a slot is"
        " accepted. Add one, for example `emit sft { from answer }`.",
    ),
    warning(
        "TAP612",
        "never-drawn",
        "A node or value has a share of nothing.",
        "It takes no samples by itself, and no `when` gives it any. Give it a share, or remove it.",
    ),
    warning(
        "TAP613",
        "ceiling-never-reached",
        "A ceiling lies above one that covers more.",
        "An endpoint, a step or a run can never spend more than the whole dataset may, so this ceiling never acts."
        " Lower it, raise the wider one, or remove it.",
    ),
    warning(
        "TAP614",
        "format-not-written",
        "A file format is asked for that this version of tapc does not write.",
        "All configs are written as JSON lines, which every reader of the `datasets` library takes, and"
        ' `datasets.load_dataset(DIR, CONFIG)["train"].to_parquet(FILE)` makes a Parquet file of. The spec stays'
        " right for the version that writes it.",
    ),
    warning(
        "TAP615",
        "text-beside-fence",
        "A judge's instructions hold a text that a model wrote.",
        "What a judge reads of the candidates, the prompt and `given` stands behind a fence that nothing inside can close."
        " The rubric and `system` stand before it: a text that is put there through a template can ask for a good score,"
        " and the judge cannot tell it from the author's own words.",
    ),
    warning(
        "TAP616",
        "config-without-splits",
        "A config has no splits, and another one has some.",
        "Configs of a dataset show the same samples. A model that is trained on all of one and tested on the `test` of "
        "another has seen the prompts. `split { … }` in the dataset holds for every config.",
    ),
)
