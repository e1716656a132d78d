"""The fields of one block, checked against the vocabulary."""

from collections.abc import Set as AbstractSet
from typing import Any

from tapc.diagnostics import Edit, Fix, did_you_mean
from tapc.semantics.compose import Item
from tapc.semantics.report import Report
from tapc.semantics.values.readers import plain, read_field
from tapc.semantics.vocabulary import Field, Statement, statement, statements
from tapc.syntax.nodes import Name


class Fields:
    """What a statement's block says, by field.

    Unknown fields, fields given twice and missing ones are reported when it is made, each once.
    """

    def __init__(self, item: Item, spec: str, report: Report, *, required: bool = True) -> None:
        self.item = item
        self.spec: Statement = statement(spec)
        self._report = report
        self._found: dict[str, list[Item]] = {}
        self._sort(item.children or ())
        if required:
            self._missing()

    def _sort(self, children: tuple[Item, ...]) -> None:
        given = {child.head for child in children}
        for child in children:
            field = self.spec.field(child.head) if isinstance(child.entry.head, Name) else None
            if field is None:
                unknown_field(child, self.spec, self._report, given)
                continue
            before = self._found.setdefault(child.head, [])
            if before and not field.many:
                first = before[0].head_place.label("first here")
                message = f"`{child.head}` is given twice"
                self._report.add("TAP109", message, child.head_place.label("again here"), first)
            else:
                before.append(child)

    def _missing(self) -> None:
        missing = [field for field in self.spec.fields if field.required and field.name not in self._found]
        if missing:
            what = self.item.head + (f" `{self.item.name}`" if self.item.name else "")
            names = " and ".join(f"`{field.name}`" for field in missing)
            notes = tuple(f"for example `{field.example}`" for field in missing)
            self._report.add("TAP110", f"{what} needs {names}", self.item.name_place, notes=notes)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def field(self, name: str) -> Field:
        """The vocabulary's row.

        Raises:
            KeyError: the statement has no such field.
        """
        field = self.spec.field(name)
        if field is None:
            raise KeyError(name)
        return field

    def get(self, name: str) -> Item | None:
        """The field as written, if it is given and has no stray parts."""
        found = self._found.get(name)
        return found[0] if found and plain(found[0], self.field(name), self._report) else None

    def all(self, name: str) -> list[Item]:
        """A field that may be given more than once."""
        return self._found.get(name, [])

    def read(self, name: str) -> Any | None:
        """The field's value by its type; None where it is not given, or wrong (reported)."""
        found = self._found.get(name)
        return read_field(found[0], self.field(name), self._report) if found else None


def unknown_field(item: Item, spec: Statement, report: Report, given: AbstractSet[str]) -> None:
    """Report a head that a block does not accept; a field that is `given` already is no fix."""
    better = did_you_mean(item.head, spec.names)
    field = spec.field(better or "")
    fixes: tuple[Fix, ...] = ()
    if field is not None and field.name in given and not field.many:
        notes: tuple[str, ...] = (f"did you mean `{better}`? it is given already",)
    elif field is not None:
        notes = (f"did you mean `{better}`?",)
        fixes = (Fix(f"write `{better}`", (Edit(item.scope.file, item.entry.head.span, field.name),)),)
    else:
        homes = [s.name for s in statements().values() if s.field(item.head) is not None and s.name != "file"]
        notes = (f"`{item.head}` is a field of {', '.join(homes)}",) if homes else ()
        notes = (*notes, f"{spec.name} has {', '.join(spec.names)}")
    report.add("TAP102", f"unknown field `{item.head}` in {spec.name}", item.head_place, notes=notes, fixes=fixes)
