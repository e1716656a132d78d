"""TAP614 and TAP616: file formats that are not written, and a config without splits next to one that has some."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark

_WRITTEN = frozenset({"jsonl"})


def format_not_written(dataset: Dataset) -> Iterator[Remark]:
    """Look at the formats of each emitted config."""
    for emit in dataset.emits:
        for name in emit.formats:
            if name not in _WRITTEN:
                yield Remark(
                    "TAP614",
                    f"`{emit.name}` will not be written as {name}, but as JSON lines",
                    ((f"emit.{emit.name}.format", f"emit.{emit.name}"),),
                    ('`datasets.load_dataset(DIR, CONFIG)["train"].to_parquet(FILE)` converts it',),
                )


def unsplit(dataset: Dataset) -> Iterator[Remark]:
    """Configs whose `train` holds every prompt, those in another config's other splits included."""
    divided = next((emit for emit in dataset.emits if len(emit.split) > 1), None)
    if divided is None:
        return
    held = next(name for name, _ in reversed(divided.split) if name != "train")
    for emit in dataset.emits:
        if emit.trains() and not emit.split:
            yield Remark(
                "TAP616",
                f"`{emit.name}` has no splits, so its `train` holds the prompts of `{held}` in `{divided.name}`",
                ((f"emit.{emit.name}",), (f"emit.{divided.name}.split", f"emit.{divided.name}")),
                ("write `split { … }` in the dataset: it holds for every config",),
            )
