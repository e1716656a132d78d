"""Names that become folders and files, checked where they stand; see `tapc.ir.plain`."""

from collections.abc import Iterable

from tapc.diagnostics import Edit, Fix
from tapc.ir import Emit, alike, plain_from, why_not_plain
from tapc.semantics.compose import Item
from tapc.semantics.report import Place, Report

_SHAPE = "names of datasets, configs and splits hold letters, digits and `_`, and inside them `.` and `-`"
_SPLIT_SHAPE = "names of splits hold letters, digits and `_`, with single dots between them"


def check_plain(name: str, what: str, place: Place, report: Report, *, split: bool = False) -> bool:
    """Whether a name may become a part of a path; reported where it may not.

    Args:
        name: as it is meant.
        what: it names, with its article.
        place: where it stands.
        report: told.
        split: whether it names a split.
    """
    trouble = why_not_plain(name, split=split)
    if trouble is None:
        return True
    better = plain_from(name, split=split)
    fixes = () if better is None else (Fix(f"call it `{better}`", (Edit(place.file, place.span, better),), safe=False),)
    shown = "".join(char if char.isprintable() else f"U+{ord(char):04X}" for char in name[:60])
    message = f"`{shown}` cannot be the name of {what}: {trouble}"
    report.add("TAP444", message, place, notes=(_SPLIT_SHAPE if split else _SHAPE,), fixes=fixes)
    return False


def check_apart(named: Iterable[tuple[str, Place]], what: str, report: Report) -> None:
    """Report names that some file system takes for one."""
    first: dict[str, tuple[str, Place]] = {}
    for name, place in named:
        other, where = first.setdefault(alike(name), (name, place))
        if other != name:
            report.add(
                "TAP445",
                f"the {what} `{name}` and `{other}` are one on some file systems",
                place.label("this one"),
                where.label("and this one"),
                notes=("give one of them a name that differs in more than case",),
            )


def check_config_names(emits: Iterable[tuple[Item, Emit]], by_default: Iterable[str], report: Report) -> None:
    """Report configs whose names are alike, or like that of a kind that every dataset has."""
    named = [(emit.name, item.args[-1].place) for item, emit in emits]
    check_apart(named, "configs", report)
    for kind in by_default:
        if any(emit.kind == kind for _, emit in emits):
            continue
        for name, place in named:
            if alike(name) == kind:
                notes = (f"give it another name, or `emit {kind}` one: `emit {kind} other`",)
                report.add("TAP445", f"the config `{name}` and `{kind}` are one folder", place, notes=notes)
