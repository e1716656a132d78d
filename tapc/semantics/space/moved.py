"""`moved old = new`: what was renamed, and whether it can be so.

A line that is inherited from another dataset is left out where it does not apply: the taxonomy or mix may be another
one here. A line of the dataset itself must be of use.
"""

from collections.abc import Iterable, Sequence

import msgspec

from tapc.diagnostics import Edit, Fix, did_you_mean
from tapc.ir import Mix, Moved, NamePath, Renames, Taxonomy, node_paths
from tapc.semantics.report import Place
from tapc.semantics.show.space import moved as write_moved
from tapc.semantics.space.context import Context
from tapc.semantics.space_input import SpaceStatement
from tapc.syntax import write_path
from tapc.syntax.nodes import Entry, Path, Quoted

_MANY = 5_000
"""Most names that suggestions are looked for in."""

_NO_CIRCLES = (
    "to return to an earlier name, remove the line that gave it up; names cannot be exchanged: choose a new one for one"
    " of them"
)


class _Line(msgspec.Struct, frozen=True):
    """One statement."""

    moved: Moved
    place: Place
    inherited: bool

    @property
    def text(self) -> str:
        return write_moved(self.moved)


def lower_moved(
    context: Context, taxonomy: Taxonomy | None, mixes: Sequence[Mix], statements: Iterable[SpaceStatement]
) -> tuple[Moved, ...] | None:
    """Lines sorted by new name; None without any."""
    read = [line for statement in statements if (line := _read(context, statement)) is not None]
    if not read:
        return None
    check = _Check(context, taxonomy, mixes)
    lines = check.useful(check.alike(check.acyclic(check.distinct(read))))
    check.identities(lines)
    lines.sort(key=lambda line: line.moved.new)
    for n, line in enumerate(lines):
        context.report.origin(f"moved.{n}", line.place)
    return tuple(line.moved for line in lines) or None


def _read(context: Context, statement: SpaceStatement) -> _Line | None:
    entry = statement.statement
    if not isinstance(entry, Entry):
        return None
    old = entry.values[0] if len(entry.values) == 1 else None
    if not isinstance(old, Path | Quoted) or entry.graft is None or entry.definition or entry.block:
        notes = ("write `moved OLD = NEW`, for example `moved topic.old = topic.new` or `moved level = difficulty`",)
        context.report.add("TAP104", "this does not say what moved", statement.place(), notes=notes)
        return None
    moved = Moved.trusted(
        old=tuple(part.text for part in old.parts) if isinstance(old, Path) else (old.text,),
        new=tuple(part.text for part in entry.graft.parts),
    )
    return _Line(moved, statement.place(), statement.inherited)


