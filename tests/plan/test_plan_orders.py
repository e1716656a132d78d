"""The order of a spec is kept wherever people look, and means nothing to identities."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.frontend.show import statements
from tapc.kinds.declared import REGISTRY
from tapc.plan import Rates, Side, compare, cost_plan, describe
from tapc.rows.columns import axes_of, scores_of_step
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

NAMES = ("lynx", "auk", "vole", "ibex")
AXES = ("zone", "area", "mood")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("orders")


def spec(nodes, inner, mixes, values, aspects, options):
    tree = ", ".join(f"{node} {{ {', '.join(inner)} }}" if node == "auk" else node for node in nodes)
    axes = "\n  ".join(f"mix {mix} {{ {', '.join(values)} }}" for mix in mixes)
    rubric = "\n    ".join(f'aspect {one} 1..5: "Is it {one}?"' for one in aspects)
    listed = ", ".join(f'"{option}"' for option in options)
    return f"""tap 1
dataset d {{
  samples 24
  taxonomy topic {{ {tree} }}
  {axes}
  endpoint w {{ model "sim", price free }}
  rubric quality {{
    {rubric}
    aspect flaws any of [{listed}]
  }}
  generate question {{ using w, prompt "{{{{ topic }}}} {{{{ zone }}}} {{{{ area }}}} {{{{ mood }}}}" }}
  judge verdict {{ of question, using w, rubric quality }}
  emit sft {{ from question }}
}}
"""


def side(folder: Path, text: str) -> Side:
    path = folder / "d.tap"
    path.write_text(text, encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return Side("d.tap", found.planned, cost_plan(found.planned, Rates({}), {}))


def keys(planned):
    found = []
    for slot in planned.slots:
        state = planned.open_slot(slot)
        found.append((slot, sorted(state.axes.items())))
    return found


ORDERS = st.tuples(
    st.permutations(NAMES),
    st.permutations(["x", "y"]),
    st.permutations(AXES),
    st.permutations(["q", "c", "n"]),
    st.permutations(["kind", "brief"]),
    st.permutations(["typo", "bias"]),
)


@given(ORDERS, ORDERS)
@settings(max_examples=25, deadline=None)
def test_an_order_is_shown_as_written_and_costs_nothing(folder, first, second):
    before, after = side(folder, spec(*first)), side(folder, spec(*second))
    assert before.planned.digest == after.planned.digest
    assert keys(before.planned) == keys(after.planned)
    document = compare(before, after)
    assert (document.severity, document.total.to_pay) == ("none", 0)
    assert (document.changes != []) == (first[:5] != second[:5] or first[5] != second[5])
    assert all(change.severity == "none" for change in document.changes)

    nodes, inner, mixes, values, aspects, options = second
    paths = [path for node in nodes for path in (node, *(f"auk.{i}" for i in inner if node == "auk"))]
    written = {"topic": paths} | {mix: list(values) for mix in mixes}
    plan = describe(after.planned, after.costs, spec="d.tap")
    assert [(axis, list(counts)) for axis, counts in plan.counts.items()] == [*written.items()]
    assert [(axis, [row.value for row in rows]) for axis, rows in plan.by.items()] == [*written.items()]
    assert [(axis, [row.name for row in rows]) for axis, rows in document.axes.items()] == [*written.items()]
    dataset = after.planned.dataset
    assert list(dataset.space.ends("topic")) == [path for path in paths if path != "auk"]
    assert list(axes_of(dataset)) == list(mixes)
    scores = [name for name, _ in scores_of_step(dataset, "question")]
    judged = ["overall", *aspects, "flaws", "agreement"]
    assert scores == [f"verdict.{name}" for name in judged]
    shown = {one.head: one for one in statements(dataset, REGISTRY)}
    assert [part.head for part in shown["rubric quality"].parts] == [*(f"aspect {a}" for a in aspects), "aspect flaws"]
    assert shown["rubric quality"].parts[-1].value == "any of [{}]".format(", ".join(f'"{o}"' for o in options))
