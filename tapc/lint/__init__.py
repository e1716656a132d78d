"""Warnings about specs that are legal and probably not meant, one rule a file."""

from tapc.lint.all_rules import lint_dataset

__all__ = ["lint_dataset"]
