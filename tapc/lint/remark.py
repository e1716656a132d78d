"""What a rule has to say."""

from collections.abc import Callable, Iterator

import msgspec

from tapc.ir import Dataset


class Remark(msgspec.Struct, frozen=True):
    """One finding of a lint rule, before it has a place.

    Attributes:
        code: of its rule.
        message: what is wrong.
        paths: parts of the IR it is about, as `Report.origins` names them; of each, what it is about first, with
            less exact ones to fall back on behind it.
        notes: what to do.
    """

    code: str
    message: str
    paths: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


LintRule = Callable[[Dataset], Iterator[Remark]]
