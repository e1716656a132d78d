"""A spec as a value, the text of it, and the edits that a user makes, chosen at random."""

import json
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
        rows: rows of an input; empty where questions are generated.
        persona: a mix that only answers read, added later; None if there is none.
    """

    samples: int = 12
    topic: Axis = TOPIC
    tone: Axis = TONE
    level: Axis = LEVEL
    question: int = 0
    answer: int = 0
    rows: tuple[str, ...] = ()
    persona: Axis | None = None

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The taxonomy, then the mixes."""
        return (self.topic, self.tone, self.level, *([self.persona] if self.persona else []))

    @property
    def most(self) -> int:
        """The most samples."""
        return min(30, len(self.rows)) if self.rows else 30

    @property
    def steps(self) -> int:
        """Requests per sample."""
        return 1 if self.rows else 2

    def files(self) -> dict[str, str]:
        """The spec and the file that it reads."""
        rows = "".join(json.dumps({"text": row}) + "\n" for row in self.rows)
        return {"d.tap": self.text(), "rows.jsonl": rows} if self.rows else {"d.tap": self.text()}

    def text(self) -> str:
        """The spec as a user writes it."""
        topic, tone, level = (f"{{{{ {one.name}.title }}}}" for one in (self.topic, self.tone, self.level))
        who = f", as {{{{ {self.persona.name}.title }}}}" if self.persona else ""
        lines = (f"  moved {old} = {new}" for one in self.axes for old, new in one.lines)
        ask = f'generate question {{ using w, prompt "Ask {self.question} about {topic}, {level}." }}'
        if self.rows:
            ask = 'input question { file "rows.jsonl", field text }'
        return "\n".join(
            (
                "tap 1",
                "dataset d {",
                f"  samples {self.samples}",
                f"  taxonomy {self.topic.name} {self.topic.body}",
                *(f"  mix {one.name} {one.body}" for one in self.axes[1:]),
                *lines,
                '  endpoint w { model "sim-w", price { input $1/M, output $4/M } }',
                f"  {ask}",
                f'  generate answer {{ using w, prompt "Say {self.answer} in a {tone} tone{who}: {{{{ question }}}}" }}',
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
    spec = Spec(**taken)
    return replace(spec, samples=min(spec.samples, spec.most))


Edit = Callable[[Spec, random.Random], Spec]


def samples_up(spec: Spec, r: random.Random) -> Spec:
    """More samples, as after a look at the first ones."""
    return replace(spec, samples=min(spec.most, spec.samples + r.randint(1, 8)))


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


def rows_added(spec: Spec, r: random.Random) -> Spec:
    """Rows somewhere in the file, one of them perhaps there already."""
    rows = list(spec.rows)
    for _ in range(r.randint(1, 3) if rows else 0):
        rows.insert(r.randint(0, len(rows)), r.choice((f"Row {r.randrange(1000)}?", r.choice(rows))))
    return replace(spec, rows=tuple(rows))


def row_deleted(spec: Spec, r: random.Random) -> Spec:
    """One row less, if there are more rows than samples."""
    at = r.randrange(len(spec.rows)) if len(spec.rows) > spec.samples else -1
    return replace(spec, rows=tuple(row for n, row in enumerate(spec.rows) if n != at))


def rows_reordered(spec: Spec, r: random.Random) -> Spec:
    """The same rows in another order, which means nothing."""
    return replace(spec, rows=tuple(r.sample(spec.rows, len(spec.rows))))


def persona(spec: Spec, r: random.Random) -> Spec:
    """A mix more that only answers read, or without it again."""
    titles = r.sample(("Baker", "Pilot", "Judge"), 2)
    return replace(spec, persona=None if spec.persona else axis("persona", *titles))


FREE: tuple[Edit, ...] = (rename, order, rows_reordered)
"""Edits that change no sample and no prompt."""

EDITS: tuple[Edit, ...] = (samples_up, samples_down, one_axis, one_axis, question, answer, persona, rename, order)
ROW_EDITS: tuple[Edit, ...] = (rows_added, row_deleted, rows_reordered)


def first_spec(r: random.Random) -> Spec:
    """Where a sequence of edits begins."""
    samples = r.randint(6, 16)
    rows = tuple(f"Row {n}?" for n in range(r.randint(samples, 24))) if not r.randrange(3) else ()
    return replace(Spec(), samples=samples, rows=rows)


def edits_of(spec: Spec) -> tuple[Edit, ...]:
    """The edits that mean something for a spec."""
    return (*EDITS, *ROW_EDITS) if spec.rows else EDITS
