"""Names that become paths: what is plain, what is one name on some file systems, and that the writer checks for itself."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapc.diagnostics import Diagnostic
from tapc.frontend import compile_spec
from tapc.ir import Emit, alike, plain_from, why_not_plain
from tapc.outputs import DatasetWriter, FolderError
from tapc.source import DiskLoader
from tapc.workspace.new import start_spec

PLAIN = ["d", "sft", "train", "A", "_x", "x_", "v1.2", "german-2", "2024", "学科", "наука", "हिन्दी", "caf\u00e9", "Ⅳ", "a..b",
         "a" * 100, "学" * 33, "console", "nulls", "com", "com10", "lpt", "x.con", "auxiliary"]  # fmt: skip
ONLY_PATHS = {"german-2", "a..b", "हिन्दी"}
"""Fine for folders; `datasets` takes them for no split."""

REFUSED = ["", ".", "..", "/", "a/b", "../x", "..\\x", "C:", "a\\b", ".hidden", "end.", "-x", "x-", "a b", " a", "a ", "a\tb",
           "a\nb", "a\0b", "con", "CON", "nul.txt", "Com1", "lpt9.jsonl", "AUX.", "com0", "a*b", "a?b", "a:b", "a|b", "a<b",
           "cafe\u0301", "\u0301a", "a\u200bb", "a\u202eb", "a\ufe0fb", "a\u3164b", "😀", "a" * 101, "学" * 34,
           "~", "$HOME", "%x%", "a'b", 'a"b', "a#b", "a\ud800"]  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain_names(name: str) -> None:
    assert why_not_plain(name) is None
    assert (why_not_plain(name, split=True) is None) == (name not in ONLY_PATHS)


@pytest.mark.parametrize("name", REFUSED)
def test_names_that_mean_something_else_somewhere(name: str) -> None:
    assert why_not_plain(name)
    assert why_not_plain(name, split=True)


@pytest.mark.parametrize("name", ["all", "All", "hold-out", "a..b", "हिन्दी"])
def test_names_that_no_split_has(name: str) -> None:
    assert "`datasets`" in (why_not_plain(name, split=True) or "")


@given(st.text(max_size=12), st.booleans())
def test_what_is_plain_is_one_part_of_a_path(name: str, split: bool) -> None:
    if why_not_plain(name, split=split) is None:
        assert Path("x", name).parts == ("x", name)
        assert name == name.strip(" .")
        assert not split or re.match(r"^\w+(\.\w+)*$", name), "the pattern of `datasets`"
    proposed = plain_from(name, split=split)
    assert proposed is None or why_not_plain(proposed, split=split) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Train", "train"), ("caf\u00e9", "cafe\u0301"), ("STRASSE", "straße"), ("ﬁ", "fi"), ("Σας", "σασ")],
)
def test_names_that_are_one_on_some_file_systems(one: str, other: str) -> None:
    assert alike(one) == alike(other)
    assert alike(one) != alike(f"{other}2")


SPEC = """tap 1
dataset d {
  samples 4
  endpoint e { model "sim" }
  generate answer { using e, prompt "Write." }
  emit sft { from answer }
}
"""


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../x"},
        {"name": "con"},
        {"emits": ("../../x", "train")},
        {"emits": ("sft", "../../../../x/victim")},
        {"emits": ("sft", "hold-out")},
        {"emits": ("REJECTS", "train")},
    ],
)
def test_the_writer_takes_no_name_on_trust(tmp_path: Path, change: dict) -> None:
    """An IR need not come from the compiler here: a plan may be saved by any program."""
    (tmp_path / "d.tap").write_text(SPEC)
    dataset = compile_spec(tmp_path / "d.tap", DiskLoader()).dataset
    assert dataset is not None
    if "emits" in change:
        config, split = change["emits"]
        named = Emit.trusted(kind="sft", name=config, source="answer", split=((split, 1),))
        change = {"emits": (named, *(emit for emit in dataset.emits if emit.kind == "rejects"))}
    with pytest.raises(FolderError):
        DatasetWriter(dataset.model_copy(update=change), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["d.tap"]


@pytest.mark.parametrize("name", ["con", "x-", "a" * 101, "a b"])
def test_a_new_spec_has_a_plain_name(tmp_path: Path, name: str) -> None:
    found = start_spec(tmp_path / f"{name}.tap", "quickstart")
    assert isinstance(found, Diagnostic)
    assert found.code == "TAP926"
    assert not list(tmp_path.iterdir())
