"""`tapc test`: a spec on recorded replies, or on simulated models, and whether it is as it expects; nothing is kept."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, has_errors
from tapc.engine import Session, Silent
from tapc.ir import Dataset, Endpoint, Transport
from tapc.jobs import Job, Reply
from tapc.plan import Planned, cost_plan, described, verify_plan
from tapc.steps import SlotKey, SlotState, Status
from tapc.store import StoreError, import_replies, open_store
from tapc.store.protocol import Replies
from tapc.workspace.estimate import language_rates
from tapc.workspace.expectations import expectation_findings
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions
from tapc.workspace.spec.checked import Checked, check_spec
from tapc.workspace.spec.counted import count_spec
from tapc.workspace.stored import work_of
from tapc.workspace.tested import TestedDataset


class Tested(msgspec.Struct, frozen=True):
    """A spec that was tested: its datasets, and all findings at their places."""

    datasets: list[TestedDataset]
    findings: list[Diagnostic]


def recording_of(spec: Path) -> Path:
    """The file with the recorded replies of a spec: `tests/NAME.replies` next to it."""
    return spec.parent / "tests" / f"{spec.stem}.replies"


def try_spec(
    spec: Path, *, settings: Mapping[str, str], dataset: str | None, outside: bool = False, allow_run: bool = False
) -> Tested:
    """Run every dataset of a spec (or the named one) in a temporary place, without a network.

    Raises:
        Refused: a program may not run.
    """
    first = check_spec(spec, settings=settings, dataset=dataset, outside=outside)
    if has_errors(first.diagnostics):
        return Tested([], first.diagnostics)
    done: list[TestedDataset] = []
    findings: list[Diagnostic] = []
    for name in (dataset,) if dataset else first.compiled.datasets:
        checked = check_spec(spec, settings=settings, dataset=name, outside=outside)
        recording = recording_of(spec)
        recorded = recording.is_file()
        if not recorded and checked.dataset is not None:
            checked = msgspec.structs.replace(checked, dataset=simulated(checked.dataset))
        counted = count_spec(checked, offline=True, outside=outside)
        if counted.planned is None:
            findings += counted.diagnostics
            continue
        try:
            tested, found = _run(counted.checked, counted.planned, recording if recorded else None, allow_run=allow_run)
        except StoreError as error:  # of one recording; other specs are tested all the same
            findings.append(Diagnostic(error.code, "error", error.message, (), (error.next_step,)))
            continue
        done.append(tested)
        findings += found
    return Tested(done, findings)


def _run(
    checked: Checked, planned: Planned, recording: Path | None, *, allow_run: bool
) -> tuple[TestedDataset, list[Diagnostic]]:
    origins = checked.compiled.origins
    found = expectation_findings(
        described(verify_plan(planned, lambda: cost_plan(planned, language_rates(), {}))), origins
    )
    with tempfile.TemporaryDirectory(prefix="tapc-test-") as folder:
        options = RunOptions(
            Path(folder) / "out", Path(folder) / "store", offline=recording is not None, allow_run=allow_run
        )
        missing: dict[str, int] = {}
        if recording is not None:
            store = open_store(options.store)
            try:
                import_replies(store, recording)
                missing = missing_replies(planned, store)
            finally:
                store.close()
        report = run_plan(planned, options, sources=(), environ={}, observer=Silent())
    known = {finding.message for finding in found}
    unmet = expectation_findings(report.manifest.expectations, origins)
    found += [finding for finding in unmet if finding.message not in known and not missing]
    found += [problem for problem in report.problems if problem.severity == "error"]
    if missing and recording is not None:
        found.append(unrecorded(checked.path, planned.dataset.name, missing, recording))
    samples = report.manifest.samples
    if report.status not in ("ok", "unexpected") and not missing:
        message = f"`{planned.dataset.name}` ended short: {samples.accepted:,} of {samples.planned:,} samples"
        note = "expect { short <= … } says how many may be missing"
        found.append(Diagnostic("TAP896", "error", message, (), (note,)))
    tested = TestedDataset(
        spec=str(checked.path),
        dataset=planned.dataset.name,
        replies="simulated" if recording is None else str(recording),
        samples=samples.accepted,
        planned=samples.planned,
        missing=missing,
        expectations=report.manifest.expectations,
        passed=not found,
        problems=[finding.message for finding in found],
    )
    return tested, found


def unrecorded(spec: Path, dataset: str, missing: Mapping[str, int], recording: Path) -> Diagnostic:
    """Replies that a recording, or a store that is to be recorded, does not have."""
    shown = ", ".join(f"`{step}` ({count:,} samples)" for step, count in missing.items())
    message = f"{recording} lacks replies of `{dataset}`: {shown}"
    notes = (
        "the spec asks something else than what was recorded, or the run was not complete",
        f"record it again with: tapc run {spec} && tapc cache export --recording {spec}",
    )
    return Diagnostic("TAP895", "error", message, (), notes)


def simulated(dataset: Dataset) -> Dataset:
    """The dataset with simulated models at no server, at the prices and with the limits of the spec."""
    return dataset.model_copy(update={"endpoints": tuple(map(_simulated, dataset.endpoints))})


def _simulated(endpoint: Endpoint) -> Endpoint:
    update: dict[str, object] = {"urls": (), "key": None, "transport": Transport.trusted()}
    if not endpoint.simulated:
        update |= {"model": "sim", "identity": None, "revision": None}
    return endpoint.model_copy(update=update)


class _Missing:
    """A sink that counts samples without a reply, by the first step that has no result."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._steps = steps
        self.found: Counter[str] = Counter()

    def add(self, state: SlotState, status: Status) -> None:
        """Note a slot that cannot be finished."""
        if status == "missing":
            self.found[next((step for step in self._steps if step not in state.results), "")] += 1

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """Do nothing with a reply."""


def missing_replies(planned: Planned, replies: Replies) -> dict[str, int]:
    """Samples that lack a reply, by the first step without a result."""
    sink = _Missing([step.name for step in planned.dataset.steps])
    Session(work_of(planned, None), replies, sink, Silent()).offline()
    return dict(sink.found)
