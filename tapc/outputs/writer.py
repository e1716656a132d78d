"""Takes finished slots, in any order, and leaves a dataset folder behind."""

import contextlib
import functools
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.ir import Dataset, Emit, IdentityNames, alike, why_not_plain
from tapc.jobs import Job, Reply
from tapc.kinds.programs import PROGRAMS
from tapc.kinds.runtime import EmitRuntime
from tapc.outputs.balance import BalanceTally
from tapc.outputs.card import render_card
from tapc.outputs.encodings import ENCODINGS, JSONL, Encoding
from tapc.outputs.expecting import ExpectationTally, Whole, entries
from tapc.outputs.folder import StagedFolder
from tapc.outputs.labels import LabelTally
from tapc.outputs.manifest import (
    ExpectationEntry,
    FileEntry,
    Labels,
    Manifest,
    ModelEntry,
    RunDocument,
    Samples,
    ShortCell,
    SourceEntry,
    Spend,
    versions,
)
from tapc.outputs.shards import may_be_ours, write_shards
from tapc.outputs.splits import Ints, SplitTally
from tapc.outputs.spool import Spool
from tapc.outputs.standing import CARD, MANIFEST, RUN, FolderError
from tapc.outputs.tally import Tally
from tapc.outside.secrets import Secrets
from tapc.outside.visible import visible_json
from tapc.rows import RowContext
from tapc.steps import SlotKey, SlotState, Status


class SecretError(Exception):
    """Something that is to be written holds a key from the environment; the message names what."""


_PICO = 10**12

WHOLE = "train"
"""The split of a config that has none of its own."""


_Given = ParamSpec("_Given")
_Back = TypeVar("_Back")


def _placed(
    method: "Callable[Concatenate[DatasetWriter, _Given], _Back]",
) -> "Callable[Concatenate[DatasetWriter, _Given], _Back]":
    """Let errors of the system name the folder whose disk is full, and not only the ones that know a file."""

    @functools.wraps(method)
    def wrapped(self: "DatasetWriter", *args: _Given.args, **given: _Given.kwargs) -> _Back:
        try:
            return method(self, *args, **given)
        except OSError as error:
            self._staged.place(error)  # pyright: ignore[reportPrivateUsage]
            raise

    return wrapped


