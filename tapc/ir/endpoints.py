"""Model endpoints: where requests are sent, what they contain, and what they cost."""

from typing import Literal

from tapc.ir.base import Frozen
from tapc.ir.exact import MoneyRate, Ratio

DEFAULT_MAX_TOKENS = 1024
"""Output limit if neither step nor endpoint sets one."""


class EnvRef(Frozen):
    """`env("NAME"[, "default"])`, read when a run starts."""

    name: str
    default: str | None = None


class LongPrice(Frozen):
    """Prices of a whole request whose input is longer than `above` tokens, in picodollars per token.

    If `cached_input` or `cache_write` is not stated, it keeps its proportion to `input` from the basic price.
    """

    above: int
    input: MoneyRate
    output: MoneyRate
    cached_input: MoneyRate | None = None
    cache_write: MoneyRate | None = None


class Price(Frozen):
    """The token prices of an endpoint; `tapc.jobs.Tariff` computes with them.

    Attributes:
        input, output: picodollars per token.
        cached_input: price of input served from the provider's prompt cache; None if it equals `input`.
        cache_write: price of input written to the provider's prompt cache; None if not stated.
        long: prices by length of the input, by ascending threshold; None if length does not matter.
        flex, batch, priority: factors on all of these in that service tier; None if not stated.
    """

    input: MoneyRate
    output: MoneyRate
    cached_input: MoneyRate | None = None
    batch: Ratio | None = None
    cache_write: MoneyRate | None = None
    long: tuple[LongPrice, ...] | None = None
    flex: Ratio | None = None
    priority: Ratio | None = None


class Limit(Frozen):
    """Stated limits; None means not stated. Rates are per minute."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrency: int | None = None


class Sampling(Frozen):
    """Parameters of a request; unset ones are not sent. Those of a step override those of the endpoint."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    n: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    extra: str | None = None
    """Canonical JSON object (sorted keys), sent unchanged."""


class Transport(Frozen):
    """How requests are sent; never part of the key of a job. Header values may be environment references."""

    timeout_seconds: float = 120.0
    headers: tuple[tuple[str, "str | EnvRef"], ...] = ()


class Endpoint(Frozen):
    """One model at one or several replica URLs.

    Attributes:
        name: name in the dataset.
        model: name sent to the server; `sim` or `sim-…` makes the realm simulated.
        revision, identity: decide whether a stored reply is still valid (identity defaults to model@revision).
        urls: replicas; empty for the embedded simulated endpoint.
        price: None if the spec states none and the shipped table does not have the model.
        context: length of the context in tokens; None if not stated.
        thinking: `off`, `on`, or a number of tokens added to the limit that is sent; None if not stated.
        overhead: most tokens that the chat template adds to a request.
        terms: the license of its outputs, for the card.
    """

    name: str
    model: str
    revision: str | None = None
    identity: str | None = None
    urls: tuple["str | EnvRef", ...] = ()
    key: EnvRef | None = None
    price: Price | None = None
    limit: Limit = Limit.trusted()
    context: int | None = None
    thinking: Literal["off", "on"] | int | None = None
    token_field: str = "max_tokens"  # noqa: S105 - a field name, no secret
    overhead: int = 64
    sampling: Sampling = Sampling.trusted()
    transport: Transport = Transport.trusted()
    mode: Literal["online", "batch"] = "online"
    terms: str | None = None

    @property
    def simulated(self) -> bool:
        """Whether the model is a simulated one."""
        return self.model == "sim" or self.model.startswith("sim-")

    @property
    def realm(self) -> Literal["real", "sim"]:
        """The realm of its replies, `sim` or `real`; replies never cross realms."""
        return "sim" if self.simulated else "real"

    @property
    def same_as(self) -> str:
        """The identity that goes into job keys."""
        return self.identity or (f"{self.model}@{self.revision}" if self.revision else self.model)
