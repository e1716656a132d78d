"""`generate` steps."""

from typing import Any, Literal

from tapc.ir import Check, Generate, Message, Template
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.checks import beyond_default, lower_checks
from tapc.semantics.lower.sampling import sampling_of
from tapc.semantics.lower.steps import Draft, LoweringContext
from tapc.semantics.report import Place
from tapc.semantics.units import Problem, Quantity, parse_number, to_integer
from tapc.semantics.values import Fields, Ref, wrong_value
from tapc.syntax.nodes import Number, Quoted, Text

Role = Literal["system", "user", "assistant"]


def lower_generate(draft: Draft, context: LoweringContext) -> Generate | None:
    """Lower a generate step; None where it cannot be understood (reported)."""
    item, fields, report = draft.item, draft.fields, context.report
    using = read_using(fields, context)
    for_step = context.step_of(fields, "for", *context.makers, what="a step with candidates")
    messages = _messages(draft, context, for_step)
    per = _per(fields, context)
    need = fields.read("need")
    if using is not None and need is not None:
        made = draft.candidates
        if made is not None and need > made:
            place = need_place(fields)
            report.add("TAP415", f"`need {need}` is more than the {made} candidates `{item.name}` makes", place)
    if per and for_step is not None:
        report.add(
            "TAP418",
            "`per` and `for` cannot be combined: candidates belong to one slot",
            fields_place(fields, "for"),
        )
    checks = beyond_default(
        lower_checks(fields.all("require"), context.of_checks(draft)), structured=draft.returns is not None
    )
    if per:
        _shared_checks(draft, per, checks, context)
    values: dict[str, Any] = {
        "each": fields.read("each"),
        "returns": draft.returns,
        "for_step": for_step,
        "attempts": fields.read("attempts"),
        "need": need,
        "expect_tokens": fields.read("expect_tokens"),
        "sampling": sampling_of(fields, context.report),
    }
    if using is None or messages is None:
        return None
    given = {name: value for name, value in values.items() if value is not None}
    return Generate.trusted(
        name=item.name, using=using[0], pick=using[1], messages=messages, per=per or (), require=checks, **given
    )


def _shared_checks(draft: Draft, per: tuple[str, ...], checks: tuple[Check, ...], context: LoweringContext) -> None:
    """A text that slots share can be held only to what is the same for all of them."""
    for check in checks:
        axis = next((axis for axis in check.axes() if axis not in per and context.templates.varies(axis)), None)
        if axis is None:
            continue
        name = draft.item.name
        shown = check.check if check.within is None else f"{check.check} within {axis}"
        message = f"`require {shown}` differs between the slots that share `{name}`; name `{axis}` in its `per` as well"
        given = draft.fields.all("require")
        item = next(item for item in given if check.check in [arg.word for arg in item.args])
        context.report.add("TAP418", message, item.place)


def fields_place(fields: Fields, name: str) -> Place:
    """Where a field stands."""
    item = fields.get(name)
    return fields.item.name_place if item is None else item.place


def need_place(fields: Fields) -> Place:
    """Where `need` stands."""
    return fields_place(fields, "need")


def read_using(fields: Fields, context: LoweringContext) -> tuple[tuple[str, ...], int | None] | None:
    """Endpoints of `using`, and how many of them a slot draws (None for all)."""
    item = fields.get("using")
    if item is None:
        return None
    args = item.args
    if len(args) == 3 and args[1].word == "of":
        pick = _pick(args[0], context)
        names = context.endpoints(args[2])
        if pick is None or names is None:
            return None
        if pick > len(names):
            message = f"`{pick} of` more endpoints than the list has ({len(names)})"
            context.report.add("TAP414", message, args[0].place)
            return None
        return names, None if pick == len(names) else pick
    if len(args) != 1:
        notes = ("write `using a`, `using [a, b]` or `using 2 of [a, b, c]`",)
        context.report.add("TAP104", "`using` names endpoints", item.place, notes=notes)
        return None
    names = context.endpoints(args[0])
    return None if names is None else (names, None)


def _pick(arg: Arg, context: LoweringContext) -> int | None:
    arg = arg.follow()
    number = parse_number(arg.value.text) if isinstance(arg.value, Number) else None
    count = to_integer(number) if isinstance(number, Quantity) else None
    if count is None or isinstance(count, Problem) or count < 1:
        wrong_value("using N of", "a whole number of endpoints", arg, "using 2 of [a, b, c]", context.report)
        return None
    return count


def _per(fields: Fields, context: LoweringContext) -> tuple[str, ...] | None:
    refs: tuple[Ref, ...] | None = fields.read("per")
    if refs is None:
        return None
    found = [context.names.find(ref, "taxonomy", "mix", what="an axis") for ref in refs]
    for ref, name in zip(refs, found, strict=True):
        if name in context.names.per_candidate:
            message = f"`{name}` is drawn for each candidate, so a step cannot be made once for each of its values"
            context.report.add("TAP418", message, ref.arg.place)
    return tuple(sorted({name for name in found if name is not None}))


def _messages(draft: Draft, context: LoweringContext, for_step: str | None) -> tuple[Message, ...] | None:
    fields, report, name = draft.fields, context.report, draft.item.name
    parts: list[tuple[Role, Arg]] = []
    system = fields.read("system")
    if system is not None:
        parts.append(("system", system))
    prompt, block = fields.get("prompt"), fields.get("messages")
    if prompt is not None and block is not None:
        message = "`prompt` and `messages` cannot be combined"
        report.add("TAP419", message, block.head_place, prompt.head_place.label("`prompt` is here"))
    elif prompt is None and block is None:
        if fields.meant("prompt") or fields.meant("messages"):
            return None
        notes = ('for example `prompt "Ask a question about {{ topic }}."`',)
        report.add("TAP110", f"generate `{name}` needs a `prompt` or `messages`", draft.item.name_place, notes=notes)
        return None
    if prompt is not None:
        text = fields.read("prompt")
        if text is not None:
            parts.append(("user", text))
    elif block is not None:
        parts += _block(block, context, has_system=system is not None)
    made: list[tuple[Role, Template | None]] = [
        (role, context.templates.check(arg, name, for_step)) for role, arg in parts
    ]
    done = tuple(Message.trusted(role=role, content=text) for role, text in made if text is not None)
    return done if done and len(done) == len(parts) else None


def _block(block: Item, context: LoweringContext, *, has_system: bool) -> list[tuple[Role, Arg]]:
    report = context.report
    checked = Fields(block, "messages", report)
    found: list[tuple[Role, Arg]] = []
    for child in block.children or ():
        if child.head not in checked:
            continue
        role: Role = "system" if child.head == "system" else "assistant" if child.head == "assistant" else "user"
        arg = child.args[0].follow() if len(child.args) == 1 else None
        if arg is None or not isinstance(arg.value, Quoted | Text):
            report.add("TAP104", f"`{role}` takes one text", child.place, notes=(f'for example `{role} "…"`',))
        elif role == "system" and (found or has_system):
            report.add("TAP419", "a system message comes first, and once", child.head_place)
        else:
            found.append((role, arg))
    if not any(role == "user" for role, _ in found):
        report.add("TAP419", "the messages have no `user` message", block.head_place)
    elif found[-1][0] == "assistant":
        report.add(
            "TAP419", "the last message is the assistant's; the endpoint would have nothing to answer", block.head_place
        )
    return found
