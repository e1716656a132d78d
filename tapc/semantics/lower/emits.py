"""`emit` and `accept`."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tapc.diagnostics import did_you_mean
from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.arguments import comparison
from tapc.semantics.lower.names import a
from tapc.semantics.lower.plain_names import check_config_names, check_plain
from tapc.semantics.lower.splits import Splits, check_agreement, lower_split
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.lower.thresholds import check_bound
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields, Ref, unknown_word
from tapc.syntax import quote


def lower_emits(
    items: list[Item], split: Item | None, kinds: Mapping[str, EmitKind], context: LoweringContext
) -> tuple[Emit, ...]:
    """All emits by config name, `rejects` among them.

    Args:
        items: the statements.
        split: the dataset's own, which holds for every config that has none.
        kinds: all kinds of emits by name.
        context: see there.
    """
    shared = () if split is None else lower_split(split, context.report)
    read = [(item, emit) for item in items if (emit := _emit(item, shared, kinds, context)) is not None]
    found = [emit for _, emit in read]
    check_config_names(read, context.report)
    check_agreement(read, context.report)
    if not any(emit.kind == "rejects" for emit in found):
        found.append(Emit.trusted(kind="rejects", name="rejects"))
    return tuple(sorted(found, key=lambda emit: emit.name))


def _emit(item: Item, shared: Splits, kinds: Mapping[str, EmitKind], context: LoweringContext) -> Emit | None:
    report = context.report
    words = [arg.word for arg in item.args]
    word = words[0] if words else None
    if word is None or len(words) > 2 or (len(words) == 2 and words[1] is None):
        notes = (f"kinds are {', '.join(kinds)}", "for example `emit preference { from choice }`")
        report.add("TAP440", "`emit` takes a kind, and perhaps a name", item.head_place, notes=notes)
        return None
    if word not in kinds:
        unknown_word("there is nothing to emit called", word, kinds, item.name_place, report, code="TAP440")
        return None
    kind = kinds[word]
    fields = Fields(item, "emit", report)
    _strange_fields(kind, kinds, fields, context)
    if word == "rejects" and (given := fields.get("split")) is not None:
        report.add("TAP441", "`rejects` cannot have splits: it is not training data", given.head_place)
    name = words[1] if len(words) == 2 and words[1] is not None else word
    before = len(report.diagnostics)
    check_plain(name, "a config", item.args[-1].place, report)
    source = _source(kind, item, fields, context)
    values: dict[str, Any] = {
        "source": source,
        "formats": None if (formats := fields.read("format")) is None else tuple(sorted(set(formats))),
        "split": _split(word, fields, shared, context),
        "best_by": _score(fields, "best_by", context),
        "reasoning": fields.read("reasoning"),
        "system": fields.read("system"),
        **_labels(word, source or "", item, fields, context),
        "truth": _score(fields, "truth", context),
        "data_source": fields.read("source"),
        "family": _family(fields, context),
        "prompt": _prompt(word, source or "", fields, context),
        "optional": fields.read("optional") or None,
        **kind.read(kind, item, fields, source or "", context),
    }
    if any(d.severity == "error" for d in report.diagnostics[before:]):
        return None
    report.origins_of(f"emit.{name}", item.place, ((child.head, child.place) for child in item.children or ()))
    given = {key: value for key, value in values.items() if value is not None}
    return kind.model.trusted(kind=word, name=name, **given)


def _strange_fields(kind: EmitKind, kinds: Mapping[str, EmitKind], fields: Fields, context: LoweringContext) -> None:
    """Report fields that are for other kinds."""
    some = {field: None for one in kinds.values() for field in _own_fields(one)}
    for field in some:
        given = fields.get(field)
        if given is not None and field not in _own_fields(kind):
            takers = " and ".join(f"`emit {one.name}`" for one in kinds.values() if field in _own_fields(one))
            context.report.add("TAP441", f"`{field}` is for {takers}", given.head_place)


def _own_fields(kind: EmitKind) -> tuple[str, ...]:
    """Fields that not every kind takes."""
    return (*kind.takes, *(field.name for field in kind.fields))


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


def _source(kind: EmitKind, item: Item, fields: Fields, context: LoweringContext) -> str | None:  # noqa: PLR0911 - each refusal returns where it is found
    kinds = kind.sources
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
    if found in context.scorers and kind.name in ("kto", "reward"):
        return context.scores.named(ref.arg)
    if kind.name == "rl" and found in context.scorers:
        return context.scores.named(ref.arg, comparable=False)
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


def _only_one(kind: str, kinds: tuple[str, ...], item: Item, context: LoweringContext) -> str | None:
    """The default of `from`: the dataset's only step of the kind this emit reads."""
    known = context.names.of(*kinds)
    if len(known) == 1 and context.names.kinds[known[0]] not in context.scorers:
        return known[0]
    shown = ", ".join(known) or "none yet"
    notes = (f"steps it can read: {shown}",)
    context.report.add("TAP442", f"`emit {kind}` does not say what it reads", item.name_place, notes=notes)
    return None


