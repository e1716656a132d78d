"""Words for findings about values."""

from collections.abc import Iterable

from tapc.diagnostics import Edit, Fix, did_you_mean
from tapc.semantics.compose import Arg
from tapc.semantics.report import Place, Report
from tapc.semantics.units import Problem, Range, describe, parse_number
from tapc.syntax.nodes import Call, Comparison, List, Number, Path, Quoted, Text


def describe_value(arg: Arg) -> str:  # noqa: PLR0911 - each refusal returns where it is found
    """What a value is, for people."""
    match arg.value:
        case Quoted():
            return "a string"
        case Text():
            return "a text block"
        case Path(parts=parts):
            return f"the name `{arg.value.text}`" if len(parts) == 1 else f"the path `{arg.value.text}`"
        case List():
            return "a list"
        case Call(name=name):
            return f"`{name.text}(…)`"
        case Comparison():
            return "a comparison"
        case Number(text=text):
            number = parse_number(text)
            if isinstance(number, Problem):
                return f"`{text}`"
            return f"the range `{text}`" if isinstance(number, Range) else f"{describe(number)} `{text}`"


def wrong_value(head: str, wanted: str, arg: Arg, example: str, report: Report) -> None:
    """Report a value of the wrong type; `env` outside its fields has a rule of its own."""
    if isinstance(arg.value, Call) and arg.value.name.text == "env":
        env_misplaced(head, arg, report)
        return
    fixes: tuple[Fix, ...] = ()
    if wanted == "a string" and arg.word is not None:
        fixes = (Fix("put it in quotes", (Edit(arg.scope.file, arg.value.span, f'"{arg.word}"'),)),)
    message = f"`{head}` takes {wanted}, found {describe_value(arg)}"
    report.add("TAP104", message, arg.place, notes=(f"for example `{example}`",), fixes=fixes)


def env_misplaced(head: str, arg: Arg, report: Report) -> None:
    """Report `env` where a value must be known when the spec is compiled."""
    notes = ("only `url`, `key` and `header` of an endpoint read the environment, when a run starts",)
    report.add("TAP402", f"`env` cannot be used in `{head}`", arg.place, notes=notes)


def unknown_word(
    what: str, word: str, known: Iterable[str], place: Place, report: Report, code: str = "TAP104"
) -> None:
    """Report a word that is not one of those that fit, with a fix where one is close."""
    names = list(known)
    better = did_you_mean(word, names)
    fixes: tuple[Fix, ...] = ()
    notes: tuple[str, ...] = (f"known here: {', '.join(names)}",) if names else ()
    if better is not None:
        notes = (f"did you mean `{better}`?",)
        fixes = (Fix(f"write `{better}`", (Edit(place.file, place.span, better),)),)
    report.add(code, f"{what} `{word}`", place, notes=notes, fixes=fixes)
