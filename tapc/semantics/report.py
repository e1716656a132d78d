"""What the phases of the front end share: placed statements, findings, origins."""

from collections.abc import Iterable, Mapping

import msgspec

from tapc.diagnostics import Diagnostic, Fix, Label, rule
from tapc.semantics.vocabulary import Vocabulary
from tapc.source import SourceFile, Span
from tapc.syntax.nodes import Entry


class Place(msgspec.Struct, frozen=True):
    """A range of one file."""

    file: SourceFile
    span: Span

    def label(self, text: str = "") -> Label:
        """Point at this place in a diagnostic."""
        return Label(self.file, self.span, text)


class Placed(msgspec.Struct, frozen=True):
    """A statement and its file: composition mixes statements of several files."""

    file: SourceFile
    entry: Entry

    def place(self, span: Span | None = None) -> Place:
        """A range in the statement's file; the whole statement by default."""
        return Place(self.file, span or self.entry.span)


class Report:
    """Collects findings and remembers where parts of the IR come from.

    Attributes:
        vocabulary: words that the spec is read by.
        diagnostics: in the order found.
        origins: IR path (`taxonomy.topic.physics`, `step.question.prompt`, `endpoint.writer.price`) to its place.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.diagnostics: list[Diagnostic] = []
        self.origins: dict[str, Place] = {}

    def add(
        self,
        code: str,
        message: str,
        *places: Place | Label,
        notes: tuple[str, ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Report a finding; the first place is the primary one, the severity is the rule's."""
        labels = tuple(p if isinstance(p, Label) else p.label() for p in places)
        self.diagnostics.append(Diagnostic(code, rule(code).severity, message, labels, notes, fixes))

    def origins_of(self, path: str, place: Place, parts: Iterable[tuple[str, Place]]) -> None:
        """Remember where a part of the IR and the fields in its block stand."""
        self.origin(path, place)
        for name, part in parts:
            self.origin(f"{path}.{name}", part)

    def origin(self, path: str, place: Place) -> None:
        """Remember where a part of the IR stands; the first one named wins."""
        self.origins.setdefault(path, place)


def placed(findings: Iterable[Diagnostic], origins: Mapping[str, Place]) -> list[Diagnostic]:
    """Findings with the places of the parts of the spec that they are about.

    Args:
        findings: those without labels and with `about` get labels.
        origins: places by IR path, see `Report`; a part without a place is shown at the one it belongs to.
    """
    return [_placed(one, origins) if one.about and not one.labels else one for one in findings]


def _placed(finding: Diagnostic, origins: Mapping[str, Place]) -> Diagnostic:
    places = (origins.get(path, origins.get(path.rpartition(".")[0])) for path in finding.about)
    labels = tuple(place.label() for place in places if place is not None)
    return msgspec.structs.replace(finding, labels=labels)
