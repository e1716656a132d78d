"""Checks a composed dataset and lowers it to the IR."""

from tapc.semantics.lower.dataset import lower_dataset
from tapc.semantics.lower.emits import read_by
from tapc.semantics.lower.endpoints import lower_endpoint
from tapc.semantics.lower.offers import judged
from tapc.semantics.lower.pipelines import check_pipeline
from tapc.semantics.lower.rubrics import draft_rubric

__all__ = ["check_pipeline", "draft_rubric", "judged", "lower_dataset", "lower_endpoint", "read_by"]
