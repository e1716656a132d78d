"""Imported trees compile to the same tree; hostile input ends in findings."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tapc.frontend import compile_spec
from tapc.importing import Columns, convert_file, convert_folder
from tapc.source import DiskLoader
from tapc.workspace.import_ import name_of

SPEC = """tap 1
import "./tree.tap" as tree
dataset d {
  samples 40
  taxonomy topic = tree
  endpoint one { model "sim", price free }
  generate answer { using one, prompt "Answer {{ topic }}." }
  emit sft { from answer }
}
"""
NAMES = st.one_of(
    st.sampled_from(
        [
            "tittle",
            "count",
            "C++",
            "0402",
            "a.b",
            'say "hi"',
            "back\\slash",
            "哲学",
            "mix",
            "{ }",
            "or",
            "// x",
            "می‌خواهم",
            "ශ්‍රී",
            "हिन्दी",
            "\u202eabc",
            "at_leest",
        ]
    ),
    st.text('abcé +-_."\\{}[]#%,:/0179學', min_size=1, max_size=12).map(str.strip).filter(bool),
).map(lambda text: " ".join(text.split()))
TREES = st.recursive(
    st.none(), lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=4), max_leaves=12
).filter(bool)


def space_of(text: str):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tree.tap").write_text(text, encoding="utf-8")
        Path(folder, "spec.tap").write_text(SPEC, encoding="utf-8")
        done = compile_spec(Path(folder, "spec.tap"), DiskLoader())
    assert [d for d in done.diagnostics if d.severity == "error"] == [], text
    assert done.dataset is not None
    assert done.dataset.space.taxonomy is not None
    return done.dataset.space.taxonomy


def compiled(text: str):
    return as_tree(space_of(text).children)


def definition_of(text: str):
    return space_of(text).children[0].definition


def as_tree(nodes):
    return {node.name: as_tree(node.children) or None for node in nodes}


def reads_like_a_path(tree):
    """Whether a name is a sibling's with a dot behind it, which would make conditions ambiguous."""
    starts = {name: [name[:i] for i, c in enumerate(name) if c == "."] for name in tree}
    return any(start in tree for found in starts.values() for start in found) or any(
        reads_like_a_path(inner) for inner in tree.values() if inner
    )


@given(TREES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_tree_comes_back_as_it_went(tree):
    assume(not reads_like_a_path(tree))
    made = convert_file("x.json", json.dumps(tree).encode(), "tree", Columns())
    assert made.text is not None, made.diagnostics
    assert compiled(made.text) == tree


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("x.csv", "id,parent,name,weight\na,,A,2\nb,a,B,\nc,a,C,3.5\n"),
        ("x.csv", "field,subfield\na,b\na,c\n"),
        ("x.jsonl", '{"id": "a"}\n{"id": "b", "parent": "a"}\n{"id": "c", "parent": "a"}\n'),
        ("x.yaml", "a:\n  - b\n  - name: c\n    description: text\n"),
        ("x.json", '[{"name": "a", "children": ["b", "c"]}]'),
    ],
)
def test_each_format_gives_the_tree(file, data):
    made = convert_file(file, data.encode(), "tree", Columns())
    assert made.text is not None, made.diagnostics
    assert compiled(made.text) == {"a": {"b": None, "c": None}}


def test_an_instructlab_tree_keeps_descriptions_and_seeds():
    qna = b"task_description: Rhymes.\nseed_examples:\n  - question: 'A \"rhyme\"?'\n    answer: 'Yes'\n"
    made = convert_folder("taxonomy", {("writing", "rhyme"): qna, ("writing", "prose"): qna}, "tree")
    assert made.text is not None, made.diagnostics
    assert made.text.count("Rhymes.") == 2
    assert made.text.count("example") == 2
    assert compiled(made.text) == {"writing": {"prose": None, "rhyme": None}}


TEXTS = ["می‌خواهم", "ශ්‍රී", "\ta\n    indented", "a\u0000b", "soft­hyphen", "👨‍👩", " edge ", 'q "x" \\n']


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_kept_to_the_byte(text):
    for file, data in (
        ("x.json", json.dumps([{"name": "a", "description": text}])),
        ("x.yaml", "- name: a\n  description: " + json.dumps(text)),
    ):
        made = convert_file(file, data.encode(), "tree", Columns())
        assert made.text is not None, made.diagnostics
        assert definition_of(made.text) == text
    qna = "seed_examples:\n  - question: " + json.dumps(text) + "\n    answer: x\n"
    made = convert_folder("taxonomy", {("a",): qna.encode()}, "tree")
    assert made.text is not None, made.diagnostics
    assert dict(space_of(made.text).children[0].examples[0].fields) == {"question": text, "answer": "x"}


@pytest.mark.parametrize(
    ("file", "name"),
    [("my topics.csv", "my_topics"), ("हिन्दी विषय.csv", "हिन्दी_विषय"), ("2024.csv", "_2024"), ("---.csv", "imported")],
)
def test_a_taxonomy_is_named_after_its_file(file, name):
    assert name_of(Path(file)) == name


def test_names_of_any_script_stand_without_quotes_where_they_can():
    made = convert_file(
        "x.json", '{"哲学": null, "हिन्दी": null, "می‌خواهم": null, "C++": null}'.encode(), "木", Columns()
    )
    assert made.text is not None
    body = made.text.splitlines()[4:]
    assert body == ["taxonomy 木 {", "  哲学", "  हिन्दी", '  "می‌خواهم"', '  "C++"', "}"]


@pytest.mark.parametrize(
    ("file", "data", "code"),
    [
        ("x.csv", b"\xff\xfe\x00", "TAP720"),
        ("x.csv", b"id,parent\na,b\nb,a\n", "TAP722"),
        ("x.csv", b"id,parent\na,z\n", "TAP722"),
        ("x.csv", b"id,weight\na,NaN\n", "TAP722"),
        ("x.csv", b"", None),
        ("x.json", b"[" * 100_000, "TAP720"),
        ("x.json", b'{"a":' * 200 + b"1" + b"}" * 200, "TAP721"),
        ("x.json", b'["a", "a"]', "TAP723"),
        ("x.json", b'[" "]', "TAP723"),
        ("x.json", b'{"a": 1, "a.b": 2}', "TAP723"),
        ("x.json", b"7", "TAP721"),
        ("x.yaml", b"a: &x [1, 2]\nb: *x\n", "TAP721"),
        ("x.yaml", b"&x a: *x\n", None),
        ("x.yaml", b"[" * 50_000, "TAP721"),
        ("x.yaml", b"!!python/object/apply:os.system ['true']", "TAP720"),
        ("x.yaml", b"2024-99-99: a\n", None),
        ("x.yaml", b"a" * (9 * 2**20), "TAP720"),
        ("x.toml", b"a = 1", "TAP720"),
    ],
)
def test_hostile_input_is_told(file, data, code):
    made = convert_file(file, data, "tree", Columns())
    assert made.text is None
    assert made.diagnostics
    assert code is None or made.diagnostics[0].code == code


def test_the_command_writes_a_module_that_checks(tmp_path: Path):
    (tmp_path / "x.csv").write_text("id,parent\na,\nb,a\n")
    (tmp_path / "loop").symlink_to("loop")
    run = [sys.executable, "-m", "tapc"]
    done = subprocess.run(
        [*run, "import", "x.csv", "--name", "tree", "--out", "tree.tap"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    done = subprocess.run([*run, "check", "tree.tap"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    done = subprocess.run([*run, "import", "loop"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "TAP720" in done.stderr
    assert "Traceback" not in done.stderr
