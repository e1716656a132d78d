"""Whether a run is alive, and its process at work, for those who only look."""

import fcntl
import os
from pathlib import Path

from tapc.store.locks import lock_path


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


def is_suspended(pid: int) -> bool:
    """Whether a process is stopped by a signal; where the system does not say, it is not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] in (["T"], ["t"])
