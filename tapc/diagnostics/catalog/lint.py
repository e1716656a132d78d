"""TAP6xx: legal but probably not meant."""

from tapc.diagnostics.codes import Rule, warning

RULES: tuple[Rule, ...] = (
    warning(
        "TAP601",
        "self-judging",
        "A judge scores texts of its own model.",
        "Models prefer what they wrote themselves, so such scores are biased towards one of the authors. Judge with"
        " another model, or with a panel that has none of the authors. Two endpoints are one model if `identity`,"
        " or `model` and `revision`, are the same.",
    ),
    warning(
        "TAP602",
        "language-not-asked",
        "A dataset has several languages, and the prompts of a step name none.",
        "Samples are counted by language, but nothing tells the model which one to write, so it will use its default or"
        " the language of the prompt. Put `{{ language.name }}` into the prompt, or into the prompt of an earlier step.",
    ),
    warning(
        "TAP603",
        "prompt-over-context",
        "A request may not fit into the stated `context` of the model.",
        "The fixed part of the prompt, the longest texts that earlier steps may add to it, the output limit and the"
        " thinking together exceed the context of the endpoint; servers refuse or truncate such requests. Lower"
        " `max_tokens` in this step or an earlier one, add `require length` to an earlier one, or use a model with a"
        " larger context. The estimate of four characters per token is too low for many scripts.",
    ),
    warning(
        "TAP604",
        "unused-step",
        "The results of a step are not used.",
        "Its requests are sent and paid for, and their results are discarded. Name it in an `emit`, in `accept` or in a"
        " later step, or remove it. A judge or score step with a `require` is used: it rejects candidates.",
    ),
    warning(
        "TAP605",
        "unused-mix",
        "A mix divides the samples, and nothing depends on its value.",
        "No prompt, check or rule reads it, so samples with different values are made in the same way. Read it in a prompt"
        " (`{{ difficulty }}`), or remove it.",
    ),
    warning(
        "TAP606",
        "unused-rubric",
        "No judge uses a rubric of a dataset.",
        "It has no effect. Remove it, or name it in a judge's `rubric`.",
    ),
    warning(
        "TAP607",
        "unused-declaration",
        "A declaration at the top of a spec is not used.",
        "Declarations outside a dataset have no effect until a dataset names them: a taxonomy or mix by `taxonomy"
        " topic = NAME`, a param by its name as a value, a pipeline by `pipeline NAME { … }`. Remove it, or use it."
        " Files without a dataset are libraries, and are not reported.",
    ),
    warning(
        "TAP608",
        "budget-too-small",
        "A ceiling is below the worst case of a single request.",
        "A request is sent only if its worst case (one token per byte of the prompt, output up to its limit) fits under"
        " every ceiling, so this step would never send a request. Raise the ceiling, or lower `max_tokens`.",
    ),
    warning(
        "TAP609",
        "same-again",
        "A step repeats a request at temperature 0, and will get the same reply.",
        "At temperature 0 a model gives one reply to a prompt. A candidate rejected as a near-duplicate would be the same"
        " in every attempt, and `each 2` would give the same text twice. Raise the temperature, or vary the prompt with a"
        " mix drawn `per candidate`.",
    ),
    warning(
        "TAP610",
        "leaves-without-samples",
        "Some leaves of the taxonomy get no sample.",
        "A leaf whose share comes to less than one sample may get none. Make more samples; spread them over leaves instead of "
        "branches, `taxonomy topic by leaves = …`, with `at_least 1` if every leaf must have one; or take parts of the tree "
        "with `only [ … ]`.",
    ),
    warning(
        "TAP611",
        "nothing-emitted",
        "A dataset writes nothing.",
        "Without an `emit` only rejected candidates are written, and no step decides whether a slot is accepted. Add one,"
        " for example `emit sft { from answer }`.",
    ),
    warning(
        "TAP612",
        "never-drawn",
        "A node or value has a share of zero.",
        "It gets no samples, and no `when` gives it any. Give it a share, or remove it.",
    ),
    warning(
        "TAP613",
        "ceiling-never-reached",
        "A ceiling is higher than one that includes it.",
        "An endpoint, a step or a run can never spend more than the whole dataset may, so this ceiling has no effect."
        " Lower it, raise the wider one, or remove it.",
    ),
    warning(
        "TAP614",
        "format-not-written",
        "This version of tapc does not write the requested file format.",
        "All configs are written as JSON lines, which the `datasets` library reads;"
        ' `datasets.load_dataset(DIR, CONFIG)["train"].to_parquet(FILE)` converts them to Parquet. The spec stays valid'
        " for a version that writes the format.",
    ),
    warning(
        "TAP615",
        "text-beside-fence",
        "The instructions of a judge contain a text that a model wrote.",
        "A judge reads the candidates, the prompt and `given` inside a fence that no text inside can close. The rubric and"
        " `system` come before the fence: a text that a template puts there can ask for a good score, and the judge cannot"
        " tell it from the words of the author. Name the text in `given` instead.",
    ),
    warning(
        "TAP616",
        "config-without-splits",
        "A config has no splits, and another one has some.",
        "Configs of a dataset contain the same samples. A model that is trained on all of one and tested on the `test` of "
        "another has seen the prompts. `split { … }` in the dataset applies to every config.",
    ),
    warning(
        "TAP617",
        "unused-allow",
        "An `allow` allows nothing.",
        "What it silenced is no longer there, and it would silence the next finding of this kind unseen. Remove it; `tapc check --fix` does so. One that is needed only with some values of `--set` can be"
        ' kept with `allow TAP617: "…"`.',
    ),
)
