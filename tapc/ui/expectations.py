"""Expectations in a line."""

from collections.abc import Iterable

from rich.text import Text

from tapc.ui.amounts import some


def expectations_line(verdicts: Iterable[bool | None]) -> Text:
    """How many expectations hold, do not, or wait for a run."""
    found = list(verdicts)
    fine, failed, open_ = (sum(verdict is one for verdict in found) for one in (True, False, None))
    text = Text()
    text.append(some(len(found), "expectation"))
    parts = [(f"{fine:,} hold" + "s" * (fine == 1), "good", fine), (_not(failed), "bad", failed)]
    parts.append((f"{open_:,} known after a run", "quiet", open_))
    for number, (words, style, _) in enumerate(part for part in parts if part[2]):
        text.append(", " if number else ": ").append(words, style=style)
    return text


def _not(failed: int) -> str:
    return f"{failed:,} {'does' if failed == 1 else 'do'} not hold"
