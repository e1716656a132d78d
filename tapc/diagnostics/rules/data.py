"""TAP7xx: tables and other input data."""

from tapc.diagnostics.codes import Rule


def _error(code: str, name: str, summary: str, explanation: str) -> Rule:
    return Rule(code, name, "error", summary, explanation)


RULES: tuple[Rule, ...] = (
    _error(
        "TAP701",
        "table-unreadable",
        "A table cannot be read.",
        "The file is missing, a folder, unreadable, too large (64 MB), or not UTF-8. Paths are relative to the file"
        " that names them.",
    ),
    _error(
        "TAP702",
        "table-format",
        "A table has an unknown format.",
        "Taxonomies and mixes are read from `.csv` and `.jsonl`. Other sources: `tapc import` turns them into `.tap`.",
    ),
    _error(
        "TAP703",
        "unknown-column",
        "A table does not have a column.",
        "Names in `columns` and `levels` are those of the header row of a CSV file or the keys of JSON lines.",
    ),
    _error(
        "TAP704",
        "bad-row",
        "A row of a table cannot be used.",
        "The message names the row and says why: an empty name, a number that is none, a line that is not JSON.",
    ),
    _error(
        "TAP705",
        "duplicate-row",
        "Two rows of a table mean the same node.",
        "An identity may stand in one row only, and names must differ among siblings.",
    ),
    _error(
        "TAP706",
        "unknown-parent",
        "A row names a parent that is not in the table.",
        "The parent column holds the identity of another row, or nothing for nodes below the root.",
    ),
    _error(
        "TAP707",
        "rows-in-a-circle",
        "Rows are each other's parents.",
        "Every node must lead up to the root; the rows shown lead back to themselves.",
    ),
    _error(
        "TAP708",
        "columns-missing",
        "A table stands without the columns it needs.",
        "A taxonomy needs `columns { id …, parent … }` or `levels [ … ]`, a mix `columns { name … }`.",
    ),
)
