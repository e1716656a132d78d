"""Fixtures of the end-to-end tests."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from called import Called
from driving import QUICKSTART, Tapc


@pytest.fixture
def tapc(tmp_path: Path) -> Tapc:
    """Commands are called in this process; `tapc.start` and `Tapc` start one."""
    return Called(tmp_path)


@pytest.fixture
def quickstart(tapc: Tapc) -> Path:
    """A copy of the quickstart to edit."""
    return Path(shutil.copy(QUICKSTART, tapc.folder / "quickstart.tap"))


@pytest.fixture
def served(tapc: Tapc) -> Iterator[Callable[..., str]]:
    """Starts `tapc sim serve` on a free port of the loopback; returns its URL."""
    running: list[subprocess.Popen[str]] = []

    def serve(*arguments: str) -> str:
        process = tapc.start("sim", "serve", "--port", "0", *arguments)
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://127.0.0.1:" in line, line + (process.stderr.read() if process.stderr else "")
        return "http" + line.split("http", 1)[1].split()[0]

    yield serve
    for process in running:
        process.terminate()
        process.wait(timeout=10)
