"""What expectations are about: axes, values, scores, steps, configs and endpoints of one dataset, by name."""

from collections.abc import Mapping

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.ir import Emit, Endpoint, Space, Step, TaxonomyNode
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.scores import ScoreRange
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.report import Place
from tapc.semantics.values import Ref, wrong_value
from tapc.semantics.vocabulary import Field
from tapc.syntax.nodes import Path, Quoted

_OFFER = 12
"""Names that a note lists."""


class Parts(msgspec.Struct, frozen=True, eq=False):
    """The parts of a dataset that expectations may name."""

    space: Space
    endpoints: tuple[Endpoint, ...]
    steps: tuple[Step, ...]
    emits: tuple[Emit, ...]


class Subjects:
    """Follows what expectations name; what is wrong is reported, and None returned."""

    def __init__(self, parts: Parts, context: LoweringContext) -> None:
        self._space = parts.space
        self._endpoints = parts.endpoints
        self._steps = {step.name: step for step in parts.steps}
        self._emits = {emit.name: emit for emit in parts.emits}
        self._context = context
        self._report = context.report

    def axis(self, arg: Arg) -> tuple[str, ...] | None:
        """A taxonomy or a mix that samples have a value of."""
        ref = self._ref(arg, "an axis")
        name = None if ref is None else self._context.names.find(ref, "taxonomy", "mix", what="an axis")
        if name is None:
            return None
        if name in self._context.names.per_candidate:
            message = f"`{name}` is drawn for each candidate, so samples have no value of it"
            self._report.add("TAP451", message, arg.place)
            return None
        return (name,)

    def value(self, arg: Arg) -> tuple[str, ...] | None:
        """A value of a mix, or a node of the taxonomy, behind the name of its axis."""
        ref = self._ref(arg, "a value such as `language.en`")
        if ref is None:
            return None
        axis = self.axis(_part(arg, 0, 1))
        if axis is None:
            return None
        if len(ref.parts) == 1:
            notes = (f"for example `{self._offer(axis[0])[0]}`",) if self._offer(axis[0]) else ()
            self._report.add("TAP450", f"`share` needs a value of `{ref.text}`", arg.place, notes=notes)
            return None
        known = self._values(axis[0])
        if known is None or ref.parts[1:] in known:
            return None if known is None else ref.parts
        names = [".".join(path) for path in known]
        text = ".".join(ref.parts[1:])
        better = did_you_mean(text, names)
        offer = ", ".join(f"`{name}`" for name in names[:_OFFER])
        notes = (f"did you mean `{better}`?",) if better else (f"it has {offer}",)
        kind = "node" if self._context.names.kinds[axis[0]] == "taxonomy" else "value"
        message = f"`{axis[0]}` has no {kind} `{text}`"
        self._report.add("TAP211", message, _part(arg, 1, None).place, notes=notes)
        return None

    def _offer(self, axis: str) -> list[str]:
        return [f"{axis}.{path[0]}" for path in self._values(axis) or ()]

    def _values(self, axis: str) -> dict[tuple[str, ...], None] | None:
        """Paths of all values of an axis; None where the axis could not be read (reported)."""
        tree = self._space.taxonomy
        if tree is not None and tree.name == axis:
            return dict.fromkeys(_paths(tree.children, ()))
        mix = next((mix for mix in self._space.mixes if mix.name == axis), None)
        return None if mix is None else dict.fromkeys((value.name,) for value in mix.values)

    def score(self, arg: Arg) -> tuple[str, ...] | None:
        """A score that can be compared."""
        named = self._context.scores.named(arg)
        value = arg.follow().value
        if named is None or not isinstance(value, Path | Quoted):
            return None
        step = value.parts[0].text if isinstance(value, Path) else value.text
        return step, named[len(step) + 1 :]

    def range_of(self, of: tuple[str, ...]) -> ScoreRange | None:
        """Range of a score, as `score` gives it."""
        return self._context.scores.range_of(".".join(of))

    def step(self, arg: Arg) -> tuple[str, ...] | None:
        """A step that can reject."""
        ref = self._ref(arg, "a step")
        name = None if ref is None else self._context.names.find(ref, *self._report.vocabulary.steps, what="a step")
        return None if name is None else (name,)

    def config(self, arg: Arg) -> tuple[str, ...] | None:
        """A config, and perhaps one of its splits."""
        ref = self._ref(arg, "a config")
        if ref is None:
            return None
        name, *splits = ref.parts
        if name not in self._emits:
            return self._unknown("config", name, self._emits, _part(arg, 0, 1).place)
        known = [split for split, _ in self._emits[name].split] or ["train"]
        if splits and ".".join(splits) not in known:
            message = f"the config `{name}` has no split `{'.'.join(splits)}`"
            notes = (f"it has {', '.join(known)}",)
            self._report.add("TAP111", message, _part(arg, 1, None).place, notes=notes)
            return None
        return ref.parts

    def endpoint(self, arg: Arg) -> tuple[str, ...] | None:
        """An endpoint that the dataset uses."""
        ref = self._ref(arg, "an endpoint")
        if ref is None:
            return None
        known = {endpoint.name: None for endpoint in self._endpoints}
        return (ref.text,) if ref.text in known else self._unknown("endpoint", ref.text, known, arg.place)

    def config_of_pairs(self, arg: Arg) -> str | None:
        """A config of pairs."""
        found = self.config(arg)
        if found is None:
            return None
        name = ".".join(found)
        if name not in self._pairs():
            message = f"`{name}` is not a config of pairs"
            notes = (f"configs of pairs are {', '.join(self._pairs())}",) if self._pairs() else ()
            self._report.add("TAP451", message, arg.place, notes=notes)
            return None
        return name

    def _pairs(self) -> dict[str, Step]:
        """Steps that make the pairs of configs, by config."""
        return {
            name: step
            for name, emit in self._emits.items()
            if emit.pairs_answers() and (step := self._steps.get(emit.source or "")) is not None and step.paired()
        }

    def has_pairs(self, of: tuple[str, ...], config: str | None, item: Item, field: Field) -> bool:
        """Whether there are pairs to measure, and the endpoint writes some of them; otherwise reported."""
        pairs = self._pairs()
        if not pairs:
            if len(self._steps) == len(self._context.drafts):  # otherwise the step that lacks is reported
                message = f"`{field.name}` is about pairs, and no config has any"
                self._report.add("TAP451", message, item.head_place, notes=("add `emit preference { from PAIR }`",))
            return False
        paired = [step.paired() for name, step in pairs.items() if config in (None, name)]
        authors = {name for step in paired if step in self._steps for name in self._steps[step].chats_with()}
        if of and of[0] not in authors:
            notes = (f"they are written by {', '.join(sorted(authors))}",) if authors else ()
            message = f"`{of[0]}` writes none of the answers that are paired"
            self._report.add("TAP451", message, item.args[0].place, notes=notes)
            return False
        return True

    def _ref(self, arg: Arg, what: str) -> Ref | None:
        arg = arg.follow()
        if isinstance(arg.value, Path | Quoted):
            parts = tuple(part.text for part in arg.value.parts) if isinstance(arg.value, Path) else (arg.value.text,)
            return Ref(arg.value.text, parts, arg)
        wrong_value("this", what, arg, "every topic >= 2", self._report)
        return None

    def _unknown(self, what: str, name: str, known: Mapping[str, object], place: Place) -> None:
        better = did_you_mean(name, known)
        notes = (f"did you mean `{better}`?",) if better else (f"known here: {', '.join(known)}",) if known else ()
        self._report.add("TAP111", f"there is no {what} `{name}`", place, notes=notes)


def _part(arg: Arg, start: int, end: int | None) -> Arg:
    """Some of the names of a path, as a path of its own."""
    arg = arg.follow()
    if not isinstance(arg.value, Path) or len(arg.value.parts) == 1:
        return arg
    parts = arg.value.parts[start:end]
    first, last = parts[0].span, parts[-1].span
    return Arg(Path(type(first)(first.start, last.end), parts), arg.scope)


def _paths(children: tuple[TaxonomyNode, ...], above: tuple[str, ...]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for child in children:
        path = (*above, child.name)
        found += [path, *_paths(child.children, path)]
    return found
