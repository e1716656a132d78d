"""Runs tapc as users do: the real program in a process of its own, in an empty folder."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240
"""Seconds after which a process hangs. Generous: on a busy machine starting one can take twenty."""

QUICKSTART = ROOT / "specs" / "quickstart.tap"


def clean_environment(**extra: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TAPC_", "OPENAI_", "NO_COLOR"))}
    return {**kept, "COLUMNS": "100", **extra}


class Tapc:
    """The program in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, code: int | None = 0, **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "tapc", *arguments],
            cwd=self.folder,
            env=clean_environment(**env),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tapc", *arguments],
            cwd=self.folder,
            env=clean_environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: int | None = 0, **env: str) -> dict[str, Any]:
        """`tapc run … --json`, as the parsed run document."""
        return json.loads(self("run", *arguments, "--json", code=code, **env).stdout)

    def rows(self, dataset: str, config: str) -> list[dict[str, Any]]:
        files = sorted((self.folder / "out" / dataset / "data" / config).glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    def manifest(self, dataset: str) -> dict[str, Any]:
        return json.loads((self.folder / "out" / dataset / "manifest.json").read_text(encoding="utf-8"))

    def bytes_of(self, dataset: str) -> dict[str, bytes]:
        """Every file of a dataset but run.json, which alone has a clock."""
        root = self.folder / "out" / dataset
        return {
            p.relative_to(root).as_posix(): p.read_bytes()
            for p in sorted(root.rglob("*"))
            if p.is_file() and p.name != "run.json"
        }
