"""`generate`: one text, or structure, a candidate."""

from fractions import Fraction
from typing import Any

import msgspec

from tapc.checks import Subject
from tapc.ir import Dataset, IdentityNames
from tapc.jobs import Draw, Job, JobFactory, Recipe, Reply
from tapc.kinds.runtime import StepRuntime
from tapc.kinds.steps.generate.candidates import CandidatePlan, Wanted
from tapc.kinds.steps.generate.model import Generate
from tapc.kinds.steps.generate.structure import Malformed, read_structure, schema_of
from tapc.steps.acceptance import Acceptance, Failure, scores_of
from tapc.steps.compile_context import CompileContext, chat_recipes, factories_of
from tapc.steps.effects import Ask, Asker, Steps, gather
from tapc.steps.identity import origin
from tapc.steps.program import JobClass, MixDraws, Origin, SlotState
from tapc.steps.results import Candidate, Generated, Rejection, Short, StepResult
from tapc.steps.texts import ALL_THOUGHT, reason_of, tidy, unsafe, unsafe_fields
from tapc.steps.views import TextView


class _Made(msgspec.Struct, frozen=True):
    """What became of one candidate."""

    candidate: Candidate | None
    rejections: tuple[Rejection, ...]


async def _nothing() -> _Made:
    """A candidate that this slot does not make."""
    return _Made(None, ())


