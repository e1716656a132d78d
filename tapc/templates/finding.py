"""What is wrong with a template, before its place in a file is known."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One finding.

    Attributes:
        start, end: range in the template's text.
        label: what stands under the underline.
        better: what to write instead of the range.
    """

    code: str
    message: str
    start: int
    end: int
    notes: tuple[str, ...] = ()
    label: str = ""
    better: str | None = None
