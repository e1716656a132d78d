"""TAP1xx: names, modules, vocabulary."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP101",
        "unknown-statement",
        "A statement is not known where it stands.",
        "The language is closed: a statement that nobody knows would be silently without effect, so it is an"
        " error. Check the spelling, or see the reference for what a file, a dataset or a pipeline may hold."
        " Words of your own go into `meta { … }`.",
    ),
    error(
        "TAP102",
        "unknown-field",
        "A block holds a field that its statement does not have.",
        "A misspelt field would silently leave its default in force, so unknown fields are errors. Check the"
        " spelling; the reference lists what each statement accepts, and fields of the request's body that tapc"
        " does not know go into `extra { … }` of an endpoint or step.",
    ),
    error(
        "TAP103",
        "misplaced-statement",
        "A known statement stands where it has no meaning.",
        "`import` and `param` stand at the top of a file; steps, `when` and `exclude` stand directly inside a"
        " dataset. Move the statement there.",
    ),
    error(
        "TAP104",
        "wrong-value",
        "A field got a value of another type or shape.",
        "Every field has a type: text stands in quotes, numbers carry the unit the field counts in, several"
        " values stand in a list `[a, b]`. The note shows what is expected.",
    ),
    error(
        "TAP106",
        "unknown-unit",
        "A number carries a unit that is not known.",
        "Quantities carry units so that `30` can never be read as seconds, samples or percent by mistake. Use"
        " one of the units in the note, or none where a plain number is wanted.",
    ),
    error(
        "TAP107",
        "number-too-large",
        "A number has more digits than any quantity can need.",
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
        "With two values only one could hold, and which one would depend on the order of lines. Remove one of"
        " them, or join them in a list where the field takes lists.",
    ),
    error(
        "TAP110",
        "missing-field",
        "A statement lacks a field, a name or a part it cannot do without.",
        "Add what the message names; the note shows how it is written.",
    ),
    error(
        "TAP111",
        "unknown-name",
        "A name refers to nothing.",
        "Names refer to what the dataset declares (axes, endpoints, rubrics, steps), to params, and to what the"
        " file declares or imports. Check the spelling, or declare it. Text stands in quotes.",
    ),
    error(
        "TAP112",
        "wrong-kind",
        "A name refers to something of another kind.",
        "For example `using` needs an endpoint and `of` a step with candidates. The second label shows what the"
        " name stands for.",
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
        "A module cannot depend on itself, not even by way of others. Move what both need into a third module.",
    ),
    error(
        "TAP122",
        "not-declared",
        "A module does not declare the name that is asked of it.",
        "Only what a module itself declares is visible, not what it imports. Check the spelling, or import the"
        " module that declares it.",
    ),
    warning(
        "TAP123",
        "unused-import",
        "An import is not used.",
        "Nothing in the file names it. Remove it, which `tapc check --fix` does.",
    ),
    error(
        "TAP124",
        "imports-too-deep",
        "Imports are nested too deep.",
        "More than 64 modules import one another in a chain; most often a symbolic link makes a folder contain itself.",
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
        "A dataset cannot start from itself. Let one of them stand on its own.",
    ),
    error(
        "TAP141",
        "nothing-to-drop",
        "`drop` names something that is not there.",
        "`drop KIND NAME` removes what the dataset it extends, or a pipeline, declares. Check kind and name;"
        " `tapc show` prints what there is.",
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
        "The dataset is not there, or it is not said which of several is meant.",
        "`--dataset NAME` chooses one of the datasets that a spec declares; a spec with one needs no `--dataset`. A file"
        " without any is a library for others to import: `tapc check` looks at it all the same.",
    ),
    error(
        "TAP144",
        "copy-cycle",
        "Endpoints or rubrics copy each other in a loop.",
        "`endpoint a = b` takes its fields from `b`, so `b` must have fields of its own.",
    ),
)
