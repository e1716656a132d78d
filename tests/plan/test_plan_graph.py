"""The job graph: closed-form counts against counting one by one, and its three texts."""

import json
import re

from space_specs import standard

from tapc.ir import Aspect, Dataset, Emit, Endpoint, Reserve, Rubric, Sampling, Template
from tapc.kinds.compiling import compile_steps
from tapc.kinds.steps.generate.model import Generate, Message
from tapc.kinds.steps.judge.model import Judge
from tapc.kinds.steps.pair.model import Pair
from tapc.plan.graph import graph_dot, graph_json, graph_mermaid, job_graph
from tapc.plan.slots import Slots
from tapc.quota import allocate


def dataset(samples=300):
    def prompt(text, *reads):
        return (Message(role="user", content=Template(text=text, reads=reads)),)

    outline = Generate(name="outline", using=("writer",), per=("topic",), messages=prompt("{{ topic }}", "topic"))
    question = Generate(
        name="question",
        using=("writer",),
        messages=prompt("{{ outline }} {{ language }}", "language", "outline"),
    )
    answer = Generate(name="answer", using=("big", "writer"), each=2, messages=prompt("{{ question }}", "question"))
    rubric = Rubric(name="r", aspects=(Aspect(name="good", scale="range", weight=1, minimum=1, maximum=5),))
    verdict = Judge(name="verdict", of="answer", using=("big",), rubric=rubric)
    pair = Pair(name="pair", of="answer", by=("verdict.overall",))
    return Dataset(
        name='tutor "x"',
        samples=samples,
        space=standard([3, 4]),
        endpoints=(
            Endpoint(name="big", model="sim-large", sampling=Sampling(max_tokens=100)),
            Endpoint(name="writer", model="sim", sampling=Sampling(max_tokens=100)),
        ),
        steps=(outline, question, answer, verdict, pair),
        emits=(Emit(kind="preference", name="preference", source="pair"), Emit(kind="records", name="records")),
        accept=("pair",),
        reserve=Reserve(share=1),
    )


def graph_of(given):
    allocation = allocate(given.space, given.samples)
    slots = list(Slots(allocation))
    axes = {"topic": lambda s: s.leaf, "difficulty": lambda s: s.values[0], "language": lambda s: s.values[1]}

    def combinations(names):
        return len({tuple(axes[name](s) for name in names) for s in slots})

    return job_graph(given, compile_steps(given), slots=len(slots), cells=len(allocation), combinations=combinations)


def test_jobs_are_counted_in_closed_form():
    graph = graph_of(dataset())
    jobs = {step.name: {g.endpoint: g.jobs for g in step.groups} for step in graph.steps}
    assert jobs == {
        "outline": {"writer": 11},
        "question": {"writer": 300},
        "answer": {"big": 600, "writer": 600},
        "verdict": {"big": 1200},
        "pair": {},
    }
    # one of the twelve leaves is too light to get one of 300 samples
    assert graph.jobs == 11 + 300 + 1200 + 1200
    assert dict(graph.axes) == {"topic": 11, "difficulty": 3, "language": 12}
    reads = {step.name: step.reads for step in graph.steps}
    assert reads["question"] == ("outline",)
    assert "answer" in reads["pair"]


def test_steps_per_axis_do_not_grow_with_the_number_of_samples():
    small, large = graph_of(dataset(2000)), graph_of(dataset(20000))
    assert small.steps[0].jobs == large.steps[0].jobs == 12
    assert large.steps[1].jobs == 10 * small.steps[1].jobs


def test_json_is_complete():
    document = json.loads(graph_json(graph_of(dataset())))
    assert document["schema"] == "tapc.graph/1"
    assert document["slots"] == 300
    assert document["jobs"] == 2711
    answer = next(step for step in document["steps"] if step["name"] == "answer")
    assert answer["jobs"] == 1200
    assert answer["reads"] == ["question"]
    assert {group["model"] for group in answer["groups"]} == {"sim", "sim-large"}
    assert document["emits"][0] == {"name": "preference", "kind": "preference", "reads": ["pair"]}


def test_a_config_reads_the_scores_that_choose_its_rows():
    given = dataset().model_copy(
        update={"emits": (Emit(kind="sft", name="sft", source="answer", best_by="verdict.overall"),)}
    )
    assert graph_of(given).emits[0].reads == ("answer", "verdict")


def test_mermaid_has_a_node_for_everything_and_no_raw_quotes():
    text = graph_mermaid(graph_of(dataset()))
    lines = text.splitlines()
    assert lines[0] == "flowchart TD"
    assert "tutor #34;x#34;" in text
    assert sum("-->" in line for line in lines) >= 6
    node = re.compile(r'  n\d+(\[/"[^"]*"/\]|\["[^"]*"\]|\[\("[^"]*"\)\])\Z')
    assert all(node.match(line) for line in lines[1:] if "-->" not in line)


def test_dot_quotes_names():
    text = graph_dot(graph_of(dataset()))
    assert text.startswith('digraph "tutor \\"x\\"" {\n')
    assert '"step:answer" -> "step:verdict";' in text
    assert '"step:pair" -> "emit:preference";' in text
    assert text.rstrip().endswith("}")
