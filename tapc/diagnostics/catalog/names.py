"""TAP1xx: names, modules, vocabulary."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP101",
        "unknown-statement",
        "A statement is unknown in this context.",
        "The language is closed: an unknown statement would silently have no effect, so it is an error. Check the"
        " spelling, or see the reference for what a file, a dataset or a pipeline may contain. Your own words belong in"
        " `meta { … }`.",
    ),
    error(
        "TAP102",
        "unknown-field",
        "A block contains a field that its statement does not have.",
        "A misspelled field would silently leave its default in force, so unknown fields are errors. Check the"
        " spelling; the reference lists what each statement accepts. Fields of the request body that tapc does not know"
        " belong in `extra { … }` of an endpoint or step.",
    ),
    error(
        "TAP103",
        "misplaced-statement",
        "A known statement is used in the wrong place.",
        "`import` and `param` belong at the top of a file; steps, `when` and `exclude` belong directly inside a dataset."
        " Move the statement there.",
    ),
    error(
        "TAP104",
        "wrong-value",
        "A field has a value of the wrong type or form.",
        "Every field has a type: text is written in quotes, numbers carry the unit of the field, several values form a"
        " list `[a, b]`. The note shows what is expected.",
    ),
    error(
        "TAP106",
        "unknown-unit",
        "A number has an unknown unit.",
        "Quantities carry units so that `30` is never read as seconds, samples or percent by mistake. Use one of the units"
        " in the note, or none if a plain number is expected.",
    ),
    error(
        "TAP107",
        "number-too-large",
        "A number has too many digits.",
        "Numbers are exact and limited to 30 digits. Use a multiplier: `20M` instead of `20000000`.",
    ),
    error(
        "TAP108",
        "out-of-range",
        "A number is outside what its field allows.",
        "The message states the bounds. Ranges are written from the lower to the higher end, both included.",
    ),
    error(
        "TAP109",
        "given-twice",
        "A field that may be given once is given twice.",
        "Only one of two values could apply, and which one would depend on the order of lines. Remove one of them, or"
        " combine them in a list if the field accepts lists.",
    ),
    error(
        "TAP110",
        "missing-field",
        "A statement lacks a required field, name or part.",
        "Add what the message names; the note shows how it is written.",
    ),
    error(
        "TAP111",
        "unknown-name",
        "A name refers to nothing.",
        "Names refer to what the dataset declares (axes, endpoints, rubrics, steps), to params, and to what the"
        " file declares or imports. Check the spelling, or declare it. Text is written in quotes.",
    ),
    error(
        "TAP112",
        "wrong-kind",
        "A name refers to something of another kind.",
        "For example, `using` needs an endpoint and `of` a step with candidates. The second label shows what the name"
        " refers to.",
    ),
    error(
        "TAP113",
        "name-clash",
        "Two things have the same name.",
        "Axes, endpoints, rubrics and steps of a dataset share one namespace, and so do the declarations,"
        " params and imports of a file, since templates and references name them alike. Rename one; an import"
        " takes another name with `as`.",
    ),
    error(
        "TAP120",
        "unreadable-module",
        "An imported file or bundled module cannot be read.",
        'Files are imported by a path relative to the importing file, `import "./rubrics.tap" as r`; bundled'
        " modules by name, `import std.rubrics.helpfulness`. There are no remote imports: a spec means the same"
        " on every machine.",
    ),
    error(
        "TAP121",
        "import-cycle",
        "Modules import each other in a loop.",
        "A module cannot depend on itself, not even through other modules. Move what both need into a third module.",
    ),
    error(
        "TAP122",
        "not-declared",
        "A module does not declare the requested name.",
        "Only the declarations of a module are visible, not what it imports. Check the spelling, or import the module that"
        " declares the name.",
    ),
    warning(
        "TAP123",
        "unused-import",
        "An import is not used.",
        "Nothing in the file uses it. Remove it; `tapc check --fix` does so.",
    ),
    error(
        "TAP124",
        "imports-too-deep",
        "Imports are nested too deep.",
        "A chain of imports is longer than 64 modules. Often the cause is a symbolic link that makes a folder contain"
        " itself.",
    ),
    error(
        "TAP130",
        "unknown-param",
        "`--set` names a param that the spec does not have.",
        "Params are declared at the top of the spec: `param scale = 600`. Check the spelling.",
    ),
    error(
        "TAP131",
        "wrong-param",
        "`--set` gives a param a value of another type.",
        "A param has the type of its default: a number with its unit, a string, a name or a list. Give a value"
        " of that type.",
    ),
    error(
        "TAP140",
        "extends-cycle",
        "Datasets extend each other in a loop.",
        "A dataset cannot extend itself. Remove one `extends`.",
    ),
    error(
        "TAP141",
        "nothing-to-drop",
        "`drop` names something that does not exist.",
        "`drop KIND NAME` removes a declaration of the extended dataset, or of a pipeline. Check kind and name;"
        " `tapc show` prints the declarations.",
    ),
    error(
        "TAP142",
        "pipeline-arguments",
        "A pipeline is used with the wrong arguments.",
        "Every parameter in the pipeline's parentheses is given exactly once in the block: `pipeline tap {"
        " topic topic, writer gpt }`.",
    ),
    error(
        "TAP143",
        "no-such-dataset",
        "The dataset does not exist, or the spec has several.",
        "`--dataset NAME` chooses one of the datasets that a spec declares; a spec with one needs no `--dataset`. A file"
        " without a dataset is a library for other files to import: `tapc check` checks it too.",
    ),
    error(
        "TAP144",
        "copy-cycle",
        "Endpoints or rubrics copy each other in a loop.",
        "`endpoint a = b` takes its fields from `b`, so `b` must have fields of its own.",
    ),
    error(
        "TAP150",
        "allow-unknown",
        "`allow` names a finding that does not exist.",
        '`allow CODE: "reason"` names a warning by the code that is printed with it, such as `TAP602`. Check the code;'
        " `tapc explain CODE` explains one.",
    ),
    error(
        "TAP151",
        "not-allowable",
        "`allow` names a finding that a spec cannot allow.",
        "Warnings of `tapc check` and `tapc plan` are about what a spec says, and its author can know better. Errors have"
        " to be mended: nothing can be made of a wrong spec. What a run, an endpoint or an export warns of is not in the"
        " spec.",
    ),
    error(
        "TAP152",
        "allow-without-reason",
        "An `allow` has no reason.",
        'The reason tells readers of the spec why a warning is meant: `allow TAP602: "one language on purpose"`. It is'
        " written to `--json` and SARIF together with the finding.",
    ),
)
