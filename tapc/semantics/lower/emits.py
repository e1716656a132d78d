"""`emit` and `accept`."""

from collections.abc import Mapping
from typing import Any

from tapc.diagnostics import Edit, Fix, did_you_mean
from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.names import a
from tapc.semantics.lower.plain_names import check_config_names, check_plain
from tapc.semantics.lower.splits import Splits, check_agreement, lower_split
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields, Ref, unknown_word
from tapc.syntax import quote

_ALIASES = {
    "dpo": "preference",
    "ipo": "preference",
    "orpo": "preference",
    "simpo": "preference",
    "pairs": "preference",
    "chat": "sft",
    "messages": "sft",
    "instruct": "sft",
    "rm": "reward",
    "grpo": "rl",
    "ppo": "rl",
    "rlvr": "rl",
    "prompt": "prompts",
}
"""What people call rows by how they train on them, and the kind of emit that it is."""


def lower_emits(
    items: list[Item], split: Item | None, kinds: Mapping[str, EmitKind], context: LoweringContext
) -> tuple[Emit, ...]:
    """All emits by config name, those that a dataset has by default among them.

    Args:
        items: the statements.
        split: the dataset's own, which holds for every config that has none.
        kinds: all kinds of emits by name.
        context: see there.
    """
    shared = () if split is None else lower_split(split, context.report)
    read = [(item, emit) for item in items if (emit := _emit(item, shared, kinds, context)) is not None]
    found = [emit for _, emit in read]
    check_config_names(read, [kind.name for kind in kinds.values() if kind.by_default], context.report)
    check_agreement(read, context.report)
    given = {emit.kind for emit in found}
    found += [default_emit(kind) for kind in kinds.values() if kind.by_default and kind.name not in given]
    return tuple(sorted(found, key=lambda emit: emit.name))


def _emit(item: Item, shared: Splits, kinds: Mapping[str, EmitKind], context: LoweringContext) -> Emit | None:
    report = context.report
    words = [arg.word for arg in item.args]
    word = words[0] if words else None
    if word is None or len(words) > 2 or (len(words) == 2 and words[1] is None):
        notes = (f"kinds are {', '.join(kinds)}", "for example `emit preference { from choice }`")
        report.add("TAP440", "`emit` takes a kind, and perhaps a name", item.head_place, notes=notes)
        return None
    if word not in kinds and _ALIASES.get(word) in kinds:
        better = _ALIASES[word]
        fix = Fix(f"write `{better}`", (Edit(item.name_place.file, item.name_place.span, better),), safe=False)
        message = f"there is nothing to emit called `{word}`"
        report.add("TAP440", message, item.name_place, notes=(f"rows for {word} are `{better}`",), fixes=(fix,))
        return None
    if word not in kinds:
        unknown_word("there is nothing to emit called", word, kinds, item.name_place, report, code="TAP440")
        return None
    kind = kinds[word]
    fields = Fields(item, "emit", report)
    _strange_fields(kind, kinds, fields, context)
    if kind.by_default and (given := fields.get("split")) is not None:
        report.add("TAP441", f"`{word}` cannot have splits: it is not training data", given.head_place)
    name = words[1] if len(words) == 2 and words[1] is not None else word
    before = len(report.diagnostics)
    check_plain(name, "a config", item.args[-1].place, report)
    source = _no_source(kind, fields, context) if kind.instead else _source(kind, item, fields, context)
    values: dict[str, Any] = {
        "source": source,
        "formats": None if (formats := fields.read("format")) is None else tuple(sorted(set(formats))),
        "split": _split(kind, fields, shared, context),
        "reasoning": fields.read("reasoning"),
        "system": fields.read("system"),
        "family": _family(fields, context),
        "optional": fields.read("optional") or None,
        **kind.read(item, fields, source or "", context),
    }
    if any(d.severity == "error" for d in report.diagnostics[before:]):
        return None
    report.origins_of(f"emit.{name}", item.place, ((child.head, child.place) for child in item.children or ()))
    given = {key: value for key, value in values.items() if value is not None}
    return kind.model.trusted(kind=word, name=name, **given)


