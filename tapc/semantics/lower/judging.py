"""`judge`, `score` and `vote` steps."""

from typing import Any

from tapc.ir import Judge, Score, Template, Vote
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import pattern_is_fine
from tapc.semantics.lower.checks import lower_checks
from tapc.semantics.lower.sampling import sampling_of
from tapc.semantics.lower.steps import Draft, LoweringContext, dotted
from tapc.semantics.values import Ref, unknown_word
from tapc.syntax.nodes import Path, Quoted


def lower_judge(draft: Draft, context: LoweringContext) -> Judge | None:
    """Lower a judge; None where it cannot be understood (reported)."""
    fields, name = draft.fields, draft.item.name
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    item = fields.get("using")
    using = context.endpoints(item.args[0]) if item is not None and len(item.args) == 1 else None
    if item is not None and len(item.args) != 1:
        context.report.add("TAP104", "`using` takes an endpoint or a list", item.head_place)
    panel = fields.get("panel")
    if panel is not None and using is not None and len(using) == 1:
        context.report.add("TAP423", "`panel` needs several endpoints in `using`", panel.head_place)
    mode = fields.read("mode")
    if mode == "pairwise" and draft.rubric is not None:
        _pairwise(draft, context)
    prompt_of = context.step_of(fields, "prompt", *context.makers, what="a step with texts")
    system = fields.read("system")
    values: dict[str, Any] = {
        "panel": fields.read("panel"),
        "mode": mode,
        "prompt_of": prompt_of,
        "given": _given(draft, context),
        "attempts": fields.read("attempts"),
        "system": None if system is None else context.templates.check(system, name),
        "sampling": sampling_of(fields, context.report),
    }
    checks = lower_checks(fields.all("require"), context.of_checks(draft))

    def check(arg: Arg) -> Template | None:
        return context.templates.check(arg, name)

    rubric = None if draft.rubric is None else draft.rubric.finish(check)
    if of is None or using is None or rubric is None:
        return None
    given = {key: value for key, value in values.items() if value is not None}
    return Judge.trusted(name=name, of=of, using=using, rubric=rubric, require=checks, **given)


def _pairwise(draft: Draft, context: LoweringContext) -> None:
    for aspect in draft.rubric.aspects if draft.rubric else ():
        if aspect.scale == "category":
            mode = draft.fields.get("mode")
            place = mode.place if mode else draft.item.name_place
            message = f"two answers cannot be compared by `{aspect.name}`: categories have no order"
            context.report.add("TAP424", message, place)


def _given(draft: Draft, context: LoweringContext) -> tuple[str, ...]:
    refs: tuple[Ref, ...] = draft.fields.read("given") or ()
    scope = context.templates.scope(draft.item.name)
    found: list[str] = []
    for ref in refs:
        head = ref.parts[0]
        if head in scope.names:
            kind = scope.names[head]
            for part in ref.parts[1:]:
                attribute = kind.attributes.get(part)
                if attribute is None:
                    unknown_word(
                        f"{kind.what} offers no", part, kind.attributes, ref.arg.place, context.report, code="TAP111"
                    )
                    break
                kind = attribute.kind
            else:
                found.append(ref.text)
        elif head in scope.hidden:
            context.report.add("TAP413", f"`{head}` cannot be given here: {scope.hidden[head]}", ref.arg.place)
        else:
            context.names.missing(ref, list(scope.names), "a step or axis")
    return tuple(sorted(set(found)))


def lower_score(draft: Draft, context: LoweringContext) -> Score | None:
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


def lower_vote(draft: Draft, context: LoweringContext) -> Vote | None:  # noqa: PLR0911 - each refusal returns where it is found
    """Lower a vote; None where it cannot be understood (reported)."""
    fields, report = draft.fields, context.report
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    item = fields.get("extract")
    if item is None:
        return None
    args = item.args
    word = args[0].word if args else None
    field = fields.field("extract")
    notes = (f"write `extract {field.shape}`",)
    if word not in field.words:
        if word is None:
            report.add("TAP104", "`extract` says how the answer is found", item.place, notes=notes)
        else:
            unknown_word("`extract` cannot be", word, field.words, args[0].place, report)
        return None
    argument = args[1].follow() if len(args) == 2 else None
    text = argument.value.text if argument is not None and isinstance(argument.value, Path | Quoted) else None
    if (word == "boxed") != (not args[1:]) or (word != "boxed" and text is None) or len(args) > 2:
        report.add("TAP104", f"`extract {word}` is not complete", item.place, notes=notes)
        return None
    if word == "regex" and argument is not None and not pattern_is_fine(text or "", argument, report):
        return None
    if word == "field" and argument is not None and of is not None and of in context.drafts:
        returns = context.drafts[of].returns
        known = (*dotted(returns),) if returns is not None else context.drafts[of].columns
        if text not in known:
            unknown_word(f"`{of}` has no field", text or "", known, argument.place, report, code="TAP111")
            return None
    if of is None:
        return None
    kind: Any = word
    return Vote.trusted(name=draft.item.name, of=of, extract=kind, argument=text)