class DatasetWriter:
    """Builds the next version of a dataset folder next to its place.

    Args:
        dataset: the IR.
        out: folder that holds dataset folders; the dataset's name is its folder's.
        kinds: what writes each kind of emit.
        encoding: name of the encoding of its files.
        encodings: those there are.

    Raises:
        FolderError: the place cannot be used.
    """

    def __init__(
        self,
        dataset: Dataset,
        out: Path,
        kinds: Mapping[str, EmitRuntime] = PROGRAMS.emits,
        *,
        encoding: str = JSONL.name,
        encodings: Sequence[Encoding] = ENCODINGS,
    ) -> None:
        self._dataset = dataset
        self._encoding = next(one for one in encodings if one.name == encoding)
        self._kinds = kinds
        _check_names(dataset)
        splits = {emit.name: tuple(name for name, _ in emit.split) or (WHOLE,) for emit in dataset.emits}
        self._staged = StagedFolder(
            out / dataset.name, functools.partial(may_be_ours, splits=splits, encodings=encodings)
        )
        self._scratch = self._staged.path / "scratch"
        self._scratch.mkdir()
        self._tally = Tally(self._scratch / "visits")
        self._configs = [(emit, RowContext.of(dataset, emit)) for emit in dataset.emits]
        self._spools: dict[str, Spool] = {}
        divided = [emit.split for emit in dataset.emits if emit.split]
        self._splits = SplitTally(divided) if divided else None
        self._names = IdentityNames(dataset.space)
        self._encoder = msgspec.json.Encoder()
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._rejected: dict[str, Counter[str]] = defaultdict(Counter)
        self._balances = {emit.name: BalanceTally() for emit in dataset.emits if kinds[emit.kind].balanced}
        self._expectations = (
            ExpectationTally(dataset, [context for _, context in self._configs]) if dataset.expectations else None
        )
        self.accepted = 0
        self.written = False
        self.secrets = Secrets(())  # set by the run once it has read the environment

    @_placed
    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:  # noqa: ARG002 - what a sink is given
        """A reply went into the fold; it counts in the manifest's spend."""
        self._tally.visit(job, reply)

    def distinct_replies(self) -> int:
        """How many different replies went into the fold so far."""
        return sum(m.replies for m in self._tally.models())

    @_placed
    def add(self, state: SlotState, status: Status) -> None:
        """Take a finished slot. Rows of every config but `rejects` come from accepted slots only."""
        if status == "missing":
            return
        accepted = status == "accepted"
        if accepted:
            self.accepted += 1
            for axis, value in state.axes.items():
                self._counts[axis][value] += 1
        for rejection in state.rejections:
            self._rejected[rejection.step][rejection.reason] += 1
        if self._expectations is not None:
            self._expectations.add(state, accepted=accepted)
        prompts: list[object] = []
        for emit, context in self._configs:
            if accepted or emit.turned_down():
                prompts += self._rows(state, emit, context)
        if self._splits is not None and accepted:
            taxonomy = self._dataset.space.taxonomy
            leaf = self._names.point(taxonomy.name, state.axes[taxonomy.name])[1] if taxonomy else ""
            self._splits.add(state.key, leaf, prompts)

    def _rows(self, state: SlotState, emit: Emit, context: RowContext) -> list[object]:
        """Keep a slot's rows of one config; returns their prompts where any config is split."""
        if emit.name in self._balances:
            self._balances[emit.name].add(state, emit)
        kind = self._kinds[emit.kind]
        rows = kind.rows(state, context)
        if not rows:
            return []
        spool = self._spool(emit)
        for row in rows:
            line = self._encoder.encode(row)
            self._guard(line, f"a row of {emit.name!r}")
            spool.add(state.key.rank, line + b"\n")
        return [prompt for row in rows for prompt in kind.prompts(row, context)] if self._splits is not None else []

    @_placed
    def commit(
        self,
        *,
        plan_digest: str,
        planned: int,
        short_cells: list[ShortCell],
        sources: Iterable[tuple[str, str]],
        run: RunDocument,
    ) -> Manifest:
        """Write all files and exchange the folder; `written` tells whether.

        Where no sample was accepted, an existing dataset stays as it was, since a run that is interrupted at
        its start, finds no endpoint, or rejects everything, must not empty what took money to make. Only where
        there is none (or one without a sample) are rejected texts written, for people to look at.

        Args:
            plan_digest: of the plan that was folded.
            planned: slots the plan wanted.
            short_cells: cells with fewer accepted slots than planned.
            sources: (name, sha256) of the files the spec was compiled from.
            run: written as `run.json`.

        Raises:
            FolderError: something is in the way that is not tapc's; the old version still stands.
            OSError: the disk is full or gone; the old version still stands.
        """
        written, digests, labels = self._write_files()
        files = [entry for _, _, entry in written]
        models = self._models()
        samples = Samples(planned=planned, accepted=self.accepted, short=planned - self.accepted)
        manifest = Manifest(
            dataset=self._dataset.name,
            plan_digest=plan_digest,
            lock=None if run.lock is None else run.lock.sha256,
            simulated=any(endpoint.simulated for endpoint in self._dataset.endpoints),
            samples=samples,
            spend=Spend(
                usd=sum(m.usd for m in models),
                input_tokens=sum(m.input_tokens for m in models),
                output_tokens=sum(m.output_tokens for m in models),
            ),
            models=models,
            counts=self._rolled_up(),
            short_cells=short_cells,
            rejected={step: dict(sorted(reasons.items())) for step, reasons in sorted(self._rejected.items())},
            balance={name: tally.balance() for name, tally in self._balances.items() if tally.pairs},
            labels=labels,
            empty=[e.name for e in self._dataset.emits if not e.turned_down() and e.name not in self._spools],
            expectations=self._verified(Whole(samples, self._tally.models(), written)),
            sources=[SourceEntry(name=name, sha256=sha256) for name, sha256 in sources],
            versions=versions(decisions=self._dataset.remembers),
            rows_digest=digests,
            files=files,
        )
        self._tally.close()
        self._scratch.rmdir()
        if planned and not self.accepted and (not files or self._stands()):
            self._staged.discard()
            return manifest
        self._write(CARD, render_card(self._dataset, manifest, self._kinds))
        self._write(RUN, run.model_dump_json(by_alias=True, indent=2) + "\n")
        self._write(MANIFEST, manifest.model_dump_json(by_alias=True, indent=2) + "\n")  # last: see `folder`
        self._staged.commit()
        self.written = True
        return manifest

    def _verified(self, whole: Whole) -> list[ExpectationEntry]:
        """The expectations of the spec, and whether the dataset is as they say."""
        return [] if self._expectations is None else entries(self._expectations.verify(whole))

    def _stands(self) -> bool:
        """Whether a version with samples is in the dataset's place."""
        return self._staged.before is not None and self._staged.before.accepted > 0

    def discard(self) -> None:
        """Give up; the old version still stands."""
        for file in (*self._spools.values(), self._tally):
            with contextlib.suppress(OSError):  # what is still in its buffer may not fit on the disk
                file.close()
        self._staged.discard()

    def _write(self, name: str, text: str) -> None:
        data = (visible_json(text) if name.endswith(".json") else text).encode()
        self._guard(data, name)
        with self._staged.create(name) as file:
            file.write(data)

    def _guard(self, data: bytes, what: str) -> None:
        """Replies that hold a secret were rejected on arrival; here one can only come from spec or input."""
        if self.secrets.holds(data):
            raise SecretError(what)

    def _spool(self, emit: Emit) -> Spool:
        found = self._spools.get(emit.name)
        if found is None:
            found = self._spools[emit.name] = Spool(self._scratch / f"{len(self._spools)}.rows")
        return found

    def _write_files(self) -> tuple[list[tuple[str, str, FileEntry]], dict[str, str], dict[str, Labels]]:
        """Write all data files.

        Returns:
            The files with their config and split, a digest of the rows by config and split, the labels by config.
        """
        files: list[tuple[str, str, FileEntry]] = []
        digests: dict[str, str] = {}
        labels: dict[str, Labels] = {}
        points = self._splits.points() if self._splits is not None else None
        for emit in self._dataset.emits:
            spool = self._spools.get(emit.name)
            if spool is None:
                continue
            places = points.splits(spool.ranks(), emit.split) if points is not None and emit.split else None
            for split, chosen in sorted(_chosen(emit, places), key=lambda one: one[0]):
                digest = hashlib.blake2b(digest_size=16)
                rows = _hashed(spool.ordered(chosen), digest)
                columns = self._kinds[emit.kind].columns(self._dataset, emit)
                written = write_shards(rows, self._staged, emit.name, split, encoding=self._encoding, columns=columns)
                if written:
                    files += ((emit.name, split, entry) for entry in written)
                    digests[f"{emit.name}/{split}"] = digest.hexdigest()
            label = self._kinds[emit.kind].label
            if label is not None:
                labels[emit.name] = LabelTally(label, spool.ordered).labels()
            spool.close()
        return files, digests, labels

    def _models(self) -> list[ModelEntry]:
        return [
            ModelEntry(
                endpoint=m.endpoint,
                model=m.model,
                returned=m.returned,
                fingerprint=m.fingerprint,
                origin=m.origin,
                replies=m.replies,
                input_tokens=m.input,
                output_tokens=m.output,
                usd=m.cost / _PICO,
                simulated=m.simulated,
            )
            for m in self._tally.models()
        ]

    def _rolled_up(self) -> dict[str, dict[str, int]]:
        """Accepted slots by axis and value, in the order of the spec; inner nodes count what lies below them."""
        taxonomy = self._dataset.space.taxonomy
        rolled: dict[str, Counter[str]] = {}
        for axis, counts in self._counts.items():
            total: Counter[str] = Counter()
            for value, count in counts.items():
                total[value] += count
                if taxonomy is not None and axis == taxonomy.name:
                    parts = value.split(".")
                    for depth in range(1, len(parts)):
                        total[".".join(parts[:depth])] += count
            rolled[axis] = total
        return self._dataset.space.ordered(rolled)


