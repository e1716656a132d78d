"""What stands between the cells of a table."""

SEPARATORS = (",", ";", "\t", "|")


def sniffed_delimiter(header: str, usual: str) -> str | None:
    """The character that the first line of a table really has between its cells.

    Args:
        header: the first line.
        usual: what the ending of the file's name means.

    Returns:
        None where `usual` is right, or nothing tells another: another one is believed only where the header has none
        of the usual ones, and one kind alone of the others.
    """
    outside = _outside_quotes(header)
    if usual in outside:
        return None
    found = [mark for mark in SEPARATORS if mark != usual and mark in outside]
    return found[0] if len(found) == 1 else None


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def ordinal(number: int) -> str:
    """A number with the ending of its ordinal: 1st, 2nd, 3rd."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
