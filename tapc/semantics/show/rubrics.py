"""Rubrics of the dataset's judges."""

from tapc.ir import Aspect, Dataset, Template, as_written
from tapc.semantics.page import Page, number
from tapc.syntax import quote, write_name


def rubrics(dataset: Dataset, page: Page) -> None:
    """Every rubric that a judge scores by, once."""
    found = {rubric.name: rubric for step in dataset.steps for rubric in step.rubrics()}
    for name, rubric in sorted(found.items()):
        path = f"rubric.{name}"
        page.gap()
        head = f"rubric {write_name(name)}"
        with _opened(head, rubric.definition, path, page, head):
            for aspect in as_written(rubric.aspects):
                _aspect(aspect, f"{path}.{aspect.name}", page)


def _opened(text: str, definition: Template | None, path: str, page: Page, head: str):  # noqa: ANN202 - a context of the page
    if definition is None:
        return page.block(text, path, head)
    long = (text, f"definition {quote(definition.text)}") if text == head else ()
    return page.text_block(f"{text}:", definition.text, path, head, long)


def _aspect(aspect: Aspect, path: str, page: Page) -> None:
    name = f"aspect {write_name(aspect.name)}"
    words = [name]
    words += [] if aspect.weight == 1 else [number(aspect.weight)]
    if aspect.scale == "category":
        words.append(f"any of [{', '.join(map(quote, aspect.options_as_written or aspect.options))}]")
    else:
        words.append("boolean" if aspect.scale == "boolean" else f"{aspect.minimum}..{aspect.maximum}")
    words += ["lower"] * aspect.lower + ["or na"] * aspect.optional + ["asked"] * aspect.asked
    head = " ".join(words)
    if not aspect.anchors:
        if aspect.definition is None:
            page.put(head, path, name)
        else:
            page.text(f"{head}:", aspect.definition.text, path, name)
        return
    with _opened(head, aspect.definition, path, page, name):
        for score, text in aspect.anchors:
            page.text(str(score), text.text, path)
