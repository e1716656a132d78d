"""What the parser reads, and where it reports what it cannot."""

import re
import sys
from pathlib import Path

import pytest

from tapc.diagnostics import apply_fixes
from tapc.source import SourceFile, bundled_dir
from tapc.syntax import decode_source, parse
from tapc.syntax.nodes import Call, Comparison, Entry, Exclude, Import, Node, Number, Quoted, Text, When

SPECS = Path(__file__).parent.parent.parent / "specs"


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch):
    monkeypatch.setenv("TAPC_NO_CACHE", "1")


def read(text, *, edition=True):
    file = SourceFile("x.tap", ("tap 1\n" if edition else "") + text)
    module, found = parse(file)
    return module, [(d.code, *_position(file, d)) for d in found]


def _position(file, diagnostic):
    at = file.position(diagnostic.labels[0].span.start)
    return (at.line, at.column)


def entry(text):
    module, found = read(text)
    assert found == []
    assert len(module.statements) == 1
    return module.statements[0]


def nodes(value):
    if isinstance(value, Node):
        yield value
        value = tuple(getattr(value, field) for field in value.__struct_fields__)
    if isinstance(value, tuple):
        for item in value:
            yield from nodes(item)


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.tap")), ids=lambda p: p.stem)
def test_specs_parse_and_their_spans_cover_what_they_say(path):
    file, found = decode_source(path.name, path.read_bytes())
    module, more = parse(file)
    assert found == more == []
    for node in nodes(module.statements):
        written = file.slice(node.span)
        if isinstance(node, Number):
            assert written == node.text
        elif isinstance(node, Quoted):
            assert written[0] == written[-1] == '"'
        elif isinstance(node, Text):
            for offset, line in zip(node.offsets, node.text.split("\n"), strict=True):
                assert file.text[offset : offset + len(line)] == line


def test_words_are_names_where_the_grammar_expects_names():
    mix = entry("mix language { or 3, in 3, and 2, as 3 }")
    assert [s.head.text for s in mix.block.statements] == ["or", "in", "and", "as"]
    rule = entry("exclude in = in when in in [and, or] and and = as")
    assert isinstance(rule, Exclude)
    assert [t.axis.text for t in rule.condition.tests] == ["in", "and"]
    assert isinstance(entry("import x as as"), Import)
    assert len(entry("a b.c in").values) == 2
    assert len(entry("a >= 4 and").values) == 2


def test_values():
    e = entry('score v.x >= 4 "t" [1, env("A", "b"), ] 20..600 -1.5 $0.10/M 10px: "def" = a."0402" { b }')
    kinds = [type(v).__name__ for v in e.values]
    assert kinds == ["Path", "Comparison", "Quoted", "List", "Number", "Number", "Number", "Number"]
    assert [v.text for v in e.values[-4:]] == ["20..600", "-1.5", "$0.10/M", "10px"]
    assert isinstance(e.values[3].items[1], Call)
    assert isinstance(e.values[1], Comparison)
    assert e.definition.text == "def"
    assert e.graft.text == "a.0402"
    assert isinstance(entry('when "C++".x in "a b" and field in "0402" { mix m { a } }'), When)


@pytest.mark.parametrize("name", ["哲学", "हिन्दी", "zh-Hans", "été", "_a", "二〇", "a-b-c", "x9"])
def test_names_of_any_script(name):
    assert entry(f"{name} 3").head.text == name


def test_escapes():
    assert entry(r'a "\"\\\/\n\t\r\b\f\u00e9\u{1F600}\uD83D\uDE00"').values[0].text == '"\\/\n\t\r\b\fé😀😀'


@pytest.mark.parametrize("raw", [r"\d", r"\u{110000}", r"\uD800", r"\u12", r"\u{}", r"\uDC00\uD800"])
def test_bad_escapes(raw):
    assert [code for code, *_ in read(f'a "x{raw}"')[1]] == ["TAP015"]


def test_text_blocks_lose_their_margin_only():
    module, found = read('a """\r\n    one\r\n\r\n      two  \r\n    """\n')
    assert found == []
    text = module.statements[0].values[0]
    assert text.text == "one\n\n  two  "
    assert [module.file.text[o : o + 3] for o in text.offsets] == ["one", "\r\n ", "  t"]


def test_docs_attach_to_the_next_statement_of_any_kind():
    module, found = read(
        "/// one\n// c\n/// two\nimport a\n/// p\nparam x = 1\n/// w\nwhen a = b { /// in\n c }\n//// plain\n/// e\nexclude a = b\n/// d\nfoo\n"
    )
    assert found == []
    assert [s.doc.text for s in module.statements] == ["one\ntwo", "p", "w", "e", "d"]
    assert module.statements[2].block.statements[0].doc.text == "in"
    assert [(c.text, c.own_line) for c in module.comments] == [("// c", True), ("//// plain", True)]


def test_layout_is_free_in_brackets_and_blocks():
    one, _ = read("a { b 1, c [1, 2] }")
    other, found = read("a {\n\n b 1 // x\n\n c [\n1 // y\n,\n2,\n]\n,\n}\n")
    assert found == []
    assert [s.head.text for s in one.statements[0].block.statements] == [
        s.head.text for s in other.statements[0].block.statements
    ]


