"""Opens the store for commands that look into it or tidy it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tapc.store import Store, StoreError, has_database, open_store


@contextmanager
def existing_store(folder: Path, *, write: bool = False) -> Generator[Store]:
    """A store that is there already, closed at the end.

    Raises:
        StoreError: there is none, or it cannot be used.
    """
    if not has_database(folder):
        raise StoreError(
            "TAP860", f"there is no store in {folder}", "run this where `tapc run` was run, or name it with --store"
        )
    store = open_store(folder, offline=not write)
    try:
        yield store
    finally:
        store.close()
