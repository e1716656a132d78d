"""From a row as it stands in a file to what a slot gets."""

from collections.abc import Callable
from typing import Any, cast

from tapc.inputs.formats import Row
from tapc.inputs.troubles import InputError
from tapc.ir import Input
from tapc.jobs import Message
from tapc.steps import InputRow

_USUAL = ("prompt", "instruction", "question", "text", "messages", "conversations")
"""Columns taken for the text where the spec names none, the first that is there."""

_ROLES = {"system": "system", "user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant"}


def row_reader(step: Input) -> Callable[[Row, str], InputRow | None]:
    """Makes content of rows; None for a row whose text is empty.

    The function takes a row and where it stands, and raises `InputError` where a column is missing.
    """

    def read(row: Row, where: str) -> InputRow | None:
        name = step.field or next((usual for usual in _USUAL if usual in row), None)
        if name is None:
            advice = f"say which: `field {next(iter(row), 'text')}`"
            raise InputError("TAP710", f"{where}: no column has one of the usual names", advice)
        fields = {key: value_at(row, column, where) for key, column in step.columns}
        value = value_at(row, name, where)
        if isinstance(value, list):
            return _conversation(cast("list[Any]", value), fields, where)
        text = _text(value)
        return InputRow(text, fields) if text.strip() else None

    return read


def value_at(row: Row, column: str, where: str) -> Any:
    """A column's value, `a.b` for a field within it; missing values are empty texts."""
    value: Any = row
    if column in row:
        value = row[column]
    else:
        for part in column.split("."):
            if not isinstance(value, dict) or part not in value:
                known = ", ".join(list(row)[:12])
                raise InputError("TAP710", f"{where}: there is no column `{column}`", f"its columns are {known}")
            value = cast("Row", value)[part]
    return "" if value is None else value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _conversation(turns: list[Any], fields: dict[str, Any], where: str) -> InputRow | None:
    """The last turn is the text, those before it the conversation that leads there."""
    found: list[Message] = []
    for turn in turns:
        values = cast("Row", turn) if isinstance(turn, dict) else {}
        role = _ROLES.get(str(values.get("role") or values.get("from")))
        content = values.get("content", values.get("value"))
        if role is None or not isinstance(content, str):
            raise InputError("TAP711", f"{where}: a turn of a conversation has a `role` and a `content`")
        found.append(Message(role, content))  # pyright: ignore[reportArgumentType] - one of the three, by `_ROLES`
    if not found or not found[-1].content.strip():
        return None
    return InputRow(found[-1].content, fields, tuple(found[:-1]))
