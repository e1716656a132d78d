"""Warnings about specs that are legal and probably not meant, one rule a file."""

from tapc.lint.face import lint_dataset

__all__ = ["lint_dataset"]
