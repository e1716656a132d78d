"""Jobs and replies: one request to one endpoint, content-addressed, and what came of it."""

from tapc.jobs.bounds import WorstCase, usage_cost, worst_case
from tapc.jobs.job import Job, Message, Recipe
from tapc.jobs.key import KEY_BYTES, Draw, JobFactory, derived_seed
from tapc.jobs.reply import OUTCOMES, Outcome, Reply, Usage

__all__ = [
    "KEY_BYTES",
    "OUTCOMES",
    "Draw",
    "Job",
    "JobFactory",
    "Message",
    "Outcome",
    "Recipe",
    "Reply",
    "Usage",
    "WorstCase",
    "derived_seed",
    "usage_cost",
    "worst_case",
]
