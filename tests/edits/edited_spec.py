"""A spec as a value, the text of it, and the edits that a user makes, chosen at random."""

import random
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

Line = tuple[str, str]
"""`moved`: the path of before, and the path of now."""


@dataclass(frozen=True)
class Value:
    """A leaf of the taxonomy, or a value of a mix; prompts show its title, so a rename changes no prompt."""

    name: str
    title: str
    weight: int = 1
    moved: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Axis:
    """The taxonomy, or a mix."""

    name: str
    values: tuple[Value, ...]
    moved: tuple[Line, ...] = ()

    @property
    def body(self) -> str:
        return "{ " + ", ".join(f'{v.name} {v.weight} "{v.title}"' for v in self.values) + " }"

    @property
    def lines(self) -> tuple[Line, ...]:
        return (*(line for value in self.values for line in value.moved), *self.moved)

    @property
    def retired(self) -> set[str]:
        """Last names of the paths that `moved` lines lead away from."""
        return {old.rpartition(".")[2] for old, _ in self.lines}


def axis(name: str, *titles: str) -> Axis:
    return Axis(name, tuple(Value(title.lower(), title) for title in titles))


KNOWN = {
    "topic": ("Optics", "Heat", "Waves", "Cells"),
    "tone": ("Dry", "Warm", "Wry", "Calm"),
    "level": ("Easy", "Hard", "Odd"),
}
"""Titles of the values that an axis may have, by its first name."""

TOPIC, TONE, LEVEL = axis("topic", "Optics", "Heat"), axis("tone", "Dry", "Warm"), axis("level", "Easy", "Hard")


@dataclass(frozen=True)
class Spec:
    """What edits change. A merge takes each field from the branch that changed it.

    Attributes:
        samples: samples of the dataset.
        topic: the taxonomy, which questions read.
        tone: a mix that only answers read.
        level: a mix that questions read.
        question, answer: versions of the prompts.
    """

    samples: int = 12
    topic: Axis = TOPIC
    tone: Axis = TONE
    level: Axis = LEVEL
    question: int = 0
    answer: int = 0

    def text(self) -> str:
        """The spec as a user writes it."""
        topic, tone, level = (f"{{{{ {one.name}.title }}}}" for one in (self.topic, self.tone, self.level))
        lines = (f"  moved {old} = {new}" for one in (self.topic, self.tone, self.level) for old, new in one.lines)
        return "\n".join(
            (
                "tap 1",
                "dataset d {",
                f"  samples {self.samples}",
                f"  taxonomy {self.topic.name} {self.topic.body}",
                f"  mix {self.tone.name} {self.tone.body}",
                f"  mix {self.level.name} {self.level.body}",
                *lines,
                '  endpoint w { model "sim-w", price { input $1/M, output $4/M } }',
                f'  generate question {{ using w, prompt "Ask {self.question} about {topic}, {level}." }}',
                f'  generate answer {{ using w, prompt "Say {self.answer} in a {tone} tone: {{{{ question }}}}" }}',
                "  emit sft { from answer }",
                "}",
                "",
            )
        )


def merged(base: Spec, one: Spec, other: Spec) -> Spec:
    """A spec with the changes of both; where both changed the same, those of the first."""
    taken = {f.name: getattr(one, f.name) for f in fields(Spec)}
    for name, value in taken.items():
        if value == getattr(base, name):
            taken[name] = getattr(other, name)
    return Spec(**taken)


Edit = Callable[[Spec, random.Random], Spec]


def samples_up(spec: Spec, r: random.Random) -> Spec:
    """More samples, as after a look at the first ones."""
    return replace(spec, samples=min(30, spec.samples + r.randint(1, 8)))


def samples_down(spec: Spec, r: random.Random) -> Spec:
    """Fewer samples."""
    return replace(spec, samples=max(4, spec.samples - r.randint(1, 8)))


def one_axis(spec: Spec, r: random.Random) -> Spec:
    """One value more, one less, or other shares."""
    field = r.choice(("topic", "tone", "level"))
    found: Axis = getattr(spec, field)
    absent = [
        title
        for title in KNOWN[field]
        if all(title != value.title for value in found.values) and title.lower() not in found.retired
    ]
    at, way = r.randrange(len(found.values)), r.randrange(3)
    values = list(found.values)
    if way == 0 and absent:
        title = r.choice(absent)
        values.insert(at, Value(title.lower(), title, r.randint(1, 3)))
    elif way == 1 and len(values) > 1:
        del values[at]
    else:
        values[at] = replace(values[at], weight=r.randint(1, 4))
    return replace(spec, **{field: replace(found, values=tuple(values))})


def rename(spec: Spec, r: random.Random) -> Spec:
    """Another name for an axis or a value, with the line that keeps its samples."""
    field = r.choice(("topic", "tone", "level"))
    found: Axis = getattr(spec, field)
    if not r.randrange(4):
        name = f"{field}{len(found.moved) + 1}"
        return replace(spec, **{field: replace(found, name=name, moved=(*found.moved, (found.name, name)))})
    at = r.randrange(len(found.values))
    value = found.values[at]
    name = f"{value.title.lower()}{len(value.moved) + 1}"
    line = (f"{found.name}.{value.name}", f"{found.name}.{name}")
    now = replace(value, name=name, moved=(*value.moved, line))
    return replace(spec, **{field: replace(found, values=(*found.values[:at], now, *found.values[at + 1 :]))})


def order(spec: Spec, r: random.Random) -> Spec:
    """The values of an axis in another order, which means nothing."""
    field = r.choice(("topic", "tone", "level"))
    found: Axis = getattr(spec, field)
    return replace(spec, **{field: replace(found, values=tuple(r.sample(found.values, len(found.values))))})


def question(spec: Spec, r: random.Random) -> Spec:
    """Another prompt of the first step, or an earlier one."""
    return replace(spec, question=r.randint(0, 2))


def answer(spec: Spec, r: random.Random) -> Spec:
    """Another prompt of the last step, or an earlier one."""
    return replace(spec, answer=r.randint(0, 2))


FREE: tuple[Edit, ...] = (rename, order)
"""Edits that change no sample and no prompt."""

EDITS: tuple[Edit, ...] = (samples_up, samples_down, one_axis, one_axis, question, answer, *FREE)


def first_spec(r: random.Random) -> Spec:
    """Where a sequence of edits begins."""
    return replace(Spec(), samples=r.randint(6, 16))
