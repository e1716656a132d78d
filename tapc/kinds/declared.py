"""The shipped kinds as the front end knows them; what runs them is in `tapc.kinds.programs`."""

from tapc.ir import CleanCheck, LanguageCheck
from tapc.kinds.steps.generate.spec import KIND as GENERATE
from tapc.kinds.steps.input.spec import KIND as INPUT
from tapc.kinds.steps.judge.spec import KIND as JUDGE
from tapc.kinds.steps.pair.spec import KIND as PAIR
from tapc.kinds.steps.score.spec import KIND as SCORE_STEP
from tapc.kinds.steps.vote.spec import KIND as VOTE
from tapc.semantics.lower.arguments import (
    BOUNDS,
    COMMAND,
    COMPARISON,
    GLOB,
    OFF,
    REGEX,
    SCORE,
    SIMILARITY,
    UNIT,
    WITHIN,
    CheckKind,
)
from tapc.semantics.registry import EmitKind, Registry
from tapc.semantics.vocabulary import steps

STEPS = (INPUT, GENERATE, JUDGE, SCORE_STEP, VOTE, PAIR)

CHECKS = (
    CheckKind("language", "language", axis="language", model=LanguageCheck),
    CheckKind("length", "length A..B [chars|words|tokens]", (BOUNDS, UNIT)),
    CheckKind("unique", "unique T [within AXIS]", (SIMILARITY, WITHIN)),
    CheckKind("matches", 'matches "regex"', (REGEX,), negatable=True),
    CheckKind("json", "json"),
    CheckKind("no_refusal", "no_refusal"),
    CheckKind("no_reasoning", "no_reasoning [off]", (OFF,)),
    CheckKind("score", "score STEP.ASPECT >= N", (SCORE, COMPARISON)),
    CheckKind("clean_of", 'clean_of "GLOB" { ngram N }', (GLOB,), block=steps.CLEAN_OF, model=CleanCheck),
    CheckKind("run", "run [ … ]", (COMMAND,)),
)

_TEXTS = ("generate", "input")

EMITS = (
    EmitKind("preference", ("pair",), ("prompt",)),
    EmitKind("sft", _TEXTS, ("best_by",)),
    EmitKind("reward", ("pair", "judge", "score"), ("prompt",)),
    EmitKind("kto", ("judge", "score", "pair"), ("good", "bad")),
    EmitKind("rl", _TEXTS, ("best_by", "truth", "source")),
    EmitKind("prompts", _TEXTS),
    EmitKind("records"),
    EmitKind("rejects"),
)

REGISTRY = Registry(STEPS, CHECKS, EMITS)
"""All shipped kinds."""
