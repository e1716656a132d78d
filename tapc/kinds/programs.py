"""What runs the shipped kinds; what the front end knows of them is in `tapc.kinds.declared`."""

from tapc.kinds.checks.clean_of.program import RUNTIME as CLEAN_OF
from tapc.kinds.checks.json.program import RUNTIME as JSON
from tapc.kinds.checks.language.program import RUNTIME as LANGUAGE
from tapc.kinds.checks.length.program import RUNTIME as LENGTH
from tapc.kinds.checks.matches.program import RUNTIME as MATCHES
from tapc.kinds.checks.no_reasoning.program import RUNTIME as NO_REASONING
from tapc.kinds.checks.no_refusal.program import RUNTIME as NO_REFUSAL
from tapc.kinds.checks.run.program import RUNTIME as RUN
from tapc.kinds.checks.score.program import RUNTIME as SCORE
from tapc.kinds.checks.unique.program import RUNTIME as UNIQUE
from tapc.kinds.runtime import EmitRuntime, Programs
from tapc.kinds.steps.generate.program import RUNTIME as GENERATE
from tapc.kinds.steps.input.program import RUNTIME as INPUT
from tapc.kinds.steps.judge.program import RUNTIME as JUDGE
from tapc.kinds.steps.pair.program import RUNTIME as PAIR
from tapc.kinds.steps.score.program import RUNTIME as SCORE_STEP
from tapc.kinds.steps.vote.program import RUNTIME as VOTE
from tapc.rows import columns, preference, prompts, records, rl, scored, sft

STEPS = (INPUT, GENERATE, JUDGE, SCORE_STEP, VOTE, PAIR)

CHECKS = (LANGUAGE, LENGTH, UNIQUE, MATCHES, JSON, NO_REFUSAL, NO_REASONING, SCORE, CLEAN_OF, RUN)

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
