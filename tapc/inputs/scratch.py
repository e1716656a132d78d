"""Files for what outgrows memory."""

import tempfile
from typing import BinaryIO, cast

IN_MEMORY = 32 * 1024 * 1024
"""Bytes of one that are kept in memory before there is a file."""


def scratch_file() -> BinaryIO:
    """An empty file in the system's place for temporary ones; it has no name there, and ends with whoever holds it."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
