"""The one table of statements and fields."""

from functools import cache

from tapc.semantics.vocabulary import endpoints, results, space, steps
from tapc.semantics.vocabulary.model import Statement


@cache
def statements() -> dict[str, Statement]:
    """All statements by name, in the order of the reference."""
    rows = (*results.STATEMENTS[:3], *space.STATEMENTS, *endpoints.STATEMENTS, *steps.STATEMENTS)
    return {row.name: row for row in (*rows, *results.STATEMENTS[3:])}


def statement(name: str) -> Statement:
    """A statement by name.

    Raises:
        KeyError: there is none.
    """
    return statements()[name]
