"""Opens the store for commands that read or tidy it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tapc.store import Store, StoreError, has_database, open_store


@contextmanager
def existing_store(folder: Path, *, write: bool = False) -> Generator[Store]:
    """Open a store that exists; it is closed at the end.

    Raises:
        StoreError: there is no store, or it cannot be used.
    """
    if not has_database(folder):
        raise StoreError(
            "TAP860",
            f"there is no store in {folder}",
            "change to the folder where `tapc run` was run, or name the store with --store",
        )
    store = open_store(folder, offline=not write)
    try:
        yield store
    finally:
        store.close()