def _score(fields: Fields, name: str, context: LoweringContext) -> str | None:
    ref: Ref | None = fields.read(name)
    if ref is None:
        return None
    if name == "truth":
        if context.names.kinds.get(ref.parts[0]) in context.makers:
            return _field(ref, context)
        return context.scores.named(ref.arg, comparable=False)
    return context.scores.named(ref.arg)


def _field(ref: Ref, context: LoweringContext) -> str | None:
    """A step's text or field, as the reference answer."""
    draft = context.drafts[ref.parts[0]]
    known = draft.columns if draft.returns is None else tuple(name for name, _ in draft.returns.fields)
    if len(ref.parts) == 1 or ref.parts[1] in known:
        return ref.text
    unknown_word(f"`{ref.parts[0]}` has no field", ref.parts[1], known, ref.arg.place, context.report, code="TAP111")
    return None


def _labels(kind: str, source: str, item: Item, fields: Fields, context: LoweringContext) -> dict[str, Fraction | None]:
    """Bounds of `good` and `bad`: for a score where less is better, the other way round."""
    given = {"good": "good" in fields, "bad": "bad" in fields}
    if kind != "kto" or not source:  # what it reads is unknown, and reported
        return {}
    if context.names.kinds.get(source) == "pair" or context.scores.is_boolean(source):
        told = f"`{source}` is true or false" if "." in source else "a pair says which answer is good"
        for name in (name for name, there in given.items() if there):
            context.report.add("TAP441", f"`{name}` is not needed: {told}", fields.all(name)[0].head_place)
        return {}
    if not all(given.values()):
        notes = ("for example `emit kto { from verdict.overall, good >= 4, bad <= 2 }`",)
        context.report.add("TAP441", "`emit kto` needs `good` and `bad`", item.name_place, notes=notes)
        return {}
    lower = context.scores.lower_is_better(source)
    found = {
        "good": _bound(fields, "good", "<=" if lower else ">=", context),
        "bad": _bound(fields, "bad", ">=" if lower else "<=", context),
    }
    fine = [
        check_bound(source, bound, fields.all(name)[0].args[0].place, context.scores, context.report)
        for name, bound in found.items()
        if bound is not None
    ]
    good, bad = found["good"], found["bad"]
    if all(fine) and good is not None and bad is not None and (good >= bad if lower else good <= bad):
        places = (fields.all(name)[0].place for name in ("bad", "good"))
        notes = ("leave a gap between them: scores in the gap get no label",)
        context.report.add("TAP447", "a score can be both good and bad", *places, notes=notes)
    return found


def _bound(fields: Fields, name: str, operator: str, context: LoweringContext) -> Fraction | None:
    item = fields.get(name)
    if item is None:
        return None
    bounds = comparison(item.args[0], context.report) if len(item.args) == 1 else None
    side = "minimum" if operator == ">=" else "maximum"
    if bounds is None or side not in bounds or "exclusive" in bounds:
        if len(item.args) != 1 or bounds is not None:
            notes = (f"for example `{name} {operator} {4 if operator == '>=' else 2}`",)
            context.report.add("TAP104", f"`{name}` takes `{operator} N`", item.place, notes=notes)
        return None
    return bounds[side]


def _split(kind: str, fields: Fields, shared: Splits, context: LoweringContext) -> Splits:
    """A config's splits: its own, else the dataset's; `rejects` has none."""
    item = fields.get("split")
    if item is not None:
        return lower_split(item, context.report)
    return () if kind == "rejects" else shared


def _prompt(kind: str, source: str, fields: Fields, context: LoweringContext) -> str | None:
    """The step whose text is the prompt of the rows; it has one candidate."""
    ref: Ref | None = fields.read("prompt")
    if ref is None or kind not in ("preference", "reward"):
        return None
    if kind == "reward" and context.names.kinds.get(source) != "pair":
        context.report.add("TAP441", "`prompt` is for rows of a pair: each answer has its own", ref.arg.place)
        return None
    found = context.names.find(ref, *context.makers, what="a step with a text")
    if found is not None and (context.drafts[found].candidates or 1) > 1:
        context.report.add("TAP413", f"`{found}` has several candidates; a prompt is one text", ref.arg.place)
        return None
    return found


def accepted_by_default(emits: tuple[Emit, ...], steps: set[str]) -> tuple[str, ...]:
    """Steps that must yield a result where the spec names none: those that emits read; all, where none reads one.

    A dataset whose only emit is `records` reads everything, and without a result of its steps there is nothing in it.
    """
    found = {path.partition(".")[0] for emit in emits for path in emit.reads()} & steps
    return tuple(sorted(found or steps))
