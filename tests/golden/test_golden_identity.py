"""What a spec means, is asked and yields must not change by accident: digests of every shipped spec and of every kind.

`identity.json` holds, for each spec under `specs/` and for `every_kind.tap`: the digest of the IR, of the plan, of all
keys of its jobs, and of the rows of each config, made with simulated endpoints; for every good example the digest of
the IR alone. A change of keys means that replies paid for are asked again, a change of rows that datasets differ: both
belong into the changelog. TAPC_UPDATE_GOLDEN=1 writes the file anew.
"""

import hashlib
import json
import os
import sqlite3
from pathlib import Path

import pytest
from called import Called
from driving import ROOT

from tapc.frontend import compile_spec
from tapc.ir import digest
from tapc.source import DiskLoader, bundled_dir

HERE = Path(__file__).parent
GOLDEN = HERE / "identity.json"
EXAMPLES = sorted((bundled_dir("grammar") / "examples" / "good").glob("*.tap"))
SPECS = (*sorted((ROOT / "specs").glob("*.tap")), HERE / "every_kind.tap")
LIMIT = "24"


def compared(name: str, found: object) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    if os.environ.get("TAPC_UPDATE_GOLDEN"):
        golden[name] = found
        text = json.dumps(dict(sorted(golden.items())), indent=1, ensure_ascii=False) + "\n"
        GOLDEN.write_text(text, encoding="utf-8")
    assert found == golden.get(name)


def test_examples_mean_what_they_meant():
    found = {}
    for path in EXAMPLES:
        compiled = compile_spec(path, DiskLoader())
        for name in compiled.datasets:
            dataset = compile_spec(path, DiskLoader(), dataset=name).dataset
            found[f"{path.stem} {name}"] = str(digest(dataset)) if dataset is not None else None
    compared("examples", found)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_spec_is_counted_asked_and_written_as_it_was(path: Path, tmp_path: Path):
    tapc = Called(tmp_path)
    planned = json.loads(tapc("plan", str(path), "--json", code=None).stdout)
    tapc("run", str(path), "--limit", LIMIT, "-q", code=None)
    with sqlite3.connect(tmp_path / ".tapc" / "store.db") as store:
        keys = sorted(bytes(key) for (key,) in store.execute("SELECT key FROM replies"))
    dataset = compile_spec(path, DiskLoader()).dataset
    assert dataset is not None
    compared(
        path.stem,
        {
            "ir": str(digest(dataset)),
            "plan": planned["digest"],
            "jobs": len(keys),
            "keys": hashlib.blake2b(b"".join(keys), digest_size=16).hexdigest(),
            "rows": tapc.manifest(path.stem)["rows_digest"],
        },
    )
