"""Where earlier texts are found by their keys: young ones in memory, old ones in files.

Keys of new texts are in a dictionary. When it is full it becomes a segment, sorted arrays in scratch files; of two
segments of like size one is made, so that there are few (a log-structured merge tree, O'Neil and others 1996). The
files are mapped, not read: a look-up touches a few pages of each.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

Scratch = Callable[[], BinaryIO]
"""Makes an empty temporary file, on disk or in memory."""

Keys = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]

FRONT = 1 << 17
"""Keys in memory at most; about 20 MB."""

_AT_ONCE = 1 << 19
"""Keys of a segment that are held in memory while two are made one."""


class _Segment:
    """Keys in ascending order, each with the number of its text."""

    def __init__(self, scratch: Scratch, parts: Iterator[tuple[Keys, Numbers]]) -> None:
        self._files = (scratch(), scratch())
        for keys, numbers in parts:
            self._files[0].write(keys.tobytes())
            self._files[1].write(numbers.tobytes())
        self.keys: Keys = _mapped(self._files[0], np.int64)
        self.numbers: Numbers = _mapped(self._files[1], np.uint32)

    def find(self, keys: Keys, found: set[int]) -> None:
        at = np.searchsorted(self.keys, keys)
        inside = np.flatnonzero(at < len(self.keys))
        for place in inside[self.keys[at[inside]] == keys[inside]]:
            end = np.searchsorted(self.keys, keys[place], side="right")
            found.update(self.numbers[at[place] : end].tolist())


class BandIndex:
    """Finds numbers of texts that share a key.

    Args:
        scratch: makes files for what is not kept in memory.
        front: keys in memory at most.
    """

    def __init__(self, scratch: Scratch, front: int = FRONT) -> None:
        self._scratch = scratch
        self._most = front
        self._front: dict[int, int | list[int]] = {}
        self._held = 0
        self._segments: list[_Segment] = []

    def near(self, keys: Sequence[int]) -> set[int]:
        """Numbers added under any of the keys."""
        found: set[int] = set()
        for key in keys:
            young = self._front.get(key)
            if young is not None:
                found.update((young,) if isinstance(young, int) else young)
        if self._segments:
            wanted = np.array(keys, dtype=np.int64)
            for segment in self._segments:
                segment.find(wanted, found)
        return found

    def add(self, number: int, keys: Sequence[int]) -> None:
        """Remember a text's number, below 2**32, under its keys."""
        front = self._front
        for key in keys:
            young = front.setdefault(key, number)
            if young is not number:
                if isinstance(young, int):
                    front[key] = [young, number]
                else:
                    young.append(number)
        self._held += len(keys)
        if self._held >= self._most:
            self._spill()

    def _spill(self) -> None:
        front = self._front
        keys = np.fromiter((key for key, young in front.items() for _ in _listed(young)), np.int64, self._held)
        numbers = np.fromiter((number for young in front.values() for number in _listed(young)), np.uint32, self._held)
        order = np.argsort(keys, kind="stable")
        self._segments.append(_Segment(self._scratch, iter([(keys[order], numbers[order])])))
        self._front, self._held = {}, 0
        while len(self._segments) > 1 and len(self._segments[-2].keys) < 2 * len(self._segments[-1].keys):
            young, old = self._segments.pop(), self._segments.pop()
            self._segments.append(_Segment(self._scratch, _merged(old, young)))


def _listed(numbers: int | list[int]) -> Sequence[int]:
    return (numbers,) if isinstance(numbers, int) else numbers


def _merged(a: _Segment, b: _Segment) -> Iterator[tuple[Keys, Numbers]]:
    """Both in one order, a stretch of keys at a time."""
    edges = a.keys[_AT_ONCE // 2 :: _AT_ONCE // 2]
    ends_a = [*np.searchsorted(a.keys, edges).tolist(), len(a.keys)]
    ends_b = [*np.searchsorted(b.keys, edges).tolist(), len(b.keys)]
    from_a = from_b = 0
    for to_a, to_b in zip(ends_a, ends_b, strict=True):
        keys = np.concatenate((a.keys[from_a:to_a], b.keys[from_b:to_b]))
        numbers = np.concatenate((a.numbers[from_a:to_a], b.numbers[from_b:to_b]))
        order = np.argsort(keys, kind="stable")
        yield keys[order], numbers[order]
        from_a, from_b = to_a, to_b


def _mapped(file: BinaryIO, kind: type[np.int64] | type[np.uint32]) -> Any:
    """A file's content as an array, without reading it."""
    file.flush()
    try:
        file.fileno()
    except (AttributeError, io.UnsupportedOperation):
        file.seek(0)
        return np.frombuffer(file.read(), dtype=kind)
    return np.memmap(file, dtype=kind, mode="r")
