"""Checks a composed dataset and lowers it to the IR."""

from tapc.semantics.lower.dataset import lower_dataset
from tapc.semantics.lower.emits import accepted_by_default, default_emit
from tapc.semantics.lower.endpoints import lower_endpoint
from tapc.semantics.lower.pipelines import check_pipeline
from tapc.semantics.lower.plain_names import check_apart
from tapc.semantics.lower.rubrics import draft_rubric

__all__ = [
    "accepted_by_default",
    "check_apart",
    "check_pipeline",
    "default_emit",
    "draft_rubric",
    "lower_dataset",
    "lower_endpoint",
]
