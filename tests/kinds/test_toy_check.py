"""A check that holds by default, made up and registered here: it goes the whole way without being written."""

import pytest
from test_toy_kinds import compiled, messages, run

from tapc.checks import CheckRuntime
from tapc.frontend.show import show
from tapc.ir import Check
from tapc.kinds import declared, programs
from tapc.kinds.runtime import Programs
from tapc.semantics.lower.arguments import Argument, CheckKind
from tapc.semantics.registry import Registry


class Even(Check):
    odd: bool | None = None

    def turned_off(self):
        return bool(self.odd)


class EvenTest:
    reason = "odd"

    def __init__(self, check, tools):
        self._field = check.field

    def check(self, subject):
        return None if len(subject.text(self._field)) % 2 == 0 else "it has an odd length"


def read_odd(args, _context):
    return ({"odd": True}, 1) if args and args[0].word == "odd" else ({}, 0)


KIND = CheckKind(
    "even",
    "even [odd]",
    (Argument(read_odd, lambda check, _: ["odd"] if check.odd else [], optional=True),),
    by_default=True,
    model=Even,
)
RUNTIME = CheckRuntime("even", EvenTest, lambda tools: EvenTest(Even.trusted(check="even"), tools))

REGISTRY = Registry(declared.STEPS, (*declared.CHECKS, KIND), declared.EMITS)
PROGRAMS = Programs(programs.STEPS, (*programs.CHECKS, RUNTIME), programs.EMITS)

SPEC = """tap 1
dataset d {{
  samples 6
  mix subject {{ stars, ships }}
  endpoint writer {{ model "sim", price free }}
  generate answer {{ using writer, attempts 9, prompt "Say something of {{{{ subject }}}}."{more} }}
  emit sft {{ from answer }}
}}
"""


def made(folder, more=""):
    found = compiled(folder, SPEC.format(more=more), REGISTRY)
    assert messages(found) == []
    again = compiled(folder, "\n".join(line.text for line in show(found)) + "\n", REGISTRY)
    assert again.dataset == found.dataset
    report, rows = run(found, folder, kinds=PROGRAMS)
    assert report.manifest.samples.accepted == 6
    odd = [row["reason"] for row in rows.get("rejects", ()) if len(row["text"]) % 2]
    return found.dataset.step("answer").checks(), odd, {len(row["messages"][-1]["content"]) % 2 for row in rows["sft"]}


@pytest.mark.parametrize("said", ["", ", require even"])
def test_it_holds_for_plain_texts_whether_it_is_written_or_not(tmp_path, said):
    checks, reasons, lengths = made(tmp_path, said)
    assert checks == () and lengths == {0}
    assert reasons and set(reasons) == {"odd"}


def test_it_is_turned_off(tmp_path):
    checks, reasons, lengths = made(tmp_path, ", require even odd")
    assert [type(check) for check in checks] == [Even]
    assert reasons == [] and 1 in lengths


def test_it_holds_for_a_structure_only_where_it_is_written(tmp_path):
    structure = ", returns { why text }"
    assert made(tmp_path, structure)[1] == []
    checks, reasons, _ = made(tmp_path, structure + ", require even of why")
    assert [(check.check, check.field) for check in checks] == [("even", "why")]
    assert set(reasons) <= {"odd"}
