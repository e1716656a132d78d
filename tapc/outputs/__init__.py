"""What a run leaves behind: rows in files, a card, a manifest.

- `writer.py`: `DatasetWriter` takes finished slots in any order and leaves a dataset folder.
- `spool.py`, `splits.py`, `shards.py`: rows on the way: kept on disk, divided into splits, written in rank order to
  files of bounded size; `encodings/` makes the bytes of a file, one module per encoding.
- `folder.py`, `carried.py`, `standing.py`: the folder is built in full and exchanged in one step; what others put into
  it stays.
- `manifest.py`, `card.py` with `balance.py`, `labels.py`, `markdown.py`: documents for programs and for people.
- `expecting.py`: whether the dataset is as its spec expects (`expect`).
- `tally.py`: which replies a dataset is made of, and what they cost.

What rows hold is decided in `tapc.rows` and `tapc.kinds`, which are handed in; the engine knows the writer as a `Sink`.
Start reading in `writer.py`. To add an encoding, see `encodings/__init__.py`. The bytes of a dataset depend on its plan
and its replies alone, at any concurrency: `tests/golden` and `tests/outputs` hold that.
"""

from tapc.outputs.manifest import (
    Bounds,
    BrakeEntry,
    ExpectationEntry,
    LockEntry,
    LostJobs,
    Manifest,
    RejectedText,
    Requests,
    RunDocument,
    RunForecast,
    RunSpend,
    Samples,
    ShortCell,
)
from tapc.outputs.standing import MANIFEST, FolderError
from tapc.outputs.writer import DatasetWriter, SecretError

__all__ = [
    "MANIFEST",
    "Bounds",
    "BrakeEntry",
    "DatasetWriter",
    "ExpectationEntry",
    "FolderError",
    "LockEntry",
    "LostJobs",
    "Manifest",
    "RejectedText",
    "Requests",
    "RunDocument",
    "RunForecast",
    "RunSpend",
    "Samples",
    "SecretError",
    "ShortCell",
]
