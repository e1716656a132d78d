"""Balance of labels: whether a model could learn to say one thing always."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from tapc.outputs.manifest import Labels
from tapc.outputs.markdown import table

_SHOWN = 20
_TEXT = 80
"""Characters of a label that are kept."""


class LabelTally:
    """Counts the labels of one config's rows, read twice; memory grows by 8 bytes per row.

    Args:
        label: reads the label of an encoded row.
        rows: gives the encoded rows again each time.
    """

    def __init__(self, label: Callable[[bytes], str], rows: Callable[[], Iterator[bytes]]) -> None:
        self._rows = rows
        self._label = label

    def labels(self) -> Labels:
        """Labels with how many rows have them, the most frequent first, equally frequent ones by name."""
        hashes = np.fromiter((_hash(label) for label in self._labels()), np.uint64)
        values, counts = np.unique(hashes, return_counts=True)
        often = {int(value) for value in values[np.lexsort((values, -counts))[:_SHOWN]]}
        found: Counter[str] = Counter(label for label in self._labels() if _hash(label) in often)
        shown = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return Labels(rows=len(hashes), distinct=len(values), counts=dict(shown))

    def _labels(self) -> Iterator[str]:
        yield from map(self._label, self._rows())


def label_lines(found: dict[str, Labels]) -> list[str]:
    """The part of the card that shows them."""
    lines: list[str] = []
    for config, labels in found.items():
        rows = [[_cut(name), f"{n:,}", f"{n / labels.rows:.0%}"] for name, n in labels.counts.items()]
        more = labels.distinct - len(rows)
        lines += [f"## Labels of `{config}`", "", *table(["label", "rows", "share"], rows, right=(1, 2)), ""]
        lines += [f"{more:,} more.", ""] if more else []
    return lines


def _cut(label: str) -> str:
    return label if len(label) <= _TEXT else f"{label[:_TEXT]}…"


def _hash(label: str) -> int:
    return int.from_bytes(hashlib.blake2b(label.encode(), digest_size=8).digest(), "big")
