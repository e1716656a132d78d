"""`require`: checks on results, read as their kinds describe them."""

from collections.abc import Mapping

import msgspec

from tapc.ir import Check
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.arguments import CheckContext, CheckKind, Misshapen, Values
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, unknown_word
from tapc.syntax.nodes import Path, Quoted


def lower_checks(items: list[Item], context: CheckContext) -> tuple[Check, ...]:
    """All checks of a step, sorted so that their order in the text does not matter."""
    found = [check for item in items if (check := _check(item, context)) is not None]
    unique = {_canonical(check): check for check in found}
    return tuple(unique[key] for key in sorted(unique))


def beyond_default(checks: tuple[Check, ...], kinds: Mapping[str, CheckKind], *, structured: bool) -> tuple[Check, ...]:
    """Checks of a generate step without those that hold, or do not hold, anyway.

    For plain texts these are the checks of kinds that hold by default, unless they turn them off; for structures, those
    that turn such a kind off.
    """
    off = {check.check for check in checks if check.turned_off()}
    kept: list[Check] = []
    for check in checks:
        wanted = (not structured and check.turned_off()) if check.check in off else structured
        if wanted or not kinds[check.check].by_default:
            kept.append(check)
    return tuple(kept)


def _canonical(check: Check) -> bytes:
    return msgspec.json.encode({name: value for name, value in check}, enc_hook=str)  # noqa: C416 - a model iterates over pairs


def _check(item: Item, context: CheckContext) -> Check | None:
    args = item.args
    negated = bool(args) and args[0].word == "not"
    word = _word(item, args[1:] if negated else args, context)
    if word is None:
        return None
    report = context.names.report
    if negated and not word.negatable:
        able = " and ".join(f"`{one.name}`" for one in context.checks.values() if one.negatable)
        report.add("TAP430", f"`{word.name}` cannot be negated; only {able} can", args[0].place)
        return None
    if item.children is not None and word.block is None:
        report.add("TAP430", f"`{word.name}` takes no block", item.head_place)
        return None
    rest, field, fine = _of(args[2:] if negated else args[1:], context)
    values = _values(word, item, rest, context)
    if values is None or not fine:
        return None
    if field is not None:
        values["field"] = field
    check = word.model.trusted(check=word.name, negated=negated, **values)
    return check if word.review(check, (rest[-1] if rest else args[0]).place, context) else None


def _word(item: Item, args: list[Arg], context: CheckContext) -> CheckKind | None:
    """The check that is named; None where there is none (reported)."""
    report, known = context.names.report, context.checks
    word = args[0].word if args else None
    if word is None:
        report.add("TAP430", "`require` names a check", item.place, notes=(f"checks are {', '.join(known)}",))
        return None
    if word not in known:
        unknown_word("there is no check", word, list(known), args[0].place, report, code="TAP430")
        return None
    return known[word]


def _of(args: list[Arg], context: CheckContext) -> tuple[list[Arg], str | None, bool]:
    """Split `of FIELD` off the end."""
    at = next((i for i, arg in enumerate(args) if arg.word == "of"), None)
    if at is None:
        return args, None, True
    report = context.names.report
    if at != len(args) - 2 or not isinstance(args[-1].value, Path | Quoted):
        report.add("TAP430", "write `of FIELD` at the end of a check", args[at].place)
        return args[:at], None, False
    field = args[-1].value.text
    if context.fields is None:
        notes = ("`of` needs a `returns` block in the step",)
        report.add("TAP430", f"`{context.step}` has no field `{field}`: it is plain text", args[-1].place, notes=notes)
        return args[:at], None, False
    if field not in context.fields:
        unknown_word(f"`{context.step}` has no field", field, context.fields, args[-1].place, report, code="TAP111")
        return args[:at], None, False
    return args[:at], field, True


def _values(word: CheckKind, item: Item, args: list[Arg], context: CheckContext) -> Values | None:
    """What the arguments and the block say; None after an error (reported)."""
    report = context.names.report
    if word.axis and word.axis not in context.names.axes():
        notes = (f"add `mix {word.axis} {{ en, … }}`, or remove the check",)
        message = f"`require {word.name}` needs a mix named `{word.axis}`"
        report.add("TAP430", message, item.place, notes=notes)
        return None
    try:
        found = _arguments(word, args, context)
    except Misshapen:
        report.add("TAP430", f"write `require {word.shape}`", args[-1].place if args else item.place)
        return None
    return None if found is None else found | _block(word, item, report)


def _arguments(word: CheckKind, args: list[Arg], context: CheckContext) -> Values | None:
    """What the arguments say; None where one is wrong (reported).

    Raises:
        Misshapen: there are more or fewer than the check takes, or others.
    """
    found: Values = {}
    fine = True
    for argument in word.arguments:
        if not args and not argument.optional:
            raise Misshapen
        values, taken = argument.read(args, context)
        args = args[taken:]
        fine = fine and values is not None
        found |= values or {}
    if args:
        raise Misshapen
    return found if fine else None


def _block(word: CheckKind, item: Item, report: Report) -> Values:
    """Numbers of the block, or what holds without them."""
    if word.block is None:
        return {}
    fields = Fields(item, word.block.name, report)
    found: Values = {}
    for field in word.block.fields:
        value = fields.read(field.name)
        found[field.name] = int(field.default) if value is None else value
    return found
