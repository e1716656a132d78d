"""Spec pieces and a small honest driver for step tests: it answers effects from a script, in any order asked for."""

import json
from collections.abc import Callable
from fractions import Fraction

from tapc.ir import Aspect, Check, Dataset, Endpoint, Mix, MixValue, Reserve, Rubric, Sampling, Space, Template
from tapc.jobs import Job, Reply, Usage
from tapc.kinds.compiling import compile_steps
from tapc.kinds.steps.generate.model import Generate, Message
from tapc.kinds.steps.judge.model import Judge
from tapc.kinds.steps.pair.model import Pair
from tapc.steps import Ask, Both, Decide, Generated, Missing, Origin, Short, SlotKey, SlotState, StepProgram

Answer = Callable[[Job], "str | Reply | Exception"]


def text(source: str, *reads: str) -> Template:
    return Template(text=source, reads=tuple(sorted(reads)))


def user(source: str, *reads: str) -> Message:
    return Message(role="user", content=text(source, *reads))


def endpoint(name: str, model: str | None = None, **fields: object) -> Endpoint:
    return Endpoint(name=name, model=model or name, **fields)


def generate(name: str, source: str, *reads: str, using: tuple[str, ...] = ("writer",), **fields: object) -> Generate:
    return Generate(name=name, using=using, messages=(user(source, *reads),), **fields)


def scale(name: str = "quality", low: int = 1, high: int = 5, **fields: object) -> Aspect:
    return Aspect(
        name=name, scale="range", weight=fields.pop("weight", Fraction(1)), minimum=low, maximum=high, **fields
    )


def judge(name: str, of: str, *aspects: Aspect, using: tuple[str, ...] = ("referee",), **fields: object) -> Judge:
    rubric = Rubric(name="rubric", aspects=aspects or (scale(),))
    return Judge(name=name, of=of, using=using, rubric=rubric, **fields)


ENDPOINTS = (endpoint("llama"), endpoint("referee"), endpoint("writer"))
LANGUAGES = Mix(name="language", values=(MixValue(name="en"), MixValue(name="sw")))
TOPICS = Mix(name="topic", values=(MixValue(name="cells"), MixValue(name="motion")))


def dataset(
    *steps: object, endpoints: tuple[Endpoint, ...] = ENDPOINTS, mixes: tuple[Mix, ...] = (), **fields: object
) -> Dataset:
    return Dataset(
        name=fields.pop("name", "d"),
        samples=10,
        space=Space(mixes=mixes),
        endpoints=endpoints,
        steps=steps,
        reserve=Reserve(share=Fraction(1)),
        **fields,
    )


def slot(ordinal: int = 0, cell: bytes = b"c" * 16, **axes: str) -> SlotState:
    return SlotState(SlotKey(cell, ordinal, ordinal, 0, (), Origin(cell, ordinal)), dict(axes), dict(axes))


def ok(*texts: str, reasoning: tuple[str, ...] = ()) -> Reply:
    return Reply("ok", texts, Usage(1, 1), 0, reasoning)


def bad(outcome: str, partial: str = "") -> Reply:
    return Reply(outcome, (partial,), Usage(1, 1), 0)


class Driver:
    """Runs step coroutines; keeps every job asked, by key, and asks each key once.

    Args:
        answer: gives the reply to a job; an exception is thrown into the step.
        backwards: whether parts of a gather are advanced last first.
    """

    def __init__(self, answer: Answer, *, backwards: bool = False) -> None:
        self.answer = answer
        self.backwards = backwards
        self.jobs: dict[bytes, Job] = {}
        self.replies: dict[bytes, object] = {}
        self.decisions: list[tuple[str, int, int, str, str]] = []

    def run(self, coroutine: object) -> object:
        value, error = None, None
        while True:
            try:
                effect = coroutine.throw(error) if error else coroutine.send(value)
            except StopIteration as stop:
                return stop.value
            value, error = None, None
            try:
                value = self.serve(effect)
            except Missing as missing:
                error = missing

    def serve(self, effect: object) -> object:
        if isinstance(effect, Ask):
            job = effect.job
            if job.key not in self.replies:
                self.jobs[job.key] = job
                self.replies[job.key] = self.answer(job)
            reply = self.replies[job.key]
            if isinstance(reply, Exception):
                raise reply
            return ok(*[reply] * job.recipe.n) if isinstance(reply, str) else reply
        if isinstance(effect, Both):
            order = range(len(effect.parts))
            found: dict[int, object] = {}
            try:
                for place in reversed(order) if self.backwards else order:
                    found[place] = self.run(effect.parts[place])
            finally:
                for part in effect.parts:
                    part.close()
            return [found[place] for place in order]
        assert isinstance(effect, Decide)
        asker = effect.asker
        self.decisions.append((asker.step, asker.candidate, asker.attempt, effect.text, effect.group))
        return effect.check.decide(effect.text, effect.group)

    def slot(self, programs: tuple[StepProgram, ...], state: SlotState) -> SlotState:
        """Run all steps of a slot; a short step ends those that read it."""
        for program in programs:
            if any(name not in state.results for name in program.reads if any(p.name == name for p in programs)):
                continue
            result = self.run(program.run(state))
            if isinstance(result, Short):
                state.names[f"short {program.name}"] = result
            else:
                state.results[program.name] = result
                state.names[program.name] = program.view(result)
        return state


def keys(data: Dataset, **axes: str) -> set[bytes]:
    """Keys of all jobs of one slot where every answer is a text (or a verdict) of its own."""
    driver = Driver(fitting)
    driver.slot(compile_steps(data), slot(**axes))
    return set(driver.jobs)


def fitting(job: Job) -> str:
    """An answer that fits any schema made of integers and texts, else a text named after the job."""
    if job.recipe.schema is None:
        return f"text {job.key.hex()[:12]}"
    properties = json.loads(job.recipe.schema)["properties"]
    return json.dumps(
        {
            name: "because" if kind.get("type") == "string" else kind.get("minimum", 0)
            for name, kind in properties.items()
        }
    )


def verdict(**scores: object) -> str:
    return json.dumps({"rationale": "because", **scores})


__all__ = [
    "ENDPOINTS", "LANGUAGES", "TOPICS", "Aspect", "Check", "Driver", "Fraction", "Generated", "Pair", "Sampling", "Short",
    "bad", "dataset", "endpoint", "fitting", "generate", "judge", "keys", "ok", "scale", "slot", "text", "user", "verdict",
]  # fmt: skip