class GenerateProgram:
    """A generate step, compiled; see `tapc.steps.StepProgram`."""

    def __init__(
        self,
        step: Generate,
        factories: tuple[JobFactory, ...],
        plan: CandidatePlan,
        *,
        parents: int,
        acceptance: Acceptance,
        names: IdentityNames,
        families: tuple[str, ...] = (),
    ) -> None:
        """Compile a step.

        Args:
            step: model of the IR.
            factories: job factories, one per endpoint of `using`, in its order.
            plan: which candidates to ask for.
            parents: most candidates of the step in `for`, 1 without one.
            acceptance: what candidates must pass.
            names: identities of axes and their values.
            families: families of models that emits name; texts may not contain their chat template markers.
        """
        self.name = step.name
        self.reads = step.reads()
        self._step = step
        self._names = names
        self.plan = plan
        self._acceptance = acceptance
        self._families = families
        self.most_candidates = self.plan.most
        self.draws = MixDraws(self.plan.mixes, self.plan.most, self.plan.even, step.for_step or "")
        self.decided_candidates = self.plan.most if self._acceptance.ranked else 0
        most = step.each * parents
        share = Fraction(self.plan.chosen * most, len(factories))
        self.job_classes = tuple(JobClass.of(f, share, step.attempts, step.per, most) for f in factories)

    def view(self, result: StepResult) -> Any:
        """One candidate's text, or the list of them."""
        if not isinstance(result, Generated):
            raise TypeError(f"{self.name} yields candidates")
        views = [TextView(candidate) for candidate in result.candidates]
        return views[0] if self.most_candidates == 1 else views

    async def run(self, slot: SlotState) -> StepResult | Short:
        """Make all candidates side by side; see `StepProgram.run`."""
        source = origin(slot, self._step.per, self._names)
        wanted = self.plan.wanted(slot, source)
        if len(wanted) == 1 and self.decided_candidates <= 1:
            made = [await self._make(slot, source, wanted[0])]
        else:
            parts: list[Steps[_Made]] = [self._make(slot, source, one) for one in wanted]
            parts.extend(_nothing() for _ in range(self.decided_candidates - len(parts)))
            made = await gather(parts)
        candidates: list[Candidate] = []
        for one in made:
            slot.rejections.extend(one.rejections)
            if one.candidate is not None:
                candidates.append(one.candidate)
        need = len(wanted) if self._step.need is None else self._step.need
        if wanted and len(candidates) >= need:
            return Generated(tuple(candidates))
        reasons = [one.rejections[-1].reason for one in made if one.candidate is None and one.rejections]
        detail = f"{len(candidates)} of {len(wanted)} candidates, {need} needed"
        return Short(self.name, reasons[0] if reasons else "no-candidates", detail)

    async def _make(self, slot: SlotState, source: Origin, wanted: Wanted) -> _Made:
        """Ask until a candidate passes or the attempts are used up."""
        rejections: list[Rejection] = []
        recipe = wanted.factory.recipe
        for attempt in range(self._step.attempts):
            draw = Draw(self.plan.seed, source.cell, source.ordinal, wanted.draw, attempt)
            job = wanted.factory.job(wanted.messages, draw)
            reply = await Ask(job)
            read = self._read(wanted, job, reply, attempt)
            failure = read if isinstance(read, tuple) else await self._judge(slot, read)
            if failure is None and isinstance(read, Candidate):
                return _Made(read, tuple(rejections))
            reason, detail = failure or ("", "")
            text = read.text if isinstance(read, Candidate) else _part(reply.texts, wanted.part)
            rejections.append(
                Rejection(self.name, wanted.index, attempt, reason, detail, text, recipe.endpoint, job.key)
            )
        return _Made(None, tuple(rejections))

    def _read(self, wanted: Wanted, job: Job, reply: Reply, attempt: int) -> Candidate | Failure:
        """Make a candidate of a reply, or say why not."""
        if reply.outcome != "ok":
            return reason_of(reply)
        if wanted.part >= len(reply.texts):
            return "invalid", f"{len(reply.texts)} completions came, {job.recipe.n} were asked"
        text, reasoning = tidy(reply.texts[wanted.part], _part(reply.reasoning, wanted.part))
        failure = self._doubtful(text, reasoning)
        if failure is not None:
            return failure
        fields: dict[str, Any] | None = None
        if self._step.returns is not None:
            try:
                fields, text = read_structure(self._step.returns, text)
            except Malformed as error:
                return "invalid", str(error)
            if (problem := unsafe_fields(fields, self._families)) is not None:
                return "unsafe-text", problem
        return Candidate(
            index=wanted.index,
            endpoint=job.recipe.endpoint,
            model=job.recipe.model,
            text=text,
            fields=fields,
            reasoning=reasoning,
            messages=wanted.messages,
            key=job.key,
            attempt=attempt,
            drawn=wanted.drawn,
            parent=wanted.parent,
        )

    def _doubtful(self, text: str, reasoning: str) -> Failure | None:
        """Why a text is not worth a look at what it says."""
        problem = unsafe(text, self._families) or (unsafe(reasoning) if reasoning else None)
        if problem is not None:
            return "unsafe-text", problem
        if not text:
            return "empty", ALL_THOUGHT if reasoning else ""
        return self._acceptance.by_default(text)

    async def _judge(self, slot: SlotState, candidate: Candidate) -> Failure | None:
        if self._acceptance.empty:
            return None
        scores = scores_of(slot, candidate.parent)
        subject = Subject(candidate.text, candidate.fields, slot.axes, scores)
        failure = await self._acceptance.alone(subject)
        if failure is None and self._acceptance.ranked:
            asker = Asker(self.name, candidate.index, candidate.attempt)
            failure = await self._acceptance.beside_others(asker, subject, candidate.key if self._step.per else b"")
        return failure


def _part(texts: tuple[str, ...], part: int) -> str:
    return texts[part] if part < len(texts) else ""


def generate_recipes(dataset: Dataset, step: Generate) -> tuple[Recipe, ...]:
    """Recipes of a step, one per endpoint of `using`, in its order; without draw groups."""
    return chat_recipes(dataset, step, schema_of(step.returns) if step.returns else None, "answer")


def compile_step(step: Generate, context: CompileContext) -> GenerateProgram:
    """Compile a generate step."""
    groups = [context.draw_groups[step.name, position] for position in range(len(step.using))]
    factories = factories_of(generate_recipes(context.dataset, step), groups)
    parents = context.widths[step.for_step] if step.for_step is not None else 1
    plan = CandidatePlan(
        step, factories, seed=context.dataset.seed, mixes=context.mixes, parents=parents, draws=context.tools.draws
    )
    return GenerateProgram(
        step,
        factories,
        plan,
        parents=parents,
        acceptance=context.acceptance(step.name, step.require, plain=step.returns is None),
        names=context.names,
        families=context.dataset.families,
    )


RUNTIME = StepRuntime("generate", compile_step, generate_recipes)
