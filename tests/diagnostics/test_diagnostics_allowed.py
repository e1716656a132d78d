"""`allow CODE: "reason"`: which findings it silences, where, and what is said of one that silences nothing."""

import json
from pathlib import Path

import pytest
from called import Called

from tapc.diagnostics import Diagnostic, apply_fixes, rules
from tapc.frontend import compile_spec
from tapc.frontend.show import show
from tapc.ir import digest
from tapc.source import bundled_dir
from tapc.workspace.check.counts import check_counts
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

EXAMPLES = bundled_dir("grammar") / "examples"
WARNED = {
    path: path.read_text(encoding="utf-8").split("\n")[0].removeprefix("// expect: ").split()
    for path in sorted((EXAMPLES / "bad").glob("*.tap"))
    if path.name.startswith("TAP") and rules()[path.name[:6]].severity == "warning"
}
OF_FILES = ("TAP123", "TAP607")

HEAD = """tap 1
dataset base {
  samples 100
  mix language { en 60%, sw 40% }
  endpoint writer { model "sim", price free }
  generate answer { using writer, prompt "Say something." }
  emit sft { from answer }
"""


def check(path: Path, text: str, **given) -> list[Diagnostic]:
    path.write_text(text, encoding="utf-8", newline="")
    return check_counts(path, settings={}, dataset=given.pop("dataset", None), **given)


def told(findings) -> list[str]:
    return sorted(f"{one.code} {one.labels[0].file.position(one.labels[0].span.start).line}"
                  for one in findings if one.allowed is None)  # fmt: skip


def reasons(findings) -> list[tuple[str, str]]:
    return sorted((one.code, one.allowed.reason) for one in findings if one.allowed is not None)


def test_every_warning_that_check_knows_has_an_example_and_can_be_allowed() -> None:
    shown = {code for codes in WARNED.values() for code in codes}
    assert shown == {code for code, rule in rules().items() if rule.allowable}


@pytest.fixture
def place(tmp_path):
    """A folder from which examples find what they name."""
    for item in (EXAMPLES / "bad").iterdir():
        if not item.name.startswith("TAP"):
            (tmp_path / item.name).symlink_to(item)
    return tmp_path / "spec.tap"


@pytest.mark.parametrize("path", WARNED, ids=lambda path: path.stem)
@pytest.mark.parametrize("inside", [True, False])
def test_an_allow_silences_the_findings_of_its_code_and_no_others(path, inside, place) -> None:
    text, codes = path.read_text(encoding="utf-8"), WARNED[path]
    lines = "".join(f'\nallow {code}: "for  a\\treason"' for code in codes)
    if inside:
        end = text.rstrip().rindex("}")
        text = text[:end] + lines.strip() + "\n" + text[end:]
    else:
        text += lines + "\n"
    lock = path.with_name(f"{path.name}.lock")  # of those that are about one
    if lock.exists():
        (place.parent / f"{place.name}.lock").write_bytes(lock.read_bytes())
    found = check(place, text, outside=True)
    lost = [code for code in codes if inside and code in OF_FILES]
    assert {one.code for one in found if one.allowed is None} == {code for c in lost for code in (c, "TAP617")}
    assert {one[0] for one in reasons(found)} == set(codes) - set(lost)
    assert {one[1] for one in reasons(found)} <= {"for a reason"}
    bare = check(place, text, outside=True, allowing=False)
    assert {one.code for one in bare} | {"TAP617"} == {*codes, "TAP617"}
    assert all(one.allowed is None for one in bare)


def test_errors_and_what_is_not_in_a_spec_cannot_be_allowed(tmp_path) -> None:
    strict = [code for code, rule in rules().items() if not rule.allowable]
    found = check(tmp_path / "a.tap", "tap 1\n" + "".join(f'allow {code}: "r"\n' for code in strict))
    assert [one.code for one in found] == ["TAP151"] * len(strict)
    for one, code in zip(found, strict, strict=True):
        assert f"`{code}`" in one.message
        assert ("an error" in one.message) == (rules()[code].severity == "error")


