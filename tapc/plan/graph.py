"""The job graph in closed form: steps, the number of jobs of each, and which steps read which."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from tapc.ir import Dataset, Emit, as_written
from tapc.plan.counting import count_jobs
from tapc.steps import JobClass, StepProgram

SCHEMA = "tapc.graph/1"


class JobGroup(msgspec.Struct, frozen=True):
    """Jobs of one step at one endpoint.

    Attributes:
        endpoint, model, realm: target of the jobs.
        per: axes; the jobs are made once for each combination of their values in use, and shared by its slots.
        times: number of slots, or of combinations.
        each: jobs per slot or combination, as an exact number (`2`, `3/2`).
        jobs: first attempts over the whole set.
        attempts: most tries of each.
    """

    endpoint: str
    model: str
    realm: str
    per: tuple[str, ...]
    times: int
    each: str
    jobs: int
    attempts: int


class GraphStep(msgspec.Struct, frozen=True):
    """One step: its kind, the steps and axes it reads, and its jobs (none if it sends no requests)."""

    name: str
    kind: str
    reads: tuple[str, ...]
    groups: tuple[JobGroup, ...]

    @property
    def jobs(self) -> int:
        """The number of first attempts."""
        return sum(group.jobs for group in self.groups)


class GraphEmit(msgspec.Struct, frozen=True):
    """One config of the output and the steps it reads."""

    name: str
    kind: str
    reads: tuple[str, ...]


class JobGraph(msgspec.Struct, frozen=True):
    """All jobs of a dataset.

    Attributes:
        dataset: its name.
        slots, cells: numbers of slots and cells of the plan.
        axes: (name, number of values in use), the taxonomy's leaves first.
        steps: steps, dependencies first.
        emits: configs of the output.
    """

    dataset: str
    slots: int
    cells: int
    axes: tuple[tuple[str, int], ...]
    steps: tuple[GraphStep, ...]
    emits: tuple[GraphEmit, ...]

    @property
    def jobs(self) -> int:
        """The number of first attempts."""
        return sum(step.jobs for step in self.steps)


def job_graph(
    dataset: Dataset,
    programs: Iterable[StepProgram],
    *,
    slots: int,
    cells: int,
    combinations: Callable[[Sequence[str]], int],
) -> JobGraph:
    """Count the jobs of every step.

    Args:
        dataset: the IR.
        programs: its compiled steps.
        slots: number of planned slots.
        cells: number of cells that are not empty.
        combinations: function that counts the combinations of values of some axes in use.
    """
    kinds = {step.name: step.kind for step in dataset.steps}

    def times(per: tuple[str, ...]) -> int:
        return combinations(per) if per else slots

    steps = tuple(
        GraphStep(
            name=program.name,
            kind=kinds[program.name],
            reads=tuple(sorted(kinds.keys() & set(program.reads))),
            groups=tuple(
                _group(made, jobs, times(made.per))
                for made, jobs in zip(program.job_classes, count_jobs(program.job_classes, times), strict=True)
            ),
        )
        for program in programs
    )
    taxonomy = dataset.space.taxonomy
    names = [taxonomy.name] if taxonomy else []
    names += [mix.name for mix in as_written(dataset.space.mixes) if not mix.per_candidate]
    return JobGraph(
        dataset=dataset.name,
        slots=slots,
        cells=cells,
        axes=tuple((name, combinations((name,))) for name in names),
        steps=steps,
        emits=tuple(GraphEmit(emit.name, emit.kind, _emit_reads(emit, steps)) for emit in dataset.emits),
    )


def _group(made: JobClass, jobs: int, times: int) -> JobGroup:
    recipe = made.factory.recipe
    return JobGroup(
        endpoint=recipe.endpoint,
        model=recipe.model,
        realm=recipe.realm,
        per=made.per,
        times=times,
        each=str(made.each),
        jobs=jobs,
        attempts=made.attempts,
    )


def _emit_reads(emit: Emit, steps: tuple[GraphStep, ...]) -> tuple[str, ...]:
    """The steps that a config names (`JUDGE.ASPECT` names the judge); else the steps that no other step reads."""
    known = [step.name for step in steps]
    if emit.reads():
        heads = {name.partition(".")[0] for name in emit.reads()}
        return tuple(name for name in known if name in heads)
    used = {name for step in steps for name in step.reads}
    return tuple(name for name in known if name not in used)


def graph_json(graph: JobGraph) -> str:
    """The graph as JSON text."""
    document: dict[str, Any] = {"schema": SCHEMA, **msgspec.to_builtins(graph), "jobs": graph.jobs}
    document["axes"] = [{"name": name, "values": values} for name, values in graph.axes]
    for step, given in zip(document["steps"], graph.steps, strict=True):
        step["jobs"] = given.jobs
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _lines(graph: JobGraph, step: GraphStep) -> list[str]:
    lines = [f"{step.name} ({step.kind})"]
    for group in step.groups:
        times = f"per {', '.join(group.per)}: " if group.per else ""
        lines.append(f"{group.endpoint}: {times}{group.times:,} x {group.each} = {group.jobs:,} jobs")
    return lines if step.groups else [*lines, f"{graph.slots:,} slots, no requests"]


def _edges(graph: JobGraph) -> list[tuple[str, str]]:
    """The edges. Node ids are `step:NAME` and so on, so that names of steps and configs cannot clash."""
    edges = [("cells", f"step:{step.name}") for step in graph.steps if not step.reads]
    edges += [(f"step:{name}", f"step:{step.name}") for step in graph.steps for name in step.reads]
    return edges + [(f"step:{name}", f"emit:{emit.name}") for emit in graph.emits for name in emit.reads]


def _nodes(graph: JobGraph) -> list[tuple[str, str, list[str]]]:
    """(id, shape, lines) of every node."""
    axes = [f"{name}: {values:,}" for name, values in graph.axes]
    cells = [f"{graph.dataset}", f"{graph.slots:,} slots in {graph.cells:,} cells", *axes]
    nodes = [("cells", "cells", cells)]
    nodes += [(f"step:{step.name}", "step", _lines(graph, step)) for step in graph.steps]
    return nodes + [(f"emit:{emit.name}", "emit", [emit.name, f"emit {emit.kind}"]) for emit in graph.emits]


_MERMAID = {"cells": ('[/"', '"/]'), "step": ('["', '"]'), "emit": ('[("', '")]')}
_DOT = {"cells": "folder", "step": "box", "emit": "cylinder"}
_PLAIN = re.compile(r"[^\w .,:=()/-]", re.ASCII)


def graph_mermaid(graph: JobGraph) -> str:
    """The graph as a Mermaid flowchart; labels escape all but plain characters as entities."""
    nodes = _nodes(graph)
    ids = {name: f"n{number}" for number, (name, _, _) in enumerate(nodes)}
    lines = ["flowchart TD"]
    for name, shape, texts in nodes:
        left, right = _MERMAID[shape]
        lines.append(f"  {ids[name]}{left}{'<br/>'.join(_entities(text) for text in texts)}{right}")
    lines += [f"  {ids[a]} --> {ids[b]}" for a, b in _edges(graph)]
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    return _PLAIN.sub(lambda match: f"#{ord(match.group())};" if ord(match.group()) < 128 else match.group(), text)


def graph_dot(graph: JobGraph) -> str:
    """The graph in the language of Graphviz."""
    nodes = _nodes(graph)
    lines = [f"digraph {_quoted([graph.dataset])} {{", "  rankdir=TB;"]
    lines += [f"  {_quoted([name])} [shape={_DOT[shape]}, label={_quoted(texts)}];" for name, shape, texts in nodes]
    lines += [f"  {_quoted([a])} -> {_quoted([b])};" for a, b in _edges(graph)]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(texts: list[str]) -> str:
    escaped = [text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for text in texts]
    return '"' + "\\n".join(escaped) + '"'
