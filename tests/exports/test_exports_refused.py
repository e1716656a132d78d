"""What an export refuses: by a code, at a place, with a next step; nothing is written, and nothing is overwritten."""

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from called import Called
from driving import clean_environment
from made import BAD, GOOD, SYSTEM, USER, dataset, kto, pair, prompts, rl, scored, sft, turn

from tapc.exports import EXPORTS, ExportError, export_dataset
from tapc.outputs import FolderError

NAMES = {export.name: export for export in EXPORTS}
THOUGHT = {**GOOD, "reasoning": "Rayleigh."}
SEVERAL = [USER, GOOD, turn("user", "Why not green?")]
GOOD_ROWS = {"train": [pair([USER], GOOD, BAD)] * 3}


@pytest.fixture
def tapc(tmp_path: Path) -> Called:
    return Called(tmp_path)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("target", "row", "said"),
    [
        ("openai", sft(USER, THOUGHT), "reasoning, which OpenAI has no place for"),
        ("openai", pair([USER], GOOD, {**BAD, "reasoning": "x"}), "reasoning, which OpenAI"),
        ("llama-factory", sft(USER, THOUGHT), "reasoning, which LLaMA-Factory"),
        ("llama-factory", kto([USER], THOUGHT, True), "reasoning, which LLaMA-Factory"),
        ("llama-factory", kto([USER], turn("assistant", ""), True), "its answer is empty"),
        ("llama-factory", sft(USER, USER, GOOD), "does not alternate"),
        ("llama-factory", pair([USER, SYSTEM, USER], GOOD, BAD), "does not alternate"),
        ("axolotl", pair([USER], THOUGHT, BAD), "reasoning, which Axolotl"),
        ("axolotl", kto(SEVERAL, GOOD, True), "its prompt has 3 messages, and Axolotl takes one of the user here"),
        ("verl", sft(*SEVERAL, GOOD), "on which verl would train too"),
        ("trl", sft(USER, GOOD, GOOD), "does not end in a turn of the user"),
        ("trl", prompts([USER, GOOD]), "does not end in a turn of the user"),
        ("trl", prompts([]), "does not end in a turn of the user"),
        ("trl", {**pair([USER], GOOD, BAD), "chosen": [GOOD, GOOD]}, "is not one message of the assistant"),
        ("trl", sft(USER, USER), "is not one message of the assistant"),
        ("openai", rl([USER, GOOD], "4"), "does not end in a turn of the user"),
    ],
)
def test_what_would_be_lost_is_refused_with_its_row(tmp_path, target, row, said) -> None:
    fine = {key: value for key, value in row.items() if key != "messages"} | (
        {"messages": [USER, GOOD]} if "messages" in row else {}
    )
    fine |= {"prompt": [USER]} if "prompt" in row else {}
    fine |= {side: [GOOD] for side in ("chosen", "rejected", "completion") if side in row}
    root = dataset(tmp_path / "d", {"c": {"train": [fine, row]}})
    with pytest.raises(ExportError) as refused:
        export_dataset(root, NAMES[target], tmp_path / "x")
    assert refused.value.code == "TAP893" and refused.value.next_step
    assert refused.value.message.startswith("row 2 of c/train: ") and said in refused.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["d"], "nothing half-made stays"


@pytest.mark.parametrize("target", NAMES)
def test_rows_that_no_trainer_reads_are_refused_by_name(tmp_path, target) -> None:
    root = dataset(tmp_path / "d", {"c": {"train": [scored([USER], GOOD, 8.0)]}})
    for names in ((), ("c",)):
        with pytest.raises(ExportError, match="scored answers") as refused:
            export_dataset(root, NAMES[target], tmp_path / "x", names)
        assert refused.value.code == "TAP892"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**prompts([USER]), "image": "x.png"}, "columns image, prompt, provenance"),
        ({"prompt": "Why?", "provenance": {}}, "Expected `array`"),
        ({**pair([USER], GOOD, BAD), "margin": None}, "Expected `float`"),
    ],
)
def test_columns_and_types_that_are_not_known_are_refused(tmp_path, row, said) -> None:
    root = dataset(tmp_path / "d", {"c": {"train": [row]}})
    with pytest.raises(ExportError) as refused:
        export_dataset(root, NAMES["trl"], tmp_path / "x")
    assert refused.value.code == ("TAP892" if "columns" in said else "TAP891") and said in refused.value.message


