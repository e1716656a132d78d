"""Rubrics of the dataset's judges."""

from tapc.ir import Aspect, Dataset, Template
from tapc.semantics.page import Page, number
from tapc.syntax import quote, write_name


def rubrics(dataset: Dataset, page: Page) -> None:
    """Every rubric that a judge scores by, once."""
    found = {rubric.name: rubric for step in dataset.steps for rubric in step.rubrics()}
    for name, rubric in sorted(found.items()):
        path = f"rubric.{name}"
        page.gap()
        with _opened(f"rubric {write_name(name)}", rubric.definition, path, page):
            for aspect in rubric.aspects:
                _aspect(aspect, f"{path}.{aspect.name}", page)


def _opened(head: str, definition: Template | None, path: str, page: Page):  # noqa: ANN202 - a context of the page
    return page.block(head, path) if definition is None else page.text_block(f"{head}:", definition.text, path)


def _aspect(aspect: Aspect, path: str, page: Page) -> None:
    words = ["aspect", write_name(aspect.name)]
    words += [] if aspect.weight == 1 else [number(aspect.weight)]
    if aspect.scale == "category":
        words.append(f"any of [{', '.join(map(quote, aspect.options))}]")
    else:
        words.append("boolean" if aspect.scale == "boolean" else f"{aspect.minimum}..{aspect.maximum}")
    words += ["lower"] * aspect.lower + ["or na"] * aspect.optional + ["asked"] * aspect.asked
    head = " ".join(words)
    if not aspect.anchors:
        if aspect.definition is None:
            page.put(head, path)
        else:
            page.text(f"{head}:", aspect.definition.text, path)
        return
    with _opened(head, aspect.definition, path, page):
        for score, text in aspect.anchors:
            page.text(str(score), text.text, path)
