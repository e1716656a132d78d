"""Every registered kind keeps the rules of `tapc.kinds`, the made-up ones of `toy.py` included."""

import re
from pathlib import Path

import pytest
import toy

import tapc.kinds.steps
from tapc.ir import Check, Emit, Step
from tapc.kinds.declared import REGISTRY
from tapc.kinds.programs import PROGRAMS

ROOT = Path(tapc.__file__).parent
STEPS = toy.REGISTRY.steps.values()


def test_what_is_declared_runs_and_what_runs_is_declared():
    for registry, programs in ((REGISTRY, PROGRAMS), (toy.REGISTRY, toy.PROGRAMS)):
        assert registry.steps.keys() == programs.steps.keys()
        assert registry.checks.keys() == programs.checks.keys()
        assert registry.emits.keys() == programs.emits.keys()


def test_every_package_of_a_step_is_registered():
    folder = Path(next(iter(tapc.kinds.steps.__path__)))
    packages = {path.parent.name for path in folder.glob("*/spec.py")}
    assert packages == REGISTRY.steps.keys()
    for package in packages:
        files = {path.name for path in (folder / package).glob("*.py")}
        assert {"__init__.py", "model.py", "spec.py", "program.py"} <= files


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.name)
def test_a_kind_of_step_has_one_name(kind):
    assert kind.name == kind.statement.name == kind.part.name == kind.model.model_fields["kind"].default
    assert kind.part.example.startswith(f"{kind.name} ")
    assert issubclass(kind.model, Step) and kind.model is not Step


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.name)
def test_fields_that_change_what_is_asked_are_fields(kind):
    assert kind.model.asked <= {field.name for field in kind.statement.fields}


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.name)
def test_a_step_with_require_answers_with_its_checks(kind):
    checks = (Check(check="json"),)
    made = kind.model.model_construct(name="a", require=checks)
    if kind.statement.field("require") is None:
        assert made.checks() == () and "require" not in kind.model.model_fields
    else:
        assert made.checks() == checks and made.unchecked().checks() == ()


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.name)
def test_what_a_kind_says_of_candidates_its_model_says_too(kind):
    """`candidates` of the registry is asked of drafts, before there is a model; both must agree."""
    assert (kind.candidates is not None) == (kind.model.makes_candidates is not Step.makes_candidates)
    assert (kind.scores is not None) == (kind.model.scored is not Step.scored)
    assert (kind.scores is not None) == (kind.model.scores is not Step.scores)
    assert kind.deals == (kind.model.rows is not Step.rows)


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.name)
def test_fields_with_blocks_have_their_statements(kind):
    known = toy.REGISTRY.vocabulary.statements
    own = {block.name for block in kind.blocks}
    assert own == {field.block for field in kind.statement.fields if field.block}
    assert own <= known.keys()
    names = {field.name for field in kind.statement.fields}
    assert {field.rival for field in kind.statement.fields if field.rival} <= names


def test_models_of_checks_and_emits_are_of_their_base():
    assert all(issubclass(kind.model, Check) for kind in toy.REGISTRY.checks.values())
    assert all(issubclass(kind.model, Emit) for kind in toy.REGISTRY.emits.values())


_NAMES = "|".join({*REGISTRY.steps, *REGISTRY.checks, *REGISTRY.emits} - {"run"})  # a ceiling may be of a run, too
_ASKED = re.compile(
    rf"""\b(?:kind|head|check)\b (?:==|!=|in|not in) [("'{{\[]+(?:{_NAMES})["']|case ["'](?:{_NAMES})["']"""
)
_INSTANCE = re.compile(r"isinstance\([^()]*,\s*\(?(?:Generate|Judge|Score|Vote|Pair|Input)\b")


def test_nothing_outside_of_kinds_asks_for_a_kind():
    files = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "kinds"]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _ASKED.search(line) or _INSTANCE.search(line)
    ]
    assert found == []


def test_such_questions_would_be_found():
    for line in (
        'if step.kind == "judge":',
        'kind in ("generate", "input")',
        'case "vote":',
        "x.head not in {'pair'}",
        'if one.check == "unique"',
    ):
        assert _ASKED.search(line), line
    assert _INSTANCE.search("if isinstance(step, (Judge, Score)):") and _INSTANCE.search(
        "isinstance(a, Generate | Judge)"
    )
