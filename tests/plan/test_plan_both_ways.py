"""Differences and locks in both directions: what an edit adds, undoing it drops, and the counts are those of before.

Keys are counted by a driver that answers each job with a text named after it, and shares nothing with `tapc.plan.diff`.
"""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from stepkit import Driver, fitting

from tapc.kinds.compiling import compile_steps
from tapc.plan import Side, compare, cost_plan
from tapc.plan.estimate import Rates, unchecked
from tapc.plan.lock import lock_of, write_lock
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1

dataset d {{
  samples {samples}
  taxonomy topic {{ {leaves} }}
  mix level {{ {levels} }}
  endpoint w {{ model "{model}", price {{ input $1/M, output $2/M }} }}
  generate {first} {{ using w, {per} prompt "{prompt}" }}
  generate answer {{ using w, each {each}, attempts {attempts}, prompt "{{{{ {first} }}}} {{{{ level }}}}" {check} }}
  {judge}
  emit {emit}
  reserve {reserve}%
}}
"""
JUDGE = """judge verdict { of answer, using w, rubric r }
  rubric r { aspect good 1..5 }"""

SIDE = st.fixed_dictionaries(
    {
        "samples": st.integers(4, 24),
        "leaves": st.sampled_from(["a, b", "a, b, c { x, y }", "b, z 3", "a 60%, b"]),
        "levels": st.sampled_from(["easy, hard", "easy, hard 2", "easy, hard, odd"]),
        "model": st.sampled_from(["sim", "sim", "sim-two"]),
        "first": st.sampled_from(["question", "question", "asked"]),
        "per": st.sampled_from(["", "", "per topic,"]),
        "prompt": st.sampled_from(["About {{ topic }}", "About {{ topic }}", "On {{ topic }}"]),
        "each": st.integers(1, 3),
        "attempts": st.sampled_from([1, 3]),
        "check": st.sampled_from(["", ", require length 1..90 words"]),
        "judged": st.booleans(),
        "reserve": st.sampled_from([0, 100]),
    }
)
QUIET = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ways")


def counted(folder: Path, parts: dict, lock: str | None = None):
    """The spec's plan, by a lock if one is given; judged answers are best of theirs."""
    path = folder / "d.tap"
    judged = parts["judged"]
    more = {"judge": JUDGE if judged else "", "emit": "reward { from verdict }" if judged else "sft { from answer }"}
    path.write_text(SPEC.format(**parts, **more), encoding="utf-8")
    lock_file = folder / "d.tap.lock"
    lock_file.unlink(missing_ok=True)
    if lock is not None:
        lock_file.write_text(lock, encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    lock_file.unlink(missing_ok=True)
    assert found.planned is not None, found.diagnostics
    return found.planned


def side(plan) -> Side:
    return Side("x", plan, cost_plan(plan, Rates({}), {}))


def keys_by_step(plan, only: set | None = None) -> dict[str, Counter[bytes]]:
    """First attempts of all samples, or of some; of a step that samples share, each request once."""
    driver, programs, found = Driver(fitting), compile_steps(unchecked(plan.dataset), plan.tools(None)), {}
    shared = {program.name for program in programs if any(jobs.per for jobs in program.job_classes)}
    for key in plan.slots:
        if only is not None and (key.cell, key.ordinal) not in only:
            continue
        for job in asked(driver, programs, plan.open_slot(key)):
            found.setdefault(job.recipe.step, Counter())[job.key] += 1
    return {step: Counter(dict.fromkeys(keys, 1)) if step in shared else keys for step, keys in found.items()}


def asked(driver: Driver, programs, state):
    """The jobs of one sample."""
    seen, answer = [], driver.answer
    driver.replies.clear()
    driver.answer = lambda job: (seen.append(job), answer(job))[1]
    driver.slot(programs, state)
    driver.answer = answer
    return seen


PLAIN = {"samples": 12, "leaves": "a, b", "levels": "easy, hard", "model": "sim", "first": "question", "per": "", "prompt":
         "About {{ topic }}", "each": 1, "attempts": 1, "check": "", "judged": False, "reserve": 0}  # fmt: skip


def test_what_samples_share_is_kept_though_none_of_them_is(folder: Path) -> None:
    """All samples have another level, and so are others; the questions are asked per topic, and stay."""
    parts = {**PLAIN, "per": "per topic,"}
    one, two = counted(folder, parts), counted(folder, {**parts, "levels": "odd, even"})
    document = compare(side(one), side(two))
    assert (document.slots.kept, document.slots.added) == (0, 12)
    row = {row.name: row for row in document.proof}["question"]
    assert (row.before, row.kept, row.dropped, row.new) == (2, 2, 0, 0)


def test_only_what_is_new_is_paid_for(folder: Path) -> None:
    """Of three answers of each sample one is there; of one answer, all are."""
    one, three = counted(folder, PLAIN), counted(folder, {**PLAIN, "each": 3})
    more, fewer = compare(side(one), side(three)), compare(side(three), side(one))
    row = {row.name: row for row in more.steps}["answer"]
    whole = {cost.recipe.step: cost.money.expected for cost in side(three).costs}["answer"]
    assert row.cost_usd == pytest.approx(whole * 24 / 36 / 10**12)
    assert [row.cost_usd for row in fewer.steps] == [0, 0]
    assert (more.total.cost_usd, fewer.total.cost_usd) == (pytest.approx(row.cost_usd), 0)


def test_what_is_expected_is_shown_of_both_plans(folder: Path) -> None:
    expecting = {**PLAIN, "reserve": "0%\n  expect { samples >= 10 }\n  //"}
    small, large = counted(folder, expecting), counted(folder, {**expecting, "samples": 24})
    for before, after, figures in ((small, large, ("12", "24")), (large, small, ("24", "12"))):
        (found,) = compare(side(before), side(after)).expectations
        assert (found.before, found.after, found.holds) == (*figures, True)


def test_a_sample_is_compared_if_either_plan_is_large(folder: Path) -> None:
    small, large = counted(folder, PLAIN), counted(folder, {**PLAIN, "samples": 1200})
    assert not compare(side(small), side(large)).exact
    assert not compare(side(large), side(small)).exact
    assert compare(side(small), side(small)).exact


@settings(max_examples=20, deadline=None, phases=QUIET)
@given(first=SIDE, second=SIDE)
def test_a_difference_and_its_reverse_mirror_each_other(folder: Path, first: dict, second: dict) -> None:
    one, two = counted(folder, first), counted(folder, second)
    there, back = compare(side(one), side(two)), compare(side(two), side(one))
    assert (there.slots.kept, there.slots.added, there.slots.dropped) == (
        back.slots.kept,
        back.slots.dropped,
        back.slots.added,
    )
    for axis, rows in there.axes.items():
        mirrored = {row.name: (row.after, row.before, row.kept, row.dropped, row.added) for row in back.axes[axis]}
        assert {row.name: (row.before, row.after, row.kept, row.added, row.dropped) for row in rows} == mirrored
    assert sorted((c.field, str(c.before), str(c.after)) for c in there.changes if c.field != "name") == sorted(
        (c.field, str(c.after), str(c.before)) for c in back.changes if c.field != "name"
    )
    for document, before, after in ((there, one, two), (back, two, one)):
        had, now = keys_by_step(before), keys_by_step(after)
        known = set().union(*had.values())
        for row in document.steps:
            assert row.jobs == now[row.name].total()
            reused = sum(n for key, n in now[row.name].items() if key in known)
            assert (row.reused, row.to_pay) == (reused, row.jobs - reused), row.name
            if row.name in had:
                assert row.before == had[row.name].total(), row.name
        wanted = set().union(*now.values())
        there_too = {(key.cell, key.ordinal) for key in before.slots} & {(key.cell, key.ordinal) for key in after.slots}
        of_kept = keys_by_step(before, there_too)
        for row in document.proof:
            if row.name not in had or row.name not in now:  # of another name here, or only here
                continue
            asked, kept_ask = had[row.name].keys(), of_kept.get(row.name, Counter()).keys()
            assert (row.before, row.kept) == (len(asked), len(asked & wanted)), row.name
            assert sum(group.count for group in row.lost) == len(kept_ask - wanted), row.name
            assert row.dropped == len(asked - kept_ask - wanted), row.name
            assert row.new == len(now[row.name].keys() - known), row.name


@settings(max_examples=20, deadline=None, phases=QUIET)
@given(first=SIDE, second=SIDE)
def test_an_edit_that_is_undone_returns_to_the_counts_and_slots_of_before(
    folder: Path, first: dict, second: dict
) -> None:
    one = counted(folder, first)
    lock = write_lock(lock_of(one.allocation))
    assert counted(folder, first, lock).digest == one.digest, "a plan by its own lock is the plan"
    two = counted(folder, second, lock)
    after = write_lock(lock_of(two.allocation))
    undone = counted(folder, first, after)
    assert sorted((key.cell, key.ordinal) for key in undone.slots) == sorted(
        (key.cell, key.ordinal) for key in one.slots
    )
    assert [(key.rank, key.cell, key.ordinal) for key in undone.slots] == [
        (key.rank, key.cell, key.ordinal) for key in one.slots
    ], "in the order of before"
    assert compare(side(one), side(undone)).total.to_pay == 0
    again = counted(folder, second, write_lock(lock_of(undone.allocation)))
    assert sorted((key.cell, key.ordinal) for key in again.slots) == sorted(
        (key.cell, key.ordinal) for key in two.slots
    )
