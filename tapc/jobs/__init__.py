"""Jobs and replies: one request to one endpoint, addressed by its content, and its result.

- `job.py`: `Job`, made of a `Recipe` (what all requests of a step at an endpoint share), rendered messages and a `Draw`
  (what makes two requests with the same text different draws).
- `key.py`: the only code that computes keys. A key decides whether a stored reply is reused, so any change there makes
  every store miss; `tests/golden/test_golden_identity.py` would fail.
- `parts.py`: digests of the parts of a key, stored with a reply, which explain why a key missed.
- `reply.py`: `Reply` and `Usage`, as they are stored.
- `bounds.py`, `tariff.py`, `service_tiers.py`: the worst case of a request before it is sent, and the cost of what it
  used. Amounts are integers in picodollars.

Start reading in `job.py`, then `key.py`. Imports `tapc.ir`.
"""

from tapc.jobs.bounds import FREE, WorstCase, asked_tier, least_rates, most_rates, sent_tier, usage_cost, worst_case
from tapc.jobs.job import Draw, Job, Message, Recipe
from tapc.jobs.key import KEY_BYTES, JobFactory, derived_seed
from tapc.jobs.parts import MAX_PARTS, KeyParts, PartsMaker, digests_of, read_parts, settings_of
from tapc.jobs.reply import OUTCOMES, Outcome, Reply, Usage
from tapc.jobs.service_tiers import is_known, service_tier
from tapc.jobs.tariff import Tariff, TokenPrices, tariff_of

__all__ = [
    "FREE",
    "KEY_BYTES",
    "MAX_PARTS",
    "OUTCOMES",
    "Draw",
    "Job",
    "JobFactory",
    "KeyParts",
    "Message",
    "Outcome",
    "PartsMaker",
    "Recipe",
    "Reply",
    "Tariff",
    "TokenPrices",
    "Usage",
    "WorstCase",
    "asked_tier",
    "derived_seed",
    "digests_of",
    "is_known",
    "least_rates",
    "most_rates",
    "read_parts",
    "sent_tier",
    "service_tier",
    "settings_of",
    "tariff_of",
    "usage_cost",
    "worst_case",
]
