"""Reads all resources of a plan: rows, benchmark files and files of programs, for check, plan, graph and run alike."""

import hashlib
from pathlib import Path

import msgspec

from tapc.checks import CheckTools
from tapc.inputs.benchmarks import BenchmarkTexts, readable_files
from tapc.inputs.errors import InputError
from tapc.inputs.opening import Folder, unreadable
from tapc.inputs.rows import read_input
from tapc.inputs.table import RowTable, scratch_file
from tapc.ir import Dataset, Step
from tapc.plan import PlanResources

_SCRIPTS = (".py", ".sh", ".js", ".mjs", ".ts", ".rb", ".pl", ".lua", ".jl")
_MOST = 512 * 1024 * 1024


def command_files(command: tuple[str, ...], folder: Path) -> list[Path]:
    """Files among the words of a command; words are relative to the spec.

    Raises:
        InputError: a word that must name a file does not.
    """
    found: list[Path] = []
    for position, word in enumerate(command):
        path = folder / word
        if path.is_file() and (position or "/" in word):
            found.append(path)
        elif word.endswith(_SCRIPTS) or (position == 0 and "/" in word):
            raise InputError("TAP715", f"the program file {word} does not exist", "paths are relative to the spec")
    return found


def file_hash(path: Path) -> str:
    """SHA-256 of the content of a file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        if path.stat().st_size > _MOST:
            raise InputError("TAP715", f"{path.name} is too large to be hashed with a program")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


class ReadResources(msgspec.Struct, frozen=True):
    """The resources of a plan, or the errors.

    Attributes:
        resources: resources of the plan; not to be used if there are errors.
        errors: files that cannot be used.
        guesses: by input step, how files were read, if that differs from their names.
    """

    resources: PlanResources
    errors: tuple[InputError, ...] = ()
    guesses: tuple[tuple[str, tuple[str, ...]], ...] = ()


def read_resources(dataset: Dataset, folder: Path, *, offline: bool = False, outside: bool = False) -> ReadResources:
    """Read rows, and find benchmark files and programs. Nothing is run.

    Args:
        dataset: the IR.
        folder: folder of the spec; paths are relative to it.
        offline: open no connection.
        outside: whether links may lead out of the folder.
    """
    gathering = _Gathering(Folder(folder, outside=outside), offline=offline)
    for step in dataset.steps:
        gathering.step(step, dataset)
    return gathering.result()


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
                for command in check.commands():
                    self._program(command)
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
        """The path relative to the folder of the spec, so that no digest depends on the location of the spec."""
        root = self._folder.path
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

    def result(self) -> ReadResources:
        digest = hashlib.blake2b(msgspec.json.encode(self._marks), digest_size=16).digest() if self._marks else b""
        checks = CheckTools(texts=BenchmarkTexts(self._folder), scratch=scratch_file)
        files = tuple(sorted(self._files.items()))
        resources = PlanResources(tuple(self._rows), checks, self._programs, digest, files, self._folder.path)
        return ReadResources(resources, tuple(self._errors), tuple(self._guesses))
