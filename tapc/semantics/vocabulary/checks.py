"""Words of `require`: one entry a check.

A check is this entry and a file of its name in `tapc/checks`; nothing else lists them.
"""

from typing import Literal

import msgspec

Argument = Literal[
    "bounds",  # a range of whole numbers or a comparison
    "unit?",  # a unit of length, or nothing
    "similarity",  # a number over 0, up to 1
    "within?",  # `within AXIS`, or nothing
    "regex",  # a regular expression
    "glob",  # a pattern of file names
    "score",  # a score of this step or another one
    "comparison",  # `>= 4` and the like
    "command",  # a list of strings: a program and its arguments
    "off?",  # `off`, or nothing
]


class CheckWord(msgspec.Struct, frozen=True):
    """One check.

    Attributes:
        name: as it stands behind `require`.
        shape: how it is written, the name included.
        arguments: what is read behind the name, in order; each fills its own fields of `tapc.ir.Check`.
        block: the statement that describes its block; its numbers fill fields of the same name.
        negatable: whether `not` may stand before it.
        axis: name of a mix it needs.
    """

    name: str
    shape: str
    arguments: tuple[Argument, ...] = ()
    block: str = ""
    negatable: bool = False
    axis: str = ""


CHECKS: dict[str, CheckWord] = {
    word.name: word
    for word in (
        CheckWord("language", "language", axis="language"),
        CheckWord("length", "length A..B [chars|words|tokens]", ("bounds", "unit?")),
        CheckWord("unique", "unique T [within AXIS]", ("similarity", "within?")),
        CheckWord("matches", 'matches "regex"', ("regex",), negatable=True),
        CheckWord("json", "json"),
        CheckWord("no_refusal", "no_refusal"),
        CheckWord("no_reasoning", "no_reasoning [off]", ("off?",)),
        CheckWord("score", "score STEP.ASPECT >= N", ("score", "comparison")),
        CheckWord("clean_of", 'clean_of "GLOB" { ngram N }', ("glob",), block="clean_of"),
        CheckWord("run", "run [ … ]", ("command",)),
    )
}


def reads_files(check: str) -> bool:
    """Whether a check depends on files beside the spec."""
    return not {"glob", "command"}.isdisjoint(CHECKS[check].arguments)


def shapes() -> str:
    """How any of them is written, for the reference."""
    found = (f"[not] {word.shape}" if word.negatable else word.shape for word in CHECKS.values())
    return " | ".join(found) + ", then [of FIELD]"
