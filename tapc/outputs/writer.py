"""Takes finished slots, in any order, and leaves a dataset folder behind."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import msgspec

from tapc.ir import Dataset, Emit
from tapc.jobs import Job, Reply
from tapc.outputs.balance import BalanceTally
from tapc.outputs.card import render_card
from tapc.outputs.folder import StagedFolder
from tapc.outputs.jsonl import write_jsonl
from tapc.outputs.manifest import (
    FileEntry,
    Manifest,
    ModelEntry,
    RunDocument,
    Samples,
    ShortCell,
    SourceEntry,
    Spend,
)
from tapc.outputs.rows import ROWS, RowContext
from tapc.outputs.spool import Spool
from tapc.outputs.tally import Tally
from tapc.outputs.versions import versions
from tapc.steps import SlotState, Status

MANIFEST = "manifest.json"
_PICO = 10**12


class DatasetWriter:
    """Builds the next version of a dataset folder beside its place.

    Args:
        dataset: the IR.
        folder: final place, `out/<dataset>`.

    Raises:
        FolderError: the place cannot be used.
    """

    def __init__(self, dataset: Dataset, folder: Path) -> None:
        self._dataset = dataset
        self._staged = StagedFolder(folder, MANIFEST)
        self._scratch = self._staged.path / "scratch"
        self._scratch.mkdir()
        self._tally = Tally(self._scratch / "visits")
        self._configs = [(emit, RowContext.of(dataset, emit)) for emit in dataset.emits]
        self._spools: dict[tuple[str, str], Spool] = {}
        self._encoder = msgspec.json.Encoder()
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._rejected: dict[str, Counter[str]] = defaultdict(Counter)
        self._balances = {emit.name: BalanceTally() for emit in dataset.emits if emit.kind == "preference"}
        self.accepted = 0

    def visit(self, job: Job, reply: Reply) -> None:
        """A reply went into the fold; it counts in the manifest's spend."""
        self._tally.visit(job, reply)

    def distinct_replies(self) -> int:
        """How many different replies went into the fold so far."""
        return sum(m.replies for m in self._tally.models())

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
        for emit, context in self._configs:
            if accepted or emit.kind == "rejects":
                if emit.name in self._balances:
                    self._balances[emit.name].add(state, emit)
                rows = ROWS[emit.kind](state, context)
                if rows:
                    spool = self._spool(emit, state)
                    for row in rows:
                        spool.add(state.key.rank, self._encoder.encode(row))

    def commit(
        self,
        *,
        plan_digest: str,
        planned: int,
        short_cells: list[ShortCell],
        sources: Iterable[tuple[str, str]],
        run: RunDocument,
    ) -> Manifest:
        """Write all files and exchange the folder.

        Args:
            plan_digest: of the plan that was folded.
            planned: slots the plan wanted.
            short_cells: cells with fewer accepted slots than planned.
            sources: (name, sha256) of the files the spec was compiled from.
            run: written as `run.json`.

        Raises:
            OSError: the disk is full or gone; the old version still stands.
        """
        root = self._staged.path
        files, digests = self._write_files(root)
        models = self._models()
        manifest = Manifest(
            dataset=self._dataset.name,
            plan_digest=plan_digest,
            simulated=any(endpoint.simulated for endpoint in self._dataset.endpoints),
            samples=Samples(planned=planned, accepted=self.accepted, short=planned - self.accepted),
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
            sources=[SourceEntry(name=name, sha256=sha256) for name, sha256 in sources],
            versions=versions(),
            rows_digest=digests,
            files=files,
        )
        self._tally.close()
        self._scratch.rmdir()
        (root / MANIFEST).write_text(manifest.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8")
        (root / "README.md").write_text(render_card(self._dataset, manifest), encoding="utf-8")
        (root / "run.json").write_text(run.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8")
        self._staged.commit()
        return manifest

    def discard(self) -> None:
        """Give up; the old version still stands."""
        for spool in self._spools.values():
            spool.close()
        self._tally.close()
        self._staged.discard()

    def _spool(self, emit: Emit, state: SlotState) -> Spool:
        split = _split_of(emit, state)
        found = self._spools.get((emit.name, split))
        if found is None:
            found = Spool(self._scratch / f"{len(self._spools)}.rows")
            self._spools[emit.name, split] = found
        return found

    def _write_files(self, root: Path) -> tuple[list[FileEntry], dict[str, str]]:
        files: list[FileEntry] = []
        digests: dict[str, str] = {}
        for (config, split), spool in sorted(self._spools.items()):
            digest = hashlib.blake2b(digest_size=16)
            files += write_jsonl(_hashed(spool.ordered(), digest), root / "data" / config, split, root)
            digests[f"{config}/{split}"] = digest.hexdigest()
            spool.close()
        return files, digests

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
        """Accepted slots by axis and value; a taxonomy's inner nodes count what lies below them."""
        taxonomy = self._dataset.space.taxonomy
        rolled: dict[str, dict[str, int]] = {}
        for axis, counts in sorted(self._counts.items()):
            total: Counter[str] = Counter()
            for value, count in counts.items():
                total[value] += count
                if taxonomy is not None and axis == taxonomy.name:
                    parts = value.split(".")
                    for depth in range(1, len(parts)):
                        total[".".join(parts[:depth])] += count
            rolled[axis] = dict(sorted(total.items()))
        return rolled


def _hashed(rows: Iterator[bytes], digest: "hashlib.blake2b") -> Iterator[bytes]:
    for row in rows:
        digest.update(row)
        digest.update(b"\n")
        yield row


def _split_of(emit: Emit, state: SlotState) -> str:
    """The split of a slot: by a hash of its identity, so that it stays where it is whatever is added."""
    if not emit.split:
        return "train"
    identity = state.key.cell + state.key.ordinal.to_bytes(8, "big")
    point = Fraction(
        int.from_bytes(hashlib.blake2b(identity, digest_size=8, person=b"tapc.split").digest(), "big"), 2**64
    )
    edge = Fraction(0)
    for name, share in emit.split:
        edge += share
        if point < edge:
            return name
    return emit.split[-1][0]
