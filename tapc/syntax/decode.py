"""Decodes bytes to text."""

import codecs

from tapc.diagnostics import Diagnostic
from tapc.source import SourceFile, Span
from tapc.syntax.problem import SyntaxProblem

_OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_NOTE = "save the file as UTF-8"


def decode_source(name: str, data: bytes) -> tuple[SourceFile | None, list[Diagnostic]]:
    """Decode a spec without a UTF-8 byte order mark. `parse` checks the normal form.

    Args:
        name: name of the file in messages.
        data: the whole content.

    Returns:
        The file, or None and the reason; its place refers to the part that could be decoded.
    """
    for mark, encoding in _OTHER_MARKS:
        if data.startswith(mark):
            file = SourceFile(name, "")
            problem = SyntaxProblem("TAP001", f"the file is {encoding}, not UTF-8", Span(0, 0), notes=(_NOTE,))
            return None, [problem.diagnostic(file)]
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return SourceFile(name, data.decode("utf-8")), []
    except UnicodeDecodeError as error:
        file = SourceFile(name, data.decode("utf-8", errors="replace"))
        at = len(data[: error.start].decode("utf-8", errors="replace"))
        shown = " ".join(f"{byte:02x}" for byte in data[error.start : error.end])
        problem = SyntaxProblem("TAP001", f"the bytes {shown} are not UTF-8", Span(at, at + 1), notes=(_NOTE,))
        return None, [problem.diagnostic(file)]
