"""`when` and `exclude`: from statements to rules and exclusions of the IR."""

from collections.abc import Sequence

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.ir import Condition, Exclusion, Mix, MixRule, Taxonomy
from tapc.semantics.report import Place
from tapc.semantics.space.conditions import ConditionReader, Read
from tapc.semantics.space.context import Context, NodeDraft
from tapc.semantics.space.counts import CountCheck
from tapc.semantics.space.cycles import Dependency, check_cycles
from tapc.semantics.space.overlaps import ReadExclusion, ReadRule, check_emptied, check_matches, check_overlaps
from tapc.semantics.space.regions import EVERYWHERE, Axes
from tapc.semantics.space.reserved import entry_name
from tapc.semantics.space.shares import ShareReader
from tapc.semantics.space.sums import check_siblings
from tapc.source import SourceFile
from tapc.syntax.nodes import Entry, Exclude, Path, Quoted, Statement, When

_Tests = tuple[tuple[str, tuple[str, ...]], ...]


class LoweredRules(msgspec.Struct, frozen=True):
    """Sorted by mix and condition."""

    rules: tuple[MixRule, ...]
    exclusions: tuple[Exclusion, ...]


def lower_rules(
    context: Context,
    taxonomy: Taxonomy | None,
    mixes: Sequence[Mix],
    whens: Sequence[tuple[SourceFile, When]],
    excludes: Sequence[tuple[SourceFile, Exclude]],
) -> LoweredRules:
    """Read all rules and check them against each other."""
    if not whens and not excludes:
        return LoweredRules((), ())
    axes = Axes(taxonomy, mixes)
    reader = _RuleReader(context, axes)
    rules = [rule for file, when in whens for rule in reader.when(file, when)]
    exclusions = [found for file, item in excludes if (found := reader.exclude(file, item)) is not None]
    if check_cycles(context, reader.dependencies):
        rules, exclusions = check_matches(context, axes, rules, exclusions)
        for mix in mixes:
            of_mix = [rule for rule in rules if rule.rule.mix == mix.name]
            check_overlaps(context, axes, of_mix)
            taken = [exclusion for exclusion in exclusions if exclusion.exclusion.mix == mix.name]
            check_emptied(context, axes, mix, of_mix, taken)
    kept = {_rule_key(rule.rule): rule for rule in reversed(rules)}
    gone = {_exclusion_key(exclusion.exclusion): exclusion for exclusion in reversed(exclusions)}
    for n, key in enumerate(sorted(kept)):
        context.report.origin(f"rule.{n}", kept[key].place)
    for n, key in enumerate(sorted(gone)):
        context.report.origin(f"exclusion.{n}", gone[key].place)
    return LoweredRules(
        tuple(kept[key].rule for key in sorted(kept)), tuple(gone[key].exclusion for key in sorted(gone))
    )


def _condition_key(condition: Condition | None) -> _Tests:
    return () if condition is None else tuple((test.axis, test.values) for test in condition.tests)


def _rule_key(rule: MixRule) -> tuple[str, _Tests, tuple[tuple[str, str], ...]]:
    shares = tuple(
        (name, f"{share.kind} {share.value} {share.at_least} {share.at_most}") for name, share in rule.shares
    )
    return rule.mix, _condition_key(rule.condition), shares


def _exclusion_key(exclusion: Exclusion) -> tuple[str, tuple[str, ...], _Tests]:
    return exclusion.mix, exclusion.values, _condition_key(exclusion.condition)