def test_five_mistakes_are_five_findings_at_their_places():
    text = """dataset a {
  samples =
  taxonomy t {
    x 3 "abc
    y; z
    fine 40%
    when 30%
  }
  mix m { a 50%, b 50% } c
  seed 7
}
"""
    module, found = read(text)
    assert found == [("TAP022", 3, 11), ("TAP011", 5, 9), ("TAP010", 6, 6), ("TAP020", 8, 5), ("TAP019", 10, 26)]
    inner = module.statements[0].block.statements
    assert [s.keyword for s in inner] == ["taxonomy", "mix", "c", "seed"]
    assert [s.keyword for s in inner[0].block.statements] == ["fine"]


def test_unclosed_blocks_are_reported_where_indentation_shows_they_opened():
    text = "dataset a {\n  taxonomy t {\n    x {\n      b\n    y\n  }\n  mix m { a, b }\n}\n"
    module, found = read(text)
    assert found == [("TAP007", 4, 7)]
    assert [s.keyword for s in module.statements[0].block.statements] == ["taxonomy", "mix"]
    assert read("dataset a {\n  taxonomy t {\n    x\n  mix m { a }\n")[1] == [("TAP007", 2, 11), ("TAP007", 3, 14)]


def test_a_brace_too_many():
    module, found = read("dataset a {\n  mix m { a }\n  }\n  seed 7\n}\n")
    assert found == [("TAP008", 4, 3)]
    assert [s.keyword for s in module.statements[0].block.statements] == ["mix", "seed"]


def test_unclosed_text_does_not_swallow_the_next():
    module, found = read('g q {\n  prompt """\n    hello\n  system """\n    bla\n    """\n  max_tokens 3\n}\n')
    assert found == [("TAP012", 3, 10)]
    assert [s.keyword for s in module.statements[0].block.statements] == ["system", "max_tokens"]


def test_missing_edition_has_a_fix():
    from tapc.diagnostics import apply_fixes

    file = SourceFile("x.tap", "\ufeffmix a { b }\r\n")
    _, found = parse(file)
    assert [d.code for d in found] == ["TAP004"]
    assert apply_fixes(found) == {"x.tap": "\ufefftap 1\r\nmix a { b }\r\n"}


def test_normalisation_has_a_fix():
    from tapc.diagnostics import apply_fixes

    file = SourceFile("x.tap", "tap 1\na { cafe\u0301 }\nb { the\u0301 }\n")
    _, found = parse(file)
    assert [d.code for d in found] == ["TAP002"]
    assert apply_fixes(found) == {"x.tap": "tap 1\na { café }\nb { thé }\n"}


def test_nesting_is_capped():
    assert read("a { " * 64 + "}" * 64)[1] == []
    assert [code for code, *_ in read("a { " * 65 + "}" * 65)[1]] == ["TAP018"]
    assert [code for code, *_ in read("a " + "[" * 5000 + "]" * 5000)[1]][:1] == ["TAP018"]


def test_bytes():
    assert decode_source("x", b"\xef\xbb\xbftap 1\n")[0].text == "tap 1\n"
    for data in ("tap 1".encode("utf-16"), "tap 1".encode("utf-32"), b"tap \xff", b"\xed\xa0\x80"):
        file, found = decode_source("x", data)
        assert file is None
        assert [d.code for d in found] == ["TAP001"]


def test_the_cache_gives_the_same_tree_privately(monkeypatch, tmp_path):
    monkeypatch.delenv("TAPC_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    text = (SPECS / "quickstart.tap").read_text(encoding="utf-8")
    first, _ = parse(SourceFile("a.tap", text))
    kept = list((tmp_path / "tapc").iterdir())
    assert kept
    assert (tmp_path / "tapc").stat().st_mode & 0o777 == 0o700
    again, found = parse(SourceFile("b.tap", text))
    assert found == []
    assert again.file.name == "b.tap"
    assert (again.statements, again.comments, again.edition) == (first.statements, first.comments, first.edition)
    for path in kept:
        path.write_bytes(path.read_bytes()[:-7] + b"garbage")
    assert parse(SourceFile("a.tap", text))[0].statements == first.statements


def test_a_cached_module_needs_no_parser(tmp_path):
    import os
    import subprocess

    spec = SPECS / "quickstart.tap"
    code = (
        "import sys; from pathlib import Path; from tapc.source import SourceFile; from tapc.syntax import parse;"
        f"parse(SourceFile('x', Path({str(spec)!r}).read_text('utf-8'))); print('lark' in sys.modules)"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    env.pop("TAPC_NO_CACHE", None)
    said = [
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]


def test_the_grammar_names_no_keyword_that_a_mix_could_not_hold():
    grammar = (bundled_dir("grammar") / "tap.lark").read_text(encoding="utf-8")
    words = set(re.findall(r'"([a-z]+)"$', grammar, re.MULTILINE))
    for word in words - {"import", "param", "when", "exclude"}:
        assert isinstance(entry(f"{word} 3"), Entry)


def test_a_file_of_carriage_returns_is_told_once_and_mended():
    text = "tap 1\rmix m {\r  a\r}\r"
    _, (found,) = parse(SourceFile("x.tap", text))
    assert (found.code, found.fixes[0].safe) == ("TAP003", True)
    assert apply_fixes([found]) == {"x.tap": text.replace("\r", "\n")}
    codes = [d.code for d in parse(SourceFile("x.tap", "tap 1\nmix m {\n  a\r}\nmix n { b }\n"))[1]]
    assert "TAP003" in codes, "a stray one is a finding among others"
