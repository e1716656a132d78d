"""TAP7xx: tables and other input data."""

from tapc.diagnostics.codes import Rule, caution, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP701",
        "table-unreadable",
        "A table cannot be read.",
        "The file is missing, is a folder, is unreadable, is too large (64 MB), or is not UTF-8. Paths are relative to"
        " the file that names them.",
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
        "A table does not have a named column.",
        "Names in `columns` and `levels` refer to the header row of a CSV file or to the keys of JSON lines.",
    ),
    error(
        "TAP704",
        "bad-row",
        "A row of a table cannot be used.",
        "The message names the row and the reason: an empty name, an invalid number, a line that is not JSON.",
    ),
    error(
        "TAP705",
        "duplicate-row",
        "Two rows of a table mean the same node.",
        "An identity may appear in one row only, and names must differ among siblings.",
    ),
    error(
        "TAP706",
        "unknown-parent",
        "A row names a parent that is not in the table.",
        "The parent column contains the identity of another row, or is empty for nodes below the root.",
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
        "A table is read without the columns it needs.",
        "A taxonomy needs `columns { id …, parent … }` or `levels [ … ]`, a mix `columns { name … }`.",
    ),
    error(
        "TAP709",
        "input-unreadable",
        "A file that an input or a check names cannot be read.",
        "It is missing, is a folder, a FIFO or a device, is not readable by you, or changes while it is read. Paths and"
        " patterns are relative to the spec. If a path contains names of axes, at least one of the files must exist.",
    ),
    error(
        "TAP710",
        "no-such-column",
        "No row of a file has a column the spec names.",
        "`field` is the column that becomes the text, `columns { NAME COLUMN }` names further columns, and"
        " `match { AXIS COLUMN }` names the columns that decide where a row belongs. `a.b` names a field within a"
        " column. In a row, a further column may be missing or null: it is null, and prints as nothing. If only some of"
        " several files have a column, mark it `optional`: `columns { NAME COLUMN optional }`.",
    ),
    error(
        "TAP711",
        "bad-input-row",
        "Too many rows of an input cannot be used, or a file of rows can be read in two ways.",
        "A row is bad if its `field` is absent, null or empty, if it is not JSON or UTF-8, names a key twice, has more or"
        " fewer cells than the header, contains chat template markers or broken characters, is nested too deeply, is"
        " larger than 16 MB, or is a conversation whose turns cannot be understood. Up to 5% of the rows of an input may"
        " be bad: they are left out and counted (TAP717). Above that the file is probably not what the spec expects; in"
        " fewer than 20 rows, one bad row is too many. Two columns with one name, a quote that is never closed, and a"
        " file that is not text or unpacks to hundreds of times its size are always errors, since their meaning is"
        " ambiguous.",
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
        "tapc looks for it first in a folder of that name next to the spec, then through the `datasets` library. The"
        " name, revision or split may be wrong, the dataset may need a login, or, offline, it was never downloaded.",
    ),
    error(
        "TAP714",
        "package-missing",
        "A package is needed that is not installed.",
        "Parquet files, read or exported, need pyarrow (`pip install 'tapc[parquet]'`), `hub` needs datasets (`pip install 'tapc[hub]'`).",
    ),
    error(
        "TAP715",
        "program-file",
        "A file of a program cannot be found.",
        "`run [ … ]` names a program and its arguments. Words that name files next to the spec are hashed into the keys"
        " of its results, so that a changed program runs again; a script that does not exist is an error.",
    ),
    error(
        "TAP716",
        "too-few-rows",
        "An input has too few rows.",
        "Every slot gets a row of its own. If `match` or the path decides which rows a slot may have, each of these sets"
        " must have enough rows. Replacements of rejected slots take the remaining rows; a replacement without a row"
        " leaves its cell short.",
    ),
    warning(
        "TAP717",
        "rows-left-out",
        "An input leaves rows out.",
        "A bad row (see TAP711) is never assigned to a slot; up to 5% of the rows may be bad, and are counted here by"
        " reason. A row with chat template markers, such as `<|im_end|>`, is bad because a model, or a trainer that reads"
        " the dataset, may take them for real turns. Under `samples all`, a row that belongs to no value of a `match`ed"
        " axis is left out too; a near miss (`Easy` for `easy`) is always reported. If a path contains names of axes,"
        " some of its files may be missing.",
    ),
    warning(
        "TAP718",
        "rows-guessed",
        "The format or the text column of a file was guessed.",
        "A `.csv` file whose header has semicolons, tabs or bars instead of commas is split at those. If a spec names no"
        " `field`, the first usual column of a file is its text, and the other possible ones are listed. State what is"
        " meant to remove the warning: save the file with commas, name it `.tsv`, or name the `field`.",
    ),
    error(
        "TAP719",
        "link-outside",
        "A link among a spec's files leads out of its folder.",
        "A path written in a spec, such as `../data/rows.jsonl` or an absolute one, can be reviewed; the target of a link"
        " cannot. A link in a folder from someone else could put any of your files into prompts. Write the path of the"
        " target, or pass `--allow-outside` if you trust the spec.",
    ),
    error(
        "TAP720",
        "import-unreadable",
        "What `tapc import` was given cannot be read.",
        "It is missing, unreadable, too large, not UTF-8, of an unknown format, or not what its extension says."
        " CSV, JSON, JSONL, YAML and folders of an InstructLab taxonomy can be imported.",
    ),
    error(
        "TAP721",
        "import-without-tree",
        "What `tapc import` was given contains no tree that can be imported.",
        "It is empty, too deep, too large, or has another shape than these: objects by key, lists of names, or items with"
        " a `name` and `children`. YAML aliases are rejected, since a few of them can expand to terabytes.",
    ),
    error(
        "TAP722",
        "import-rows",
        "The rows of a table do not form a tree.",
        "A column is missing, a parent is not in the table, an identity appears twice, or rows are each other's parents."
        " Name the columns with `--id`, `--parent`, `--title`, `--weight`, `--percent`, `--definition` or `--levels`.",
    ),
    error(
        "TAP723",
        "import-name",
        "A name cannot be imported.",
        "Names must differ among siblings, and have between 1 and 400 visible characters.",
    ),
    caution(
        "TAP724",
        "import-weights",
        "Imported weights count within each branch only.",
        "A weight is compared only with those of its siblings. If leaves of several branches have weights and the"
        " branches have none, every branch gets the same share, whatever the weights of its leaves sum to. Give the"
        " branches weights of their own, or add them to the imported module.",
    ),
    error(
        "TAP725",
        "import-file-exists",
        "The file that `tapc import` should write already exists.",
        "It may have been edited since it was imported. Choose another name, or pass `--force` to overwrite it.",
    ),
)