class _RuleReader:
    """Reads single statements; remembers which mix depends on which axis."""

    def __init__(self, context: Context, axes: Axes) -> None:
        self.dependencies: list[Dependency] = []
        self._context = context
        self._axes = axes
        self._conditions = ConditionReader(context, axes)

    def when(self, file: SourceFile, when: When) -> list[ReadRule]:
        """The rules of one `when`: one for each mix it names."""
        read = self._conditions.condition(file, when.condition)
        found: list[ReadRule] = []
        seen: set[str] = set()
        if not when.block.statements:
            self._context.report.add("TAP221", "this `when` changes nothing", Place(file, when.span))
        for statement in when.block.statements:
            place = Place(file, statement.span)
            if not isinstance(statement, Entry) or statement.keyword != "mix" or statement.block is None:
                note = "for example `when topic in physics { mix difficulty { hard 100% } }`"
                self._context.report.add("TAP221", "`when` holds mixes", place, notes=(note,))
                continue
            mix = self._mix(file, statement)
            if mix is None:
                continue
            if mix.name in seen:
                self._context.report.add("TAP206", f"`{mix.name}` is given twice in one `when`", place)
                continue
            seen.add(mix.name)
            rule = self._rule(file, statement, mix, read, Place(file, when.condition.span))
            if rule is not None:
                found.append(rule)
        return found

    def exclude(self, file: SourceFile, exclude: Exclude) -> ReadExclusion | None:
        """One exclusion; None after a finding."""
        place = Place(file, exclude.span)
        read = None if exclude.condition is None else self._conditions.condition(file, exclude.condition)
        axis = self._conditions.axis(file, exclude.test.axis)
        if axis is not None and self._axes.is_tree(axis):
            note = f"to leave nodes out, write `except [ … ]` in `taxonomy {axis}`"
            self._context.report.add("TAP224", f"`{axis}` is the taxonomy, not a mix", place, notes=(note,))
            return None
        values = self._conditions.values(file, axis, exclude.test.value) if axis is not None else None
        if axis is None or values is None or (exclude.condition is not None and read is None):
            return None
        names = tuple(sorted(path[0] for path in values))
        condition = None if read is None else read.condition
        if read is not None:
            self._depends(axis, read)
        where = place if exclude.condition is None else Place(file, exclude.condition.span)
        bits = 0
        for value in values.values():
            bits |= value
        region = EVERYWHERE if read is None else read.region
        return ReadExclusion(Exclusion.trusted(mix=axis, values=names, condition=condition), region, bits, place, where)

    def _mix(self, file: SourceFile, entry: Entry) -> Mix | None:
        first = entry.values[0] if len(entry.values) == 1 else None
        name = first.text if isinstance(first, Path | Quoted) else None
        place = Place(file, entry.values[0].span if entry.values else entry.head.span)
        if name is None or entry.graft is not None or entry.definition is not None:
            self._context.report.add("TAP221", "write `mix NAME { shares }` here", place)
            return None
        mix = self._axes.mixes.get(name)
        if mix is None and self._axes.is_tree(name):
            self._context.report.add("TAP224", f"`{name}` is the taxonomy, not a mix", place)
        elif mix is None:
            better = did_you_mean(name, self._axes.mixes)
            notes = (f"did you mean `{better}`?",) if better else ()
            self._context.report.add("TAP210", f"there is no mix `{name}` to replace", place, notes=notes)
        return mix

    def _rule(self, file: SourceFile, entry: Entry, mix: Mix, read: Read | None, where: Place) -> ReadRule | None:
        context = self._context
        before = len(context.report.diagnostics)
        known = {value.name for value in mix.values}
        found: dict[str, NodeDraft] = {}
        for statement in entry.block.statements if entry.block is not None else ():
            draft = self._share(file, statement, mix, known)
            if draft is None:
                continue
            if draft.name in found:
                first = found[draft.name].place.label("the first one")
                context.report.add("TAP206", f"`{draft.name}` is given twice", draft.place, first)
            found[draft.name] = draft
        if not found and len(context.report.diagnostics) == before:
            context.report.add("TAP214", f"`{mix.name}` has no values here", Place(file, entry.span))
        if len(context.report.diagnostics) == before:
            what = f"the mix `{mix.name}`"
            drafts = tuple(found.values())
            check_siblings(context, drafts, what, Place(file, entry.span))
            root = NodeDraft(mix.name, Place(file, entry.span), children=drafts)
            CountCheck(context).check(root, context.given.samples, what)
        if read is None or len(context.report.diagnostics) != before:
            return None
        self._depends(mix.name, read)
        shares = tuple((name, found[name].share) for name in sorted(found))
        rule = MixRule.trusted(condition=read.condition, mix=mix.name, shares=shares)
        return ReadRule(rule, read.region, Place(file, entry.span), where)

    def _share(self, file: SourceFile, statement: Statement, mix: Mix, known: set[str]) -> NodeDraft | None:
        context = self._context
        if not isinstance(statement, Entry) or statement.graft or statement.block or statement.definition:
            place = Place(file, statement.span)
            context.report.add("TAP221", "`when` gives shares only; the rest belongs into the mix itself", place)
            return None
        name = entry_name(context, file, statement)
        shares = ShareReader(context, file)
        shares.read(statement.values)
        written = shares.result()
        place = Place(file, statement.head.span)
        if written.title is not None:
            context.report.add("TAP221", "titles belong in the mix itself", place)
        if name is not None and name not in known:
            better = did_you_mean(name, known)
            note = f"did you mean `{better}`?" if better else "new values belong in the mix itself"
            context.report.add("TAP211", f"`{mix.name}` has no value `{name}`", place, notes=(note,))
            return None
        return None if name is None else NodeDraft(name, place, written.share, written.given)

    def _depends(self, mix: str, read: Read) -> None:
        self.dependencies.extend(Dependency(mix, axis, place) for axis, place in read.depends)
