"""Shipped specs as datasets that are written anew again and again, and loaded each time, from a fresh cache and a warm one."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from called import Called
from driving import ROOT, clean_environment

LOADING = Path(__file__).with_name("loading.py")
SPECS = sorted(path.stem for path in (ROOT / "specs").glob("*.tap"))
EVERYTHING = "  emit records\n  emit prompts asked { prompt STEP }\n  emit rejects\n"


def written(spec: str, folder: Path, size: int, *, split: bool, seed: str = "") -> Path:
    """A copy of a spec of some size, perhaps with splits, perhaps with another seed."""
    text = (ROOT / "specs" / f"{spec}.tap").read_text(encoding="utf-8")
    text = re.sub(r"\n  samples \d+\n", f"\n  samples {size}\n", text)
    text = re.sub(r"\n  expect \{\n.*?\n  \}\n", "\n", text, flags=re.DOTALL)  # it is about the number in the file
    step = "request" if "generate request" in text else "question" if "generate question" in text else "instruction"
    text = text.replace("  budget {", EVERYTHING.replace("STEP", step) + "\n  budget {", 1)
    if split:
        text = text.replace("  budget {", "  split { train 80%, val 10%, test 10% }\n\n  budget {", 1)
    if seed:
        text = text.replace("\n  seed 7\n", f"\n  seed {seed}\n").replace("\n  seed 42\n", f"\n  seed {seed}\n")
        assert f"seed {seed}" in text
    path = folder / f"{spec}.tap"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(python: str, cache: Path, folder: Path) -> dict[str, Any]:
    """What `datasets` makes of a folder."""
    done = subprocess.run(
        [python, str(LOADING), str(cache), str(folder)],
        env=clean_environment(PYTHONPATH=""),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def rows_of(folder: Path) -> dict[str, dict[str, list[Any]]]:
    """What stands in the files, by config and split."""
    found: dict[str, dict[str, list[Any]]] = {}
    for file in sorted((folder / "data").rglob("*.jsonl")):
        split = file.name.rsplit("-", 3)[0]
        lines = file.read_text(encoding="utf-8").splitlines()
        found.setdefault(file.parent.name, {})[split] = [json.loads(line) for line in lines]
    return found


def same(read: Any, row: Any) -> bool:
    """Whether a loaded value is the one that was written: fields that a row leaves out are null."""
    if isinstance(row, dict):
        return row.keys() <= read.keys() and all(same(value, row.get(key)) for key, value in read.items())
    if isinstance(row, list):
        return len(read) == len(row) and all(map(same, read, row))
    return type(read) is type(row) and read == row


def assert_same(found: Any, rows: dict[str, dict[str, list[Any]]]) -> None:
    assert found.keys() == rows.keys()
    for config, splits in rows.items():
        assert found[config].keys() == splits.keys(), config
        for split, expected in splits.items():
            assert len(found[config][split]) == len(expected), (config, split)
            assert all(map(same, found[config][split], expected)), (config, split)


def check_loading(folder: Path, spec: str, *, split: bool, python: str, sizes: tuple[int, ...] = (20, 40, 200)) -> str:
    """Write a dataset in some sizes and with another seed, and load every config each time; returns the version."""
    tapc = Called(folder)
    dataset = folder / "out" / spec
    version = ""
    for size, seed in (*((size, "") for size in sizes), (20, "8")):
        written(spec, folder, size, split=split, seed=seed)
        tapc("run", f"{spec}.tap", "--yes")
        rows = rows_of(dataset)
        assert len([row for part in rows["records"].values() for row in part]) == size
        for cache in (folder / "warm", *([folder / "fresh"] if size == 20 and not seed else [])):
            found = loaded(python, cache, dataset)
            for how in ("rows", "streamed"):
                assert_same(found[how][str(dataset)], rows)
            default = next(iter(sorted(rows.keys() - {"records", "rejects"})))
            assert_same({default: found["default"][str(dataset)]}, {default: rows[default]})
            for config, features in found["features"][str(dataset)].items():
                assert "null" not in str(features), config
                assert len(set(features)) == 1, "the same types in every split"
            version = found["version"]
    return version
