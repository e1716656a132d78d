"""Converts the rows of a dataset, one at a time, into a folder that is exchanged as a whole."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from tapc import __version__
from tapc.exports.dataset import DatasetFolder, not_a_row
from tapc.exports.document import ConfigEntry, ExportDocument
from tapc.exports.errors import ExportError
from tapc.exports.export import Conversion, Export, Exported, ExportedConfig, ExportedSplit, Place, Unfit
from tapc.exports.forms import form_of
from tapc.outputs.folder import StagedFolder
from tapc.outputs.manifest import FileEntry
from tapc.outputs.standing import MANIFEST, Owner
from tapc.outside.visible import visible_json

_VALUES = 1000
"""Different values of a `tally` that are counted."""

_OTHERWISE = "choose another target with --to, or other configs with --config"


def export_dataset(
    root: Path, export: Export, out: Path, configs: Sequence[str] = ()
) -> tuple[ExportDocument, list[str]]:
    """Export a dataset.

    Args:
        root: its folder.
        export: to what.
        out: folder to write; it may hold an older export of the same dataset, and what is not tapc's in it stays.
        configs: names of configs; none means all that the target can train on.

    Returns:
        What the export holds, and what its reader may refuse or skip.

    Raises:
        ExportError: the folder is not a dataset, or not as it was written; or the target has no place for something.
        FolderError: something else is at `out`.
        OSError: the disk is full or gone; what was at `out` before still stands.
    """
    dataset = DatasetFolder(root)
    chosen, skipped = _choose(dataset, export, configs)
    if out.resolve().is_relative_to(root.resolve()):
        raise ExportError(
            "TAP892", f"{out} lies inside the dataset's folder, which the next run replaces", "choose a folder outside"
        )
    owner = Owner(dataset.name, "tapc.export/", "an exported dataset", export.name)
    folder = StagedFolder(out, owner=owner)
    try:
        document, advice = _write(dataset, export, folder, chosen, skipped)
        folder.commit()
    except OSError as error:
        folder.place(error)
        folder.discard()
        raise
    except BaseException:  # Ctrl-C and refused rows too: no half export may stay next to the older one
        folder.discard()
        raise
    return document, advice


def _choose(
    dataset: DatasetFolder, export: Export, names: Sequence[str]
) -> tuple[dict[str, tuple[Conversion, bool]], dict[str, str]]:
    """How each config is converted and whether its answers have a reasoning; and why others are left out."""
    for name in names:
        if name not in dataset.configs:
            known = ", ".join(f"`{config}`" for config in dataset.configs) or "no rows at all"
            raise ExportError("TAP892", f"the dataset has no config `{name}`", f"it has {known}")
    chosen: dict[str, tuple[Conversion, bool]] = {}
    skipped: dict[str, str] = {}
    for name in names or dataset.configs:
        found = _conversion(dataset, name, export)
        if not isinstance(found, str):
            chosen[name] = found
        elif names:
            raise ExportError("TAP892", f"`{name}` cannot be exported: {found}", _OTHERWISE)
        else:
            skipped[name] = found
    if not chosen:
        told = "; ".join(f"`{name}` {why}" for name, why in skipped.items()) or "it has no rows"
        raise ExportError("TAP892", f"{export.title} can train on no config of the dataset: {told}", _OTHERWISE)
    return chosen, skipped


def _conversion(dataset: DatasetFolder, name: str, export: Export) -> tuple[Conversion, bool] | str:
    """How a config is converted and whether its answers have a reasoning; or why it cannot be.

    Its files are compared with the manifest first: what is left out must be left out for what `tapc run` wrote.
    """
    dataset.verify(name)
    split = next(iter(dataset.configs[name]))
    line = next(dataset.rows(name, split), b"")
    try:
        row = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise not_a_row(_where(Place(dataset.name, name, split, 0)), error) from error
    form = form_of(row)
    if form is None:
        return f"has the columns {', '.join(sorted(row))}, which together are not training data that exports know"
    conversion = export.conversion(form)
    return (
        (conversion, b'"reasoning":' in line)
        if conversion
        else f"has {form.title}, which {export.title} has no form for"
    )


def _write(
    dataset: DatasetFolder,
    export: Export,
    folder: StagedFolder,
    chosen: dict[str, tuple[Conversion, bool]],
    skipped: dict[str, str],
) -> tuple[ExportDocument, list[str]]:
    files: list[FileEntry] = []
    configs: list[ExportedConfig] = []
    for name, (conversion, reasoning) in chosen.items():
        tally: Counter[str] = Counter()
        splits: dict[str, ExportedSplit] = {}
        for split in dataset.configs[name]:
            rows = _Rows(dataset, name, split, conversion, tally)
            digest = hashlib.sha256()
            parts = ("data", name, f"{split}.{export.encoding.suffix}")
            with folder.create(*parts) as file:
                for piece in export.encoding.encode(rows, conversion.columns(reasoning)):
                    file.write(piece)
                    digest.update(piece)
            splits[split] = made = ExportedSplit("/".join(parts), rows.count, digest.hexdigest())
            files.append(FileEntry(path=made.path, rows=made.rows, sha256=made.sha256))
        configs.append(ExportedConfig(name, conversion, reasoning, splits, tally))
    exported = Exported(dataset.name, tuple(configs))
    documents = export.documents(exported)
    document = ExportDocument(
        dataset=dataset.name,
        target=export.name,
        plan_digest=dataset.plan_digest,
        simulated=dataset.simulated,
        configs=[
            ConfigEntry(
                config=one.name,
                task=one.conversion.task,
                splits={split: file.rows for split, file in one.splits.items()},
            )
            for one in configs
        ],
        skipped=skipped,
        versions=_versions(export),
        files=files,
        documents=[*documents, MANIFEST],
    )
    for name, text in (*documents.items(), (MANIFEST, document.model_dump_json(by_alias=True, indent=2) + "\n")):
        with folder.create(*name.split("/")) as file:
            file.write((visible_json(text) if name.endswith(".json") else text).encode())
    simulated = ["the texts were made by a simulated endpoint and are of no use for training"]
    return document, [*(simulated if dataset.simulated else []), *export.advice(exported)]


class _Rows:
    """The rows of a split as lines of the export, one at a time.

    Attributes:
        count: rows so far.
    """

    def __init__(
        self, dataset: DatasetFolder, config: str, split: str, conversion: Conversion, tally: Counter[str]
    ) -> None:
        self._lines = dataset.rows(config, split)
        self._place = Place(dataset.name, config, split, 0)
        self._conversion = conversion
        self._tally = tally
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        decode = msgspec.json.Decoder(self._conversion.form).decode
        convert, encode = self._conversion.convert, msgspec.json.Encoder().encode
        tally_of = self._conversion.tally
        at = self._place
        for line in self._lines:
            place = Place(at.dataset, at.config, at.split, self.count)
            try:
                row = decode(line)
                made = convert(row, place)
            except Unfit as unfit:
                raise ExportError("TAP893", f"{_where(place)}: {unfit.why}", unfit.next_step) from None
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise not_a_row(_where(place), error) from error
            if tally_of is not None and ((value := tally_of(row)) in self._tally or len(self._tally) < _VALUES):
                self._tally[value] += 1
            self.count += 1
            yield encode(made) + b"\n"


def _where(place: Place) -> str:
    return f"row {place.index + 1:,} of {place.config}/{place.split}"


def _versions(export: Export) -> dict[str, str]:
    found = {"tapc": __version__}
    if export.encoding.name == "parquet":
        found["pyarrow"] = version("pyarrow")  # its versions write different bytes
    return found
