"""Where symbolic links lead: a link in a stranger's folder can name any file of whoever compiles the spec."""

import os.path
from pathlib import Path


def leads_outside(path: Path, folder: Path) -> Path | None:
    """Where a path really leads, if a link on the way leads out of a folder; None where it does not.

    What is written in plain sight (`../data/rows.jsonl`, an absolute path) leads nowhere unseen and is no concern
    of this: only links are.

    Args:
        path: as it is opened; where it begins with `folder`, the part behind that is what the spec wrote.
        folder: of the spec.

    Raises:
        OSError, RuntimeError: the links go in a circle (which of them depends on the version of Python).
    """
    base = os.path.realpath(folder)
    named = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(Path.cwd() / path)
    plain = os.path.normpath(os.path.join(base, named))  # noqa: PTH118 - `Path` keeps `..`, and that is the point
    real = os.path.realpath(path)
    if real == plain or Path(real).is_relative_to(base):
        return None
    return Path(real)
