"""What runs the shipped kinds; what the front end knows of them is in `tapc.kinds.declared`."""

from tapc.checks import CheckRuntime
from tapc.checks.clean_of import CleanCheck
from tapc.checks.json import JsonCheck
from tapc.checks.language import LanguageCheck
from tapc.checks.length import LengthCheck
from tapc.checks.matches import PatternCheck
from tapc.checks.no_reasoning import ReasoningCheck
from tapc.checks.no_refusal import RefusalCheck
from tapc.checks.score import ScoreCheck
from tapc.checks.unique import UniqueCheck
from tapc.kinds.runtime import EmitRuntime, Programs
from tapc.kinds.steps.generate.program import RUNTIME as GENERATE
from tapc.kinds.steps.input.program import RUNTIME as INPUT
from tapc.kinds.steps.judge.program import RUNTIME as JUDGE
from tapc.kinds.steps.pair.program import RUNTIME as PAIR
from tapc.kinds.steps.score.program import RUNTIME as SCORE
from tapc.kinds.steps.vote.program import RUNTIME as VOTE
from tapc.rows import columns, preference, prompts, records, rl, scored, sft
from tapc.steps.programs import ProgramCheck

STEPS = (INPUT, GENERATE, JUDGE, SCORE, VOTE, PAIR)

CHECKS = (
    CheckRuntime("language", LanguageCheck),
    CheckRuntime("length", LengthCheck),
    CheckRuntime("unique", UniqueCheck),
    CheckRuntime("matches", PatternCheck),
    CheckRuntime("json", JsonCheck),
    CheckRuntime("no_refusal", RefusalCheck),
    CheckRuntime("no_reasoning", ReasoningCheck),
    CheckRuntime("score", ScoreCheck),
    CheckRuntime("clean_of", CleanCheck),
    CheckRuntime("run", ProgramCheck),
)

EMITS = (
    EmitRuntime("preference", preference.rows, columns.preference_columns, balanced=True),
    EmitRuntime("sft", sft.rows, columns.sft_columns),
    EmitRuntime("reward", scored.reward_rows, columns.reward_columns, balanced=True),
    EmitRuntime("kto", scored.kto_rows, columns.kto_columns, scored.kto_label),
    EmitRuntime("rl", rl.rows, columns.rl_columns, rl.label),
    EmitRuntime("prompts", prompts.rows, columns.prompts_columns),
    EmitRuntime("records", records.record_rows, columns.records_columns, place=1),
    EmitRuntime("rejects", records.reject_rows, columns.rejects_columns, place=2),
)

PROGRAMS = Programs(STEPS, CHECKS, EMITS)
"""All shipped kinds."""
