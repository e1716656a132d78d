"""`generate` between spec and model: how it is read, printed and seen by other steps."""

from collections.abc import Mapping
from typing import Any, Literal

from tapc.ir import Check, Endpoint, FieldType, Template
from tapc.kinds.steps.generate.model import Generate, Message
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.checks import beyond_default, lower_checks
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.returns import lower_returns, show_returns
from tapc.semantics.lower.sampling import sampling_of
from tapc.semantics.lower.steps import LoweringContext, StepDraft
from tapc.semantics.page import Page
from tapc.semantics.registry import StepKind
from tapc.semantics.report import Place, Report
from tapc.semantics.show.endpoints import sampling
from tapc.semantics.units import Problem, Quantity, parse_number, to_integer
from tapc.semantics.values import Fields, Ref, wrong_value
from tapc.semantics.vocabulary.endpoints import SAMPLING
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.semantics.vocabulary.steps import ATTEMPTS, REQUIRE, SYSTEM
from tapc.syntax import write_name
from tapc.syntax.nodes import Number, Quoted, Text
from tapc.templates import Kind, list_kind, number_kind, record_kind, text_kind

GENERATE = Statement(
    "generate",
    "One text, or one structure, per candidate.",
    "generate NAME { fields }",
    (
        Field(
            "using",
            "shape",
            "The endpoints that answer; `N of [ … ]` draws N of them for each slot.",
            "using [writer, llama]",
            shape="NAME | [ … ] | N of [ … ]",
            words=("of",),
            required=True,
        ),
        Field("each", "count", "Candidates from each endpoint.", "each 2", default="1", least=1, most=1000),
        SYSTEM,
        Field("prompt", "template", "The user message.", 'prompt "{{ question }}"', rival="messages"),
        Field(
            "messages",
            "block",
            "Several messages instead of `prompt`.",
            'messages { user "Hello", assistant "Yes?", user "{{ question }}" }',
            block="messages",
            rival="prompt",
        ),
        Field(
            "returns",
            "block",
            "Structured output.",
            "returns { title text, level integer 1..5 }",
            block="returns",
        ),
        Field("for", "name", "Makes one job for each candidate of this step.", "for answer"),
        Field(
            "per",
            "names",
            "Made once per value of these axes, shared by their slots; reads what is the same for all of them.",
            "per topic",
        ),
        Field("need", "count", "Candidates the slot needs to go on.", "need 2", default="all", least=1, most=1_000_000),
        ATTEMPTS,
        REQUIRE,
        Field(
            "expect_tokens",
            "count",
            "Output tokens expected, for the estimate.",
            "expect_tokens 250",
            unit="tokens",
            least=0,
        ),
        *SAMPLING,
    ),
    section="Steps",
)
MESSAGES = Statement(
    "messages",
    "Messages in order.",
    "messages { messages }",
    (
        Field("system", "template", "A system message; it comes first.", 'system "Be brief."'),
        Field("user", "template", "A user message.", 'user "{{ question }}"', many=True),
        Field("assistant", "template", "An assistant message.", 'assistant "Yes."', many=True),
    ),
    section="Steps",
)
RETURNS = Statement(
    "returns",
    'Fields of a structured answer: `NAME TYPE [: "definition"]`, with `text`, `integer A..B`, `number A..B`,'
    " `boolean`, `one_of [ … ]`, `list TYPE` or a nested block.",
    "returns { NAME TYPE, … }",
    free="fields",
    section="Steps",
)

Role = Literal["system", "user", "assistant"]


def lower(draft: StepDraft, context: LoweringContext) -> Generate | None:
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
    checks = lower_checks(fields.all("require"), context.of_checks(draft))
    checks = beyond_default(checks, context.checks, structured=draft.returns is not None)
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


def _shared_checks(draft: StepDraft, per: tuple[str, ...], checks: tuple[Check, ...], context: LoweringContext) -> None:
    """A text that slots share can be held only to what is the same for all of them."""
    for check in checks:
        axis = next((axis for axis in check.axes() if axis not in per and context.templates.varies(axis)), None)
        if axis is None:
            continue
        name = draft.item.name
        shared = f"differs between the slots that share `{name}`; name `{axis}` in its `per` as well"
        given = draft.fields.all("require")
        item = next(item for item in given if check.check in [arg.word for arg in item.args])
        context.report.add("TAP418", f"`require {check.told()}` {shared}", item.place)


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


