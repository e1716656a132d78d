"""Converts a row of a file to the content of a slot."""

from collections.abc import Callable
from typing import Any, cast

from tapc.inputs.bad import Bad
from tapc.inputs.columns import ABSENT, Reader, Row, column_reader
from tapc.inputs.conversations import read_conversation
from tapc.ir import RowFiles
from tapc.steps import InputRow, unsafe

USUAL = ("prompt", "instruction", "question", "text", "messages", "conversations", "conversation")
"""Usual names of the text column, used if the spec names none; the first that the first row has."""

DEEPEST = 64
"""Most levels of the value of a column."""


def usual_name(row: Row) -> str | None:
    """The text column of a row, if the spec names none."""
    return next((name for name in USUAL if name in row), None)


def content_reader(given: RowFiles, field: str) -> Callable[[Row], InputRow | Bad]:
    """A function that makes the content of a row whose text is in `field`; returns `Bad` for unusable rows."""
    text_of = column_reader(field)
    others: tuple[tuple[str, str, Reader], ...] = tuple(
        (name, column, column_reader(column)) for name, column in given.columns
    )

    def read(row: Row) -> InputRow | Bad:
        fields: dict[str, Any] = {}
        for name, column, value_of in others:
            value = row[column] if column in row else value_of(row)
            if value is None or value is ABSENT:
                fields[name] = ""
                continue
            if value.__class__ is not int:
                problem = _unsafe(value)
                if problem is not None:
                    return problem
            fields[name] = value
        text = row[field] if field in row else text_of(row)
        if text.__class__ is str:
            wrong = unsafe(text)
            if wrong is not None:
                return _marked(text, wrong)
            return InputRow(text, fields) if text.strip() else Bad("empty", f"has no text in `{field}`")
        return _other(text, field, fields)

    return read


def _other(value: Any, field: str, fields: dict[str, Any]) -> InputRow | Bad:
    """The content of a row whose text is not a string."""
    if value is ABSENT or value is None:
        return Bad("empty", f"has {'null in' if value is None else 'no'} `{field}`")
    if isinstance(value, list):
        turns = read_conversation(cast("list[Any]", value))
        if isinstance(turns, Bad):
            return turns
        marked = next((_marked(turn.content, wrong) for turn in turns if (wrong := unsafe(turn.content))), None)
        return marked or InputRow(turns[-1].content, fields, turns[:-1])
    if isinstance(value, dict):
        keys = [str(key) for key in list(cast("Row", value))[:1]]
        advice = f"; a field in it is named `{field}.{keys[0][:30]}`" if keys else ""
        return Bad("shape", f"has an object in `{field}`{advice}")
    if isinstance(value, bytes):
        return Bad("shape", f"has bytes in `{field}`, not a text")
    return InputRow(str(value).lower() if isinstance(value, bool) else str(value), fields)


def _marked(text: str, wrong: str) -> Bad:
    """`Bad` for a text that must not enter a prompt; bytes that were not UTF-8 are surrogates in it."""
    if not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text):
        return Bad("encoding", "is not UTF-8")
    return Bad("marks", wrong)


def _unsafe(value: Any) -> Bad | None:
    """The reason why a value must not enter a prompt; see `tapc.steps.unsafe`."""
    if value.__class__ is str:
        wrong = unsafe(value)
        return None if wrong is None else _marked(value, wrong)
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending:
        at, depth = pending.pop()
        if isinstance(at, str):
            wrong = unsafe(at)
            if wrong is not None:
                return _marked(at, wrong)
        elif isinstance(at, dict | list):
            if depth > DEEPEST:
                return Bad("nesting", f"is nested more than {DEEPEST} levels deep")
            inner = [*cast("Row", at), *cast("Row", at).values()] if isinstance(at, dict) else cast("list[Any]", at)
            pending.extend((one, depth + 1) for one in inner)
    return None
