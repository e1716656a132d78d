"""`columns { id code, parent parent_code, … }`."""

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.semantics.report import Place
from tapc.semantics.space.context import Context
from tapc.source import SourceFile
from tapc.syntax.nodes import Block, Entry, Path, Quoted

Column = tuple[str, Place]
_WHAT = ("id", "name", "parent", "title", "definition", "weight", "percent", "count")


class Columns(msgspec.Struct, frozen=True):
    """Names of columns by what they give."""

    id: Column | None = None
    name: Column | None = None
    parent: Column | None = None
    title: Column | None = None
    definition: Column | None = None
    weight: Column | None = None
    percent: Column | None = None
    count: Column | None = None
    notes: tuple[tuple[str, Column], ...] = ()

    def all(self) -> list[Column]:
        """Every column named."""
        single = [getattr(self, what) for what in _WHAT]
        return [column for column in single if column is not None] + [column for _, column in self.notes]


def read_columns(context: Context, file: SourceFile, block: Block | None) -> Columns:
    """Read the block; what is wrong is reported."""
    found: dict[str, Column] = {}
    notes: dict[str, Column] = {}
    for entry in () if block is None else block.statements:
        place = Place(file, entry.span)
        if not isinstance(entry, Entry) or entry.block is not None:
            context.report.add("TAP209", "`columns` takes pairs: `title name_en`", place)
            continue
        what, values = entry.head.text, entry.values
        names = [value.text for value in values if isinstance(value, Path | Quoted)]
        if what == "note" and len(names) == len(values) == 2:
            notes[names[0]] = (names[1], Place(file, values[1].span))
        elif what in _WHAT and len(names) == len(values) == 1:
            if what in found:
                context.report.add("TAP207", f"`{what}` is given twice", place)
            found[what] = (names[0], Place(file, values[0].span))
        elif what in (*_WHAT, "note"):
            example = "note KEY COLUMN" if what == "note" else f"{what} COLUMN"
            context.report.add("TAP209", f"`{what}` is not written like this", place, notes=(f"write `{example}`",))
        else:
            better = did_you_mean(what, (*_WHAT, "note"))
            note = f"did you mean `{better}`?" if better else "columns give " + ", ".join((*_WHAT, "note"))
            context.report.add("TAP209", f"columns give no `{what}`", Place(file, entry.head.span), notes=(note,))
    return Columns(**found, notes=tuple(sorted(notes.items())))
