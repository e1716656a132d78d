"""A composed dataset as one complete spec that means the same."""

from collections.abc import Sequence

from tapc.diagnostics import Diagnostic
from tapc.frontend.compiling import Compiled
from tapc.ir import Dataset
from tapc.semantics.page import Line, Page, Written, count
from tapc.semantics.registry import Registry
from tapc.semantics.report import Place
from tapc.semantics.show.endpoints import endpoint
from tapc.semantics.show.results import results
from tapc.semantics.show.rubrics import rubrics
from tapc.semantics.show.space import space
from tapc.semantics.show.steps import step
from tapc.syntax import quote, write_name


def show(compiled: Compiled, found: Sequence[Diagnostic] = ()) -> list[Line]:
    """The chosen dataset as one spec; empty where there is none.

    Args:
        compiled: the spec.
        found: findings about it; what allows them at the top of a file is put into the dataset.

    It has no imports, params, pipelines, copies or tables: what they stand for is put in, endpoints and rubrics of
    other files too, so that it can be read, kept and compiled alone. Compiled at the same place it gives the same IR;
    only files that inputs and checks name are still read from where they are. Fields with their default are left out.
    """
    dataset = compiled.dataset
    if dataset is None:
        return []
    allows = {one.code: one for one in compiled.allowances.inside(dataset.name, found)}
    places = {f"allow.{code}": Place(one.label.file, one.label.span) for code, one in allows.items()}
    page = Page({**compiled.origins, **places}, (one.name for one in dataset.steps))
    page.put("tap 1")
    page.gap()
    with page.block(f"dataset {write_name(dataset.name)}", "dataset"):
        _inside(dataset, compiled.registry, page)
        if allows:
            page.gap()
        for code, one in sorted(allows.items()):
            page.put(f"allow {code}: {quote(one.reason)}", f"allow.{code}")
    return page.lines


def statements(dataset: Dataset, registry: Registry) -> list[Written]:
    """What a dataset says, as the statements that `show` writes, in its order and words."""
    page = Page({}, (one.name for one in dataset.steps))
    page.put(f"dataset {write_name(dataset.name)}", "dataset")
    if dataset.first_input is not None:  # the order of inputs matters, and only this
        page.put(f"first input {write_name(dataset.first_input)}", "first_input", "first input")
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
    for one in sorted(dataset.steps, key=lambda step: step.name != dataset.first_input):
        step(one, registry, page)
    results(dataset, registry, page)
