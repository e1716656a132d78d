"""What lowering knows of the dataset it works on: its flat namespace and what names lead to."""

from tapc.diagnostics import did_you_mean
from tapc.semantics.compose import Composed, Item, declared_item
from tapc.semantics.report import Place, Report
from tapc.semantics.space_input import SpaceStatement
from tapc.semantics.values import Ref
from tapc.syntax.nodes import Entry, Path, Quoted


def a(kind: str) -> str:
    """A kind with its article."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


class Names:
    """The flat namespace of a dataset.

    Attributes:
        kinds: kind of every name: `taxonomy`, `mix`, `endpoint`, `rubric` or a kind of step.
        places: place of each name.
        items: statements of endpoints, rubrics and steps.
        per_candidate: mixes drawn for each candidate.
    """

    def __init__(self, composed: Composed, report: Report) -> None:
        self.composed = composed
        self.report = report
        self.kinds: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.items: dict[str, Item] = {}
        self.per_candidate: set[str] = set()
        self._clashes: dict[str, set[str]] = {}
        self._rubrics: dict[str, Entry] = {}
        for statement in composed.space:
            self._axis(statement)
        for item in composed.items:
            named = item.head in report.vocabulary.named
            if named and self._add(item.name, item.head, item.name_place):
                self.items[item.name] = item
                prefix = item.head if item.head in ("endpoint", "rubric") else "step"
                report.origin(f"{prefix}.{item.name}", item.place)
                report.origin(f"{prefix}.{item.name}.name", item.name_place)

    def _axis(self, statement: SpaceStatement) -> None:
        entry = statement.statement
        if not isinstance(entry, Entry) or not entry.values or entry.keyword == "moved":
            return
        first = entry.values[0]
        if isinstance(first, Path | Quoted):
            kind = entry.keyword or "mix"
            self._add(first.text, kind, Place(statement.file, first.span))
            words = [value.text for value in entry.values if isinstance(value, Path)]
            if words[1:3] == ["per", "candidate"]:
                self.per_candidate.add(first.text)

    def _add(self, name: str, kind: str, place: Place) -> bool:
        first = self.places.setdefault(name, place)
        if first is place:
            self.kinds[name] = kind
            return True
        before = self.kinds[name]
        self._clashes.setdefault(name, set()).add(kind)
        self.report.add(
            "TAP113",
            f"`{name}` is the name of {a(before)} and of {a(kind)}",
            place.label("again here"),
            first.label("first here"),
            notes=("axes, endpoints, rubrics and steps of a dataset share their names",),
        )
        return False

    def of(self, *kinds: str) -> list[str]:
        """Names of these kinds, in order of declaration."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def axes(self) -> list[str]:
        """Names of the taxonomy and the mixes."""
        return self.of("taxonomy", "mix")

    def outside(self) -> dict[str, str]:
        """Taxonomies and mixes that the file declares or imports, by name: a dataset has them only as copies."""
        module = self.composed.scope.module
        found = dict(module.declarations)
        for name, binding in module.imports.items():
            if binding.module is not None and binding.declaration is not None:
                found[name] = binding.module.declarations[binding.declaration]
        return {name: e.keyword for name, e in found.items() if e.keyword in ("taxonomy", "mix")}

    def find(self, ref: Ref, *kinds: str, what: str) -> str | None:
        """The local name a reference means, if it is of one of these kinds; otherwise reported."""
        if len(ref.parts) == 1 and self.kinds.get(ref.text) in kinds:
            return ref.text
        if not self.clashes(ref.text, *kinds):
            self.missing(ref, self.of(*kinds), what)
        return None

    def clashes(self, name: str, *kinds: str) -> bool:
        """Whether something of these kinds has lost its name to something else (reported already)."""
        return bool(self._clashes.get(name, set()) & set(kinds))

    def missing(self, ref: Ref, known: list[str], what: str) -> None:
        """Report a reference that means nothing of the wanted kind."""
        kind = self.kinds.get(ref.text)
        if kind is None and self.is_broken(ref.text):
            return
        if kind is not None:
            labels = (ref.arg.place, self.places[ref.text].label(f"{a(kind)}"))
            self.report.add("TAP112", f"`{ref.text}` is {a(kind)}, not {what}", *labels)
            return
        better = did_you_mean(ref.text, known)
        notes = (f"did you mean `{better}`?",) if better else (f"known here: {', '.join(known)}",) if known else ()
        bare = what.split(" ", 1)[-1]
        self.report.add("TAP111", f"there is no {bare} `{ref.text}`", ref.arg.place, notes=notes)

    def rubric(self, ref: Ref) -> Item | None:
        """The rubric a judge names; None where it is missing, or something else has its name (reported)."""
        item = self.local_or_declared(ref, "rubric")
        if item is None:
            return None
        if item.name in self.kinds and self.items.get(item.name) is not item:
            self.missing(Ref(item.name, (item.name,), ref.arg), [], "a rubric")
            return None
        if self._rubrics.setdefault(item.name, item.entry) is not item.entry:
            notes = (f"give one of them another name: `rubric other = {ref.text}`",)
            self.report.add("TAP113", f"two rubrics are named `{item.name}`", ref.arg.place, notes=notes)
            return None
        return item

    def is_broken(self, name: str) -> bool:
        """Whether the absence of a name follows from what is reported already."""
        return bool(self.composed.broken & {name, ""})

    def local_or_declared(self, ref: Ref, kind: str) -> Item | None:
        """An endpoint or rubric of the dataset, or of the file of the reference; otherwise reported."""
        if len(ref.parts) == 1 and self.kinds.get(ref.text) == kind:
            return self.items.get(ref.text)
        if len(ref.parts) == 1 and ref.text in self.kinds:
            if kind not in self._clashes.get(ref.text, set()):
                self.missing(ref, [], a(kind))
            return None
        if self.is_broken(ref.parts[0]):
            return None
        return declared_item(ref.arg, kind, self.of(kind), self.report)
