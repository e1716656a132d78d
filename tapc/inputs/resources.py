"""The one function that gathers what steps are lent, for check, plan, graph and run alike."""

import hashlib
from pathlib import Path

import msgspec

from tapc.checks import CheckTools
from tapc.inputs.benchmarks import BenchmarkTexts, readable_files
from tapc.inputs.commands import command_files, file_hash
from tapc.inputs.errors import InputError
from tapc.inputs.opening import Folder
from tapc.inputs.rows import read_input
from tapc.inputs.scratch import scratch_file
from tapc.inputs.table import RowTable
from tapc.ir import Dataset, Step
from tapc.plan import PlanResources


class Borrowed(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        resources: what the plan is made from.
        errors: what cannot be used; then `resources` must not be used.
        guesses: by input step, what was read otherwise than the names of its files say.
    """

    resources: PlanResources
    errors: tuple[InputError, ...] = ()
    guesses: tuple[tuple[str, tuple[str, ...]], ...] = ()


def lend(dataset: Dataset, folder: Path, *, offline: bool = False, outside: bool = False) -> Borrowed:
    """Read rows, find benchmark files and programs. Nothing is run.

    Args:
        dataset: the IR.
        folder: of the spec; paths are relative to it.
        offline: open no connection.
        outside: whether links may lead out of the folder.
    """
    gathering = _Gathering(Folder(folder, outside=outside), offline=offline)
    for step in dataset.steps:
        gathering.step(step, dataset)
    return gathering.borrowed()


class _Gathering:
    def __init__(self, folder: Folder, *, offline: bool) -> None:
        self._folder = folder
        self._guesses: list[tuple[str, tuple[str, ...]]] = []
        self._offline = offline
        self._rows: list[RowTable] = []
        self._programs: dict[tuple[str, ...], str] = {}
        self._marks: list[str] = []
        self._files: dict[str, str] = {}
        self._errors: list[InputError] = []

    def step(self, step: Step, dataset: Dataset) -> None:
        try:
            rows = step.rows()
            if rows is not None:
                table, files = read_input(rows, dataset.space, self._folder, offline=self._offline)
                self._rows.append(table)
                if table.guesses:
                    self._guesses.append((step.name, table.guesses))
                for file in files:
                    self._hash(file)
            for command in step.commands():
                self._program(command)
        except InputError as error:
            self._errors.append(error.at(*(f"step.{step.name}.{part}" for part in ("file", "hub", "run"))))
        for check in step.checks():
            try:
                if (glob := check.glob()) is not None:
                    found = readable_files(glob, self._folder)
                    names = [f"{self._name(path)}:{self._hash(path)}" for path in found]
                    self._marks += [glob, *names]
                elif check.command:
                    self._program(check.command)
            except InputError as error:
                self._errors.append(error.at(f"step.{step.name}.require"))

    def _program(self, command: tuple[str, ...]) -> None:
        state = hashlib.blake2b(digest_size=16, person=b"tapc.program")
        for path in command_files(command, self._folder.path):
            state.update(self._hash(path).encode())
        self._programs[command] = state.hexdigest()
        self._marks += [*command, state.hexdigest()]

    def _hash(self, path: Path) -> str:
        found = self._files[self._name(path)] = file_hash(path)
        return found

    def _name(self, path: Path) -> str:
        """As the spec would call it, so that no digest depends on where the spec stands."""
        root = self._folder.path
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

    def borrowed(self) -> Borrowed:
        digest = hashlib.blake2b(msgspec.json.encode(self._marks), digest_size=16).digest() if self._marks else b""
        checks = CheckTools(texts=BenchmarkTexts(self._folder), scratch=scratch_file)
        files = tuple(sorted(self._files.items()))
        resources = PlanResources(tuple(self._rows), checks, self._programs, digest, files, self._folder.path)
        return Borrowed(resources, tuple(self._errors), tuple(self._guesses))
