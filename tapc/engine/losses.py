"""Which jobs have no reply, and why, in bounded memory."""

import msgspec

from tapc.jobs import Job

_DISTINCT = 50
_ELSE = "other messages"


class Loss(msgspec.Struct, frozen=True):
    """Jobs of one step at one endpoint that failed in the same words.

    Attributes:
        step, endpoint: whose jobs.
        reason: see `tapc.endpoints.dispatch.NoReply`.
        detail: what the endpoint or the ledger said.
        jobs: how many.
        key: of the first, in hexadecimal.
    """

    step: str
    endpoint: str
    reason: str
    detail: str
    jobs: int
    key: str


class Losses:
    """Counts losses; beyond some dozens of different messages the rest is counted together."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], tuple[int, str]] = {}

    def note(self, job: Job, reason: str, detail: str) -> None:
        """One more job without a reply."""
        recipe = job.recipe
        place = (recipe.step, recipe.endpoint, reason, detail)
        if place not in self._found and len(self._found) >= _DISTINCT:
            place = (recipe.step, recipe.endpoint, reason, _ELSE)
        count, key = self._found.get(place, (0, job.key.hex()))
        self._found[place] = (count + 1, key)

    def all(self) -> tuple[Loss, ...]:
        """The most frequent first."""
        rows = sorted(self._found.items(), key=lambda item: (-item[1][0], item[0]))
        return tuple(Loss(*place, jobs=count, key=key) for place, (count, key) in rows)
