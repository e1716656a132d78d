"""The exchange of folders on a real disk: what is replaced, what is refused, what is kept, whoever is killed when."""

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tapc.outputs import FolderError
from tapc.outputs.folder import StagedFolder


def manifest(name: str = "d", files: tuple[str, ...] = (), accepted: int = 1) -> str:
    listed = [{"path": path, "rows": 1, "sha256": "0"} for path in files]
    return json.dumps(
        {"schema": "tapc.manifest/1", "dataset": name, "samples": {"accepted": accepted}, "files": listed}
    )


def write(final: Path, files: dict[str, str]) -> StagedFolder:
    """A new version with data files, not yet in place."""
    staged = StagedFolder(final)
    for path, text in files.items():
        with staged.create(*path.split("/")) as file:
            file.write(text.encode())
    with staged.create("manifest.json") as file:
        file.write(manifest(final.name, tuple(files)).encode())
    return staged


def tree(root: Path) -> dict[str, str]:
    """Every file, link and empty folder below a folder."""
    found = {}
    for base, folders, names in os.walk(root):
        for name in (*names, *(f for f in folders if (Path(base) / f).is_symlink())):
            path = Path(base) / name
            found[path.relative_to(root).as_posix()] = (
                f"-> {path.readlink()}"
                if path.is_symlink()
                else "special"
                if not path.is_file()
                else path.read_text(errors="replace")
            )
        if not folders and not names:
            found[Path(base).relative_to(root).as_posix() + "/"] = ""
    return found


def beside(final: Path) -> list[str]:
    return sorted(path.name for path in final.parent.iterdir() if path != final)


FOREIGN = {
    ".git/config": "[core]",
    ".git/objects/ab/cdef": "blob",
    "notes.md": "mine",
    ".hidden": "x",
    "data/sft/colleague.jsonl": "{}",
    "data/mine/deep/er/a.txt": "a",
    "scratch/draft": "d",
    "train-00000-of-00001.jsonl": "mine too",
    "a name with spaces\tand é": "y",
}


def put_foreign(final: Path) -> dict[str, str]:
    for path, text in FOREIGN.items():
        (final / path).parent.mkdir(parents=True, exist_ok=True)
        (final / path).write_text(text)
    (final / "empty" / "inside").mkdir(parents=True)
    (final / "dangling").symlink_to("nowhere")
    (final / "out-of-here").symlink_to("/etc", target_is_directory=True)
    (final / "data" / "sft" / "link.jsonl").symlink_to("../../notes.md")
    os.mkfifo(final / "pipe")
    links = {"dangling": "-> nowhere", "out-of-here": "-> /etc", "data/sft/link.jsonl": "-> ../../notes.md"}
    return FOREIGN | links | {"empty/inside/": "", "pipe": "special"}


OLD = {"data/sft/train-00000-of-00001.jsonl": "old", "data/kto/test-00000-of-00001.jsonl": "old"}
NEW = {"data/sft/train-00000-of-00001.jsonl": "new"}


def test_a_folder_is_exchanged_as_a_whole(tmp_path: Path) -> None:
    final = tmp_path / "out" / "d"
    for files in (OLD, NEW):
        write(final, files).commit()
        assert tree(final) == files | {"manifest.json": manifest("d", tuple(files))}
        assert beside(final) == [], "no lock file, no rest of an exchange"


def test_what_the_manifest_does_not_list_stands_in_the_next_version(tmp_path: Path) -> None:
    final = tmp_path / "d"
    write(final, OLD).commit()
    mine = put_foreign(final)
    (final / ".git").chmod(0o750)
    inode = (final / "notes.md").stat().st_ino
    for _ in range(2):
        write(final, NEW).commit()
        assert tree(final) == NEW | mine | {"manifest.json": manifest("d", tuple(NEW))}
        assert (final / "notes.md").stat().st_ino == inode, "the file itself, not a copy"
        assert (final / ".git").stat().st_mode & 0o777 == 0o750
        assert beside(final) == []


def test_a_socket_is_kept_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final = tmp_path / "d"
    write(final, OLD).commit()
    monkeypatch.chdir(final)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("sock")
    monkeypatch.chdir(tmp_path)
    write(final, NEW).commit()
    assert (final / "sock").is_socket()


