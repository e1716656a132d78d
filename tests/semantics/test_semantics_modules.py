import hashlib
from pathlib import Path

from tapc.frontend import compile_spec
from tapc.source import DiskLoader

HEAD = """dataset d {
  samples 5
  endpoint one { model "sim", price free }
  generate answer { using one, prompt "Hi." }
  emit sft { from answer }
"""
RUBRIC = "  judge verdict { of answer, using one, rubric %s }\n}\n"


def test_libraries_are_checked_too(codes):
    assert codes("tap 1\ntaxonomy t { a 40%, b 50% }\n") == ["TAP201"]
    assert codes("tap 1\nmix language { en, xx-Qqqq9 }\n") == ["TAP216"]
    assert codes("tap 1\nmix m = n.x\n") == ["TAP111"]
    assert codes("tap 1\npipeline p(w) { generate a { using w, tempo 1 } }\n") == ["TAP102"]
    assert codes("tap 1\npipeline p(w) { samples 3 }\n") == ["TAP101"]
    assert codes("tap 1\npipeline p(w) { generate a { using w } }\ntaxonomy t { a 40%, b 60% }\n") == []


def test_a_module_that_declares_its_own_name_stands_for_it(compiled):
    spec = 'tap 1\nimport "./clear.tap" as better\n' + HEAD + RUBRIC % "better"
    found = compiled(spec, clear_tap="tap 1\nrubric clear { aspect a 1..3 }\n")
    assert found.diagnostics == []
    assert found.dataset.step("verdict").rubric.name == "clear"


def test_only_declared_names_are_visible(compiled):
    files = {
        "lib_tap": 'tap 1\nimport "./deep.tap" as deep\nrubric own = deep.clear\n',
        "deep_tap": "tap 1\nrubric clear { aspect a 1..3 }\n",
    }
    spec = 'tap 1\nimport "./lib.tap" as lib\n' + HEAD
    assert compiled(spec + RUBRIC % "lib.own", **files).diagnostics == []
    found = compiled(spec + RUBRIC % "lib.deep", **files)
    assert [d.code for d in found.diagnostics] == ["TAP122"]
    found = compiled(spec + RUBRIC % "lib", **files)
    assert [d.code for d in found.diagnostics] == ["TAP112"]


def test_cycles_show_the_loop(compiled):
    files = {
        "a_tap": 'tap 1\nimport "./b.tap" as b\nrubric r = b.r\n',
        "b_tap": 'tap 1\nimport "./a.tap" as a\nrubric r = a.r\n',
    }
    found = compiled('tap 1\nimport "./a.tap" as a\n' + HEAD + RUBRIC % "a.r", **files)
    assert [d.message for d in found.diagnostics if d.code == "TAP121"] == [
        "modules import each other in a loop: a.tap -> b.tap -> a.tap"
    ]
    own = compiled('tap 1\nimport "./spec.tap" as me\n' + HEAD + RUBRIC % "me.r")
    assert "TAP121" in {d.code for d in own.diagnostics}


def test_unused_imports_are_warned_of_with_a_fix(compiled):
    spec = 'tap 1\nimport "./lib.tap" as lib\n' + HEAD + "}\n"
    found = compiled(spec, lib_tap="tap 1\nrubric clear { aspect a 1..3 }\n")
    (only,) = found.diagnostics
    assert (only.code, only.severity) == ("TAP123", "warning")
    assert only.fixes[0].edits[0].file.slice(only.fixes[0].edits[0].span) == 'import "./lib.tap" as lib\n'
    assert found.dataset is not None


def test_missing_files_and_modules_do_not_cascade(compiled):
    spec = 'tap 1\nimport "./nowhere.tap" as lib\nimport std.nothing.here as std_thing\n'
    found = compiled(spec + HEAD + RUBRIC % "lib.x" + "rubric r = std_thing\n")
    assert [d.code for d in found.diagnostics] == ["TAP120", "TAP120"]


def test_folders_and_links_in_circles_end(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "m.tap").write_text('tap 1\nimport "./loop/m.tap" as m\nrubric r = m.r\n')
    found = compile_spec(tmp_path / "m.tap", DiskLoader())
    assert {d.code for d in found.diagnostics} <= {"TAP124", "TAP120", "TAP121"}
    assert found.diagnostics
    (tmp_path / "f.tap").write_text('tap 1\nimport "./loop" as m\nrubric r = m.r\n')
    assert [d.code for d in compile_spec(tmp_path / "f.tap", DiskLoader()).diagnostics] == ["TAP120"]
    assert [d.code for d in compile_spec(tmp_path / "none.tap", DiskLoader()).diagnostics] == ["TAP120"]


def test_sources_are_hashed_spec_first(tmp_path):
    (tmp_path / "a.tap").write_text("tap 1\nrubric clear { aspect a 1..3 }\n")
    spec = 'tap 1\nimport "./a.tap" as a\n' + HEAD + RUBRIC % "a.clear"
    (tmp_path / "z.tap").write_text(spec)
    found = compile_spec(Path(tmp_path / "z.tap"), DiskLoader())
    assert found.sources[0] == ((tmp_path / "z.tap").as_posix(), hashlib.sha256(spec.encode()).hexdigest())
    assert len(found.sources) == 2


def test_an_import_that_cannot_be_read_is_not_called_unused_too(codes):
    assert codes('tap 1\nimport "absent.tap" as m\nmix tone { warm }\n') == ["TAP120"]
