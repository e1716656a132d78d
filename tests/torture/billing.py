"""Bills as providers do: caches, lengths of the input, service tiers. Shares no arithmetic with tapc.

Prices are dollars per million tokens, as on a provider's page:

    Billing({"input": "2", "cached_input": "0.5", "cache_write": "2.5", "output": "8",
             "above": [{"tokens": 272000, "input": "4", "cached_input": "1", "cache_write": "5", "output": "12"}],
             "flex": "0.5", "priority": "2"})

The rules, by the providers' pages:

- The whole request is billed at the prices of the longest `above` that its input, cached tokens included, exceeds.
- A block of a prompt that came before is read from the cache, the rest of the whole blocks is written to it.
- A tier multiplies all prices. `flex` falls back to `default` when there is no room, and the reply says so. A request
  that asks for no tier, or for `auto`, is served in the project's default.
"""

import json
import random
from collections import Counter
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from counting_server import Charge

Style = Literal["openai", "litellm", "anthropic", "excluded"]
"""How caches are reported: inside the details; beside inclusive counts; as Anthropic does; beside exclusive counts."""

PICODOLLARS = Decimal(10) ** 6
"""In a dollar per million tokens, for one token."""


class Billing:
    """What requests cost, and how replies report it.

    Args:
        price: see above. A kind that is not given costs what `input` does.
        default_tier: of the project.
        flex_room: share of the requests asking for flex that are served so.
        block: tokens that are cached together; 0 for no cache.
        style: how caches are reported.
        says_tier: whether replies name the tier.
        seed: of what flex has room for.
    """

    def __init__(
        self,
        price: dict[str, Any],
        *,
        default_tier: str = "default",
        flex_room: float = 0.5,
        block: int = 16,
        style: Style = "openai",
        says_tier: bool = True,
        seed: int = 0,
    ) -> None:
        self.price = price
        self.default_tier = default_tier
        self.block = block
        self.style: Style = style
        self.says_tier = says_tier
        self.served: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.picodollars = 0
        self._room = flex_room
        self._chance = random.Random(seed)
        self._known: set[str] = set()

    def charge(self, body: dict[str, Any], given: int, made: int) -> Charge:
        """Bill one request with so many tokens in and out."""
        read, written = self._cached(body, given)
        rates = self._rates(given)
        plain = given - read - written
        dollars = (
            plain * rates["input"]
            + read * rates["cached_input"]
            + written * rates["cache_write"]
            + made * rates["output"]
        )
        tier = self._tier(body)
        if tier != "default":
            dollars *= Decimal(self.price.get(tier, "1"))
        cost = dollars * PICODOLLARS
        charged = int(cost) + (cost != int(cost))
        self.picodollars += charged
        self.served[tier] += 1
        for kind, count in (("input", plain), ("cached_input", read), ("cache_write", written), ("output", made)):
            self.tokens[kind] += count
        return Charge(
            charged, self._usage(given, made, read, written), {"service_tier": tier} if self.says_tier else None
        )

    def totals(self) -> dict[str, Any]:
        """All that was billed."""
        return {"picodollars": self.picodollars, "served": dict(self.served), "tokens": dict(self.tokens)}

    def _rates(self, given: int) -> dict[str, Decimal]:
        longer = [long for long in self.price.get("above", []) if given > long["tokens"]]
        prices = max(longer, key=lambda long: long["tokens"]) if longer else self.price
        kinds = ("input", "cached_input", "cache_write", "output")
        return {kind: Decimal(prices.get(kind, prices["input"])) for kind in kinds}

    def _tier(self, body: dict[str, Any]) -> str:
        asked = body.get("service_tier", "auto")
        tier = self.default_tier if asked == "auto" else str(asked)
        return "default" if tier == "flex" and self._chance.random() >= self._room else tier

    def _cached(self, body: dict[str, Any], given: int) -> tuple[int, int]:
        """Tokens read from the cache and written to it, in whole blocks from the start of the prompt."""
        if not self.block:
            return 0, 0
        text, blocks = json.dumps(body["messages"]), given // self.block
        size = max(1, len(text) // max(1, given)) * self.block
        digests = [sha256(text[: size * (n + 1)].encode()).hexdigest() for n in range(blocks)]
        read = 0
        while read < blocks and digests[read] in self._known:
            read += 1
        self._known.update(digests)
        return read * self.block, (blocks - read) * self.block

    def _usage(self, given: int, made: int, read: int, written: int) -> dict[str, Any]:
        beside = {"cache_read_input_tokens": read, "cache_creation_input_tokens": written}
        if self.style == "openai":
            return {"prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written}}
        if self.style == "litellm":
            return {"prompt_tokens_details": {"cached_tokens": read, "cache_creation_tokens": written}} | beside
        rest = given - read - written
        if self.style == "excluded":
            return {"prompt_tokens": rest} | beside
        return beside | {
            "input_tokens": rest,
            "output_tokens": made,
            "prompt_tokens": None,
            "completion_tokens": None,
            "total_tokens": None,
        }
