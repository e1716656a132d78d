"""Rows that belong to no value of an axis."""

from collections import Counter

from tapc.inputs.bad import counted
from tapc.inputs.labels import Labels, shown

_SHOWN = 3
_KEPT = 10_000
"""Different labels that are told apart; a column of free texts would fill memory."""


class Strangers:
    """Counts labels without a meaning, for one axis."""

    def __init__(self, axis: str, labels: Labels) -> None:
        self._axis = axis
        self._labels = labels
        self._seen: Counter[str] = Counter()
        self._others = 0

    def add(self, label: object) -> None:
        """Count one row."""
        text = shown(label)
        if text in self._seen or len(self._seen) < _KEPT:
            self._seen[text] += 1
        else:
            self._others += 1

    def notes(self) -> tuple[str, ...]:
        """A sentence, if there are any."""
        total = self._seen.total() + self._others
        if not total:
            return ()
        what = f"to no value of `{self._axis}`, such as {', '.join(map(self._proposed, self._first()))}"
        return (counted(total, f"belongs {what}", f"belong {what}"),)

    def slips(self) -> tuple[str, ...]:
        """What is nearly a value: written in another case, or with a slip."""
        found = [(text, near) for text in self._first() if (near := self._near(text))]
        if not found:
            return ()
        pairs = ", ".join(f"{text} for `{near}`" for text, near in found)
        rows = sum(self._seen[text] for text, _ in found)
        return (
            counted(
                rows,
                f"has nearly a value of `{self._axis}`: {pairs}",
                f"have nearly a value of `{self._axis}`: {pairs}",
            ),
        )

    def _first(self) -> list[str]:
        return [text for text, _ in sorted(self._seen.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]]

    def _near(self, text: str) -> str | None:
        return None if text == "null" else self._labels.near(text.strip("'"))

    def _proposed(self, text: str) -> str:
        near = self._near(text)
        return f"{text} (did you mean `{near}`?)" if near else text
