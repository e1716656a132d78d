"""Whether a run is alive, for those who only look."""

import fcntl
import os
from pathlib import Path

from tapc.runtime.store.locks import lock_path


def is_live(folder: Path, run: str) -> bool:
    """Whether a process holds a run's lock. Changes nothing; ask about runs that are registered only.

    A run registers after it has taken its lock, so looking can never be in the way of taking it.
    """
    try:
        descriptor = os.open(lock_path(folder, run), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    else:
        return False
    finally:
        os.close(descriptor)
