"""Why a store cannot be used."""


class StoreError(Exception):
    """A store that cannot be opened, read or written; the caller shows it like a diagnostic.

    Attributes:
        code: of the rule (TAP85x).
        message: what is wrong.
        next_step: what to do about it.
    """

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{code}: {message}; {next_step}")
        self.code = code
        self.message = message
        self.next_step = next_step
