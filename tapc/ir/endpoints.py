"""Model endpoints: what is sent where, and what it costs."""

from typing import Literal

from tapc.ir.base import Frozen
from tapc.ir.exact import MoneyRate, Ratio

DEFAULT_MAX_TOKENS = 1024
"""Output limit where neither step nor endpoint sets one."""


class EnvRef(Frozen):
    """`env("NAME"[, "default"])`, read when a run starts."""

    name: str
    default: str | None = None


class LongPrice(Frozen):
    """Prices of a whole request whose input is longer than `above` tokens, in picodollars per token.

    `cached_input` and `cache_write` that are not stated keep the proportion to `input` that they have below.
    """

    above: int
    input: MoneyRate
    output: MoneyRate
    cached_input: MoneyRate | None = None
    cache_write: MoneyRate | None = None


class Price(Frozen):
    """What an endpoint's tokens cost; `tapc.jobs.Tariff` computes with it.

    Attributes:
        input, output: picodollars per token.
        cached_input: input served from the provider's prompt cache; None where it costs what `input` does.
        cache_write: input written to the provider's prompt cache; None where nobody stated it.
        long: prices by length of the input, by ascending threshold; None where length does not matter.
        flex, batch, priority: factors on all of these in that service tier; None where not stated.
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
    """Parameters of a request; unset ones are not sent. On a step they win over the endpoint's."""

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
    """Canonical JSON object (sorted keys), sent as is."""


class Transport(Frozen):
    """How requests travel; never part of a job's key. Header values may be environment references."""

    timeout_seconds: float = 120.0
    headers: tuple[tuple[str, "str | EnvRef"], ...] = ()


class Endpoint(Frozen):
    """One model behind one or several replica URLs.

    Attributes:
        name: as declared in the dataset.
        model: name sent to the server; `sim` or `sim-…` makes the realm simulated.
        revision, identity: what decides whether a stored reply still counts (identity defaults to model@revision).
        urls: replicas; empty for the embedded simulated endpoint.
        price: None where the spec states none and no shipped table knows the model.
        context: tokens the model can see, None if not stated.
        thinking: `off`, `on`, or a number of tokens added to the limit sent; None if not stated.
        overhead: tokens the chat template may add to a request at most.
        terms: the licence of its outputs, for the card.
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
        """Replies never cross realms."""
        return "sim" if self.simulated else "real"

    @property
    def same_as(self) -> str:
        """The identity that goes into job keys."""
        return self.identity or (f"{self.model}@{self.revision}" if self.revision else self.model)
