"""A job: one request to one endpoint."""

from typing import Literal

import msgspec

from tapc.ir import Price


class Message(msgspec.Struct, frozen=True, gc=False):
    """A rendered message, as it is sent."""

    role: Literal["system", "user", "assistant"]
    content: str


class Recipe(msgspec.Struct, frozen=True):
    """Everything that jobs of one step at one endpoint share.

    Attributes:
        step, endpoint: names, for reports and ceilings; not part of any key.
        model: name sent to the server.
        identity, realm: see `tapc.ir.Endpoint`; part of the key.
        parameters: JSON text of the sampling parameters to send, with sorted keys and `max_tokens` in the field that
            the endpoint expects; includes `extra` and `response_format`. Part of the key.
        schema: JSON text of the schema of the reply, or None for free text. Part of the key.
        draw_group: number among otherwise equal steps and endpoints, so that their draws differ. Part of the key.
        seeded: whether a seed derived from the key is sent (none is set and the endpoint supports it).
        max_tokens: the output limit that is sent, thinking included, for the worst case.
        n: completions per request.
        overhead: most tokens that the chat template adds.
        price: None means free.
        kind: name of the endpoint protocol that its requests speak (see `tapc.endpoints.protocols`); `program` runs
            `parameters` (the command, a JSON list) over one message, a JSON row, instead of asking an endpoint, and its
            `endpoint` is empty. Part of the key.
        thinking: the endpoint's `thinking` as written, empty if not stated. Part of the key.
    """

    step: str
    endpoint: str
    model: str
    identity: str
    realm: Literal["real", "sim"]
    parameters: bytes
    schema: bytes | None
    draw_group: int
    seeded: bool
    max_tokens: int
    n: int
    overhead: int
    price: Price | None
    kind: str = "chat"
    thinking: str = ""

    @property
    def runs_program(self) -> bool:
        """Whether its jobs are runs of a program of the user, which no endpoint is asked for."""
        return self.kind == "program"


class Draw(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What makes two requests with the same text different draws.

    Attributes:
        seed: seed of the dataset; 0 for a judge, whose verdict depends on the text alone.
        cell: 16-byte content hash of the cell (or of the `per` values); empty for a judge.
        ordinal: number of the slot in its cell; 0 for a judge and for a step made once `per` axis.
        candidate: number of the candidate; for a judge the repeat (position in a panel or order).
        attempt: number of the attempt, from 0.
    """

    seed: int
    cell: bytes
    ordinal: int
    candidate: int
    attempt: int


class Job(msgspec.Struct, frozen=True, gc=False):
    """One request, addressed by a hash of everything that can change its reply.

    Attributes:
        key: 32 bytes, see `tapc.jobs.key`.
        recipe: the shared part.
        messages: the prompt.
        draw: its draw; None if the job was not made by a `JobFactory`.
    """

    key: bytes
    recipe: Recipe
    messages: tuple[Message, ...]
    draw: Draw | None = None
