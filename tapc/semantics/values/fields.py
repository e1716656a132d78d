"""The fields of one block, checked against the vocabulary."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from tapc.diagnostics import Edit, Fix, did_you_mean
from tapc.semantics.compose import Item
from tapc.semantics.report import Report
from tapc.semantics.values.readers import plain, read_field
from tapc.semantics.vocabulary import Field, Statement
from tapc.syntax.nodes import Name


class Fields:
    """What a statement's block says, by field.

    Unknown fields, fields given twice and missing ones are reported when it is made, each once.
    """

    def __init__(self, item: Item, spec: str, report: Report, *, required: bool = True) -> None:
        self.item = item
        self.spec: Statement = report.vocabulary.statement(spec)
        self._report = report
        self._found: dict[str, list[Item]] = {}
        self._meant: set[str] = set()
        unknown = self._sort(item.children or ())
        missing = [field for field in self.spec.fields if field.required and field.name not in self._found]
        for child in unknown:
            self._meant.add(unknown_field(child, self.spec, self._report, self._found.keys(), missing))
        if required:
            self._missing([field for field in missing if field.name not in self._meant])

    def _sort(self, children: tuple[Item, ...]) -> list[Item]:
        unknown: list[Item] = []
        for child in children:
            field = self.spec.field(child.head) if isinstance(child.entry.head, Name) else None
            if field is None:
                unknown.append(child)
                continue
            before = self._found.setdefault(child.head, [])
            if before and not field.many:
                first = before[0].head_place.label("first here")
                message = f"`{child.head}` is given twice"
                self._report.add("TAP109", message, child.head_place.label("again here"), first)
            else:
                before.append(child)
        return unknown

    def _missing(self, missing: list[Field]) -> None:
        if missing:
            what = self.item.head + (f" `{self.item.name}`" if self.item.name else "")
            names = " and ".join(f"`{field.name}`" for field in missing)
            notes = tuple(f"for example `{field.example}`" for field in missing)
            self._report.add("TAP110", f"{what} needs {names}", self.item.name_place, notes=notes)

    def meant(self, name: str) -> bool:
        """Whether a field is given, or was meant by one that is not understood (reported)."""
        return name in self._found or name in self._meant

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


def unknown_field(
    item: Item, spec: Statement, report: Report, given: AbstractSet[str], missing: Sequence[Field]
) -> str:
    """Report a head that a block does not accept; returns the field it means, or an empty text.

    A field that is `given` already does not help, and one that is `missing` is the likeliest.
    """
    head = item.entry.head
    quoted = not isinstance(head, Name) and spec.field(item.head) is not None
    better = did_you_mean(item.head, [field.name for field in missing]) or did_you_mean(item.head, spec.names)
    field = spec.field(item.head if quoted else better or "")
    fixes: tuple[Fix, ...] = ()
    if field is not None and field.name in given and not field.many:
        notes: tuple[str, ...] = (f"did you mean `{field.name}`? it is given already",)
    elif field is not None:
        notes = ("names of fields have no quotes",) if quoted else (f"did you mean `{field.name}`?",)
        fixes = (Fix(f"write `{field.name}`", (Edit(item.scope.file, head.span, field.name),)),)
    else:
        homes = [
            s.name for s in report.vocabulary.statements.values() if s.field(item.head) is not None and s.name != "file"
        ]
        notes = (f"`{item.head}` is a field of {', '.join(homes)}",) if homes else ()
        notes = (*notes, f"{spec.name} has {', '.join(spec.names)}")
    shown = f'"{item.head}"' if quoted else item.head
    report.add("TAP102", f"unknown field `{shown}` in {spec.name}", item.head_place, notes=notes, fixes=fixes)
    return field.name if field is not None else ""