@pytest.mark.parametrize("line", [b"{\n", b"[1]\n", b'{"prompt": "\xff"}\n', b'{"prompt": "\\ud800"}\n', b"\n"])
def test_a_row_that_is_none_ends_the_export_though_other_configs_are_sound(tmp_path, line) -> None:
    """The manifest was made to fit, so only the row shows it; leaving the config out would drop it silently."""
    root = dataset(tmp_path / "d", {"c": GOOD_ROWS, "e": GOOD_ROWS})
    shard = root / "data" / "c" / "train-00000-of-00001.jsonl"
    shard.write_bytes(line + shard.read_bytes())
    digest = hashlib.sha256(shard.read_bytes()).hexdigest()
    manifest(root, lambda made: next(f for f in made["files"] if "/c/" in f["path"]).update(sha256=digest))
    with pytest.raises(ExportError, match="row 1 of c/train is not a row of a dataset") as refused:
        export_dataset(root, NAMES["trl"], tmp_path / "x")
    assert refused.value.code == "TAP891" and not (tmp_path / "x").exists()


def test_a_changed_column_is_a_change_and_no_other_form(tmp_path) -> None:
    root = dataset(tmp_path / "d", {"c": GOOD_ROWS, "e": GOOD_ROWS})
    shard = root / "data" / "c" / "train-00000-of-00001.jsonl"
    shard.write_bytes(shard.read_bytes().replace(b'"chosen"', b'"chosem"', 1))
    with pytest.raises(ExportError, match="was changed") as refused:
        export_dataset(root, NAMES["openai"], tmp_path / "x")
    assert refused.value.code == "TAP891"


def manifest(root: Path, change) -> None:
    path = root / "manifest.json"
    made = json.loads(path.read_text())
    change(made)
    path.write_text(json.dumps(made))


def damage(root: Path, how: str) -> None:
    shard = root / "data" / "c" / "train-00000-of-00001.jsonl"
    match how:
        case "no folder":
            shutil.rmtree(root)
        case "a file":
            shutil.rmtree(root)
            root.write_text("x")
        case "no manifest":
            (root / "manifest.json").unlink()
        case "another manifest":
            (root / "manifest.json").write_text('{"manifest_version": 3}')
        case "an export":
            manifest(root, lambda made: made.update(schema="tapc.export/1"))
        case "newer":
            manifest(root, lambda made: made.update(schema="tapc.manifest/2"))
        case "cut":
            (root / "manifest.json").write_bytes((root / "manifest.json").read_bytes()[:-40])
        case "no files":
            manifest(root, lambda made: made.pop("files"))
        case "out of it":
            manifest(root, lambda made: made["files"][0].update(path="data/../../secret-00000-of-00001.jsonl"))
        case "parquet":
            manifest(root, lambda made: made["files"][0].update(path="data/c/train-00000-of-00001.parquet"))
        case "missing":
            shard.unlink()
        case "a folder":
            shard.unlink()
            shard.mkdir()
        case "a pipe" | "a manifest that is a pipe":
            path = shard if how == "a pipe" else root / "manifest.json"
            path.unlink()
            os.mkfifo(path)
        case "edited":
            shard.write_bytes(shard.read_bytes().replace(b"scatters", b"reflects"))
        case "longer":
            shard.write_bytes(shard.read_bytes() * 2)
        case "not JSON":
            shard.write_bytes(b"{" + shard.read_bytes())
        case _:
            raise AssertionError(how)


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("no folder", "TAP890", "there is no such folder"),
        ("a file", "TAP890", "there is no such folder"),
        ("no manifest", "TAP890", "it has no manifest.json"),
        ("another manifest", "TAP890", "not one of a dataset"),
        ("an export", "TAP890", "tapc.export/1"),
        ("newer", "TAP890", "written by a newer tapc (tapc.manifest/2)"),
        ("cut", "TAP890", "not one of a dataset"),
        ("no files", "TAP891", "cannot be read"),
        ("out of it", "TAP891", "not the path of a data file"),
        ("parquet", "TAP890", "is not JSON Lines"),
        ("missing", "TAP891", "is missing"),
        ("a folder", "TAP891", "is missing"),
        ("a pipe", "TAP891", "is missing"),
        ("a manifest that is a pipe", "TAP890", "it has no manifest.json"),
        ("edited", "TAP891", "was changed"),
        ("longer", "TAP891", "was changed"),
        ("not JSON", "TAP891", "was changed"),
    ],
)
def test_a_folder_that_is_not_a_dataset_as_it_was_written_is_refused(tapc: Called, how, code, said) -> None:
    root = dataset(tapc.folder / "d", {"c": GOOD_ROWS})
    damage(root, how)
    done = tapc("export", "d", "--to", "trl", code=5 if code == "TAP891" else 2)
    assert f"error[{code}]" in done.stderr and said in " ".join(done.stderr.split()) and "note:" in done.stderr
    assert not (tapc.folder / "d-trl").exists()