def _strange_fields(kind: EmitKind, kinds: Mapping[str, EmitKind], fields: Fields, context: LoweringContext) -> None:
    """Report fields that are for other kinds."""
    takers: dict[str, list[str]] = {}
    for one in kinds.values():
        for field in one.fields:
            takers.setdefault(field.name, []).append(one.name)
    for name, able in takers.items():
        given = fields.get(name)
        if given is not None and kind.name not in able:
            shown = " and ".join(f"`emit {one}`" for one in able)
            context.report.add("TAP441", f"`{name}` is for {shown}", given.head_place)


def _family(fields: Fields, context: LoweringContext) -> str | None:
    """The family of models, one whose marks are known."""
    name: str | None = fields.read("family")
    item = fields.get("family")
    if name is None or item is None:
        return name
    from tapc.marks import families  # noqa: PLC0415 - few specs name a family

    if name not in families():
        close = did_you_mean(name, families())
        notes = (f"did you mean {quote(close)}?",) if close else (f"known are {', '.join(families())}",)
        context.report.add("TAP441", f"there is no family of models called {quote(name)}", item.place, notes=notes)
        return None
    return name


def _source(kind: EmitKind, item: Item, fields: Fields, context: LoweringContext) -> str | None:
    kinds = tuple(sorted(context.makers)) if kind.candidates else kind.sources
    given = fields.get("from")
    if not kinds:
        if given is not None:
            context.report.add("TAP441", f"`emit {kind.name}` reads everything; remove `from`", given.place)
        return None
    ref: Ref | None = fields.read("from")
    if ref is None:
        return None if given is not None else _only_one(kind.name, kinds, item, context)
    head = ref.parts[0]
    found = context.names.kinds.get(head, "")
    if found in context.scorers and kind.scores != "none":
        return context.scores.named(ref.arg, comparable=kind.scores == "comparable")
    if len(ref.parts) > 1 and found in kinds:
        context.report.add(
            "TAP441", f"`emit {kind.name}` reads the step as a whole: write `from {ref.parts[0]}`", ref.arg.place
        )
        return None
    if found and found not in kinds and not context.names.clashes(head, *kinds):
        wanted = " or ".join(a(one) for one in kinds)
        labels = (ref.arg.place, context.names.places[head].label(a(found)))
        context.report.add("TAP442", f"`emit {kind.name}` reads {wanted}; `{ref.text}` is {a(found)}", *labels)
        return None
    return context.names.find(ref, *kinds, what="a step")


def _no_source(kind: EmitKind, fields: Fields, context: LoweringContext) -> None:
    """Report `from` where another field says what the rows are: it could mean a step's text, or what it was asked."""
    given = fields.get("from")
    if given is None:
        return
    place = given.head_place
    edit = Edit(place.file, place.span, kind.instead)
    fixes = (Fix(f"write `{kind.instead}`", (edit,), safe=False),)
    message = f"`emit {kind.name}` reads no answer: name the step whose text is the prompt with `{kind.instead}`"
    context.report.add("TAP441", message, given.place, notes=(f"for example `{kind.instead} question`",), fixes=fixes)


def _only_one(kind: str, kinds: tuple[str, ...], item: Item, context: LoweringContext) -> str | None:
    """The default of `from`: the dataset's only step of the kind this emit reads."""
    known = context.names.of(*kinds)
    if len(known) == 1 and context.names.kinds[known[0]] not in context.scorers:
        return known[0]
    shown = ", ".join(known) or "none yet"
    notes = (f"steps it can read: {shown}",)
    context.report.add("TAP442", f"`emit {kind}` does not say what it reads", item.name_place, notes=notes)
    return None


def _split(kind: EmitKind, fields: Fields, shared: Splits, context: LoweringContext) -> Splits:
    """A config's splits: its own, else the dataset's; `rejects` has none."""
    item = fields.get("split")
    if item is not None:
        return lower_split(item, context.report)
    return () if kind.by_default else shared


def default_emit(kind: EmitKind) -> Emit:
    """What a dataset that names no emit of this kind has of it."""
    return kind.model.trusted(kind=kind.name, name=kind.name)


def accepted_by_default(emits: tuple[Emit, ...], steps: set[str]) -> tuple[str, ...]:
    """Steps that must yield a result where the spec names none: those that emits read; all, where none reads one.

    A dataset whose only emit is `records` reads everything, and without a result of its steps there is nothing in it.
    """
    found = {path.partition(".")[0] for emit in emits for path in emit.reads()} & steps
    return tuple(sorted(found or steps))