def _hashed(lines: Iterator[bytes], digest: "hashlib.blake2b") -> Iterator[bytes]:
    update = digest.update
    for line in lines:
        update(line)
        yield line


def _chosen(emit: Emit, places: Ints | None) -> list[tuple[str, npt.NDArray[np.bool_] | None]]:
    """Splits of a config, each with the rows that belong there (None means all)."""
    if places is None:
        return [(WHOLE, None)]
    return [(name, places == position) for position, (name, _) in enumerate(emit.split)]


def _check_names(dataset: Dataset) -> None:
    """Names in an IR that was not compiled here (a saved plan) obey the same rules as those in a spec.

    Raises:
        FolderError: one is no plain name, or two are alike.
    """
    named = [(dataset.name, "a dataset", False)]
    named += [(emit.name, "a config", False) for emit in dataset.emits]
    named += [(split, "a split", True) for emit in dataset.emits for split, _ in emit.split]
    for name, what, split in named:
        trouble = why_not_plain(name, split=split)
        if trouble is not None:
            raise FolderError(f"`{name}` cannot be the name of {what}: {trouble}; rename it in the spec")
    for group in ([emit.name for emit in dataset.emits], *([name for name, _ in emit.split] for emit in dataset.emits)):
        if len({alike(name) for name in group}) < len(group):
            raise FolderError(f"two of {', '.join(group)} are one name on some file systems; rename one in the spec")
