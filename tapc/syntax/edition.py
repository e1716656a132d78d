"""`tap 1`: the first statement of every file."""

from tapc.source import SourceFile, Span
from tapc.syntax.nodes import Entry, Number, Statement
from tapc.syntax.problem import Patch, SyntaxProblem

EDITION = "1"


def take_edition(
    file: SourceFile, statements: tuple[Statement, ...]
) -> tuple[Number | None, tuple[Statement, ...], list[SyntaxProblem]]:
    """Split the edition off; later editions are reported and left out too."""
    problems: list[SyntaxProblem] = []
    editions = [statement for statement in statements if isinstance(statement, Entry) and statement.keyword == "tap"]
    places = {edition.span.start for edition in editions}
    rest = (
        tuple(statement for statement in statements if statement.span.start not in places) if editions else statements
    )
    first = statements[0] if statements else None
    if not editions:
        return None, rest, [_missing(file)]
    edition = editions[0]
    number = edition.values[0] if len(edition.values) == 1 and isinstance(edition.values[0], Number) else None
    if number is None or edition.definition or edition.graft or edition.block:
        problems.append(SyntaxProblem("TAP005", "an edition is `tap` and a number: `tap 1`", edition.span))
    elif number.text != EDITION:
        message = f"this tapc reads edition {EDITION}, not {number.text}"
        problems.append(SyntaxProblem("TAP005", message, number.span, notes=("a newer tapc may read it",)))
    if first is not edition:
        problems.append(SyntaxProblem("TAP006", "the edition is the first statement of a file", edition.span))
    problems += [
        SyntaxProblem("TAP006", "the edition is stated once", other.span, related=((edition.span, "first here"),))
        for other in editions[1:]
    ]
    return number, rest, problems


def _missing(file: SourceFile) -> SyntaxProblem:
    start = 1 if file.text.startswith("\ufeff") else 0
    newline = "\r\n" if "\r\n" in file.text else "\n"
    patch = Patch(f"begin with `tap {EDITION}`", ((Span(start, start), f"tap {EDITION}{newline}"),))
    line = file.text.find("\n")
    end = min(len(file.text) if line < 0 else line, 40)
    message = f"the file does not begin with its edition, `tap {EDITION}`"
    return SyntaxProblem("TAP004", message, Span(start, max(start, end)), patches=(patch,))
