"""What the replies a dataset is made of used and cost, each counted once."""

from array import array
from pathlib import Path

import msgspec
import numpy as np

from tapc.jobs import Job, Reply

_WIDTH = 5
_FLUSH = 8192 * _WIDTH


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

    def visit(self, job: Job, reply: Reply) -> None:
        """A reply went into the fold; those of programs are no model's."""
        recipe = job.recipe
        if recipe.kind == "program":
            return
        source = (
            recipe.endpoint,
            recipe.model,
            reply.model,
            reply.fingerprint,
            reply.origin,
            recipe.realm == "sim",
        )
        number = self._sources.setdefault(source, len(self._sources))
        key = int.from_bytes(job.key[:8], "big", signed=True)
        self._buffer.extend((key, number, reply.usage.input, reply.usage.output, reply.cost))
        if len(self._buffer) >= _FLUSH:
            self._flush()

    def models(self) -> list[ModelUse]:
        """Sums by endpoint and model, in order of their names."""
        self._flush()
        self._file.flush()
        size = self._path.stat().st_size
        if not size:
            return []
        visits = np.memmap(self._path, dtype=np.int64, mode="r").reshape(-1, _WIDTH)
        _, first = np.unique(visits[:, 0], return_index=True)
        number = visits[first, 1]
        sums = [[0, 0, 0, 0] for _ in self._sources]
        for i, total in enumerate(sums):
            mine = first[number == i]
            # picodollars of many replies can pass 2**63; add up in halves
            cost = visits[mine, 4]
            total[0] = len(mine)
            total[1] = int(visits[mine, 2].sum())
            total[2] = int(visits[mine, 3].sum())
            total[3] = (int((cost >> 20).sum()) << 20) + int((cost & ((1 << 20) - 1)).sum())
        found = [ModelUse(*source, *sums[i]) for source, i in self._sources.items()]
        return sorted(found, key=lambda m: (m.endpoint, m.model, m.returned, m.fingerprint, m.origin))

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _flush(self) -> None:
        self._file.write(self._buffer.tobytes())
        del self._buffer[:]
