"""`tapc graph`."""

from typing import Literal

from tapc.plan import Planned, graph_dot, graph_json, graph_mermaid, job_graph

_WRITERS = {"mermaid": graph_mermaid, "dot": graph_dot, "json": graph_json}


def graph_text(planned: Planned, form: Literal["mermaid", "dot", "json"]) -> str:
    """The job graph of a plan: steps, what they read, how many jobs each makes."""
    graph = job_graph(
        planned.dataset,
        planned.programs(),
        slots=len(planned.slots),
        cells=len(planned.allocation),
        combinations=planned.combinations,
    )
    return _WRITERS[form](graph)
