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
from tapc.kinds.emits.kto.program import RUNTIME as KTO
from tapc.kinds.emits.preference.program import RUNTIME as PREFERENCE
from tapc.kinds.emits.prompts.program import RUNTIME as PROMPTS
from tapc.kinds.emits.records.program import RUNTIME as RECORDS
from tapc.kinds.emits.rejects.program import RUNTIME as REJECTS
from tapc.kinds.emits.reward.program import RUNTIME as REWARD
from tapc.kinds.emits.rl.program import RUNTIME as RL
from tapc.kinds.emits.sft.program import RUNTIME as SFT
from tapc.kinds.runtime import Programs
from tapc.kinds.steps.generate.program import RUNTIME as GENERATE
from tapc.kinds.steps.input.program import RUNTIME as INPUT
from tapc.kinds.steps.judge.program import RUNTIME as JUDGE
from tapc.kinds.steps.pair.program import RUNTIME as PAIR
from tapc.kinds.steps.score.program import RUNTIME as SCORE_STEP
from tapc.kinds.steps.vote.program import RUNTIME as VOTE

STEPS = (INPUT, GENERATE, JUDGE, SCORE_STEP, VOTE, PAIR)

CHECKS = (LANGUAGE, LENGTH, UNIQUE, MATCHES, JSON, NO_REFUSAL, NO_REASONING, SCORE, CLEAN_OF, RUN)

EMITS = (PREFERENCE, SFT, REWARD, KTO, RL, PROMPTS, RECORDS, REJECTS)

PROGRAMS = Programs(STEPS, CHECKS, EMITS)
"""All shipped kinds."""
