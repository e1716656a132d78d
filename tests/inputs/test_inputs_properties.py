"""Whatever bytes a file holds, its reader gives rows, bad rows or one finding; tables of data are what they say."""

import csv
import io
import json
import tempfile
import tomllib
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tapc.inputs import conversations
from tapc.inputs.bad import Bad
from tapc.inputs.conversations import layouts, read_conversation
from tapc.inputs.errors import InputError
from tapc.inputs.formats import RowFile
from tapc.inputs.labels import Labels
from tapc.source import repeated_key

PIECES = st.sampled_from(
    [b"\n", b"\r\n", b"\r", b",", b";", b"\t", b'"', b'""', b"{", b"}", b"[", b"]", b":", b'{"a":1}', b'"a":', b"\\u0000",
     b"\\ud800", b"text", b"\xff", b"\x00", b"\xef\xbb\xbf", b"null", b"1e999", b"a,b\n1,2\n", " é".encode()]
)  # fmt: skip


def read(name: str, data: bytes) -> list[tuple[int, object]] | InputError:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        try:
            return list(RowFile(path, name))
        except InputError as error:
            return error


@given(
    st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.csv.gz", "a.parquet"]), st.lists(PIECES, max_size=40).map(b"".join)
)
@example("a.csv", b'a\n"')
@example("a.csv", b'"')
@example("a.jsonl", b"\xef\xbb\xbf")
@settings(max_examples=400, deadline=None)
def test_no_bytes_break_a_reader(name: str, data: bytes) -> None:
    found = read(name, data)
    if isinstance(found, InputError):
        assert found.code in ("TAP709", "TAP711")
        return
    lines = [line for line, _ in found]
    assert lines == sorted(set(lines)), "each row has a line of its own"
    assert all(isinstance(row, dict | Bad) for _, row in found)


CELLS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(st.tuples(CELLS, CELLS), max_size=12), st.sampled_from([(",", "a.csv"), ("\t", "a.tsv"), (";", "a.csv")])
)
@settings(max_examples=200, deadline=None)
def test_what_a_csv_writer_writes_comes_back(rows: list[tuple[str, str]], form: tuple[str, str]) -> None:
    separator, name = form
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["one", "two"])
    writer.writerows(rows)
    found = read(name, out.getvalue().encode())
    assert not isinstance(found, InputError), found.message
    assert [row for _, row in found] == [{"one": a, "two": b} for a, b in rows if a or b]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text('a:{}" \\', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab:" ', max_size=2), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",", "\t:")]))
@settings(max_examples=300, deadline=None)
def test_no_key_is_repeated_in_what_an_encoder_writes(value: object, separators: tuple[str, str]) -> None:
    assert repeated_key(json.dumps(value, separators=separators).encode(), value) is None


@given(JSON, st.sampled_from([":", ": ", " :", "\t:", "\n:"]), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_a_key_that_is_repeated_anywhere_is_found(value: object, colon: str, depth: int) -> None:
    inner = json.dumps(value)
    text = f'{{"k"{colon}{inner},"other":{inner},"k":{inner}}}'
    for _ in range(depth):
        text = f'{{"x":[{inner},{text}]}}'
    assert repeated_key(text.encode(), json.loads(text)) == "k"


def test_no_depth_breaks_a_reader() -> None:
    """From depths that everything takes to those that no decoder takes, the edges of recursion between them."""
    for depth in range(600, 1100, 7):
        for opening, closing in ((b'{"a":', b"}"), (b"[", b"]")):
            found = read("a.jsonl", b'{"text":"x","deep":' + opening * depth + b"1" + closing * depth + b"}")
            assert not isinstance(found, InputError)
            ((_, row),) = found
            assert isinstance(row, dict) or (isinstance(row, Bad) and row.reason == "nesting")
            twice = read("a.jsonl", b'{"text":"x","text":"y","deep":' + opening * depth + b"1" + closing * depth + b"}")
            assert not isinstance(twice, InputError)
            ((_, row),) = twice
            assert isinstance(row, Bad) or depth > 900, "a row that hides a key in its depths"


def test_no_label_breaks_its_reader() -> None:
    deep: object = 1
    for _ in range(2000):
        deep = [deep]
    for label in (deep, {"a": deep}, "\ud800", ["\ud800"], float("nan"), 1e300, -0.0, 10**30, b"x", None):
        assert Labels(["a"], {"a": "a"}).value(label) is None
    assert Labels(["0"], {"0": "0"}).value(-0.0) == "0"


def test_every_layout_of_a_conversation_has_a_source_and_is_read() -> None:
    table = tomllib.loads((Path(conversations.__file__).parent / "conversations.toml").read_text(encoding="utf-8"))
    assert len(table["turn"]) + len(table["pair"]) >= 15
    for turn in table["turn"]:
        assert len(turn["source"]) > 5
        found = read_conversation([{turn["who"]: "user", turn["what"]: "hello"}])
        assert not isinstance(found, Bad)
        assert [(m.role, m.content) for m in found] == [("user", "hello")] if turn["what"] != "parts" else True
    for pair in table["pair"]:
        assert len(pair["source"]) > 5
        found = read_conversation([{pair["user"]: "hello", pair["assistant"]: "yes"}])
        assert not isinstance(found, Bad)
        assert [(m.role, m.content) for m in found] == [("user", "hello"), ("assistant", "yes")]
    words = [word for role in ("system", "user", "assistant") for word in table["roles"][role]]
    assert len(words) == len(set(words)), "a word means one role"
    assert all(layouts().role(f" {word.upper()} ") is not None for word in words)


@given(st.sampled_from(["1", "01", "1.5", "true", "Easy", "zh-Hans", "en", "de-AT", "a b"]))
def test_every_name_means_itself(name: str) -> None:
    names = ["1", "01", "1.5", "true", "Easy", "zh-Hans", "en", "de-AT", "a b"]
    labels = Labels(names, {n: n for n in names}, languages={n: n for n in ("zh-Hans", "en", "de-AT")})
    assert labels.value(name) == name
    assert labels.value(f" {name} ") == name