@pytest.mark.parametrize(
    "path", ["data/sft/train-00000-of-00001.jsonl", "data/sft/train-00000-of-00001.jsonl/x", "data/sft", "data"]
)
def test_what_is_in_the_way_of_a_new_file_is_refused_and_nothing_is_lost(tmp_path: Path, path: str) -> None:
    final = tmp_path / "d"
    write(final, {"README.md": "old"}).commit()
    (final / path).parent.mkdir(parents=True, exist_ok=True)
    (final / path).write_text("precious")
    staged = write(final, NEW)
    with pytest.raises(FolderError, match="move it away"):
        staged.commit()
    staged.discard()
    assert (final / path).read_text() == "precious"
    assert tree(final)["manifest.json"] == manifest("d", ("README.md",))
    assert beside(final) == []


def test_discarding_leaves_the_old_version(tmp_path: Path) -> None:
    final = tmp_path / "d"
    write(final, OLD).commit()
    mine = put_foreign(final)
    before = tree(final)
    write(final, NEW).discard()
    assert tree(final) == before
    assert before.keys() >= mine.keys()
    assert beside(final) == []


def test_discarding_removes_the_folders_it_made_if_nobody_uses_them(tmp_path: Path) -> None:
    first, second = (StagedFolder(tmp_path / "a" / "b" / name) for name in ("one", "two"))
    first.discard()
    assert second.path.is_dir()
    StagedFolder(tmp_path / "a" / "c" / "three").discard()
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b"], "folders that were there before stay"


