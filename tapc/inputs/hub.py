"""Rows of a dataset read by the `datasets` library: from a hub, or from a folder beside the spec."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from tapc.inputs.formats import Numbered, Row
from tapc.inputs.troubles import InputError


def read_hub(name: str, revision: str | None, split: str, folder: Path, *, offline: bool) -> Iterator[Numbered]:
    """Rows of one split.

    Args:
        name: `org/set`, or a folder relative to `folder`.
        revision: branch, tag or commit.
        split: its name.
        folder: of the spec.
        offline: read what was downloaded before; ask nobody.

    Raises:
        InputError: it cannot be had.
    """
    try:
        library: Any = import_module("datasets")  # very large, optional, and for `hub` only
    except ImportError as error:
        raise InputError("TAP714", "`hub` needs the package datasets", "pip install 'tapc[hub]'") from error
    try:
        rows = _load(library, name, revision, split, folder, offline=offline)
    except Exception as error:  # the library raises whatever its readers and the network raise; all of it is told
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            "TAP713", f"the dataset {name!r} cannot be read: {reason[0]}", "check its name, revision and split"
        ) from error
    for number, row in enumerate(rows, 1):
        yield number, cast("Row", row)


def _load(library: Any, name: str, revision: str | None, split: str, folder: Path, *, offline: bool) -> Any:
    local = folder / name
    if not local.is_dir():
        if offline:  # the libraries read the environment once, when they are imported: too late to set it
            hub: Any = import_module("huggingface_hub.constants")
            library.config.HF_HUB_OFFLINE = hub.HF_HUB_OFFLINE = True
        config = library.DownloadConfig(local_files_only=offline)
        return library.load_dataset(name, revision=revision, split=split, download_config=config)
    if any((local / mark).is_file() for mark in ("state.json", "dataset_dict.json")):  # made by `save_to_disk`
        found: Any = library.load_from_disk(str(local))
        return found[split] if isinstance(found, library.DatasetDict) else found
    return library.load_dataset(str(local), split=split)