def _messages(draft: StepDraft, context: LoweringContext, for_step: str | None) -> tuple[Message, ...] | None:
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


def read_returns(draft: StepDraft, names: Names, report: Report) -> None:  # noqa: ARG001 - what every kind is given
    """Read the structure that a step returns."""
    returns = draft.fields.get("returns")
    if returns is not None:
        draft.returns = lower_returns(returns, report)


def candidates_of_endpoints(draft: StepDraft, endpoints: Mapping[str, Endpoint]) -> int | None:
    """Candidates that the endpoints of `using` make; None while unknown."""
    item = draft.fields.get("using")
    if item is None or not item.args:
        return None
    listed = [arg.value for arg in item.args[-1].spread()]
    each, n = _number(draft, "each"), _number(draft, "n")
    sizes: list[int] = []
    for value in listed:
        text = getattr(value, "text", "")
        endpoint = endpoints.get(text) or endpoints.get(str(text).rpartition(".")[2])
        sizes.append((each or 1) * (n or (endpoint.sampling.n if endpoint else None) or 1))
    first = item.args[0].value
    pick = (
        int(first.text) if len(item.args) == 3 and isinstance(first, Number) and first.text.isdecimal() else len(sizes)
    )
    return sum(sorted(sizes, reverse=True)[:pick]) or None


def _number(draft: StepDraft, name: str) -> int | None:
    item = draft.fields.get(name)
    arg = item.args[0].follow() if item is not None and len(item.args) == 1 else None
    number = parse_number(arg.value.text) if arg is not None and isinstance(arg.value, Number) else None
    return int(number.value) if isinstance(number, Quantity) and number.value >= 1 else None


def text_fields(draft: StepDraft) -> dict[str, Kind]:
    """What templates may read of a text or structure."""
    found = {} if draft.returns is None else {name: _kind(name, kind) for name, kind in draft.returns.fields}
    return {"reasoning": text_kind("the reasoning"), **found}


def _kind(name: str, kind: FieldType) -> Kind:
    if kind.kind == "object":
        return record_kind(f"the field `{name}`", {key: _kind(key, inner) for key, inner in kind.fields})
    if kind.kind == "list" and kind.item is not None:
        return list_kind(_kind(f"an item of {name}", kind.item), f"the list `{name}`")
    if kind.kind in ("integer", "number"):
        return number_kind(f"the field `{name}`")
    return Kind(f"the field `{name}`", values=kind.options or None)


def show(given: Generate, path: str, page: Page) -> None:
    """Write the fields of a step."""
    if given.pick is None:
        page.names("using", given.using, f"{path}.using")
    else:
        page.put(f"using {given.pick} of [{', '.join(map(write_name, given.using))}]", f"{path}.using")
    if given.each != 1:
        page.put(f"each {given.each}", f"{path}.each")
    if given.for_step is not None:
        page.put(f"for {write_name(given.for_step)}", f"{path}.for")
    if given.per:
        page.names("per", given.per, f"{path}.per")
    _show_messages(given.messages, path, page)
    if given.returns is not None:
        show_returns(given.returns, f"{path}.returns", page)
    page.numbers(given, path, attempts=3, need=None, expect_tokens=None)
    sampling(given.sampling, path, page)


def _show_messages(messages: tuple[Message, ...], path: str, page: Page) -> None:
    roles = [message.role for message in messages]
    if roles in (["user"], ["system", "user"]):
        for message in messages:
            head = "prompt" if message.role == "user" else "system"
            page.text(head, message.content.text, f"{path}.{head}")
        return
    with page.block("messages", f"{path}.messages"):
        for message in messages:
            page.text(message.role, message.content.text, f"{path}.messages")


KIND = StepKind(
    GENERATE,
    part("generate", "Texts.", 'generate question { using writer, prompt "Ask." }'),
    Generate,
    lower,
    show,
    (MESSAGES, RETURNS),
    read_returns,
    candidates=candidates_of_endpoints,
    draws=True,
    fields=text_fields,
)