def stand(final: Path, kind: str) -> None:
    """Something that is no version of the dataset `d`."""
    elsewhere = final.parent / "elsewhere"
    match kind:
        case "file":
            final.write_text("precious")
        case "link":
            elsewhere.mkdir()
            (elsewhere / "manifest.json").write_text(manifest())
            final.symlink_to(elsewhere)
        case "dangling link":
            final.symlink_to(elsewhere)
        case "fifo":
            os.mkfifo(final)
        case _:
            final.mkdir()
            (final / "thesis.tex").write_text("precious")
    texts = {
        "extension": '{"manifest_version": 3, "name": "d"}',
        "other dataset": manifest("e"),
        "no object": "[1]",
        "cut": manifest()[:-9],
        "not utf-8": b"\xff\xfe",
        "empty file": "",
    }
    if kind in texts:
        text = texts[kind]
        (final / "manifest.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    elif kind == "linked manifest":
        (final.parent / "m").write_text(manifest())
        (final / "manifest.json").symlink_to(final.parent / "m")
    elif kind == "manifest a folder":
        (final / "manifest.json").mkdir()
    elif kind == "manifest a fifo":
        os.mkfifo(final / "manifest.json")


KINDS = ["file", "folder", "link", "dangling link", "fifo", "extension", "other dataset", "no object", "cut",
         "not utf-8", "empty file", "linked manifest", "manifest a folder", "manifest a fifo"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_tapc_did_not_make_is_never_replaced(tmp_path: Path, kind: str) -> None:
    final = tmp_path / "d"
    stand(final, kind)
    before = tree(tmp_path)
    with pytest.raises(FolderError, match="--out"):
        StagedFolder(final)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_into_the_place_during_the_run_is_not_replaced_either(tmp_path: Path, kind: str) -> None:
    final = tmp_path / "d"
    staged = write(final, NEW)
    stand(final, kind)
    with pytest.raises(FolderError) as refused:
        staged.commit()
    assert refused.value.late
    staged.discard()
    assert not [name for name in beside(final) if ".new-" in name]
    assert tree(tmp_path).keys() >= {"d/thesis.tex"} or kind in ("file", "link", "dangling link", "fifo")


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    write(tmp_path / "d", NEW).commit()
    assert (tmp_path / "d" / "manifest.json").is_file()


_AS_NOBODY = """
import os, sys
from pathlib import Path
from tapc.outputs import FolderError
from tapc.outputs.folder import StagedFolder
if os.geteuid() == 0:
    os.setegid(65534); os.seteuid(65534)
try:
    StagedFolder(Path(sys.argv[1]))
except FolderError as error:
    print(error)
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may enter; `tmp_path` lies below one that only its owner may."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def refused_as_nobody(final: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(final)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("mode", [0o000, 0o300, 0o500, 0o600])
def test_a_folder_that_cannot_be_listed_or_written_is_refused(shared: Path, mode: int) -> None:
    final = shared / "d"
    write(final, OLD).commit()
    if os.geteuid() == 0:
        os.chown(final, 65534, 65534)
    final.chmod(mode)
    said = refused_as_nobody(final)
    final.chmod(0o755)
    assert "--out" in said
    assert "chmod" in said
    assert (final / "manifest.json").read_text() == manifest("d", tuple(OLD))


@pytest.mark.skipif(os.geteuid() != 0, reason="what one cannot list oneself is refused as a whole")
def test_a_part_of_others_that_cannot_be_listed_is_refused(shared: Path) -> None:
    final = shared / "d"
    write(final, OLD).commit()
    (final / "secret").mkdir(mode=0o700)
    final.chmod(0o777)
    assert "secret is not tapc's and cannot be listed" in refused_as_nobody(final)


def test_names_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    staged = StagedFolder(tmp_path / "d")
    (staged.path / "inner").symlink_to(tmp_path)
    (staged.path / "file").symlink_to(tmp_path / "victim")
    for parts in (("..", "victim"), ("a/b",), ("",), (".",), ("x", "../../victim"), ("/victim",), ("a\\b",), ("a\0",)):
        with pytest.raises(ValueError, match="not the name of a file"):
            staged.create(*parts)
    for parts in (("inner", "victim"), ("file",)):
        with pytest.raises(OSError, match=r"Not a directory|symbolic|exists"):
            staged.create(*parts)
    assert not (tmp_path / "victim").exists()
    with staged.create("twice"), pytest.raises(FileExistsError):
        staged.create("twice")


@pytest.mark.parametrize("name", ["..", ".hidden", "a b", "con", "x" * 101])
def test_a_folder_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(FolderError, match="cannot be the name"):
        StagedFolder(tmp_path / "e" / name)
    assert not (tmp_path / "e").exists()


def test_what_a_killed_process_left_is_swept_and_live_work_is_not(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tapc.outputs.folder import StagedFolder;"
        "s = StagedFolder(Path(sys.argv[1])); print(s.path, flush=True); time.sleep(60)"
    )
    final = tmp_path / "d"
    child = subprocess.Popen([sys.executable, "-c", code, str(final)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    left = Path(child.stdout.readline().strip())
    mine = StagedFolder(final)
    assert left.is_dir(), "the work of a live process was swept away"
    mine.discard()
    child.send_signal(signal.SIGKILL)
    child.wait()
    for _ in range(50):
        StagedFolder(final).discard()
        if not left.exists():
            break
        time.sleep(0.02)
    assert not left.exists()


_STEPS = frozenset(("os.link", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.utime", "ctypes.dlsym"))
"""Audited calls that change the disk, or come right before the exchange."""


def commit_and_die(staged: StagedFolder, step: int) -> None:
    """Put a version into place in a process that is killed before its n-th step; one that gets through exits with 0."""
    left = step

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        left -= event in _STEPS
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    staged.commit()
    os._exit(0)


def kill_at_every_step(root: Path) -> None:
    versions = [files | {"manifest.json": manifest("d", tuple(files))} for files in (OLD, NEW)]
    mine = {"data/sft/colleague.jsonl": "{}", ".git/HEAD": "ref", "notes": "n", "link": "-> /etc", "empty/": ""}
    for step in range(1, 300):
        final = root / str(step) / "d"
        for path, text in (versions[0] | mine).items():
            (final / path).parent.mkdir(parents=True, exist_ok=True)
            if path.endswith("/"):
                (final / path).mkdir()
            elif text.startswith("-> "):
                (final / path).symlink_to(text[3:])
            else:
                (final / path).write_text(text)
        child = os.fork()
        if not child:
            commit_and_die(write(final, NEW), step)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        found = tree(final)
        assert found in [mine | version for version in versions], f"killed at step {step}: {found}"
        if status == 0:
            print(step)
            return
        StagedFolder(final).discard()
        assert tree(final) == found, f"swept after a kill at step {step}"
        assert beside(final) == []


def test_a_kill_at_any_step_of_the_exchange_loses_nothing(tmp_path: Path) -> None:
    """Killed before each change of the disk in turn: the folder in place has all that is not tapc's, and one version."""
    code = (
        "import sys; from pathlib import Path; from test_outputs_folder import *; kill_at_every_step(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20, "the test looked at the whole exchange"


def test_what_came_into_the_old_version_after_it_was_linked_is_moved(tmp_path: Path) -> None:
    """As a killed process leaves it: the old version beside the new one, with more in it than was linked."""
    final = tmp_path / "d"
    write(final, NEW).commit()
    (final / "both.txt").write_text("linked before")
    left = tmp_path / f".d.new-{'0' * 16}"
    left.mkdir()
    (left / "manifest.json").write_text(manifest("d", tuple(OLD)))
    for path, text in (OLD | {"late/note": "late", "both.txt": "written since"}).items():
        (left / path).parent.mkdir(parents=True, exist_ok=True)
        (left / path).write_text(text)
    StagedFolder(final).discard()
    kept = {"late/note": "late", "both.txt": "linked before", "both.txt.kept-1": "written since"}
    assert tree(final) == NEW | kept | {"manifest.json": manifest("d", tuple(NEW))}
    assert beside(final) == []


def test_an_exchange_that_never_ends_elsewhere_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspended process in the middle of its exchange: the old version stays, and the wait has an end."""
    monkeypatch.setattr("tapc.outputs.folder._PATIENCE", 0.2)
    final = tmp_path / "d"
    write(final, OLD).commit()
    second = write(final, NEW)
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(TimeoutError, match="suspended"):
        second.commit()
    assert (final / "manifest.json").read_text() == manifest("d", tuple(OLD))
    os.close(other)
    second.commit()
    assert (final / "manifest.json").read_text() == manifest("d", tuple(NEW))


def test_processes_that_write_one_dataset_take_turns(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path;"
        "from test_outputs_folder import write, NEW;"
        "[write(Path(sys.argv[1]), NEW).commit() for _ in range(15)]"
    )
    final = tmp_path / "d"
    write(final, OLD).commit()
    mine = put_foreign(final)
    here = str(Path(__file__).parent)
    running = [subprocess.Popen([sys.executable, "-c", code, str(final), here]) for _ in range(3)]
    assert [process.wait(timeout=100) for process in running] == [0, 0, 0]
    StagedFolder(final).discard()
    assert tree(final) == mine | NEW | {"manifest.json": manifest("d", tuple(NEW))}
    assert beside(final) == []


@pytest.mark.parametrize("new", [False, True])
def test_an_exchange_cut_short_is_put_right(tmp_path: Path, new: bool) -> None:
    """Where the file system cannot swap two folders, a crash may leave the old version under its side name."""
    write(tmp_path / "d", OLD).commit()
    (tmp_path / "d" / "notes").write_text("mine")
    (tmp_path / "d").rename(tmp_path / ".d.old")
    if new:
        other = tmp_path / "other" / "d"
        write(other, NEW).commit()
        other.rename(tmp_path / "d")
        other.parent.rmdir()
    StagedFolder(tmp_path / "d").discard()
    files = NEW if new else OLD
    assert tree(tmp_path / "d") == files | {"notes": "mine", "manifest.json": manifest("d", tuple(files))}
    assert beside(tmp_path / "d") == []


def test_lock_files_of_earlier_versions_go(tmp_path: Path) -> None:
    (tmp_path / ".d.lock").touch()
    (tmp_path / ".e.lock").write_text("not empty, so not ours")
    for name in ("d", "e"):
        write(tmp_path / name, NEW).commit()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".e.lock", "d", "e"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o755), (0o077, 0o700), (0o002, 0o775)])
def test_a_dataset_is_as_private_as_the_umask_says(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "d", NEW).commit()
    finally:
        os.umask(before)
    assert (tmp_path / "d").stat().st_mode & 0o777 == mode
    assert (tmp_path / "d" / "manifest.json").stat().st_mode & 0o777 == mode & 0o666


@pytest.mark.parametrize("first", [True, False])
def test_everything_is_on_the_disk_before_it_is_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """A loss of power is no kill: what was not synced before the exchange may be empty after it."""
    final = tmp_path / "d"
    if not first:
        write(final, OLD).commit()
        put_foreign(final)
    staged = write(final, NEW)
    new = {path.relative_to(staged.path).as_posix(): path.stat().st_ino for path in staged.path.rglob("*")}
    new[""] = root = staged.path.stat().st_ino
    synced: dict[bool, set[int]] = {False: set(), True: set()}
    real = os.fsync
    listed: dict[int, set[str]] = {}

    def fsync(descriptor: int) -> None:
        in_place = final.exists() and final.stat().st_ino == root
        found = os.fstat(descriptor)
        synced[in_place].add(found.st_ino)
        if stat.S_ISDIR(found.st_mode) and not in_place:
            listed[found.st_ino] = set(os.listdir(descriptor))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    staged.commit()
    assert {path for path, inode in new.items() if inode not in synced[False]} == set()
    assert tmp_path.stat().st_ino in synced[True], "the exchange itself"
    if not first:
        folders = [final, *(path for path in final.rglob("*") if path.is_dir() and not path.is_symlink())]
        for path in folders:
            assert {entry.name for entry in path.iterdir()} == listed[path.stat().st_ino], path