def test_wrong_names_are_corrected(tapc: Called) -> None:
    dataset(tapc.folder / "d", {"c": GOOD_ROWS})
    said = tapc("export", "d", "--to", "llamafactory", code=2).stderr
    assert "TAP892" in said and "did you mean 'llama-factory'?" in said
    said = tapc("export", "d", "--to", "nothing", code=2).stderr
    assert all(name in said for name in NAMES)
    said = tapc("export", "d", "--to", "trl", "--config", "pairs", code=2).stderr
    assert "no config `pairs`" in said and "it has `c`" in said
    assert "Missing option '--to'" in tapc("export", "d", code=2).stderr


def test_the_help_names_every_target() -> None:
    help_text = Called(Path.cwd())("export", "--help").stdout
    assert all(name in help_text for name in NAMES)


@pytest.mark.parametrize(
    "standing",
    ["a file", "a folder of others", "a dataset", "an export of another dataset", "an export to another target"],
)
def test_what_is_not_an_older_export_is_never_overwritten(tmp_path, standing) -> None:
    root = dataset(tmp_path / "d", {"c": GOOD_ROWS})
    out = tmp_path / "x"
    match standing:
        case "a file":
            out.write_text("precious")
        case "a folder of others":
            out.mkdir()
            (out / "thesis.tex").write_text("precious")
        case "a dataset":
            dataset(out, {"c": GOOD_ROWS})
        case "an export to another target":
            export_dataset(root, NAMES["openai"], out)
        case _:
            other = dataset(tmp_path / "e", {"c": GOOD_ROWS})
            manifest(other, lambda made: made.update(dataset="e"))
            export_dataset(other, NAMES["trl"], out)
    before = tree(tmp_path)
    with pytest.raises(FolderError, match="--out"):
        export_dataset(root, NAMES["trl"], out)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("inside", ["d/x", "d", "link/x", "other/../d/x"])
def test_an_export_does_not_go_into_the_folder_of_a_dataset(tmp_path, inside) -> None:
    root = dataset(tmp_path / "d", {"c": GOOD_ROWS})
    (tmp_path / "link").symlink_to(root)
    (tmp_path / "other").mkdir()
    before = tree(tmp_path)
    with pytest.raises(ExportError, match="inside the dataset's folder"):
        export_dataset(root, NAMES["trl"], tmp_path / inside)
    assert tree(tmp_path) == before


