"""Rows of a dataset read by the `datasets` library, from a hub or from a folder next to the spec."""

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from tapc.inputs.errors import InputError
from tapc.inputs.formats import Numbered, Row
from tapc.inputs.opening import Folder


class HubRows:
    """Rows of one split; iterating reads it.

    Attributes:
        name: `org/set`, or a folder relative to the folder of the spec.
        place: what the number of a row counts.
    """

    place = "row"

    def __init__(self, name: str, revision: str | None, split: str, folder: Folder, *, offline: bool) -> None:
        """Set the source.

        Args:
            name: see the attribute.
            revision: branch, tag or commit.
            split: name of the split.
            folder: folder of the spec.
            offline: read only what was downloaded before; open no connection.
        """
        self.name = name
        self._revision = revision
        self._split = split
        self._folder = folder
        self._offline = offline

    def __iter__(self) -> Iterator[Numbered]:
        """Rows with their numbers, from 1.

        Raises:
            InputError: the split cannot be read.
        """
        try:
            library: Any = import_module("datasets")  # very large, optional, and for `hub` only
        except ImportError as error:
            raise InputError("TAP714", "`hub` needs the package datasets", "pip install 'tapc[hub]'") from error
        _stay_inside(self.name, self._folder)
        folder = self._folder.path
        try:
            rows = _load(library, self.name, self._revision, self._split, folder, offline=self._offline)
            for number, row in enumerate(rows, 1):
                yield number, cast("Row", row)
        except Exception as error:  # any exception of its readers and of the network; all are reported
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise InputError(
                "TAP713", f"the dataset {self.name!r} cannot be read: {reason[0]}", "check its name, revision and split"
            ) from error

    def guesses(self) -> tuple[str, ...]:
        """See `RowFile.guesses`; always empty, since the library reads by the types that the dataset declares."""
        return ()

    def hints(self) -> tuple[str, ...]:
        """See `RowFile.hints`."""
        return ()


def _stay_inside(name: str, folder: Folder) -> None:
    """Check that no link in the folder of a dataset leads out of the folder of the spec."""
    local = folder.path / name
    if not local.is_dir():
        return
    folder.stay_inside(name)
    for at, folders, files in os.walk(local):
        for entry in (*folders, *files):
            place = Path(at) / entry
            if place.is_symlink():
                folder.stay_inside(str(place.relative_to(folder.path)))


def _load(library: Any, name: str, revision: str | None, split: str, folder: Path, *, offline: bool) -> Any:
    local = folder / name
    if not local.is_dir():
        if offline:  # the libraries read the environment when they are imported, so setting it now has no effect
            hub: Any = import_module("huggingface_hub.constants")
            library.config.HF_HUB_OFFLINE = hub.HF_HUB_OFFLINE = True
        config = library.DownloadConfig(local_files_only=offline)
        return library.load_dataset(name, revision=revision, split=split, download_config=config)
    if any((local / mark).is_file() for mark in ("state.json", "dataset_dict.json")):  # made by `save_to_disk`
        found: Any = library.load_from_disk(str(local))
        return found[split] if isinstance(found, library.DatasetDict) else found
    return library.load_dataset(str(local), split=split)
