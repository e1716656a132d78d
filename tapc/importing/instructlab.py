"""The taxonomy of InstructLab: folders with a `qna.yaml` at every leaf."""

from collections.abc import Mapping
from typing import Any, cast

from tapc.importing.model import MAX_DEPTH, Node, Refusal, unlike
from tapc.importing.safe_yaml import read_yaml


def tree_of(files: Mapping[tuple[str, ...], bytes]) -> tuple[Node, ...]:
    """The tree of folders.

    Args:
        files: content of each `qna.yaml`, by the names of the folders that lead to it.

    Raises:
        Refusal: a file is not one of InstructLab's.
    """
    if not files:
        raise Refusal("TAP721", "no qna.yaml was found", "give the folder that holds the taxonomy, or a file")
    tree: dict[str, Any] = {}
    for path in sorted(files):
        if not path or len(path) > MAX_DEPTH:
            raise Refusal(
                "TAP721",
                "a qna.yaml is at the top, or deeper than 48 levels",
                "give the folder that contains the leaves",
            )
        at = tree
        for name in path:
            at = at.setdefault(name, {})
    return _built(tree, (), files)


def _built(level: Mapping[str, Any], path: tuple[str, ...], files: Mapping[tuple[str, ...], bytes]) -> tuple[Node, ...]:
    found: list[Node] = []
    for name, inner in level.items():
        here = (*path, name)
        definition, examples = _leaf(files[here], "/".join(here)) if here in files else ("", ())
        found.append(Node(name, definition=definition, examples=examples, children=_built(inner, here, files)))
    return unlike(found, "/".join(path) or "the taxonomy")


def _leaf(data: bytes, where: str) -> tuple[str, tuple[tuple[tuple[str, str], ...], ...]]:
    document: object = read_yaml(data, f"{where}/qna.yaml")
    if not isinstance(document, Mapping):
        raise Refusal("TAP721", f"{where}/qna.yaml is not a mapping", "see the description of the file by InstructLab")
    fields = cast("Mapping[object, Any]", document)
    text = fields.get("task_description") or fields.get("document_outline") or ""
    seeds: object = fields.get("seed_examples")
    if not isinstance(text, str) or not isinstance(seeds, list | None):
        raise Refusal(
            "TAP721", f"{where}/qna.yaml: task_description is not a text, or seed_examples is not a list", "correct it"
        )
    examples: list[tuple[tuple[str, str], ...]] = []
    for seed in cast("list[object]", seeds or []):
        if not isinstance(seed, Mapping):
            raise Refusal("TAP721", f"{where}/qna.yaml: a seed example is not a mapping", "correct it")
        one = cast("Mapping[object, Any]", seed)
        asked: object = one.get("questions_and_answers")
        for pair in cast("list[object]", asked) if isinstance(asked, list) else [one]:
            texts = {**one, **cast("Mapping[object, Any]", pair)} if isinstance(pair, Mapping) else one
            kept = [(key, texts.get(key)) for key in ("context", "question", "answer")]
            made = tuple((key, value.rstrip("\n")) for key, value in kept if isinstance(value, str) and value.strip())
            if made:
                examples.append(made)
    return text.rstrip("\n"), tuple(examples)
