"""`allow CODE: "reason"`: which warnings a dataset, or a file, has on purpose."""

from collections.abc import Iterable, Mapping
from operator import ne

from tapc.diagnostics import Allow, Edit, Fix, did_you_mean, removal, rule, rules
from tapc.semantics.report import Place, Report
from tapc.source import SourceFile, Span
from tapc.syntax.nodes import Entry, Path, Statement

_SHAPE = 'write `allow CODE: "reason"`, for example `allow TAP602: "one language on purpose"`'


def read_allow(entry: Entry, file: SourceFile, report: Report) -> Allow | None:
    """An `allow` statement; None if it is wrong (reported)."""
    code = entry.values[0] if len(entry.values) == 1 else None
    if not isinstance(code, Path) or entry.graft is not None or entry.block is not None:
        report.add("TAP104", "this is not how `allow` is written", Place(file, entry.span), notes=(_SHAPE,))
        return None
    if not _can_be_allowed(code, file, report):
        return None
    reason = "" if entry.definition is None else " ".join(entry.definition.text.split())
    if not reason:
        place = Place(file, entry.span if entry.definition is None else entry.definition.span)
        note = f'say why the warning is meant: `allow {code.text}: "one language on purpose"`'
        report.add("TAP152", f"`allow {code.text}` has no reason", place, notes=(note,))
        return None
    whole = entry.span if entry.doc is None else Span(entry.doc.span.start, entry.span.end)
    return Allow(code.text, reason, Place(file, entry.span).label(), removal(file, whole))


def _can_be_allowed(code: Path, file: SourceFile, report: Report) -> bool:
    found, place = rules().get(code.text), Place(file, code.span)
    if found is None:
        known = {name: one.code for one in rules().values() if one.allowable for name in (one.code, one.name)}
        exact = known.get(code.text.lower()) or known.get(code.text.upper())
        better = exact or _likely(code.text, known)
        notes = (f"did you mean `{better}`, {rule(better).name}?",) if better else (_SHAPE,)
        fixes = (Fix(f"write `{better}`", (Edit(file, code.span, better),), safe=exact is not None),) if better else ()
        report.add("TAP150", f"there is no finding `{code.text}`", place, notes=notes, fixes=fixes)
    elif found.severity == "error":
        note = f"mend what it points at; `tapc explain {code.text}` says how"
        report.add("TAP151", f"`{code.text}` is an error, which cannot be allowed", place, notes=(note,))
    elif not found.allowable:
        message = f"`{code.text}` is not about what a spec says, so a spec cannot allow it"
        report.add("TAP151", message, place, notes=("`allow` is for warnings of `tapc check` and `tapc plan`",))
    return found is not None and found.allowable


def _likely(word: str, known: Mapping[str, str]) -> str | None:
    """The code that was meant: one with a single wrong digit, or that of a misspelled name."""
    close = did_you_mean(word, (name for name in known if name.islower()))
    digits = (code for code in sorted(known.values()) if len(code) == len(word))
    return known[close] if close else next((c for c in digits if sum(map(ne, c, word.upper())) == 1), None)


def given_twice(code: str, again: Place, first: Place, report: Report) -> None:
    """Report the second `allow` of a code."""
    report.add("TAP109", f"`allow {code}` is given twice", again.label("again here"), first.label("first here"))


def allows_of_file(statements: Iterable[Statement], file: SourceFile, report: Report) -> tuple[Allow, ...]:
    """Those at the top of a file."""
    found: list[Allow] = []
    first: dict[str, Place] = {}
    for node in statements:
        if not isinstance(node, Entry) or node.keyword != "allow":
            continue
        made = read_allow(node, file, report)
        if made is not None and made.code in first:
            given_twice(made.code, Place(file, node.span), first[made.code], report)
        elif made is not None:
            first[made.code] = Place(file, node.span)
            found.append(made)
    return tuple(found)
