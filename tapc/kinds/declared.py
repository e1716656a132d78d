"""The shipped kinds as the front end knows them; what runs them is in `tapc.kinds.programs`."""

from tapc.kinds.checks.clean_of.spec import KIND as CLEAN_OF
from tapc.kinds.checks.json.spec import KIND as JSON
from tapc.kinds.checks.language.spec import KIND as LANGUAGE
from tapc.kinds.checks.length.spec import KIND as LENGTH
from tapc.kinds.checks.matches.spec import KIND as MATCHES
from tapc.kinds.checks.no_reasoning.spec import KIND as NO_REASONING
from tapc.kinds.checks.no_refusal.spec import KIND as NO_REFUSAL
from tapc.kinds.checks.run.spec import KIND as RUN
from tapc.kinds.checks.score.spec import KIND as SCORE
from tapc.kinds.checks.unique.spec import KIND as UNIQUE
from tapc.kinds.emits.kto.spec import KIND as KTO
from tapc.kinds.emits.preference.spec import KIND as PREFERENCE
from tapc.kinds.emits.prompts.spec import KIND as PROMPTS
from tapc.kinds.emits.records.spec import KIND as RECORDS
from tapc.kinds.emits.rejects.spec import KIND as REJECTS
from tapc.kinds.emits.reward.spec import KIND as REWARD
from tapc.kinds.emits.rl.spec import KIND as RL
from tapc.kinds.emits.sft.spec import KIND as SFT
from tapc.kinds.steps.generate.spec import KIND as GENERATE
from tapc.kinds.steps.input.spec import KIND as INPUT
from tapc.kinds.steps.judge.spec import KIND as JUDGE
from tapc.kinds.steps.pair.spec import KIND as PAIR
from tapc.kinds.steps.score.spec import KIND as SCORE_STEP
from tapc.kinds.steps.vote.spec import KIND as VOTE
from tapc.semantics.registry import Registry

STEPS = (INPUT, GENERATE, JUDGE, SCORE_STEP, VOTE, PAIR)

CHECKS = (LANGUAGE, LENGTH, UNIQUE, MATCHES, JSON, NO_REFUSAL, NO_REASONING, SCORE, CLEAN_OF, RUN)

EMITS = (PREFERENCE, SFT, REWARD, KTO, RL, PROMPTS, RECORDS, REJECTS)

REGISTRY = Registry(STEPS, CHECKS, EMITS)
"""All shipped kinds."""
