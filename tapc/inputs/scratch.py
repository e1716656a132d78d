"""Temporary files for data that does not fit into memory."""

import tempfile
from typing import BinaryIO, cast

IN_MEMORY = 32 * 1024 * 1024
"""Most bytes that are kept in memory before a file is created."""


def scratch_file() -> BinaryIO:
    """An empty temporary file without a name, which is deleted when it is closed or garbage-collected."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
