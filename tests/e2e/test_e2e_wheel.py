"""The built wheel, run from an empty folder; in the exhaustive part, in an environment made of what it says it needs."""

import json
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import QUICKSTART, ROOT, clean_environment


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(**env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alone(wheel: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """Python in a fresh environment, where the index gives what the wheel says it needs."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel, cwd=folder)
    return python, {}


def unpacked(wheel: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """This Python, with the wheel before all else that it imports."""
    pip = (sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-compile")
    run(*pip, "--target", folder, wheel, cwd=folder.parent)
    return Path(sys.executable), {"PYTHONPATH": str(folder)}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("installed", [unpacked, pytest.param(alone, marks=pytest.mark.exhaustive)])
def test_the_wheel_runs_the_quickstart_from_an_empty_folder(
    tmp_path: Path, installed: Callable[[Path, Path], tuple[Path, dict[str, str]]]
) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", cwd=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "tapc/_bundled/grammar/tap.lark" in names
    assert "tapc/_bundled/specs/quickstart.tap" in names
    assert any(name.startswith("tapc/_bundled/stdlib/") and name.endswith(".tap") for name in names)
    python, env = installed(wheel, tmp_path / "env")
    tapc = tmp_path / "env" / "bin" / "tapc"
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.copy(QUICKSTART, empty / "mine.tap")
    report = json.loads(run(tapc, "run", "mine.tap", "--json", cwd=empty, **env))
    assert report["samples"] == {"planned": 60, "accepted": 60, "short": 0}
    assert run(tapc, "new", "another", cwd=empty, **env) == "another.tap\n"
    where = run(python, "-c", "import tapc; print(tapc.__file__)", cwd=empty, **env)
    assert str(tmp_path) in where, "the checkout was imported, not the wheel"
