"""The examples of the help pages, pasted into a folder that holds the specs they name."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from called import Called
from driving import ROOT

from tapc.cli.program import cli

ELSEWHERE = re.compile(
    r"https?://|/data/|/tmp/|HEAD|main |old\.tap|science|catalogue|wide|instructlab|SPEC|serve|watch"
)
"""What a line needs that no empty folder has: servers, revisions, files of the reader's own."""


def lines(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from lines(found, (*path, name))
        return
    assert command.epilog
    yield from (line.strip() for line in command.epilog.splitlines() if line.strip().startswith("tapc "))


def arguments(line: str, folder: Path) -> list[str]:
    """The program's own, patterns expanded, without what the shell does with its output."""
    found: list[str] = []
    for word in shlex.split(re.split(r" (?:\||>|&&) ", line, maxsplit=1)[0], comments=True)[1:]:
        found += sorted(str(p.relative_to(folder)) for p in folder.glob(word)) if "*" in word else [word]
    return found


EXAMPLES = [line for line in lines(cli) if not ELSEWHERE.search(line) and " < " not in line]


def test_most_examples_can_be_tried() -> None:
    assert len(EXAMPLES) > 25
    assert {line.split()[1] for line in EXAMPLES} >= {
        "check",
        "plan",
        "run",
        "show",
        "cache",
        "budget",
        "doctor",
        "graph",
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Called:
    made = tmp_path_factory.mktemp("examples")
    shutil.copytree(ROOT / "specs", made / "specs")
    called = Called(made)
    called("run", "specs/quickstart.tap", "--quiet")
    called("cache", "export", "replies.tapc", "-q")
    return called


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_works(folder: Called, line: str) -> None:
    if line.startswith("tapc cache export"):
        (folder.folder / arguments(line, folder.folder)[2]).unlink(missing_ok=True)
    folder(*arguments(line, folder.folder))


@pytest.mark.parametrize(
    "extra",
    [
        "import wide.csv --out a/b/c.tap",
        "plan specs/quickstart.tap --store none --out d/p.json",
        "cache export e/f.tapc",
    ],
)
def test_folders_of_outputs_are_made(folder: Called, extra: str) -> None:
    (folder.folder / "wide.csv").write_text("field,subfield\nphysics,optics\n")
    folder(*extra.split())
    assert (folder.folder / extra.rsplit(maxsplit=1)[-1]).is_file()


def test_a_file_that_cannot_be_written_is_told_by_its_own_name(folder: Called) -> None:
    (folder.folder / "wide.csv").write_text("field,subfield\nphysics,optics\n")
    (folder.folder / "file").touch()
    done = folder("import", "wide.csv", "--out", "file/x.tap", code=2)
    assert done.stderr.count("'file/x.tap'") == 1
