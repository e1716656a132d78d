"""`tapc plan --out` and `tapc run plan.json`: exactly that plan, or none."""

import base64
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tapc.diagnostics import Diagnostic, rule
from tapc.ir import Dataset, canonical_json
from tapc.kinds.declared import REGISTRY
from tapc.plan import PlanDocument, Planned, find_differences, name_of, plain, worded
from tapc.source import DiskLoader, LoadError
from tapc.workspace.files import replace_text
from tapc.workspace.spec.checked import Checked

_HEX = r"^[0-9a-f]{32}$"
_SHOWN = 8
"""Changes that a refusal names."""


class SavedPlan(BaseModel):
    """A plan to be run later; schema `tapc.saved-plan/1`.

    Attributes:
        spec: path of the spec as the user gave it.
        beside: path of the spec from the folder of the plan, so that both can be moved together and run from anywhere.
        settings, dataset, endpoints: options that the plan was made with.
        digest: digest of the plan; covers the lowered spec with its prices, the files it names, and all counts.
        seal: hash of all other fields, to detect edits.
        plan: plan as it was shown.
        lowered: the lowered spec (JSON, compressed, base64), to say what has changed since.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["tapc.saved-plan/1"] = Field(default="tapc.saved-plan/1", alias="schema")
    spec: str
    beside: str
    settings: dict[str, str]
    dataset: str | None
    endpoints: tuple[str, ...]
    digest: str
    seal: str = Field(default="0" * 32, pattern=_HEX)
    plan: PlanDocument
    lowered: str

    def sealed(self) -> str:
        """The value that `seal` must have."""
        text = self.model_copy(update={"seal": "0" * 32}).model_dump_json(by_alias=True)
        return hashlib.blake2b(text.encode(), digest_size=16, person=b"tapc.saved").hexdigest()


def save_plan(
    path: Path,
    document: PlanDocument,
    dataset_ir: Dataset,
    *,
    settings: Mapping[str, str],
    dataset: str | None,
    endpoints: Sequence[str],
) -> None:
    """Write a plan to be run later.

    Args:
        path: the file to write.
        document: the plan, with its sources.
        dataset_ir: the dataset that it is a plan of.
        settings: values of `--set`.
        dataset: value of `--dataset`.
        endpoints: values of `--endpoint`.

    Raises:
        OSError: it cannot be written; an older file is unchanged.
    """
    saved = SavedPlan(
        spec=document.spec,
        beside=Path(os.path.relpath(document.spec, path.parent)).as_posix(),
        settings=dict(settings),
        dataset=dataset,
        endpoints=tuple(endpoints),
        digest=document.digest,
        plan=document,
        lowered=base64.b64encode(zlib.compress(canonical_json(dataset_ir))).decode(),
    )
    saved = saved.model_copy(update={"seal": saved.sealed()})
    replace_text(path, saved.model_dump_json(by_alias=True, indent=2) + "\n")


def read_plan(path: Path) -> SavedPlan | Diagnostic:
    """Read a saved plan; a finding if the file is not one."""
    try:
        saved = SavedPlan.model_validate_json(DiskLoader().read(path))
    except LoadError as error:
        return Diagnostic("TAP923", rule("TAP923").severity, str(error))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return _not_a_plan(f"{path} is not a saved plan: {place + ': ' if place else ''}{first['msg']}")
    if saved.sealed() != saved.seal:
        return _not_a_plan(f"{path} was edited since it was saved")
    return saved


def _not_a_plan(message: str) -> Diagnostic:
    return Diagnostic(
        "TAP880", rule("TAP880").severity, message, (), ("write it again with `tapc plan SPEC --out FILE`",)
    )


def spec_of(saved: SavedPlan, path: Path) -> Path:
    """The path of a saved plan's spec: from the plan's folder if it is there, else as it was named."""
    beside = Path(os.path.normpath(path.parent / saved.beside))
    return beside if beside.exists() else Path(saved.spec)


def outdated(saved: SavedPlan, path: Path, checked: Checked, planned: Planned | None) -> Diagnostic | None:
    """Why a saved plan no longer holds; None if it does. Comments, layout and names of params do not matter.

    Args:
        saved: the plan.
        path: its file.
        checked: the spec as it is now.
        planned: its plan; None if the spec is wrong now.
    """
    if planned is not None and planned.digest == saved.digest:
        return None
    notes = ["the spec is wrong now"] if planned is None else [*_changes(saved, planned)]
    then = {source.name: source.sha256 for source in saved.plan.sources}
    now = dict((*checked.compiled.sources, *(planned.resources.files if planned else ())))
    notes += [f"{name} has changed" for name in then if name in now and now[name] != then[name]]
    if planned is not None:
        notes += [f"{name} is no longer read" for name in then if name not in now]
        notes += [f"{name} was not read then" for name in now if name not in then]
    if not notes:
        notes.append("the counts are different: the lock of the spec, rows from a hub, or tapc itself has changed")
    notes.append(f"look at the new plan with `tapc plan {checked.path}`, and save it with `--out {path}`")
    message = f"{path} is out of date: plan {saved.digest[:12]} no longer follows from {checked.path}"
    return Diagnostic("TAP881", rule("TAP881").severity, message, (), tuple(notes))


def _changes(saved: SavedPlan, planned: Planned) -> Iterator[str]:
    """Differences by meaning from the spec that the plan was made of."""
    try:
        before = Dataset.model_validate_json(zlib.decompress(base64.b64decode(saved.lowered)), context=REGISTRY.models)
    except (ValueError, zlib.error):  # sealed by a version of tapc whose specs were made of other parts
        return
    found = [one for one in find_differences(before, planned.dataset, REGISTRY) if not one.reordered]
    for one in found[:_SHOWN]:
        yield f"{name_of(one.owner, one.field)} {plain(worded(one.before, one.after, one.default))}"
    if len(found) > _SHOWN:
        yield f"and {len(found) - _SHOWN} more changes"
