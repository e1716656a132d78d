"""The shipped kinds as the front end knows them; what runs them is in `tapc.kinds.programs`."""

from tapc.ir import CleanCheck, Generate, Input, Judge, LanguageCheck, Pair, Score, Vote
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
from tapc.semantics.lower.generate import lower_generate
from tapc.semantics.lower.judging import lower_judge, lower_score, lower_vote
from tapc.semantics.lower.offers import (
    candidates_of_endpoints,
    judge_scores,
    read_columns,
    read_returns,
    read_rubric,
    row_fields,
    score_scores,
    text_fields,
    vote_scores,
)
from tapc.semantics.lower.pairs import lower_input, lower_pair
from tapc.semantics.registry import EmitKind, Registry, StepKind
from tapc.semantics.show.steps import show_generate, show_input, show_judge, show_pair, show_score, show_vote
from tapc.semantics.vocabulary import steps
from tapc.semantics.vocabulary.results import part

STEPS = (
    StepKind(
        steps.INPUT,
        part("input", "Existing rows.", 'input rows { file "rows.jsonl", field text }'),
        Input,
        lower_input,
        show_input,
        (steps.HUB,),
        read_columns,
        candidates=lambda _draft, _endpoints: 1,
        fields=row_fields,
        deals=True,
        made="row",
    ),
    StepKind(
        steps.GENERATE,
        part("generate", "Texts.", 'generate question { using writer, prompt "Ask." }'),
        Generate,
        lower_generate,
        show_generate,
        (steps.MESSAGES, steps.RETURNS),
        read_returns,
        candidates=candidates_of_endpoints,
        fields=text_fields,
    ),
    StepKind(
        steps.JUDGE,
        part("judge", "Scores by a rubric.", "judge verdict { of answer, using referee, rubric clear }"),
        Judge,
        lower_judge,
        show_judge,
        read=read_rubric,
        scores=judge_scores,
    ),
    StepKind(
        steps.SCORE,
        part("score", "Scores by a model or program.", "score reward { of answer, using rm, kind reward }"),
        Score,
        lower_score,
        show_score,
        scores=score_scores,
    ),
    StepKind(
        steps.VOTE,
        part("vote", "Majority answers.", "vote majority { of answer, extract boxed }"),
        Vote,
        lower_vote,
        show_vote,
        scores=vote_scores,
    ),
    StepKind(
        steps.PAIR,
        part("pair", "Chosen and rejected.", "pair choice { of answer, by verdict.overall }"),
        Pair,
        lower_pair,
        show_pair,
        hidden="a pair is for `emit`, not for prompts",
    ),
)

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
