"""Why a dataset cannot be exported."""


class ExportError(Exception):
    """An export is not possible.

    Attributes:
        code: of the diagnostic.
        message: one sentence.
        next_step: what to do.
    """

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
