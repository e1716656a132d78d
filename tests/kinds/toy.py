"""Kinds that tests bring along: a step that a chat model answers, a check with an argument, an emit with a field.

Nothing outside of this file knows them; see `test_toy_kinds.py`.
"""

from fractions import Fraction
from typing import ClassVar, Literal

from tapc.checks import CheckRuntime, Subject
from tapc.ir import AnyCheck, Check, Emit, Sampling, Step, Writing
from tapc.jobs import Draw, Message
from tapc.kinds import declared, programs
from tapc.kinds.runtime import EmitRuntime, Programs, StepRuntime
from tapc.rows.columns import TEXT, Column
from tapc.rows.common import candidates, slot_id
from tapc.semantics.lower.arguments import Argument, CheckKind, Misshapen
from tapc.semantics.lower.checks import lower_checks
from tapc.semantics.registry import EmitKind, Registry, StepKind
from tapc.semantics.vocabulary import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.semantics.vocabulary.steps import REQUIRE
from tapc.steps import Ask, Candidate, Generated, JobClass, Rejection, Short, gather
from tapc.steps.compile_context import chat_recipes, factories_of
from tapc.steps.views import TextView
from tapc.syntax import quote, write_name
from tapc.syntax.nodes import Quoted

# A step: one remark of a chat model about each candidate of another step.

REMARK = Statement(
    "remark",
    "A remark about each candidate.",
    "remark NAME { fields }",
    (
        Field("for", "name", "The step whose candidates it is about.", "for answer", required=True),
        Field("using", "names", "The endpoint that makes it.", "using writer", required=True),
        Field("about", "text", "What to look at.", 'about "style"', default="everything"),
        REQUIRE,
    ),
    section="Steps",
)


class Remark(Step):
    asked: ClassVar[frozenset[str]] = frozenset({"for", "using", "about"})

    kind: Literal["remark"] = "remark"
    of: str
    using: tuple[str, ...]
    about: str | None = None
    require: tuple[AnyCheck, ...] = ()
    sampling: Sampling = Sampling.trusted()

    def named(self):
        return (self.of,)

    def checks(self):
        return self.require

    def unchecked(self):
        return self.model_copy(update={"require": ()})

    def chats_with(self):
        return self.using

    def chat_sampling(self):
        return self.sampling

    def makes_candidates(self):
        return True

    def writing(self):
        return Writing(self.using, None, 1, 1, None, True)

    def parent(self):
        return self.of


def lower_remark(draft, context):
    of = context.step_of(draft.fields, "for", *context.makers, what="a step with candidates")
    using = draft.fields.get("using")
    names = context.endpoints(using.args[0]) if using is not None else None
    checks = lower_checks(draft.fields.all("require"), context.of_checks(draft))
    if of is None or names is None:
        return None
    return Remark.trusted(name=draft.item.name, of=of, using=names, about=draft.fields.read("about"), require=checks)


def show_remark(given, path, page):
    page.put(f"for {write_name(given.of)}", f"{path}.for")
    page.names("using", given.using, f"{path}.using")
    if given.about is not None:
        page.put(f"about {quote(given.about)}", f"{path}.about")


class RemarkProgram:
    """Asks one endpoint about each candidate; a remark that fails a check is left out."""

    def __init__(self, step, context):
        self.name, self.reads, self.draws = step.name, step.reads(), None
        self._step = step
        self._factories = factories_of(chat_recipes(context.dataset, step, None, "remark"), [0] * len(step.using))
        self._acceptance = context.acceptance(step.name, step.require)
        width = context.widths[step.of]
        self.most_candidates = width * len(step.using)
        self.decided_candidates = 0
        self.job_classes = tuple(JobClass.of(factory, Fraction(width), 1, ()) for factory in self._factories)

    def view(self, result):
        views = [TextView(candidate) for candidate in result.candidates]
        return views[0] if self.most_candidates == 1 else views

    async def run(self, slot):
        parents = slot.results[self._step.of].candidates
        asked = [(parent, factory) for parent in parents for factory in self._factories]
        made = await gather([self._make(slot, index, *one) for index, one in enumerate(asked)])
        found = tuple(one for one in made if one is not None)
        return Generated(found) if found else Short(self.name, "no-remark")

    async def _make(self, slot, index, parent, factory):
        prompt = (Message("user", f"Remark on {self._step.about or 'everything'} of this text: {parent.text}"),)
        job = factory.job(prompt, Draw(0, b"", 0, 0, 0))
        reply = await Ask(job)
        text = reply.texts[0] if reply.texts else ""
        recipe = factory.recipe
        failure = await self._acceptance.alone(Subject(text, None, slot.axes))
        if failure is not None:
            slot.rejections.append(Rejection(self.name, index, 0, *failure, text, recipe.endpoint, job.key))
            return None
        return Candidate(index, recipe.endpoint, recipe.model, text, None, "", prompt, job.key, 0, (), parent.index)


REMARK_KIND = StepKind(
    REMARK,
    part("remark", "Remarks.", "remark note { for answer, using writer }"),
    Remark,
    lower_remark,
    show_remark,
    candidates=lambda draft, _: len(draft.words("using")) or None,
)


# A check: how a text ends.


class EndsCheck(Check):
    ending: str | None = None


def read_ending(args, _context):
    value = args[0].follow().value
    if not isinstance(value, Quoted):
        raise Misshapen
    return {"ending": value.text}, 1


class Ends:
    reason = "ending"

    def __init__(self, check, tools):
        self._field, self._ending = check.field, check.ending

    def check(self, subject):
        fine = subject.text(self._field).endswith(self._ending)
        return None if fine else f"it does not end with {self._ending}"


ENDS_KIND = CheckKind(
    "ends",
    'ends "text"',
    (Argument(read_ending, lambda check, _: [quote(check.ending)]),),
    model=EndsCheck,
)


# An emit: remarks beside what they are about.


class RemarksEmit(Emit):
    tag: str | None = None


def remark_rows(slot, context):
    step = context.dataset.step(context.emit.source)
    texts = {one.index: one.text for one in candidates(slot, step.of)}
    return [
        {"slot": slot_id(slot), "text": texts[one.parent], "remark": one.text, "tag": context.emit.tag or ""}
        for one in candidates(slot, step.name)
    ]


REMARKS_KIND = EmitKind(
    "remarks",
    ("remark",),
    fields=(Field("tag", "text", "Stands in every row.", 'tag "a"'),),
    model=RemarksEmit,
    read=lambda _item, fields, _source, _context: {"tag": fields.read("tag")},
    show=lambda emit, _page: [] if emit.tag is None else [("tag", quote(emit.tag))],
)

REGISTRY = Registry((*declared.STEPS, REMARK_KIND), (*declared.CHECKS, ENDS_KIND), (*declared.EMITS, REMARKS_KIND))
PROGRAMS = Programs(
    (*programs.STEPS, StepRuntime("remark", RemarkProgram)),
    (*programs.CHECKS, CheckRuntime("ends", Ends)),
    (
        *programs.EMITS,
        EmitRuntime(
            "remarks",
            remark_rows,
            lambda _dataset, _emit: tuple(Column(name, TEXT) for name in ("slot", "text", "remark", "tag")),
        ),
    ),
)