@pytest.mark.parametrize(
    ("line", "code", "note", "fixed"),
    [
        ('allow TAP692: "r"', "TAP150", "did you mean `TAP602`, language-not-asked?", None),
        ('allow tap602: "r"', "TAP150", "did you mean `TAP602`, language-not-asked?", 'allow TAP602: "r"'),
        ('allow unused-mix: "r"', "TAP150", "did you mean `TAP605`, unused-mix?", 'allow TAP605: "r"'),
        ('allow unusd-mix: "r"', "TAP150", "did you mean `TAP605`, unused-mix?", None),
        ('allow TAP999: "r"', "TAP150", "write `allow CODE", None),
        ('allow 602: "r"', "TAP104", "write `allow CODE", None),
        ('allow: "r"', "TAP104", "write `allow CODE", None),
        ('allow TAP602 TAP605: "r"', "TAP104", "write `allow CODE", None),
        ('allow [TAP602, TAP605]: "r"', "TAP104", "write `allow CODE", None),
        ('allow "TAP602": "r"', "TAP104", "write `allow CODE", None),
        ("allow TAP602 { }", "TAP104", "write `allow CODE", None),
        ("allow TAP602 = other", "TAP104", "write `allow CODE", None),
        ("allow TAP602", "TAP152", "say why", None),
        ('allow TAP602: ""', "TAP152", "say why", None),
        ('allow TAP602: " \\n\\t "', "TAP152", "say why", None),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_a_wrong_allow_is_an_error_with_a_next_step(line, code, note, fixed, inside, tmp_path) -> None:
    text = HEAD + f"  {line}\n}}\n" if inside else HEAD + f"}}\n{line}\n"
    found = check(tmp_path / "a.tap", text)
    wrong = [one for one in found if one.severity == "error"]
    assert [one.code for one in wrong] == [code]
    assert any(said.startswith(note) for said in wrong[0].notes)
    assert apply_fixes(wrong) == ({} if fixed is None else {wrong[0].labels[0].file.name: text.replace(line, fixed)})


def test_the_same_code_is_allowed_once(tmp_path) -> None:
    first, again = '  allow TAP602: "a"\n', '  allow TAP602: "b"\n'
    assert told(check(tmp_path / "a.tap", HEAD + first + again + "}\n"))[0] == "TAP109 9"
    assert told(check(tmp_path / "a.tap", HEAD + "}\n" + first + again))[0] == "TAP109 10"
    apart = check(tmp_path / "a.tap", HEAD + first + "}\n" + again)
    assert told(apart) == ["TAP605 4", "TAP617 10"], "the dataset's own comes first"


def test_a_dataset_inherits_what_is_allowed_and_can_say_otherwise(tmp_path) -> None:
    path = tmp_path / "a.tap"
    base = HEAD + '  allow TAP602: "spoken in English"\n  allow TAP605: "later"\n}\n'
    assert check(path, base) and told(check(path, base)) == []
    more = base + "dataset more extends base { samples 50 }\n"
    assert told(check(path, more)) == []
    assert told(check(path, more, dataset="more")) == [], "what is inherited is owed by the dataset that says it"
    dropped = base + "dataset more extends base { drop allow TAP602 }\n"
    assert told(check(path, dropped)) == ["TAP602 6"], "the other dataset has the finding, at the same place"
    assert reasons(check(path, dropped)) == [("TAP602", "spoken in English"), ("TAP605", "later")]
    every = base + "dataset more extends base { drop allow }\n"
    assert told(check(path, every)) == ["TAP602 6", "TAP605 4"]
    other = base + 'dataset more extends base { allow TAP602: "another reason" }\n'
    assert told(check(path, other)) == []
    assert ("TAP602", "another reason") in reasons(check(path, other))
    assert told(check(path, base + "dataset more extends base { drop allow TAP601 }\n")) == ["TAP141 11"]


def test_a_file_allows_what_points_into_it_whoever_uses_it(tmp_path) -> None:
    steps = 'pipeline say(writer) { generate answer { using writer, prompt "Say something." } }\n'
    (tmp_path / "lib.tap").write_text('tap 1\nallow TAP602: "the pipeline speaks English"\n' + steps, encoding="utf-8")
    body = HEAD.replace(
        'generate answer { using writer, prompt "Say something." }', "pipeline lib.say { writer writer }"
    )
    text = body.replace("tap 1\n", 'tap 1\nimport "./lib.tap" as lib\n')
    found = check(tmp_path / "a.tap", text + "}\n")
    assert reasons(found) == [("TAP602", "the pipeline speaks English")]
    assert told(found) == ["TAP605 5"], "which is a finding about a mix of this file"
    (tmp_path / "lib.tap").write_text("tap 1\n" + steps, encoding="utf-8")
    found = check(tmp_path / "a.tap", text + '}\nallow TAP602: "not in this file"\n')
    assert told(found) == ["TAP602 2", "TAP605 5", "TAP617 10"]


def test_an_allow_of_an_imported_file_or_of_a_library_is_not_owed(tmp_path) -> None:
    (tmp_path / "lib.tap").write_text('tap 1\nallow TAP601: "r"\nmix level { a, b }\n', encoding="utf-8")
    found = check(
        tmp_path / "a.tap", HEAD.replace("tap 1", 'tap 1\nimport "./lib.tap" as lib\nallow TAP123: "r"') + "}\n"
    )
    assert told(found) == ["TAP602 8", "TAP605 6"]
    assert check_counts(tmp_path / "lib.tap", settings={}, dataset=None) == []


def test_an_unused_allow_is_found_when_everything_was_looked_at(tmp_path) -> None:
    path = tmp_path / "a.tap"
    idle = (
        HEAD.replace("Say something.", "Say it in {{ language.name }}.") + '  allow TAP602: "r"\n}\nallow TAP608: "r"\n'
    )
    assert told(check(path, idle)) == ["TAP617 10", "TAP617 8"]
    assert told(check(path, idle, dataset="base")) == ["TAP617 10", "TAP617 8"]
    wrong = idle.replace("samples 100", "samples none")
    assert all(not one.startswith("TAP617") for one in told(check(path, wrong)))
    two = idle + "dataset other extends base { samples 9 }\n"
    assert told(check(path, two, dataset="other")) == [], "the others may need what the file allows"
    assert told(check(path, two)) == ["TAP617 10", "TAP617 8"]
    kept = idle + 'allow TAP617: "only with --set"\n'
    assert told(check(path, kept)) == [] and len(reasons(check(path, kept))) == 2
    assert told(check(path, HEAD + '}\nallow TAP617: "of nothing"\n')) == ["TAP602 6", "TAP605 4", "TAP617 9"]


LAYOUTS = {
    "alone": ("{ samples 9\n  ALLOW\n  seed 3\n}", "{ samples 9\n  seed 3\n}"),
    "documented": ("{ samples 9\n  /// why\n  /// so\n  ALLOW\n  seed 3\n}", "{ samples 9\n  seed 3\n}"),
    "first": ("{ ALLOW, samples 9, seed 3 }", "{ samples 9, seed 3 }"),
    "middle": ("{ samples 9, ALLOW , seed 3 }", "{ samples 9, seed 3 }"),
    "last": ("{ samples 9, seed 3, ALLOW }", "{ samples 9, seed 3 }"),
    "only": ("{ ALLOW }", "{  }"),
    "after a brace": ("{ ALLOW\n  samples 9\n}", "{ \n  samples 9\n}"),
    "before a comment": ("{ samples 9\n  ALLOW  // why\n  seed 3\n}", "{ samples 9\n    // why\n  seed 3\n}"),
    "with a comma": ("{\n  samples 9,\n  ALLOW,\n  seed 3\n}", "{\n  samples 9,\n  seed 3\n}"),
    "windows": ("{ samples 9\r\n  ALLOW\r\n  seed 3\r\n}", "{ samples 9\r\n  seed 3\r\n}"),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("written", ['allow TAP611: "r, \\" }"', 'allow TAP611: """\n    r,\n    """'])
def test_the_fix_removes_the_statement_and_nothing_else(layout, written, tmp_path) -> None:
    before, after = LAYOUTS[layout]
    head = HEAD.replace("Say something.", "Say it in {{ language.name }}.") + "}\ndataset more extends base "
    text = head + before.replace("ALLOW", written) + "\n"
    found = check(tmp_path / "a.tap", text)
    assert told(found)[0].startswith("TAP617"), found
    assert list(apply_fixes(found).values()) == [head + after + "\n"]
    assert check(tmp_path / "a.tap", head + after + "\n") == []


def test_fixes_leave_what_is_allowed(tmp_path) -> None:
    text = HEAD.replace("tap 1", "tap 1\nimport std.rubrics.helpfulness as help") + '}\nallow TAP123: "for later"\n'
    assert told(check(tmp_path / "a.tap", text)) == ["TAP602 7", "TAP605 5"]
    tapc = Called(tmp_path)
    tapc("check", "a.tap", "--fix")
    assert (tmp_path / "a.tap").read_text(encoding="utf-8") == text


def test_what_is_allowed_changes_no_plan_and_comes_back_from_show(tmp_path) -> None:
    path = tmp_path / "a.tap"
    bare, given = HEAD + "}\n", HEAD + '  allow TAP602: "in \\"English\\"\\nonly"\n}\nallow TAP605: "later"\n'
    path.write_text(bare, encoding="utf-8")
    first = count_spec(check_spec(path, settings={}, dataset=None)).planned
    path.write_text(given, encoding="utf-8")
    checked = check_spec(path, settings={}, dataset=None)
    assert count_spec(checked).planned.digest == first.digest
    shown = "\n".join(line.text for line in show(checked.compiled, checked.diagnostics)) + "\n"
    again = check(tmp_path / "b.tap", shown)
    assert told(again) == []
    assert reasons(again) == [("TAP602", 'in "English" only'), ("TAP605", "later")]

    class One:
        def read(self, _path) -> bytes:
            return shown.encode()

    assert digest(compile_spec(Path("b.tap"), One()).dataset) == digest(checked.dataset)


def test_programs_get_allowed_findings_with_their_reason_and_people_their_number(tmp_path) -> None:
    tapc = Called(tmp_path)
    text = HEAD + '  allow TAP602: "English"\n}\n'
    (tmp_path / "a.tap").write_text(text, encoding="utf-8")
    assert "1 warning, 1 allowed." in tapc("check", "a.tap").stdout
    assert "TAP602" not in tapc("check", "a.tap").stdout
    (tmp_path / "b.tap").write_text(HEAD + '  allow TAP602: "English"\n  allow TAP605: "later"\n}\n', encoding="utf-8")
    assert tapc("check", "b.tap").stdout == "1 spec checked, nothing to report (2 allowed).\n"
    listed = json.loads(tapc("check", "a.tap", "--format", "json").stdout)
    assert {one["code"]: one["allowed"] for one in listed} == {"TAP602": "English", "TAP605": None}
    run = json.loads(tapc("check", "a.tap", "--format", "sarif").stdout)["runs"][0]
    by_code = {one["ruleId"]: one["suppressions"] for one in run["results"]}
    assert by_code["TAP605"] == []
    (suppressed,) = by_code["TAP602"]
    assert (suppressed["kind"], suppressed["justification"]) == ("inSource", "English")
    assert suppressed["location"]["physicalLocation"]["region"]["startLine"] == 8
    (tmp_path / "c.tap").write_text(HEAD + "}\n", encoding="utf-8")
    run = json.loads(tapc("check", "c.tap", "--format", "sarif").stdout)["runs"][0]
    assert all("suppressions" not in one for one in run["results"]), "either all results have them, or none"
    github = tapc("check", "a.tap", "--format", "github").stdout
    assert "TAP605" in github and "TAP602" not in github


ROWS = """tap 1
dataset d {
  samples all
  mix language { en 50%, fr 50% }
  endpoint writer { model "sim", price free }
  input rows { file "rows.jsonl", field text, match { language lang } }
  generate answer { using writer, prompt "{{ rows }} in {{ language.name }}." }
  emit sft { from answer }
  ALLOW
}
"""


def test_what_only_the_plan_finds_can_be_allowed_too(tmp_path) -> None:
    rows = [{"text": f"t{n}", "lang": lang} for n, lang in enumerate(["en", "fr", "de"])]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    spec = tmp_path / "d.tap"
    tapc = Called(tmp_path)
    spec.write_text(ROWS.replace("ALLOW", ""), encoding="utf-8")
    assert "TAP717" in tapc("plan", "d.tap").stderr
    assert "TAP717" in tapc("plan", "d.tap", "--format", "markdown").stdout
    spec.write_text(ROWS.replace("ALLOW", 'allow TAP717: "no German"'), encoding="utf-8")
    for command in (("check",), ("plan",), ("plan", "--format", "markdown"), ("run", "--yes")):
        done = tapc(*command[:1], "d.tap", *command[1:])
        assert "TAP717" not in done.stdout + done.stderr
    document = json.loads(tapc("plan", "d.tap", "--json").stdout)
    assert [(one["code"], one["allowed"]) for one in document["diagnostics"]] == [("TAP717", "no German")]
    spec.write_text(ROWS.replace("ALLOW", 'allow TAP717: "no German"\n  allow TAP718: "?"'), encoding="utf-8")
    for command in ("check", "plan"):
        done = tapc(command, "d.tap")
        assert "`allow TAP718` allows nothing" in done.stdout + done.stderr
