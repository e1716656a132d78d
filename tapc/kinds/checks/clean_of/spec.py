"""`require clean_of "GLOB" { ngram N }`."""

from tapc.ir import Check
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import Argument, CheckContext, CheckKind, Taken, quoted_text, write_pattern
from tapc.semantics.vocabulary import Field, Statement


class CleanOf(Check):
    """Benchmarks with which no text may share a run of words.

    Attributes:
        ngram: words in a row that count as a copy.
    """

    ngram: int | None = None

    def glob(self) -> str | None:
        """See `Check`."""
        return self.pattern


def _read_glob(args: list[Arg], context: CheckContext) -> Taken:  # noqa: ARG001 - what a reader is given
    return {"pattern": quoted_text(args[0])}, 1


KIND = CheckKind(
    "clean_of",
    'clean_of "GLOB" { ngram N }',
    (Argument(_read_glob, write_pattern),),
    block=Statement(
        "clean_of",
        "Benchmark contamination.",
        'require clean_of "GLOB" { fields }',
        (Field("ngram", "count", "Words in a row that count as a copy.", "ngram 8", default="8", least=1, most=100),),
        section="Steps",
    ),
    model=CleanOf,
)
