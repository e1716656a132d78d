"""An encoding that this test makes up writes a dataset, by being passed to the writer."""

import hashlib
import json
from pathlib import Path

import pytest

from tapc.engine import Session, Silent
from tapc.outputs import DatasetWriter
from tapc.outputs.encodings import ENCODINGS, Encoding
from tapc.outputs.standing import FolderError
from tapc.store import open_store
from tapc.workspace.cache.traversal import plans_of
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions
from tapc.workspace.stored import work_of

SPEC = """tap 1
dataset d {
  samples 40
  mix subject { stars 25%, ships 25%, salt 25%, sleep 25% }
  endpoint e { model "sim" }
  generate answer { using e, prompt "Say something of {{ subject }}." }
  emit sft { from answer, split { train 75%, test 25% } }
}
"""


def encode(rows, columns):
    """A line of column names, then a line of JSON values per row, between tabs, and how many rows there were."""
    names = [column.name for column in columns]
    yield ("\t".join(names) + "\n").encode()
    count = 0
    for row in rows:
        values = json.loads(row)
        yield ("\t".join(json.dumps(values[name]) for name in names) + "\n").encode()
        count += 1
    yield b"%d rows\n" % count


TABS = Encoding(name="tabs", suffix="tabs", encode=encode)


def read(path: Path):
    head, *lines, last = path.read_text().splitlines()
    assert last == f"{len(lines)} rows"
    return [dict(zip(head.split("\t"), map(json.loads, line.split("\t")), strict=True)) for line in lines]


def written(planned, run, folder, **options):
    """The manifest of a dataset made of what the store has."""
    store = open_store(folder / "store", offline=True)
    writer = DatasetWriter(planned.dataset, folder / "out", planned.kinds.emits, **options)
    try:
        result = Session(work_of(planned, None), store, writer, Silent()).offline()
        return writer.commit(plan_digest=planned.digest, planned=result.planned, short_cells=[], sources=(), run=run)
    except BaseException:
        writer.discard()
        raise
    finally:
        store.close()


def test_a_made_up_encoding_writes_a_dataset(tmp_path):
    (tmp_path / "d.tap").write_text(SPEC)
    (planned,), findings = plans_of([tmp_path / "d.tap"], settings={}, dataset=None)
    assert findings == []
    options = RunOptions(out=tmp_path / "out", store=tmp_path / "store")
    lines = run_plan(planned, options, sources=(), environ={}, observer=Silent())
    rows = {
        entry.path: [json.loads(line) for line in (lines.folder / entry.path).read_text().splitlines()]
        for entry in lines.manifest.files
    }
    tabs = written(planned, lines.run, tmp_path, encoding="tabs", encodings=(*ENCODINGS, TABS))
    assert {entry.path for entry in tabs.files} == {path.replace(".jsonl", ".tabs") for path in rows}
    assert len(tabs.files) == 2 and tabs.rows_digest == lines.manifest.rows_digest
    for entry in tabs.files:
        path = lines.folder / entry.path
        assert read(path) == rows[entry.path.replace(".tabs", ".jsonl")] and len(read(path)) == entry.rows
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
        assert entry.path in (lines.folder / "README.md").read_text()
    assert not list(lines.folder.rglob("*.jsonl")), "the version before is gone"

    stray = lines.folder / "data" / "sft" / "train-00000-of-00009.tabs"
    stray.write_text("mine")
    with pytest.raises(FolderError):  # it looks like a file of a dataset, and no manifest lists it
        written(planned, lines.run, tmp_path, encodings=(*ENCODINGS, TABS))
    assert stray.read_text() == "mine"
    written(planned, lines.run, tmp_path)  # who knows no such files leaves them alone
    assert stray.read_text() == "mine"