def test_a_dataset_is_not_written_over_an_export_either(tapc: Called) -> None:
    """`tapc run` would replace a folder of its own; the export's manifest has another schema."""
    dataset(tapc.folder / "s", {"c": GOOD_ROWS})
    tapc("export", "s", "--to", "trl", "-o", "out/d")
    spec = 'tap 1\ndataset d { samples 2, endpoint e { model "sim" }, generate a { using e, prompt "Hi" }, emit sft { from a } }\n'
    (tapc.folder / "d.tap").write_text(spec)
    before = tree(tapc.folder / "out")
    assert "TAP920" in tapc("run", "d.tap", code=2).stderr
    assert tree(tapc.folder / "out") == before


def test_a_new_export_replaces_the_old_one_and_keeps_what_others_put_there(tmp_path) -> None:
    out = tmp_path / "x"
    export_dataset(dataset(tmp_path / "d", {"c": GOOD_ROWS}), NAMES["openai"], out)
    (out / "notes.md").write_text("mine")
    (out / "data" / "mine.jsonl").write_text("{}")
    export_dataset(dataset(tmp_path / "e", {"other": GOOD_ROWS}), NAMES["openai"], out)
    assert tree(out).keys() == {
        "notes.md", "data/mine.jsonl", "data/other/train.jsonl", "other.job.json", "manifest.json"
    }  # fmt: skip


def test_the_same_dataset_gives_the_same_bytes(tmp_path) -> None:
    root = dataset(tmp_path / "d", {"c": GOOD_ROWS, "t": {"train": [rl([USER], "4")]}})
    for target, export in NAMES.items():
        found = []
        for name in ("one", "two"):
            export_dataset(root, export, tmp_path / target / name)
            found.append(tree(tmp_path / target / name))
        assert found[0] == found[1]


FULL = """
import resource, signal, sys
from tapc.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails, as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
main()
"""


@pytest.mark.parametrize("target", ["trl", "verl"])
def test_a_disk_that_fills_leaves_the_older_export(tmp_path, target) -> None:
    small = {"c": {"train": [sft(USER, GOOD)] * 2}}
    dataset(tmp_path / "d", small)
    Called(tmp_path)("export", "d", "--to", target)
    before = tree(tmp_path / f"d-{target}")
    shutil.rmtree(tmp_path / "d")
    large = {"c": {"train": [sft(USER, turn("assistant", f"{at} " * 500)) for at in range(2000)]}}
    dataset(tmp_path / "d", large)
    done = subprocess.run(
        [sys.executable, "-c", FULL, "export", "d", "--to", target],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "TAP924" in done.stderr, done.stderr
    assert tree(tmp_path / f"d-{target}") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d", f"d-{target}"]


PEAK = """
import sys
from tapc.cli import main
try:
    main()
finally:
    status = open("/proc/self/status").read()  # `ru_maxrss` would be that of the process that started this one
    print("peak", status.split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", ["trl", "verl"])
def test_memory_does_not_grow_with_the_dataset(tmp_path, target) -> None:
    peaks = []
    for rows in (1_000, 80_000):
        row = sft(USER, turn("assistant", "Air scatters blue light. " * 50))
        root = dataset(tmp_path / f"d{rows}", {"c": {"train": [row] * rows}})
        done = subprocess.run(
            [sys.executable, "-c", PEAK, "export", root.name, "--to", target, "-q"],
            cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        peaks.append(int(done.stderr.split("peak ")[1]) // 1024)
    assert peaks[1] - peaks[0] < (30 if target == "trl" else 160), (
        peaks
    )  # the rows are 110 MB; a row group 16 MB of them


def test_parquet_without_pyarrow_says_what_to_install(tmp_path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError('not here')")
    dataset(tmp_path / "d", {"t": {"train": [rl([USER], "4")]}})
    environ = clean_environment()
    environ["PYTHONPATH"] = f"{tmp_path}:{environ.get('PYTHONPATH', '')}"
    done = subprocess.run(
        [sys.executable, "-m", "tapc", "export", "d", "--to", "verl"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "TAP714" in done.stderr and "pip install 'tapc[parquet]'" in done.stderr
    assert not (tmp_path / "d-verl").exists()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
