"""Jobs and replies: one request to one endpoint, content-addressed, and what came of it."""

from tapc.jobs.bounds import FREE, WorstCase, asked_tier, least_rates, most_rates, sent_tier, usage_cost, worst_case
from tapc.jobs.job import Draw, Job, Message, Recipe
from tapc.jobs.key import KEY_BYTES, JobFactory, derived_seed
from tapc.jobs.parts import MAX_PARTS, KeyParts, PartsMaker, read_parts
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
    "is_known",
    "least_rates",
    "most_rates",
    "read_parts",
    "sent_tier",
    "service_tier",
    "tariff_of",
    "usage_cost",
    "worst_case",
]
