"""TAP7xx: tables and other input data."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP701",
        "table-unreadable",
        "A table cannot be read.",
        "The file is missing, a folder, unreadable, too large (64 MB), or not UTF-8. Paths are relative to the file"
        " that names them.",
    ),
    error(
        "TAP702",
        "table-format",
        "A table has an unknown format.",
        "Taxonomies and mixes are read from `.csv` and `.jsonl`. Other sources: `tapc import` turns them into `.tap`.",
    ),
    error(
        "TAP703",
        "unknown-column",
        "A table does not have a column.",
        "Names in `columns` and `levels` are those of the header row of a CSV file or the keys of JSON lines.",
    ),
    error(
        "TAP704",
        "bad-row",
        "A row of a table cannot be used.",
        "The message names the row and says why: an empty name, a number that is none, a line that is not JSON.",
    ),
    error(
        "TAP705",
        "duplicate-row",
        "Two rows of a table mean the same node.",
        "An identity may stand in one row only, and names must differ among siblings.",
    ),
    error(
        "TAP706",
        "unknown-parent",
        "A row names a parent that is not in the table.",
        "The parent column holds the identity of another row, or nothing for nodes below the root.",
    ),
    error(
        "TAP707",
        "rows-in-a-circle",
        "Rows are each other's parents.",
        "Every node must lead up to the root; the rows shown lead back to themselves.",
    ),
    error(
        "TAP708",
        "columns-missing",
        "A table stands without the columns it needs.",
        "A taxonomy needs `columns { id …, parent … }` or `levels [ … ]`, a mix `columns { name … }`.",
    ),
    error(
        "TAP709",
        "input-unreadable",
        "A file that an input or a check names cannot be read.",
        "It is missing, a folder, a FIFO or a device, may not be read by you, or changes while it is read. Paths and patterns"
        " are relative to the spec. Where a path holds names of axes, at least one of the files must be there.",
    ),
    error(
        "TAP710",
        "no-such-column",
        "No row of a file has a column the spec names.",
        "`field` is the column that becomes the text, `columns { NAME COLUMN }` further ones, `match { AXIS COLUMN }`"
        " those that say where a row belongs. `a.b` names a field within a column. A row may lack a further column, or have"
        " null there: it is null, and prints as nothing. Of several files, some may lack one that is `optional`:"
        " `columns { NAME COLUMN optional }`.",
    ),
    error(
        "TAP711",
        "bad-input-row",
        "Too many rows of an input cannot be used, or a file of rows can be read in two ways.",
        "A row is bad if its `field` is absent, null or empty, if it is not JSON or UTF-8, names a key twice, has more or"
        " fewer cells than the header, holds marks of chat templates or broken characters, is nested too deeply, is larger"
        " than 16 MB, or is a conversation whose turns cannot be understood. Up to 5% of the rows of an input may be bad:"
        " they are left out and counted (TAP717). Above that the file is not what the spec takes it for; in fewer than 20"
        " rows a single bad one is too many. Two columns of one name, a quote that is never closed, a file that is not text"
        " or unpacks to hundreds of times its size are errors at once, since nobody can say what was meant.",
    ),
    error(
        "TAP712",
        "input-format",
        "An input has an unknown format.",
        "Rows are read from `.jsonl`, `.ndjson`, `.csv`, `.tsv` and `.parquet`; all but the last also as `.gz`.",
    ),
    error(
        "TAP713",
        "hub-unreadable",
        "A dataset named by `hub` cannot be read.",
        "It is looked for in a folder of that name beside the spec first, then through the `datasets` library. Name,"
        " revision or split may be wrong, the dataset may need a login, or, offline, was never downloaded.",
    ),
    error(
        "TAP714",
        "package-missing",
        "A package is needed that is not installed.",
        "Parquet files need pyarrow (`pip install 'tapc[parquet]'`), `hub` needs datasets (`pip install 'tapc[hub]'`).",
    ),
    error(
        "TAP715",
        "program-file",
        "A file of a program cannot be found.",
        "`run [ … ]` names a program and its arguments. Words that are files beside the spec are hashed into the keys of"
        " its results, so that a changed program runs anew; a script that is not there is a mistake.",
    ),
    error(
        "TAP716",
        "too-few-rows",
        "An input has too few rows.",
        "Every slot gets a row of its own. Where `match` or the path says which rows a slot may have, each of these sets"
        " must have enough. Replacements of rejected slots take what is left; a replacement without a row is short.",
    ),
    warning(
        "TAP717",
        "rows-left-out",
        "An input leaves rows out.",
        "A bad row (TAP711 lists what that is) is never dealt; up to 5% of the rows may be bad, and are counted here by"
        " reason. One that holds marks of chat templates, such as `<|im_end|>`, is bad because a model, or whoever trains on"
        " the dataset, may take them for real turns. Under `samples all` a row that belongs to no value of a `match`ed axis"
        " is left out, too; one that nearly does (`Easy` for `easy`) is always told. Where a path holds names of axes, some"
        " of its files may be missing.",
    ),
    warning(
        "TAP718",
        "rows-guessed",
        "How rows of an input, or of what is imported, are read was guessed.",
        "A `.csv` file whose header has semicolons, tabs or bars instead of commas is read by them. Where a spec names no"
        " `field`, the first usual column of a file is its text, and others that would do are named. Write what is meant"
        " (save the file with commas, name it `.tsv`, name the `field`), and the warning goes.",
    ),
    error(
        "TAP719",
        "link-outside",
        "A link among a spec's files leads out of its folder.",
        "Paths that a spec writes, `../data/rows.jsonl` or absolute ones, are there to be read; where a link leads is not."
        " A link in somebody else's folder could put any file of yours into prompts. Write the path it leads to, or give"
        " `--allow-outside` if you trust the spec.",
    ),
    error(
        "TAP720",
        "import-unreadable",
        "What `tapc import` was given cannot be read.",
        "It is missing, unreadable, too large, not UTF-8, of an unknown format, or not what its ending says."
        " CSV, JSON, JSONL, YAML and folders of an InstructLab taxonomy can be imported.",
    ),
    error(
        "TAP721",
        "import-without-tree",
        "What `tapc import` was given holds no tree that can be imported.",
        "It is empty, too deep, too large, or of another shape: objects by key, lists of names, or items with a `name` and"
        " `children`. YAML aliases are refused, since a few of them can stand for terabytes.",
    ),
    error(
        "TAP722",
        "import-rows",
        "The rows of a table make no tree.",
        "A column is missing, a parent is in no row, an identity stands twice, or rows are each other's parents."
        " Name the columns with `--id`, `--parent`, `--title`, `--weight`, `--percent`, `--definition` or `--levels`.",
    ),
    error(
        "TAP723",
        "import-name",
        "A name cannot be imported.",
        "Names must differ among siblings, hold at least one visible character and at most 400.",
    ),
    warning(
        "TAP724",
        "import-weights",
        "Weights of what was imported count within each branch.",
        "A weight is compared with those of its siblings only. Where leaves of several branches have weights and the"
        " branches have none, every branch gets the same share, whatever its leaves add up to. Give the branches weights of"
        " their own, or write them into the module that was made.",
    ),
    error(
        "TAP725",
        "import-file-exists",
        "The file that `tapc import` should write is there.",
        "It may have been edited since it was imported. Choose another name, or give `--force` to write over it.",
    ),
)
