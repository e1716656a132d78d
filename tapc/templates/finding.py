"""A finding about a template, before its place in a file is known."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One finding.

    Attributes:
        start, end: range in the text of the template.
        label: text under the underline.
        better: replacement for the range.
    """

    code: str
    message: str
    start: int
    end: int
    notes: tuple[str, ...] = ()
    label: str = ""
    better: str | None = None
