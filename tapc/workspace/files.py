"""Files that are replaced as a whole, or not at all."""

import os
import tempfile
from pathlib import Path

_FRESH = 0o644


def replace_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, line ends as they are; an older file keeps its permissions, a link stays a link.

    Folders that lack are made.

    Raises:
        OSError: it cannot be written, and `filename` says which; an older file still stands.
    """
    try:
        _replace(path.resolve(), text)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # not the temporary file's, which is gone
        raise


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode if target.exists() else _FRESH
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:  # Ctrl-C included: no half-written file stays beside the place
        temporary.unlink(missing_ok=True)
        raise
