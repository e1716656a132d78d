"""A composed dataset as one complete spec that means the same."""

from tapc.frontend.compiling import Compiled
from tapc.ir import Dataset
from tapc.semantics.page import Line, Page, Written, count
from tapc.semantics.registry import Registry
from tapc.semantics.show.endpoints import endpoint
from tapc.semantics.show.results import results
from tapc.semantics.show.rubrics import rubrics
from tapc.semantics.show.space import space
from tapc.semantics.show.steps import step
from tapc.syntax import write_name


def show(compiled: Compiled) -> list[Line]:
    """The chosen dataset as one spec; empty where there is none.

    It has no imports, params, pipelines, copies or tables: what they stand for is put in, endpoints and rubrics of
    other files too, so that it can be read, kept and compiled alone. Compiled at the same place it gives the same IR;
    only files that inputs and checks name are still read from where they are. Fields with their default are left out.
    """
    dataset = compiled.dataset
    if dataset is None:
        return []
    page = Page(compiled.origins, (one.name for one in dataset.steps))
    page.put("tap 1")
    page.gap()
    with page.block(f"dataset {write_name(dataset.name)}", "dataset"):
        _inside(dataset, compiled.registry, page)
    return page.lines


def statements(dataset: Dataset, registry: Registry) -> list[Written]:
    """What a dataset says, as the statements that `show` writes, in its order and words."""
    page = Page({}, (one.name for one in dataset.steps))
    page.put(f"dataset {write_name(dataset.name)}", "dataset")
    _inside(dataset, registry, page)
    return page.written


def _inside(dataset: Dataset, registry: Registry, page: Page) -> None:
    page.put(f"samples {'all' if dataset.samples is None else count(dataset.samples)}", "samples")
    if dataset.seed:
        page.put(f"seed {dataset.seed}", "seed")
    space(dataset.space, page)
    for one in dataset.endpoints:
        endpoint(one, page)
    rubrics(dataset, page)
    for one in dataset.steps:
        step(one, registry, page)
    results(dataset, registry, page)
