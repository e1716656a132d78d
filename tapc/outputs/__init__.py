"""What a run leaves behind: rows, files, card, manifest."""

from tapc.outputs.manifest import (
    LostJobs,
    Manifest,
    Requests,
    RunDocument,
    RunSpend,
    Samples,
    ShortCell,
)
from tapc.outputs.standing import MANIFEST, FolderError
from tapc.outputs.writer import DatasetWriter, SecretError

__all__ = [
    "MANIFEST",
    "DatasetWriter",
    "FolderError",
    "LostJobs",
    "Manifest",
    "Requests",
    "RunDocument",
    "RunSpend",
    "Samples",
    "SecretError",
    "ShortCell",
]
