"""An emit that every dataset has, made up and registered here: its rows are on disk without being asked for."""

import pytest
from test_toy_kinds import compiled, messages, run

from tapc.frontend.show import show
from tapc.ir import Emit
from tapc.kinds import declared, programs
from tapc.kinds.runtime import EmitRuntime, Programs
from tapc.rows.columns import COUNT, TEXT, Column
from tapc.rows.common import slot_id
from tapc.semantics.registry import EmitKind, Registry
from tapc.semantics.vocabulary import Field


class Counts(Emit):
    unit: str | None = None

    def turned_down(self):
        return True

    def trains(self):
        return False


def rows(slot, context):
    made = sum(len(result.candidates) for result in slot.results.values())
    return [
        {"slot": slot_id(slot), "made": made, "rejected": len(slot.rejections), "unit": context.emit.unit or "texts"}
    ]


KIND = EmitKind(
    "counts",
    fields=(Field("unit", "text", "What is counted.", 'unit "answers"'),),
    by_default=True,
    model=Counts,
    read=lambda _item, fields, _source, _context: {"unit": fields.read("unit")},
    show=lambda emit, _page: [] if emit.unit is None else [("unit", f'"{emit.unit}"')],
)
COLUMNS = (Column("slot", TEXT), Column("made", COUNT), Column("rejected", COUNT), Column("unit", TEXT))
RUNTIME = EmitRuntime("counts", rows, lambda _dataset, _emit: COLUMNS, place=3)

REGISTRY = Registry(declared.STEPS, declared.CHECKS, (*declared.EMITS, KIND))
PROGRAMS = Programs(programs.STEPS, programs.CHECKS, (*programs.EMITS, RUNTIME))

SPEC = """tap 1
dataset d {{
  samples 6
  mix subject {{ stars, ships }}
  endpoint writer {{ model "sim", price free }}
  generate answer {{ using writer, each 2, prompt "Say something of {{{{ subject }}}}." }}
  emit sft {{ from answer, split {{ train 50%, test 50% }} }}
  {more}
}}
"""


@pytest.mark.parametrize(("more", "unit"), [("", "texts"), ('emit counts { unit "answers" }', "answers")])
def test_its_rows_are_on_disk(tmp_path, more, unit):
    found = compiled(tmp_path, SPEC.format(more=more), REGISTRY)
    assert messages(found) == []
    shown = "\n".join(line.text for line in show(found)) + "\n"
    assert ("counts" in shown) == bool(more)
    assert compiled(tmp_path, shown, REGISTRY).dataset == found.dataset
    report, written = run(found, tmp_path, kinds=PROGRAMS)
    assert len(written["counts"]) >= 6 and {row["unit"] for row in written["counts"]} == {unit}
    assert {row["made"] for row in written["counts"]} == {2}
    assert {entry.path.split("/")[-1].split("-")[0] for entry in report.manifest.files if "/counts/" in entry.path} == {
        "train"
    }


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("emit counts { split { train 50%, test 50% } }", "`counts` cannot have splits: it is not training data"),
        ("emit counts { from answer }", "`emit counts` reads everything; remove `from`"),
        ('emit records { unit "x" }', "`unit` is for `emit counts`"),
        ("emit records Counts", "the config `Counts` and `counts` are one folder"),
    ],
)
def test_what_is_wrong_is_told_as_of_any_kind(tmp_path, more, said):
    assert said in messages(compiled(tmp_path, SPEC.format(more=more), REGISTRY))
