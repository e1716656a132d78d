"""TAP614: file formats that the language knows and this version does not write."""

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
