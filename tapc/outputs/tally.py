"""What the replies a dataset is made of used and cost, each counted once."""

from array import array
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.jobs import Job, Recipe, Reply

_WIDTH = 5
_FLUSH = 8192 * _WIDTH
_PART = 65_536


class ModelUse(msgspec.Struct, frozen=True):
    """Distinct replies of one model at one endpoint: how many, tokens, picodollars."""

    endpoint: str
    model: str
    returned: str
    fingerprint: str
    origin: str
    simulated: bool
    replies: int
    input: int
    output: int
    cost: int


_Source = tuple[str, str, str, str, str, bool]


class Tally:
    """Adds up replies as the fold visits them; a reply visited by several slots counts once.

    Visits go to a temporary file; 64 bits of the key tell replies apart (a collision among ten million replies has
    probability 3e-6 and would only lower a reported sum).

    Args:
        path: file to create; removed by `close`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("w+b")
        self._buffer: array[int] = array("q")
        self._sources: dict[_Source, int] = {}
        self._numbers: dict[tuple[int, str, str, str], int] = {}
        self._recipes: list[Recipe] = []  # held, so that their ids stay taken
        self._visits = 0
        self._summed: tuple[int, list[ModelUse]] = (0, [])

    def visit(self, job: Job, reply: Reply) -> None:
        """A reply went into the fold; those of programs are no model's."""
        recipe = job.recipe
        if recipe.runs_program:
            return
        said = (id(recipe), reply.model, reply.fingerprint, reply.origin)
        number = self._numbers.get(said)
        if number is None:
            source = (recipe.endpoint, recipe.model, *said[1:], recipe.realm == "sim")
            number = self._numbers[said] = self._sources.setdefault(source, len(self._sources))
            self._recipes.append(recipe)
        key = int.from_bytes(job.key[:8], "big", signed=True)
        self._buffer.extend((key, number, reply.usage.input, reply.usage.output, reply.cost))
        if len(self._buffer) >= _FLUSH:
            self._flush()

    def models(self) -> list[ModelUse]:
        """Sums by endpoint and model, in order of their names."""
        self._flush()
        if self._summed[0] != self._visits:
            found = [ModelUse(*source, *sums) for source, sums in zip(self._sources, self._sums(), strict=True)]
            found.sort(key=lambda m: (m.endpoint, m.model, m.returned, m.fingerprint, m.origin))
            self._summed = self._visits, found
        return self._summed[1]

    def _sums(self) -> list[list[int]]:
        """Replies, tokens and cost of each source; keys alone are in memory at once."""
        keys = np.empty(self._visits, np.int64)
        for start, part in self._parts():
            keys[start : start + len(part)] = part[:, 0]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.ones(len(keys), np.bool_)
        first[order[1:][keys[1:] == keys[:-1]]] = False
        del keys, order
        sums = [[0, 0, 0, 0] for _ in self._sources]
        for start, part in self._parts():
            new = part[first[start : start + len(part)]]
            for number, total in enumerate(sums):
                mine = new[new[:, 1] == number]
                # picodollars of many replies can pass 2**63; add up in halves
                cost = mine[:, 4]
                total[0] += len(mine)
                total[1] += int(mine[:, 2].sum())
                total[2] += int(mine[:, 3].sum())
                total[3] += (int((cost >> 20).sum()) << 20) + int((cost & ((1 << 20) - 1)).sum())
        return sums

    def _parts(self) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """All visits in pieces, each with the number of its first."""
        for start in range(0, self._visits, _PART):
            count = min(_PART, self._visits - start) * _WIDTH
            yield start, np.fromfile(self._path, np.int64, count, offset=start * _WIDTH * 8).reshape(-1, _WIDTH)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _flush(self) -> None:
        self._file.write(self._buffer.tobytes())
        self._file.flush()
        self._visits += len(self._buffer) // _WIDTH
        del self._buffer[:]
