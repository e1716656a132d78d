"""Delimiters of tables, and ordinals of columns and rows."""

SEPARATORS = (",", ";", "\t", "|")


def sniffed_delimiter(header: str, usual: str) -> str | None:
    """The delimiter in the header of a table, if it differs from the usual one.

    Args:
        header: the first line.
        usual: delimiter implied by the extension of the file name.

    Returns:
        None if `usual` is right or the header does not decide: another delimiter is accepted only if the header has
            none of
        the usual ones, and only one kind of the others.
    """
    outside = _outside_quotes(header)
    if usual in outside:
        return None
    found = [mark for mark in SEPARATORS if mark != usual and mark in outside]
    return found[0] if len(found) == 1 else None


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def ordinal(number: int) -> str:
    """A number with its ordinal suffix: 1st, 2nd, 3rd."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