class _Check:
    """Checks of all lines of a dataset against its axes, and against each other."""

    def __init__(self, context: Context, taxonomy: Taxonomy | None, mixes: Sequence[Mix]) -> None:
        self._report = context.report
        self._mixes = {mix.name for mix in mixes}
        self._places: dict[NamePath, str] = {}
        if taxonomy is not None:
            self._places[taxonomy.name,] = "taxonomy"
            self._places |= {(taxonomy.name, *path): "taxonomy" for path in node_paths(taxonomy.children)}
        for mix in mixes:
            self._places[mix.name,] = "mix"
            self._places |= {(mix.name, value.name): "mix" for value in mix.values}

    def distinct(self, lines: list[_Line]) -> list[_Line]:
        """One line for each old and each new name; those of the dataset replace those that it inherits."""
        own = [line for line in lines if not line.inherited]
        taken = {line.moved.old for line in own}, {line.moved.new for line in own}
        kept = [line for line in lines if line.inherited and _free(line, taken)]
        for line in own:
            other = next((k for k in kept if line.moved.new == k.moved.new or line.moved.old == k.moved.old), None)
            if line.moved.old == line.moved.new:
                self._idle(line, "the two names are the same")
            elif other is None:
                kept.append(line)
            elif line.moved == other.moved:
                self._idle(line, "it is given twice")
            else:
                self._together(line, other)
        return kept

    def _together(self, line: _Line, other: _Line) -> None:
        if line.moved.new == other.moved.new:
            message = f"`{write_path(line.moved.new)}` cannot have been two things"
        else:
            message = f"`{write_path(line.moved.old)}` cannot have become two things"
        notes = ("keep the line of what the samples were drawn as, and remove the other",)
        self._report.add("TAP232", message, line.place, other.place.label("the other one"), notes=notes)

    def acyclic(self, lines: list[_Line]) -> list[_Line]:
        """Lines that lead back to a first name."""
        renames = Renames(line.moved for line in lines)
        kept: list[_Line] = []
        reported = False
        for line in lines:
            try:
                renames.identity(line.moved.new)
            except RecursionError:
                if not reported:
                    notes = (_NO_CIRCLES,)
                    message = f"`{write_path(line.moved.new)}` moves in a circle"
                    self._report.add("TAP231", message, line.place, notes=notes)
                reported = True
            else:
                kept.append(line)
        return kept

    def alike(self, lines: list[_Line]) -> list[_Line]:
        """Lines whose new name is of the kind of the old one: an axis, or something on the same axis."""
        renames = Renames(line.moved for line in lines)
        kept: list[_Line] = []
        for line in lines:
            old, new = line.moved.old, line.moved.new
            identity, axis = renames.identity(new), renames.identity(new[:1])
            if (len(old) == 1) != (len(new) == 1):
                wrong = (
                    f"`{write_path(min(old, new, key=len))}` is an axis, `{write_path(max(old, new, key=len))}` is not"
                )
            elif identity[:1] != axis:
                wrong = f"`{write_path(new)}` is on another axis than `{write_path(old)}`"
            elif self._places.get(new) == "mix" and len(identity) != len(new):
                wrong = f"`{write_path(old)}` is not a value of a mix, which has one name behind its axis"
            else:
                kept.append(line)
                continue
            notes = ["an axis moves to an axis, and a node or value to another of its axis"]
            if len(old) > 1 and len(new) > 1 and old[0] != new[0]:
                notes.append(f"if the axis was renamed, add `moved {write_path(old[:1])} = {write_path(new[:1])}`")
            message = f"{wrong}: one cannot have been the other"
            self._report.add("TAP228", message, line.place, notes=tuple(notes))
        return kept

    def useful(self, lines: list[_Line]) -> list[_Line]:
        """Lines that change the identity of something."""
        renames = Renames(line.moved for line in lines)
        used = {line for path in self._places for line in renames.trace(path)[1]}
        kept: list[_Line] = []
        for line in lines:
            others = Renames(other.moved for other in lines if other is not line)
            if line.moved.new not in used:
                self._missing(line)
            elif others.identity(line.moved.new) == renames.identity(line.moved.new):
                self._idle(line, "the name follows from the other lines")
            else:
                kept.append(line)
        return kept

    def _missing(self, line: _Line) -> None:
        if line.inherited:
            return
        old, new = line.moved.old, line.moved.new
        if old in self._places:
            notes = (
                f"it is called `{write_path(old)}`: rename it, or remove the line; the earlier name is written first",
            )
        elif new[:1] not in self._places:
            notes = (f"there is no axis `{new[0]}`: if it has another name now, add `moved {new[0]} = NAME`",)
        else:
            known = [write_path(path) for path in self._places] if len(self._places) < _MANY else []
            better = did_you_mean(write_path(new), known)
            notes = (f"did you mean `{better}`?",) if better else ("remove the line if it is gone from the dataset",)
        self._report.add("TAP229", f"there is no `{write_path(new)}`", line.place, notes=notes)

    def _idle(self, line: _Line, why: str) -> None:
        if not line.inherited:
            fix = Fix("remove it", (Edit(line.place.file, line.place.span, ""),), safe=False)
            message = f"`{line.text}` changes nothing: {why}"
            self._report.add("TAP233", message, line.place, fixes=(fix,))

    def identities(self, lines: list[_Line]) -> None:
        """Report things that would be drawn as the same."""
        renames = Renames(line.moved for line in lines)
        by_new = {line.moved.new: line for line in lines}
        found: dict[tuple[str, str], NamePath] = {}
        clashes: set[NamePath] = set()
        for path in self._places:
            if any(path[:n] in clashes for n in range(1, len(path))):
                continue
            identity = renames.identity(path)
            # paths of nodes are written with dots, which may be in names too
            other = found.setdefault((identity[0], ".".join(identity[1:])), path)
            if other != path:
                clashes.update((path, other))
                self._clash(path, other, identity, by_new)

    def _clash(self, one: NamePath, two: NamePath, identity: NamePath, by_new: dict[NamePath, _Line]) -> None:
        if one not in by_new or (two in by_new and by_new[two].moved.old == one):
            one, two = two, one
        line = by_new.get(one)
        if line is None:  # above both, something was renamed
            line = next(line for new, line in by_new.items() if new == one[: len(new)] or new == two[: len(new)])
        origin = self._report.origins.get(".".join((self._places[two], *two)))
        places = [] if origin is None else [origin.label("the other one")]
        if line.moved.new == one and (two not in by_new or line.moved.old == two):
            message = f"`{write_path(two)}` is used again, but `{line.text}` says that it moved"
            note = f"`{write_path(one)}` is drawn by that name: give the new one a name that nothing had before"
            self._report.add("TAP230", message, line.place, *places, notes=(note,))
            return
        message = f"`{write_path(one)}` and `{write_path(two)}` would both be drawn as `{write_path(identity)}`"
        notes = ("remove the line of the one that is new",)
        self._report.add("TAP232", message, line.place, *places, notes=notes)


def _free(line: _Line, taken: tuple[set[NamePath], set[NamePath]]) -> bool:
    return line.moved.old not in taken[0] and line.moved.new not in taken[1]
