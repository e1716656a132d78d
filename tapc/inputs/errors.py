"""Errors about input files."""


class InputError(Exception):
    """A file cannot be used as the spec requires.

    Attributes:
        code: code of the diagnostic.
        message: one sentence.
        notes: next steps.
        origin: places where the spec names the file, as paths of the IR, the best first.
    """

    def __init__(self, code: str, message: str, *notes: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.notes = notes
        self.origin: tuple[str, ...] = ()

    def at(self, *origin: str) -> "InputError":
        """The same error with a place."""
        self.origin = origin
        return self
