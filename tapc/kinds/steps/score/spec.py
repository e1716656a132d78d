"""`score` between spec and model: how it is read, printed and seen by other steps."""

from tapc.kinds.steps.score.model import Score
from tapc.semantics.lower.checks import lower_checks
from tapc.semantics.lower.scores import Scored
from tapc.semantics.lower.steps import LoweringContext, StepDraft
from tapc.semantics.page import Page
from tapc.semantics.registry import StepKind
from tapc.semantics.values import Ref
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.semantics.vocabulary.steps import OF, REQUIRE
from tapc.syntax import quote, write_name

SCORE = Statement(
    "score",
    "Scores by a reward model, or by a program (only with `--allow-run`). Its result is `NAME.overall`.",
    "score NAME { fields }",
    (
        OF,
        Field("using", "name", "The endpoint of the reward model.", "using reward_model", rival="run"),
        Field("kind", "word", "What the endpoint is.", "kind reward", words=("reward",)),
        Field(
            "run",
            "command",
            "A program fed JSONL on standard input, answering JSONL.",
            'run ["python", "checks/math.py"]',
            rival="using",
        ),
        REQUIRE,
    ),
    section="Steps",
)


def lower(draft: StepDraft, context: LoweringContext) -> Score | None:
    """Lower a score step; None where it cannot be understood (reported)."""
    fields, report, item = draft.fields, context.report, draft.item
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    kind = fields.read("kind")
    run = fields.read("run")
    using: str | None = None
    if ("using" in fields) == ("run" in fields):
        notes = ("`using rm` with `kind reward` asks a reward model", '`run ["python", "check.py"]` runs a program')
        report.add("TAP425", f"score `{item.name}` needs either `using` or `run`", item.name_place, notes=notes)
    elif "using" in fields:
        ref: Ref | None = fields.read("using")
        endpoint = None if ref is None else context.endpoint(ref)
        using = None if endpoint is None else endpoint.name
        if kind is None and "kind" not in fields:
            notes = ("add `kind reward`, or use a `judge` step for a chat model",)
            report.add("TAP425", f"score `{item.name}` does not say what its endpoint is", item.name_place, notes=notes)
    checks = lower_checks(fields.all("require"), context.of_checks(draft))
    if of is None or (using is None and run is None):
        return None
    return Score.trusted(name=item.name, of=of, using=using, reward=kind == "reward", run=run or (), require=checks)


def scores(draft: StepDraft) -> Scored:
    """Scores of a score step."""
    return Scored(draft.word("of"), ("overall",), ("rationale",))


def show(given: Score, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    if given.using is not None:
        page.put(f"using {write_name(given.using)}", f"{path}.using")
        page.put("kind reward", f"{path}.kind")
    if given.run:
        page.put(f"run [{', '.join(map(quote, given.run))}]", f"{path}.run")


KIND = StepKind(
    SCORE,
    part("score", "Scores by a model or program.", "score reward { of answer, using rm, kind reward }"),
    Score,
    lower,
    show,
    scores=scores,
)
