"""Which candidates a generate step makes for a slot: endpoint, prompt, place and draw of each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from tapc.jobs import JobFactory, Message
from tapc.kinds.steps.generate.model import Generate
from tapc.kinds.steps.generate.model import Message as MessageTemplate
from tapc.steps.context import CandidateDraws
from tapc.steps.draw_groups import static_part
from tapc.steps.identity import Origin, pick, ticket
from tapc.steps.program import SlotState
from tapc.steps.results import Candidate, Generated
from tapc.steps.views import TextView
from tapc.templates import Renderer, compile_template

Role = Literal["system", "user", "assistant"]


class Prompt:
    """A step's messages as templates, compiled once.

    Attributes:
        reads: names they read.
        samples: whether the sample seed can matter.
    """

    def __init__(self, messages: tuple[MessageTemplate, ...]) -> None:
        self._parts: list[tuple[Role, Renderer]] = [(one.role, compile_template(one.content)) for one in messages]
        self.samples = any(renderer.samples for _, renderer in self._parts)
        self.reads = frozenset(name for message in messages for name in message.content.reads)

    def render(self, names: Mapping[str, Any], sample_seed: int) -> tuple[Message, ...]:
        """Render all messages; empty system messages are left out, since some servers refuse them."""
        found: list[Message] = []
        for role, renderer in self._parts:
            content = renderer.render(names, sample_seed)
            if content or role != "system":
                found.append(Message(role, content))
        return tuple(found)


_TWIN = 1 << 20
"""Distance in `Draw.candidate` between parents whose prompts are the very same; far above any `each`."""

_NO_PARENT = -1

_CELLS = 4096
"""Most cells whose prompts are cached."""

Drawn = tuple[tuple[str, str], ...]


class Wanted(msgspec.Struct, frozen=True):
    """One candidate to make.

    Attributes:
        index: stable position among the step's candidates.
        factory: job factory of its endpoint.
        draw: for `Draw.candidate`: the request's position at its endpoint, so that a further endpoint or candidate
            leaves the others' keys alone.
        part: which of the request's `n` completions.
        messages: the prompt.
        drawn: values of `per candidate` mixes.
        parent: index of the candidate it answers, or -1.
    """

    index: int
    factory: JobFactory
    draw: int
    part: int
    messages: tuple[Message, ...]
    drawn: Drawn
    parent: int


class CandidatePlan:
    """Lists candidates of one step for any slot.

    Attributes:
        seed: seed of the dataset.
        width: most candidates for one parent (or for the slot, without `for`).
        most: most candidates for a slot.
        chosen: endpoints used for one slot.
        mixes: `per candidate` mixes that its prompts read, sorted.
        even: whether every slot with all its parents has `most` candidates; not where a pool's endpoints give
            different numbers.
    """

    def __init__(
        self,
        step: Generate,
        factories: tuple[JobFactory, ...],
        *,
        seed: int,
        mixes: frozenset[str],
        parents: int,
        draws: CandidateDraws | None,
    ) -> None:
        self._step = step
        self._factories = factories
        self.seed = seed
        self._prompt = Prompt(step.messages)
        self.mixes = tuple(sorted(mixes & self._prompt.reads))
        self._draws = draws
        self._pool = tuple(static_part(f.recipe) + f.recipe.draw_group.to_bytes(4, "big") for f in factories)
        self.chosen = len(factories) if step.pick is None else step.pick
        sizes = sorted((step.each * factory.recipe.n for factory in factories), reverse=True)
        self.width = sum(sizes[: self.chosen])
        self.most = self.width * parents
        self.even = step.pick is None or sizes[0] == sizes[-1]
        fixed = step.pick is None and step.for_step is None and not self.mixes
        self._cells: dict[bytes, tuple[Message, ...]] = {}
        self._fixed = tuple(self._requests(range(len(factories)))) if fixed else None

    def wanted(self, slot: SlotState, source: Origin) -> list[Wanted]:
        """All candidates of a slot, by index."""
        sample = ticket(b"sample", self.seed, source) if self._prompt.samples else 0
        if self._fixed is not None:  # the same requests for every slot, with one prompt
            messages = self._of_cell(slot) or self._prompt.render(slot.names, sample)
            return [
                Wanted(index, factory, request, part, messages, (), _NO_PARENT)
                for index, (factory, request, part) in enumerate(self._fixed)
            ]
        positions: Sequence[int] = range(len(self._factories))
        if self._step.pick is not None:
            positions = pick(self._step.pick, self._pool, self.seed, source)
        twins: dict[tuple[Message, ...], int] = {}
        found: list[Wanted] = []
        for parent, names in self._parents(slot):
            before = dict(twins) if parent is not None else {}
            base = 0 if parent is None else parent.index * self.width
            common = None if self.mixes else self._prompt.render(names, sample)
            for offset, (factory, request, part) in enumerate(self._requests(positions)):
                drawn: Drawn = ()
                messages = common
                if messages is None:
                    drawn, seen = self._draw(slot, parent, names, base + offset)
                    messages = self._prompt.render(seen, sample)
                twin = before.get(messages, 0)
                twins[messages] = twin + 1
                place = _NO_PARENT if parent is None else parent.index
                found.append(Wanted(base + offset, factory, request + twin * _TWIN, part, messages, drawn, place))
        return found

    def _of_cell(self, slot: SlotState) -> tuple[Message, ...] | None:
        """The prompt of a slot's cell, where it depends on nothing else; None where it does."""
        if self._prompt.samples or not self._prompt.reads <= slot.axes.keys():
            return None
        found = self._cells.get(slot.key.cell)
        if found is None:
            if len(self._cells) >= _CELLS:
                self._cells.clear()
            found = self._cells[slot.key.cell] = self._prompt.render(slot.names, 0)
        return found

    def _parents(self, slot: SlotState) -> Iterator[tuple[Candidate | None, Mapping[str, Any]]]:
        name = self._step.for_step
        if name is None:
            yield None, slot.names
            return
        result = slot.results[name]
        if not isinstance(result, Generated):
            raise TypeError(f"step {self._step.name} is made for {name}, which yields no candidates")
        for parent in result.candidates:
            yield parent, {**slot.names, name: TextView(parent)}

    def _requests(self, positions: Sequence[int]) -> Iterator[tuple[JobFactory, int, int]]:
        for position in positions:
            factory = self._factories[position]
            for request in range(self._step.each):
                for part in range(factory.recipe.n):
                    yield factory, request, part

    def _draw(
        self, slot: SlotState, parent: Candidate | None, names: Mapping[str, Any], index: int
    ) -> tuple[Drawn, Mapping[str, Any]]:
        """Values of `per candidate` mixes for one candidate; what its parent drew, it keeps."""
        if self._draws is None:
            raise TypeError(f"step {self._step.name} reads a per-candidate mix, but there are no draws")
        kept = dict(parent.drawn) if parent is not None else {}
        seen = dict(names)
        for mix in self.mixes:
            if mix not in kept:
                kept[mix] = self._draws.value(slot.key, mix, index, self.most)
            seen[mix] = self._draws.view(mix, kept[mix])
        return tuple(sorted(kept.items())), seen
