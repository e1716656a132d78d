"""The built wheel in a fresh environment, run from an empty folder."""

import json
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from driving import QUICKSTART, ROOT, clean_environment


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_runs_the_quickstart_from_an_empty_folder(tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", cwd=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "tapc/_bundled/grammar/tap.lark" in names
    assert "tapc/_bundled/specs/quickstart.tap" in names
    assert any(name.startswith("tapc/_bundled/stdlib/") and name.endswith(".tap") for name in names)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel, cwd=tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.copy(QUICKSTART, empty / "mine.tap")
    report = json.loads(run(tmp_path / "env" / "bin" / "tapc", "run", "mine.tap", "--json", cwd=empty))
    assert report["samples"] == {"planned": 60, "accepted": 60, "short": 0}
    assert run(tmp_path / "env" / "bin" / "tapc", "new", "another", cwd=empty) == "another.tap\n"
    where = run(python, "-c", "import tapc; print(tapc.__file__)", cwd=empty)
    assert str(tmp_path) in where, "the checkout was imported, not the wheel"
